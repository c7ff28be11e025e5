from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import (
    GROUND_TRUTH_VERSION,
    Check,
    GroundCheck,
    GroundTruth,
    Item,
    Value,
    Weights,
    property_named,
)
from synth.claims import claims
from synth.completion import parse


def known(name: str, value: Value, subject: str = "") -> GroundCheck:
    row = property_named(name)
    check = Check(
        kind=row.check, target=value, accepted=(), unit=row.unit, tolerance=row.tolerance,
        relative=row.relative, zero_at=None, source=row.source,
    )  # fmt: skip
    return GroundCheck(
        id=f"{name} {subject}", property=name, subject=subject, audio=1, recording="r", span=None,
        exclusive=row.exclusive, prior=0.1, need="required", state="known", check=check,
    )  # fmt: skip


EVENTS = Value(items=(Item(label="Dog"), Item(label="Vehicle horn, car horn, honking")))
TRUTH = GroundTruth(
    version=GROUND_TRUTH_VERSION, answer="120 bpm",
    choices=("90 bpm", "120 bpm", "E minor", "hello"),
    weights=Weights(),
    checks=(
        known("tempo", Value(number=120.0)),
        known("event", EVENTS),
        known("event_count", Value(number=3.0), "door slam"),
        known("presence", Value(text="yes"), "Speech"),
    ),
)  # fmt: skip


def said(prose: str) -> list[tuple[str, str, str]]:
    read = parse(f"<reasoning><step>{prose}</step></reasoning>")
    return [(one.property, one.subject, one.said) for one in claims(read, TRUTH)]


@pytest.mark.parametrize(
    ("prose", "claim"),
    [
        ("The tempo is 120 bpm.", ("tempo", "", "120 bpm")),
        ("A steady one hundred twenty beats per minute.",
         ("tempo", "", "one hundred twenty beats per minute")),
        ("I count a tempo of 120.", ("tempo", "", "120 bpm")),
        ("It sits at &#49;20&nbsp;bpm.", ("tempo", "", "120 bpm")),
        ("It sits at 1２0 b\u200bpm.", ("tempo", "", "120 bpm")),
        ("It sits at 12<b></b>0 bpm.", ("tempo", "", "120 bpm")),
        ("It sits at 120 bpm, not at 90.", ("tempo", "", "120 bpm")),
        ("90 bpm is too slow, so 120 bpm.", ("tempo", "", "120 bpm")),
        ("Rather than 90 bpm, I hear 120 bpm.", ("tempo", "", "120 bpm")),
        ("The loudness is -23 LUFS.", ("loudness", "", "-23 LUFS")),
        ("The pitch is about 220 Hz.", ("pitch", "", "220 Hz")),
        ("The hum lies near 50 Hz.", ("frequency", "", "50 Hz")),
        ("He talks at 150 words per minute.", ("speech_rate", "", "150 words per minute")),
        ("She says 12 words.", ("word_count", "", "12 words")),
        ("There are two different speakers.", ("speaker_count", "", "two different speakers")),
        ("There is only one speaker.", ("speaker_count", "", "one speaker")),
        ("The piece is in E minor.", ("key", "", "E minor")),
        ("The key is B-flat major.", ("key", "", "B-flat major")),
        ('The man says "come here now".', ("words", "", "come here now")),
        ("The man says “come here now”.", ("words", "", "come here now")),
        ("The door slams three times.", ("event_count", "door slam", "three times")),
        ("I counted 3 door slams.", ("event_count", "door slam", "3 times")),
        ("There is no speech here.", ("presence", "Speech", "no")),
        ("No dog is heard.", ("presence", "Dog", "no")),
        ("We clearly hear a dog.", ("presence", "Dog", "yes")),
        ("A car horn is audible.", ("presence", "Vehicle horn", "yes")),
        ("The door slam starts at 3.2 s.", ("onset", "door slam", "3.2 s")),
        ("The recording is ten seconds long.", ("duration", "", "ten seconds")),
        ("The clip lasts about 31 seconds.", ("duration", "", "31 seconds")),
        ("The waltz is in 3/4 time.", ("metre", "", "3/4")),
        ("It has a time signature of 4/4.", ("metre", "", "4/4")),
        ("Laughing aside, the dog is audible.", ("presence", "Dog", "yes")),
        ("The dog barks.", ("presence", "Dog", "yes")),
        ("The recording features a dog that pants.", ("presence", "Dog", "yes")),
        ("I do not hear a dog but a cough.", ("presence", "Dog", "no")),
        ("Without any speech, it is calm.", ("presence", "Speech", "no")),
        ("The onset of the door slam is at 3.2 s.", ("onset", "door slam", "3.2 s")),
        ("After the dog, the door slam follows.", ("event_order", "", "Dog then door slam")),
        ("The number of speakers is three.", ("speaker_count", "", "three speakers")),
        ("They talk in German.", ("language", "", "German")),
        ("The narrator is a woman.", ("voice_sex", "", "woman")),
        ("The progression is C, G and Am.", ("chords", "", "C, G and Am")),
        ("The dog comes before the door slam.", ("event_order", "", "Dog then door slam")),
        ("The dog comes after the door slam.", ("event_order", "", "door slam then Dog")),
    ],
)  # fmt: skip
def test_what_prose_asserts_is_a_claim(prose: str, claim: tuple[str, str, str]) -> None:
    assert said(prose) == [claim]


@pytest.mark.parametrize(
    "prose",
    [
        "It is not 120 bpm.",
        "It can't be 120 bpm.",
        "Option B says 90 bpm.",
        "(A) 90 bpm is what I first considered.",
        "The options are 90 bpm and 120 bpm.",
        "90 bpm is too slow.",
        "90 bpm is ruled out.",
        "Unlike 90 bpm this is lively.",
        "It is faster than 90 bpm.",
        "If it were 150 bpm, the beats would be closer.",
        "A piece at 150 bpm would sound hurried.",
        "It might be 120 bpm.",
        "It is 90 bpm or 120 bpm.",
        "Is it 120 bpm?",
        "It lies between 90 bpm and 120 bpm.",
        "A minor detail, a major problem.",
        "It moves from C major to G major chords in the key section.",
        "One speaker sounds angry, the other calm.",
        "The first two speakers agree.",
        "The first 3 words are unclear.",
        "At 3.2 s something happens.",
        'The mood is "tense".',
        "The dog is three times as loud.",
        "There might be no speech.",
        "The recording is ten seconds in when the dog barks, and was made in 1999.",
        "The tempo is 3/4 of what it was.",
        "The tempo is 90-100 bpm, or 90 to 100 bpm.",
        "At first I counted 60 bpm.",
        "The original recording runs at 116 bpm.",
        "The tempo rises to 130 bpm.",
        "It moves to E minor in the chorus.",
        "He has two people waiting.",
        "The man says that there is a dog.",
        "A dog whistle is heard.",
        "There is something like a dog.",
        "What sounds like a dog is heard.",
        "When the dog barks it is loud.",
        "The dog might come before the door slam.",
        "The first three door slams are soft.",
        "The option 'a dog' is the best.",
        "After the first word there is no speech.",
        "No speech is heard until the end.",
        "The recording contains the word dog.",
        "There is no sound except speech.",
        "So the answer is 120 bpm.",
        "The key is C major/A minor.",
    ],
)
def test_what_prose_denies_supposes_or_weighs_is_no_claim(prose: str) -> None:
    assert said(prose) == []


def test_what_is_quoted_is_not_said_by_the_text_itself() -> None:
    assert said('She says "there is a dog at 120 bpm".') == [
        ("words", "", "there is a dog at 120 bpm")
    ]


def test_a_quotation_of_several_sentences_is_one() -> None:
    assert said('He says, "Come here. Be quiet." Then he leaves.') == [
        ("words", "", "Come here. Be quiet.")
    ]


def test_claims_of_a_sentence_stand_in_its_order() -> None:
    prose = "There is a dog, the key is E minor, the tempo 120 bpm, and there is no speech."
    assert [one[0] for one in said(prose)] == ["presence", "key", "tempo", "presence"]


def test_what_is_counted_or_ordered_is_not_claimed_to_be_present_besides() -> None:
    prose = "There is a door slam heard three times, and the dog barks before the door slam."
    assert "presence" not in {one[0] for one in said(prose)}


def test_a_count_belongs_to_its_own_clause() -> None:
    counted = [one[0] for one in said("There is a door slam and somebody knocks twice.")]
    assert "event_count" not in counted
    assert ("event_count", "door slam", "twice") in said("The door slam is heard twice.")


def test_claims_stand_where_the_completion_says_them() -> None:
    text = (
        '<perception><observe id="o1" property="event_count of door slam">3 &amp; no more</observe>'
        "</perception><reasoning><step>Café: so 120&nbsp;bpm.</step></reasoning>"
    )
    tagged, untagged = claims(parse(text), TRUTH, trajectory="t")
    assert (tagged.property, tagged.subject, tagged.tagged) == ("event_count", "door slam", True)
    assert text[tagged.start : tagged.end] == "3 &amp; no more"
    assert tagged.said == "3 & no more"
    assert text[untagged.start : untagged.end] == "120&nbsp;bpm"
    assert not untagged.tagged
    assert tagged.id != untagged.id
    assert {tagged.trajectory, untagged.trajectory} == {"t"}


def test_a_tag_with_broken_attributes_claims_nothing_verifiable() -> None:
    text = '<perception><observe id="o1" property="tempo" span="9-1">120 bpm</observe></perception>'
    (claim,) = claims(parse(text), TRUTH)
    assert claim.property == ""


def test_the_answer_and_the_draft_are_choices_not_claims() -> None:
    assert claims(parse("<draft>90 bpm</draft><answer>90 bpm</answer>"), TRUTH) == ()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_finder(text: str) -> None:
    for claim in claims(parse(text), TRUTH):
        assert 0 <= claim.start <= claim.end <= len(text)
        assert claim.tagged or claim.start < claim.end  # of a tag, what it says may be nothing


@pytest.mark.parametrize(
    "piece",
    [
        "120 bpm ",
        "one ",
        "1,",
        '"',
        "dog ",
        "three dog ",
        "é",
        "&amp;",
        'says "a ',
        "'",
        "A major ",
        "dog or ",
        "two times ",
        "the recording features dog, ",
        "' '",
    ],
)
def test_long_prose_is_read_in_one_pass(piece: str) -> None:
    text = f"<reasoning><step>{piece * (200_000 // len(piece))}</step></reasoning>"
    assert len(claims(parse(text), TRUTH)) <= 200_000 // len(piece)


def test_the_first_word_is_claimed_where_it_is_the_recording_s() -> None:
    assert ("first_word", "", "hello") in said('The first word spoken is "hello".')
    assert ("last_word", "", "bye") in said("The final word is 'bye'.")
    assert {one[0] for one in said("Her first word is 'hello'.")} == {"words"}


def test_no_sentence_is_passed_over() -> None:
    prose = "There are two speakers. The key is C major. The tempo is 90 bpm. It lasts 3.2.1 s. "
    assert [one[0] for one in said(prose * 2)] == ["speaker_count", "key", "tempo"] * 2
    assert ("tempo", "", "90 bpm") in said('He says "go." The tempo is 90 bpm.')
