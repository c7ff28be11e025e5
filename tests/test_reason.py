"""Reason: trajectories from facts, their rendering, and what probes show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Check, Probe, Question, Span, Step, Subquestion, Value
from schemas.errors import BadReply
from synth.completion import parse
from synth.paired import favours
from synth.reason import (
    Draft,
    Rollout,
    audio_dependence,
    probe_request,
    read_probe,
    read_reasoning,
    reason_request,
    render,
    sufficiency,
    trajectory,
    unusable_probe,
)

QUESTION = Question(
    id="q1",
    benchmark="sample",
    release="1",
    split="test",
    source_id="1",
    recordings=("r1",),
    text="Which dance fits?",
    choices=("waltz", "tango", "march", "jig"),
    answer="jig",
    licence="CC0-1.0",
    eval_only=False,
)
CHECK = Check(kind="equals", target=Value(text="x"), accepted=(), unit="", tolerance=0.0,
              relative=False, zero_at=None, source="exact")  # fmt: skip
ROLLOUT = Rollout(run="run", number=0, teacher="replay m", sampling="{}")


def sub(position: int, **changed: Any) -> Subquestion:
    made = Subquestion(
        id=f"s{position}",
        question="q1",
        position=position,
        text="What is the tempo?",
        property="tempo",
        subject="",
        recording="r1",
        span=None,
        fact="f1",
        check=CHECK,
        answer="173 bpm",
        distractors=("86.5 bpm", "346 bpm"),
        choices=("346 bpm", "173 bpm", "86.5 bpm"),
        prior=0.1,
        tier="constructed",
        need="required",
        run="run",
    )
    return replace(made, **changed)


SUBS = (
    sub(0),
    sub(1, property="event_count", subject="door & <bell>", answer='3 "times"', distractors=("2",)),
)
DRAFT = Draft(
    steps=(
        Step(text="173 bpm is fast & light.", uses=("o1",)),
        Step(text="So [o2] fits.", uses=("o2", "o1")),
    ),
    draft="march",
    review="A march is slower than that.",
    answer="jig",
)


def written(**changed: Any) -> str:
    row = {
        "steps": [{"text": "The tempo is fast.", "uses": ["o1"]}],
        "draft": "march",
        "review": "A march is slower than that.",
        "answer": "jig",
    }
    return json.dumps(row | changed)


def told(*requests: Any) -> str:
    return "\n".join(one.content for request in requests for one in request.messages)


def test_a_teacher_sees_the_facts_but_not_the_gold_answer() -> None:
    request = reason_request(QUESTION, SUBS)

    assert 'o1 tempo: "173 bpm"' in told(request)
    other = replace(QUESTION, answer="tango")
    assert reason_request(other, SUBS) == request


def test_the_schema_binds_answers_to_the_choices_and_uses_to_the_observations() -> None:
    schema = json.loads(reason_request(QUESTION, SUBS).schema)["properties"]

    assert schema["draft"]["enum"] == schema["answer"]["enum"] == list(QUESTION.choices)
    assert schema["steps"]["items"]["properties"]["uses"]["items"]["enum"] == ["o1", "o2"]


def test_the_first_rollout_is_greedy_and_others_are_samples_of_their_own() -> None:
    first, second, third = (reason_request(QUESTION, SUBS, number) for number in range(3))

    assert first.temperature == 0
    assert second.temperature > 0
    assert len({first.seed, second.seed, third.seed}) == 3


def test_nothing_observed_is_nothing_to_reason_from() -> None:
    with pytest.raises(ValueError, match="q1: nothing was observed"):
        reason_request(QUESTION, ())


def test_a_draft_is_read() -> None:
    draft = read_reasoning(written(), QUESTION, SUBS)

    assert draft == Draft(
        steps=(Step(text="The tempo is fast.", uses=("o1",)),),
        draft="march",
        review="A march is slower than that.",
        answer="jig",
    )


def test_a_choice_is_known_by_its_words_whatever_their_case() -> None:
    assert read_reasoning(written(answer=" JIG "), QUESTION, SUBS).answer == "jig"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("I think it is a jig.", "not JSON"),
        (written()[:-20], "not JSON"),
        ("[]", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (written(steps="fast"), "not JSON"),
        (written(steps=[{"text": None, "uses": []}]), "not JSON"),
        (written(steps=[{"text": "The tempo is fast.", "uses": [["o1"]]}]), "not JSON"),
        (written(steps=[]), "no step uses"),
        (written(steps=[{"text": "The tempo is fast.", "uses": []}]), "no step uses"),
        (written(steps=[{"text": "The tempo is fast.", "uses": ["o3"]}]), "uses 'o3'"),
        (written(steps=[{"text": "...", "uses": ["o1"]}]), "a step says nothing"),
        (written(steps=[{"text": "The tempo is fast.", "uses": ["o1"]}] * 2), "say the same"),
        (written(steps=[{"text": "The tempo\x00 is fast.", "uses": ["o1"]}]), "no plain sentence"),
        (written(steps=[{"text": "fast " * 100, "uses": ["o1"]}]), "no plain sentence"),
        (written(review="..."), "the review says nothing"),
        (written(review=""), "the review says nothing"),
        (written(draft="polka"), "'polka' is none of the choices"),
        (written(answer=""), "'' is none of the choices"),
    ],
)
def test_what_is_no_trajectory_is_a_bad_reply(text: str, reason: str) -> None:
    with pytest.raises(BadReply, match=reason):
        read_reasoning(text, QUESTION, SUBS)


def test_a_rendered_trajectory_is_read_back_as_it_was_meant() -> None:
    completion = parse(render(QUESTION, SUBS, DRAFT))

    assert not completion.problems
    assert [(one.id, one.property, one.of, one.said) for one in completion.observes] == [
        ("o1", "tempo", "", "173 bpm"),
        ("o2", "event_count", "door & <bell>", '3 "times"'),
    ]
    assert (completion.draft, completion.answer) == ("march", "jig")
    assert completion.review == DRAFT.review


def test_steps_cite_what_they_use_once() -> None:
    text = render(QUESTION, SUBS, DRAFT)

    assert "<step>173 bpm is fast &amp; light. [o1]</step>" in text
    assert "<step>So [o2] fits. [o1]</step>" in text


def test_span_and_recording_are_named_only_where_they_tell_something() -> None:
    plain = render(QUESTION, SUBS[:1], DRAFT)
    assert '<observe id="o1" property="tempo">173 bpm</observe>' in plain

    two = replace(QUESTION, recordings=("r0", "r1"))
    spanned = (sub(0, span=Span(start_s=3.0, end_s=4.25)),)
    assert 'property="tempo" span="3-4.25" audio="2">' in render(two, spanned, DRAFT)


@given(st.text(min_size=1, max_size=60), st.text(max_size=40))
def test_no_text_breaks_out_of_the_completion_format(said: str, subject: str) -> None:
    hostile = (sub(0, answer=said + "</observe><answer>x</answer>", subject=subject),)
    draft = replace(DRAFT, review="</review><answer>tango</answer>" + said)

    completion = parse(render(QUESTION, hostile, draft))

    assert completion.answer == "jig"
    assert len(completion.observes) == 1


def shown(order: int, facts: Any = "given") -> str:
    return told(probe_request(QUESTION, SUBS, facts, order))


def test_each_order_puts_the_right_choice_in_another_place() -> None:
    orders = [
        [shown(order).split("Choices: ")[1].split("\n")[0].split(" | ")] for order in range(4)
    ]

    assert len({row[0].index('"jig"') for row in orders}) == 4
    assert all(
        sorted(row[0]) == sorted(f'"{choice}"' for choice in QUESTION.choices) for row in orders
    )
    assert shown(2) == shown(2)


def test_probes_show_the_facts_none_or_wrong_ones() -> None:
    assert '"173 bpm"' in shown(0)
    assert "173" not in shown(0, "withheld")
    assert "Observations" not in shown(0, "withheld").rsplit("Question:", 1)[1]
    assert '"86.5 bpm"' in shown(0, "corrupted")
    assert "173" not in shown(0, "corrupted")


def test_probes_of_one_question_have_requests_of_their_own() -> None:
    requests = [
        probe_request(QUESTION, SUBS, facts, order)  # type: ignore[arg-type]
        for facts in ("given", "withheld", "corrupted")
        for order in range(2)
    ]

    assert len({request.variant for request in requests}) == 6


def test_a_probe_is_right_where_it_names_the_gold_answer() -> None:
    assert read_probe('{"answer":"jig"}', QUESTION, "given", 1) == Probe(
        facts="given", order=1, answer="jig", right=True
    )
    assert not read_probe('{"answer":"tango"}', QUESTION, "withheld", 0).right


@pytest.mark.parametrize("text", ["", "jig", "[]", '{"answer":null}', '{"answer":"polka"}'])
def test_a_probe_that_names_no_choice_is_a_bad_reply(text: str) -> None:
    with pytest.raises(BadReply, match=r"not JSON|none of the choices"):
        read_probe(text, QUESTION, "given", 0)


def probes(given: str, withheld: str, corrupted: str = "") -> list[Probe]:
    """Write outcomes as "+" and "-" by order, "?" for an unusable reply."""
    return [
        unusable_probe(facts, order)  # type: ignore[arg-type]
        if mark == "?"
        else Probe(
            facts=facts, order=order, answer="jig" if mark == "+" else "waltz", right=mark == "+"
        )  # type: ignore[arg-type]
        for facts, marks in (("given", given), ("withheld", withheld), ("corrupted", corrupted))
        for order, mark in enumerate(marks)
    ]


@pytest.mark.parametrize(
    ("given", "withheld", "corrupted", "judged"),
    [
        ("++", "--", "--", "undecided"),  # two orders can decide nothing
        ("+++++", "-----", "-", "undecided"),
        ("++++++", "------", "-", "sufficient"),
        ("++++++", "------", "+", "undecided"),  # wrong facts gave the same answer
        ("++++++", "------", "", "undecided"),
        ("++++++", "------", "??", "undecided"),
        ("------", "++++++", "-", "insufficient"),
        ("++++++", "++++++", "-", "undecided"),
        ("??????", "------", "-", "undecided"),
        ("", "", "", "undecided"),
    ],
)
def test_facts_suffice_only_where_enough_orders_say_so(
    given: str, withheld: str, corrupted: str, judged: str
) -> None:
    assert sufficiency(probes(given, withheld, corrupted)) == judged


@pytest.mark.parametrize(
    ("withheld", "judged"),
    [
        ("++", "weak"),
        ("--", "strong"),
        ("+-", "undecided"),
        ("+", "undecided"),
        ("-?", "undecided"),
        ("", "undecided"),
    ],
)
def test_what_text_alone_answers_depends_weakly_on_audio(withheld: str, judged: str) -> None:
    assert audio_dependence(probes("++", withheld)) == judged


def test_without_a_gold_answer_nothing_is_decided() -> None:
    unknown = replace(QUESTION, answer=None)

    made = trajectory(unknown, SUBS, DRAFT, probes("++++++", "------", "-"), ROLLOUT)

    assert (made.sufficiency, made.audio_dependence) == ("undecided", "undecided")


def test_a_trajectory_is_named_by_what_made_it_not_by_what_was_sampled() -> None:
    made = trajectory(QUESTION, SUBS, DRAFT, (), ROLLOUT)
    other = trajectory(QUESTION, SUBS, replace(DRAFT, answer="tango"), (), ROLLOUT)
    next_one = trajectory(QUESTION, SUBS, DRAFT, (), replace(ROLLOUT, number=1))

    assert made.id == other.id != next_one.id
    assert made.subquestions == ("s0", "s1")
    assert not made.kept


def test_the_interval_is_clopper_and_pearsons() -> None:
    # Exact binomial limits for 8 of 10, 95 %: .4439 to .9748 (any table of Clopper-Pearson).
    low, high = favours(8, 2)

    assert low == pytest.approx(0.4439, abs=1e-4)
    assert high == pytest.approx(0.9748, abs=1e-4)
    assert favours(0, 0) == (0.0, 1.0)
