"""bind: what the teacher asked, tied to a fact: the check, the answer, hard wrong answers."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemas import Check, Rejection, Subquestion, identity, property_named
from synth.answers import closed
from synth.distractors import distractors
from synth.spelling import label
from synth.wording import accepted, target, written
from synth.zero_at import zero_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Fact, Question
    from synth.menu import MenuEntry

__all__ = ["VERSION", "Asked", "bind", "check_for", "written"]

VERSION = "3"

# How likely a constant guess is right, for properties with a domain of their own. Where none is
# given, the domain is the choices and a guess is right once in as many.
_SAME_GUESS = {
    "presence": 1 / 2,
    "key": 1 / 24,  # twelve tonics, two modes
    "event_count": 1 / 5,  # one to five times, as our questions go
    "speaker_count": 1 / 4,  # one to four people, as our questions go
    "word_count": 1 / 100,  # one to a hundred words, what is said in half a minute
    "words": 0.0,  # no constant text is a transcript
    "repetitions": 1 / 5,  # as event_count
    "pause_count": 1 / 5,  # as event_count
    "metre": 1 / 2,  # made: of beats in a bar, four is the safe guess at least every other time
    "speaker_words": 0.0,  # as words
    # Made: of closed answers one is the safe guess: adults, in the middle, nothing changes.
    "voice_age": 0.9,
    "stereo_position": 0.8,
    "stereo_movement": 0.9,
    "tempo_change": 0.7,
    "loudness_trend": 1 / 2,
    "language": 0.65,  # Radford et al. 2022: 65 % of Whisper's training speech is English
}
# MIREX audio tempo estimation, Accuracy2: the metrical levels that count as one tempo; and the
# dotted and triplet levels on which trackers agree in error.
_METRICAL = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
# A bar of four may as well be two of two, and one of three a half of six.
_UNDECIDED = {"tempo": _METRICAL, "metre": (1 / 2, 2.0)}
# Lowest and highest value that a listener would expect; a guess takes up twice the tolerance.
_RANGES = {
    "tempo": (40.0, 240.0),  # bpm: from largo to presto
    "pitch": (65.4, 1046.5),  # Hz: C2 to C6, the sung range
    "loudness": (-40.0, -5.0),  # LUFS: from quiet field recordings to loud masters
    "onset": (0.0, 30.0),  # s: benchmark clips last up to 30 s
    "speech_rate": (80.0, 260.0),  # words a minute: slow reading to fast talk
    "offset": (0.0, 30.0),
    "word_onset": (0.0, 30.0),
    "duration": (0.0, 30.0),
    "event_duration": (0.1, 30.0),
    "longest_pause": (0.2, 5.0),  # s: a breath to an embarrassed silence
    "loudness_range": (0.0, 20.0),  # LU: a master without dynamics to an orchestra
    "noise_level": (-90.0, -20.0),  # dBFS: dithered silence to a roar
    "pitch_range": (1.0, 36.0),  # semitones: a monotone to three octaves
    "bandwidth": (3400.0, 22050.0),  # Hz: telephone to compact disc
    "reverberation": (0.1, 5.0),  # s: a dead room to a church
    "playback_speed": (0.5, 2.0),
    "ratio": (0.25, 4.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One entry of the menu that the teacher picked, and its question about it."""

    entry: MenuEntry
    text: str


def bind(
    question: Question, asked: Sequence[Asked], run: str
) -> tuple[Subquestion | Rejection, ...]:
    """Make sub-questions, in listening order: by recording, then by when it is heard.

    What is asked twice, and what has no wrong answer to tell it from, becomes a Rejection.
    """
    bound: list[Subquestion | Rejection] = []
    ordered = sorted(
        enumerate(asked), key=lambda one: (one[1].entry.audio, _heard_at(one[1]), one[0])
    )
    seen: set[tuple[object, ...]] = set()
    for place, (_, one) in enumerate(ordered):
        fact = one.entry.fact
        sort = (one.entry.audio, fact.property, fact.subject, fact.span)
        if sort in seen:
            reason = f"{one.entry.key} is asked already"
            bound.append(_rejection(question, one, (run, place), "duplicate", reason))
            continue
        seen.add(sort)
        position = sum(isinstance(each, Subquestion) for each in bound)
        made = _subquestion(question, one, position, run)
        if made.distractors:
            bound.append(made)
        else:
            reason = f"no wrong answer can be written beside {made.answer!r}"
            bound.append(_rejection(question, one, (run, place), "no_distractor", reason))
    return tuple(bound)


def check_for(fact: Fact) -> Check:
    """Say how answers to a fact are judged; a number's grade is zero at its nearest distractor.

    Raises:
        ValueError: the fact has no value that an answer could give.
    """
    row = property_named(fact.property)
    check = Check(
        kind=property_named(fact.property).check,
        target=target(fact),
        accepted=accepted(fact),
        unit=row.unit,
        tolerance=row.tolerance,
        relative=row.relative,
        zero_at=None,
        source=row.source,
        undecided=_undecided(fact),
    )
    return replace(check, zero_at=zero_at(fact, check))


def _undecided(fact: Fact) -> tuple[float, ...]:
    """List the values that a fact's witnesses cannot tell from its own: metrical levels.

    Tempo trackers that agree may agree on the wrong level: all prefer about 120 bpm. On made
    clicks, drums and chords two agreed on the right one 45 times of 45 between 70 and 150 bpm,
    and 8 times of 31 outside. Only a tempo that we made is known on its level.
    """
    number = fact.value.number if fact.value else None
    if fact.tier == "constructed" or number is None:
        return ()
    return tuple(number * ratio for ratio in _UNDECIDED.get(fact.property, ()))


def prior(fact: Fact, choices: Sequence[str]) -> float:
    """Give the chance that the best constant guess is right, 0..1."""
    if fact.property in _SAME_GUESS:
        return _SAME_GUESS[fact.property]
    if answers := closed(fact.property):
        return 1 / len(answers)
    if fact.property not in _RANGES:
        return 1 / len(choices)
    low, high = _RANGES[fact.property]
    row = property_named(fact.property)
    if row.relative:
        return 2 * math.log1p(row.tolerance) / math.log(high / low)
    return 2 * row.tolerance / (high - low)


def _subquestion(question: Question, asked: Asked, position: int, run: str) -> Subquestion:
    fact = asked.entry.fact
    name = identity("subquestion", question.id, run, fact.id, position)
    check = replace(check_for(fact), zero_at=None)
    answer = written(fact)
    # Not the run's own: the same question on the same fact is asked, and paid for, once.
    seed = identity("choices", question.id, fact.id, position)
    wrong = distractors(fact, check, seed, _others(question, asked.entry, answer))
    choices = [answer, *wrong]
    random.Random(seed).shuffle(choices)
    return Subquestion(
        id=name,
        question=question.id,
        position=position,
        text=asked.text,
        property=fact.property,
        subject=fact.subject,
        recording=fact.recording,
        span=fact.span,
        fact=fact.id,
        check=replace(check, zero_at=zero_at(fact, check, wrong)),
        answer=answer,
        distractors=wrong,
        choices=tuple(choices),
        prior=prior(fact, choices),
        tier=fact.tier,
        need="required",
        run=run,
    )


def _others(question: Question, entry: MenuEntry, answer: str) -> tuple[str, ...]:
    """Labels that make hard wrong answers: heard too, or other choices where one is the answer."""
    rivals = question.choices if label(answer) in map(label, question.choices) else ()
    return (*entry.heard, *rivals)


def _heard_at(asked: Asked) -> float:
    """Second at which a fact can be heard; 0 where it takes the whole recording."""
    fact = asked.entry.fact
    if fact.span is not None:
        return fact.span.start_s
    timed = fact.property in {"onset", "offset", "word_onset"}
    if timed and fact.value is not None and fact.value.number is not None:
        return fact.value.number
    return 0.0


def _rejection(
    question: Question, asked: Asked, made: tuple[str, int], name: str, reason: str
) -> Rejection:
    run, place = made
    record = identity("asked", question.id, run, asked.entry.fact.id, place)
    return Rejection(
        id=identity("rejection", run, "decompose", "subquestion", record, name),
        run=run,
        stage="decompose",
        kind="subquestion",
        record=record,
        question=question.id,
        filter=name,
        reason=reason,
    )
