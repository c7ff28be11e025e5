"""A module's source as blocks: its top-level statements, what each binds and which names it uses.

Read with `tokenize`, which is Python: the compiler's own parser, run beside other threads, has
crashed CPython 3.11. Standard library only.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from itertools import pairwise
from token import COMMENT, DEDENT, ENDMARKER, INDENT, NAME, NEWLINE, NL, OP, STRING
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SILENT = frozenset((COMMENT, NL, INDENT, DEDENT, ENDMARKER))
_FSTRING_START = getattr(tokenize, "FSTRING_START", -1)  # Python 3.12 and later
_FSTRING_END = getattr(tokenize, "FSTRING_END", -1)
_DEFINES = frozenset(("@", "async", "class", "def"))
_QUOTE = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
_IN_FIELD = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z_]\w*|![rsa](?=[:}])|[\[\](){}:]")


class Token(NamedTuple):
    """A token with its place in the source, in characters."""

    kind: int
    text: str
    start: int
    end: int


class Block(NamedTuple):
    """A top-level statement, with the comments before it and the docstrings after it."""

    binds: tuple[str, ...]
    """names that it gives the module; none: a docstring"""
    uses: frozenset[str]
    """names that it may take from the module, the builtins or an import; with an attribute of
    theirs, "re.compile", once more"""
    start: int
    end: int


class Import(NamedTuple):
    """Where an imported name comes from; `name` is "" for a module itself."""

    module: str
    name: str
    typing_only: bool


class Module(NamedTuple):
    """A module, read."""

    name: str
    text: str
    blocks: tuple[Block, ...]
    imports: dict[str, Import]


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Give the tokens of a source; an f-string is one, on every version of Python."""
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    nested, began = 0, 0
    for one in tokenize.generate_tokens(io.StringIO(text).readline):
        places = [
            lines[min(row - 1, len(lines) - 1)] + column for row, column in (one.start, one.end)
        ]
        if one.type == _FSTRING_START:
            began = began if nested else places[0]
            nested += 1
        elif one.type == _FSTRING_END:
            nested -= 1
            if not nested:
                whole = text[began : places[1]]
                yield Token(STRING, whole, start + began, start + places[1])
        elif not nested:
            yield Token(one.type, one.string, start + places[0], start + places[1])


def within(fstring: Token) -> Iterator[Token]:
    """Give the names that an f-string's fields hold; none of any other token."""
    quote = _QUOTE.match(fstring.text)
    if fstring.kind != STRING or not quote or "f" not in quote[1].casefold():
        return
    text, at, stack = fstring.text, quote.end(), ["text"]
    end = len(text) - len(quote[2])
    while at < end:
        if stack[-1] in ("text", "spec"):
            at = _past_text(text, at, stack)
        elif found := _IN_FIELD.search(text, at, end):
            at = found.end()
            _step(found[0], stack)
            if found[0].isidentifier():
                attribute = text[found.start() - 1] == "."
                kind = OP if attribute else NAME
                yield Token(kind, found[0], fstring.start + found.start(), fstring.start + at)
        else:
            return


def _past_text(text: str, at: int, stack: list[str]) -> int:
    """Pass one character between fields, or two that stand for a brace."""
    if stack[-1] == "text" and text[at : at + 2] in ("{{", "}}"):
        return at + 2
    if text[at] == "{":
        stack.append("field")
    elif text[at] == "}":
        del stack[-2:]  # a specification and the field that it ends
    return at + 1


def _step(piece: str, stack: list[str]) -> None:
    if piece in ("(", "[", "{"):
        stack.append(piece)
    elif piece in (")", "]", "}"):
        stack.pop()
    elif piece == ":" and stack[-1] == "field":
        stack.append("spec")


def is_attribute(sequence: Sequence[Token], at: int) -> bool:
    """Say whether a name stands after a dot."""
    return at > 0 and sequence[at - 1].text == "."


def is_keyword_argument(sequence: Sequence[Token], at: int, brackets: Sequence[str]) -> bool:
    """Say whether a name names an argument of a call, or a parameter with a default."""
    return (
        bool(brackets)
        and brackets[-1] == "("
        and sequence[at + 1].text == "="
        and sequence[at - 1].text in ("(", ",")
    )


def read(name: str, text: str) -> Module:
    """Read a module.

    Raises:
        ValueError: it does at its top what only a module of its own may do.
    """
    blocks: list[Block] = []
    imports: dict[str, Import] = {}
    end = 0
    for number, statement in enumerate(_statements(text)):
        first, begin = statement[0], end
        end = max(one.end for one in statement if one.kind == NEWLINE)
        if first.text in ("from", "import"):
            imports |= _imported(statement, typing_only=False)
        elif first.text == "if" and statement[1].text == "TYPE_CHECKING":
            for inner in _lines(statement[3:]):
                imports |= _imported(inner, typing_only=True)
        elif first.kind == STRING and number and blocks:
            blocks[-1] = blocks[-1]._replace(end=end)
        else:
            binds = () if first.kind == STRING else _bound(name, statement)
            blocks.append(Block(binds, frozenset(_used(statement)), begin, end))
    return Module(name, text, tuple(blocks), imports)


def _statements(text: str) -> Iterator[list[Token]]:
    """Part a module into its top-level statements, decorators with what they decorate."""
    level, statement, fresh, decorated = 0, list[Token](), True, False
    for one in tokens(text):
        level += (one.kind == INDENT) - (one.kind == DEDENT)
        if fresh and level == 0 and one.kind not in _SILENT:
            if statement and not decorated:
                yield statement
                statement = []
            decorated = one.text == "@"
        if one.kind not in (COMMENT, NL, ENDMARKER) and (statement or one.kind not in _SILENT):
            statement.append(one)
        fresh = one.kind == NEWLINE or (fresh and one.kind in _SILENT)
    if statement:
        yield statement


def _lines(block: Sequence[Token]) -> Iterator[list[Token]]:
    line: list[Token] = []
    for one in block:
        if one.kind == NEWLINE:
            if line:
                yield line
            line = []
        elif one.kind not in _SILENT:
            line.append(one)


def _imported(statement: Sequence[Token], *, typing_only: bool) -> dict[str, Import]:
    words = [one.text for one in statement if one.kind in (NAME, OP) and one.text not in "()"]
    if words[0] not in ("from", "import"):
        return {}  # beside imports, a block for type checkers may name a type
    if words[0] == "import":
        parts, module = " ".join(words[1:]).replace(" . ", ".").split(" , "), ""
    else:
        place = words.index("import")
        parts, module = " ".join(words[place + 1 :]).split(" , "), "".join(words[1:place])
    found = {}
    for part in parts:
        what, _, known_as = part.removesuffix(" ,").partition(" as ")
        origin = Import(module, what, typing_only) if module else Import(what, "", typing_only)
        found[known_as or (what if module else what.partition(".")[0])] = origin
    return found


def _bound(module: str, statement: Sequence[Token]) -> tuple[str, ...]:
    """Name what a statement binds in its module."""
    targets: list[str] = []
    for before, one in pairwise(statement):
        if statement[0].text in _DEFINES and before.text in ("def", "class"):
            return (one.text,)
    for one in statement:
        if one.text in ("=", ":"):
            return tuple(targets)
        if one.kind == NAME and not keyword.iskeyword(one.text):
            targets.append(one.text)
        elif one.text not in (",", "(", ")"):
            break
    message = (
        f"{module}: `{' '.join(one.text for one in statement[:8])} ...` at its top binds no name"
        " that could be followed into one file"
    )
    raise ValueError(message)


def _used(statement: Sequence[Token]) -> Iterator[str]:
    brackets: list[str] = []
    for at, one in enumerate(statement):
        if one.text in ("(", "[", "{"):
            brackets.append(one.text)
        elif one.text in (")", "]", "}"):
            brackets.pop()
        elif one.kind == NAME and not keyword.iskeyword(one.text):
            if not is_attribute(statement, at) and not is_keyword_argument(statement, at, brackets):
                yield one.text
                if statement[at + 1].text == ".":
                    yield f"{one.text}.{statement[at + 2].text}"
        else:
            yield from (inner.text for inner in within(one) if inner.kind == NAME)
