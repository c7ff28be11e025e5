"""Which words of two lists are the same word, spoken at the same moment. Standard library only.

Recognisers write one spoken word in several ways: "1" or "one", "Mr." or "mister", "1455" or
"fourteen fifty five", "ill-disposed" or "ill" and "-disposed". Words that only sound alike ("two",
"to") stay different.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from synth.finding import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Item

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TITLES = {"mr": "mister", "mrs": "missus", "dr": "doctor"}
# Nothing but digits once the punctuation around them is gone: "$5" is more than "five".
_DIGITS = re.compile(r"[\"'(]*(\d{1,4})[.,;:?!\"')]*")


def paired(
    one: Sequence[Item], other: Sequence[Item], collar_s: float
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Pair the words of two lists, both in order of time: (places in one, places in other).

    Each word is paired at most once, with the like word that begins nearest in time and not
    before the last pair; stretches may lie apart by the collar, in seconds. A number written in
    digits pairs with the words that say it, several in a row. Words without times pair by their
    order alone.
    """
    pairs: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    at = to = first = 0
    while at < len(one):
        while first < len(other) and _is_over(other[first], one[at], collar_s):
            first += 1
        runs = _runs(one, at, other, max(to, first), collar_s)
        if not runs:
            at += 1
            continue
        mine, theirs = min(runs, key=lambda run: _apart(one[run[0][0]], other[run[1][0]]))
        pairs.append((mine, theirs))
        at, to = mine[-1] + 1, theirs[-1] + 1
    return pairs


def spellings(word: str) -> tuple[tuple[str, ...], ...]:
    """Give the ways in which a word may be written, each as plain words in a row."""
    bare = plain(word)
    digits = _DIGITS.fullmatch(word.strip())
    if digits:
        return ((bare,), *dict.fromkeys(_said(digits[1])))
    if bare in _TITLES:
        return ((bare,), (_TITLES[bare],))
    joined = tuple(filter(None, map(plain, word.split("-"))))
    return ((bare,), joined) if len(joined) > 1 else ((bare,),)


def _said(digits: str) -> list[tuple[str, ...]]:
    """Say a number as a number, digit by digit and, of four digits, as a year."""
    number = int(digits)
    ways = [tuple(_SMALL[int(digit)] for digit in digits)]
    if digits[0] != "0" or len(digits) == 1:
        ways += [tuple(_cardinal(number)), tuple(_cardinal(number, "and"))]
    if len(digits) == 4 and number % 1000 >= 10 and digits[0] != "0":
        century, rest = divmod(number, 100)
        ways.append((*_below_hundred(century), *(_below_hundred(rest) if rest else ("hundred",))))
    return ways


def _cardinal(number: int, joint: str = "") -> list[str]:
    if number >= 1000:
        rest = _cardinal(number % 1000, joint) if number % 1000 else []
        return [_SMALL[number // 1000], "thousand", *rest]
    if number >= 100:
        rest = [*([joint] if joint else []), *_below_hundred(number % 100)] if number % 100 else []
        return [_SMALL[number // 100], "hundred", *rest]
    return list(_below_hundred(number))


def _below_hundred(number: int) -> tuple[str, ...]:
    if number < 20:
        return (_SMALL[number],)
    tens, ones = divmod(number, 10)
    return (_TENS[tens], _SMALL[ones]) if ones else (_TENS[tens],)


def _runs(
    one: Sequence[Item], at: int, other: Sequence[Item], to: int, collar_s: float
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Find the runs of words that may pair where one list stands at a word."""
    runs = []
    for place in range(to, len(other)):
        if _is_over(one[at], other[place], collar_s):
            break
        for mine, theirs in _same(one, at, other, place):
            if not _is_over(one[mine[-1]], other[theirs[0]], collar_s) and not _is_over(
                other[theirs[-1]], one[mine[0]], collar_s
            ):
                runs.append((mine, theirs))
                break
    return runs


def _same(
    one: Sequence[Item], at: int, other: Sequence[Item], to: int
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Give the runs from two places on that are written alike, a word for a word first."""
    mine, theirs = spellings(one[at].label), spellings(other[to].label)
    if set(mine) & set(theirs):
        return [((at,), (to,))]
    told = [way for way in mine if len(way) > 1 and _follows(way, other, to)]
    heard = [way for way in theirs if len(way) > 1 and _follows(way, one, at)]
    return [
        *(((at,), tuple(range(to, to + len(way)))) for way in told),
        *((tuple(range(at, at + len(way))), (to,)) for way in heard),
    ]


def _follows(way: Sequence[str], items: Sequence[Item], at: int) -> bool:
    return tuple(plain(item.label) for item in items[at : at + len(way)]) == tuple(way)


def _is_over(early: Item, late: Item, collar_s: float) -> bool:
    """Whether a word ends before another begins, by more than the collar."""
    if early.end_s is None or late.start_s is None:
        return False
    return early.end_s + collar_s < late.start_s


def _apart(one: Item, other: Item) -> float:
    if one.start_s is None or other.start_s is None:
        return 0.0
    return abs(one.start_s - other.start_s)
