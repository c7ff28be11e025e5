"""What a run was, what it dropped, and the rows that leave the house."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.perception import Subquestion
from schemas.reasoning import Trajectory
from schemas.sources import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Which filter dropped which record, and why."""

    id: str
    run: str
    stage: str
    """the verb that dropped it: read, observe, decompose, reason, verify"""
    kind: str
    """the noun that was dropped: question, recording, subquestion, trajectory, reply"""
    record: str
    """id of the dropped record, or its source id where it never got one"""
    question: str
    """id of the question that it belongs to, "" where it belongs to none"""
    filter: str
    reason: str


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
