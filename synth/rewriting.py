"""Small changes to the text of a completion: put, cut out, cite no more. Standard library only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from synth.completion import Completion

_CITED = re.compile(r"( ?)((?:\[o\d{1,4}(?:\s*,\s*o\d{1,4})*\])+)")
_CITATION = re.compile(r"o\d{1,4}")
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?=\S)[^.!?\n]*)*[.!?]*(?:\s*\[o\d[^\]]*\])*\s*")


def as_written(wrong: str, there: str) -> str:
    """Begin a sentence as it began."""
    return wrong[:1].upper() + wrong[1:] if there[:1].isupper() and wrong[:1].islower() else wrong


def put(text: str, spots: Collection[tuple[int, int, str]]) -> str:
    """Put other text into places; of two that overlap the longer counts."""
    taken: list[tuple[int, int, str]] = []
    for start, end, new in sorted(spots, key=lambda one: (one[0] - one[1], one[0])):
        if all(end <= before or after <= start for before, after, _ in taken):
            taken.append((start, end, new))
    for start, end, new in sorted(taken, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def sentence(completion: Completion, place: int) -> tuple[int, int]:
    """Find the sentence of the prose that a place lies in, its citations included."""
    piece = next(one for one in completion.prose if one.start <= place < one.end)
    found = _SENTENCE.finditer(completion.text, piece.start, piece.end)
    return next(one.span() for one in found if one.start() <= place < one.end())


def resting_on(completion: Completion, name: str) -> list[int]:
    """Find the places of the prose that cite an observation and no other."""
    return [
        found.start()
        for piece in completion.prose
        for found in _CITED.finditer(completion.text, piece.start, piece.end)
        if set(_CITATION.findall(found[2])) == {name}
    ]


def without_citations(text: str, name: str) -> str:
    """Take an observation out of the citations of a text; what cites it alone is gone."""
    return _CITED.sub(lambda cited: _cited_without(cited, name), text)


def _cited_without(cited: re.Match[str], name: str) -> str:
    left = [one for one in _CITATION.findall(cited[2]) if one != name]
    return cited[1] + "".join(f"[{one}]" for one in left) if left else ""
