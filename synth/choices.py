"""Which of a question's choices an answer is. Standard library only."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from synth.frames import KEPT, LONGEST_KEPT, STRUCK, clean, peeled
from synth.harmony import key
from synth.spelling import normalise, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

_LETTERED = re.compile(
    r"(?:(?:option|choice|answer) )?(?:\(([a-zA-Z])\)|\[([a-zA-Z])\]|([a-zA-Z])(?=[).:]|$))[).:]*"
    r"\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)
_LETTER_LAST = re.compile(r"(.*\S)\s*[(\[]([a-zA-Z])[)\]]", re.DOTALL)
_BRACKETED_LETTER = re.compile(r"\s*(?:\([a-zA-Z]\)|\[[a-zA-Z]\]|[a-zA-Z]\))\s*")
_NOT_THE_OTHER = re.compile(r",? (?:and |but )?not |,? rather than |,? instead of ")
_MOST_CUTS = 4  # the longest choice that holds "not" holds it twice; more is no answer
_LONGEST = 4000  # characters; the longest choice of MMAU and MMAR has under 400


def choice_of(answer: str, choices: Sequence[str]) -> int | None:
    """Find the choice that an answer names: its index, or None where it names none, or two.

    The choice's own text is best, compared by `normalise`; then its letter ("B", "(B)", "option
    B", "B. text", where letter and text must agree); then another spelling of the same number or
    key ("2" for "two", "Gb minor" for "F# minor"). Of choices with the same text the first is
    meant, by whichever letter. The whole answer must be the choice, so that "not X", "X or Y",
    "X?" and a sentence that mentions X name none, whatever words X itself holds; but "X, not Y"
    between two choices is X. Where single letters are themselves choices and stand out of place
    (the notes "G, A#, D, E"), a letter alone names only the choice so spelt, and "(B)" none.
    """
    if len(answer) > _LONGEST or STRUCK in answer:
        return None
    chosen = _chosen if len(answer) <= LONGEST_KEPT else _chosen.__wrapped__
    return chosen(answer, tuple(choices))


class _Choices(NamedTuple):
    """A question's choices as answers are compared with them."""

    texts: tuple[str, ...]
    tidy: tuple[str, ...]
    """as written but for space and full stop"""
    places: dict[str, tuple[int, ...]]
    """each text with the places at which it stands"""
    letters_out_of_place: bool
    """whether a choice is a single letter, and not that of its own place"""


@lru_cache(maxsize=1024)
def _read(choices: tuple[str, ...]) -> _Choices:
    texts = tuple(map(normalise, choices))
    places: dict[str, tuple[int, ...]] = {}
    for at, text in enumerate(texts):
        places[text] = (*places.get(text, ()), at)
    singles = [(at, one) for at, one in enumerate(texts) if len(one) == 1 and one.isalpha()]
    return _Choices(
        texts=texts,
        tidy=tuple(map(_tidy, choices)),
        places=places,
        letters_out_of_place=any(ord(one) - ord("a") != at for at, one in singles),
    )


@lru_cache(maxsize=KEPT)
def _chosen(answer: str, choices: tuple[str, ...]) -> int | None:
    read = _read(choices)
    found = _named(answer, choices, read)
    if found is None:
        found = _contrasted(answer, choices, read)
    # The first choice with the same text as the one found.
    return None if found is None else read.tidy.index(read.tidy[found])


def _named(answer: str, choices: tuple[str, ...], read: _Choices) -> int | None:
    found = _by_text(answer, read)
    if found is not None:
        return found
    for said in peeled(answer):
        found = _by_text(said, read) if said != answer else None
        if found is None:
            found = _by_letter(said, read)
        if found is not None:
            return found
    return _by_meaning(answer, choices, read)


def _contrasted(answer: str, choices: tuple[str, ...], read: _Choices) -> int | None:
    """Read "X, not Y" of two choices as X."""
    for cut in islice(_NOT_THE_OTHER.finditer(answer), _MOST_CUTS):
        this, that = (
            _named(part, choices, read) for part in (answer[: cut.start()], answer[cut.end() :])
        )
        if this is not None and that is not None:
            return None if read.texts[this] == read.texts[that] else this
    return None


def _by_text(answer: str, read: _Choices) -> int | None:
    same = read.places.get(normalise(answer), ())
    if not same or not read.texts[same[0]]:
        return None
    if read.letters_out_of_place and _BRACKETED_LETTER.fullmatch(answer):
        return None
    if "?" in answer and _ends_asking(answer):
        same = tuple(at for at in same if _ends_asking(read.tidy[at]))
    if len({read.tidy[at] for at in same}) == 1:
        return same[0]
    # Choices that differ in case or punctuation alone ("IV", "iv") must be written exactly so.
    said = _tidy(answer)
    return next((at for at in same if read.tidy[at] == said), None)


def _ends_asking(text: str) -> bool:
    return text.rstrip(" \t\n\"'*`”’)").endswith(("?", "\uff1f"))


def _tidy(text: str) -> str:
    return " ".join(clean(text).split()).rstrip(".")


def _by_letter(answer: str, read: _Choices) -> int | None:
    lettered = answer.strip()
    found = _lettered(lettered, read)
    if found is None and (last := _LETTER_LAST.fullmatch(lettered)):
        found = _lettered(f"({last[2]}) {last[1]}", read)
    return found


def _lettered(answer: str, read: _Choices) -> int | None:
    found = _LETTERED.fullmatch(answer)
    if not found:
        return None
    at = ord(next(filter(None, found.groups()[:3])).lower()) - ord("a")
    text = found[4].strip()
    if at >= len(read.texts) or not read.texts[at]:
        return None
    if text:
        same = _by_text(text, read)
        return at if same is not None and read.texts[same] == read.texts[at] else None
    return None if read.letters_out_of_place else at


def _by_meaning(answer: str, choices: tuple[str, ...], read: _Choices) -> int | None:
    said = _meaning(answer)
    if said is None:
        return None
    meanings = [_meaning(choice) for choice in choices]
    units = {meaning[1] for meaning in meanings if meaning is not None}
    if not said[1] and len(units) == 1 and None not in meanings and _once(said[0], read):
        said = (said[0], units.pop())  # a bare number, where all choices share one unit
    same = [at for at, meaning in enumerate(meanings) if meaning == said]
    return same[0] if len({read.texts[at] for at in same}) == 1 else None


def _once(number: float, read: _Choices) -> bool:
    """Say whether a number begins one choice alone: of "2 seconds" and "2 minutes" it is both."""
    begun = {
        text
        for text in read.texts
        for first in text.split(maxsplit=1)[:1]
        if (number_read := quantity(first)) is not None and number_read.value == number
    }
    return len(begun) < 2


def _meaning(text: str) -> tuple[float, str] | None:
    """Read a number with its unit, or a key as its pitch class with its mode."""
    if (read := key(text)) is not None:
        return read
    number = quantity(text)
    return (number.value, number.unit) if number is not None else None
