"""What an evaluation speaks of: one response as judged, and what a set of them comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from synth.decay import Curve
    from synth.evaluation import Heard
    from synth.resampling import Estimate
    from synth.reward import Score

Reading = Literal["as written", "tags off"]

TRIVIAL_PRIOR = 0.5
"""A check is trivial from this prior on: there a constant guess is right as often as not. Ours."""
SAME_REWARD = 1e-9
"""Variance up to which a group's rewards are the same: rounding alone. A group without variance
has no advantage to learn from (GRPO); DAPO samples it anew (arXiv 2503.14476)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One response, evaluated."""

    place: str
    question: str
    """what its rollouts share: the question's id, or its source id where no home knows it"""
    source_id: str
    benchmark: str
    rollout: int
    task: str
    skill: str
    difficulty: str
    form: str
    key: str
    predicted: bool
    """False: the row has no prediction; the official script skips it"""
    answer: str | None
    """the text that is held against the choices; None: no prediction, or no answer in it"""
    gold: str | None
    official: bool | None
    """None where the official script skips the row, or the answer is withheld"""
    ours: bool | None
    """None where the answer is withheld; no prediction is wrong"""
    chosen: str | None
    """the choice that ours takes the answer for"""
    written: Heard | None = None
    """None where no facts are known of the question, or nothing was answered"""
    plain: Heard | None = None
    tagged: bool = False
    score: Score | None = None
    """the reward and its parts; of our own form alone"""
    checks: int = 0
    """of the question, context included"""
    nontrivial: int = 0
    required: int = 0
    nontrivial_required: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How often answers are right, in one group of responses, by two rules."""

    by: str
    """"all", "benchmark", "task", "skill" or "difficulty" """
    group: str
    official: Estimate
    ours: Estimate
    skipped: int
    """responses that the official script leaves out"""
    differ: int
    """responses that one rule calls right and the other wrong"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perception:
    """CAFE's counts and rates of one reading of the responses."""

    reading: Reading
    responses: int
    matched: int
    misused: int
    misused_by: dict[str, int]
    hallucinated: int
    neutral: int
    required: int
    missed: int
    rates: dict[str, Estimate]
    """`RATES`, in its order"""


RATES = {
    "precision": "matched / (matched + hallucinated + misused)",
    "recall": "required checks that are told / required checks",
    "Acc_per": "matched / all claims",
    "Err_per": "hallucinated / all claims",
    "Err_use": "misused / all claims",
    "unverifiable": "neutral / all claims",
    "Err_omit": "missed / required checks",
}
"""Each rate, and of what; CAFE's names where it has one (arXiv 2603.02266)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay:
    """The decay curves of one reading."""

    reading: Reading
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """How much a set of rollouts can teach a policy."""

    questions: int
    """with facts"""
    required: Estimate
    """required checks a question"""
    nontrivial_required: Estimate
    """those of them whose prior is under `TRIVIAL_PRIOR`"""
    checks: Estimate
    """all checks a question, context included"""
    nontrivial: Estimate
    without_nontrivial: int
    """questions without a non-trivial required check"""
    groups: int
    """questions with two rollouts or more"""
    reward: Estimate
    """mean of all rewards"""
    variance: float | None
    """mean over groups of the rewards' variance within"""
    flat: Estimate
    """share of groups whose rewards are all the same"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that an evaluation says."""

    responses: int
    questions: int
    unpredicted: int
    """no prediction at all: skipped by the official script, wrong by ours"""
    unanswered: int
    """a completion without exactly one answer: wrong"""
    withheld: int
    """the benchmark withholds the answer: in no accuracy"""
    without_facts: int
    """no home knows facts of the question: its claims cannot be judged"""
    accuracy: tuple[Accuracy, ...]
    perception: tuple[Perception, ...]
    decay: tuple[Decay, ...]
    teaching: Teaching
