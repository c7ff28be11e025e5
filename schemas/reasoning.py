"""What a text says of a recording, and how that was judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.evidence import Span

Judgement = Literal["supported", "refuted", "unverifiable"]
Sufficiency = Literal["sufficient", "insufficient", "undecided"]
Dependence = Literal["strong", "weak", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that a text says of a recording."""

    id: str
    trajectory: str
    property: str
    subject: str
    audio: int
    """which recording of the question, from 1"""
    span: Span | None
    said: str
    """the claimed value, as written"""
    start: int
    """where in the completion it stands, in characters"""
    end: int
    tagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one claim was judged; append-only, with the judge's version."""

    id: str
    claim: str
    judgement: Judgement
    check: str
    """id of the ground check that decided, "" where none did"""
    reason: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of reasoning: its sentence and the observations that it uses ("o1", "o2")."""

    text: str
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One bare answer of the teacher: with facts, without, or with corrupted ones."""

    facts: Literal["given", "withheld", "corrupted"]
    order: int
    """which shuffle of the choices"""
    answer: str
    """text of the choice; "" where the reply was unusable"""
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """Perception, reasoning steps, draft, review, answer: one rollout of the teacher."""

    id: str
    question: str
    run: str
    rollout: int
    subquestions: tuple[str, ...]
    """ids of the sub-questions whose facts stand in its perception, as o1, o2, ..."""
    steps: tuple[Step, ...]
    draft: str
    review: str
    answer: str
    completion: str
    """the whole in the completion format"""
    teacher: str
    sampling: str
    """the sampling parameters as JSON"""
    probes: tuple[Probe, ...]
    sufficiency: Sufficiency
    audio_dependence: Dependence
    kept: bool
