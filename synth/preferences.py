"""Preference pairs: what a kept trajectory is better than, and by how much it is rewarded for it.

Two sources: counterfactuals, which code makes of the trajectory itself, and siblings, rollouts of
the same question that ended in a wrong answer or claimed what a fact refutes. Whatever the source,
a pair stands only where the chosen completion earns more than the rejected one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from schemas import GROUND_TRUTH_VERSION, HardNegative, Rejection, Trajectory, identity
from synth import claims as claiming
from synth import verify as verifying
from synth.counterfactuals import Unmade, Variant, counterfactuals
from synth.filters import Judged, nothing_refuted, reaches_gold
from synth.ground_truth import to_json
from synth.reward import score

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas import GroundTruth

VERSION = f"1 {claiming.VERSION} {verifying.VERSION} {GROUND_TRUTH_VERSION}"
"""of the variants, the claim finder, the verifier and what the reward reads"""


@dataclass(frozen=True, kw_only=True)
class Reasoned:
    """All rollouts of a question, as they were judged, and what they are judged by."""

    truth: GroundTruth
    wrong: Mapping[str, Sequence[str]]
    """hard wrong values by the check's id"""
    rollouts: Sequence[Judged]

    @cached_property
    def ground_truth(self) -> str:
        """The truth as the reward reads it."""
        return to_json(self.truth)

    def earns(self, completion: str) -> float:
        """Reward a completion, 0..1."""
        return score(completion, self.ground_truth).total


def hard_negatives(reasoned: Reasoned) -> Iterator[HardNegative | Rejection]:
    """Make what each kept rollout is better than; what earns no less becomes a Rejection."""
    ordered = sorted(reasoned.rollouts, key=lambda one: (one.trajectory.rollout, one.trajectory.id))
    kept = [one.trajectory for one in ordered if one.trajectory.kept]
    for one in kept:
        found = counterfactuals(one.completion, reasoned.truth, reasoned.wrong, one.id)
        for each in found:
            if isinstance(each, Unmade):
                yield _unmade(one, each)
            else:
                yield _held_to_reward(_of_variant(one, each), one, reasoned)
    for other in ordered if kept else ():
        if not other.trajectory.kept and (sibling := _of_sibling(kept[0], other)) is not None:
            yield _held_to_reward(sibling, kept[0], reasoned)


def _of_variant(chosen: Trajectory, made: Variant) -> HardNegative:
    return HardNegative(
        id=identity("hard_negative", chosen.id, made.claim.id, made.kind, VERSION),
        run=chosen.run,
        question=chosen.question,
        trajectory=chosen.id,
        source="counterfactual",
        kind=made.kind,
        claim=made.claim.id,
        property=made.claim.property,
        said=made.said,
        completion=made.completion,
        check=made.check,
        reason=made.reason,
        chosen_reward=0.0,
        rejected_reward=0.0,
        version=VERSION,
    )


def _of_sibling(chosen: Trajectory, other: Judged) -> HardNegative | None:
    """Say in what a dropped rollout is worse; None where it is merely malformed or unverifiable."""
    wrong, false = reaches_gold(other), nothing_refuted(other)
    if wrong is None and false is None:
        return None
    refuted = [
        (claim, verdict)
        for claim, verdict in zip(other.claims, other.verdicts, strict=True)
        if verdict.judgement == "refuted"
    ]
    claim, verdict = refuted[0] if wrong is None else (None, None)
    return HardNegative(
        id=identity("hard_negative", chosen.id, other.trajectory.id, "sibling", VERSION),
        run=chosen.run,
        question=chosen.question,
        trajectory=chosen.id,
        source="sibling",
        kind="refuted_claim" if wrong is None else "wrong_answer",
        claim="",
        property=claim.property if claim else "",
        said=claim.said if claim else other.trajectory.answer,
        completion=other.trajectory.completion,
        check=verdict.check if verdict else "",
        reason=wrong or false or "",
        chosen_reward=0.0,
        rejected_reward=0.0,
        version=VERSION,
    )


def _held_to_reward(
    negative: HardNegative, chosen: Trajectory, reasoned: Reasoned
) -> HardNegative | Rejection:
    better, worse = reasoned.earns(chosen.completion), reasoned.earns(negative.completion)
    if better > worse:
        return replace(negative, chosen_reward=better, rejected_reward=worse)
    reason = f"{negative.kind}: it earns {worse:.3f}, the chosen one {better:.3f}"
    return _rejection(chosen, negative.id, "earns_no_less", reason)


def _unmade(chosen: Trajectory, unmade: Unmade) -> Rejection:
    record = identity("hard_negative", chosen.id, unmade.claim.id, unmade.filter, VERSION)
    return _rejection(chosen, record, unmade.filter, unmade.reason)


def _rejection(chosen: Trajectory, record: str, name: str, reason: str) -> Rejection:
    return Rejection(
        id=identity("rejection", chosen.run, "contrast", "hard_negative", record, name),
        run=chosen.run,
        stage="contrast",
        kind="hard_negative",
        record=record,
        question=chosen.question,
        filter=name,
        reason=reason,
    )
