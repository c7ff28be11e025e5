"""Predictions as people keep them: three forms, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.responses import Refused, Response, read_posed, read_responses

ROW: dict[str, Any] = {
    "id": "m1", "audio_id": "./test-mini-audios/m1.wav", "question": "Which?",
    "choices": ["cat", "dog"], "answer": "dog", "task": "sound", "difficulty": "hard",
    "category": ["Reasoning"], "sub-category": "Counting",
}  # fmt: skip


def only(row: object) -> Response:
    (found,) = read_responses(json.dumps(row))
    assert isinstance(found, Response), found
    return found


def refused(text: str) -> Refused:
    (found,) = read_responses(text)
    assert isinstance(found, Refused)
    return found


def test_mmau_s_form_is_read_by_the_script_s_key_and_by_the_readme_s() -> None:
    for key in ("model_output", "model_prediction"):
        one = only(ROW | {key: "dog"})
        assert (one.form, one.key, one.name, one.said) == ("mmau", key, "m1", "dog")
        assert one.posed is not None
        assert (one.posed.difficulty, one.posed.skill) == ("hard", "Counting")
    both = only(ROW | {"model_output": "dog", "model_prediction": "cat"})
    assert (both.said, both.key) == ("dog", "model_output")
    assert "model_prediction says something else" in both.note


def test_mmar_s_form_brings_its_thinking_along() -> None:
    row = {**ROW, "modality": "sound", "answer_prediction": "dog", "thinking_prediction": "I hear"}
    one = only(row)
    assert (one.form, one.key, one.said, one.thinking) == ("mmar", "answer_prediction", "dog",
                                                           "I hear")  # fmt: skip
    assert one.posed is not None
    assert one.posed.benchmark == "mmar"


@pytest.mark.parametrize("key", ["question", "id"])
def test_our_form_names_a_question_and_a_completion(key: str) -> None:
    one = only({key: "q7", "completion": "<answer>dog</answer>"})
    assert (one.form, one.name, one.posed) == ("ours", "q7", None)


def test_the_first_release_s_rows_are_named_by_their_audio() -> None:
    row = {name: value for name, value in ROW.items() if name != "id"}
    assert only(row | {"model_output": "dog"}).name == "m1"


def test_a_row_without_a_prediction_has_none_and_is_not_refused() -> None:
    one = only(ROW)
    assert (one.said, one.key, one.note) == (None, "", "no prediction")
    null = only(ROW | {"model_output": None})
    assert null.said is None
    assert "null" in null.note


def test_an_answer_that_is_withheld_is_no_empty_answer() -> None:
    one = only(ROW | {"answer": "", "model_output": "dog"})
    assert one.posed is not None
    assert one.posed.answer is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{oops", "not JSON"),
        ("[1]", "expected an object, not int"),
        ('"text"', "expected an object, not str"),
        ('{"said": "dog"}', "expected one of the keys completion, answer_prediction"),
        ('{"completion": "x"}', "question or id: missing"),
        ('{"id": "a", "model_output": 3}', "model_output: expected text, not int"),
        ('{"id": "a", "choices": "cat", "answer": "cat", "question": "?"}', "choices: expected"),
        ('{"id": "a", "answer_prediction": "x", "thinking_prediction": []}', "thinking_prediction"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_place_and_why(line: str, why: str) -> None:
    one = refused(line)
    assert why in one.reason
    assert one.place in {"line 1", "row 1"}


def test_lines_and_a_list_say_the_same_and_blank_lines_nothing() -> None:
    lines = [{"id": "a", "completion": "x"}, ROW | {"model_output": "dog"}]
    listed = list(read_responses("\ufeff" + json.dumps(lines)))
    lined = list(read_responses("\n\n".join(map(json.dumps, lines)) + "\n"))
    assert [one.place for one in listed] == ["row 1", "row 2"]
    assert [one.place for one in lined] == ["line 1", "line 3"]
    assert [one.said for one in listed if isinstance(one, Response)] == ["x", "dog"]
    assert [one.said for one in lined if isinstance(one, Response)] == ["x", "dog"]


def test_a_question_file_is_read_without_its_audio() -> None:
    found = list(read_posed(json.dumps([ROW, {"id": "b"}])))
    assert [type(one).__name__ for one in found] == ["Posed", "Refused"]


@given(st.text(max_size=300))
def test_no_file_stops_the_reading(text: str) -> None:
    for one in read_responses(text):
        assert isinstance(one, Response | Refused)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "question", "completion", "choices", "answer", "model_output",
                         "answer_prediction", "audio_id", "modality"]), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(json_values, max_size=4))
def test_every_row_of_any_list_is_read_or_refused(rows: list[Any]) -> None:
    assert len(list(read_responses(json.dumps(rows)))) == len(rows)
