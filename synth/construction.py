"""What is true of a recording because we made it so: an edit's truths and what follows of them."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import Item, Recording, Truth, Value, property_named
from schemas.errors import BadRecord
from synth.finding import YES, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Edit

# Two sounds that start closer than the onset collar have no order (sed_eval, DCASE: 200 ms).
_TOGETHER_S = property_named("onset").tolerance

# Sounds that go on: how many times they are heard is a matter of where one parts them.
_UNCOUNTED = frozenset({"speech", "music", "singing"})


def constructed(recording: Recording) -> tuple[Finding, ...]:
    """Find what the recording's edit states, and what follows from the lists that it completes.

    Raises:
        BadRecord: the edit states a value that its property cannot have.
        UnknownProperty: the edit names a property outside the vocabulary.
    """
    if recording.edit is None:
        return ()
    stated = [_stated(truth, recording.edit, recording.id) for truth in recording.edit.truths]
    return (*stated, *(found for one in stated for found in _consequences(one)))


def speech_rate(words: Sequence[Item]) -> float | None:
    """Words a minute from the first word's start to the last one's end, pauses included.

    None where times are missing or fewer than three words leave the rate to chance.
    """
    starts = [word.start_s for word in words if word.start_s is not None]
    ends = [word.end_s for word in words if word.end_s is not None]
    if not len(words) == len(starts) == len(ends) or len(words) < 3:
        return None
    lasts = max(ends) - min(starts)
    return 60 * len(words) / lasts if lasts > 0 else None


def _stated(truth: Truth, edit: Edit, recording: str) -> Finding:
    value = _fitting(truth)
    says_no = truth.property == "presence" and value is not None and value.text == "no"
    absent = truth.state == "absent" or says_no
    if not absent and value is None:
        message = f"edit {edit.name} states no usable {truth.property}: {truth.value}"
        raise BadRecord(message, record_id=recording)
    return Finding(
        property=truth.property,
        subject=truth.subject,
        span=truth.span,
        state="absent" if absent else "known",
        value=None if absent else value,
        tier="constructed",
        witnesses=(edit.name,),
    )


def _fitting(truth: Truth) -> Value | None:
    """Bring a stated value into its property's form, None where it has none that fits."""
    row, value = property_named(truth.property), truth.value
    if row.name == "presence" and value is None:
        return YES
    if value is None:
        return None
    if row.name == "words" and value.text is not None:
        return Value(items=tuple(Item(label=word) for word in value.text.split()))
    if row.name in {"event", "instrument"} and value.text is not None:
        return Value(items=(Item(label=value.text),))
    form = getattr(value, row.form)
    return None if form is None or form == () else value


def _consequences(stated: Finding) -> Iterator[Finding]:
    """Draw from a complete list what only a complete list can tell."""
    items = stated.value.items if stated.value else None
    if items is None or stated.subject:
        return
    if stated.property == "event":
        yield from _of_events(stated, items)
    if stated.property == "words":
        yield _number(stated, "word_count", len(items))
        rate = speech_rate(items)
        if rate is not None:
            yield _number(stated, "speech_rate", rate)
    if stated.property == "turns":
        yield _number(stated, "speaker_count", len({item.label for item in items}))
    if stated.property in {"words", "turns", "speech_segments"}:
        yield _from(stated, "presence", "speech", YES)


def _of_events(stated: Finding, events: Sequence[Item]) -> Iterator[Finding]:
    by_label: dict[str, list[Item]] = defaultdict(list)
    for event in sorted(events, key=_start):
        by_label[event.label].append(event)
    for label, heard in sorted(by_label.items()):
        yield _from(stated, "presence", label, YES)
        if math.isfinite(_start(heard[-1])):
            yield _number(stated, "onset", _start(heard[0]), label)
        yield from _lasting(stated, label, heard)
        bed = any(_lies_under(one, events) for one in heard)
        if label not in _UNCOUNTED and not bed and all(map(_separate, heard, heard[1:])):
            yield _number(stated, "event_count", len(heard), label)
    ordered = sorted(events, key=_start)
    if math.isfinite(_start(ordered[-1])) and not any(_lies_under(one, events) for one in events):
        yield from _in_order(stated, ordered)


def _lasting(stated: Finding, label: str, heard: Sequence[Item]) -> Iterator[Finding]:
    """Say when a sound is last heard and, of one that is heard once, how long it lasts."""
    ends = [event.end_s for event in heard if event.end_s is not None]
    if len(ends) < len(heard):
        return
    yield _number(stated, "offset", max(ends), label)
    if len(heard) == 1 and heard[0].start_s is not None:
        yield _number(stated, "event_duration", ends[0] - heard[0].start_s, label)


def _in_order(stated: Finding, ordered: Sequence[Item]) -> Iterator[Finding]:
    first, last = ordered[0], ordered[-1]
    if len({event.label for event in ordered}) > 1 and all(map(_apart, ordered, ordered[1:])):
        yield _from(stated, "event_order", "", Value(items=tuple(ordered)))
    if all(_apart(first, event) for event in ordered):
        yield _from(stated, "first_event", "", Value(text=first.label))
    if all(_apart(event, last) and _over_before(event, last) for event in ordered):
        yield _from(stated, "last_event", "", Value(text=last.label))


def _lies_under(bed: Item, events: Sequence[Item]) -> bool:
    """Whether a sound lasts through all others: it is no event that is counted or comes first."""
    others = [event for event in events if event is not bed]
    if bed.end_s is None or not others:
        return False
    ends = [math.inf if event.end_s is None else event.end_s for event in others]
    return _start(bed) <= min(map(_start, others)) and max(ends) <= bed.end_s


def _separate(one: Item, after: Item) -> bool:
    """Whether two of a kind are heard as two: there is a gap between them."""
    end = _start(one) if one.end_s is None else one.end_s
    return _start(after) - end > 0 and _start(after) - _start(one) > _TOGETHER_S


def _start(event: Item) -> float:
    return math.inf if event.start_s is None else event.start_s


def _apart(one: Item, other: Item) -> bool:
    """Whether a listener can tell that one starts before the other, if they differ at all."""
    return one.label == other.label or _start(other) - _start(one) > _TOGETHER_S


def _over_before(one: Item, last: Item) -> bool:
    """Whether it ends before the last to start does: else which is heard last is open."""
    if one.label == last.label:
        return True
    return one.end_s is not None and last.end_s is not None and one.end_s <= last.end_s


def _number(stated: Finding, name: str, number: float, subject: str = "") -> Finding:
    return _from(stated, name, subject, Value(number=float(number)))


def _from(stated: Finding, name: str, subject: str, value: Value) -> Finding:
    note = f"follows from the whole list of {stated.property}"
    return replace(stated, property=name, subject=subject, value=value, note=note)
