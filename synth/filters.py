"""Named filters: each a small function from a record to the reason to drop it, or None.

A filter's name is its function's name. The tables say which filters there are; filters look at
the record alone, and all are asked, so their order changes nothing. What can only be seen of the
whole set is in `synth.set_filters`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from synth.answers import YES_OR_NO
from synth.checks import choice_of, judge
from synth.phrasing import copies, names_answer
from synth.reward import UNVERIFIABLE_BUDGET
from synth.spelling import label, normalise
from synth.thresholds import threshold
from synth.truth import is_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemas import Claim, Fact, Question, Recording, Subquestion, Trajectory, Verdict
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question with all that one run made of it: what the last stage chooses from."""

    question: Question
    recordings: Sequence[Recording]
    trajectories: Sequence[Trajectory]
    """all rollouts, the dropped ones too"""

    @property
    def kept(self) -> tuple[Trajectory, ...]:
        """The rollouts that passed verification, by id."""
        return tuple(sorted((one for one in self.trajectories if one.kept), key=lambda t: t.id))


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


# Answered questions ------------------------------------------------------------------------------

_NONCOMMERCIAL = re.compile(
    r"\bNC\b|\bnon[- ]?commercial|\bresearch (?:(?:use|purposes) )?only\b|\bacademic use\b",
    re.IGNORECASE,
)
_UNSTATED = frozenset(("", "unknown", "not stated", "none", "other", "n/a"))


def insufficient(answered: Answered) -> str | None:
    """Drop a question that is answered no better with its facts than without them."""
    if any(one.sufficiency == "insufficient" for one in answered.trajectories):
        return "with its facts it is answered no better than without them"
    return None


def text_only_solvable(answered: Answered) -> str | None:
    """Drop a question whose text gives the answer away; it is marked so whether dropped or not."""
    if any(one.audio_dependence == "weak" for one in answered.trajectories):
        return "without any fact it was answered right in every order of its choices"
    return None


def difficulty_band(answered: Answered) -> str | None:
    """Drop a question that is answered right too often, or too seldom, to teach anything.

    What counts is the final answer of each rollout and each probe that was shown the facts; of
    fewer than a handful nothing is said.
    """
    question = answered.question
    attempts = [one.answer == question.answer for one in answered.trajectories]
    probes = {
        (one.facts, one.order): one for each in answered.trajectories for one in each.probes
    }.values()
    attempts += [one.right for one in probes if one.facts == "given" and one.answer]
    if question.answer is None or len(attempts) < threshold("filters", "fewest_attempts"):
        return None
    share, told = sum(attempts) / len(attempts), f"{sum(attempts)} of {len(attempts)} are right"
    if share >= threshold("filters", "easiest"):
        return f"too easy: {told}"
    return f"too hard: {told}" if share <= threshold("filters", "hardest") else None


def noncommercial_licence(answered: Answered) -> str | None:
    """Drop what may not be used commercially: the question, or a recording of it."""
    bound = [one for one in _licences(answered) if _NONCOMMERCIAL.search(one.replace("_", "-"))]
    return f"licence {bound[0][:80]!r}" if bound else None


def unknown_licence(answered: Answered) -> str | None:
    """Drop what nobody states a licence of: the question, or a recording of it."""
    if answered.question.licence.strip().casefold() in _UNSTATED:
        return "the question's licence is not stated"
    unstated = [one for one in answered.recordings if one.licence.strip().casefold() in _UNSTATED]
    return f"the licence of recording {unstated[0].id[:12]} is not stated" if unstated else None


def _licences(answered: Answered) -> tuple[str, ...]:
    return (answered.question.licence, *(one.licence for one in answered.recordings))


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
QUESTION_FILTERS: tuple[Callable[[Answered], str | None], ...] = (
    insufficient,
    text_only_solvable,
    difficulty_band,
    noncommercial_licence,
    unknown_licence,
)


def reasons(
    record: Record, filters: Sequence[Callable[[Record], str | None]]
) -> tuple[tuple[str, str], ...]:
    """Give each filter that drops a record, with its reason; none: it is kept.

    All of them, so that what is counted does not hang on the order of the filters.
    """
    told = ((one.__name__, one(record)) for one in filters)
    return tuple((name, reason) for name, reason in told if reason is not None)
