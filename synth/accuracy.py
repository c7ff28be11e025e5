"""accuracy: labelled recordings and the facts found of them → readings → a table.

Each fact of a labelled property is judged by the label (`synth.grading`); per property, and per
tier, the share of claims that are right is its precision, with a 95 % interval. Coverage is the
share of labelled clips that have a corroborated fact.

`overall` is of the corroborated tier and counts only properties that two independent witnesses
tell of (`two_witnesses`). There each fact weighs one, a list by the share of its items that are
right, so that a few hundred words do not outvote the tempi; its coverage is the mean over the
properties. Facts that code derives (a count of words) rest on others that count already: they
stand in the table.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import VOCABULARY, property_named
from synth import observe
from synth.grading import grade
from synth.observed_scores import observed_scores
from synth.plugins import load
from synth.scores import tempo_error
from synth.truth import interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from schemas import Fact, Observation, State, Tier, Value
    from synth.labels import Label, Labels

TIERS: tuple[Tier, ...] = ("constructed", "corroborated", "single", "listener", "contested")
_LONGEST_TEXT = 80  # characters: what a table's cell holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A labelled recording, and all that was found of it."""

    path: str
    recording: str
    labels: Labels
    facts: tuple[Fact, ...]
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One fact as a label judges it; without a tier where nothing was found of a label."""

    path: str
    recording: str
    property: str
    subject: str
    labelled: str
    tier: Tier | None = None
    state: State | None = None
    said: str = ""
    witnesses: tuple[str, ...] = ()
    right: int = 0
    wrong: int = 0
    unjudged: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """the items of a list that are wrong"""
    error: float = 0.0
    """how far off, to rank errors by"""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with its 95 % interval; None where nothing was judged."""

    n: int
    precision: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is known of one property's facts."""

    property: str
    labelled: int
    coverage: float
    """share of labelled clips that have a corroborated fact"""
    two_witnesses: bool
    tiers: Mapping[Tier, Rate]
    metrics: Mapping[str, object]
    errors: tuple[Reading, ...]
    """readings that are wrong, the corroborated and the farthest off first"""
    unjudged: Mapping[str, int]
    """claims that no label can judge, and in how many clips"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All rows, in the vocabulary's order, and what they come to."""

    labelled: int
    """clips with a label of a property that two witnesses tell of"""
    coverage: float | None
    overall: Rate
    rows: tuple[Row, ...]


def two_witnesses(extractors: Sequence[str], clips: Sequence[Clip]) -> frozenset[str]:
    """Name the properties that two independent witnesses tell of.

    Two measure it, of the installed extractors; or one does, and another property's witness has
    corroborated it (words that are confirmed confirm their language).
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for name in extractors:
        if observe.missing_package(name) is None:
            for measured in load("extractors", name).PROPERTIES:
                groups[measured].add(observe.witness(name))
    corroborated = {
        fact.property
        for clip in clips
        for fact in clip.facts
        if fact.tier == "corroborated" and fact.state == "known"
    }
    return frozenset(
        name for name, witnesses in groups.items() if len(witnesses) > 1 or name in corroborated
    )


def read_clip(clip: Clip) -> tuple[Reading, ...]:
    """Judge each labelled property's facts; a label without any fact is a reading, too."""
    found: list[Reading] = []
    for label in clip.labels.labels:
        facts = [
            fact for fact in clip.facts
            if (fact.property, fact.subject) == (label.property, label.subject)
            and fact.span is None
        ]  # fmt: skip
        found.extend(_reading(clip, label, fact) for fact in facts)
        if not facts:
            found.append(Reading(path=clip.path, recording=clip.recording, property=label.property,
                                 subject=label.subject, labelled=written(label.value)))  # fmt: skip
    return tuple(found)


def _reading(clip: Clip, label: Label, fact: Fact) -> Reading:
    judged = grade(fact, label, clip.labels)
    return Reading(
        path=clip.path,
        recording=clip.recording,
        property=label.property,
        subject=label.subject,
        labelled=written(label.value),
        tier=fact.tier,
        state=fact.state,
        said=written(fact.value) if fact.state == "known" else fact.state.replace("_", " "),
        witnesses=fact.witnesses,
        right=judged.right,
        wrong=judged.wrong,
        unjudged=judged.unjudged,
        faults=judged.faults,
        error=judged.error,
        note=fact.note,
    )


def written(value: Value | None) -> str:
    """Write a value in one line."""
    if value is None:
        return "none"
    if value.number is not None:
        return f"{value.number:.6g}"
    if value.text is not None:
        return value.text
    return ", ".join(item.label for item in value.items or ())


def shortened(text: str) -> str:
    """Cut a text to what a table's cell holds."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


def table(clips: Sequence[Clip], witnessed: frozenset[str]) -> Table:
    """Make the table; `witnessed` names the properties that two witnesses tell of."""
    corroborable = _corroborable(clips)
    by_property: dict[str, dict[str, list[Reading]]] = defaultdict(lambda: defaultdict(list))
    for clip in clips:
        for one in read_clip(clip):
            if not property_named(one.property).subjects or _is_asked(one, corroborable):
                by_property[one.property][clip.recording].append(one)
    rows = tuple(
        _row(name.name, by_property[name.name], clips, witnessed)
        for name in VOCABULARY if name.name in by_property
    )  # fmt: skip
    counted = [row for row in rows if row.two_witnesses]
    readings = [one for row in counted for many in by_property[row.property].values()
                for one in many]  # fmt: skip
    return Table(
        labelled=len({one.recording for one in readings}),
        coverage=math.fsum(row.coverage for row in counted) / len(counted) if counted else None,
        overall=_weighed_alike(readings),
        rows=rows,
    )


def _corroborable(clips: Iterable[Clip]) -> frozenset[tuple[str, str]]:
    """Find the subjects of which two witnesses tell in any of the clips."""
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for clip in clips:
        for seen in clip.observations:
            groups[seen.property, seen.subject].add(seen.witness)
    return frozenset(key for key, witnesses in groups.items() if len(witnesses) > 1)


def _is_asked(one: Reading, corroborable: frozenset[tuple[str, str]]) -> bool:
    """Whether a reading of something named counts: found, or within two witnesses' reach.

    A label "moo" says that an animal is there; that no instrument tells whether there are
    animals is no gap in what it tells of speech.
    """
    return one.tier is not None or (one.property, one.subject) in corroborable


def _row(
    name: str, by_clip: Mapping[str, Sequence[Reading]], clips: Sequence[Clip],
    witnessed: frozenset[str],
) -> Row:  # fmt: skip
    readings = [one for many in by_clip.values() for one in many]
    covered = sum(any(one.tier == "corroborated" for one in many) for many in by_clip.values())
    tiers = {tier: _rate([one for one in readings if one.tier == tier]) for tier in TIERS}
    wrong = [one for one in readings if one.wrong]
    unjudged: dict[str, int] = defaultdict(int)
    for many in by_clip.values():
        for claim in {claim for one in many for claim in one.unjudged}:
            unjudged[claim] += 1
    labelled = [clip for clip in clips if clip.recording in by_clip]
    return Row(
        property=name,
        labelled=len(by_clip),
        coverage=covered / len(by_clip),
        two_witnesses=name in witnessed,
        tiers={tier: rate for tier, rate in tiers.items()
               if any(one.tier == tier for one in readings)},
        metrics={
            **observed_scores(name, [(clip.labels, clip.observations) for clip in labelled]),
            **(_on_level(labelled) if name == "tempo" else {}),
            **({"unjudged": sum(unjudged.values())} if unjudged else {}),
        },
        errors=tuple(sorted(wrong, key=_by_weight)),
        unjudged=dict(sorted(unjudged.items(), key=lambda pair: (-pair[1], pair[0]))),
    )  # fmt: skip


def _on_level(clips: Sequence[Clip]) -> dict[str, object]:
    """Give the Accuracy1 of corroborated tempi, whatever they leave open: for the record."""
    tolerance = property_named("tempo").tolerance
    right = [
        tempo_error(fact.value.number, label.value.number) <= tolerance
        for clip in clips
        for label in clip.labels.of("tempo")
        for fact in clip.facts
        if fact.property == "tempo" and fact.tier == "corroborated" and not label.octave_open
        and fact.value and fact.value.number and label.value and label.value.number
    ]  # fmt: skip
    if not right:
        return {}
    return {"corroborated_accuracy1": {"value": right.count(True) / len(right),
                                       "clips": len(right)}}  # fmt: skip


def _by_weight(one: Reading) -> tuple[bool, int, float, str]:
    tier = TIERS.index(one.tier) if one.tier else len(TIERS)
    return (one.tier != "corroborated", tier, -one.error, one.path)


def _rate(readings: Sequence[Reading]) -> Rate:
    right, wrong = sum(one.right for one in readings), sum(one.wrong for one in readings)
    return _share(right, right + wrong)


def _weighed_alike(readings: Iterable[Reading]) -> Rate:
    """Pool corroborated facts, each of weight one."""
    shares = [one.right / (one.right + one.wrong) for one in readings
              if one.tier == "corroborated" and one.right + one.wrong]  # fmt: skip
    return _share(math.fsum(shares), len(shares))


def _share(right: float, total: int) -> Rate:
    if not total:
        return Rate(n=0, precision=None, low=None, high=None)
    low, high = interval(right, total)
    return Rate(n=total, precision=right / total, low=low, high=high)
