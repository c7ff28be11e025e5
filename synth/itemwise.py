"""Agreement of witnesses on a list, item by item: words, events, stretches of speech, turns."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from schemas import Item, Observation, Value, property_named
from synth.finding import Finding, plain, spoken
from synth.wordwise import paired

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Tier

# DIHARD challenge: pauses of at most 200 ms are no breaks and are bridged.
_BRIDGED_PAUSE_S = 0.2
# Where a list has no collar of its own, the one of NIST RT-09: word times of two decoders differ.
_COLLAR_S = 0.25
# By start and end where these are within the collar; all others where the times overlap at all.
_BY_BOUNDARIES = frozenset({"speech_segments", "turns", "silence", "overlapped_speech"})
_JOINED = frozenset({"speech_segments", "silence", "overlapped_speech"})


# Sets of labels from taggers that know different classes: settled label by label.
_BY_LABEL = frozenset({"event", "instrument"})


# Lists that leave out what is not clear: that two of them agree does not make them whole.
_NEVER_WHOLE = frozenset({"chords", "beats"})


@dataclass(frozen=True, slots=True)
class _List:
    """One extractor's list, in order of time."""

    seen: Observation
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Heard:
    """Words that all of some lists have."""

    lists: tuple[_List, ...]
    items: tuple[Item, ...]
    whole: bool
    """every word of every list is among them"""


def agree_itemwise(observations: Sequence[Observation]) -> tuple[Finding, ...]:
    """Settle a list of one property, subject and span from all lists that were observed of it.

    Only items that every list has are settled. The whole list is settled where every item is:
    then no rival is known and the margin is None. Of a list that is settled in part the margin
    is 0: the next plausible list is as likely, and neither count nor order may be drawn from it.
    An empty list that all agree on is the state absent. Where nothing agrees, all is contested.
    """
    lists = [_List(seen, _tidy(seen)) for seen in sorted(observations, key=_by_confidence)]
    if lists[0].seen.property in _BY_LABEL:
        return tuple(_by_label(lists))
    if lists[0].seen.property == "words":
        return tuple(_by_word(lists))
    rows = _rows(lists)
    longest = max(len(each.items) for each in lists)
    if not rows and longest:
        note = "no item is in all of the lists"
        return tuple(_found([each], each.items, "contested", None, note) for each in lists)
    witnesses = {each.seen.witness for each in lists}
    tier: Tier = "corroborated" if len(witnesses) > 1 else "single"
    whole = lists[0].seen.property not in _NEVER_WHOLE and all(
        len(each.items) == len(rows) for each in lists
    )
    agreed = tuple(_joined(lists[0].seen.property, row) for row in rows)
    note = _note(lists, len(rows), longest)
    return (_found(lists, agreed, tier, None if whole else 0.0, note),)


def _by_word(lists: Sequence[_List]) -> Iterator[Finding]:
    """Settle words: first what all decoders of a witness agree on, then what witnesses agree on.

    A weak second witness confirms single words and refutes none: what it does not confirm stays
    with the fullest witness, of more decoders or of more seconds, as a list of its own.
    """
    groups: dict[str, list[_Heard]] = defaultdict(list)
    for each in lists:
        groups[each.seen.witness].append(_Heard((each,), each.items, whole=True))
    witnesses = sorted(
        (reduce(_in_both, group) for group in groups.values()),
        key=lambda heard: (-len(heard.lists), -_seconds(heard.items), heard.lists[0].seen.witness),
    )
    fullest, agreed = witnesses[0], reduce(_in_both, witnesses)
    if len(witnesses) > 1 and (agreed.items or agreed.whole):
        yield _settled(agreed, "corroborated")
        if agreed.whole:
            return
    unsettled = list(witnesses[1:]) if not agreed.items else []
    if fullest.items or fullest.whole:
        yield _settled(fullest, "single")
    else:
        unsettled.insert(0, fullest)
    for heard in unsettled:
        for one in heard.lists:
            note = "no item is in all of the lists"
            yield _found([one], one.items, "contested", None, note)


def _in_both(one: _Heard, other: _Heard) -> _Heard:
    """Keep the words of the one that the other has at the same moment, as the one writes them."""
    pairs = paired(one.items, other.items, _COLLAR_S)
    mine = [place for places, _ in pairs for place in places]
    theirs = [place for _, places in pairs for place in places]
    return _Heard(
        (*one.lists, *other.lists),
        tuple(one.items[place] for place in mine),
        whole=one.whole
        and other.whole
        and (len(mine), len(theirs)) == (len(one.items), len(other.items)),
    )


def _seconds(items: Sequence[Item]) -> float:
    return math.fsum(
        item.end_s - item.start_s
        for item in items
        if item.start_s is not None and item.end_s is not None
    )


def _settled(heard: _Heard, tier: Tier) -> Finding:
    longest = max(len(each.items) for each in heard.lists)
    note = _note(heard.lists, len(heard.items), longest)
    # That two recognisers write the same words does not show that neither missed one: of five
    # such lists of made speech three were the whole text. So words are vouched for, lists are not.
    whole = heard.whole and tier != "corroborated"
    return _found(heard.lists, heard.items, tier, None if whole else 0.0, note)


def _by_label(lists: Sequence[_List]) -> Iterator[Finding]:
    """Settle labels one by one: no tagger knows all of another's, so that silence is no dissent.

    What two witnesses hear is settled together, as a part of all that is heard; what one hears
    alone stays with that one.
    """
    heard_by: dict[str, set[str]] = defaultdict(set)
    for each in lists:
        for item in each.items:
            heard_by[plain(item.label)].add(each.seen.witness)
    shared = {label for label, witnesses in heard_by.items() if len(witnesses) > 1}
    if shared:
        agreeing = [each for each in lists if any(plain(i.label) in shared for i in each.items)]
        agreed = [item for item in agreeing[0].items if plain(item.label) in shared]
        rest = shared - {plain(item.label) for item in agreed}
        for each in agreeing[1:]:
            agreed += [item for item in each.items if plain(item.label) in rest]
            rest -= {plain(item.label) for item in agreed}
        note = _note(agreeing, len(shared), len(heard_by))
        yield _found(agreeing, tuple(agreed), "corroborated", 0.0, note)
    for each in lists:
        alone = tuple(item for item in each.items if plain(item.label) not in shared)
        if alone or not each.items:
            yield _found([each], alone, "single", None if not shared else 0.0, _note([each], 0, 0))


def _by_confidence(seen: Observation) -> tuple[str, float, str, str]:
    return (seen.witness, -(seen.confidence or 0.0), seen.extractor, seen.id)


def _tidy(seen: Observation) -> tuple[Item, ...]:
    """Order by time, drop what is only punctuation, bridge pauses that are no breaks."""
    ordered = sorted(
        spoken(seen.value.items or ()),
        key=lambda item: math.inf if item.start_s is None else item.start_s,
    )  # stable: words without times keep their order
    if seen.property != "speech_segments":
        return tuple(ordered)
    bridged: list[Item] = []
    for item in ordered:
        last = bridged[-1] if bridged else None
        if last is not None and _pause(last, item) <= _BRIDGED_PAUSE_S:
            ends = [end for end in (last.end_s, item.end_s) if end is not None]
            bridged[-1] = Item(label=last.label, start_s=last.start_s, end_s=max(ends))
        else:
            bridged.append(item)
    return tuple(bridged)


def _pause(before: Item, after: Item) -> float:
    if before.end_s is None or after.start_s is None:
        return math.inf
    return after.start_s - before.end_s


def _rows(lists: Sequence[_List]) -> list[tuple[Item, ...]]:
    """Pair each item of the first list with its like in every other list, first come first."""
    name = lists[0].seen.property
    rows: list[tuple[Item, ...]] = [(item,) for item in lists[0].items]
    for other in lists[1:]:
        free = list(other.items)
        paired: list[tuple[Item, ...]] = []
        for row in rows:
            place = next((at for at, item in enumerate(free) if _same(name, row[0], item)), None)
            if place is not None:
                paired.append((*row, free.pop(place)))
        rows = paired
    return rows


def _same(name: str, one: Item, other: Item) -> bool:
    if plain(one.label) != plain(other.label):
        return False
    if None in (one.start_s, one.end_s, other.start_s, other.end_s):
        return name not in _BY_BOUNDARIES
    collar = property_named(name).tolerance or _COLLAR_S
    starts, ends = _bounds(one, other)
    if name in _BY_BOUNDARIES:
        return max(starts) - min(starts) <= collar and max(ends) - min(ends) <= collar
    return max(starts) <= min(ends) + collar


def _bounds(*items: Item) -> tuple[list[float], list[float]]:
    return (
        [item.start_s for item in items if item.start_s is not None],
        [item.end_s for item in items if item.end_s is not None],
    )


def _joined(name: str, row: tuple[Item, ...]) -> Item:
    """Take the surest list's item; of stretches, what all of them cover."""
    if name not in _JOINED:
        return row[0]
    starts, ends = _bounds(*row)
    start, end = max(starts), min(ends)
    return Item(label=row[0].label, start_s=start, end_s=end) if start <= end else row[0]


def _found(
    lists: Sequence[_List], items: tuple[Item, ...], tier: Tier, margin: float | None, note: str
) -> Finding:
    first = lists[0].seen
    return Finding(
        property=first.property,
        subject=first.subject,
        span=first.span,
        state="known" if items else "absent",
        value=Value(items=items) if items else None,
        margin=margin,
        tier=tier,
        witnesses=tuple(sorted({each.seen.witness for each in lists})),
        observations=tuple(each.seen.id for each in lists),
        note=note,
    )


def _note(lists: Sequence[_List], agreed: int, longest: int) -> str:
    if len(lists) == 1:
        return f"{lists[0].seen.extractor} alone"
    names = ", ".join(sorted({each.seen.extractor for each in lists}))
    counted = f"{names} agree on {agreed} of {longest}"
    if len({each.seen.witness for each in lists}) == 1:
        return f"{counted}; they share {lists[0].seen.witness}: one witness"
    return counted
