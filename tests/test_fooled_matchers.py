"""How published matchers are fooled: each way, by name, and what ours says to it.

MMAU's `string_match`, math-verify 0.9.0, ms-swift's `accuracy`, NeMo's `exact_alnum`,
reasoning-gym's `leg_counting`, and what users reported of Visual-RFT (issues 79 and 176), Soup
(814) and NeMo Gym (1790). Their whole run over MMAU and MMAR is in test_benchmark_choices.py.
"""

from __future__ import annotations

import pytest

from schemas import Check, Fact, Value, property_named
from synth.bind import check_for
from synth.checks import grade, judge, passes
from synth.choices import choice_of
from synth.completion import parse


def of(name: str, value: float | str) -> Check:
    made = Value(text=value) if isinstance(value, str) else Value(number=value)
    return check_for(
        Fact(
            id="f", recording="one", property=name, span=None, state="known", value=made,
            subject="door" if property_named(name).subjects else "", margin=None,
            tier="corroborated", witnesses=("a", "b"), observations=(), version="1",
        )
    )  # fmt: skip


def equals(text: str) -> Check:
    return Check(
        kind="equals", target=Value(text=text), accepted=(), unit="", tolerance=0.0,
        relative=False, zero_at=None, source="the test",
    )  # fmt: skip


TEMPO, KEY = of("tempo", 120.0), of("key", "A minor")
FIRST, COUNT = of("first_event", "dog barking"), of("event_count", 3.0)
TIMES = ("90 bpm", "120 bpm", "150 bpm")


def refused(answer: str, check: Check) -> bool:
    return judge(answer, check) is not True and grade(answer, check) < 1.0


# MMAU's string_match: sets of words ----------------------------------------------------------


@pytest.mark.parametrize("said", ["It is not 120 bpm", "The tempo is not 120 bpm.", "not 120 bpm"])
def test_string_match_takes_a_negation_for_the_answer(said: str) -> None:
    assert judge(said, TEMPO) is None
    assert choice_of(said, TIMES) is None


def test_string_match_takes_120_point_4_for_120() -> None:
    assert choice_of("120.4 bpm", TIMES) is None
    assert refused("125.4 bpm", TEMPO)
    assert passes("120.4 bpm", TEMPO)  # of a measured tempo, within its 4 %


@pytest.mark.parametrize(
    "said", ["a minor detail, cannot tell", "I think A is minor", "a minor detail"]
)
def test_string_match_takes_a_minor_detail_for_a_key(said: str) -> None:
    assert judge(said, KEY) is None
    assert choice_of(said, ("A minor", "C major")) is None


def test_string_match_forgets_the_order_of_words() -> None:
    assert refused("barking dog", FIRST)
    assert choice_of("barking dog", ("Dog barking", "Cat meowing")) is None
    near = ("From near to far", "From far to near")
    assert choice_of("from far to near", near) == 1
    mixed = ("first: neutral, second: frustration", "first: frustration, second: neutral")
    assert [choice_of(one, mixed) for one in mixed] == [0, 1]


def test_string_match_takes_anything_for_an_empty_gold() -> None:
    assert choice_of("anything", ("", "something")) is None
    assert choice_of("", ("", "something")) is None


def test_string_match_refuses_a_letter_and_another_spelling() -> None:
    assert choice_of("B", TIMES) == 1
    assert choice_of("(B) 120 bpm", ("a fast 90 bpm", "120 bpm")) == 1
    assert choice_of("2", ("one", "two")) == 1
    assert passes("There is no doubt: yes", equals("yes"))


def test_string_match_fails_an_answer_that_rules_another_out() -> None:
    assert choice_of("The answer is 120 bpm, not 90 bpm", TIMES) == 1
    assert choice_of("120 bpm rather than 90 bpm", TIMES) == 1
    assert choice_of("90 bpm, not 120 bpm", TIMES) == 0
    assert choice_of("120 bpm, not 120 bpm", TIMES) is None


# math-verify and swift: numbers without what they count ---------------------------------------


def test_math_verify_depends_on_a_space_inside_the_tag() -> None:
    for tagged in ("<answer>3</answer>", "<answer> 3 </answer>"):
        said = parse(tagged).answer
        assert said is not None
        assert passes(said, COUNT)


@pytest.mark.parametrize(("said", "target"), [("1", "4/4"), ("6/8", "3/4"), ("2/2", "4/4")])
def test_math_verify_reduces_time_signatures(said: str, target: str) -> None:
    assert refused(said, equals(target))
    assert choice_of(said, (target, "5/4")) is None


def test_math_verify_reads_the_minutes_of_a_time_alone() -> None:
    late = of("onset", 165.0)
    assert judge("2:30", late) is False
    assert passes("2:45", late)
    assert choice_of("2:30", ("2:45", "2:15")) is None
    assert choice_of("2", ("2:45", "3:45")) is None


def test_math_verify_and_swift_take_three_dogs_for_three_cats() -> None:
    assert refused("3 dogs", equals("3 cats"))
    assert choice_of("3 dogs", ("3 cats", "4 cats")) is None
    assert choice_of("3", ("3 cats", "3 dogs")) is None


def test_math_verify_takes_a_share_for_a_percentage() -> None:
    assert refused("0.6", equals("60%"))
    assert choice_of("0.6", ("60%", "40%")) is None
    assert choice_of("60 percent", ("60%", "40%")) == 0


def test_math_verify_takes_a_bare_number_for_a_tempo() -> None:
    assert judge("120", TEMPO) is None


def test_math_verify_takes_an_answer_with_an_alternative_beside_it() -> None:
    assert judge("7 or 3", COUNT) is None
    assert choice_of("<answer>7</answer> or 3", ("3", "7")) is None
    assert choice_of("7 or 3", ("3", "7")) is None
    assert parse("<answer>7</answer><answer>3</answer>").answer is None


def test_swift_gives_nothing_for_any_answer_that_is_no_number() -> None:
    assert passes("A minor", KEY)
    assert passes("dog barking", FIRST)


# NeMo's exact_alnum: letters and digits alone --------------------------------------------------


@pytest.mark.parametrize(
    ("said", "target"),
    [("C# minor", "C minor"), ("C minor", "C# minor"), ("1.5", "15"), ("15", "1.5"), ("-3", "3"),
     ("3", "-3"), ("34", "3/4"), ("3/4", "34")],
)  # fmt: skip
def test_exact_alnum_drops_the_signs_that_matter(said: str, target: str) -> None:
    assert judge(said, equals(target)) is not True
    assert choice_of(said, (target, "something else")) is None


def test_exact_alnum_drops_signs_of_numbers_too() -> None:
    assert judge("1.5", of("event_count", 15.0)) is False
    assert judge("-3", COUNT) is False
    assert judge("23 LUFS", of("loudness", -23.0)) is False


# Rewards that a policy talked round -----------------------------------------------------------


@pytest.mark.parametrize("padding", ["x ", "the number: x ", "answer x "])
def test_leg_counting_pays_for_the_answer_with_padding(padding: str) -> None:
    assert grade(f"{padding}3", COUNT) == 0.0
    assert choice_of(f"{padding}3", ("3", "4")) is None


@pytest.mark.parametrize("said", ["dog", "dog barking and a siren", "barking", "d", "a"])
def test_visual_rft_takes_a_part_or_a_whole_for_the_answer(said: str) -> None:
    assert refused(said, FIRST)
    assert choice_of(said, ("siren", "dog barking")) != 1


@pytest.mark.parametrize("said", ["", " ", "\n", "...", "**"])
def test_visual_rft_pays_for_empty_answers(said: str) -> None:
    for check in (TEMPO, KEY, FIRST, COUNT, equals("yes")):
        assert judge(said, check) is None
        assert grade(said, check) == 0.0
    assert choice_of(said, TIMES) is None
    assert parse(f"<answer>{said}</answer>").answer is None or choice_of(said, TIMES) is None


def test_visual_rft_pays_for_all_options_at_once() -> None:
    assert choice_of("A or B or C", TIMES) is None
    assert choice_of("A, B, C", TIMES) is None
    assert choice_of("90 bpm or 120 bpm or 150 bpm", TIMES) is None
    assert judge("90 bpm or 120 bpm or 150 bpm", TEMPO) is None
    assert judge("yes or no", equals("yes")) is None


def test_a_letter_set_as_text_in_a_box_is_still_that_letter() -> None:
    # NeMo Gym 1790: \boxed{\text{E}} scored 0.
    five = ("a", "door", "bell", "dog", "siren")
    for said in (
        "\\boxed{\\text{E}}",
        "$\\boxed{\\text{E}}$",
        "\\boxed{E}",
        "\\boxed{\\text{siren}}",
    ):
        assert choice_of(said, five) == 4
    assert passes("\\boxed{\\text{120 bpm}}", TEMPO)
    assert passes("\\boxed{120 \\text{ bpm}}", TEMPO)
    assert choice_of("\\boxed{D} or \\boxed{E}", five) is None
