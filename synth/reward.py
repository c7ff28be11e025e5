"""The reward of one completion, by rules and measurements alone. Standard library only.

    score(completion, ground_truth).total          # 0..1
    score(completion, ground_truth)._asdict()      # the total and its parts, flat

Parts, each 0..1, weighed by the ground truth's own weights or the caller's:
  format             the completion keeps the format: 1 or 0
  answer             the answer is the gold choice: 1 or 0
  perception         how much of what it claims is true, by distinct claims
  perception_graded  the same, with what is refuted credited for how near it comes
  omission           how much of what this question requires it observed (1: nothing is left out)
  review             a right draft kept 1, a wrong one mended 0.5, a wrong one kept 0.25, a right
                     one spoilt 0; so mending earns no more than being right at once
  untagged           how much of what its prose claims is not refuted (1 where it claims nothing)
  length             1 up to `LONG` characters, falling to 0 at twice as many

A completion without exactly one answer earns 0 in all. A part that the ground truth cannot judge
(no answer known, no checks, none required) is 0 and weighs nothing.

No completion raises anything. A ground truth that cannot be read does (BadRecord): a trainer that
went on with it would learn from nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from synth.claims import found
from synth.completion import parse
from synth.rollouts import case_of, read
from synth.verify import rulings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Judgement, Weights
    from synth.rollouts import Case, Rollout
    from synth.rulings import Ruling

UNVERIFIABLE_BUDGET = 2
"""Distinct claims that nothing verifies and that cost nothing; what is beyond dilutes precision.
Chosen: room for a guess or two of the kind that facts do not reach, none for a smoke screen."""
MENDED, STILL_WRONG = 0.5, 0.25
LONG = 6000
"""Characters. Chosen: some 1,500 tokens, twice what our longest kept trajectory takes."""


class Score(NamedTuple):
    """What a completion earns: the total and its parts, each 0..1."""

    total: float
    format: float
    answer: float
    perception: float
    perception_graded: float
    omission: float
    review: float
    untagged: float
    length: float


NOTHING = Score(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class ClaimSpan(NamedTuple):
    """Where in a completion a claim stands, in characters, and what the facts say of it."""

    start: int
    end: int
    judgement: Judgement
    property: str
    tagged: bool


def score(completion: str, ground_truth: str, weights: Weights | None = None) -> Score:
    """Judge a completion by a question's ground truth.

    Args:
        completion: any text at all.
        ground_truth: as `synth.ground_truth.to_json` writes it.
        weights: what the parts weigh; the ground truth's own if none are given.

    Raises:
        BadRecord: the ground truth cannot be read.
    """
    case = case_of(ground_truth)
    rollout = read(completion, case)
    if rollout.answer is None:
        return NOTHING
    judged = _judged(rollout.ruled, case)
    perception, graded = _perception(judged, case)
    parts = (
        1.0 if rollout.keeps_format else 0.0,
        1.0 if case.right(rollout.answer) else 0.0,
        perception,
        graded,
        _omission(judged, case),
        _review(rollout, case),
        judged.untagged,
        min(1.0, max(0.0, 2.0 - len(completion) / LONG)),
    )
    shares = _shares(ground_truth, weights)
    total = sum([share * part for share, part in zip(shares, parts, strict=True)])
    return Score(min(1.0, total), *parts)


def claim_spans(completion: str, ground_truth: str) -> list[ClaimSpan]:
    """Give each claim's place and verdict, in the order of the text, for credit by token.

    Raises:
        BadRecord: the ground truth cannot be read.
    """
    case = case_of(ground_truth)
    claims = found(parse(completion), case.world.known)
    spans = [
        ClaimSpan(claim.start, claim.end, ruling.judgement, claim.property, claim.tagged)
        for claim, ruling in zip(claims, rulings(claims, case.world), strict=True)
    ]
    return sorted(spans, key=lambda one: (one.start, one.end))


@lru_cache(maxsize=1024)
def _shares(ground_truth: str, weights: Weights | None) -> tuple[float, ...]:
    """Give what each part weighs of the whole, in Score's order, if this truth can judge it."""
    truth = case_of(ground_truth).truth
    heard = bool(truth.checks)
    judged = {
        "format": True,
        "answer": truth.answer is not None,
        "perception": heard,
        "perception_graded": heard,
        "omission": any(check.need == "required" for check in truth.checks),
        "review": truth.answer is not None,
        "untagged": heard,
        "length": True,
    }
    weighed = [
        getattr(weights or truth.weights, name) if known else 0.0 for name, known in judged.items()
    ]
    whole = sum(weighed)
    return tuple(one / whole if whole > 0 else 0.0 for one in weighed)


# The parts ----------------------------------------------------------------------------------------


class _Judged(NamedTuple):
    """A completion's claims, each only once however often it is told."""

    told: dict[str, float]
    """how much of each check, by its id, supported claims tell: of a list it may be a part"""
    refuted: dict[int, float]
    """what is wrong, with how much it is worth for how near it comes"""
    unverifiable: set[int]
    untagged: float


def _judged(ruled: Sequence[Ruling], case: Case) -> _Judged:
    told: dict[str, float] = {}
    lists: dict[str, list[str]] = {}
    refuted: dict[int, float] = {}
    unverifiable: set[int] = set()
    prose = wrong_prose = 0
    for ruling in ruled:
        judgement, check = ruling.judgement, ruling.check
        if judgement == "supported":
            if check in case.lists and ruling.tells is not None:
                lists.setdefault(check, []).append(ruling.tells)
            elif ruling.tells is not None:
                told[check] = 1.0
        elif judgement == "refuted":
            refuted[ruling.content] = ruling.grade * case.worth.get(check, 0.0)
        else:
            unverifiable.add(ruling.content)
        if not ruling.tagged:
            prose += 1
            wrong_prose += judgement == "refuted"
    for check, answers in lists.items():
        told[check] = case.coverage(check, answers)
    untagged = 1.0 - wrong_prose / prose if prose else 1.0
    return _new(_Judged, (told, refuted, unverifiable, untagged))


_new = tuple.__new__  # half the time of _Judged(...)


def _perception(judged: _Judged, case: Case) -> tuple[float, float]:
    """Give the share of truth in what is claimed, and the same with credit for what comes near.

    A fact weighs 1 - its prior, however often it is told, and a list as much of that as is told
    of it; a refuted claim weighs 1, so that a lie about a trivial matter is no trivial lie. The
    whole is never less than the most telling required check: trivia alone earns little.
    """
    supported = sum([case.worth[name] * share for name, share in judged.told.items()])
    beyond = max(0, len(judged.unverifiable) - UNVERIFIABLE_BUDGET)
    whole = max(supported + len(judged.refuted) + beyond, case.floor)
    if whole <= 0:
        return 0.0, 0.0
    return supported / whole, (supported + sum(judged.refuted.values())) / whole


def _omission(judged: _Judged, case: Case) -> float:
    """Give the share of what is required, by 1 - prior, that supported claims tell."""
    told = judged.told
    heard = sum([worth * told.get(name, 0.0) for name, worth in case.required.items()])
    return heard / case.needed if case.needed else 0.0


def _review(rollout: Rollout, case: Case) -> float:
    if rollout.draft is None or rollout.review is None or case.truth.answer is None:
        return 0.0
    right_now = case.right(rollout.answer or "")
    if case.right(rollout.draft):
        return 1.0 if right_now else 0.0
    return MENDED if right_now else STILL_WRONG
