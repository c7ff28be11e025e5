"""From what the teacher asked to sub-questions: checks, answers, and wrong answers that are."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import (
    Fact,
    Item,
    Question,
    Rejection,
    Span,
    State,
    Subquestion,
    Value,
)
from synth.bind import Asked, bind, check_for, written
from synth.checks import grade, judge, passes
from synth.menu import MenuEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

QUESTION = Question(
    id="q",
    benchmark="sample",
    release="1",
    split="test",
    source_id="1",
    recordings=("one", "two"),
    text="What happens first?",
    choices=("door", "gong", "drill"),
    answer="door",
    licence="CC0",
    eval_only=False,
)
_PLACES = itertools.count()


def fact(
    name: str,
    content: float | str | Sequence[str] | tuple[Item, ...] | None,
    subject: str = "",
    *,
    state: State = "known",
    span: Span | None = None,
    place: str = "",
) -> Fact:
    value = None
    if isinstance(content, str):
        value = Value(text=content)
    elif isinstance(content, int | float):
        value = Value(number=float(content))
    elif content is not None:
        made = [one if isinstance(one, Item) else Item(label=one) for one in content]
        value = Value(items=tuple(made))
    return Fact(
        id=place or f"fact-{next(_PLACES)}",
        recording="one",
        property=name,
        subject=subject,
        span=span,
        state=state,
        value=value,
        margin=None,
        tier="corroborated",
        witnesses=("a", "b"),
        observations=(),
        version="1",
    )


def asked(made: Fact, audio: int = 1, heard: tuple[str, ...] = ()) -> Asked:
    key = f"{made.property} of {made.subject}" if made.subject else made.property
    entry = MenuEntry(key=key, fact=made, audio=audio, description="", heard=heard)
    return Asked(entry=entry, text=f"What is the {key}?")


def one_bound(made: Fact, heard: tuple[str, ...] = ()) -> Subquestion:
    (bound,) = bind(QUESTION, [asked(made, heard=heard)], "run")
    assert isinstance(bound, Subquestion), bound
    return bound


SPEECH = (
    Item(label="speech", start_s=0.5, end_s=2.31),
    Item(label="speech", start_s=4.0, end_s=5.12),
)
EXAMPLES = [
    (fact("tempo", 119.7), "120 bpm"),
    (fact("key", "E minor"), "E minor"),
    (fact("pitch", 196.2), "196 Hz"),
    (fact("loudness", -15.28), "-15.3 LUFS"),
    (fact("presence", "yes", "speech"), "yes"),
    (fact("presence", None, "dog", state="absent"), "no"),
    (fact("event_count", 3, "door"), "3 times"),
    (fact("event_count", 1, "door"), "1 time"),
    (fact("onset", 3.21, "door"), "3.2 s"),
    (fact("first_event", "door"), "door"),
    (fact("last_event", "Gunshot, gunfire"), "Gunshot"),
    (fact("event", ["door", "bell", "door"]), "door, bell"),
    (fact("instrument", ["piano", "violin"]), "piano, violin"),
    (fact("event_order", ["door", "cash register"]), "door, then cash register"),
    (fact("turns", ["A", "B", "A"]), "A, then B, then A"),
    (fact("speech_segments", SPEECH), "0.5-2.3 s, 4.0-5.1 s"),
    (fact("words", ["Shall", "I", "compare", "thee"]), "Shall I compare thee"),
    (fact("word_count", 12), "12 words"),
    (fact("speech_rate", 151.6), "152 words per minute"),
    (fact("language", "english"), "english"),
    (fact("speaker_count", 2), "2 speakers"),
    (fact("speaker_count", 1), "1 speaker"),
]


@pytest.mark.parametrize(
    ("made", "answer"), EXAMPLES, ids=lambda one: getattr(one, "property", one)
)
def test_each_property_is_written_and_checked(made: Fact, answer: str) -> None:
    bound = one_bound(made)
    assert written(made) == bound.answer == answer
    assert passes(answer, bound.check)
    assert grade(answer, bound.check) == 1.0
    assert sorted(bound.choices) == sorted([answer, *bound.distractors])
    assert len(set(bound.choices)) == len(bound.choices)
    assert len(bound.distractors) == (1 if made.property == "presence" else 3)
    for wrong in bound.distractors:
        assert not passes(wrong, bound.check)
        assert grade(wrong, bound.check) == 0.0
    assert 0.0 <= bound.prior <= 0.65
    assert (bound.need, bound.tier, bound.fact) == ("required", "corroborated", made.id)


@pytest.mark.parametrize("spelling", ["A minor", "Am", "A min", "a minor", "A-minor"])
def test_spellings_of_a_key_are_accepted(spelling: str) -> None:
    assert passes(spelling, check_for(fact("key", "A minor")))
    assert not passes("A major", check_for(fact("key", "A minor")))


@pytest.mark.parametrize("spelling", ["D# minor", "D♯ minor", "Eb minor", "E♭m", "E flat minor"])
def test_enharmonic_spellings_are_one_key(spelling: str) -> None:
    check = check_for(fact("key", "D# minor"))
    assert passes(spelling, check)
    assert spelling in check.accepted
    assert not passes("E minor", check)


@pytest.mark.parametrize("spelling", ["doors", "The door", "a door"])
def test_a_label_is_accepted_in_the_plural(spelling: str) -> None:
    assert passes(spelling, check_for(fact("first_event", "door")))


def test_the_other_names_of_an_ontology_label_are_accepted() -> None:
    check = check_for(fact("first_event", "Gunshot, gunfire"))
    assert passes("gunfire", check)
    assert passes("gunshot", check)


def test_an_order_may_tell_repeats_as_one() -> None:
    check = check_for(fact("event_order", ["door", "door", "bell"]))
    assert passes("door, then door, then bell", check)
    assert passes("door, then bell", check)
    assert not passes("bell, then door", check)


def test_wrong_keys_are_the_near_ones() -> None:
    near = {"G major", "E major", "B minor", "A minor"}  # relative, parallel, fifths
    assert set(one_bound(fact("key", "E minor")).distractors) < near


def test_wrong_tempos_have_an_octave_error_among_them_where_the_level_is_known() -> None:
    for number in range(40):
        made = dataclasses.replace(
            fact("tempo", 120.0, place=f"tempo-{number}"), tier="constructed"
        )
        assert {"60 bpm", "240 bpm"} & set(one_bound(made).distractors)


def test_a_measured_tempo_is_told_from_no_other_metrical_level() -> None:
    bound = one_bound(fact("tempo", 120.0))
    assert len(bound.distractors) == 3
    for level in ("40 bpm", "60 bpm", "240 bpm", "360 bpm"):
        assert judge(level, bound.check) is None
        assert level not in bound.distractors
    assert judge("150 bpm", bound.check) is False
    assert judge("121 bpm", bound.check) is True


def test_the_answer_has_no_fixed_place() -> None:
    places, ranks = set(), set()
    for number in range(60):
        bound = one_bound(fact("event_count", 4, "door", place=f"count-{number}"))
        places.add(bound.choices.index(bound.answer))
        ranks.add(sorted(bound.choices).index(bound.answer))
    assert places == {0, 1, 2, 3}
    assert len(ranks) >= 3


def test_wrong_names_are_what_else_is_heard_and_never_of_the_same_kind() -> None:
    bound = one_bound(fact("first_event", "door"), heard=("bell", "door", "siren"))
    assert set(bound.distractors) <= {"bell", "siren", "gong", "drill"}
    for truth, kin in (("phone", "telephone"), ("storm", "thunder"), ("clapping", "applause"),
                       ("police car", "car horn"), ("bird", "rooster")):  # fmt: skip
        for number in range(10):
            wrong = one_bound(fact("first_event", truth, place=f"{truth}-{number}")).distractors
            assert kin not in wrong


def test_numbers_no_listener_would_say_are_not_offered() -> None:
    assert set(one_bound(fact("event_count", 1, "door")).distractors) <= {
        "2 times", "3 times", "4 times",
    }  # fmt: skip
    assert all(not wrong.startswith("-") for wrong in one_bound(fact("onset", 0.4)).distractors)


def test_asked_twice_is_rejected_and_the_same_of_another_recording_is_not() -> None:
    tempo = fact("tempo", 120.0)
    other = dataclasses.replace(tempo, id="other", recording="two")
    bound = bind(QUESTION, [asked(tempo), asked(tempo), asked(other, audio=2)], "run")
    assert [type(one) for one in bound] == [Subquestion, Rejection, Subquestion]
    rejection = bound[1]
    assert isinstance(rejection, Rejection)
    assert (rejection.filter, rejection.stage, rejection.kind) == (
        "duplicate", "decompose", "subquestion",
    )  # fmt: skip
    assert "tempo is asked already" in rejection.reason
    thrice = bind(QUESTION, [asked(tempo)] * 3, "run")
    assert len({one.id for one in thrice}) == 3


def test_an_answer_that_nothing_can_be_told_from_is_rejected() -> None:
    unheard = fact("key", "H major")
    (rejection,) = bind(QUESTION, [asked(unheard)], "run")
    assert isinstance(rejection, Rejection)
    assert rejection.filter == "no_distractor"


def test_sub_questions_come_in_listening_order() -> None:
    second = dataclasses.replace(fact("tempo", 120.0), recording="two")
    order = [
        asked(second, audio=2),
        asked(fact("onset", 5.0, "bell")),
        asked(fact("onset", 1.0, "door")),
        asked(fact("tempo", 90.0, span=Span(start_s=2, end_s=4))),
        asked(fact("event_order", ["door", "bell"])),
    ]
    bound = bind(QUESTION, order, "run")
    told = [(one.position, one.property, one.subject) for one in bound
            if isinstance(one, Subquestion)]  # fmt: skip
    assert told == [
        (0, "event_order", ""),
        (1, "onset", "door"),
        (2, "tempo", ""),
        (3, "onset", "bell"),
        (4, "tempo", ""),
    ]


def test_the_same_asked_again_is_the_same_record() -> None:
    tempo = fact("tempo", 120.0)
    assert bind(QUESTION, [asked(tempo)], "run") == bind(QUESTION, [asked(tempo)], "run")
    again, other = one_bound(tempo), bind(QUESTION, [asked(tempo)], "another run")[0]
    assert again.id != other.id


def test_a_fact_without_a_value_has_no_check() -> None:
    silent = fact("tempo", None, state="not_applicable")
    with pytest.raises(ValueError, match="tempo is not_applicable"):
        check_for(silent)


# Properties of all inputs --------------------------------------------------------------------

_numbers = {
    "tempo": st.floats(30, 300),
    "pitch": st.floats(50, 2000),
    "loudness": st.floats(-60, 0),
    "onset": st.floats(0, 600),
    "speech_rate": st.floats(40, 400),
    "event_count": st.integers(1, 40),
    "speaker_count": st.integers(1, 9),
    "word_count": st.integers(1, 900),
    "metre": st.integers(2, 12),
    "repetitions": st.integers(2, 60),
    "pause_count": st.integers(0, 40),
    "offset": st.floats(0, 600),
    "word_onset": st.floats(0, 600),
    "event_duration": st.floats(0.02, 600),
    "longest_pause": st.floats(0.2, 60),
    "duration": st.floats(0.1, 7200),
    "loudness_range": st.floats(0, 40),
    "noise_level": st.floats(-100, 0),
    "pitch_range": st.floats(0, 60),
    "bandwidth": st.floats(1000, 48000),
    "reverberation": st.floats(0.05, 12),
    "playback_speed": st.floats(0.25, 4),
}
_label = st.sampled_from(
    ["door", "doors", "bell", "Gunshot, gunfire", "cash register", "phone", "café", "犬", "car"]
) | st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8)
_letter = st.sampled_from("ABC")
_tonic = st.sampled_from(["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"])
_facts = st.one_of(
    *(st.builds(fact, st.just(name), numbers) for name, numbers in _numbers.items()),
    st.builds(lambda tonic, mode: fact("key", f"{tonic} {mode}"), _tonic,
              st.sampled_from(["major", "minor"])),
    st.builds(fact, st.sampled_from(["first_event", "last_event"]), _label),
    st.builds(fact, st.sampled_from(["event", "instrument", "event_order"]),
              st.lists(_label, min_size=1, max_size=5)),
    st.builds(fact, st.just("chords"), st.lists(st.sampled_from(
        ["C", "Am", "G:maj", "F# minor", "Bb", "N"]), min_size=1, max_size=8)),
    st.builds(lambda starts: fact("beats", [Item(label="beat", start_s=at) for at in starts]),
              st.lists(st.floats(0, 60), min_size=1, max_size=20, unique=True).map(sorted)),
    st.builds(fact, st.sampled_from(["first_word", "stressed_word"]), st.sampled_from(
        ["a", "no", "Am", "don't", "people", "yes", "5", "maybe"])),
    st.builds(fact, st.just("turns"), st.lists(_letter, min_size=1, max_size=6)),
    st.builds(fact, st.just("words"), st.lists(st.sampled_from(
        ["a", "day", "day,", "people", "don't", "5", "never", "-"]), min_size=1, max_size=12)),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(_facts, st.lists(_label, max_size=4))
def test_no_wrong_answer_ever_passes(made: Fact, heard: list[str]) -> None:
    (bound,) = bind(QUESTION, [asked(made, heard=tuple(heard))], "run")
    if isinstance(bound, Rejection):
        assert bound.filter == "no_distractor"
        return
    assert 1 <= len(bound.distractors) <= 3
    assert len(set(bound.choices)) == len(bound.distractors) + 1
    for wrong in bound.distractors:
        assert not passes(wrong, bound.check), (wrong, bound.check)
        assert grade(wrong, bound.check) == 0.0, (wrong, bound.check)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(_numbers)).flatmap(
    lambda name: st.builds(fact, st.just(name), _numbers[name])))  # fmt: skip
def test_a_written_number_passes_its_own_check(made: Fact) -> None:
    assert passes(written(made), check_for(made))


# Where the grade reaches zero ----------------------------------------------------------------


def test_a_guess_of_all_the_time_earns_nothing_of_stretches() -> None:
    told = (
        Item(label="speech", start_s=0.0, end_s=9.0),
        Item(label="speech", start_s=9.5, end_s=10.0),
    )
    check = check_for(fact("speech_segments", told))
    assert check.zero_at is not None
    assert grade("0.0-10.0 s", check) == 0.0
    assert grade("0.0-9.2 s, 9.5-10.0 s", check) == 1.0
    assert 0 < grade("0.0-8.7 s, 9.5-10.0 s", check) < 1


def test_the_stretch_that_was_asked_of_is_a_guess_too() -> None:
    (one,) = told = (Item(label="speech", start_s=3.0, end_s=6.0),)
    check = check_for(fact("silence", told, span=Span(start_s=2.0, end_s=7.0)))
    assert grade("2.0-7.0 s", check) == 0.0
    assert 0 < grade("2.5-6.0 s", check) < grade(f"{one.start_s}-6.4 s", check) < 1


def test_a_moment_every_few_tenths_earns_nothing_of_beats() -> None:
    at = [0.5 * place for place in range(1, 21)]
    check = check_for(fact("beats", [Item(label="beat", start_s=one) for one in at]))
    comb = ", ".join(f"{0.14 * place:.2f}" for place in range(1, 72)) + " s"
    half = ", ".join(f"{one:.2f}" for one in at[:15]) + " s"
    assert grade(comb, check) == 0.0
    assert 0 < grade(half, check) < 1


def test_a_key_without_wrong_answers_earns_what_mirex_gives_less_a_guess() -> None:
    check = check_for(fact("key", "A minor"))
    assert [grade(said, check) > 0 for said in ("E minor", "C major", "A major", "D# major")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_a_key_that_is_a_wrong_answer_earns_nothing_and_none_beyond_it_does() -> None:
    bound = one_bound(fact("key", "A minor"))
    assert all(grade(wrong, bound.check) == 0.0 for wrong in bound.distractors)
    assert grade("A major", bound.check) == 0.0
    assert grade("Am", bound.check) == 1.0
