from __future__ import annotations

import dataclasses
import html
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import (
    GROUND_TRUTH_VERSION,
    Check,
    Fact,
    GroundCheck,
    GroundTruth,
    Question,
    Span,
    Step,
    Subquestion,
    Trajectory,
    Value,
    Weights,
)
from synth.claims import claims
from synth.completion import parse
from synth.filters import (
    SUBQUESTION_FILTERS,
    TRAJECTORY_FILTERS,
    Judged,
    Posed,
    reasons,
)
from synth.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTION = Question(
    id="q", benchmark="sample", release="1", split="train", source_id="1", recordings=("r",),
    text="Which genre fits the tempo?", choices=("Ballad", "Rock"), answer="Rock", licence="CC0",
    eval_only=False,
)  # fmt: skip
TEMPO = Check(
    kind="within", target=Value(number=160.0), accepted=(), unit="bpm", tolerance=0.04,
    relative=True, zero_at=0.5, source="MIREX",
)  # fmt: skip
TRUTH = GroundTruth(
    version=GROUND_TRUTH_VERSION, answer="Rock", choices=QUESTION.choices, weights=Weights(),
    checks=(
        GroundCheck(
            id="t", property="tempo", subject="", audio=1, recording="r", span=None,
            exclusive=True, prior=0.1, need="required", state="known", check=TEMPO,
        ),
    ),
)  # fmt: skip


def judged(observed: str = "160 bpm", step: str = "That is fast [o1].", answer: str = "Rock",
           question: Question = QUESTION) -> Judged:  # fmt: skip
    text = (
        f'<perception><observe id="o1" property="tempo">{observed}</observe></perception>'
        f"<reasoning><step>{html.escape(step)}</step></reasoning>"
        f"<draft>Rock</draft><review>It fits.</review><answer>{answer}</answer>"
    )
    read = parse(text)
    found = claims(read, TRUTH, trajectory="x")
    trajectory = Trajectory(
        id="x", question="q", run="", rollout=0, subquestions=("s",),
        steps=(Step(text=step, uses=("o1",)),), draft="Rock", review="It fits.", answer=answer,
        completion=text, teacher="replay", sampling="{}", probes=(), sufficiency="undecided",
        audio_dependence="undecided", kept=False,
    )  # fmt: skip
    return Judged(
        trajectory=trajectory, question=question, completion=read, claims=found,
        verdicts=verify(found, TRUTH),
    )  # fmt: skip


def test_a_true_trajectory_that_reaches_the_gold_answer_is_kept() -> None:
    assert reasons(judged(), TRAJECTORY_FILTERS) == ()


@pytest.mark.parametrize(
    ("record", "name", "reason"),
    [
        (judged(answer="<b>Rock</b>"), "well_formed", "unknown tag <b>"),
        (judged(answer="Ballad"), "reaches_gold", "it answers 'Ballad'"),
        (judged(answer="Rock or Ballad"), "reaches_gold", "it answers"),
        (judged(question=dataclasses.replace(QUESTION, answer=None)), "reaches_gold", "withholds"),
        (judged(observed="80 bpm"), "nothing_refuted", "tempo '80 bpm': the tempo is another"),
        (judged(step="At 80 bpm [o1] it drags."), "nothing_refuted", "two different values"),
        (judged(observed="quick"), "nothing_made_up", "tempo 'quick': commits itself to no tempo"),
        (judged(step="In E minor, at -9 LUFS, with two speakers [o1] and 12 words."),
         "nothing_made_up", "3 claims in its prose rest on no fact"),
        (judged(step="That is fast."), "draws_on_perception", "no step uses an observation"),
    ],
)  # fmt: skip
def test_a_dropped_trajectory_says_which_filter_and_why(
    record: Judged, name: str, reason: str
) -> None:
    dropped = dict(reasons(record, TRAJECTORY_FILTERS))
    assert reason in dropped[name]


@given(st.permutations(TRAJECTORY_FILTERS))
def test_the_order_of_filters_changes_nothing(
    filters: list[Callable[[Judged], str | None]],
) -> None:
    for record in (judged(), judged("80 bpm", answer="Ballad"), judged("quick", "<b>Fast.")):
        assert sorted(reasons(record, filters)) == sorted(reasons(record, TRAJECTORY_FILTERS))


def test_every_filter_that_drops_a_record_says_so() -> None:
    dropped = dict(reasons(judged("80 bpm", "That is fast.", "Ballad"), TRAJECTORY_FILTERS))
    assert set(dropped) == {"reaches_gold", "nothing_refuted", "draws_on_perception"}


def fact(tier: str, name: str = "key", **changes: object) -> Fact:
    made = Fact(
        id="f", recording="r", property=name, subject="", span=None, state="known",
        value=Value(text="E minor"), margin=None, tier=tier, witnesses=("a", "b"),  # type: ignore[arg-type] - each test names a real tier
        observations=(), version="1", note="one hears E minor, the other G major",
    )  # fmt: skip
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] - each test names real fields


def test_what_its_witnesses_contest_may_not_be_claimed_even_in_passing() -> None:
    said = judged(step="It is in E minor [o1].")
    disputed = dataclasses.replace(said, contested=((1, fact("contested")),))
    elsewhere = dataclasses.replace(said, contested=((2, fact("contested")),))
    of_another = dataclasses.replace(said, contested=((1, fact("contested", name="loudness")),))
    reason = "key 'E minor': contested: one hears E minor, the other G major"
    assert reasons(disputed, TRAJECTORY_FILTERS) == (("nothing_contested", reason),)
    assert reasons(elsewhere, TRAJECTORY_FILTERS) == ()
    assert reasons(of_another, TRAJECTORY_FILTERS) == ()


def test_prose_may_hold_as_many_loose_claims_as_the_reward_forgives() -> None:
    assert reasons(judged(step="It is in E minor [o1]."), TRAJECTORY_FILTERS) == ()


SUB = Subquestion(
    id="s", question="q", position=0, text="How fast is the beat?", property="tempo", subject="",
    recording="r", span=None, fact="f", check=TEMPO, answer="160 bpm",
    distractors=("80 bpm", "120 bpm"), choices=("80 bpm", "160 bpm", "120 bpm"), prior=0.1,
    tier="corroborated", need="required", run="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"text": "Which genre fits  the tempo"}, ("not_a_copy", "question itself")),
        ({"text": "Is the tempo 160 bpm?"}, ("keeps_its_answer", "its own answer '160 bpm'")),
        ({"text": "Is the tempo 80 bpm or 160 bpm?"}, None),
        ({"text": "How fast is the rock beat?"}, ("keeps_final_answer", "final answer 'Rock'")),
        ({"text": "How fast is the beat, rock or ballad?"}, None),
        ({"answer": "90 bpm"}, ("one_right_choice", "does not pass its own answer")),
        ({"distractors": ("80 bpm", "161 bpm")}, ("one_right_choice", "'161 bpm' is not plainly")),
        ({"distractors": ("80 bpm", "slow")}, ("one_right_choice", "'slow' is not plainly")),
        ({"choices": ("80 bpm", "160 bpm")}, ("one_right_choice", "its choices are not")),
        ({"distractors": ("80 bpm", "80 bpm"), "choices": ("80 bpm", "160 bpm", "80 bpm")},
         ("one_right_choice", "stands twice")),
    ],
)  # fmt: skip
def test_a_subquestion_has_one_right_choice_and_is_no_copy(
    changes: dict[str, object], reason: tuple[str, str] | None
) -> None:
    posed = Posed(subquestion=dataclasses.replace(SUB, **changes), question=QUESTION)  # type: ignore[arg-type] - each test names real fields
    dropped = dict(reasons(posed, SUBQUESTION_FILTERS))
    assert set(dropped) == ({reason[0]} if reason else set())
    assert reason is None or reason[1] in dropped[reason[0]]


def test_yes_or_no_is_asked_by_naming_what_yes_says() -> None:
    check = dataclasses.replace(
        TEMPO, kind="equals", target=Value(text="yes"), accepted=("yes",), unit="", tolerance=0.0,
        relative=False,
    )  # fmt: skip
    asked = dataclasses.replace(
        SUB, property="presence", subject="speech", text="Yes or no: is speech heard at all?",
        check=check, answer="yes", distractors=("no",), choices=("no", "yes"),
    )  # fmt: skip
    assert reasons(Posed(subquestion=asked, question=QUESTION), SUBQUESTION_FILTERS) == ()


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (fact("contested", name="tempo"), "contested: one hears E minor"),
        (fact("listener", name="tempo"), "the tier 'listener' is no truth for tempo"),
        (fact("single", name="tempo"), "the tier 'single' is no truth for tempo"),
        (fact("corroborated", name="tempo"), None),
        (fact("constructed", name="tempo"), None),
    ],
)
def test_a_subquestion_rests_on_a_fact_that_is_truth(known: Fact, reason: str | None) -> None:
    posed = Posed(subquestion=SUB, question=QUESTION, fact=known)
    dropped = dict(reasons(posed, SUBQUESTION_FILTERS))
    assert set(dropped) == ({"rests_on_truth"} if reason else set())
    assert reason is None or reason in dropped["rests_on_truth"]


def test_two_stretches_are_not_asked_about_in_the_same_words() -> None:
    first = dataclasses.replace(SUB, id="s0", span=Span(start_s=0.0, end_s=5.0))
    asked = dataclasses.replace(SUB, text="How fast is the beat, then?")
    of_another = dataclasses.replace(first, recording="another")
    near = Posed(subquestion=asked, question=QUESTION, before=(first,))
    apart = Posed(subquestion=asked, question=QUESTION, before=(of_another,))
    reason = "it asks in nearly the words of 'How fast is the beat?'"
    assert reasons(near, SUBQUESTION_FILTERS) == (("not_near_another", reason),)
    assert reasons(apart, SUBQUESTION_FILTERS) == ()
