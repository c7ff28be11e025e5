"""What is left out of a whole set, by which filter, and that its order changes nothing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Probe, Question, Recording, Step, Trajectory
from synth.likeness import jaccard, shingles
from synth.question_filters import Answered
from synth.set_filters import OPTIONAL, Dropped, select, used

if TYPE_CHECKING:
    import random

    from schemas.reasoning import Dependence, Sufficiency

STEP = "A bell rings twice before the door is opened, and after that nobody speaks for a while."


def recording(name: str, licence: str = "CC0-1.0") -> Recording:
    return Recording(
        id=name, locator=f"audio/{name}.wav", sample_rate_hz=16_000, channels=1, duration_s=3.0,
        decoder="pyav", licence=licence,
    )  # fmt: skip


def trajectory(name: str, question: str = "q", step: str = STEP, **changes: object) -> Trajectory:
    made = Trajectory(
        id=name, question=question, run="run", rollout=0, subquestions=("s",),
        steps=(Step(text=step, uses=("o1",)),), draft="no", review="It fits.", answer="no",
        completion=f"<step>{step}</step><answer>no</answer>", teacher="replay", sampling="{}",
        probes=(), sufficiency="undecided", audio_dependence="undecided", kept=True,
    )  # fmt: skip
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] - each test names real fields


def answered(
    name: str = "q",
    *trajectories: Trajectory,
    text: str = "Does somebody speak after the bell?",
    sound: Recording | None = None,
    **changes: object,
) -> Answered:
    heard = sound or recording(f"r-{name}")
    question = Question(
        id=name, benchmark="made", release="1", split="train", source_id=name,
        recordings=(heard.id,), text=text, choices=("yes", "no"), answer="no", licence="CC0-1.0",
        eval_only=False,
    )  # fmt: skip
    return Answered(
        question=dataclasses.replace(question, **changes),  # type: ignore[arg-type] - each test names real fields
        recordings=(heard,),
        trajectories=trajectories or (trajectory(f"t-{name}", name),),
    )


def found(*all_of_them: Answered, drop: tuple[str, ...] = ()) -> dict[str, tuple[str, str, str]]:
    return {
        one.record: (one.kind, one.filter, one.reason)
        for one in select(all_of_them, drop)
    }  # fmt: skip


def test_what_nothing_speaks_against_stays() -> None:
    assert found(answered("a"), answered("b"), drop=tuple(OPTIONAL)) == {}


def probed(sufficiency: Sufficiency, dependence: Dependence) -> Trajectory:
    return trajectory("t", sufficiency=sufficiency, audio_dependence=dependence)


def test_a_question_that_its_facts_do_not_answer_is_dropped() -> None:
    assert found(answered("q", probed("insufficient", "strong"))) == {
        "q": (
            "question", "insufficient",
            "with its facts it is answered no better than without them",
        )
    }  # fmt: skip
    assert found(answered("q", probed("undecided", "strong"))) == {}


def test_what_text_alone_answers_is_dropped_only_if_asked() -> None:
    weak = answered("q", probed("undecided", "weak"))
    assert found(weak) == {}
    assert found(weak, drop=("text_only_solvable",)) == {
        "q": (
            "question", "text_only_solvable",
            "without any fact it was answered right in every order of its choices",
        )
    }  # fmt: skip


def rollouts(right: int, of: int, probes: tuple[Probe, ...] = ()) -> tuple[Trajectory, ...]:
    return tuple(
        trajectory(
            f"t{at}", step=f"{STEP} {' '.join(f'{at}-{n}' for n in range(99))}",
            answer="no" if at < right else "yes", kept=at < right, probes=probes,
        )
        for at in range(of)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("trajectories", "reason"),
    [
        (rollouts(4, 4), "too easy: 4 of 4 are right"),
        (rollouts(0, 5), "too hard: 0 of 5 are right"),
        (rollouts(1, 4), None),
        (rollouts(3, 3), None),
        (rollouts(3, 3, (Probe(facts="given", order=0, answer="no", right=True),)),
         "too easy: 4 of 4 are right"),
        (rollouts(3, 3, (Probe(facts="given", order=0, answer="yes", right=False),)), None),
        (rollouts(3, 3, (Probe(facts="given", order=0, answer="", right=False),)), None),
        (rollouts(3, 3, (Probe(facts="withheld", order=0, answer="no", right=True),)), None),
    ],
)  # fmt: skip
def test_what_is_always_or_never_right_is_dropped_if_asked_once_it_was_tried_often_enough(
    trajectories: tuple[Trajectory, ...], reason: str | None
) -> None:
    asked = answered("q", *trajectories)
    assert found(asked) == {}
    expected = {} if reason is None else {"q": ("question", "difficulty_band", reason)}
    assert found(asked, drop=("difficulty_band",)) == expected


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "cc_by_nc_sa", "Non-commercial use",
                                     "noncommercial", "for research use only"])  # fmt: skip
def test_a_licence_that_forbids_commerce_drops_if_asked(licence: str) -> None:
    by_sound = answered("a", sound=recording("r", licence))
    by_question = answered("b", licence=licence)
    assert found(by_sound, by_question) == {}
    why = ("question", "noncommercial_licence", f"licence {licence!r}")
    assert found(by_sound, by_question, drop=("noncommercial_licence",)) == {"a": why, "b": why}


@pytest.mark.parametrize("licence", ["CC-BY-4.0", "CC0-1.0", "public domain", "Apache-2.0",
                                     "commercial use allowed", ""])  # fmt: skip
def test_a_licence_that_allows_commerce_or_says_nothing_is_not_noncommercial(licence: str) -> None:
    assert found(answered(licence=licence), drop=("noncommercial_licence",)) == {}


def test_a_licence_that_nobody_states_drops_if_asked() -> None:
    by_sound = answered("a", sound=recording("r" * 64, ""))
    by_question = answered("b", licence="Unknown")
    assert found(by_sound, by_question) == {}
    assert found(by_sound, by_question, drop=("unknown_licence",)) == {
        "a": ("question", "unknown_licence", "the licence of recording rrrrrrrrrrrr is not stated"),
        "b": ("question", "unknown_licence", "the question's licence is not stated"),
    }


SOUND = recording("shared")


def test_of_two_questions_that_ask_the_same_of_one_recording_the_lesser_id_stays() -> None:
    one = answered("a", sound=SOUND)
    again = answered("b", sound=SOUND, text="Does somebody SPEAK, after the bell?")
    elsewhere = answered("c")
    assert found(again, elsewhere, one) == {
        "b": ("question", "duplicate_question", "100% of its runs of 5 words are those of a")
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Does somebody laugh before the door?"},
        {"text": "After the bell, does somebody speak?"},
        {"answer": "yes"},
        {"choices": ("no", "perhaps")},
    ],
)
def test_questions_that_differ_in_words_choices_or_answer_both_stay(
    changes: dict[str, object],
) -> None:
    other = answered("b", trajectory("t-b", "b", step="Silence."), sound=SOUND, **changes)  # type: ignore[arg-type] - each case names real fields
    assert found(answered("a", sound=SOUND), other) == {}


def test_a_rollout_that_says_the_same_word_for_word_is_a_duplicate() -> None:
    assert found(answered("q", trajectory("t2"), trajectory("t1"))) == {
        "t2": ("trajectory", "duplicate_trajectory", "says word for word what t1 says")
    }


def test_a_rollout_in_nearly_the_same_words_is_a_near_duplicate() -> None:
    long = f"{STEP} Then a car passes from the left to the right and a dog barks at it three times."
    near = trajectory("t2", step=long.replace("three times.", "three times!  Indeed."))
    other = trajectory("t3", step=f"{STEP} Then it rains.")
    assert found(answered("q", trajectory("t1", step=long), near, other)) == {
        "t2": (
            "trajectory", "near_duplicate_trajectory",
            "82% of its runs of 5 words are those of t1",
        )
    }  # fmt: skip


def test_a_rollout_that_was_not_kept_is_nobodys_twin() -> None:
    assert found(answered("q", trajectory("t1", kept=False), trajectory("t2"))) == {}


def test_the_same_words_about_another_recording_are_no_duplicate() -> None:
    assert found(answered("a"), answered("b")) == {}


def test_what_another_filter_drops_does_not_cost_its_twin() -> None:
    bound = answered("a", sound=SOUND, licence="CC-BY-NC-4.0")
    free = answered("b", sound=SOUND)
    assert set(found(bound, free)) == {"b"}  # of two that are alike the lesser id stays
    assert set(found(bound, free, drop=("noncommercial_licence",))) == {"a"}


def placed(counts: tuple[int, ...]) -> list[Answered]:
    places = [at for at, count in enumerate(counts) for _ in range(count)]
    choices = tuple("ABCDEFG"[: len(counts)])
    return [
        answered(f"q{number:03}", choices=tuple(f"sound {one}" for one in choices),
                 answer=f"sound {choices[at]}")
        for number, at in enumerate(places)
    ]  # fmt: skip


def test_answers_that_crowd_one_place_are_thinned_until_the_place_tells_nothing() -> None:
    crowded = placed((40, 10))
    assert found(*crowded) == {}
    dropped = found(*crowded, drop=("unbalanced_positions",))
    assert sorted(dropped) == [f"q{number:03}" for number in range(40 - len(dropped), 40)]
    assert dropped["q039"] == (
        "question", "unbalanced_positions", "choice 1 of 2 is the answer 40 times of 50",
    )  # fmt: skip
    left = [one for one in crowded if one.question.id not in dropped]
    assert 10 < len(left) - 10 < 25
    assert found(*left, drop=("unbalanced_positions",)) == {}


@pytest.mark.parametrize("counts", [(30, 30), (33, 27), (9, 0), (4, 0, 0, 0, 0, 0), (5,)])
def test_answers_that_chance_may_have_placed_so_stay(counts: tuple[int, ...]) -> None:
    assert found(*placed(counts), drop=("unbalanced_positions",)) == {}


def a_table() -> list[Answered]:
    """Some of everything: twins, near twins, licences, what is weak, easy or crowded."""
    sounds = [recording("s0"), recording("s1", "CC-BY-NC-4.0"), recording("s2", "")]
    shared = [
        answered(
            f"m{number}",
            *(
                trajectory(f"t{number}-{roll}", f"m{number}", step=STEP + " And so on." * roll,
                           audio_dependence="weak" if number % 4 == 0 else "strong")
                for roll in range(3)
            ),
            sound=sounds[number % 3],
            text=("Does somebody speak after the bell?", "Who opens the door?")[number % 2],
        )
        for number in range(12)
    ]  # fmt: skip
    return [*shared, *placed((12, 3))]


@given(st.randoms(use_true_random=False), st.sets(st.sampled_from(sorted(OPTIONAL))))
def test_the_order_of_a_table_changes_nothing_of_what_is_left_out(
    chance: random.Random, drop: set[str]
) -> None:
    def shuffled(answers: list[Answered]) -> list[Answered]:
        mixed = [
            dataclasses.replace(
                one, trajectories=chance.sample(one.trajectories, len(one.trajectories))
            )
            for one in answers
        ]
        chance.shuffle(mixed)
        return mixed

    def left_out(answers: list[Answered]) -> set[Dropped]:
        return set(select(answers, drop))

    table = a_table()
    assert left_out(shuffled(table)) == left_out(table) != set()


def test_every_filter_that_drops_a_question_says_so() -> None:
    bound = answered("q", probed("insufficient", "weak"), licence="CC-BY-NC-4.0")
    found_by = [one.filter for one in select([bound], tuple(OPTIONAL))]
    assert found_by == ["insufficient", "text_only_solvable", "noncommercial_licence"]


def test_optional_filters_are_named_among_those_that_ran_only_if_asked() -> None:
    always = {name for _, name in used(())}
    assert always == {
        "insufficient", "duplicate_question", "duplicate_trajectory", "near_duplicate_trajectory",
    }  # fmt: skip
    assert {name for _, name in used(tuple(OPTIONAL))} == always | OPTIONAL


@given(st.text(max_size=60), st.integers(1, 6))
def test_a_text_is_wholly_like_itself_whatever_its_case(text: str, words: int) -> None:
    runs = shingles(text, words)
    assert jaccard(runs, shingles(f"  {text} ", words)) == (1.0 if runs else 0.0)


def test_likeness_is_the_share_of_runs_in_common() -> None:
    one, other = shingles("the door slams at 3.2 s", 2), shingles("The door slams again", 2)
    assert len(one) == 5
    assert jaccard(one, other) == jaccard(other, one) == pytest.approx(2 / 6)
    assert shingles("two words", 5) == {("two", "words")}
