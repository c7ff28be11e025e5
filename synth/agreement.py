"""Agreement of witnesses on a number or a name: tempo, key, loudness, pitch, presence, language."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemas import LISTENED, Observation, Value
from synth.finding import Finding, agrees, alike, ambiguity, distance
from synth.key_relations import key_relation
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas import Tier

# Where three witnesses or more look, two may outvote one; elsewhere any dissent contests. Of 104
# made pieces with a tempo two of three agreed on 89, each time rightly up to a factor of 2 or 3.
_BY_MAJORITY = frozenset({"tempo"})

# Of two metrical levels that witnesses cannot choose between, people tap the one that is nearer:
# Parncutt 1994, Music Perception 11(4): preferred pulses are about half a second apart.
_TAPPED_BPM = threshold("settle", "tapped_tempo")


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

    Groups that agree within the tolerance corroborate each other; a number is their mean. Tempi
    agree also on different metrical levels: then the level is open and the margin is 0. A single
    group is a single witness. Dissent contests every reading, with a note on how the readings
    relate, save where a majority decides; so does a rival reading at a ratio at which the same
    music is heard. What only listeners tell keeps a tier of its own.
    """
    readings = _readings(observations)
    name = observations[0].property
    agreed = _largest(name, readings)
    dissent = [reading for reading in readings if reading not in agreed]
    outvoted = name in _BY_MAJORITY and len(agreed) > max(1, len(dissent))
    if dissent and not outvoted:
        return _all_contested(name, readings)
    if name in LISTENED:
        return _listened(agreed)
    said = tuple(seen for reading in agreed for seen in reading.observations)
    witnesses = tuple(reading.witness for reading in agreed)
    note = _disagreement(name, readings) if dissent else _one(agreed)
    found = _finding(said, witnesses, "corroborated" if len(witnesses) > 1 else "single", note)
    return (_weigh(_at_one_value(found, agreed), agreed),)


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


def _largest(name: str, readings: Sequence[_Reading]) -> list[_Reading]:
    """Find the most readings that all agree with one another; the first of equally many."""
    groups = [
        [other for other in readings if agrees(name, one.best.value, other.best.value)]
        for one in readings
    ]
    whole = [
        group
        for group in groups
        if all(agrees(name, one.best.value, other.best.value) for one in group for other in group)
    ]
    return max(whole, key=len, default=[readings[0]])


def _all_contested(name: str, readings: Sequence[_Reading]) -> tuple[Finding, ...]:
    note = _disagreement(name, readings)
    return tuple(
        _finding(reading.observations, (reading.witness,), "contested", note)
        for reading in readings
    )


def _listened(agreed: Sequence[_Reading]) -> tuple[Finding, ...]:
    """Audio language models are witnesses of their own kind, and one alone is none."""
    said = tuple(seen for reading in agreed for seen in reading.observations)
    witnesses = tuple(reading.witness for reading in agreed)
    if len(witnesses) > 1:
        return (_finding(said, witnesses, "listener", "audio language models agree"),)
    return (_finding(said, witnesses, "contested", "one listener alone"),)


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


def _at_one_value(found: Finding, agreed: Sequence[_Reading]) -> Finding:
    """Give a number its witnesses' mean; where they leave its level open, the likelier level's."""
    numbers = [reading.best.value.number for reading in agreed]
    known = [number for number in numbers if number is not None]
    if found.value is None or found.value.number is None or not known:
        return found
    levels = [
        [other for other in known if alike(found.property, Value(number=one), Value(number=other))]
        for one in known
    ]
    most = max(map(len, levels))
    level = min(
        (level for level in levels if len(level) == most),
        key=lambda level: abs(math.log(math.fsum(level) / len(level) / _TAPPED_BPM)),
    ) if most < len(known) else known  # fmt: skip
    found = replace(found, value=Value(number=math.fsum(level) / len(level)))
    if len(level) == len(known):
        return found
    return replace(found, margin=0.0, note="witnesses agree on the tempo, not on its level")


def _weigh(found: Finding, readings: Sequence[_Reading]) -> Finding:
    """Contest a finding whose own witnesses offer it otherwise; else say how far rivals are."""
    rivals = [rival for reading in readings for rival in reading.rivals]
    margins = [] if found.margin is None else [found.margin]
    if found.property == "presence":
        margins += _surplus(readings)
    for rival in rivals:
        number, value = rival.value.number, found.value.number if found.value else None
        if number is None or value is None:
            gap = _confidence_gap(readings, rival)
            if gap <= 0:
                note = f"{rival.extractor} offers another value as surely"
                return replace(found, tier="contested", note=note)
            margins.append(gap)
            continue
        relation = ambiguity(found.property, value, number)
        if relation:
            note = f"{rival.extractor} also offers {number:g}: {relation}"
            return replace(found, tier="contested", note=note)
        margins.append(distance(found.property, value, number))
    return replace(found, margin=min(margins, default=None))


def _surplus(readings: Sequence[_Reading]) -> list[float]:
    """Tell how much surer than even each witness of a presence or absence is, if it tells."""
    told = [reading.best.confidence for reading in readings]
    return [confidence - 0.5 for confidence in told if confidence is not None]


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
