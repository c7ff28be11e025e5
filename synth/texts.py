"""Checks whose target is a text: names, keys, closed answers, yes and no. Standard library only.

A target goes by its own text and by the spellings that its check accepts. An answer that names
more than the target, or less, is no other value: "a car horn" beside "horn" is neither right nor
wrong.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from synth.frames import HEDGE, KEPT, LONGEST_KEPT, bare
from synth.harmony import key
from synth.key_relations import mirex_error
from synth.spelling import label, normalise, polarity

if TYPE_CHECKING:
    from schemas import Check, CheckKind

_ALTERNATIVES = re.compile(r"\s*(?:[/,;()]|\bor\b)\s*")
_OF_A_KIND = re.compile(r" (?:sound|noise|language)")
_NOTE = re.compile(r"[a-g][#b]?")
_LONGEST_NAME = 8  # words; more is a sentence, whose value no rule reads


class _Target(NamedTuple):
    """All that a target is called, as each reader gives it."""

    texts: frozenset[str]
    labels: frozenset[str]
    name: str
    """the label of its own text, without the other spellings"""
    keys: frozenset[tuple[int, str]]
    """empty where the target is no key"""
    says: frozenset[bool]
    """empty where the target is no yes or no"""


def same_text(answer: str, check: Check) -> bool | None:
    """Say whether an answer is the target by any of its names; None where it commits to none."""
    judged = _judged if len(answer) <= LONGEST_KEPT else _judged.__wrapped__
    return judged(answer, _spellings(check), check.kind)


@lru_cache(maxsize=KEPT)
def _judged(answer: str, spellings: tuple[str, ...], kind: CheckKind) -> bool | None:
    wanted = _target(spellings)
    if normalise(answer) in wanted.texts:
        return True
    verdict = _same(answer, wanted)
    if verdict is not True and kind == "equals" and _all_names(answer, wanted):
        return True  # "gunshot or gunfire": two names of one sound are no hedge
    return verdict


def key_error(answer: str, check: Check) -> float | None:
    """Give how far a key is from the target, 1 less MIREX's score; None where either is no key."""
    wanted, said = _target(_spellings(check)).keys, key(answer)
    return min(mirex_error(one, said) for one in wanted) if wanted and said else None


def is_of_keys(check: Check) -> bool:
    """Whether a check's target is a key."""
    return bool(_target(_spellings(check)).keys)


def _spellings(check: Check) -> tuple[str, ...]:
    target = check.target
    own = (target.text,) if target.text else tuple(item.label for item in target.items or ())
    return own + check.accepted


@lru_cache(maxsize=4096)
def _target(spellings: tuple[str, ...]) -> _Target:
    own = spellings[0] if spellings else ""
    keys = frozenset(read for one in spellings if (read := key(one)) is not None)
    says = frozenset(yes for one in spellings if (yes := polarity(one)) is not None)
    return _Target(
        texts=frozenset(map(normalise, spellings)) - {""},
        labels=frozenset(map(label, spellings)) - {""},
        name=label(own),
        keys=keys if key(own) is not None else frozenset(),
        says=says if polarity(own) is not None else frozenset(),
    )


def _same(answer: str, wanted: _Target) -> bool | None:
    # Keys before labels, which drop articles: "minor" is not "A minor".
    if wanted.keys:
        named = key(answer)
        return None if named is None else named in wanted.keys
    if wanted.says:
        says = polarity(answer)
        return None if says is None else says in wanted.says
    if _NOTE.fullmatch(wanted.name):  # there "A" is no article: "A, B" names two notes
        said = normalise(bare(answer)).removeprefix("the ")
        other = False if _NOTE.fullmatch(said) else None
        return True if said in wanted.texts else other
    whole, plain = label(answer), label(bare(answer))
    if whole in wanted.labels or plain in wanted.labels:
        return True
    kind = _OF_A_KIND.search(plain)
    if kind and kind.end() == len(plain) and plain[: kind.start()] in wanted.labels:
        return True
    return None if _says_no_other(whole, plain, wanted) else False


def _says_no_other(whole: str, plain: str, wanted: _Target) -> bool:
    """Whether an answer is unread, or names more or less than the target, not another thing."""
    words = plain.split()
    return (
        len(words) > _LONGEST_NAME
        or bool(HEDGE.search(whole))
        or any(_holds(whole, one) or _holds(plain, one) for one in wanted.labels)
        or _holds(wanted.name, plain)
        or (len(words) == 2 and words[::-1] == wanted.name.split())  # "barking dog"
    )


def _holds(text: str, part: str) -> bool:
    return bool(part) and f" {part} " in f" {text} "


def _all_names(answer: str, wanted: _Target) -> bool:
    parts = [part for part in _ALTERNATIVES.split(bare(answer)) if part]
    return len(parts) > 1 and all(
        normalise(part) in wanted.texts or _same(part, wanted) is True for part in parts
    )
