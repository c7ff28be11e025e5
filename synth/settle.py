"""settle: from what extractors observed, and how a recording was made, to facts with tiers."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from schemas import Fact, Tier, identity, property_named
from schemas.errors import BadRecord
from synth.agreement import agree
from synth.consequences import counts, heard_as_music, not_applicable
from synth.construction import constructed
from synth.derivation import derived, tonics
from synth.finding import LISTS, Finding, alike, key_of, rank, span_key
from synth.itemwise import agree_itemwise
from synth.spoken_language import vouched_by_words
from synth.truth import is_proven, is_truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Observation, Recording

__all__ = ["VERSION", "is_truth", "settle"]

VERSION = "2"

_TIERS: tuple[Tier, ...] = ("constructed", "corroborated", "single", "listener", "contested")
_SHARED = tuple(field.name for field in fields(Finding))


def settle(recording: Recording, observations: Sequence[Observation]) -> tuple[Fact, ...]:
    """Settle all that was observed of one recording into facts, in the vocabulary's order.

    What the edit made so comes first: a measurement that agrees adds nothing, one that does not
    is kept as contested. The order of the observations makes no difference. At most one fact of
    a property, subject and span is truth where the property is exclusive.

    Raises:
        BadRecord: an observation of another recording, or an edit that states an unfit value.
        UnknownProperty: an observation or an edit names a property outside the vocabulary.
    """
    for seen in observations:
        if seen.recording != recording.id:
            message = f"observation {seen.id} is of recording {seen.recording}"
            raise BadRecord(message, record_id=recording.id)
    made = _once(constructed(recording))
    measured = vouched_by_words(tuple(_measured((*observations, *tonics(observations)))))
    found = _precedence(heard_as_music((*made, *measured)))
    found = _precedence((*found, *not_applicable(found)))
    found = _precedence((*found, *counts(found, observations), *derived(found, observations)))
    return tuple(_facts(recording, sorted(found, key=_listed)))


def _measured(observations: Sequence[Observation]) -> Iterator[Finding]:
    groups: dict[tuple[str, str, str], dict[str, Observation]] = defaultdict(dict)
    for seen in sorted(observations, key=lambda seen: seen.id):
        groups[key_of(seen)][seen.id] = seen
    for (name, _, _), seen_by_id in sorted(groups.items()):
        group = tuple(seen_by_id.values())
        for found in agree_itemwise(group) if name in LISTS else agree(group):
            yield found if is_proven(name) else _unproven(found)


def _unproven(found: Finding) -> Finding:
    if found.tier != "corroborated":
        return found
    return replace(found, tier="single", note="agreement on it was measured to be wrong too often")


def _once(stated: Sequence[Finding]) -> tuple[Finding, ...]:
    """Keep each constructed truth once; where an edit contradicts itself, none of it is truth."""
    kept: list[Finding] = []
    for one in stated:
        if not any(key_of(one) == key_of(other) and _same(one, other) for other in kept):
            kept.append(one)
    return tuple(
        replace(one, tier="contested", note="the edit contradicts itself")
        if any(_excludes(one, other) for other in kept)
        else one
        for one in kept
    )


def _precedence(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Put construction before what is not applicable, and that before measurement; say it once."""
    made = [one for one in found if one.tier == "constructed" and one.state != "not_applicable"]
    kept: list[Finding] = list(made)
    nothing = sorted(
        (one for one in found if one.state == "not_applicable"),
        key=lambda one: (_TIERS.index(one.tier), one.observations),
    )
    for one in nothing:
        if all(_is_of(one) != _is_of(other) for other in (*made, *kept)):
            kept.append(one)
    moot = {_is_of(one): one for one in kept if one.state == "not_applicable"}
    for one in found:
        if one in made or one.state == "not_applicable":
            continue
        rivals = [other for other in made if key_of(other) == key_of(one) and other is not one]
        if any(_same(one, other) for other in rivals):
            continue
        nowhere = moot.get(_is_of(one)) or moot.get((one.property, ""))
        if nowhere is not None:
            rivals = [nowhere]
        kept.append(_contested(one, rivals[0]) if rivals else one)
    return tuple(kept)


def _is_of(one: Finding) -> tuple[str, str]:
    return one.property, span_key(one.span)


def _same(one: Finding, other: Finding) -> bool:
    return one.state == other.state and alike(one.property, one.value, other.value)


def _excludes(one: Finding, other: Finding) -> bool:
    """Whether two truths on one key cannot both hold: a set may be told in parts."""
    if one is other or key_of(one) != key_of(other):
        return False
    return property_named(one.property).exclusive or one.state != other.state


def _contested(one: Finding, by: Finding) -> Finding:
    if one.tier == "contested":
        return one
    made = f"{', '.join(by.witnesses)} made it otherwise"
    note = made if by.state != "not_applicable" else f"not applicable: {by.note}"
    return replace(one, tier="contested", note=note)


def _listed(one: Finding) -> tuple[int, str, float, float, int, tuple[str, ...]]:
    span = (one.span.start_s, one.span.end_s) if one.span else (-1.0, -1.0)
    return (rank(one.property), one.subject, *span, _TIERS.index(one.tier), one.observations)


def _facts(recording: Recording, found: Sequence[Finding]) -> Iterator[Fact]:
    """Name each finding by what it rests on: observations, the edit, the rules, its place."""
    edit = f"{recording.edit.name} {recording.edit.version}" if recording.edit else ""
    ordinals: Counter[tuple[object, ...]] = Counter()
    for one in found:
        span = span_key(one.span) if not one.observations else ""
        parts = (one.property, one.subject, span, VERSION, edit, one.observations)
        ordinals[parts] += 1
        yield Fact(
            id=identity("fact", recording.id, *parts, ordinals[parts] - 1),
            recording=recording.id,
            version=VERSION,
            **{name: getattr(one, name) for name in _SHARED},
        )
