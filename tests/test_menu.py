"""What a teacher is offered to ask: true, clear, named, and never a value."""

from __future__ import annotations

import itertools

import pytest

from schemas import Fact, Item, Question, Span, State, Tier, Value, property_named
from synth.menu import MOST, menu, names

_PLACES = itertools.count()


def fact(
    name: str,
    content: float | str | tuple[str, ...] | None,
    subject: str = "",
    *,
    tier: Tier = "constructed",
    state: State = "known",
    margin: float | None = None,
    span: Span | None = None,
) -> Fact:
    value = None
    if isinstance(content, str):
        value = Value(text=content)
    elif isinstance(content, tuple):
        value = Value(items=tuple(Item(label=label) for label in content))
    elif content is not None:
        value = Value(number=content)
    return Fact(
        id=f"fact-{next(_PLACES)}",
        recording="one",
        property=name,
        subject=subject,
        span=span,
        state=state,
        value=value,
        margin=margin,
        tier=tier,
        witnesses=("test",),
        observations=(),
        version="1",
    )


def question(text: str, *choices: str, recordings: tuple[str, ...] = ("one",)) -> Question:
    return Question(
        id="q",
        benchmark="sample",
        release="1",
        split="test",
        source_id="1",
        recordings=recordings,
        text=text,
        choices=choices,
        answer=choices[0] if choices else None,
        licence="CC0",
        eval_only=False,
    )


def keys(asked: Question, *facts: Fact) -> list[str]:
    return [entry.key for entry in menu(asked, {"one": facts})]


def test_only_truth_with_a_clear_margin_is_offered() -> None:
    facts = [
        fact("tempo", 120.0, tier="corroborated", margin=0.5),
        fact("key", "E minor", tier="contested"),
        fact("loudness", -15.0, margin=0.8),
        fact("pitch", 220.0, tier="listener"),
        fact("language", "english", tier="single"),
        fact("words", ("shall", "I"), margin=0.0),
        fact("speech_rate", None, state="not_applicable"),
        fact("speaker_count", 2.0, span=Span(start_s=0, end_s=3)),
    ]
    assert keys(question("What is heard?"), *facts) == ["tempo"]


def test_a_named_sound_is_offered_where_the_text_names_it() -> None:
    facts = [fact("event_count", 3.0, "door"), fact("event_count", 1.0, "cash register")]
    assert keys(question("How many times do the doors slam?"), *facts) == ["event_count of door"]
    assert keys(question("How many indoor plants?"), *facts) == []


def test_choices_alone_name_sounds_only_where_all_can_be_asked_of() -> None:
    door, bell = fact("presence", "yes", "door"), fact("presence", "yes", "bell")
    among = question("Which of these is heard?", "A door", "A dog", "A bell")
    assert keys(among, door, bell) == []  # it would tell which of the three are there
    dog = fact("presence", None, "dog", state="absent")
    assert sorted(keys(among, door, bell, dog)) == [
        "presence of bell",
        "presence of dog",
        "presence of door",
    ]


def test_speech_and_music_are_always_offered_and_a_signal_never() -> None:
    facts = [fact("presence", "yes", subject) for subject in ("speech", "music", "signal", "dog")]
    assert keys(question("What happens?", "yes", "no"), *facts) == [
        "presence of music",
        "presence of speech",
    ]


def test_the_order_of_one_sound_is_nothing_to_ask() -> None:
    facts = [fact("event_order", ("door", "door")), fact("turns", ("A",))]
    assert keys(question("In which order?"), *facts) == []
    assert keys(question("In which order?"), fact("event_order", ("door", "bell"))) == [
        "event_order"
    ]


def test_a_set_told_in_several_facts_has_no_whole_answer() -> None:
    parts = [fact("instrument", ("piano",)), fact("instrument", ("violin",))]
    assert keys(question("Which instruments play?"), *parts) == []
    assert keys(question("Which instruments play?"), parts[0]) == ["instrument"]


def test_several_recordings_are_told_apart() -> None:
    asked = question("Which one is faster?", recordings=("one", "two"))
    entries = menu(asked, {"one": [fact("tempo", 60.0)], "two": [fact("tempo", 120.0)]})
    assert [(entry.key, entry.audio) for entry in entries] == [
        ("tempo in audio 1", 1),
        ("tempo in audio 2", 2),
    ]


def test_what_the_question_is_about_comes_first_and_twelve_are_enough() -> None:
    facts = [
        fact("loudness", -15.0),
        fact("tempo", 120.0),
        fact("key", "E minor"),
        *(fact("onset", float(number), f"bell {number}") for number in range(20)),
    ]
    asked = question("In which key is it: bell " + " bell ".join(map(str, range(20))), "E minor")
    offered = keys(asked, *facts)
    assert len(offered) == MOST
    assert offered.index("key") < len(offered)
    assert keys(question("Which key is this piece in?"), *facts)[0] == "key"
    assert keys(question("How many beats per minute?"), *facts)[0] == "tempo"
    assert offered == keys(asked, *reversed(facts))


def test_the_menu_says_what_is_asked_and_never_a_value() -> None:
    facts = [
        fact("tempo", 117.0),
        fact("key", "G# minor"),
        fact("event_count", 41.0, "door"),
        fact("first_event", "gong"),
        fact("event", ("gong", "door")),
        fact("presence", None, "door", state="absent"),
    ]
    shown = menu(question("How often does the door slam?"), {"one": facts})
    assert len(shown) == len(facts)
    told = " ".join(f"{entry.key} {entry.description}" for entry in shown)
    for secret in ("117", "G#", "41", "gong", "absent"):
        assert secret not in told
    counted = next(entry for entry in shown if entry.fact.property == "event_count")
    assert counted.description == f"{property_named('event_count').description}: door"


@pytest.mark.parametrize(
    ("text", "subject", "named"),
    [
        ("How often do the DOORS slam?", "door", True),
        ("The doorbell", "door", False),
        ("two cash registers", "cash register", True),
        ("a register of cash", "cash register", False),
        ("Is gunfire heard?", "Gunshot, gunfire", True),
        ("the churches", "church", True),
        ("", "door", False),
    ],
)
def test_a_text_names_a_sound_by_whole_words(text: str, subject: str, *, named: bool) -> None:
    assert names(text, subject) is named


def test_what_any_recording_has_is_of_use_only_where_it_is_asked_for() -> None:
    generic = (
        fact("presence", "yes", "music"),
        fact("presence", None, "speech", state="absent"),
        fact("loudness", -20.0),
    )
    assert keys(question("What is the key?", "C major", "E minor"), *generic) == []
    assert keys(question("Is there singing?", "Yes", "No"), *generic)
    assert keys(question("What is heard?", "speech", "rain"), *generic)
    assert keys(question("How loud is it?", "quiet", "deafening"), *generic)
    assert keys(question("What is the key?", "C major", "E minor"), *generic, fact("pitch", 83.0))


def test_how_two_sounds_compare_comes_after_what_each_of_them_is() -> None:
    sounds = ("bell", "door", "gong")
    facts = [
        *(fact("before", "yes", f"{one} / {other}")
          for one, other in itertools.combinations(sounds, 2)),
        *(fact("onset", float(place), sound) for place, sound in enumerate(sounds)),
        fact("event_order", sounds),
        fact("louder_than", "no", "first half / second half"),
    ]  # fmt: skip
    asked = question("Is the bell first, before the door and the gong, or does it get louder?")
    offered = keys(asked, *facts)
    assert len(offered) == 8
    assert all(key.startswith("before of") for key in offered[-3:])


def test_what_few_questions_turn_on_is_offered_only_where_a_word_hints_at_it() -> None:
    facts = [fact("tempo", 120.0), fact("bandwidth", 8000.0), fact("voice_sex", "man"),
             fact("noise_level", -60.0), fact("duration", 12.0)]  # fmt: skip
    assert keys(question("Which mood is it?"), *facts) == ["tempo"]
    assert keys(question("Which gender does the singer have?"), *facts) == ["voice_sex", "tempo"]
    assert keys(question("Is it a telephone?", "yes", "no"), *facts) == ["bandwidth", "tempo"]


def test_a_speaker_is_named_by_place_and_shown_so() -> None:
    said = [fact("speaker_words", ("hello",), "A"), fact("speaker_words", ("bye",), "B")]
    asked = question("Which illness did second speaker's friend have?")
    assert keys(asked, *said) == ["speaker_words of second speaker"]
    assert keys(question("What does the first speaker want?"), *said) == [
        "speaker_words of first speaker"
    ]
    assert keys(question("What does the speaker want?"), *said) == []
