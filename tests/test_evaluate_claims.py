"""CAFE's five kinds, from what a text claims and what facts say of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Check, GroundCheck, GroundTruth, Item, Span, Value, Weights, property_named
from synth.completion import parse
from synth.evaluation import PERCEPTION, REVIEW, Heard, hear, hear_plain
from synth.plain_prose import without_tags


def known(
    name: str, value: Value, subject: str = "", span: Span | None = None, audio: int = 1
) -> GroundCheck:
    row = property_named(name)
    check = Check(
        kind=row.check, target=value, accepted=(), unit=row.unit, tolerance=row.tolerance,
        relative=row.relative, zero_at=None, source=row.source,
    )  # fmt: skip
    return GroundCheck(
        id=f"{name} {subject} {span} {audio}", property=name, subject=subject, audio=audio,
        recording=f"r{audio}", span=span, exclusive=row.exclusive, prior=0.1, need="required",
        state="known", check=check,
    )  # fmt: skip


def truth(*checks: GroundCheck) -> GroundTruth:
    return GroundTruth(
        version="1", answer="x", choices=("x", "y"), weights=Weights(), checks=checks
    )


def text(value: str) -> Value:
    return Value(text=value)


DOOR = Item(label="door slam", start_s=7.5, end_s=8.5)
BELL = Item(label="bell", start_s=1.0, end_s=2.0)
ROOM = truth(
    known("event", Value(items=(BELL, DOOR))),
    known("event_order", Value(items=(BELL, DOOR))),
    known("first_event", text("bell")),
    known("before", text("yes"), "bell / door slam"),
    known("speaker_count", Value(number=2.0)),
    known("speaker_count", Value(number=1.0), span=Span(start_s=0, end_s=5)),
    known("speaker_words", Value(items=(Item(label="good"), Item(label="morning"))), "A"),
    known("speaker_words", Value(items=(Item(label="thank"), Item(label="you"))), "B"),
)
PAIR = truth(
    known("tempo", Value(number=90.0), audio=1), known("tempo", Value(number=120.0), audio=2)
)


def observe(name: str, said: str, more: str = "") -> str:
    return f'<perception><observe id="o1" property="{name}" {more}>{said}</observe></perception>'


def kinds(heard: Heard) -> list[tuple[str, str]]:
    return [(one.kind, one.misused) for one in heard.told]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (observe("event", "door slam"), ("matched", "")),
        (observe("event", "door slam", 'span="7-9"'), ("matched", "")),
        (observe("event", "door slam", 'span="3-4"'), ("misused", "span")),
        (observe("event", "siren", 'span="3-4"'), ("neutral", "")),
        (observe("speaker_count", "2"), ("matched", "")),
        (observe("speaker_count", "1"), ("misused", "span")),
        (observe("speaker_count", "3"), ("hallucinated", "")),
        (observe("speaker_count", "2", 'span="6-9"'), ("neutral", "")),
        (observe("event_order", "bell then door slam"), ("matched", "")),
        (observe("event_order", "door slam then bell"), ("misused", "order")),
        (observe("event_order", "siren then bell"), ("hallucinated", "")),
        (observe("before", "yes", 'of="door slam / bell"'), ("neutral", "")),
        (observe("first_event", "door slam"), ("misused", "order")),
        (observe("first_event", "siren"), ("hallucinated", "")),
        (observe("speaker_words", "thank you", 'of="B"'), ("matched", "")),
        (observe("speaker_words", "thank you", 'of="A"'), ("misused", "source")),
        (observe("speaker_words", "never mind", 'of="A"'), ("neutral", "")),
        (observe("emotion", "joy"), ("neutral", "")),
        (observe("made_up", "joy"), ("neutral", "")),
    ],
)
def test_each_claim_is_of_one_kind(said: str, kind: tuple[str, str]) -> None:
    assert kinds(hear(said, ROOM)) == [kind]


def test_what_is_true_of_the_other_recording_is_misused() -> None:
    assert kinds(hear(observe("tempo", "120 bpm", 'audio="2"'), PAIR)) == [("matched", "")]
    assert kinds(hear(observe("tempo", "120 bpm", 'audio="1"'), PAIR)) == [("misused", "source")]
    assert kinds(hear(observe("tempo", "70 bpm", 'audio="1"'), PAIR)) == [("hallucinated", "")]


def test_what_no_supported_claim_tells_is_missed() -> None:
    tempo = truth(known("tempo", Value(number=90.0)), known("key", text("A minor")))
    assert hear("<answer>x</answer>", tempo).missed == 2
    assert hear(observe("tempo", "90 bpm"), tempo).missed == 1
    assert hear(observe("tempo", "120 bpm"), tempo).missed == 2


def test_two_values_of_one_thing_are_both_refuted_but_the_decay_judges_each_alone() -> None:
    tempo = truth(known("tempo", Value(number=90.0)))
    heard = hear("The tempo is 90 bpm. The tempo is 180 bpm.", tempo)
    assert [one.kind for one in heard.told] == ["hallucinated", "hallucinated"]
    assert [one.alone for one in heard.told] == ["matched", "hallucinated"]


def test_a_claim_that_is_told_again_counts_once() -> None:
    tempo = truth(known("tempo", Value(number=90.0)))
    heard = hear("The tempo is 90 bpm. I repeat, the tempo is 90 bpm.", tempo)
    assert [one.first for one in heard.told] == [True, False]


COMPLETION = """<perception>
<observe id="o1" property="tempo">90 bpm</observe>
<observe id="o2" property="presence" of="dog">no</observe>
</perception>
<reasoning><step>It is slow [o1].</step>
<step>I count <observe id="o3" property="speaker_count">2 speakers</observe> in it.</step>
</reasoning>
<draft>x</draft><review>So the tempo is 90 bpm.</review><answer>x</answer>"""


def test_a_claim_knows_its_step_and_its_place() -> None:
    both = truth(known("tempo", Value(number=90.0)), known("speaker_count", Value(number=2.0)))
    told = hear(COMPLETION, both).told
    assert [(one.claim.property, one.step) for one in told] == [
        ("tempo", PERCEPTION), ("presence", PERCEPTION), ("speaker_count", 2), ("tempo", REVIEW),
    ]  # fmt: skip
    places = [one.position for one in told]
    assert places == sorted(places)
    assert 0 < places[0] < 0.2
    assert 0.8 < places[-1] < 1


def test_lines_are_the_steps_of_text_without_tags() -> None:
    tempo = truth(known("tempo", Value(number=90.0)))
    (one,) = hear("I listen.\n\nThe tempo is 90 bpm.", tempo).told
    assert (one.step, one.source) == (2, "finder")


def test_without_tags_the_same_is_said_in_prose() -> None:
    prose = without_tags(COMPLETION)
    assert prose.split("\n") == [
        "The tempo is 90 bpm. There is no dog.",
        "It is slow.",
        "I count 2 speakers in it.",
        "So the tempo is 90 bpm.",
    ]
    assert parse(prose).observes == ()


def test_tags_off_judges_what_the_finder_reads_and_nothing_where_there_are_no_tags() -> None:
    both = truth(known("tempo", Value(number=90.0)), known("speaker_count", Value(number=2.0)))
    heard = hear_plain(COMPLETION, both)
    assert heard is not None
    assert {one.source for one in heard.told} == {"finder"}
    assert [(one.claim.property, one.step) for one in heard.told if one.first] == [
        ("tempo", PERCEPTION), ("speaker_count", 2)
    ]  # fmt: skip
    assert heard.missed == 0
    assert hear_plain("The tempo is 90 bpm.", both) is None


@given(st.lists(st.sampled_from(
    ["<perception>", "</perception>", "<step>", "</step>", "<review>", "<answer>", "</answer>", "x",
     '<observe id="o1" property="event_order" span="1-2" audio="2">', "</observe>", "\n", "bell",
     " then ", "door slam", "There is no bell. ", "2 speakers", "&lt;", '<observe id="x">'],
), max_size=30))  # fmt: skip
def test_no_text_stops_the_judging(parts: list[str]) -> None:
    text = "".join(parts)
    for heard in (hear(text, ROOM), hear_plain(text, PAIR)):
        for one in heard.told if heard else ():
            assert 0 <= one.position <= 1
            assert one.step >= REVIEW
            assert bool(one.misused) is (one.kind == "misused")


def test_text_of_a_tag_stays_text_in_prose() -> None:
    said = '<perception><observe id="o1" property="words">a &lt;answer&gt; b</observe></perception>'
    prose = without_tags(said)
    assert "<answer>" not in prose
    assert parse(prose).answer is None
