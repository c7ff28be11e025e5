"""Put a question together with its sub-questions, checks and trajectories. Standard library."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import (
    GROUND_TRUTH_VERSION,
    Check,
    Fact,
    GroundCheck,
    GroundTruth,
    HardNegative,
    Question,
    Subquestion,
    TrainingRow,
    Trajectory,
    Weights,
    property_named,
)
from schemas.errors import BadRecord
from synth.bind import check_for, prior, written
from synth.distractors import distractors
from synth.ground_truth import to_json
from synth.truth import is_truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Context = Sequence[tuple[int, Fact, Check | None]]
    """which recording of the question (from 1), a fact of it, and its check if it is known"""


def assemble(
    questions: Iterable[Question],
    subquestions: Iterable[Subquestion],
    trajectories: Iterable[Trajectory],
    facts_by_recording: Mapping[str, Sequence[Fact]],
    attribution: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[TrainingRow]:
    """Yield a row for each question that has a sub-question, by benchmark and source id.

    Only kept trajectories go in. `attribution` holds, by recording id, the lines that its licence
    asks for. Rows are made one at a time; what they are made from is held in memory.

    Raises:
        BadRecord: a sub-question asks of a recording that its question does not have.
    """
    asked: defaultdict[str, list[Subquestion]] = defaultdict(list)
    for subquestion in subquestions:
        asked[subquestion.question].append(subquestion)
    reasoned: defaultdict[str, list[Trajectory]] = defaultdict(list)
    for trajectory in trajectories:
        if trajectory.kept:
            reasoned[trajectory.question].append(trajectory)
    wanted = (question for question in questions if question.id in asked)
    for question in sorted(wanted, key=lambda one: (one.benchmark, one.source_id, one.id)):
        mine = tuple(sorted(asked[question.id], key=lambda one: (one.position, one.id)))
        context = context_of(question, facts_by_recording)
        lines = [
            line
            for recording in question.recordings
            for line in (attribution or {}).get(recording, ())
        ]
        yield TrainingRow(
            question=question,
            subquestions=mine,
            trajectories=tuple(
                sorted(reasoned[question.id], key=lambda one: (one.run, one.rollout, one.id))
            ),
            ground_truth=to_json(ground_truth(question, mine, context)),
            attribution=tuple(dict.fromkeys(lines)),
        )


def with_negatives(
    rows: Iterable[TrainingRow], negatives: Iterable[HardNegative]
) -> Iterator[TrainingRow]:
    """Give each row what its kept trajectories are better than, in their order."""
    by_trajectory: defaultdict[str, list[HardNegative]] = defaultdict(list)
    for one in negatives:
        by_trajectory[one.trajectory].append(one)
    for row in rows:
        worse = (
            each
            for one in row.trajectories
            for each in sorted(by_trajectory[one.id], key=lambda each: each.id)
        )
        yield replace(row, negatives=tuple(worse))


def context_of(question: Question, facts_by_recording: Mapping[str, Sequence[Fact]]) -> Context:
    """List what else is true of a question's recordings, so that other claims can be judged."""
    return tuple(
        (audio, fact, check_for(fact) if fact.state == "known" else None)
        for audio, recording in enumerate(question.recordings, start=1)
        for fact in sorted(facts_by_recording.get(recording, ()), key=lambda one: one.id)
        if is_truth(fact)
    )


def ground_truth(
    question: Question, subquestions: Sequence[Subquestion], context: Context
) -> GroundTruth:
    """Gather all checks that judge a completion of this question.

    A fact that a sub-question already asks for is left out of the context.

    Raises:
        BadRecord: a sub-question asks of a recording that its question does not have.
    """
    places = {one.id: _audio(question, one) for one in subquestions}
    asked = {(places[one.id], one.fact) for one in subquestions}
    required = tuple(_asked(one, places[one.id]) for one in subquestions)
    also = tuple(
        _context(audio, fact, check)
        for audio, fact, check in context
        if (audio, fact.id) not in asked
    )
    return GroundTruth(
        version=GROUND_TRUTH_VERSION,
        answer=question.answer,
        choices=question.choices,
        weights=Weights(),
        checks=required + also,
    )


def single_ground_truth(subquestion: Subquestion) -> GroundTruth:
    """Make a sub-question a question of its own: one recording, one check."""
    return GroundTruth(
        version=GROUND_TRUTH_VERSION,
        answer=subquestion.answer,
        choices=subquestion.choices,
        weights=Weights(),
        checks=(_asked(subquestion, audio=1),),
    )


def _asked(subquestion: Subquestion, audio: int) -> GroundCheck:
    return GroundCheck(
        id=subquestion.id,
        property=subquestion.property,
        subject=subquestion.subject,
        audio=audio,
        recording=subquestion.recording,
        span=subquestion.span,
        exclusive=property_named(subquestion.property).exclusive,
        prior=subquestion.prior,
        need=subquestion.need,
        state="known",
        check=subquestion.check,
    )


def _guess(fact: Fact, check: Check | None) -> float:
    """Give the best constant guess's chance; naming what is not there is never a lucky guess."""
    if check is None:
        return 0.0
    return prior(fact, (written(fact), *distractors(fact, check, fact.id)))


def _audio(question: Question, subquestion: Subquestion) -> int:
    if subquestion.recording not in question.recordings:
        message = (
            f"this sub-question asks of recording {subquestion.recording}, which question"
            f" {question.id} does not have: its records are of different imports"
        )
        raise BadRecord(message, record_id=subquestion.id)
    return question.recordings.index(subquestion.recording) + 1


def _context(audio: int, fact: Fact, check: Check | None) -> GroundCheck:
    return GroundCheck(
        id=fact.id,
        property=fact.property,
        subject=fact.subject,
        audio=audio,
        recording=fact.recording,
        span=fact.span,
        exclusive=property_named(fact.property).exclusive,
        prior=_guess(fact, check),
        need="context",
        state=fact.state,
        check=check,
    )
