"""How one claim is judged by a question's checks. Standard library only.

Supported: a check of the same property, subject, recording and stretch passes. Refuted: an
exclusive property has another value there; or what is claimed is known to be absent, or cannot
apply. All else is unverifiable: no such fact, a part of what the fact is about, a set that may
hold more, or a text that commits itself to no value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemas.errors import UnknownProperty
from schemas.vocabulary import property_named
from synth.answers import closed, closed_answer
from synth.checks import among, judge
from synth.contradictions import said_for
from synth.lists import ordered
from synth.spelling import COUNTED, HEDGE, label, names, normalise, parts, polarity, quantity
from synth.wording import speaker

if TYPE_CHECKING:
    from schemas import Check, GroundCheck, Judgement, Property, Span
    from synth.claims import Said
    from synth.verify import World

_SAME_STRETCH = 0.5
"""IoU from which two stretches are the same; ActivityNet's and DESED's lowest usual threshold"""
_COLLAR_S = 0.2  # sed_eval event-based metrics, DCASE: onset collar 200 ms
_DENIAL = re.compile(r"(no|none|there is no|there are no|not any)\b(?!.*\b(but|except|yes)\b)")
_ABSENT_WORDS = frozenset(("not applicable", "n/a", "na", "silence", "silent", "not audible"))


class Ruling(NamedTuple):
    """How one claim is judged by itself, and how it is known among others."""

    judgement: Judgement
    check: str
    """id of the ground check that decided, "" where none did"""
    reason: str
    grade: float = 0.0
    """how near it comes, 0..1: 1 where it is supported"""
    content: int = -1
    """the number of what is said, wherever and in whichever tag"""
    group: int | None = None
    """the number of what it gives the one value of; None: a property that may have several"""
    tells: str | None = ""
    """what of the check it tells, where that is a list; None: nothing ("heard", of a count)"""
    tagged: bool = True


_TIMED = frozenset(("onset", "offset"))


def positive(one: GroundCheck) -> bool:
    """Say whether a check of sounds knows them to be heard, not to be absent."""
    if one.check is None:
        return False
    target = one.check.target
    if target.text is not None:
        return polarity(target.text) is not False
    return target.number is None or one.property in _TIMED or target.number > 0


def rule(claim: Said, world: World) -> Ruling:
    """Judge a claim by itself: refuted by one check, it is refuted; else supported by one."""
    try:
        asked = property_named(claim.property)
    except UnknownProperty:
        return Ruling("unverifiable", "", f"nothing verifies {claim.property[:40]!r}")
    if asked.subjects and not claim.subject:
        return Ruling("unverifiable", "", f"does not say of what the {asked.name} is")
    checks = [
        one
        for one in world.by_property.get((claim.property, claim.audio), ())
        if _same_subject(claim, one)
    ]
    rulings = [_against(claim, one, asked) for one in checks]
    for judgement in ("refuted", "supported"):
        for ruling in rulings:
            if ruling.judgement == judgement:
                return ruling
    if asked.name in ("presence", "event", "instrument"):
        across = _across(claim, asked, world)
        if across is not None:
            return across
    return rulings[0] if rulings else Ruling("unverifiable", "", "no fact of it is known")


def _same_subject(claim: Said, one: GroundCheck) -> bool:
    """Say whether a claim is of what a check is of; of two that a relation compares, of each.

    A word is that word, not its plural; a speaker is known by letter or place, "A" as the first.
    """
    said, known = claim.subject, one.subject
    if one.property == "word_onset":
        return normalise(said) == normalise(known)
    if called := speaker(one.property, known):
        return said.strip() == known or normalise(said) in map(normalise, called)
    ours, theirs = parts(said), parts(known)
    return len(ours) == len(theirs) and all(map(_same_sound, ours, theirs))


def _same_sound(said: str, known: str) -> bool:
    """Say whether a sound is the known one, by its whole name or by any of its names."""
    ours = {label(part) for part in said.split(",")}
    return label(said) == label(known) or ours <= names(known)


def _against(claim: Said, one: GroundCheck, asked: Property) -> Ruling:
    """Judge a claim by one check of its property and subject."""
    part = _stretch(claim.span, one.span)
    if one.check is None:
        elsewhere = part not in ("same", "part")
        return _other_stretch(one) if elsewhere else _absence(claim, one)
    said = said_for(claim, one.check)
    if not one.exclusive:
        return _in_set(claim, said, one, one.check)
    if part != "same":
        return _of_a_part(said, one, asked, part)
    if judge(said, one.check) is False and _in_order(said, one.check):
        reason = "true as far as it goes, but not the whole"
        return Ruling("unverifiable" if claim.tagged else "supported", one.id, reason)
    return _by_value(said, one, one.check)


def _by_value(said: str, one: GroundCheck, check: Check) -> Ruling:
    verdict = judge(said, check)
    if verdict is False and closed(one.property) and closed_answer(one.property, said) is None:
        verdict = None
    if verdict is None:
        return Ruling("unverifiable", one.id, f"commits itself to no {one.property}")
    if verdict:
        return Ruling("supported", one.id, "as measured")
    return Ruling("refuted", one.id, f"the {one.property} is another")


def _in_order(said: str, check: Check) -> bool:
    """Say whether two or more labels stand in an order's target in the order said."""
    return check.kind == "order" and len(ordered(said, check) or ()) > 1 and bool(
        among(said, check))  # fmt: skip


def _other_stretch(one: GroundCheck) -> Ruling:
    return Ruling("unverifiable", one.id, "another stretch than the fact's")


def _of_a_part(said: str, one: GroundCheck, asked: Property, part: str) -> Ruling:
    """Judge a claim about another stretch: only absence reaches from the whole to its parts."""
    if asked.name == "presence" and part == "part" and not positive(one) and one.check:
        verdict = judge(said, one.check)
        if verdict is not None:
            return Ruling("supported" if verdict else "refuted", one.id, "absent from the whole")
    return _other_stretch(one)


def _absence(claim: Said, one: GroundCheck) -> Ruling:
    """Judge a claim about what is absent or cannot apply: only saying so is true."""
    plain = normalise(claim.said)
    number = quantity(claim.said)
    denies = polarity(claim.said) is False or plain in _ABSENT_WORDS
    spoken = property_named(one.property).check == "words"
    if not spoken:  # "no, thank you" may be what somebody is said to say
        denies = denies or bool(_DENIAL.match(plain))
    counts = property_named(one.property).unit in COUNTED - {""}
    counts_none = counts and number is not None and number.value == 0
    if denies or counts_none:
        return Ruling("supported", one.id, f"{one.state}, as it says")
    if HEDGE.search(plain) and not spoken:
        return Ruling("unverifiable", one.id, "commits itself to nothing")
    return Ruling("refuted", one.id, f"claimed, though {one.state.replace('_', ' ')}")


def _in_set(claim: Said, said: str, one: GroundCheck, check: Check) -> Ruling:
    """Judge a claim about a set: in it, or not known; never wrong for want of mention."""
    listed = judge(said, check) is True or among(said, check) is True
    if listed and _then(claim.span, said, check):
        return Ruling("supported", one.id, "among what was measured")
    reason = "heard, but not known to be heard then" if listed else "not among what is known"
    return Ruling("unverifiable", one.id, reason)


def _then(span: Span | None, said: str, check: Check) -> bool:
    """Say whether each item that a claim names is heard within the stretch that it names."""
    if span is None:
        return True
    wanted = [item for item in check.target.items or () if _names(said, item.label, check)]
    return bool(wanted) and all(
        any(
            item.start_s is not None
            and item.end_s is not None
            and item.start_s - _COLLAR_S <= span.end_s
            and span.start_s <= item.end_s + _COLLAR_S
            for item in wanted
            if item.label == name
        )
        for name in {item.label for item in wanted}
    )


def _names(said: str, name: str, check: Check) -> bool:
    if check.kind != "set_match":
        return True
    return f" {label(name)} " in f" {label(said)} "


def _across(claim: Said, asked: Property, world: World) -> Ruling | None:
    """Judge presence by what other properties know of the same label, and events by absence."""
    if asked.name == "presence":
        named, says = [claim.subject], polarity(claim.said)
    else:
        named, says = [claim.said, *re.split(r"[,;&]|\band\b", claim.said)], True
    places = [(label(one), claim.audio) for one in named]
    absent = [world.absent[where] for where in places if where in world.absent]
    if says is None:
        return None
    if absent:
        return Ruling("refuted" if says else "supported", absent[0], "known to be absent")
    if asked.name == "presence" and claim.span is None and places[0] in world.heard:
        return Ruling("supported" if says else "refuted", world.heard[places[0]], "is heard")
    return None


def _stretch(claimed: Span | None, known: Span | None) -> str:
    """Compare two stretches: the same, a part of the known one, or other."""
    if claimed is None or known is None:
        return "same" if claimed is known else ("part" if known is None else "other")
    both = min(claimed.end_s, known.end_s) - max(claimed.start_s, known.start_s)
    either = max(claimed.end_s, known.end_s) - min(claimed.start_s, known.start_s)
    if claimed == known or (either > 0 and both / either >= _SAME_STRETCH):
        return "same"
    inside = known.start_s <= claimed.start_s and claimed.end_s <= known.end_s
    return "part" if inside else "other"
