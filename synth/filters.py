"""Named filters: each a small function from a record to the reason to drop it, or None.

A filter's name is its function's name. The tables say which filters there are; filters look at
the record alone, so their order changes no outcome, only which reason is told first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from synth.checks import choice_of, judge
from synth.reward import UNVERIFIABLE_BUDGET
from synth.spelling import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemas import Claim, Question, Subquestion, Trajectory, Verdict
    from synth.completion import Completion

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A trajectory with all that its filters look at."""

    trajectory: Trajectory
    question: Question
    completion: Completion
    claims: Sequence[Claim]
    verdicts: Sequence[Verdict]
    """in the order of the claims"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """A sub-question with the question that it was asked for."""

    subquestion: Subquestion
    question: Question


# Trajectories ------------------------------------------------------------------------------------


def well_formed(judged: Judged) -> str | None:
    """Drop what breaks the completion format."""
    problems = judged.completion.problems
    return "; ".join(problems[:3]) if problems else None


def reaches_gold(judged: Judged) -> str | None:
    """Drop what does not end in the gold answer; a withheld one is reached by nobody."""
    question = judged.question
    if question.answer is None:
        return "the benchmark withholds the answer"
    said = judged.completion.answer
    if said is None:
        return "there is not exactly one answer"
    if not question.choices:
        right = normalise(said) == normalise(question.answer)
    else:
        gold = choice_of(question.answer, question.choices)
        right = gold is not None and choice_of(said, question.choices) == gold
    return None if right else f"it answers {said[:80]!r}"


def nothing_refuted(judged: Judged) -> str | None:
    """Drop what claims anything, tagged or not, that a fact refutes."""
    return _first(judged, "refuted")


def nothing_made_up(judged: Judged) -> str | None:
    """Drop what claims what no fact knows.

    The teacher was given the facts, so a tag that rests on none is made up. Prose is read by rule,
    and such a rule may misread, so it may hold as many as the reward forgives.
    """
    loose = [
        claim
        for claim, verdict in zip(judged.claims, judged.verdicts, strict=True)
        if verdict.judgement == "unverifiable" and not claim.tagged
    ]
    if len(loose) > UNVERIFIABLE_BUDGET:
        said = ", ".join(repr(claim.said[:40]) for claim in loose[:3])
        return f"{len(loose)} claims in its prose rest on no fact: {said}"
    return _first(judged, "unverifiable", tagged_only=True)


def draws_on_perception(judged: Judged) -> str | None:
    """Drop reasoning of which no step uses an observation."""
    known = {observe.id for observe in judged.completion.observes}
    if any(known.intersection(step.uses) for step in judged.completion.steps):
        return None
    return "no step uses an observation"


def _first(judged: Judged, judgement: str, *, tagged_only: bool = False) -> str | None:
    for claim, verdict in zip(judged.claims, judged.verdicts, strict=True):
        if verdict.judgement == judgement and (claim.tagged or not tagged_only):
            of = f" of {claim.subject}" if claim.subject else ""
            return f"{claim.property}{of} {claim.said[:60]!r}: {verdict.reason}"
    return None


# Sub-questions -----------------------------------------------------------------------------------


def not_a_copy(posed: Posed) -> str | None:
    """Drop a sub-question that is the question itself."""
    same = normalise(posed.subquestion.text).strip("?") == normalise(posed.question.text).strip("?")
    return "it is the question itself" if same else None


def one_right_choice(posed: Posed) -> str | None:
    """Drop a sub-question whose own check does not pass its answer and refuse its distractors."""
    asked = posed.subquestion
    if judge(asked.answer, asked.check) is not True:
        return f"its check does not pass its own answer {asked.answer[:60]!r}"
    passing = [one for one in asked.distractors if judge(one, asked.check) is not False]
    if passing:
        return f"its distractor {passing[0][:60]!r} is not plainly wrong"
    said = Counter(normalise(choice) for choice in asked.choices)
    if said != Counter(normalise(one) for one in (asked.answer, *asked.distractors)):
        return "its choices are not its answer and its distractors"
    twice = [choice for choice, times in said.items() if times > 1]
    return f"its choice {twice[0][:60]!r} stands twice" if twice else None


TRAJECTORY_FILTERS: tuple[Callable[[Judged], str | None], ...] = (
    well_formed,
    reaches_gold,
    nothing_refuted,
    nothing_made_up,
    draws_on_perception,
)
SUBQUESTION_FILTERS: tuple[Callable[[Posed], str | None], ...] = (not_a_copy, one_right_choice)


def first_reason(
    record: Record, filters: Sequence[Callable[[Record], str | None]]
) -> tuple[str, str] | None:
    """Give the name of the first filter that drops a record, with its reason; None: it is kept."""
    for one in filters:
        reason = one(record)
        if reason is not None:
            return one.__name__, reason
    return None
