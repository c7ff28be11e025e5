"""Judge claims against a question's checks and against each other. Standard library only.

What one claim is by itself is told in `synth.rulings`; beside that, two different claims on one
exclusive property and stretch refute each other.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from schemas import GroundCheck, Verdict, identity
from synth.checks import grade
from synth.claims import Said
from synth.contradictions import contradictions, group_of, said_for
from synth.lexicon import LISTS, labels_of, lexicon
from synth.rulings import Ruling, positive, rule
from synth.spelling import names, normalise
from synth.tagged import LONGEST_REMEMBERED

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from schemas import Claim, GroundTruth

VERSION = "3"

_ABOUT_SOUNDS = frozenset(
    ("presence", "event", "instrument", "event_count", "onset", "offset", "event_duration")
)
_MOST_REMEMBERED = 4096  # rulings of one question: rollouts say the same things again and again


class World:
    """A ground truth as claims are judged by it: made once for all rollouts of a question."""

    __slots__ = ("absent", "by_property", "checks", "heard", "known", "numbers", "ruled", "same")

    def __init__(self, truth: GroundTruth) -> None:
        """Sort the checks by what claims look them up by."""
        by_property: defaultdict[tuple[str, int], list[GroundCheck]] = defaultdict(list)
        self.heard: dict[tuple[str, int], str] = {}
        """label and recording -> id of the check that knows that it is heard"""
        self.absent: dict[tuple[str, int], str] = {}
        for one in truth.checks:
            by_property[one.property, one.audio].append(one)
            if one.property not in _ABOUT_SOUNDS or (one.span and not positive(one)):
                continue
            place = self.heard if positive(one) else self.absent
            for sound in labels_of(one) if positive(one) else [one.subject]:
                for named in names(sound):
                    place.setdefault((named, one.audio), one.id)
        self.by_property = dict(by_property)
        self.checks = {one.id: one for one in truth.checks}
        self.known = lexicon(truth)
        self.ruled: dict[Hashable, Ruling] = {}
        self.numbers = count()  # used once each, also where threads judge at the same time
        self.same: dict[Hashable, int] = {}
        """a number for each thing that is said, and for each that something is said of"""

    def rule(self, claim: Said) -> Ruling:
        """Judge one claim by itself, and remember it."""
        ruling = rule(claim, self)
        graded = 1.0 if ruling.judgement == "supported" else 0.0
        decided = self.checks[ruling.check].check if ruling.check else None
        if ruling.judgement == "refuted" and decided is not None and claim.property != "presence":
            graded = grade(said_for(claim, decided), decided)
        ruling = ruling._replace(
            grade=graded,
            content=self._number(_content(claim), claim),
            group=None if (group := group_of(claim)) is None else self._number(group, claim),
            tells=self._told(claim, ruling.check),
            tagged=claim.tagged,
        )
        if len(claim.said) <= LONGEST_REMEMBERED:
            self.ruled[claim.key] = ruling
        return ruling

    def _number(self, what: Hashable, claim: Said) -> int:
        if len(claim.said) > LONGEST_REMEMBERED:
            return hash(what)
        return self.same.setdefault(what, next(self.numbers))

    def forget(self) -> None:
        """Forget all rulings where there are too many."""
        if len(self.same) > _MOST_REMEMBERED:
            self.ruled, self.same = {}, {}

    def _told(self, claim: Said, check: str) -> str | None:
        """Give what a claim tells of a check: its own, or a list in which its sound stands."""
        one = self.checks.get(check)
        if one is not None and one.property != claim.property and one.property not in LISTS:
            return None
        return claim.subject if claim.property == "presence" else claim.said


@lru_cache(maxsize=512)
def world_of(truth: GroundTruth) -> World:
    """Make the world of a ground truth, once."""
    return World(truth)


def verify(claims: Sequence[Claim], truth: GroundTruth) -> tuple[Verdict, ...]:
    """Judge each claim; the verdicts stand in the claims' order."""
    said = [
        Said(one.property, one.subject, one.audio, one.span, one.said, one.tagged, one.start,
             one.end, (one.property, one.subject, one.audio, one.span, one.said, one.tagged))
        for one in claims
    ]  # fmt: skip
    return tuple(
        Verdict(
            id=identity("verdict", claim.id, VERSION),
            claim=claim.id,
            judgement=ruling.judgement,
            check=ruling.check,
            reason=ruling.reason,
            version=VERSION,
        )
        for claim, ruling in zip(claims, rulings(said, world_of(truth)), strict=True)
    )


def rulings(claims: Sequence[Said], world: World) -> list[Ruling]:
    """Judge each claim by the checks, and all against each other."""
    world.forget()
    known = world.ruled
    ruled = [known.get(claim.key) or world.rule(claim) for claim in claims]
    if not at_odds(ruled):
        return ruled
    for at in contradictions(claims, [ruling.judgement for ruling in ruled]):
        reason = "the text claims two different values of one property"
        ruled[at] = ruled[at]._replace(judgement="refuted", reason=reason, grade=0.0)
    return ruled


def at_odds(ruled: Sequence[Ruling]) -> bool:
    """Say whether two claims give one thing two values, in whichever words."""
    values: dict[Hashable, Hashable] = {}
    for ruling in ruled:
        group = ruling.group
        if group is not None and values.setdefault(group, ruling.content) != ruling.content:
            return True
    return False


def _content(claim: Said) -> tuple[object, ...]:
    return claim.property, claim.subject, claim.audio, claim.span, normalise(claim.said)
