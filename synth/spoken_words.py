"""Checks whose target is what somebody says: words, compared one by one. Standard library only."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from synth.frames import KEPT, LONGEST_KEPT, bare, clean
from synth.spelling import NUMBER_WORD, normalise, quantity

if TYPE_CHECKING:
    from schemas import Check

_NUMBER_WORD = re.compile(NUMBER_WORD)
_NOT = re.compile("n't$")  # "dont"; no other apostrophe is dropped, for "we'll" is not "well"
_THE_WORD = re.compile(r"^(?:the )?word (?:is )?(?=\S)", re.IGNORECASE)
_PRESENTED = re.compile(
    r"(?:(?:the )?(?:(?:exact|spoken) )?(?:words|transcript|transcription|sentence|phrase|answer)"
    r"(?: (?:is|are|reads?))?|(?:he|she|they|someone|somebody|(?:the|a) (?:\w+ )?(?:speaker|voice"
    r"|man|woman|person)) (?:says?|said))[,:]? *\"([^\"]+)\"\.?",
    re.IGNORECASE,
)


def spoken(text: str) -> list[str]:
    """Words as they are compared: case and punctuation gone, numbers in digits."""
    words = normalise(text).replace(",", " ").split()
    said: list[str] = []
    for counted, run in groupby(words, key=_counts):
        together = list(run)
        said += _digits(together) if counted else [_NOT.sub("nt", word) for word in together]
    return said


def _counts(word: str) -> bool:
    return bool(_NUMBER_WORD.fullmatch(word)) or word[0].isdigit()


def _digits(words: list[str]) -> list[str]:
    """Write number words in digits: of one number, "twenty two", or else each for itself."""
    whole = quantity(" ".join(words))
    if len(words) > 1 and whole is not None and not whole.unit:
        return [f"{whole.value:g}"]
    read = [quantity(word) for word in words]
    return [
        f"{one.value:g}" if one is not None and not one.unit else word
        for one, word in zip(read, words, strict=True)
    ]


def transcript(check: Check) -> str:
    """Give a target's words as one text."""
    return check.target.text or " ".join(item.label for item in check.target.items or ())


def word_error(answer: str, check: Check) -> float | None:
    """Word error rate: edits a word of the target; 1 or more is as good as nothing."""
    kept = _word_error if len(answer) <= LONGEST_KEPT else _word_error.__wrapped__
    return kept(answer, transcript(check), one_word=check.target.text is not None)


@lru_cache(maxsize=KEPT)
def _word_error(answer: str, target: str, *, one_word: bool) -> float | None:
    wanted = spoken(target)
    said = _one_word(answer) if one_word else spoken(_quoted(answer))
    if not said or not wanted:
        return None
    if len(said) > 2 * len(wanted):
        return 1.0  # it takes more insertions than the target has words
    row = list(range(len(wanted) + 1))
    for at, word in enumerate(said, start=1):
        before, row[0] = row[0], at
        for to, right in enumerate(wanted, start=1):
            before, row[to] = (
                row[to],
                min(row[to] + 1, row[to - 1] + 1, before + (word != right)),
            )
    return row[-1] / len(wanted)


def _quoted(answer: str) -> str:
    """Take the words out of what presents them: 'The words are "good morning".'."""
    plain = clean(answer)
    presented = _PRESENTED.fullmatch(plain.strip())
    return presented[1] if presented else plain


def _one_word(answer: str) -> list[str]:
    """Read an answer that names a word: 'It is the word "no".' -> no."""
    return spoken(_THE_WORD.sub("", bare(_quoted(answer))))


def phrase_places(said: str, check: Check) -> set[int]:
    """Find the places in the target's words at which a phrase stands, word for word."""
    phrase, words = spoken(said), spoken(transcript(check))
    width = len(phrase)
    starts = [at for at in range(len(words) - width + 1) if words[at : at + width] == phrase]
    return {place for at in starts for place in range(at, at + width)} if phrase else set()
