"""Named filters: each a small function from a record to the reason to drop it, or None.

A filter's name is its function's name. The tables say which filters there are; filters look at
the record alone, and all are asked, so their order changes nothing. Those of a whole question
are in `synth.question_filters`; what can only be seen of the set, in `synth.set_filters`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from synth.answers import YES_OR_NO
from synth.checks import choice_of, judge
from synth.phrasing import copies, names_answer
from synth.reward import UNVERIFIABLE_BUDGET
from synth.spelling import label, normalise
from synth.truth import is_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemas import Claim, Fact, Question, Subquestion, Trajectory, Verdict
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
    contested: Sequence[tuple[int, Fact]] = ()
    """what the witnesses disagree on, each with the number of its recording, from 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """A sub-question with the question that it was asked for, and the fact that answers it."""

    subquestion: Subquestion
    question: Question
    fact: Fact | None = None
    before: Sequence[Subquestion] = ()
    """the question's others that are heard before it"""


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


def nothing_contested(judged: Judged) -> str | None:
    """Drop what claims, be it in passing, what the witnesses disagree on: nobody can verify it."""
    disputed = {(at, one.property, label(one.subject)): one for at, one in judged.contested}
    for claim, verdict in zip(judged.claims, judged.verdicts, strict=True):
        fact = disputed.get((claim.audio, claim.property, label(claim.subject)))
        if fact is not None and verdict.judgement == "unverifiable":
            of = f" of {claim.subject}" if claim.subject else ""
            return f"{claim.property}{of} {claim.said[:60]!r}: {_disputed(fact)}"
    return None


def _disputed(fact: Fact) -> str:
    return f"contested: {fact.note}" if fact.note else "its witnesses disagree"


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


def not_near_another(posed: Posed) -> str | None:
    """Drop a sub-question in nearly the words of another one about another stretch.

    Which of the two is asked could not be told; bind drops what asks for the same fact.
    """
    asked = posed.subquestion
    for one in posed.before:
        same = (one.recording, one.property, one.subject) == (
            asked.recording, asked.property, asked.subject)  # fmt: skip
        if same and copies(asked.text, one.text):
            return f"it asks in nearly the words of {one.text[:60]!r}"
    return None


def rests_on_truth(posed: Posed) -> str | None:
    """Drop a sub-question whose fact is no truth: contested, or told by too few witnesses."""
    fact = posed.fact
    if fact is None or is_truth(fact):
        return None
    if fact.tier == "contested":
        return _disputed(fact)
    return f"a fact of the tier {fact.tier!r} is no truth for {fact.property}"


def keeps_its_answer(posed: Posed) -> str | None:
    """Drop a sub-question that names its own answer; naming a wrong one as well leads to none."""
    asked = posed.subquestion
    if asked.property in YES_OR_NO:
        return None  # "is it heard at all?" has to name what "yes" says
    named = names_answer(asked.text, asked.choices, asked.subject)
    return f"it names its own answer {named[:60]!r}" if named == asked.answer else None


def keeps_final_answer(posed: Posed) -> str | None:
    """Drop a sub-question that names the answer of its question, which does not name it itself."""
    question, asked = posed.question, posed.subquestion
    if question.answer is None:
        return None
    named = names_answer(asked.text, question.choices, f"{asked.subject} {question.text}")
    return f"it names the final answer {named[:60]!r}" if named == question.answer else None


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
    nothing_contested,
    draws_on_perception,
)
SUBQUESTION_FILTERS: tuple[Callable[[Posed], str | None], ...] = (
    not_a_copy,
    not_near_another,
    rests_on_truth,
    keeps_its_answer,
    keeps_final_answer,
    one_right_choice,
)


def reasons(
    record: Record, filters: Sequence[Callable[[Record], str | None]]
) -> tuple[tuple[str, str], ...]:
    """Give each filter that drops a record, with its reason; none: it is kept.

    All of them, so that what is counted does not hang on the order of the filters.
    """
    told = ((one.__name__, one(record)) for one in filters)
    return tuple((name, reason) for name, reason in told if reason is not None)
