"""Perception sub-questions and the checks that their answers are held to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from schemas.evidence import CheckKind, Span, Tier, Value

Need = Literal["required", "context"]

GROUND_TRUTH_VERSION = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How an answer is judged: what is right, in which spellings, how far off is still right."""

    kind: CheckKind
    target: Value
    accepted: tuple[str, ...]
    """spellings that count as the target; empty for numbers"""
    unit: str
    tolerance: float
    relative: bool
    zero_at: float | None
    """error at which the grade reaches zero: that of the nearest distractor, or of the best guess
    without listening where that is nearer. A share of the target where `relative` (its log-ratio
    counts), else in `unit`; of keys 1 - MIREX's score; of stretches 1 - IoU; of sets and moments
    1 - F1; of orders the discordant share of pairs; of words their error rate. None: no wrong
    answer is near, and the whole range counts, less what a guess earns."""
    source: str
    """where the tolerance comes from"""
    undecided: tuple[float, ...] = ()
    """numbers that the witnesses cannot tell from the target: neither right nor wrong"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subquestion:
    """One perception sub-question: asked by the teacher, answered by a fact."""

    id: str
    question: str
    position: int
    """place in listening order, from 0"""
    text: str
    property: str
    subject: str
    recording: str
    span: Span | None
    fact: str
    check: Check
    answer: str
    """the target as a listener would write it, e.g. "120 bpm" """
    distractors: tuple[str, ...]
    choices: tuple[str, ...]
    """answer and distractors, shuffled"""
    prior: float
    """chance of the best constant guess over this property's domain, 0..1"""
    tier: Tier
    need: Need
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundCheck:
    """A check as a trainer's ground truth carries it."""

    id: str
    property: str
    subject: str
    audio: int
    """which recording of the question, from 1"""
    recording: str
    span: Span | None
    exclusive: bool
    prior: float
    need: Need
    state: Literal["known", "absent", "not_applicable"]
    check: Check | None
    """None where the state is absent or not_applicable: any claim of it is refuted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each part of the reward weighs, by the part's name in `synth.reward.Score`.

    They are normalised to sum to 1. Ours, chosen: half for the answer and the way to it, as plain
    accuracy carries most of the published gain (MPAR2: 6.9 of 8.7 points on MMAU), and half for
    what is heard. `untagged` and `length` weigh nothing unless the user sets them: what they tell
    costs in `perception` already.
    """

    format: float = 0.1
    answer: float = 0.4
    perception: float = 0.2
    perception_graded: float = 0.1
    omission: float = 0.1
    review: float = 0.1
    untagged: float = 0.0
    length: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot weigh."""
        if not all(0.0 <= getattr(self, name) < math.inf for name in self.__slots__):
            message = f"a weight is a finite number from 0, not {self!r}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundTruth:
    """All that a reward needs to judge one completion, as one JSON string in an export."""

    version: str
    answer: str | None
    choices: tuple[str, ...]
    weights: Weights
    checks: tuple[GroundCheck, ...]
