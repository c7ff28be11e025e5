from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Check, CheckKind, Item, Value
from synth.checks import among, choice_of, grade, judge, passes
from synth.spelling import quantity, spelt


def check(
    kind: CheckKind,
    target: float | str | tuple[str | Item, ...],
    unit: str = "",
    tolerance: float = 0.0,
    *,
    relative: bool = False,
    zero_at: float | None = None,
) -> Check:
    if isinstance(target, tuple):
        items = (one if isinstance(one, Item) else Item(label=one) for one in target)
        value = Value(items=tuple(items))
    else:
        value = Value(text=target) if isinstance(target, str) else Value(number=target)
    return Check(
        kind=kind,
        target=value,
        accepted=(),
        unit=unit,
        tolerance=tolerance,
        relative=relative,
        zero_at=zero_at,
        source="the test",
    )


TEMPO = check("within", 120.0, "bpm", 0.04, relative=True, zero_at=0.5)
COUNT = check("within", 2.0, "times", zero_at=1.0)
SPEAKERS = check("within", 2.0, "speakers", zero_at=1.0)
ONSET = check("within", 65.0, "s", 0.2, zero_at=5.0)
LOUDNESS = check("within", -23.0, "LUFS", 1.0, zero_at=6.0)
KEY = check("equals", "A minor")
FLAT = check("equals", "G# minor")
YES, NO = check("equals", "yes"), check("equals", "no")
FIRST = check("equals", "Dog barking")
ORDER = check("order", ("dog bark", "siren", "door slam"))
EVENTS = check("set_match", ("Dog", "Vehicle horn, car horn, honking", "Wood or coconut shell"))
SPEECH = check(
    "overlaps",
    (Item(label="speech", start_s=0.5, end_s=2.0), Item(label="speech", start_s=3.0, end_s=4.0)),
    tolerance=0.25,
)
WORDS = check("words", "Don't you have 2 dogs?")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (TEMPO, "120 bpm"),
        (TEMPO, "The tempo is about 118 beats per minute."),
        (TEMPO, "one hundred twenty bpm"),
        (TEMPO, "one hundred and twenty-one BPM"),
        (TEMPO, "\\boxed{120 bpm}"),
        (COUNT, "2"),
        (COUNT, "twice"),
        (COUNT, "two times"),
        (SPEAKERS, "two people"),
        (SPEAKERS, "There are 2 speakers."),
        (ONSET, "1:05"),
        (ONSET, "65.1 s"),
        (ONSET, "at 65 seconds"),
        (LOUDNESS, "-23.4 LUFS"),
        (LOUDNESS, "−23 LKFS"),
        (LOUDNESS, "minus twenty-three LUFS"),
        (KEY, "A minor"),
        (KEY, "Am"),
        (KEY, "a min"),
        (KEY, "It is in the key of A minor."),
        (FLAT, "A♭ minor"),
        (FLAT, "G-sharp minor"),
        (FLAT, "Ab min"),
        (YES, "Yes, it is present."),
        (YES, "There is no doubt: yes"),
        (NO, "not heard"),
        (NO, "No, it is not present."),
        (FIRST, "dogs barking"),
        (FIRST, "The first sound is a dog barking."),
        (ORDER, "dog bark, siren, door slam"),
        (ORDER, "First the dog barks, then a siren, and then the door slam"),
        (EVENTS, "a dog, wood or coconut shell and vehicle horn, car horn, honking"),
        (SPEECH, "0.5-2.0 s, 3.1-4.0 s"),
        (SPEECH, "from 0:00.6 to 0:02 and from 0:03 to 0:04"),
        (WORDS, "“Don’t you have two dogs?”"),
    ],
)
def test_right_answers_pass_in_the_ways_people_write_them(asked: Check, answer: str) -> None:
    assert passes(answer, asked)
    assert grade(answer, asked) == 1.0


NO_COMMITMENT = [
    (TEMPO, "120 or 90 bpm"),  # Visual-RFT #79: "A or B or C" scored 1
    (TEMPO, "120 bpm, 90 bpm"),  # math-verify: "<answer>7</answer> or 3" scored 1
    (TEMPO, "It is not 120 bpm"),  # MMAU string_match: True
    (TEMPO, "120"),  # a bare number of a measured quantity
    (TEMPO, "115-125 bpm"),
    (TEMPO, ""),  # Visual-RFT #176: empty answers scored 1
    (TEMPO, "  ...  "),
    (TEMPO, "What is the tempo in bpm?"),
    (TEMPO, "Some say 120 bpm, but it is really 90 bpm"),
    (ONSET, "65"),
    (KEY, "a minor detail, cannot tell"),  # MMAU string_match: True
    (KEY, "I think A is minor"),  # MMAU string_match: True
    (KEY, "minor"),
    (KEY, "A"),
    (KEY, "not A minor"),
    (KEY, "A minor or E minor"),
    (YES, "yes and no"),
    (YES, "Yes, it is not present"),
    (YES, "maybe"),
    (FIRST, "dog barking or siren"),
    (FIRST, "not a dog barking"),
    (FIRST, "barking dog"),  # the same sound in other words, or not: no rule knows
    (ORDER, "before the siren, a dog bark"),
    (EVENTS, "a dog or a vehicle horn, car horn, honking"),
    (SPEECH, "0.5-2.0, 3.1-4.0"),
]
OTHER_VALUE = [
    (TEMPO, "120.4 Hz"),
    (TEMPO, "60 bpm"),
    (TEMPO, "240 bpm"),
    (TEMPO, "126 bpm"),
    (COUNT, "2.5"),
    (COUNT, "-2"),  # NeMo exact_alnum: "3" == "-3"
    (check("within", 15.0, "times"), "1.5"),  # NeMo exact_alnum: "15" == "1.5"
    (ONSET, "2:30"),  # math-verify: "2:30" == "2:45"
    (ONSET, "65 minutes"),
    (KEY, "C major"),  # the relative key
    (KEY, "A# minor"),
    (KEY, "A major"),
    (check("equals", "C minor"), "C# minor"),  # NeMo exact_alnum: equal
    (YES, "no"),
    (FIRST, "siren"),
    (ORDER, "siren, dog bark, door slam"),
    (ORDER, "dog bark, siren"),
    (EVENTS, "dog"),
    (SPEECH, "0.5-2.0 s"),
    (WORDS, "do you have two cats"),
    (check("equals", "4/4"), "1"),  # math-verify: equal
    (check("equals", "3/4"), "6/8"),  # math-verify: equal
    (check("equals", "3 cats"), "3 dogs"),  # math-verify and swift: equal
]


@pytest.mark.parametrize(("asked", "answer"), NO_COMMITMENT)
def test_an_answer_that_commits_to_no_value_is_neither_right_nor_wrong(
    asked: Check, answer: str
) -> None:
    assert judge(answer, asked) is None
    assert not passes(answer, asked)
    assert grade(answer, asked) == 0.0


@pytest.mark.parametrize(("asked", "answer"), OTHER_VALUE)
def test_another_value_is_wrong(asked: Check, answer: str) -> None:
    assert judge(answer, asked) is False
    assert grade(answer, asked) < 1.0


@given(st.floats(121, 260), st.floats(0.01, 40))
def test_a_tempo_further_off_never_earns_more(bpm: float, further: float) -> None:
    nearer, farther = (grade(f"{x:.6f} bpm", TEMPO) for x in (bpm, bpm + further))
    assert 0 <= farther <= nearer <= 1
    below = [grade(f"{14400 / x:.6f} bpm", TEMPO) for x in (bpm, bpm + further)]
    assert 0 <= below[1] <= below[0] <= 1


@given(st.floats(30, 300), st.floats(0, 0.3), st.floats(0, 0.3))
def test_a_looser_tolerance_never_refuses_what_a_tighter_one_passed(
    bpm: float, one: float, other: float
) -> None:
    tight, loose = sorted((one, other))
    said = f"{bpm:.4f} bpm"
    if passes(said, check("within", 120.0, "bpm", tight, relative=True)):
        assert passes(said, check("within", 120.0, "bpm", loose, relative=True))


@given(st.text(max_size=40))
def test_a_grade_is_one_exactly_where_the_answer_passes(answer: str) -> None:
    for asked in (TEMPO, COUNT, ONSET, KEY, YES, FIRST, ORDER, EVENTS, SPEECH, WORDS):
        assert (grade(answer, asked) == 1.0) == passes(answer, asked)
        assert 0 <= grade(answer, asked) <= 1


def test_grades_vanish_at_the_nearest_distractor() -> None:
    assert grade("180 bpm", TEMPO) == 0.0
    assert grade("60 bpm", TEMPO) == 0.0
    assert grade("-17 LUFS", LOUDNESS) == 0.0
    assert 0 < grade("140 bpm", TEMPO) < grade("130 bpm", TEMPO) < 1
    assert grade("3", COUNT) == 0.0


def test_lists_earn_by_how_much_of_them_is_right() -> None:
    reversed_order = grade("door slam, siren, dog bark", ORDER)
    one_swap = grade("siren, dog bark, door slam", ORDER)
    assert 0 == reversed_order < one_swap < 1
    assert 0 < grade("dog", EVENTS) < grade("dog, wood or coconut shell", EVENTS) < 1
    assert 0 < grade("0.5-2.0 s", SPEECH) < grade("0.5-2.0 s, 3.2-4.4 s", SPEECH) < 1
    wers = [grade(said, WORDS) for said in ("cats", "you have cats", "don't you have 2 cats")]
    assert all(worse <= better for worse, better in pairwise(wers))


def test_a_part_of_a_list_is_among_it() -> None:
    assert among("a dog", EVENTS) is True
    assert among("a cat", EVENTS) is False
    assert among("have two dogs", WORDS) is True
    assert among("dog bark then door slam", ORDER) is True
    assert among("door slam before the dog bark", ORDER) is False
    assert among("the siren after the dog bark", ORDER) is True
    assert among("3.0-4.1 s", SPEECH) is True


def test_speakers_named_by_letters_keep_their_names() -> None:
    turns = check("order", ("A", "B", "A"))
    assert passes("A, B, A", turns)
    assert judge("B, A, B", turns) is False


def test_one_of_accepts_each_alternative() -> None:
    either = check("one_of", ("guitar", "acoustic guitar"))
    assert passes("an acoustic guitar", either)
    assert judge("piano", either) is False


@given(st.integers(0, 999_999))
def test_numbers_read_the_same_in_words_and_digits(number: int) -> None:
    for text in (str(number), f"{number:,}", " ".join(spelt(number))):
        read = quantity(text)
        assert read is not None
        assert read.value == number


@settings(max_examples=300)
@given(st.text(alphabet="0123456789 .,:-/bpmsHz andor#♯♭ABminor'\"", max_size=60))
def test_no_text_breaks_a_reader(text: str) -> None:
    for asked in (TEMPO, COUNT, ONSET, KEY, YES, FIRST, ORDER, EVENTS, SPEECH, WORDS):
        assert judge(text, asked) in (True, False, None)
        assert among(text, asked) in (True, False, None)


# The ways in which people write it, and what only looks like it ---------------------------------

GUNSHOT = replace(check("equals", "Gunshot"), accepted=("Gunshot", "gunfire", "Gunshot, gunfire"))
METRE = check("within", 4.0, "beats per bar")
NONE = check("within", 0.0, "times")
PAIR = check("set_match", ("piano", "violin"))
CHORDS = check("order", ("C major", "A minor", "F major", "G major"))
HOUSE = check("words", "house")
NOISES = check("equals", "noise")
ENGLISH = check("equals", "english")

RIGHT = [
    (TEMPO, ("120.0 BPM|120bpm|120 b.p.m.|a hundred twenty bpm|~120 bpm|≈ 120 bpm|１２０ bpm"
            "|$120$ bpm"
            "|120 bpm in total|**120 bpm**|`120 bpm`|The tempo of the music is 120 bpm."
            "|It has a tempo of 120 bpm|**Answer:** 120 bpm|The music is at 120 bpm|tempo = 120 bpm"
            "|120 \\text{ bpm}|\\(120\\) bpm|120 bpm is correct")),
    (COUNT, ("It is heard twice.|it happens two times|it occurs 2 times|only two|a total of 2"
            "|2 in total|2 (two)|two (2)|$2$|exactly two|2.0|2x")),
    (NONE, "0|zero times|none|never|no times|not once"),
    (SPEAKERS, "two individuals|two people speaking|2 different people|two distinct speakers"),
    (ONSET, ("1 min 5 s|1 minute and 5 seconds|1m5s|1:05 min|0:01:05|00:01:05|at around 65 s"
            "|it starts at 1:05|it begins at 65 seconds|65000 ms|sixty-five seconds")),
    (LOUDNESS, "minus 23 LUFS|negative 23 LUFS|-23 dB LUFS|– 23 LUFS"),
    (METRE, "4|4/4|four beats|4 beats per bar|four-four time|common time|quadruple metre|in 4/4"),
    (KEY, ("The music is in the key of A minor|The song is in A minor.|Key of Am|A:min|A♮ minor"
          "|in A minor key|A minor (Am)|Am/A minor")),
    (FLAT, "G# minor (Ab minor)|G♯ minor or A♭ minor|G sharp min|Abm"),
    (YES, "It can be heard|Yes, it can be heard.|yes, present|It is there"),
    (NO, "It cannot be heard|No, not at all|It isn't there|No, there isn't"),
    (FIRST, "The sound of a dog barking|dog barking sound|the sound of dogs barking|dog-barking"),
    (GUNSHOT, "gunshot or gunfire|gunshot/gunfire|gunshot (gunfire)|gunshots|the gunfire"),
    (NOISES, "noises|a noise|the noises"),
    (ORDER, ("1. dog bark 2. siren 3. door slam|[dog bark, siren, door slam]"
            "|dog bark - siren - door slam"
            "|['dog bark', 'siren', 'door slam']|dog bark, siren, and door slam"
            "|dog bark, siren and door slam|dog bark, after that siren, after that door slam"
            "|1) dog bark\n2) siren\n3) door slam|first dog bark, second siren, third door slam"
            "|dog bark → siren → door slam"
            "|first the dog bark, then the siren, last the door slam")),
    (PAIR, ("both piano and violin|piano + violin|1. piano\n2. violin|- piano\n- violin"
           "|piano as well as violin|piano with violin|['violin', 'piano']|violins and a piano")),
    (SPEECH, ("between 0.5 and 2 seconds and between 3 and 4 seconds|[0.5, 2.0] s, [3.0, 4.0] s"
             "|(0.5-2.0 s), (3.0-4.0 s)|0.5-2 s & 3-4 s|3.0-4.0 s, 0.5-2.0 s")),
    (CHORDS, "C-Am-F-G|C–Am–F–G|[C, Am, F, G]|C; Am; F; G|Cmaj, Amin, Fmaj, Gmaj"),
    (WORDS, ("Dont you have 2 dogs?|The words are \"Don't you have two dogs?\""
            "|He says: \"Don't you have two dogs?\"")),
    (HOUSE, "House.|The last word is \"house\".|the word house|'house'"),
    (ENGLISH, "The language is English.|the English language|They speak English"),
]  # fmt: skip
NOT_RIGHT = [
    (TEMPO, ("120 bpm?|Is it 120 bpm?|likely 120 bpm|at least 120 bpm|up to 120 bpm|120+ bpm"
            "|between 110 and 130 bpm|120 bpm, I guess|half of 120 bpm|1/120 bpm|-120 bpm|2:00"
            "|120 bpm (90 bpm)|\\boxed{120 bpm} or \\boxed{90 bpm}|120 bpm 90 bpm"
            "|120 bpm 120 bpm"
            "|120 beats per bar|120 minutes|hardly 120 bpm|I doubt it is 120 bpm|no 120 bpm")),
    (COUNT, ("2+|2-3|more than 2|not twice|once or twice|2%|2 s|2nd|the second|2 (three)|02:00|none"
            "|no|no idea|1 + 1|4/2|two and a half|2 times 3")),
    (NONE, "no|no idea|nothing to say|0 s|no dogs or cats|never say never"),
    (ONSET, "1:65|1.05|5:01|1 min 65 s|1 min|5 s|1:05 or 1:10|0.65 s|65 min|1:04-1:06|-65 s"),
    (METRE, "3/4|6/8|4 or 3|4 s|four four four|common"),
    (KEY, ("a minor key|A minor key|in a minor key|A minor?|A minor (C major)|Am or Em"
          "|A minor third"
          "|the relative of A minor|A minor 7|A M")),
    (YES, "yes?|is it present|is there|Is it heard?|yes or no|hardly present|no doubt|yes (no)"),
    (NO, "no?|not absent|no doubt|no problem|no, yes|it isn't absent"),
    (FIRST, ("dog barking?|hot dog barking|dog|a dog barking in the background|likely dog barking"
            "|the sound before the dog barking|dog barking and siren|dog barking dog barking")),
    (GUNSHOT, "gunshot or siren|gunshot/siren|not gunshot or gunfire|gunshot?"),
    (ORDER, ("third dog bark, second siren, first door slam|last dog bark, siren, first door slam"
            "|2. dog bark 1. siren 3. door slam|1. siren 2. dog bark 3. door slam"
            "|dog bark and siren, then door slam|dog bark and siren and door slam"
            "|dog bark ← siren ← door slam|the reverse of dog bark, siren, door slam"
            "|dog bark, siren, door slam?|dog bark, siren, loud door slam")),
    (PAIR, ("piano, violin, drums|piano or violin|piano, not violin|piano, violin?"
           "|neither piano, violin"
           "|piano without violin|piano is heard, violin is absent")),
    (SPEECH, ("0.5-4.0 s|the whole recording|[0.5, 2.0] s|0.5-2.0 s or 3.0-4.0 s"
             "|not 0.5-2.0 s, 3.0-4.0 s")),
    (CHORDS, "G-F-Am-C|C-Am-F|C-Am-G-F|Cm-Am-F-G|A-minor-C-F"),
    (WORDS, ("don't you have 3 dogs|well have two dogs|dogs two have you don't"
            "|not \"Don't you have two dogs?\"")),
    (HOUSE, "house?|houses|not house|house or mouse|the word before house|no house"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "answers"), RIGHT)
def test_what_people_write_is_right(asked: Check, answers: str) -> None:
    refused = [said for said in answers.split("|") if judge(said, asked) is not True]
    assert [said for said in refused if said.strip()] == []


@pytest.mark.parametrize(("asked", "answers"), NOT_RIGHT)
def test_what_only_looks_right_is_not(asked: Check, answers: str) -> None:
    assert [said for said in answers.split("|") if judge(said, asked) is True] == []
    assert all(grade(said, asked) < 1.0 for said in answers.split("|"))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (FIRST, "dog"),
        (FIRST, "a very loud dog barking somewhere behind the house over there"),
        (GUNSHOT, "maybe a siren"),
        (ORDER, "dog, siren, door slam"),
        (ORDER, "dog bark, siren, loud door slam"),
    ],
)
def test_less_or_more_than_the_target_is_no_other_value(asked: Check, answer: str) -> None:
    assert judge(answer, asked) is None


def test_we_will_is_not_well() -> None:
    assert judge("well go", check("words", "we'll go")) is False


# Choices -------------------------------------------------------------------------------------


def test_a_letter_names_a_choice_unless_letters_are_choices() -> None:
    times = ("90 bpm", "120 bpm", "150 bpm")
    for answer in (
        "B",
        "b",
        "(B)",
        "B.",
        "Option B",
        "B. 120 bpm",
        "(B) 120 bpm",
        "The answer is B",
    ):
        assert choice_of(answer, times) == 1
    notes = ("G", "A#", "D", "E")
    assert choice_of("D", notes) == 2  # text beats letter
    assert choice_of("B", notes) is None
    assert choice_of("B", ("A", "B", "C", "D")) == 1
    assert choice_of("E", times) is None
    assert choice_of("A. 120 bpm", times) is None


def test_another_spelling_of_the_same_choice_is_that_choice() -> None:
    assert choice_of("2", ("one", "two", "three")) == 1
    assert choice_of("120", ("90 bpm", "120 bpm")) == 1
    assert choice_of("120 beats per minute", ("90 bpm", "120 bpm")) == 1
    assert choice_of("F# min", ("Gb minor", "A major")) == 0
    assert choice_of("120", ("120 bpm", "120 Hz")) is None


def test_the_answer_must_be_the_choice_and_nothing_else() -> None:
    choices = ("Not intense", "Intense", "At home or at work")
    assert choice_of("Not intense", choices) == 0
    assert choice_of("At home or at work", choices) == 2
    for answer in ("", " ", "Intense or not intense", "never intense", "Intense?? No, mild"):
        assert choice_of(answer, choices) is None
    assert choice_of("anything", ("", "something")) is None
    assert choice_of("", ("", "something")) is None


def test_choices_that_differ_in_case_alone_must_be_written_so() -> None:
    assert choice_of("iv", ("IV", "iv")) == 1
    assert choice_of("IV", ("IV", "iv")) == 0
