"""Agreement of witnesses on a number or a name: tempo, key, loudness, pitch, presence, language."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemas import Observation, Value
from synth.finding import Finding, alike, ambiguity, distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas import Tier

# Semitones that a second tonic lies above the first, and how such keys are called; MIREX audio
# key detection weighs the same four relations.
_TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_RELATIONS = {
    ("major", "major", 7): "a fifth apart",
    ("major", "major", 5): "a fifth apart",
    ("minor", "minor", 7): "a fifth apart",
    ("minor", "minor", 5): "a fifth apart",
    ("major", "minor", 9): "relative keys",
    ("minor", "major", 3): "relative keys",
    ("major", "minor", 0): "parallel keys",
    ("minor", "major", 0): "parallel keys",
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one independence group says, however many extractors it has."""

    witness: str
    best: Observation
    observations: tuple[Observation, ...]
    rivals: tuple[Observation, ...]
    """what the group also says, and less surely"""


def agree(observations: Sequence[Observation]) -> tuple[Finding, ...]:
    """Settle one property, subject and span: one finding, or one per witness that dissents.

    Groups that all agree within the tolerance corroborate each other; a number is their mean.
    A single group is a single witness. Any dissent contests every reading, with a note on how
    the readings relate; so does a rival reading at a ratio at which the same music is heard.
    """
    readings = _readings(observations)
    name = observations[0].property
    if not _all_alike(name, [reading.best.value for reading in readings]):
        note = _disagreement(name, readings)
        return tuple(_finding(reading.observations, (reading.witness,), "contested", note)
                     for reading in readings)  # fmt: skip
    said = tuple(seen for reading in readings for seen in reading.observations)
    witnesses = tuple(reading.witness for reading in readings)
    found = _finding(
        said, witnesses, "corroborated" if len(witnesses) > 1 else "single", _one(readings)
    )
    value = found.value
    if value is not None and value.number is not None:
        bests = [reading.best.value.number for reading in readings]
        mean = math.fsum(number for number in bests if number is not None) / len(bests)
        found = replace(found, value=Value(number=mean))
    return (_weigh(found, readings),)


def _readings(observations: Sequence[Observation]) -> list[_Reading]:
    groups: dict[str, list[Observation]] = defaultdict(list)
    for seen in observations:
        groups[seen.witness].append(seen)
    readings = []
    for witness, group in sorted(groups.items()):
        ordered = sorted(
            group, key=lambda seen: (-(seen.confidence or 0.0), seen.extractor, seen.id)
        )
        best = ordered[0]
        same = tuple(seen for seen in ordered if alike(seen.property, best.value, seen.value))
        rivals = tuple(seen for seen in ordered if seen not in same)
        readings.append(_Reading(witness, best, same, rivals))
    return readings


def _all_alike(name: str, values: Sequence[Value]) -> bool:
    return all(alike(name, one, other) for one in values for other in values)


def _finding(
    said: Sequence[Observation], witnesses: tuple[str, ...], tier: Tier, note: str
) -> Finding:
    """Write down what the observations say; "no" to a presence is the state absent."""
    first = said[0]
    absent = first.property == "presence" and first.value.text == "no"
    return Finding(
        property=first.property,
        subject=first.subject,
        span=first.span,
        state="absent" if absent else "known",
        value=None if absent else first.value,
        tier=tier,
        witnesses=witnesses,
        observations=tuple(seen.id for seen in said),
        note=note,
    )


def _weigh(found: Finding, readings: Sequence[_Reading]) -> Finding:
    """Contest a finding whose own witnesses offer it otherwise; else say how far rivals are."""
    rivals = [rival for reading in readings for rival in reading.rivals]
    margins = []
    for rival in rivals:
        number, value = rival.value.number, found.value.number if found.value else None
        if number is None or value is None:
            margins.append(_confidence_gap(readings, rival))
            continue
        relation = ambiguity(found.property, value, number)
        if relation:
            note = f"{rival.extractor} also offers {number:g}: {relation}"
            return replace(found, tier="contested", note=note)
        margins.append(distance(found.property, value, number))
    if margins and min(margins) <= 0:
        note = f"{rivals[0].extractor} offers another value as surely"
        return replace(found, tier="contested", note=note)
    return replace(found, margin=min(margins, default=None))


def _confidence_gap(readings: Sequence[_Reading], rival: Observation) -> float:
    """Tell how much surer the witness is of what it said than of the rival; 0 if it cannot tell."""
    best = next(reading.best for reading in readings if reading.witness == rival.witness)
    if best.confidence is None or rival.confidence is None:
        return 0.0
    return best.confidence - rival.confidence


def _one(readings: Sequence[_Reading]) -> str:
    """Say so where several extractors are one witness."""
    shared = [reading for reading in readings if _extractors(reading.observations) > 1]
    if not shared:
        return ""
    names = ", ".join(sorted({seen.extractor for seen in shared[0].observations}))
    return f"{names} share {shared[0].witness}: one witness"


def _extractors(observations: Iterable[Observation]) -> int:
    return len({seen.extractor for seen in observations})


def _disagreement(name: str, readings: Sequence[_Reading]) -> str:
    said = "; ".join(f"{reading.witness}: {_plain(reading.best.value)}" for reading in readings)
    relations = sorted(
        {
            relation
            for one in readings
            for other in readings
            if one.witness < other.witness
            and (relation := _relation(name, one.best.value, other.best.value))
        }
    )
    return f"witnesses disagree ({said})" + (f", {', '.join(relations)}" if relations else "")


def _plain(value: Value) -> str:
    return f"{value.number:g}" if value.number is not None else str(value.text)


def _relation(name: str, one: Value, other: Value) -> str:
    if one.number is not None and other.number is not None:
        return ambiguity(name, one.number, other.number)
    if name != "key" or one.text is None or other.text is None:
        return ""
    return key_relation(one.text, other.text)


def key_relation(one: str, other: str) -> str:
    """Name how two keys relate: relative, parallel, a fifth apart, or "" for none of these."""
    first, second = one.split(" "), other.split(" ")
    if not (len(first) == len(second) == 2 and {first[0], second[0]} <= set(_TONICS)):
        return ""
    steps = (_TONICS.index(second[0]) - _TONICS.index(first[0])) % 12
    return _RELATIONS.get((first[1], second[1], steps), "")
