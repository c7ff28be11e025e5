"""The language that is spoken, where words that two recognisers confirm vouch for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import Value
from synth.finding import plain
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synth.finding import Finding

# The one language in which a second family of recognisers is asked.
_LANGUAGE = Value(text="english")
_WORDS = threshold("spoken_language", "words")
_LETTERS = threshold("spoken_language", "letters")


def vouched_by_words(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Corroborate that English is spoken where English words are confirmed.

    The witnesses of the words are those of the language: one names it and writes its words, the
    other, knowing no other language, hears the same words at the same moments. In other languages
    it hears words that nobody else does. Where the language is told otherwise, nothing changes.
    """
    words = next(
        (
            one
            for one in found
            if one.property == "words" and one.tier == "corroborated" and not one.subject
        ),
        None,
    )
    told = [one for one in found if one.property == "language" and one.span is None]
    named = [one for one in told if one.tier == "single" and _is_english(one)]
    if words is None or not _vouches(words) or len(named) < len(told):
        return tuple(found)
    vouched = replace(
        words,
        property="language",
        value=_LANGUAGE,
        margin=None,
        observations=tuple(sorted({seen for one in (words, *named) for seen in one.observations})),
        note=f"vouched for by confirmed words: {words.note}",
    )
    return (*(one for one in found if one not in named), vouched)


def _is_english(one: Finding) -> bool:
    return one.value == _LANGUAGE


def _vouches(words: Finding) -> bool:
    items = (words.value.items if words.value else None) or ()
    lengths = [len(plain(item.label)) for item in items]
    return len(lengths) >= _WORDS and max(lengths) >= _LETTERS
