from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Check, CheckKind, Item, Value
from synth.checks import among, choice_of, grade, judge, passes
from synth.spelling import normalise, quantity, spelt

if TYPE_CHECKING:
    from pathlib import Path


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


def questions(shared: Path) -> list[tuple[str, list[str]]]:
    mini = json.loads((shared / "benchmarks/mmau/mmau-test-mini.json").read_text())
    lines = (shared / "benchmarks/mmar/MMAR-meta.jsonl").read_text().splitlines()
    rows = [*mini, *map(json.loads, lines)]
    assert len(rows) == 2000
    return [(row["answer"], row["choices"]) for row in rows]


def test_every_choice_of_mmau_and_mmar_is_itself_and_no_wrong_one_is_the_gold(
    shared: Path,
) -> None:
    for answer, choices in questions(shared):
        gold = choice_of(answer, choices)
        assert gold is not None
        assert choices[gold] == answer
        for choice in choices:
            found = choice_of(choice, choices)
            if choice.strip():
                assert found is not None
                assert choices[found] == choice or normalise(choices[found]) == normalise(choice)
            assert (found == gold) == (normalise(choice) == normalise(answer))


def test_letters_and_frames_name_mmau_and_mmar_choices(shared: Path) -> None:
    for _, choices in questions(shared):
        singles = [(at, normalise(choice)) for at, choice in enumerate(choices)]
        spelt_out = any(
            len(one) == 1 and one.isalpha() and one != "abcdefgh"[at] for at, one in singles
        )
        for at, choice in enumerate(choices):
            letter = "ABCDEFGH"[at]
            if not choice.strip():
                continue
            same = {n for n, one in enumerate(choices) if normalise(one) == normalise(choice)}
            for said in (f"({letter}) {choice}", f"The answer is {choice}", f" {choice.upper()}. "):
                assert choice_of(said, choices) in same
            for said in (letter, f"({letter})", f"Option {letter}"):
                named = choice_of(said, choices)
                assert named == at or (spelt_out and named != at)


def test_negated_hedged_and_doubled_choices_name_none(shared: Path) -> None:
    for _, choices in questions(shared):
        known = {normalise(choice) for choice in choices}
        for choice, other in pairwise(choices):
            if not choice.strip() or not other.strip():
                continue
            for said in (
                f"not {choice}",
                f"neither {choice}",
                f"{choice} or {other}",
                f"{choice}, {other}",
                f"maybe {choice}",
                f"{choice} is wrong",
            ):
                assert choice_of(said, choices) is None or normalise(said) in known


def test_reversed_orders_in_mmau_and_mmar_are_not_the_gold(shared: Path) -> None:
    # MMAU's matcher forgets the order of words: 12 wrong choices there and 28 in MMAR score.
    bags = 0
    for answer, choices in questions(shared):
        for choice in choices:
            if choice != answer and sorted(normalise(choice).split()) == sorted(
                normalise(answer).split()
            ):
                bags += 1
                assert choice_of(choice, choices) != choice_of(answer, choices)
    assert bags > 10
