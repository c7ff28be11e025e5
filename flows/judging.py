"""verify and filter: what a trajectory claims, what the facts say of that, whether it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import Claim, Rejection, Subquestion, Trajectory, Verdict, identity
from synth import claims as claiming
from synth import filters, verify
from synth.assemble import context_of, ground_truth
from synth.completion import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas import Fact, Question

VERSION = f"1 {claiming.VERSION} {verify.VERSION}"
"""of the filters, the claim finder and the verifier"""


def judge(
    trajectory: Trajectory,
    question: Question,
    subquestions: Sequence[Subquestion],
    facts: Mapping[str, Sequence[Fact]],
) -> tuple[Trajectory | Claim | Verdict | Rejection, ...]:
    """Find and verify a trajectory's claims; give it back kept, or with why it is not."""
    truth = ground_truth(question, subquestions, context_of(question, facts))
    completion = parse(trajectory.completion)
    claims = claiming.claims(completion, truth, trajectory.id)
    verdicts = verify.verify(claims, truth)
    judged = filters.Judged(
        trajectory=trajectory,
        question=question,
        completion=completion,
        claims=claims,
        verdicts=verdicts,
    )
    why = filters.first_reason(judged, filters.TRAJECTORY_FILTERS)
    if why is None:
        return (replace(trajectory, kept=True), *claims, *verdicts)
    name, reason = why
    dropped = Rejection(
        id=identity("rejection", trajectory.run, "verify", "trajectory", trajectory.id, name),
        run=trajectory.run,
        stage="verify",
        kind="trajectory",
        record=trajectory.id,
        question=question.id,
        filter=name,
        reason=reason,
    )
    return (trajectory, *claims, *verdicts, dropped)


def sift(
    bound: Sequence[Subquestion | Rejection], question: Question
) -> Iterator[Subquestion | Rejection]:
    """Pass sub-questions that every filter lets through; the others become Rejections."""
    for one in bound:
        why = None
        if isinstance(one, Subquestion):
            posed = filters.Posed(subquestion=one, question=question)
            why = filters.first_reason(posed, filters.SUBQUESTION_FILTERS)
        if why is None or isinstance(one, Rejection):
            yield one
            continue
        name, reason = why
        yield Rejection(
            id=identity("rejection", one.run, "decompose", "subquestion", one.id, name),
            run=one.run,
            stage="decompose",
            kind="subquestion",
            record=one.id,
            question=question.id,
            filter=name,
            reason=reason,
        )
