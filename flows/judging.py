"""verify and filter: what a trajectory claims, what the facts say of that, whether it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import Claim, Rejection, Subquestion, Trajectory, Verdict, identity
from synth import claims as claiming
from synth import filters, verify
from synth.assemble import context_of, ground_truth
from synth.completion import parse
from synth.filters import Judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas import Fact, Question

VERSION = f"2 {claiming.VERSION} {verify.VERSION}"
"""of the filters, the claim finder and the verifier"""


def judged(
    trajectory: Trajectory,
    question: Question,
    subquestions: Sequence[Subquestion],
    facts: Mapping[str, Sequence[Fact]],
) -> Judged:
    """Find and verify a trajectory's claims."""
    truth = ground_truth(question, subquestions, context_of(question, facts))
    completion = parse(trajectory.completion)
    claims = claiming.claims(completion, truth, trajectory.id)
    return Judged(
        trajectory=trajectory,
        question=question,
        completion=completion,
        claims=claims,
        verdicts=verify.verify(claims, truth),
        contested=tuple(
            (audio, fact)
            for audio, recording in enumerate(question.recordings, start=1)
            for fact in facts.get(recording, ())
            if fact.tier == "contested"
        ),
    )


def judge(seen: Judged) -> tuple[Trajectory | Claim | Verdict | Rejection, ...]:
    """Give a trajectory back with its claims and verdicts: kept, or with why it is not."""
    trajectory = seen.trajectory
    why = filters.reasons(seen, filters.TRAJECTORY_FILTERS)
    dropped = (_dropped(trajectory, "verify", "trajectory", *one) for one in why)
    return (replace(trajectory, kept=not why), *seen.claims, *seen.verdicts, *dropped)


def sift(
    bound: Sequence[Subquestion | Rejection],
    question: Question,
    facts: Mapping[str, Sequence[Fact]],
) -> Iterator[Subquestion | Rejection]:
    """Pass sub-questions that every filter lets through; the others become Rejections."""
    known = {fact.id: fact for name in question.recordings for fact in facts.get(name, ())}
    passed: list[Subquestion] = []
    for one in bound:
        if isinstance(one, Rejection):
            yield one
            continue
        posed = filters.Posed(
            subquestion=one, question=question, fact=known.get(one.fact), before=tuple(passed)
        )
        why = filters.reasons(posed, filters.SUBQUESTION_FILTERS)
        if not why:
            passed.append(one)
            yield one
        yield from (_dropped(one, "decompose", "subquestion", *each) for each in why)


def _dropped(
    record: Trajectory | Subquestion, stage: str, kind: str, name: str, reason: str
) -> Rejection:
    return Rejection(
        id=identity("rejection", record.run, stage, kind, record.id, name),
        run=record.run,
        stage=stage,
        kind=kind,
        record=record.id,
        question=record.question,
        filter=name,
        reason=reason,
    )
