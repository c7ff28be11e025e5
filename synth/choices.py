"""Which of a question's choices an answer is. Standard library only."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from synth.frames import clean, peeled
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
    if len(answer) > _LONGEST:
        return None
    found = _named(answer, choices)
    if found is None:
        found = _contrasted(answer, choices)
    return None if found is None else _first(found, choices)


def _named(answer: str, choices: Sequence[str]) -> int | None:
    found = _by_text(answer, choices)
    if found is not None:
        return found
    for said in peeled(answer):
        found = _by_text(said, choices)
        if found is None:
            found = _by_letter(said, choices)
        if found is not None:
            return found
    return _by_meaning(answer, choices)


def _first(found: int, choices: Sequence[str]) -> int:
    """Give the first choice with the same text as the one found."""
    same = _tidy(choices[found])
    return next((at for at, choice in enumerate(choices) if _tidy(choice) == same), found)


def _contrasted(answer: str, choices: Sequence[str]) -> int | None:
    """Read "X, not Y" of two choices as X."""
    for cut in islice(_NOT_THE_OTHER.finditer(answer), _MOST_CUTS):
        this, that = (
            _named(part, choices) for part in (answer[: cut.start()], answer[cut.end() :])
        )
        if this is not None and that is not None:
            return None if normalise(choices[this]) == normalise(choices[that]) else this
    return None


def _by_text(answer: str, choices: Sequence[str]) -> int | None:
    said = normalise(answer)
    if not said or (_BRACKETED_LETTER.fullmatch(answer) and _letters_out_of_place(choices)):
        return None
    same = [at for at, choice in enumerate(choices) if normalise(choice) == said]
    if _ends_asking(answer):
        same = [at for at in same if _ends_asking(choices[at])]
    if not same:
        return None
    if len({_tidy(choices[at]) for at in same}) == 1:
        return same[0]
    # Choices that differ in case or punctuation alone ("IV", "iv") must be written exactly so.
    return next((at for at in same if _tidy(choices[at]) == _tidy(answer)), None)


def _ends_asking(text: str) -> bool:
    return text.rstrip(" \t\n\"'*`”’)").endswith(("?", "\uff1f"))


def _tidy(text: str) -> str:
    return " ".join(clean(text).split()).rstrip(".")


def _by_letter(answer: str, choices: Sequence[str]) -> int | None:
    lettered = answer.strip()
    found = _lettered(lettered, choices)
    if found is None and (last := _LETTER_LAST.fullmatch(lettered)):
        found = _lettered(f"({last[2]}) {last[1]}", choices)
    return found


def _lettered(answer: str, choices: Sequence[str]) -> int | None:
    found = _LETTERED.fullmatch(answer)
    if not found:
        return None
    at = ord(next(filter(None, found.groups()[:3])).lower()) - ord("a")
    text = found[4].strip()
    if at >= len(choices) or not normalise(choices[at]):
        return None
    if text:
        same = _by_text(text, choices)
        agree = same is not None and normalise(choices[same]) == normalise(choices[at])
        return at if agree else None
    return None if _letters_out_of_place(choices) else at


def _letters_out_of_place(choices: Sequence[str]) -> bool:
    spelt = ((at, normalise(choice)) for at, choice in enumerate(choices))
    return any(len(one) == 1 and one.isalpha() and ord(one) - ord("a") != at for at, one in spelt)


def _by_meaning(answer: str, choices: Sequence[str]) -> int | None:
    said = _meaning(answer)
    if said is None:
        return None
    meanings = [_meaning(choice) for choice in choices]
    units = {meaning[1] for meaning in meanings if meaning is not None}
    if not said[1] and len(units) == 1 and None not in meanings and _once(said[0], choices):
        said = (said[0], units.pop())  # a bare number, where all choices share one unit
    same = [at for at, meaning in enumerate(meanings) if meaning == said]
    return same[0] if len({normalise(choices[at]) for at in same}) == 1 else None


def _once(number: float, choices: Sequence[str]) -> bool:
    """Say whether a number begins one choice alone: of "2 seconds" and "2 minutes" it is both."""
    begun = {
        normalise(choice)
        for choice in choices
        for first in normalise(choice).split(maxsplit=1)[:1]
        if (read := quantity(first)) is not None and read.value == number
    }
    return len(begun) < 2


def _meaning(text: str) -> tuple[float, str] | None:
    """Read a number with its unit, or a key as its pitch class with its mode."""
    if (read := key(text)) is not None:
        return read
    number = quantity(text)
    return (number.value, number.unit) if number is not None else None
