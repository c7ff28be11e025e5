"""What one response claims and how true that is: CAFE's five kinds, from the verdicts of claims.

A response is read twice: as it is written, and without its tags, as plain prose in which the claim
finder must find what it can. In the counts each distinct claim counts once, and two that
contradict each other are both refuted. In the decay curve each telling counts where it stands, and
is judged by the facts alone: a late lie must not make the early truth that it contradicts false.

  matched       supported
  misused       true of the recording, but not of the span, source or order (`synth.misuse`)
  hallucinated  refuted, and not misused
  neutral       unverifiable, and not misused
  missed        a required check of the question that no supported claim tells
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from synth import claims as claiming
from synth.completion import parse
from synth.misuse import misuse
from synth.plain_prose import without_tags
from synth.spelling import normalise
from synth.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Claim, GroundTruth, Judgement, Verdict
    from synth.misuse import Misuse

Kind = Literal["matched", "misused", "hallucinated", "neutral"]
KINDS: tuple[Kind, ...] = ("matched", "misused", "hallucinated", "neutral")
Source = Literal["tag", "finder", "extractor"]

_KINDS: dict[Judgement, Kind] = {
    "supported": "matched", "refuted": "hallucinated", "unverifiable": "neutral",
}  # fmt: skip
PERCEPTION, REVIEW = 0, -1
"""steps of what stands before the first step and after the last; steps count from 1"""

_OPENING = re.compile(r"<(perception|reasoning|step|draft|review|answer)\b[^<>]*>")
_LINE = re.compile(r"\n\s*(?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One claim of a response, how it was judged, and where it stands."""

    claim: Claim
    verdict: Verdict
    kind: Kind
    """by the facts and by what else the text claims"""
    alone: Kind
    """by the facts alone"""
    misused: Misuse
    source: Source
    first: bool
    """False: the text has said so before"""
    position: float
    """place in the reasoning, 0..1, in characters of what comes before the answer"""
    step: int
    """`PERCEPTION`, a step from 1, or `REVIEW`; of text without tags, its lines from 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one reading of a response tells of its recordings."""

    told: tuple[Told, ...]
    required: int
    missed: int
    words: int
    """how long the text is that was read"""


def hear(
    text: str, truth: GroundTruth, extracted: Sequence[Claim] = (), first_line: int = 1
) -> Heard:
    """Find, judge and place the claims of a text.

    Args:
        text: a completion, or any prose.
        truth: of the question, for this response.
        extracted: claims that an extractor copied out of this very text; those that the finder
            found at the same place are not told twice.
        first_line: the step that the first line of a text without tags stands for.
    """
    read = parse(text)
    found = claiming.claims(read, truth)
    sources: list[Source] = ["tag" if one.tagged else "finder" for one in found]
    more = [one for one in extracted if not any(_same_telling(one, other) for other in found)]
    claims = (*found, *more)
    sources += ["extractor"] * len(more)
    verdicts = verify(claims, truth)
    judged = _judged_alone(claims, truth)
    layout = _Layout(_reasoning_end(text), *_steps(text, first_line))
    told = tuple(
        _told(
            claims[at], verdicts[at], judged[_content(claims[at])], sources[at], layout, first=first
        )
        for at, first in _in_order(claims)
    )
    required = {one.id for one in truth.checks if one.need == "required"}
    supported = {one.verdict.check for one in told if one.kind == "matched"}
    return Heard(
        told=told,
        required=len(required),
        missed=len(required - supported),
        words=len(text.split()),
    )


def hear_plain(text: str, truth: GroundTruth) -> Heard | None:
    """Find, judge and place the claims of a completion without its tags; None where it has none."""
    observed = parse(text).observes
    if not observed:
        return None
    perceived = any(one.section == "perception" for one in observed)
    return hear(without_tags(text), truth, (), PERCEPTION if perceived else 1)


class _Layout(NamedTuple):
    """How a text is laid out."""

    end: int
    """where the reasoning ends"""
    starts: list[int]
    """where another step begins, in order"""
    steps: list[int]
    """which step begins there"""


class _Alone(NamedTuple):
    """How a claim is judged by the facts alone."""

    kind: Kind
    misused: Misuse


def _judged_alone(claims: Sequence[Claim], truth: GroundTruth) -> dict[tuple[object, ...], _Alone]:
    """Judge each distinct claim as if the text claimed nothing else."""
    judged: dict[tuple[object, ...], _Alone] = {}
    for one in claims:
        if _content(one) not in judged:
            verdict = verify((one,), truth)[0]
            misused = misuse(one, verdict, truth)
            kind = "misused" if misused else _KINDS[verdict.judgement]
            judged[_content(one)] = _Alone(kind, misused)
    return judged


def _content(one: Claim) -> tuple[object, ...]:
    """Give what a claim says, wherever it says it."""
    return one.property, one.subject, one.audio, one.span, one.said, one.tagged


def _told(
    claim: Claim, verdict: Verdict, alone: _Alone, source: Source, layout: _Layout, *, first: bool
) -> Told:
    at = bisect_right(layout.starts, claim.start) - 1
    return Told(
        claim=claim,
        verdict=verdict,
        kind="misused" if alone.misused else _KINDS[verdict.judgement],
        alone=alone.kind,
        misused=alone.misused,
        source=source,
        first=first,
        position=min(1.0, claim.start / layout.end) if layout.end else 0.0,
        step=layout.steps[at],
    )


def _in_order(claims: Sequence[Claim]) -> Iterator[tuple[int, bool]]:
    """Give the places of claims in the order of the text, and whether each is told first there."""
    seen: set[tuple[object, ...]] = set()
    for at in sorted(range(len(claims)), key=lambda at: (claims[at].start, at)):
        one = claims[at]
        content = (one.property, one.subject, one.audio, one.span, normalise(one.said))
        yield at, content not in seen
        seen.add(content)


def _same_telling(one: Claim, other: Claim) -> bool:
    """Say whether two claims of one property were read from the same words."""
    overlap = one.start < other.end and other.start < one.end
    return overlap and one.property == other.property and one.audio == other.audio


def _reasoning_end(text: str) -> int:
    """Find where the reasoning ends: at the answer, or with the text."""
    answer = text.rfind("<answer")
    return answer if answer > 0 else len(text)


def _steps(text: str, first_line: int) -> tuple[list[int], list[int]]:
    """Tell where each step begins, and which it is: by the tags, or, without any, by the lines."""
    opened = list(_OPENING.finditer(text))
    if not opened:
        starts = [0, *(found.end() for found in _LINE.finditer(text))]
        return starts, list(range(first_line, first_line + len(starts)))
    starts, steps = [0], [PERCEPTION]
    for found in opened:
        after = steps[-1] if steps[-1] == REVIEW else steps[-1] + (found[1] == "step")
        starts.append(found.end())
        steps.append(REVIEW if found[1] == "review" else after)
    return starts, steps
