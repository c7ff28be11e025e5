"""What has been found of a recording, before `settle` gives it an id and makes it a Fact."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import VOCABULARY, Item, Observation, Span, State, Tier, Value, property_named

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTS = frozenset(row.name for row in VOCABULARY if row.form == "items")
"""Properties whose value is a list of items."""

YES = Value(text="yes")

# Ratios at which the same music is plausibly heard: MIREX tempo Accuracy2 (x2, x3 and back),
# and the triplet and dotted relations 3/2, 4/3 and 4.
_METRICAL = (2.0, 3.0, 4.0, 3 / 2, 4 / 3)
_OCTAVES = (2.0, 4.0)
# MIREX tempo Accuracy2 alone: the levels on which witnesses still agree on one tempo.
_LEVELS = {"tempo": (2.0, 3.0)}
_AMBIGUOUS = {"tempo": _METRICAL, "pitch": _OCTAVES}

# Witnesses must agree more closely than a listener has to. EBU Tech 3341 allows a meter 0.1 LU;
# ours is half of the listener's tolerance, room for two meters' filters and framing.
_WITNESSES_WITHIN = {"loudness": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A Fact without its id: what was found, who says so, and how sure it is."""

    property: str
    subject: str = ""
    span: Span | None = None
    state: State = "known"
    value: Value | None = None
    margin: float | None = None
    tier: Tier = "single"
    witnesses: tuple[str, ...] = ()
    observations: tuple[str, ...] = ()
    note: str = ""


def key_of(found: Finding | Observation) -> tuple[str, str, str]:
    """Say what it is of: property, subject and span."""
    return (found.property, found.subject, span_key(found.span))


def span_key(span: Span | None) -> str:
    """Write a span in whole milliseconds, "" for the whole recording."""
    if span is None:
        return ""
    return f"{round(span.start_s * 1000)}-{round(span.end_s * 1000)}"


def rank(name: str) -> int:
    """Place of a property in the vocabulary: the order in which facts are listed."""
    return next(place for place, row in enumerate(VOCABULARY) if row.name == name)


def plain(label: str) -> str:
    """Reduce a label or a word to what two writers of it share: letters and digits, lower case."""
    return "".join(letter for letter in label.casefold() if letter.isalnum())


def spoken(items: Iterable[Item]) -> tuple[Item, ...]:
    """Leave out items that are nothing but punctuation."""
    return tuple(item for item in items if plain(item.label))


def alike(name: str, one: Value | None, other: Value | None) -> bool:
    """Whether two values of a property are the same within the tolerance of witnesses."""
    if one is None or other is None:
        return one is other
    if one.number is not None and other.number is not None:
        return _near(name, one.number, other.number)
    if one.text is not None and other.text is not None:
        return one.text.casefold() == other.text.casefold()
    if one.items is not None and other.items is not None:
        return list(map(_named, one.items)) == list(map(_named, other.items))
    return False


def agrees(name: str, one: Value, other: Value) -> bool:
    """Whether two witnesses say the same, be it on different metrical levels."""
    if alike(name, one, other):
        return True
    if one.number is None or other.number is None or min(one.number, other.number) <= 0:
        return False
    apart = abs(math.log(one.number / other.number))
    reach = math.log1p(property_named(name).tolerance)
    return any(abs(apart - math.log(level)) <= reach for level in _LEVELS.get(name, ()))


def distance(name: str, value: float, rival: float) -> float:
    """How far a rival lies from a value, in the terms of the property's tolerance."""
    if property_named(name).relative:
        return abs(rival / value - 1) if value else math.inf
    return abs(rival - value)


def ambiguity(name: str, one: float, other: float) -> str:
    """Name the ratio by which two readings are the same music heard otherwise, or ""."""
    if min(one, other) <= 0:
        return ""
    apart = abs(math.log(one / other))
    reach = math.log1p(property_named(name).tolerance)
    for ratio in _AMBIGUOUS.get(name, ()):
        if abs(apart - math.log(ratio)) <= reach:
            return f"a factor of {ratio:.3g} apart"
    return ""


def _named(item: Item) -> str:
    return plain(item.label)


def _near(name: str, one: float, other: float) -> bool:
    row = property_named(name)
    if not row.relative:
        return abs(one - other) <= _WITNESSES_WITHIN.get(name, row.tolerance)
    if min(one, other) <= 0:
        return one == other
    # Log ratio: symmetric in the two, and never wider than the tolerance of either.
    return abs(math.log(one / other)) <= math.log1p(row.tolerance)
