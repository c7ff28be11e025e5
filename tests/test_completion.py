from __future__ import annotations

import html

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import Span
from synth import completion, tag_stack
from synth.completion import parse

GOOD = (
    '<perception><observe id="o1" property="tempo">120 bpm</observe></perception>\n'
    '<reasoning><step>The beat is quick [o1].</step><step>Then <observe id="o2" property="event" '
    'of="x" span="3.0-4.5" audio="2">door &amp;amp; slam</observe> follows.</step></reasoning>\n'
    "<draft>Slow</draft><review>I listened again.</review><answer>Rock &amp; roll</answer>"
)


def test_a_good_completion_is_read_without_problems() -> None:
    read = parse(GOOD)

    assert read.problems == ()
    assert (read.draft, read.review, read.answer) == ("Slow", "I listened again.", "Rock & roll")
    assert [step.uses for step in read.steps] == [("o1",), ("o2",)]
    first, second = read.observes
    assert (first.property, first.said, first.section, first.audio) == (
        "tempo", "120 bpm", "perception", 1,
    )  # fmt: skip
    assert GOOD[first.start : first.end] == "120 bpm"
    assert (second.of, second.span, second.audio) == ("x", Span(start_s=3.0, end_s=4.5), 2)
    assert (second.section, second.step) == ("step", 1)
    assert second.said == "door &amp; slam", "entities are decoded once"


def test_what_stands_in_tags_is_not_prose() -> None:
    prose = [GOOD[piece.start : piece.end].strip() for piece in parse(GOOD).prose]
    assert [text for text in prose if text] == [
        "The beat is quick [o1].", "Then", "follows.", "I listened again.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD.replace("<answer>Rock &amp; roll</answer>", ""), "no <answer>"),
        (GOOD + "<answer>Slow</answer>", "2 <answer> sections"),
        (GOOD.replace("Rock &amp; roll", " "), "an empty or malformed <answer>"),
        (GOOD.replace("</answer>", ""), "<answer> is not closed"),
        (GOOD.replace("Rock &amp; roll", "<answer>Rock</answer>"), "nested"),
        (GOOD.replace("quick", "quick <answer>Slow</answer>"), "nested"),
        (GOOD.replace("Rock &amp;", "Rock <b>and</b>"), "unknown tag <b>"),
        (GOOD.replace("Rock &amp;", "Rock <observe>and</observe>"), "nested"),
    ],
)
def test_without_exactly_one_clean_answer_there_is_none(text: str, problem: str) -> None:
    read = parse(text)
    assert read.answer is None
    assert any(problem in told for told in read.problems)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("</step><step>", "<step>", "<step> is not closed"),
        ("quick", "<think>quick</think>", "unknown tag <think>"),
        ('"tempo">120', '"tempo"><observe id="o3" property="key">Am</observe>120', "nested"),
        ("[o1]", "[o7]", "[o7] cites nothing"),
        ('id="o2"', 'id="o1"', "two <observe> with one id"),
        ('span="3.0-4.5"', 'span="4.5-3.0"', "span is not start-end"),
        ('audio="2"', 'audio="0"', "audio is not a number from 1"),
        ('of="x"', 'of="x" of="y"', "a second or unknown attribute 'of'"),
        ('of="x"', 'of="x" note="y"', "a second or unknown attribute 'note'"),
        ("<draft>Slow</draft>", "", "no <draft>"),
        ("I listened again.", "", "an empty or malformed <review>"),
        ("<perception>", "Well, <perception>", "text in no section"),
        ("<draft>Slow</draft><review>I listened again.</review>",
         "<review>I listened again.</review><draft>Slow</draft>", "sections out of order"),
        ("</perception>", "</perception></observe>", "</observe> closes nothing"),
        ("<reasoning>", '<reasoning id="1">', "<reasoning> has attributes"),
    ],
)  # fmt: skip
def test_what_breaks_the_format_is_told(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    assert any(problem in told for told in parse(GOOD.replace(old, new)).problems)


@pytest.mark.parametrize(
    "attribute", ['span="4.5-3.0"', 'span="1e9-2"', 'audio="x"', 'of="a" x="b"']
)
def test_an_observation_that_cannot_be_read_is_kept_but_not_trusted(attribute: str) -> None:
    text = f'<perception><observe id="o1" property="event" {attribute}>dog</observe></perception>'
    (observe,) = parse(text).observes
    assert not observe.readable
    assert observe.said == "dog"


def test_escaped_tags_are_text() -> None:
    read = parse(GOOD.replace("quick", html.escape("<answer>Slow</answer>")))
    assert read.problems == ()
    assert read.answer == "Rock & roll"
    assert "<answer>Slow</answer>" in read.steps[0].text


_FRAGMENTS = st.sampled_from(
    [
        *(f"<{name}>" for name in ("perception", "reasoning", "step", "draft", "review", "answer")),
        *(f"</{name}>" for name in ("perception", "reasoning", "step", "draft", "review")),
        "</answer>", "</observe>", "<observe>", '<observe id="o1" property="tempo">', "<observe",
        '<observe id="o2" property="event" span="1-2" audio="1" of="dog"/>', "<", ">", "/>", "&lt;",
        "&#99999999999999999999;", "&#xD800;", "[o1]", "[o1, o2]", "120 bpm", "\x00", "\ud800",
        "<think>", "</think>", '"', "'", "=", "\n",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(_FRAGMENTS, st.text(max_size=12)), max_size=30).map("".join))
@example("&#" + "9" * 5000 + ";")
def test_no_text_breaks_the_parser(text: str) -> None:
    read = parse(text)
    assert read.answer is None or read.answer.strip()
    for observe in read.observes:
        assert 0 <= observe.start <= observe.end <= len(text)
    spans = [(piece.start, piece.end) for piece in read.prose]
    assert spans == sorted(spans)
    assert (not read.problems) <= (read.answer is not None)


@pytest.mark.parametrize(
    "piece",
    ["<step>", "<reasoning><step>", "<observe>", "<", "<answer>", "<a ", "</step>", "[o1 ", "<x>",
     "<observe id='", '<observe id="o1" property="x">a</observe>', "&#9", "<reasoning></step>"],
)  # fmt: skip
def test_a_megabyte_of_malice_is_read_in_one_pass(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert parse(text).answer is None
    assert parse(f"<step>{text}</step>").answer is None
    assert len(parse(text).problems) <= 32


# Two ways in, one reading ------------------------------------------------------------------------

_VALUES = st.text(alphabet="ab &;#9.[]o1\n\xa0é", max_size=12).map(html.escape)
_TAGGED = st.builds(
    '<observe id="{}" property="{}"{}>{}</observe>'.format,
    st.sampled_from(["o1", "o2", "o3", ""]),
    st.sampled_from(["tempo", "key of x", ""]),
    st.sampled_from(["", ' of="dog"', ' span="1-2"', ' span="2-1"', " audio='2'", ' x="1"', "/"]),
    _VALUES,
)
_RUN = st.lists(st.one_of(_VALUES, _TAGGED, st.just("[o1]"), st.just(" ")), max_size=4).map("".join)


@st.composite
def _nearly_right(draw: st.DrawFn) -> str:
    steps = "".join(f"<step>{run}</step>" for run in draw(st.lists(_RUN, max_size=3)))
    tagged = "\n".join(draw(st.lists(_TAGGED, max_size=3)))
    draft, answer = draw(_VALUES), draw(_VALUES)
    return (
        f"<perception>{tagged}</perception>\n<reasoning>{steps}</reasoning>"
        f"<draft>{draft}</draft> <review>{draw(_RUN)}</review><answer>{answer}</answer>"
    )


@settings(max_examples=600, deadline=None)
@given(_nearly_right())
@example(GOOD)
def test_a_text_that_keeps_the_format_is_read_alike_in_both_ways(text: str) -> None:
    assert parse(text) == tag_stack.read(text)
    assert parse(text).steps == tag_stack.read(text).steps


def test_a_text_that_keeps_the_format_takes_the_short_way() -> None:
    assert completion._well_formed(GOOD) == tag_stack.read(GOOD)
    assert completion._well_formed(GOOD + "<answer>Slow</answer>") is None
