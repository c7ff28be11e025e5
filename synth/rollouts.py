"""One rollout of a question, read and judged: what a reward looks at. Standard library only.

Rollouts of a question make the same observations and give the same answers, so each is read and
judged once, and remembered with the question.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from synth.choices import choice_of
from synth.claims import found, in_prose, in_tag
from synth.completion import cut, parse, plain
from synth.ground_truth import from_json
from synth.lists import coverage
from synth.spelling import normalise
from synth.tagged import LONGEST_REMEMBERED
from synth.verify import World, rulings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Check, GroundTruth
    from synth.claims import Said
    from synth.rulings import Ruling

_MOST_REMEMBERED = 4096  # answers and observations of one question


class Case:
    """A ground truth with all that its rollouts share."""

    def __init__(self, truth: GroundTruth) -> None:
        self.truth = truth
        self.world = World(truth)
        self.worth = {one.id: min(1.0, max(0.0, 1.0 - one.prior)) for one in truth.checks}
        self.required = {
            one.id: self.worth[one.id] for one in truth.checks if one.need == "required"
        }
        self.needed = sum(self.required.values())
        self.floor = max((self.required or self.worth).values(), default=0.0)
        self.gold = choice_of(truth.answer, truth.choices) if truth.answer is not None else None
        self.answers: dict[str, bool] = {}
        self.tags: dict[str, tuple[str, Said] | None] = {}
        self.lists = {
            one.id: one.check for one in truth.checks if one.check and _is_list(one.check)
        }
        self.covered: dict[tuple[str, ...], float] = {}

    def tag(self, written: str) -> tuple[str, Said] | None:
        """Read an observation: its id and what it claims; None where it is malformed."""
        told = plain(written)
        read = None if told is None else (told[1], in_tag(told, 0, 0))
        if len(self.tags) < _MOST_REMEMBERED and len(written) <= LONGEST_REMEMBERED:
            self.tags[written] = read
        return read

    def coverage(self, name: str, answers: Sequence[str]) -> float:
        """Give how much of a list true answers tell between them."""
        told = (name, *sorted(set(answers)))
        known = self.covered.get(told)
        if known is None:
            known = coverage(told[1:], self.lists[name])
            if len(self.covered) < _MOST_REMEMBERED:
                self.covered[told] = known
        return known

    def right(self, answer: str) -> bool:
        """Say whether an answer is the gold one."""
        known = self.answers.get(answer)
        if known is None:
            known = self._right(answer)
            if len(self.answers) < _MOST_REMEMBERED:
                self.answers[answer] = known
        return known

    def _right(self, answer: str) -> bool:
        truth = self.truth
        if truth.answer is None:
            return False
        if not truth.choices:
            return normalise(answer) == normalise(truth.answer) != ""
        return self.gold is not None and choice_of(answer, truth.choices) == self.gold


def _is_list(check: Check) -> bool:
    return check.kind in ("set_match", "order", "overlaps", "words")


@lru_cache(maxsize=1024)
def case_of(ground_truth: str) -> Case:
    """Prepare a question, once for all its rollouts.

    Raises:
        BadRecord: the ground truth cannot be read.
    """
    return Case(from_json(ground_truth))


class Rollout(NamedTuple):
    """What a reward looks at in a completion."""

    keeps_format: bool
    draft: str | None
    review: str | None
    answer: str | None
    ruled: list[Ruling]


def read(completion: str, case: Case) -> Rollout:
    """Read and judge any text at all."""
    return at_a_glance(completion, case) or closely(completion, case)


def closely(completion: str, case: Case) -> Rollout:
    """Read any completion, and judge its claims by the checks and against each other."""
    said = parse(completion)
    ruled = rulings(found(said, case.world.known), case.world) if said.answer else []
    return Rollout(not said.problems, said.draft, said.review, said.answer, ruled)


def at_a_glance(completion: str, case: Case) -> Rollout | None:
    """Do the same for what keeps the format; None: look closely."""
    parted = cut(completion)
    if parted is None:
        return None
    known, ids, claims = case.tags, set(), []
    for written in parted.tags:
        told = known.get(written) or case.tag(written)
        if told is None or told[0] in ids:
            return None
        ids.add(told[0])
        claims.append(told[1])
    if not parted.cites(ids, completion):
        return None
    world = case.world
    if world.known.audio:
        claims += in_prose(completion, parted.prose, world.known)
    return Rollout(
        keeps_format=True,
        draft=parted.draft,
        review=parted.review,
        answer=parted.answer,
        ruled=rulings(claims, world),
    )
