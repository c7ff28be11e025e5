"""Misused claims: true of the recording, but not of the span, source or order that they name.

A claim that is not supported as it stands is judged again by the same verifier with one thing of it
changed. Supported then, it is misused:

  span    of another stretch that the facts know, with which its own has no moment in common: as a
          whole where it names a stretch, or as of that stretch where it names none and is refuted.
          A set's item is known where its own time is.
  source  of another recording of the question, where it is refuted of its own; or, for words that
          a speaker says, of another speaker.
  order   with the things it names in another order (of `before`, `longer_than` and `louder_than`,
          turned round); or, for the first and the last sound, as a sound that is heard at all.

A number is never tried as of another sound: 3 is often 3 of something. A claim about a part of what
a fact is about is neither true nor false of it, and no misuse.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice, permutations
from typing import TYPE_CHECKING, Literal

from schemas import Span, property_named
from schemas.errors import UnknownProperty
from synth.spelling import label, parts
from synth.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas import Claim, GroundCheck, GroundTruth, Verdict

Misuse = Literal["", "span", "source", "order"]

_THEN = re.compile(r"\s*(?:,|;|->|→|\bthen\b|\bbefore\b|\bfollowed by\b)\s*", re.IGNORECASE)
_MOST_ORDERED = 4  # things, 24 orders: a longer list turned about is a list made up
_TURNED = frozenset(("before", "longer_than", "louder_than"))
_PLACED = frozenset(("first_event", "last_event"))


def misuse(claim: Claim, verdict: Verdict, truth: GroundTruth) -> Misuse:
    """Say in what a claim is misused, "" where it is not."""
    if verdict.judgement == "supported":
        return ""
    try:
        kind = property_named(claim.property).check
    except UnknownProperty:
        return ""
    refuted = verdict.judgement == "refuted"
    same = [one for one in truth.checks if one.property == claim.property]
    if any(_holds(other, truth) for other in _of_other_stretches(claim, same, refuted=refuted)):
        return "span"
    if any(_holds(other, truth) for other in _of_other_sources(claim, truth, refuted=refuted)):
        return "source"
    orders = _in_other_orders(claim, ordered=kind == "order") if refuted else ()
    return "order" if any(_holds(other, truth) for other in orders) else ""


def _holds(claim: Claim, truth: GroundTruth) -> bool:
    return verify((claim,), truth)[0].judgement == "supported"


def _of_other_stretches(claim: Claim, same: list[GroundCheck], *, refuted: bool) -> Iterator[Claim]:
    if claim.span is None and not refuted:
        return  # what is true of a part may be true of the whole
    known = [span for one in same if one.audio == claim.audio for span in _stretches(one, claim)]
    for span in dict.fromkeys(known):
        if claim.span is None or _apart(claim.span, span):
            yield replace(claim, span=span)


def _stretches(one: GroundCheck, claim: Claim) -> Iterator[Span]:
    """Give the stretch that a check is about; for a set of sounds, the times of those claimed."""
    if one.check is None:
        return
    if one.span is not None:
        yield one.span
    if one.check.kind != "set_match" or claim.span is None:
        return
    said = f" {label(claim.said)} "
    for item in one.check.target.items or ():
        if item.start_s is not None and item.end_s is not None and f" {label(item.label)} " in said:
            yield Span(start_s=item.start_s, end_s=item.end_s)


def _apart(one: Span, other: Span) -> bool:
    return one.end_s < other.start_s or other.end_s < one.start_s


def _of_other_sources(claim: Claim, truth: GroundTruth, *, refuted: bool) -> Iterator[Claim]:
    if refuted:
        for audio in sorted({one.audio for one in truth.checks} - {claim.audio}):
            yield replace(claim, audio=audio)
    if claim.property == "speaker_words":
        known = {one.subject for one in truth.checks if one.property == "speaker_words"}
        for subject in sorted(known - {claim.subject}):
            yield replace(claim, subject=subject)


def _in_other_orders(claim: Claim, *, ordered: bool) -> Iterator[Claim]:
    if claim.property in _TURNED and len(pair := parts(claim.subject)) == 2:
        yield replace(claim, subject=" / ".join(reversed(pair)))
    if claim.property in _PLACED:
        yield replace(claim, property="presence", subject=claim.said, said="yes")
    if ordered:
        named = [one for one in _THEN.split(claim.said) if one]
        if 2 <= len(named) <= _MOST_ORDERED:
            for turned in islice(permutations(named), 1, None):
                yield replace(claim, said=" then ".join(turned))
