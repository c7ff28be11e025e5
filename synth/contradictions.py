"""Claims of one text against each other: two values of one property. Standard library only."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from schemas import Check, Judgement, Value
from schemas.errors import UnknownProperty
from schemas.vocabulary import property_named
from synth.answers import closed, closed_answer, spellings
from synth.checks import judge
from synth.harmony import key
from synth.spelling import label, names, quantity

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from synth.claims import Said


def said_for(claim: Said, check: Check) -> str:
    """Give what a claim says in the words that its check reads.

    A tag names its property and so the unit ("120" of tempo); a time must say its own, and a
    count may name what it counts ("3 door slams").
    """
    number = quantity(claim.said) if check.target.number is not None else None
    if number is None:
        return claim.said
    bare_but_tagged = not number.unit and claim.tagged and check.unit != "s"
    if bare_but_tagged or (not number.known and label(number.unit) in names(claim.subject)):
        return f"{number.value!r} {check.unit}"
    return claim.said


def contradictions(claims: Sequence[Said], judgements: Sequence[Judgement]) -> list[int]:
    """Find the claims on one exclusive property, subject, recording and stretch that differ."""
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for at, claim in enumerate(claims):
        if (group := group_of(claim)) is not None:
            groups[group].append(at)
    found: list[int] = []
    for members in groups.values():
        if _differ([claims[at] for at in members], [judgements[at] for at in members]):
            found += members
    return found


def group_of(claim: Said) -> tuple[object, ...] | None:
    """Say what a claim gives the one value of; None where there may be several.

    Orders are several: "A before B" and "B before C" agree.
    """
    try:
        asked = property_named(claim.property)
    except UnknownProperty:
        return None
    if not asked.exclusive or asked.check == "order":
        return None
    return claim.property, _first(claim), claim.audio, claim.span


def _first(claim: Said) -> str:
    return label(claim.subject.split(",", maxsplit=1)[0])


def _differ(claims: Sequence[Said], judgements: Sequence[Judgement]) -> bool:
    """Say whether claims cannot all be true.

    One that the facts leave open ("60 bpm", where 120 was measured on a level that is open) cannot
    stand beside another value, supported or not: else to say both would be as good as to know.
    """
    if {"supported", "refuted"} <= {*judgements}:
        return True
    pairs = [*zip(claims, judgements, strict=True)]
    unclear = [claim for claim, judgement in pairs if judgement == "unverifiable"]
    held = [claim for claim, judgement in pairs if judgement == "supported"] or unclear
    checks = [check for claim in held if (check := _as_check(claim)) is not None]
    if not checks:
        return False
    return any(judge(said_for(claim, checks[0]), checks[0]) is False for claim in unclear)


def _as_check(claim: Said) -> Check | None:
    """Make what a claim says the target that another claim of it is held to."""
    asked = property_named(claim.property)
    number = quantity(claim.said)
    if asked.check == "within" and number is None:
        return None
    if asked.name == "key" and key(claim.said) is None:
        return None
    answer = closed_answer(asked.name, claim.said)
    if closed(asked.name) and answer is None:
        return None
    check = Check(
        kind=property_named(asked.name).check,
        target=Value(number=number.value) if asked.check == "within" and number else
        Value(text=claim.said),
        accepted=spellings(asked.name, answer) if answer else (),
        unit=asked.unit,
        tolerance=asked.tolerance,
        relative=asked.relative,
        zero_at=None,
        source=asked.source,
    )  # fmt: skip
    return check if judge(said_for(claim, check), check) else None
