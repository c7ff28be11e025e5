"""Labels as manifests write them, and how facts are judged by them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Fact, Item, State, Tier, Value
from synth.grading import Grade, grade, octave_open
from synth.labels import Labels, read_labels
from synth.scores import diarization_error, key_weight, segment_f1, tempo_error, word_errors
from synth.sound_labels import judge_sounds


def labelled(**labels: Any) -> Labels:
    return read_labels({"labels": labels})


def fact(
    name: str,
    value: float | str | list[Item] | list[str] | None = None,
    *,
    subject: str = "",
    state: State = "known",
    tier: Tier = "corroborated",
) -> Fact:
    if isinstance(value, list):
        items = tuple(one if isinstance(one, Item) else Item(label=one) for one in value)
        told: Value | None = Value(items=items)
    elif isinstance(value, str):
        told = Value(text=value)
    else:
        told = None if value is None else Value(number=value)
    return Fact(
        id="fact", recording="recording", property=name, subject=subject, span=None, state=state,
        value=told, margin=None, tier=tier, witnesses=("one", "other"), observations=(),
        version="1",
    )  # fmt: skip


def judged(found: Fact, labels: Labels) -> Grade:
    label = next(one for one in labels.of(found.property) if one.subject == found.subject)
    return grade(found, label, labels)


def is_right(found: Fact, **labels: Any) -> bool:
    told = judged(found, labelled(**labels))
    assert told.right + told.wrong == 1
    return told.right == 1


# Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("tempo_bpm", "fast", "expected a positive number of beats per minute, not 'fast'"),
        ("tempo_bpm", float("nan"), "not nan"),
        ("tempo_bpm", -3, "not -3"),
        ("tempo_bpm", True, "not True"),
        ("tempo_bpm", 10**400, "expected a positive number"),
        ("key", "H dur", "expected a key such as 'E minor'"),
        ("events", [1], "expected a list of texts"),
        ("transcript", 3, "expected a text"),
        ("transcript", "half \ud800 a character", "expected a text"),
        ("language", "klingon", "no language that Whisper tells apart"),
        ("num_speakers", 1.5, "expected a whole number of speakers"),
        ("genre", " ", "expected a text"),
        ("gender", "x", "expected male or female"),
        ("segments", [{"speaker": "a"}], "expected a start in seconds"),
        ("segments", [{"speaker": "a", "start": 2, "end": 1}], "expected an end in seconds"),
        ("segments", "none", "expected a list"),
        ("overlap", "yes", "expected true or false"),
        ("duration", None, "expected a number, in s"),
        ("event_count", 3, "expected an object of event_count by subject"),
        ("tempo_octave_ambiguous", True, "without tempo_bpm it says nothing"),
    ],
)
def test_a_label_of_the_wrong_type_says_so(kind: str, value: object, said: str) -> None:
    read = labelled(**{kind: value})
    assert read.labels == []
    assert len(read.wrong) == 1
    assert read.wrong[0].startswith(f"labels.{kind}: ")
    assert said in read.wrong[0]


def test_kinds_that_nothing_is_judged_by_are_told() -> None:
    read = labelled(mood="calm", speaker="LJ", bandwidth="8 kHz telephone")
    assert read.labels == []
    assert read.wrong == []
    assert set(read.unknown) == {"mood", "speaker", "bandwidth"}


def test_labels_that_are_no_object_say_so() -> None:
    assert read_labels({"labels": ["tempo"]}).wrong == ["labels: expected an object, not ['tempo']"]
    assert read_labels({}).labels == []


def test_a_property_of_the_vocabulary_is_a_kind_of_label() -> None:
    read = labelled(loudness=-20, event_count={"door slam": 3}, presence={"speech": "no"})
    assert [(one.property, one.subject) for one in read.labels] == [
        ("loudness", ""), ("event_count", "door slam"), ("presence", "speech"),
    ]  # fmt: skip
    assert read.labels[-1].value is None


def test_segments_tell_who_speaks_and_where_several_do() -> None:
    read = labelled(segments=[
        {"speaker": "B", "start": 2.0, "end": 5.0}, {"speaker": "A", "start": 0.0, "end": 3.0},
    ])  # fmt: skip
    speech, both = read.one("speech_segments"), read.one("overlapped_speech")
    assert speech is not None
    assert speech.value == Value(items=(Item(label="speech", start_s=0.0, end_s=5.0),))
    assert both is not None
    assert both.value == Value(items=(Item(label="speech", start_s=2.0, end_s=3.0),))
    count = read.one("speaker_count")
    assert count is not None
    assert count.value == Value(number=2.0)


def test_labels_say_what_is_heard_and_never_what_is_not() -> None:
    read = labelled(events=["moo"], transcript="hello", tempo_bpm=120)
    heard = {one.subject for one in read.of("presence")}
    assert {"moo", "animal", "speech", "music"} <= heard
    assert all(one.value is not None for one in read.of("presence"))
    assert "music" not in {one.subject for one in labelled(events=["gong"]).of("presence")}


KINDS = (
    "tempo_bpm", "tempo_octave_ambiguous", "key", "key_tonic_only", "events", "instrument",
    "species", "transcript", "language", "num_speakers", "gender", "genre", "segments",
    "turn_order", "overlap", "speaker", "bandwidth", "event_count", "presence", "beats", "loudness",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(("speaker", "start", "end", "label")) | st.text(), inner, max_size=4
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(KINDS) | st.text(), JSON, max_size=4))
def test_no_row_breaks_the_reading(labels: dict[str, Any]) -> None:
    read = read_labels({"labels": labels})
    for label in read.labels:
        assert label.value is None or label.value.text != ""
    for message in read.wrong:
        assert message.startswith("labels.")
        assert message.encode()


# One value ---------------------------------------------------------------------------------------


def test_tempo_is_judged_on_its_level_unless_the_level_is_open() -> None:
    made = fact("tempo", 61.0, tier="constructed")
    measured = fact("tempo", 61.0)
    assert not octave_open(made)
    assert not is_right(made, tempo_bpm=120)
    assert is_right(made, tempo_bpm=120, tempo_octave_ambiguous=True)
    assert is_right(measured, tempo_bpm=120) is octave_open(measured)
    assert not is_right(fact("tempo", 80.0), tempo_bpm=120, tempo_octave_ambiguous=True)
    assert not is_right(fact("tempo", 126.0, tier="constructed"), tempo_bpm=120)
    assert is_right(fact("tempo", 124.7, tier="constructed"), tempo_bpm=120)


def test_what_is_said_not_to_be_there_is_wrong_where_it_is() -> None:
    assert not is_right(fact("tempo", state="not_applicable"), tempo_bpm=120)
    assert not is_right(fact("presence", subject="speech", state="absent"), transcript="hello")
    assert is_right(fact("presence", "yes", subject="speech"), transcript="hello")
    assert is_right(fact("words", state="absent"), transcript="")
    assert not is_right(fact("overlapped_speech", ["speech"]), overlap=False)
    assert is_right(fact("overlapped_speech", ["speech"]), overlap=True)


def test_a_key_is_right_in_every_spelling_and_wrong_where_it_is_relative() -> None:
    assert is_right(fact("key", "D# minor"), key="Eb minor")
    assert not is_right(fact("key", "C major"), key="A minor")
    assert is_right(fact("key", "E minor"), key="E", key_tonic_only=True)
    assert is_right(fact("key", "E minor"), key="E major", key_tonic_only=True)
    assert not is_right(fact("key", "B minor"), key="E")
    assert is_right(fact("mode", "minor"), key="E minor")
    assert labelled(key="E").of("mode") == []


def test_names_are_judged_in_the_terms_of_facts() -> None:
    assert is_right(fact("language", "english"), language="en")
    assert is_right(fact("language", "english"), language="en-GB")
    assert not is_right(fact("language", "german"), language="en")
    assert is_right(fact("voice_sex", "woman"), gender="female")
    assert not is_right(fact("voice_sex", "man"), gender="female")
    assert is_right(fact("genre", "rock"), genre="metal/rock")
    assert not is_right(fact("speaker_count", 2.0), num_speakers=3)
    assert is_right(fact("bandwidth", 3500.0), bandwidth=3400)


# Lists -------------------------------------------------------------------------------------------


def test_confirmed_words_must_occur_in_order() -> None:
    told = {"transcript": "Ask not what your country can do for you.", "language": "en"}
    partial = judged(fact("words", ["ask", "what", "country", "you"]), labelled(**told))
    assert (partial.right, partial.wrong) == (4, 0)
    swapped = judged(fact("words", ["country", "ask"]), labelled(**told))
    assert (swapped.right, swapped.wrong) == (1, 1)
    invented = judged(fact("words", ["ask", "banana"]), labelled(**told))
    assert invented.faults == ("banana",)


def test_how_words_are_written_is_no_error() -> None:
    told = labelled(transcript="Mister Smith's woodcutters, fifty-five, don't stop", language="en")
    said = fact("words", ["mr", "Smith's", "wood", "cutters", "55", "do", "not", "stop"])
    assert judged(said, told).wrong == 0
    assert judged(fact("word_count", 6.0), told).right == 1
    assert judged(fact("last_word", "Stop!"), told).right == 1
    assert judged(fact("first_word", "Smith"), told).wrong == 1
    year = labelled(transcript="in fourteen fifty-five", language="en")
    assert judged(fact("last_word", "1455"), year).right == 1


def test_an_hour_of_words_is_judged_too() -> None:
    hour = [f"w{number}" for number in range(3000)]
    told = labelled(transcript=" ".join(hour))
    said = judged(fact("words", [*hour[:1500], "banana", *hour[1500:]]), told)
    assert (said.right, said.faults) == (3000, ("banana",))


def test_stretches_of_speech_must_lie_in_labelled_speech() -> None:
    told = labelled(segments=[{"speaker": "A", "start": 1.0, "end": 3.0}])
    inside, late, beyond = ((1.2, 2.0), (2.0, 3.2), (2.0, 3.5))
    said = fact("speech_segments", [Item(label="speech", start_s=start, end_s=end)
                                    for start, end in (inside, late, beyond)])  # fmt: skip
    grade_ = judged(said, told)
    assert (grade_.right, grade_.wrong) == (2, 1)


def test_turns_are_judged_by_their_speaker_and_orders_by_their_pattern() -> None:
    told = labelled(segments=[
        {"speaker": "x", "start": 0, "end": 4}, {"speaker": "y", "start": 4, "end": 8},
    ])  # fmt: skip
    turns = [Item(label="A", start_s=0.0, end_s=3.9), Item(label="B", start_s=3.9, end_s=6.0),
             Item(label="A", start_s=6.0, end_s=8.0)]  # fmt: skip
    assert judged(fact("turns", turns), told).faults == ("A",)
    order = labelled(turn_order=[1, 2, 1])
    assert judged(fact("turns", ["A", "A", "B", "A"]), order).right == 1
    assert judged(fact("turns", ["A", "B", "C"]), order).wrong == 1


# Sounds ------------------------------------------------------------------------------------------


def test_a_claim_is_right_where_a_label_entails_it() -> None:
    judged_ = judge_sounds(["Moo", "animal", "cattle, bovinae", "car"], labelled(events=["moo"]))
    assert judged_.right == {"Moo", "animal", "cattle, bovinae"}
    assert judged_.unjudged == {"car"}


def test_a_kind_of_what_is_labelled_is_not_judged() -> None:
    judged_ = judge_sounds(["guitar", "music", "owl"], labelled(events=["music", "bird"]))
    assert judged_.right == {"music"}
    assert judged_.unjudged == {"guitar", "owl"}


def test_another_maker_in_place_of_the_labelled_one_is_wrong() -> None:
    dog = labelled(events=["dog"])
    assert judge_sounds(["meow", "animal"], dog).wrong == {"meow"}
    assert judge_sounds(["meow", "bark"], dog).wrong == frozenset()
    duet = labelled(instrument=["flute", "piano"])
    assert judge_sounds(["trumpet"], duet).wrong == frozenset()
    assert judge_sounds(["trumpet"], labelled(instrument=["flute"])).wrong == {"trumpet"}
    assert judge_sounds(["bird"], labelled(events=["rooster"])).wrong == frozenset()


def test_a_lone_mans_speech_is_no_womans_and_no_conversation() -> None:
    man = labelled(gender="male", num_speakers=1, events=["speech"])
    claims = ["male speech, man speaking", "female speech, woman speaking", "conversation"]
    judged_ = judge_sounds(claims, man)
    assert judged_.right == {"male speech, man speaking"}
    assert judged_.wrong == {"female speech, woman speaking", "conversation"}
    assert judge_sounds(claims, labelled(gender="male", num_speakers=2)).wrong == frozenset()


def test_a_sound_outside_the_ontology_is_right_by_its_name() -> None:
    judged_ = judge_sounds(["tubas", "theremin"], labelled(instrument=["tuba"]))
    assert judged_.right == {"tubas"}
    assert judged_.unjudged == {"theremin"}


# The field's metrics -----------------------------------------------------------------------------


def test_metrics_are_the_fields_own() -> None:
    assert key_weight("G major", "C major") == 0.5
    assert key_weight("F major", "C major") == 0.0  # mir_eval: a fifth above alone
    assert key_weight("C major", "A minor") == 0.3
    assert key_weight("A minor", "C major") == 0.3
    assert key_weight("C minor", "C major") == 0.2
    assert word_errors(["a", "x", "c", "d"], ["a", "b", "c"]) == 2
    assert tempo_error(60.0, 120.0, (1.0, 0.5)) == 0.0


def test_diarization_error_leaves_out_collars_and_names_speakers_as_fits_best() -> None:
    true = [Item(label="x", start_s=0.0, end_s=5.0), Item(label="y", start_s=5.0, end_s=10.0)]
    same = [Item(label="A", start_s=0.0, end_s=5.2), Item(label="B", start_s=5.2, end_s=10.0)]
    one = [Item(label="A", start_s=0.0, end_s=10.0)]
    assert diarization_error(same, true).error_s == 0.0
    assert diarization_error(one, true).error_s == pytest.approx(4.5)
    assert diarization_error([], true).total_s == pytest.approx(9.0)


def test_segment_f1_counts_seconds() -> None:
    said = [Item(label="speech", start_s=0.5, end_s=2.0)]
    true = [Item(label="speech", start_s=1.0, end_s=4.0)]
    assert segment_f1(said, true) == (1, 1, 2)
