"""Names of a block that are its module's, told from those that a function keeps to itself.

So that a module's name can be changed everywhere, and nothing else with it. Standard library only.
"""

from __future__ import annotations

import keyword
from token import COMMENT, DEDENT, INDENT, NAME, NEWLINE, NL, OP
from typing import TYPE_CHECKING, NamedTuple

from synth.source_blocks import is_attribute, is_keyword_argument, tokens, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from synth.source_blocks import Token

_CLOSES = {"(": ")", "[": "]", "{": "}"}
_ASSIGNS = frozenset(("=", "+=", "-=", "*=", "/=", "|=", "&=", "//=", "%=", "**=", ":="))
_REFUSED = frozenset(("global", "nonlocal", "del", "match"))


class _Scope(NamedTuple):
    """A run of tokens in which some names are its own."""

    start: int
    end: int
    names: frozenset[str]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Give a block with names of its module changed; "tags.read" is changed as a whole.

    Raises:
        ValueError: it rebinds one of them in a way that is not followed.
    """
    found = [one for one in tokens(text) if one.kind not in (COMMENT, NL)]
    scopes = _scopes(found)
    edits: list[tuple[int, int, str]] = []
    for at, name in _free(found):
        if any(scope.start <= at < scope.end and name.text in scope.names for scope in scopes):
            continue
        whole = f"{name.text}.{found[at + 2].text}" if found[at + 1].text == "." else ""
        if whole in names:
            edits.append((name.start, found[at + 2].end, names[whole]))
        elif name.text in names:
            edits.append((name.start, name.end, names[name.text]))
    _refuse(found, names)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _free(found: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Give the names that are neither attributes, arguments' names nor fields of a class."""
    brackets: list[str] = []
    level, classes = 0, list[int]()
    for at, one in enumerate(found):
        level += (one.kind == INDENT) - (one.kind == DEDENT)
        if one.kind == DEDENT:
            classes = [inside for inside in classes if inside <= level]
        if one.text == "class" and one.kind == NAME:
            classes.append(level + 1)
        if one.text in _CLOSES:
            brackets.append(one.text)
        elif one.text in _CLOSES.values() and one.kind == OP:
            brackets.pop()
        elif one.kind == NAME and not keyword.iskeyword(one.text):
            field = level in classes and not brackets and found[at + 1].text in (":", "=")
            if not (field or is_attribute(found, at) or is_keyword_argument(found, at, brackets)):
                yield at, one
        else:
            yield from ((at, inner) for inner in within(one) if inner.kind == NAME)


def _scopes(found: Sequence[Token]) -> list[_Scope]:
    scopes: list[_Scope] = []
    for at, one in enumerate(found):
        if one.kind != NAME:
            continue
        if one.text == "def":
            end = _body_end(found, at)
            own = {*_parameters(found, at), *_assigned(found, at + 2, end)}
            scopes.append(_Scope(at + 2, end, frozenset(own)))
        elif one.text == "lambda":
            colon = next(n for n in range(at, len(found)) if found[n].text == ":")
            own = {arg.text for arg in found[at + 1 : colon] if arg.kind == NAME}
            scopes.append(_Scope(at, _expression_end(found, colon, comma=True), frozenset(own)))
        elif one.text == "for" and (opened := _opened(found, at)) is not None:
            own = set(_targets(found, at))
            scopes.append(_Scope(opened, _expression_end(found, opened + 1), frozenset(own)))
    return scopes


def _body_end(found: Sequence[Token], at: int) -> int:
    """Find where a function ends: with its line, or with the block beneath it."""
    level = 0
    for place in range(at, len(found)):
        level += (found[place].kind == INDENT) - (found[place].kind == DEDENT)
        ends = found[place].kind == DEDENT or (
            found[place].kind == NEWLINE and found[place - 1].text != ":"
        )
        if ends and level <= 0:
            return place
    return len(found)


def _expression_end(found: Sequence[Token], at: int, *, comma: bool = False) -> int:
    """Find the bracket, or for a lambda the comma, that ends an expression."""
    depth = 0
    for place in range(at, len(found)):
        depth += (found[place].text in _CLOSES) - (found[place].text in _CLOSES.values())
        ends = found[place].kind == NEWLINE or (comma and not depth and found[place].text == ",")
        if depth < 0 or ends:
            return place
    return len(found)


def _opened(found: Sequence[Token], at: int) -> int | None:
    """Find the bracket that a comprehension stands in; None: the `for` is a statement."""
    depth = 0
    for place in range(at, -1, -1):
        if found[place].kind == NEWLINE:
            return None
        depth += (found[place].text in _CLOSES.values()) - (found[place].text in _CLOSES)
        if depth < 0:
            return place
    return None


def _parameters(found: Sequence[Token], at: int) -> Iterator[str]:
    depth = 0
    for place in range(at + 2, len(found)):
        depth += (found[place].text in _CLOSES) - (found[place].text in _CLOSES.values())
        if depth == 0:
            return
        before = found[place - 1].text
        if depth == 1 and found[place].kind == NAME and before in ("(", ",", "*", "**"):
            yield found[place].text


def _targets(found: Sequence[Token], at: int) -> Iterator[str]:
    for one in found[at + 1 :]:
        if one.text == "in":
            return
        if one.kind == NAME:
            yield one.text


def _assigned(found: Sequence[Token], start: int, end: int) -> Iterator[str]:
    """Name what statements within a function bind."""
    fresh = False
    for at in range(start, end):
        one = found[at]
        if one.text == "for" and one.kind == NAME and _opened(found, at) is None:
            yield from _targets(found, at)
        elif one.text in ("as", "def", "class") and one.kind == NAME:
            yield found[at + 1].text
        elif one.text == ":=":
            yield found[at - 1].text
        elif fresh and one.kind in (NAME, OP):
            yield from _assigned_by_line(found, at)
        fresh = one.kind in (NEWLINE, INDENT, DEDENT)


def _assigned_by_line(found: Sequence[Token], at: int) -> Iterator[str]:
    targets: list[str] = []
    depth = inside = 0  # inside a subscript or a call nothing is a target
    for place in range(at, len(found)):
        one, before = found[place], found[place - 1]
        if one.kind == NEWLINE or (one.kind == NAME and keyword.iskeyword(one.text)):
            return
        if one.text in _CLOSES:
            depth += 1
            inside = inside or depth * (before.kind == NAME or before.text in ")]")
        elif one.text in _CLOSES.values():
            inside = 0 if inside == depth else inside
            depth -= 1
        elif one.text in _ASSIGNS and not depth:
            yield from targets
            targets = []
        elif one.text == ":" and not depth:
            yield from targets
            return
        elif one.kind == NAME and not inside and not is_attribute(found, place):
            targets += [one.text] if found[place + 1].text not in (".", "[", "(") else []


def _refuse(found: Sequence[Token], names: Mapping[str, str]) -> None:
    for at, one in enumerate(found):
        starts = at == 0 or found[at - 1].kind in (NEWLINE, INDENT, DEDENT)
        if one.text in _REFUSED and starts and found[at + 1].text in names:
            message = f"`{one.text} {found[at + 1].text}` is not followed into one file"
            raise ValueError(message)
