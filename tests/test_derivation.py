"""What code derives from facts: mode, first and last word, pauses, who says what, relations."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from schemas import Edit, Fact, Item, Observation, Recording, Span, Truth, Value
from synth.settle import is_truth, settle

_PLACES = itertools.count()


def recording(*truths: Truth) -> Recording:
    edit = Edit(name="arrange", version="1", sources=(), params="{}", seed=0, truths=truths)
    return Recording(
        id="r" * 64, locator="mix.flac", sample_rate_hz=44100, channels=1, duration_s=10.0,
        decoder="pyav 18", edit=edit if truths else None,
    )  # fmt: skip


def seen(witness: str, name: str, value: Value, span: Span | None = None) -> Observation:
    return Observation(
        id=f"{witness}-{name}-{next(_PLACES)}", recording="r" * 64, property=name, subject="",
        span=span, value=value, confidence=None, extractor=witness, version="1", witness=witness,
    )  # fmt: skip


def items(*rows: tuple[str, float, float]) -> tuple[Item, ...]:
    return tuple(Item(label=label, start_s=start, end_s=end) for label, start, end in rows)


def said(facts: tuple[Fact, ...], name: str, subject: str = "") -> Any:
    """Give the one true value of a property, None where there is none."""
    found = [f for f in facts if (f.property, f.subject) == (name, subject) and is_truth(f)]
    if not found:
        return None
    (fact,) = found
    value = fact.value or Value(text=fact.state)
    return value.number if value.number is not None else value.text or value.items


def test_the_mode_follows_from_a_key_that_two_witnesses_hear() -> None:
    both = [seen(one, "key", Value(text="E minor")) for one in ("essentia", "librosa")]
    facts = settle(recording(), both)
    assert (said(facts, "tonic"), said(facts, "mode")) == ("E", "minor")
    assert said(settle(recording(), both[:1]), "mode") is None


def test_an_extractor_that_names_the_tonic_itself_is_taken_at_its_word() -> None:
    facts = settle(
        recording(),
        [
            seen("essentia", "key", Value(text="E minor")),
            seen("essentia", "tonic", Value(text="G")),
            seen("notes", "tonic", Value(text="G")),
        ],
    )
    assert said(facts, "tonic") == "G"


def test_words_of_an_edit_tell_the_first_the_last_and_when() -> None:
    words = Value(items=items(("the", 0, 0.2), ("cat", 0.3, 0.6), ("the", 0.7, 0.8), ("end", 1, 2)))
    facts = settle(recording(Truth(property="words", value=words)), ())
    assert (said(facts, "first_word"), said(facts, "last_word")) == ("the", "end")
    assert said(facts, "word_onset", "cat") == 0.3
    assert said(facts, "word_onset", "the") is None


def test_a_word_that_a_witness_times_otherwise_has_no_onset() -> None:
    one = seen("whisper", "words", Value(items=items(("cat", 0.3, 0.6), ("sat", 1.0, 1.2))))
    other = seen("sphinx", "words", Value(items=items(("cat", 0.35, 0.6), ("sat", 1.6, 1.9))))
    facts = settle(recording(), [one, other])
    assert said(facts, "word_onset", "cat") is not None
    assert said(facts, "word_onset", "sat") is None


@pytest.mark.parametrize(
    ("second", "count", "longest"),
    [(2.0, 1.0, 1.0), (1.1, 0.0, None), (1.35, None, None)],
)
def test_pauses_are_counted_where_each_is_plainly_one(
    second: float, count: float | None, longest: float | None
) -> None:
    speech = Value(items=items(("speech", 0, 1), ("speech", second, 3)))
    facts = settle(recording(Truth(property="speech_segments", value=speech)), ())
    assert said(facts, "pause_count") == count
    assert said(facts, "longest_pause") == longest


def test_turns_and_words_tell_who_says_what_and_whether_the_last_voice_was_the_first() -> None:
    turns = Value(items=items(("A", 0, 1), ("B", 1, 2), ("A", 2, 3)))
    words = Value(items=items(("yes", 0.1, 0.5), ("no", 1.2, 1.5), ("well", 2.2, 2.5)))
    facts = settle(
        recording(Truth(property="turns", value=turns), Truth(property="words", value=words)), ()
    )
    assert [item.label for item in said(facts, "speaker_words", "A")] == ["yes", "well"]
    assert [item.label for item in said(facts, "speaker_words", "B")] == ["no"]
    assert said(facts, "same_speaker", "first voice / last voice") == "yes"


def test_relations_of_events_are_derived_where_a_listener_can_tell() -> None:
    events = Value(items=items(("bell", 1.0, 1.5), ("door", 3.0, 5.0), ("dog", 3.1, 3.5)))
    facts = settle(recording(Truth(property="event", value=events)), ())
    assert said(facts, "before", "bell / door") == "yes"
    assert said(facts, "before", "dog / door") is None  # 0.1 s apart: within the collar
    assert said(facts, "longer_than", "bell / door") == "no"
    assert said(facts, "longer_than", "bell / dog") is None  # 0.5 and 0.4 s: too near to tell
    assert (said(facts, "offset", "door"), said(facts, "event_duration", "door")) == (5.0, 2.0)


@pytest.mark.parametrize(("second", "louder"), [(-20.0, "no"), (-31.0, None), (-40.0, "yes")])
def test_the_louder_half_is_told_where_two_meters_agree(second: float, louder: str | None) -> None:
    halves = [Span(start_s=0, end_s=5), Span(start_s=5, end_s=10)]
    levels = [-30.0, second]
    facts = settle(
        recording(),
        [
            seen(meter, "loudness", Value(number=level + off), half)
            for meter, off in (("essentia", 0.0), ("pyloudnorm", 0.1))
            for half, level in zip(halves, levels, strict=True)
        ],
    )
    assert said(facts, "louder_than", "first half / second half") == louder


def test_a_relation_is_no_better_than_the_weaker_of_what_it_relates() -> None:
    halves = [Span(start_s=0, end_s=5), Span(start_s=5, end_s=10)]
    facts = settle(
        recording(),
        [
            seen("essentia", "loudness", Value(number=-30), halves[0]),
            seen("pyloudnorm", "loudness", Value(number=-30), halves[0]),
            seen("essentia", "loudness", Value(number=-10), halves[1]),
        ],
    )
    (relation,) = [fact for fact in facts if fact.property == "louder_than"]
    assert relation.tier == "single"
    assert set(relation.witnesses) == {"essentia", "pyloudnorm"}


def test_what_is_heard_in_a_stretch_is_heard_in_the_recording() -> None:
    spans = [Span(start_s=0, end_s=600), Span(start_s=600, end_s=1200)]
    told = [
        replace(seen(witness, "presence", Value(text=text), span), subject="speech")
        for witness in ("silero", "fireredvad")
        for span, text in zip(spans, ("no", "yes"), strict=True)
    ]
    (whole,) = [fact for fact in settle(recording(), told) if fact.span is None]
    assert (whole.property, whole.subject, whole.state) == ("presence", "speech", "known")
    assert is_truth(whole)
