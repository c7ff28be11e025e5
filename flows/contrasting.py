"""contrast: what each kept trajectory is better than, for learning from preferences."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from flows import judging
from schemas import Trajectory, identity
from synth import preferences
from synth.assemble import context_of, ground_truth
from synth.distractors import distractors
from synth.preferences import Reasoned, hard_negatives
from synth.truth import is_truth
from warehouse.shards import Finished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.stage import Stage
    from schemas import Fact, Question, Subquestion

_QUESTIONS_A_BATCH = 200


def contrast(
    questions: Sequence[Question],
    asked: Mapping[str, Sequence[Subquestion]],
    trajectories: Sequence[Trajectory],
    facts: Mapping[str, Sequence[Fact]],
    stage: Stage,
) -> None:
    """Make hard negatives of each question of which a trajectory was kept."""
    rollouts: defaultdict[str, list[Trajectory]] = defaultdict(list)
    for one in trajectories:
        rollouts[one.question].append(one)
    keyed = {
        identity(
            "contrast", preferences.VERSION, judging.VERSION,
            sorted(one.id for one in rollouts[question.id]),
            [one.id for one in asked[question.id]],
            [fact.id for name in question.recordings for fact in facts.get(name, ())
             if is_truth(fact)],
        ): question
        for question in questions
        if any(one.kept for one in rollouts[question.id])
    }  # fmt: skip
    work = partial(_contrasted, asked, rollouts, facts)
    stage.each("contrast", keyed, work, size=_QUESTIONS_A_BATCH)


def _contrasted(
    asked: Mapping[str, Sequence[Subquestion]],
    rollouts: Mapping[str, Sequence[Trajectory]],
    facts: Mapping[str, Sequence[Fact]],
    some: Sequence[tuple[str, Question]],
) -> Iterator[Finished]:
    for key, question in some:
        reasoned = _reasoned(question, asked[question.id], rollouts[question.id], facts)
        yield Finished(key, tuple(hard_negatives(reasoned)))


def _reasoned(
    question: Question,
    subquestions: Sequence[Subquestion],
    rollouts: Sequence[Trajectory],
    facts: Mapping[str, Sequence[Fact]],
) -> Reasoned:
    context = context_of(question, facts)
    wrong = {
        fact.id: distractors(fact, check, fact.id)
        for _, fact, check in context
        if check is not None
    }
    return Reasoned(
        truth=ground_truth(question, subquestions, context),
        wrong=wrong | {one.id: one.distractors for one in subquestions},
        rollouts=[judging.judged(one, question, subquestions, facts) for one in rollouts],
    )
