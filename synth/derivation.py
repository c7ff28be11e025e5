"""What code derives from settled findings: mode, first and last word, pauses, and relations.

A derived finding stands on what it was derived from, at the same tier and by the same witnesses.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from schemas import Item, Span, Value, property_named
from synth.finding import Finding, plain
from synth.key_relations import tonic_and_mode
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Observation, Tier

_TIERS: tuple[Tier, ...] = ("constructed", "corroborated", "single", "listener", "contested")
_PAUSE_S = threshold("settle", "pause")
_NO_PAUSE_S = threshold("settle", "no_pause")
_COLLAR_S = property_named("word_onset").tolerance
_TOGETHER_S = property_named("onset").tolerance
_LASTING = property_named("event_duration").tolerance
_LOUDER_LU = property_named("loudness").tolerance


def tonics(observations: Sequence[Observation]) -> Iterator[Observation]:
    """Read the tonic out of each key observed, where its extractor names no tonic itself.

    Witnesses that differ in mode alone still agree on the tonic.
    """
    told = {(seen.extractor, seen.span) for seen in observations if seen.property == "tonic"}
    for seen in observations:
        parts = tonic_and_mode(seen.value.text or "") if seen.property == "key" else None
        if parts and (seen.extractor, seen.span) not in told:
            yield replace(seen, property="tonic", value=Value(text=parts[0]))


def derived(found: Sequence[Finding], observations: Sequence[Observation]) -> Iterator[Finding]:
    """Derive what follows from findings that are not contested."""
    lists = {seen.id: seen.value.items or () for seen in observations}
    known = [one for one in found if one.state == "known" and one.tier != "contested"]
    for one in known:
        if one.property == "key":
            yield from _mode(one)
        elif one.property == "words" and not one.subject:
            yield from _of_words(one, [lists[name] for name in one.observations])
        elif one.property == "speech_segments" and one.margin is None:
            yield from _pauses(one)
        elif one.property == "turns" and one.margin is None:
            yield from _voices(one, known)
    yield from _heard_somewhere(known)
    yield from _relations(known)


def _heard_somewhere(known: Sequence[Finding]) -> Iterator[Finding]:
    """Say that what is heard in a stretch of a recording is heard in the recording."""
    told = {one.subject for one in known if one.property == "presence" and one.span is None}
    for one in sorted(known, key=lambda one: _TIERS.index(one.tier)):
        if one.property == "presence" and one.subject not in told:
            told.add(one.subject)
            yield replace(one, span=None, note="heard in a stretch of it")


def _mode(key: Finding) -> Iterator[Finding]:
    parts = tonic_and_mode(key.value.text or "") if key.value else None
    if parts:
        yield _from(key, "mode", Value(text=parts[1]))


# Words -------------------------------------------------------------------------------------------


def _of_words(words: Finding, lists: Sequence[Sequence[Item]]) -> Iterator[Finding]:
    """Tell first and last word of a whole list; of a part, when each word heard once is heard."""
    items = _items(words)
    sure = words.tier == "constructed" or len(words.observations) > 1
    if not items or not sure:
        return
    if words.margin is None:
        yield _from(words, "first_word", Value(text=items[0].label))
        yield _from(words, "last_word", Value(text=items[-1].label))
    for item in items:
        if item.start_s is not None and _is_once_and_there(item, [items, *lists]):
            onset = _from(words, "word_onset", Value(number=item.start_s))
            yield replace(onset, subject=item.label, margin=None)


def _is_once_and_there(item: Item, lists: Sequence[Sequence[Item]]) -> bool:
    """Whether every list has the word once, all at the same time within the collar."""
    for each in lists:
        starts = [other.start_s for other in each if plain(other.label) == plain(item.label)]
        if len(starts) != 1 or starts[0] is None or item.start_s is None:
            return False
        if abs(starts[0] - item.start_s) > _COLLAR_S:
            return False
    return True


def _pauses(segments: Finding) -> Iterator[Finding]:
    """Count the gaps between stretches of speech, where each is plainly a pause."""
    times = [
        (item.start_s, item.end_s)
        for item in _items(segments)
        if item.start_s is not None and item.end_s is not None
    ]
    gaps = [after[0] - before[1] for before, after in pairwise(times)]
    if not times or any(_NO_PAUSE_S < gap < _PAUSE_S for gap in gaps):
        return
    pauses = [gap for gap in gaps if gap >= _PAUSE_S]
    yield _from(segments, "pause_count", Value(number=float(len(pauses))))
    if pauses:
        yield _from(segments, "longest_pause", Value(number=max(pauses)))


def _voices(turns: Finding, known: Sequence[Finding]) -> Iterator[Finding]:
    """Tell whether the first and the last voice are one person's, and who says which words."""
    items = _items(turns)
    if len(items) > 1:
        same = "yes" if items[0].label == items[-1].label else "no"
        yield replace(
            _from(turns, "same_speaker", Value(text=same)), subject="first voice / last voice"
        )
    words = next((one for one in known if one.property == "words" and one.margin is None), None)
    if words is None or words.tier != turns.tier:
        return
    spoken = [(_speaker(word, items), word) for word in _items(words)]
    if any(speaker is None for speaker, _ in spoken):
        return
    for speaker in dict.fromkeys(item.label for item in items):
        said = tuple(word for its, word in spoken if its == speaker)
        if said:
            yield replace(
                _from(turns, "speaker_words", Value(items=said)),
                subject=speaker,
                witnesses=tuple(sorted({*turns.witnesses, *words.witnesses})),
                observations=tuple(sorted({*turns.observations, *words.observations})),
            )


def _speaker(word: Item, turns: Sequence[Item]) -> str | None:
    """Say in whose turn a word lies wholly, None where in nobody's or in two."""
    start, end = word.start_s, word.end_s
    if start is None or end is None:
        return None
    within = [
        turn.label
        for turn in turns
        if turn.start_s is not None
        and turn.end_s is not None
        and turn.start_s <= start
        and end <= turn.end_s
    ]
    return within[0] if len(set(within)) == 1 else None


# Relations ---------------------------------------------------------------------------------------


def _relations(known: Sequence[Finding]) -> Iterator[Finding]:
    onsets = _numbers(known, "onset")
    for (one, first), (other, second) in combinations(onsets, 2):
        if abs(first - second) > _TOGETHER_S:
            yield _relation("before", (one, other), holds=first < second)
    lengths = _numbers(known, "event_duration")
    for (one, length), (other, rival) in combinations(lengths, 2):
        if abs(length - rival) > 2 * _LASTING * max(length, rival):
            yield _relation("longer_than", (one, other), holds=length > rival)
    halves = [one for one in known if one.property == "loudness" and one.span is not None]
    if len(halves) == 2:
        yield from _louder(sorted(halves, key=lambda one: _span(one).start_s))


def _louder(halves: Sequence[Finding]) -> Iterator[Finding]:
    """Compare two halves of a recording that meet: that and no other two stretches."""
    first, second = (one.value.number if one.value else None for one in halves)
    spans = [_span(one) for one in halves]
    meet = spans[0].start_s == 0 and abs(spans[0].end_s - spans[1].start_s) < _TOGETHER_S
    equal = abs(spans[0].end_s - (spans[1].end_s - spans[1].start_s)) < _TOGETHER_S
    if first is None or second is None or not (meet and equal):
        return
    if abs(first - second) <= 2 * _LOUDER_LU:
        return
    both = _relation("louder_than", (halves[0], halves[1]), holds=first > second)
    yield replace(both, subject="first half / second half")


def _numbers(known: Sequence[Finding], name: str) -> list[tuple[Finding, float]]:
    """Give the findings of one property of named sounds, each sound's once, by name."""
    told = [
        (one, one.value.number)
        for one in known
        if one.property == name and one.value and one.value.number is not None and one.span is None
    ]
    named = Counter(one.subject for one, _ in told)
    once = [(one, number) for one, number in told if named[one.subject] == 1]
    return sorted(once, key=lambda pair: pair[0].subject)


def _relation(name: str, pair: tuple[Finding, Finding], *, holds: bool) -> Finding:
    """Relate two findings; the relation is as good as the weaker of them."""
    one, other = pair
    weaker = max(pair, key=lambda each: _TIERS.index(each.tier))
    return replace(
        _from(weaker, name, Value(text="yes" if holds else "no")),
        subject=f"{one.subject} / {other.subject}",
        span=None,
        margin=None,
        witnesses=tuple(sorted({*one.witnesses, *other.witnesses})),
        observations=tuple(sorted({*one.observations, *other.observations})),
    )


def _span(one: Finding) -> Span:
    return one.span or Span(start_s=0.0, end_s=0.0)


def _items(one: Finding) -> tuple[Item, ...]:
    return (one.value.items or ()) if one.value else ()


def _from(one: Finding, name: str, value: Value) -> Finding:
    return replace(one, property=name, value=value, note=f"derived from {one.property}")
