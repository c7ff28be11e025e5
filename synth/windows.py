"""What was seen in one window of a long recording, told in the recording's own time.

Each window is measured as a recording of its own. So what is said of it has the window as its
span, and nothing is claimed of the whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import Span, Value, identity

if TYPE_CHECKING:
    from schemas import Extraction, Item, Observation

_MOMENTS = frozenset({"onset", "offset", "word_onset"})
"""Properties whose number is a moment of the recording, in seconds."""


def placed(one: Observation, window: Span | None) -> Observation:
    """Move an observation from its window's time to the recording's; None: they are the same."""
    if window is None:
        return one
    return replace(
        one,
        id=_name(one.id, window),
        span=_span(one.span, window),
        value=_value(one, window.start_s),
    )


def told(one: Extraction, window: Span | None) -> Extraction:
    """Say of which window an extraction tells; None: of the whole recording."""
    if window is None:
        return one
    where = f"{window.start_s:.3f}-{window.end_s:.3f} s"
    reason = f"{where}: {one.reason}" if one.reason else where
    return replace(one, id=_name(one.id, window), reason=reason)


def _name(name: str, window: Span) -> str:
    return identity("window", name, round(window.start_s * 1000), round(window.end_s * 1000))


def _span(span: Span | None, window: Span) -> Span:
    if span is None:
        return window
    return Span(start_s=span.start_s + window.start_s, end_s=span.end_s + window.start_s)


def _value(one: Observation, start_s: float) -> Value:
    if one.value.items is not None:
        return Value(items=tuple(_item(item, start_s) for item in one.value.items))
    if one.property in _MOMENTS and one.value.number is not None:
        return Value(number=one.value.number + start_s)
    return one.value


def _item(item: Item, start_s: float) -> Item:
    return replace(
        item,
        start_s=None if item.start_s is None else item.start_s + start_s,
        end_s=None if item.end_s is None else item.end_s + start_s,
    )
