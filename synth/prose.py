"""A sentence read word by word: its words, those before a place, its numbers. Standard library.

Sentences are in small letters here. A look-up of a word in a set costs a hundredth of a search
through a sentence, so that regular expressions are tried at places only.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from synth.spelling import NUMBER_WORD, NUMBER_WORDS

Words: TypeAlias = "frozenset[str] | set[str]"

LOOK_BACK = 60
"""How many characters before a place are read: a clause is rarely longer"""
MARKS = "*_`\"'()[]{}.,;:!?~≈"
"""Signs that stand at a word without belonging to it"""


def one_of(listed: str) -> frozenset[str]:
    """Give the words that a text lists."""
    return frozenset(listed.split())


def words(text: str) -> str:
    """Give a text's words in small letters, each letter in its place.

    Signs and digits become blanks, and what may end a sentence ends a line.
    """
    if text.isascii():
        return text.encode("ascii").translate(_BLANK_ASCII).decode("ascii")
    small = text.lower()
    if len(small) != len(text):  # of one letter, the Turkish dotted I, the small one is two
        small = "".join(sign.lower()[0] for sign in text)
    return small.translate(_BLANK)


_BLANK = str.maketrans(
    dict.fromkeys("0123456789,;:()[]{}<>\"'“”‘’*_`~^|/\\+=-–—&%$#@…", " ")
    | dict.fromkeys(".?!", "\n")
)
_BLANK_ASCII = bytes(ord(chr(code).lower().translate(_BLANK)) for code in range(128)) + bytes(128)


def lead(low: str, start: int) -> list[str]:
    """Give the words before a place, the nearest last, without one that the window cuts."""
    if start <= LOOK_BACK:
        return low[:start].split()
    return low[start - LOOK_BACK : start].split()[1:]


def last(before: list[str], back: int = 1) -> str:
    """Give a word counted from the end; "" where there are fewer."""
    return before[-back] if back <= len(before) else ""


def places(low: str, word: str) -> list[int]:
    """Find where a word begins."""
    found = []
    at = low.find(word)
    while at >= 0:
        before = low[at - 1 : at]
        if not (before.isalnum() or before == "_"):
            found.append(at)
        at = low.find(word, at + len(word))
    return found


# Numbers -----------------------------------------------------------------------------------------

NUMBERS = frozenset((*NUMBER_WORDS, "single"))
_DIGITS = re.compile(r"[0-9]{1,7}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,6})?")
_SPELT = re.compile(rf"(?:{NUMBER_WORD}(?:[ -](?:and )?{NUMBER_WORD}){{0,6}}|single)\b")
_TO = (" to ", " or ", " and ", " through ", "-", "- ")
_TO_ANOTHER = re.compile(
    r"(?: ?[a-z.]{1,8})?(?: ?- ?| to | or | and/or )(?:about |around )?"
    rf"(?:[0-9]|(?:{'|'.join(NUMBER_WORDS)})\b)"
)


def has_digit(low: str) -> bool:
    """Say whether a sentence holds a digit: half the time of a regular expression."""
    return any(map(low.__contains__, "0123456789"))


def numbers(low: str, its_words: Words) -> list[tuple[int, int]]:
    """Find where whole numbers and decimals stand, none within a longer one; "single" is one."""
    found = []
    for match in _DIGITS.finditer(low) if has_digit(low) else ():
        start, end = match.span()
        before = low[start - 1 : start]
        if before and before in "+-" and low[max(0, start - 2) : start - 1] in ("", " ", "("):
            start -= 1
        elif before and (before.isalnum() or before in "_.,:/-$€£"):
            continue
        found.append((start, end))
    if spelt := NUMBERS & its_words:
        past = 0
        for at in sorted([at for word in spelt for at in places(low, word)]):
            whole = _SPELT.match(low, at) if at >= past and low[at - 1 : at] != "-" else None
            if whole:
                past = whole.end()
                found.append((at, past))
    return found


def ranges(low: str, start: int, end: int) -> bool:
    """Say whether a number is one end of a range, or one of two."""
    if _TO_ANOTHER.match(low, end):
        return True
    if not low.endswith(_TO, 0, start):
        return False
    before = lead(low, start)[-4:]
    joint = before.pop() if before else ""
    if joint == "and" and "between" not in before:
        return False
    return any(word[-1].isdigit() or word in NUMBERS for word in before[-2:]) or (
        joint[:1].isdigit() and joint[-1:] == "-"
    )
