"""What a run was, what it dropped, and the rows that leave the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.perception import Subquestion
from schemas.reasoning import Trajectory
from schemas.sources import Question

PairSource = Literal["counterfactual", "sibling"]
Contrast = Literal[
    "omitted", "false_identity", "temporal_relation", "quantity", "wrong_answer", "refuted_claim"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Which filter dropped which record, and why."""

    id: str
    run: str
    stage: str
    """the verb that dropped it: read, observe, decompose, reason, verify, contrast, filter"""
    kind: str
    """the noun that was dropped: question, recording, subquestion, trajectory, hard_negative"""
    record: str
    """id of the dropped record, or its source id where it never got one"""
    question: str
    """id of the question that it belongs to, "" where it belongs to none"""
    filter: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter that was applied, whether it dropped anything or not."""

    stage: str
    kind: str
    """the noun that it looks at"""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What the filters leave out of a run's whole: a later one supersedes it, none is edited.

    What a run made is never taken back, so that other filters are chosen without a teacher.
    """

    id: str
    run: str
    filters: tuple[Filter, ...]
    """all that the run's records went through, those of earlier stages too"""
    dropped: tuple[str, ...]
    """ids of the Rejections that stand"""
    version: str
    """of the filters and their thresholds"""
    selected_at: str
    """ISO 8601 in UTC"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardNegative:
    """A completion that is worse than a kept trajectory in a known way: what a pair rejects.

    A counterfactual is that trajectory with one supported claim made false or left out; a sibling
    is another rollout of the same question, which the filters dropped.
    """

    id: str
    run: str
    question: str
    trajectory: str
    """id of the kept one, which a preference pair chooses"""
    source: PairSource
    kind: Contrast
    claim: str
    """id of the chosen trajectory's claim that was changed, "" for a sibling"""
    property: str
    """what the false or missing claim is of, "" for a wrong answer"""
    said: str
    """what it says falsely, "" where it leaves something out"""
    completion: str
    check: str
    """id of the ground check that refutes it or is no longer told, "" for a wrong answer"""
    reason: str
    chosen_reward: float
    rejected_reward: float
    """lower than `chosen_reward`, always"""
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptHash:
    """A prompt file's name and the sha256 of its text."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was run: the same configuration is the same run, however often it is taken up."""

    id: str
    code_version: str
    benchmark: str
    release: str
    config: str
    """the parameters that matter as JSON"""
    teacher: str
    model: str
    revision: str
    prompts: tuple[PromptHash, ...]
    seed: int
    started_at: str
    """first start, ISO 8601 in UTC"""
    instruments: tuple[str, ...] | None = None
    """the extractors that looked, each with its version; None: not recorded, before 0.2"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRow:
    """One question with all that a trainer needs of it; what exporters read."""

    question: Question
    subquestions: tuple[Subquestion, ...]
    trajectories: tuple[Trajectory, ...]
    """the kept ones"""
    ground_truth: str
    """GroundTruth as JSON"""
    attribution: tuple[str, ...] = ()
    negatives: tuple[HardNegative, ...] = ()
    """of the kept trajectories"""
