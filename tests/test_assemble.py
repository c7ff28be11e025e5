"""Questions, sub-questions, facts and trajectories become training rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas import Check, Fact, HardNegative, Question, Subquestion, Trajectory, Value
from schemas.errors import BadRecord
from synth.assemble import assemble, context_of, ground_truth, single_ground_truth, with_negatives
from synth.ground_truth import from_json

QUESTION = Question(
    id="q",
    benchmark="clicks",
    release="1",
    split="all",
    source_id="007",
    recordings=("left", "right"),
    text="Which is faster?",
    choices=("the first", "the second"),
    answer="the second",
    licence="CC0-1.0",
    eval_only=False,
)
CHECK = Check(
    kind="within",
    target=Value(number=120.0),
    accepted=(),
    unit="bpm",
    tolerance=0.04,
    relative=True,
    zero_at=30.0,
    source="MIREX",
)
ASKED = Subquestion(
    id="s",
    question="q",
    position=0,
    text="What is the tempo?",
    property="tempo",
    subject="",
    recording="right",
    span=None,
    fact="tempo-right",
    check=CHECK,
    answer="120 bpm",
    distractors=("60 bpm",),
    choices=("60 bpm", "120 bpm"),
    prior=0.2,
    tier="constructed",
    need="required",
    run="r",
)
TEMPO = Fact(
    id="tempo-right",
    recording="right",
    property="tempo",
    subject="",
    span=None,
    state="known",
    value=Value(number=120.0),
    margin=None,
    tier="constructed",
    witnesses=("click_track",),
    observations=(),
    version="1",
)
LOUDNESS = replace(TEMPO, id="loud", property="loudness", value=Value(number=-20.0))
NO_KEY = replace(TEMPO, id="no-key", property="key", state="not_applicable", value=None)
CONTESTED = replace(LOUDNESS, id="maybe", recording="left", tier="contested")
REASONED = Trajectory(
    id="t",
    question="q",
    run="r",
    rollout=0,
    subquestions=("s",),
    steps=(),
    draft="the second",
    review="",
    answer="the second",
    completion="<answer>the second</answer>",
    teacher="replay",
    sampling="{}",
    probes=(),
    sufficiency="sufficient",
    audio_dependence="strong",
    kept=True,
)
FACTS = {"right": (TEMPO, LOUDNESS, NO_KEY), "left": (CONTESTED,)}


def test_required_checks_come_from_subquestions_and_context_from_other_facts() -> None:
    truth = ground_truth(QUESTION, (ASKED,), context_of(QUESTION, FACTS))

    assert [(check.id, check.need, check.state, check.audio) for check in truth.checks] == [
        ("s", "required", "known", 2),
        ("loud", "context", "known", 2),
        ("no-key", "context", "not_applicable", 2),
    ]
    required, known, gone = truth.checks
    assert required.check == CHECK
    assert required.prior == 0.2
    assert known.check is not None
    assert known.check.target == Value(number=-20.0)
    assert gone.check is None


def test_what_is_not_truth_judges_nothing() -> None:
    assert context_of(QUESTION, {"left": (CONTESTED,)}) == ()


def test_the_same_fact_of_the_same_sound_heard_twice_stays_context_of_the_other() -> None:
    twice = replace(QUESTION, recordings=("right", "right"))

    truth = ground_truth(twice, (ASKED,), context_of(twice, {"right": (TEMPO,)}))

    assert [(check.id, check.audio) for check in truth.checks] == [("s", 1), ("tempo-right", 2)]


def test_a_subquestion_of_a_strange_recording_is_refused() -> None:
    with pytest.raises(BadRecord, match="s: this sub-question asks of recording elsewhere"):
        ground_truth(QUESTION, (replace(ASKED, recording="elsewhere"),), ())


def test_a_single_subquestion_is_a_question_of_its_own() -> None:
    truth = single_ground_truth(ASKED)

    assert truth.answer == "120 bpm"
    assert truth.choices == ("60 bpm", "120 bpm")
    assert [(check.id, check.audio) for check in truth.checks] == [("s", 1)]


def test_rows_are_questions_that_have_subquestions_with_kept_trajectories_only() -> None:
    other = replace(QUESTION, id="silent", source_id="001")
    dropped = replace(REASONED, id="dropped", rollout=1, kept=False)

    (row,) = assemble((QUESTION, other), (ASKED,), (dropped, REASONED), FACTS)

    assert row.question == QUESTION
    assert row.subquestions == (ASKED,)
    assert row.trajectories == (REASONED,)
    assert [check.id for check in from_json(row.ground_truth).checks] == ["s", "loud", "no-key"]


def test_order_does_not_depend_on_the_order_of_what_is_given() -> None:
    questions = [
        replace(QUESTION, id=f"q{number}", benchmark=benchmark, source_id=f"{number:03d}")
        for benchmark, number in (("b", 2), ("a", 3), ("b", 1))
    ]
    asked = [
        replace(ASKED, id=f"{one.id}-{place}", question=one.id, position=place)
        for one in questions
        for place in (1, 0)
    ]
    reasoned = [
        replace(REASONED, id=f"{one.id}-{rollout}", question=one.id, rollout=rollout)
        for one in questions
        for rollout in (1, 0)
    ]

    forwards = list(assemble(questions, asked, reasoned, FACTS))
    backwards = list(assemble(questions[::-1], asked[::-1], reasoned[::-1], FACTS))

    assert forwards == backwards
    assert [row.question.id for row in forwards] == ["q3", "q1", "q2"]
    assert [one.position for one in forwards[0].subquestions] == [0, 1]
    assert [one.rollout for one in forwards[0].trajectories] == [0, 1]


def test_licences_lines_travel_with_the_row_once() -> None:
    lines = {"left": ("Clicks by A.", "CC BY 4.0"), "right": ("CC BY 4.0",)}

    (row,) = assemble((QUESTION,), (ASKED,), (), FACTS, lines)

    assert row.attribution == ("Clicks by A.", "CC BY 4.0")


def test_negatives_follow_the_trajectory_they_are_worse_than() -> None:
    worse = HardNegative(
        id="n2", run="r", question="q", trajectory="t", source="sibling", kind="wrong_answer",
        claim="", property="", said="the first", completion="<answer>the first</answer>", check="",
        reason="it answers 'the first'", chosen_reward=1.0, rejected_reward=0.5, version="1",
    )  # fmt: skip
    of_another = replace(worse, id="n3", trajectory="dropped")
    rows = assemble([QUESTION], [ASKED], [REASONED], FACTS)

    (row,) = with_negatives(rows, [worse, of_another, replace(worse, id="n1")])

    assert [one.id for one in row.negatives] == ["n1", "n2"]
