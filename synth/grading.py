"""Whether a fact is what a label says: right, wrong, or not to be judged by it.

A fact of one value is one claim. Of a list each item is one, for lists settle item by item: a
word must occur in the transcript in its order, a stretch of speech must lie in labelled speech, a
turn must be its speaker's. What a fact says is not there is one claim, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import property_named
from synth.bind import check_for
from synth.finding import LISTS, YES, plain
from synth.harmony import key
from synth.label_values import SEXES
from synth.scores import (
    COLLAR_S,
    METRICAL_LEVELS,
    heard_in_order,
    speakers_named,
    tempo_error,
    words_of,
)
from synth.sound_labels import judge_sounds
from synth.spelling import label as named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from schemas import Fact, Item
    from synth.labels import Label, Labels

_ROUNDING = 1e-9
_SLIVER_S = 0.01  # what rounding of times leaves over


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How many of a fact's claims are right and wrong by a label."""

    right: int = 0
    wrong: int = 0
    unjudged: tuple[str, ...] = ()
    """claims that the labels cannot judge"""
    faults: tuple[str, ...] = ()
    """the items that are wrong"""
    error: float = 0.0
    """how far off, to rank errors by: the share of claims that are wrong, or of the true number"""


_RIGHT, _WRONG = Grade(right=1), Grade(wrong=1, error=1.0)


def octave_open(fact: Fact) -> bool:
    """Whether a fact leaves open on which metrical level its tempo is."""
    return fact.value is not None and bool(check_for(fact).undecided)


def grade(fact: Fact, label: Label, labels: Labels) -> Grade:
    """Judge a fact by a label of its property and subject, with the recording's other labels."""
    if fact.state != "known" or fact.value is None:
        return _RIGHT if label.value is None else _WRONG
    if label.value is None:
        return _WRONG
    if label.property in _JUDGES:
        return _JUDGES[label.property](fact, label, labels)
    if label.value.number is not None:
        return _number(fact, label)
    if label.property in LISTS:
        return _items(fact, label)
    return _told(plain(fact.value.text or "") == plain(label.value.text or ""))


def _told(right: bool) -> Grade:  # noqa: FBT001 - what it tells
    return _RIGHT if right else _WRONG


def _of_items(items: Sequence[Item], held: Sequence[bool]) -> Grade:
    """Grade a list, told which of its items are right."""
    faults = tuple(item.label for item, right in zip(items, held, strict=True) if not right)
    return Grade(
        right=len(items) - len(faults),
        wrong=len(faults),
        faults=faults,
        error=len(faults) / max(1, len(items)),
    )


# One value ---------------------------------------------------------------------------------------


def _number(fact: Fact, label: Label) -> Grade:
    said, true = _numbers(fact, label)
    row = property_named(fact.property)
    error = abs(said - true)
    if row.relative:
        error = error / abs(true) if true else (0.0 if error == 0 else math.inf)
    return _RIGHT if error <= row.tolerance + _ROUNDING else Grade(wrong=1, error=error)


def _tempo(fact: Fact, label: Label, labels: Labels) -> Grade:  # noqa: ARG001 - a judge
    """Accuracy1; where the fact or the label leaves the metrical level open, Accuracy2."""
    said, true = _numbers(fact, label)
    levels = METRICAL_LEVELS if label.octave_open or octave_open(fact) else (1.0,)
    error = tempo_error(said, true, levels)
    within = error <= property_named("tempo").tolerance + _ROUNDING
    return _RIGHT if within else Grade(wrong=1, error=error)


def _numbers(fact: Fact, label: Label) -> tuple[float, float]:
    said = fact.value.number if fact.value else None
    true = label.value.number if label.value else None
    return (math.nan if said is None else said, math.nan if true is None else true)


def _key(fact: Fact, label: Label, labels: Labels) -> Grade:  # noqa: ARG001
    """Judge a key; by its tonic alone where that is all that is labelled."""
    said, true = _text(fact), (label.value.text if label.value else None) or ""
    if " " in true:
        return _told(key(said) == key(true) is not None)
    return _told(_tonic(said) == _tonic(true))


def _tonic(name: str) -> int | None:
    read = key(name) or key(f"{name} major")
    return read[0] if read else None


def _sex(fact: Fact, label: Label, labels: Labels) -> Grade:  # noqa: ARG001
    return _told(SEXES.get(_text(fact).casefold(), "") == (label.value and label.value.text))


def _any_of(fact: Fact, label: Label, labels: Labels) -> Grade:  # noqa: ARG001
    """Judge a name by a label that may give several: "metal/rock"."""
    true = (label.value.text if label.value else None) or ""
    return _told(named(_text(fact)) in map(named, (true, *true.replace(",", "/").split("/"))))


def _text(fact: Fact) -> str:
    return (fact.value.text if fact.value else None) or ""


# Words -------------------------------------------------------------------------------------------


def _words(fact: Fact, label: Label, labels: Labels) -> Grade:
    """Judge each word: it occurs in the transcript, in order.

    Read twice, word by word and as running text ("fifty five" is "55"), and believed where it
    fits better: how a number is written is no error of hearing.
    """
    said = [item for item in _listed(fact) if plain(item.label)]
    true = (label.value.text if label.value else None) or ""
    language = spoken_language(labels)
    one_by_one, as_text = (
        _held_one_by_one(said, true, language),
        _held_as_text(said, true, language),
    )
    return _of_items(said, max(one_by_one, as_text, key=sum))


def _held_one_by_one(said: Sequence[Item], true: str, language: str) -> list[bool]:
    parts = [words_of(item.label, language) or [plain(item.label)] for item in said]
    wanted = [part for word in true.split() for part in words_of(word, language)]
    held = iter(heard_in_order([part for word in parts for part in word], wanted))
    by_word = [[next(held) for _ in word] for word in parts]
    return [all(word) for word in by_word]


def _held_as_text(said: Sequence[Item], true: str, language: str) -> list[bool]:
    """Charge each wrong word of the running text to an item, of which there may be more."""
    held = heard_in_order(
        words_of(" ".join(item.label for item in said), language), words_of(true, language)
    )
    if len(held) == len(said):
        return held
    wrong = min(len(said), held.count(False))
    return [False] * wrong + [True] * (len(said) - wrong)


def _word_count(fact: Fact, label: Label, labels: Labels) -> Grade:
    """Judge a count of words: those of the transcript as written, or normalised."""
    true = (label.value.text if label.value else None) or ""
    counts = {
        sum(bool(plain(word)) for word in true.split()),
        len(words_of(true, spoken_language(labels))),
    }
    said = fact.value.number if fact.value else None
    nearest = min(abs((said or 0.0) - count) for count in counts)
    return _RIGHT if said in counts else Grade(wrong=1, error=nearest / max(1, *counts))


def _end_word(place: int) -> Callable[[Fact, Label, Labels], Grade]:
    def judge(fact: Fact, label: Label, labels: Labels) -> Grade:
        true = ((label.value.text if label.value else None) or "").split()
        if not true:
            return _WRONG
        language = spoken_language(labels)
        said = words_of(_text(fact), language)
        as_text = words_of(" ".join(true), language)  # "fifty five" is 55
        alike = (words_of(true[place], language), as_text[place:][:1] if as_text else [])
        return _told(said in alike or plain(_text(fact)) == plain(true[place]))

    return judge


def spoken_language(labels: Labels) -> str:
    """Give the labelled language, "" where there is none."""
    label = labels.one("language")
    return (label.value.text if label and label.value else None) or ""


# Stretches, turns, sounds ------------------------------------------------------------------------


def _stretches(fact: Fact, label: Label, labels: Labels) -> Grade:  # noqa: ARG001
    """Judge stretches: each lies in a labelled one, but for the collar at its ends."""
    if label.value == YES:
        return _RIGHT
    true = [(start - COLLAR_S, end + COLLAR_S) for start, end in _times(_labelled(label))]
    said = [item for item in _listed(fact) if _times([item])]
    return _of_items(said, [_outside(one, true) <= _SLIVER_S for one in _times(said)])


def _outside(one: tuple[float, float], others: Sequence[tuple[float, float]]) -> float:
    """Measure how many seconds of a stretch lie in none of the others."""
    left, at = 0.0, one[0]
    for start, end in sorted(others):
        if end > at and start < one[1]:
            left += max(0.0, start - at)
            at = max(at, end)
    return left + max(0.0, one[1] - at)


def _times(items: Sequence[Item]) -> list[tuple[float, float]]:
    return [(item.start_s, item.end_s) for item in items
            if item.start_s is not None and item.end_s is not None]  # fmt: skip


def _turns(fact: Fact, label: Label, labels: Labels) -> Grade:  # noqa: ARG001
    """Judge turns: more than half of each is its speaker's; without times, their order."""
    said, true = _listed(fact), _labelled(label)
    if not _times(true):
        return _told(_pattern(said) == _pattern(true))
    names = speakers_named(said, true)
    held = []
    for turn in said:
        own = [one for one in true if one.label == names.get(turn.label)]
        times = _times([turn])
        outside = sum(_outside(time, _times(own)) for time in times)
        held.append(outside < sum(end - start for start, end in times) / 2)
    return _of_items(said, held)


def _pattern(turns: Sequence[Item]) -> list[int]:
    """Give the order of turns, speakers numbered as they first speak."""
    seen: dict[str, int] = {}
    order = [seen.setdefault(turn.label, len(seen)) for turn in turns]
    return [one for place, one in enumerate(order) if not place or order[place - 1] != one]


def _sounds(fact: Fact, label: Label, labels: Labels) -> Grade:  # noqa: ARG001
    """Judge sounds, each class once; `synth.sound_labels` says how."""
    judged = judge_sounds((item.label for item in _listed(fact)), labels)
    told = len(judged.right) + len(judged.wrong)
    return Grade(
        right=len(judged.right),
        wrong=len(judged.wrong),
        unjudged=tuple(sorted(judged.unjudged)),
        faults=tuple(sorted(judged.wrong)),
        error=len(judged.wrong) / max(1, told),
    )


def _items(fact: Fact, label: Label) -> Grade:
    """Judge a list of a property that has no judge of its own, by the property's check."""
    said, true = _listed(fact), _labelled(label)
    row = property_named(fact.property)
    if row.check == "order":
        return _told([named(one.label) for one in said] == [named(one.label) for one in true])
    if row.check == "overlaps":
        starts = [one.start_s for one in true if one.start_s is not None]
        near = [
            any(abs((one.start_s or 0.0) - start) <= row.tolerance + _ROUNDING for start in starts)
            for one in said
        ]
        return _of_items(said, near)
    wanted = {named(one.label) for one in true}
    return _of_items(said, [named(one.label) in wanted for one in said])


def _listed(fact: Fact) -> tuple[Item, ...]:
    return (fact.value.items if fact.value else None) or ()


def _labelled(label: Label) -> tuple[Item, ...]:
    return (label.value.items if label.value else None) or ()


_JUDGES: Mapping[str, Callable[[Fact, Label, Labels], Grade]] = {
    "tempo": _tempo, "key": _key, "tonic": _key, "voice_sex": _sex, "genre": _any_of,
    "words": _words, "word_count": _word_count, "first_word": _end_word(0),
    "last_word": _end_word(-1), "speech_segments": _stretches, "overlapped_speech": _stretches,
    "turns": _turns, "event": _sounds, "instrument": _sounds,
}  # fmt: skip
