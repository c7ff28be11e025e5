"""The reward of one completion, by rules and measurements alone. Standard library only.

    reward(completion, ground_truth).total          # 0..1

Parts, each 0..1, weighed by the ground truth's own weights:
  format      the completion keeps the format: 1 or 0
  perception  how much of what it claims is true, by distinct claims
  omission    how much of what this question requires it observed (1: nothing is left out)
  answer      the answer is the gold choice: 1 or 0
  review      a right draft kept 1, a wrong one mended 0.5, a wrong one kept 0.25, a right one
              spoilt 0; so mending earns no more than being right at once

A completion without exactly one answer earns 0 in all. A part that the ground truth cannot judge
(no answer known, no checks, none required) is 0 and weighs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from synth.checks import choice_of
from synth.claims import claims
from synth.completion import parse
from synth.ground_truth import from_json
from synth.lists import coverage
from synth.spelling import normalise
from synth.verify import verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from schemas import Claim, GroundTruth, Verdict
    from synth.completion import Completion

UNVERIFIABLE_BUDGET = 2
"""Distinct claims that nothing verifies and that cost nothing; what is beyond dilutes precision.
Chosen: room for a guess or two of the kind that facts do not reach, none for a smoke screen."""
MENDED, STILL_WRONG = 0.5, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """What a completion earns, each part and the total 0..1."""

    format: float
    perception: float
    omission: float
    answer: float
    review: float
    total: float


NOTHING = Reward(format=0.0, perception=0.0, omission=0.0, answer=0.0, review=0.0, total=0.0)


def reward(completion: str, ground_truth: str) -> Reward:
    """Judge a completion by a question's ground truth.

    Args:
        completion: any text at all.
        ground_truth: as `synth.ground_truth.to_json` writes it.

    Raises:
        BadRecord: the ground truth cannot be read; no completion raises anything.
    """
    truth = _truth(ground_truth)
    read = parse(completion)
    if read.answer is None:
        return NOTHING
    found = claims(read, truth)
    verdicts = verify(found, truth)
    told = _told(found, verdicts, truth)
    parts = {
        "format": 0.0 if read.problems else 1.0,
        "perception": _perception(found, verdicts, truth, told),
        "omission": _omission(truth, told),
        "answer": 1.0 if _right(read.answer, truth) else 0.0,
        "review": _review(read, truth),
    }
    weights = _weights(truth)
    heaviest = sum(weights.values())
    total = sum(weights[name] * part for name, part in parts.items())
    return Reward(
        format=parts["format"],
        perception=parts["perception"],
        omission=parts["omission"],
        answer=parts["answer"],
        review=parts["review"],
        total=min(1.0, total / heaviest) if heaviest > 0 else 0.0,
    )


@lru_cache(maxsize=512)
def _truth(ground_truth: str) -> GroundTruth:
    return from_json(ground_truth)


def _weights(truth: GroundTruth) -> dict[str, float]:
    """Weigh the parts that this ground truth can judge, and only those."""
    weighs, required = truth.weights, any(check.need == "required" for check in truth.checks)
    return {
        "format": max(0.0, weighs.format),
        "perception": max(0.0, weighs.perception) if truth.checks else 0.0,
        "omission": max(0.0, weighs.omission) if required else 0.0,
        "answer": max(0.0, weighs.answer) if truth.answer is not None else 0.0,
        "review": max(0.0, weighs.review) if truth.answer is not None else 0.0,
    }


def _perception(
    found: Sequence[Claim],
    verdicts: Sequence[Verdict],
    truth: GroundTruth,
    told: Mapping[str, float],
) -> float:
    """Give the share of truth in what is claimed.

    A fact weighs 1 - its prior, however often it is told, and a list as much of that as is told
    of it; a refuted claim weighs 1, so that a lie about a trivial matter is no trivial lie. The
    whole is never less than the most telling required check: trivia alone earns little.
    """
    supported = sum(_worth(check.prior) * told[check.id] for check in truth.checks)
    refuted = _distinct(found, verdicts, "refuted")
    beyond = max(0, _distinct(found, verdicts, "unverifiable") - UNVERIFIABLE_BUDGET)
    required = [_worth(check.prior) for check in truth.checks if check.need == "required"]
    floor = max(required or [_worth(check.prior) for check in truth.checks], default=0.0)
    whole = max(supported + refuted + beyond, floor)
    return supported / whole if whole > 0 else 0.0


def _told(
    found: Sequence[Claim], verdicts: Sequence[Verdict], truth: GroundTruth
) -> dict[str, float]:
    """Give how much of each check supported claims tell, 0..1: lists may be told in part."""
    said: dict[str, list[str]] = {check.id: [] for check in truth.checks}
    for claim, verdict in zip(found, verdicts, strict=True):
        if verdict.judgement == "supported":
            said[verdict.check].append(
                claim.subject if claim.property == "presence" else claim.said
            )
    return {
        one.id: (coverage(tuple(dict.fromkeys(said[one.id])), one.check) if one.check else 1.0)
        if said[one.id]
        else 0.0
        for one in truth.checks
    }


def _distinct(found: Sequence[Claim], verdicts: Sequence[Verdict], judgement: str) -> int:
    """Count claims of one judgement, each only once however often it is told."""
    return len(
        {
            (claim.property, claim.subject, claim.audio, claim.span, normalise(claim.said))
            for claim, verdict in zip(found, verdicts, strict=True)
            if verdict.judgement == judgement
        }
    )


def _omission(truth: GroundTruth, told: Mapping[str, float]) -> float:
    """Give the share of what is required, by 1 - prior, that supported claims tell."""
    required = [check for check in truth.checks if check.need == "required"]
    whole = sum(_worth(check.prior) for check in required)
    return sum(_worth(one.prior) * told[one.id] for one in required) / whole if whole else 0.0


def _worth(prior: float) -> float:
    return min(1.0, max(0.0, 1.0 - prior))


def _right(answer: str, truth: GroundTruth) -> bool:
    if truth.answer is None:
        return False
    if not truth.choices:
        return normalise(answer) == normalise(truth.answer) != ""
    gold = choice_of(truth.answer, truth.choices)
    return gold is not None and choice_of(answer, truth.choices) == gold


def _review(read: Completion, truth: GroundTruth) -> float:
    if read.draft is None or read.review is None or truth.answer is None:
        return 0.0
    right_then, right_now = _right(read.draft, truth), _right(read.answer or "", truth)
    if right_then:
        return 1.0 if right_now else 0.0
    return MENDED if right_now else STILL_WRONG
