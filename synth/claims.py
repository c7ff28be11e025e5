"""What a completion claims of its recordings: in its tags, and in the text around them.

A tagged claim is what an <observe> says. An untagged one is found by rule in the text outside:
numbers with units, keys, quoted speech, counts, onsets, presence, absence and order of the labels
that the question's checks know. The finder prefers missing a claim to inventing one: what is
negated, supposed, hedged or weighed as an option is no claim. Standard library only.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

from schemas import Claim, identity
from synth.claim_rules import find
from synth.completion import ENTITY
from synth.lexicon import lexicon
from synth.spelling import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import GroundTruth
    from synth.completion import Completion, Observe, Piece

VERSION = "2"

_OF = re.compile(r"\s*(\w+)\s+of\s+(.+?)\s*", re.DOTALL)
_SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?![\"')\]]?(?:\s|$)))+[.!?]*[\"')\]]*", re.DOTALL)


class _Passage(NamedTuple):
    """Text as a reader sees it, with the place in the completion of each of its characters."""

    text: str
    places: Sequence[int]


def claims(completion: Completion, truth: GroundTruth, trajectory: str = "") -> tuple[Claim, ...]:
    """Find all claims, tagged first, each in the order of the text.

    Args:
        completion: as `synth.completion.parse` read it.
        truth: whose checks say which labels are known, and whose choices are options.
        trajectory: id of the trajectory, for the claims' ids.
    """
    found = [_tagged(observe) for observe in completion.observes]
    known = lexicon(truth)
    audio = 1  # prose names no recording; of several, only a tag can say which
    if len({check.audio for check in truth.checks}) <= 1:
        audio = next((check.audio for check in truth.checks), 1)
        for passage in _passages(completion):
            for sentence in _SENTENCE.finditer(passage.text):
                for one in find(sentence[0], known):
                    start, end = (sentence.start() + at for at in (one.start, one.end - 1))
                    found.append(
                        _Said(one.property, one.subject, one.said,
                              passage.places[start], passage.places[end] + 1)
                    )  # fmt: skip
    return tuple(
        Claim(
            id=identity("claim", trajectory, VERSION, number),
            trajectory=trajectory,
            property=one.property,
            subject=one.subject,
            audio=one.observe.audio if one.observe else audio,
            span=one.observe.span if one.observe else None,
            said=one.said,
            start=one.start,
            end=one.end,
            tagged=one.observe is not None,
        )
        for number, one in enumerate(found)
    )


class _Said(NamedTuple):
    property: str
    subject: str
    said: str
    start: int
    end: int
    observe: Observe | None = None


def _tagged(observe: Observe) -> _Said:
    """Read a tag; one whose attributes are malformed claims nothing that can be verified."""
    name, subject = observe.property.strip(), observe.of.strip()
    if not subject and (both := _OF.fullmatch(name)):
        name, subject = both[1], both[2]
    if not observe.readable:
        name = ""
    return _Said(name, subject, observe.said, observe.start, observe.end, observe)


def _passages(completion: Completion) -> Iterator[_Passage]:
    waiting: list[Piece] = []
    for piece in completion.prose:
        if waiting and not (piece.joined and piece.start >= waiting[-1].end):
            yield _read(completion.text, waiting)
            waiting = []
        waiting.append(piece)
    if waiting:
        yield _read(completion.text, waiting)


def _read(text: str, pieces: list[Piece]) -> _Passage:
    raw = text[pieces[0].start : pieces[0].end]
    if len(pieces) == 1 and raw.isascii() and "&" not in raw:
        return _Passage(raw, range(pieces[0].start, pieces[0].end))
    shown: list[str] = []
    places: list[int] = []
    for piece in pieces:
        for part, place in _characters(text, piece):
            shown.append(part)
            places.extend([place] * len(part))
    return _Passage("".join(shown), places)


def _characters(text: str, piece: Piece) -> Iterator[tuple[str, int]]:
    """Yield what each entity or letter shows, with its place; invisible ones show nothing."""
    at = piece.start
    while at < piece.end:
        entity = ENTITY.match(text, at, piece.end) if text[at] == "&" else None
        yield clean(html.unescape(entity[0]) if entity else text[at]), at
        at = entity.end() if entity else at + 1
