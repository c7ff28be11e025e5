from __future__ import annotations

import dataclasses
import types
import typing
from typing import Literal, Union

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import schemas
from schemas import (
    Item,
    Observation,
    Question,
    Rejection,
    Run,
    Span,
    Trajectory,
    Value,
    Weights,
)
from schemas.errors import BadRecord
from warehouse.codec import from_json, from_row, polars_schema, to_json, to_row

NOUNS = sorted(
    (noun for noun in vars(schemas).values() if dataclasses.is_dataclass(noun)),
    key=lambda noun: noun.__name__,
)
# Every text that UTF-8 can hold: control characters, NUL, other scripts, emoji.
TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SECONDS = st.floats(min_value=0, max_value=1e6)  # what no weight may be below, either
SCALARS = {str: TEXTS, float: NUMBERS, bool: st.booleans(), int: st.integers(-(2**63), 2**63 - 1)}


def records(noun: type) -> st.SearchStrategy:
    """Any record of a noun, from its annotations."""
    if noun is Span:
        ends = st.tuples(SECONDS, SECONDS).map(sorted)
        return ends.map(lambda both: Span(start_s=both[0], end_s=both[1]))
    if noun is Value:
        parts = {"number": NUMBERS, "text": TEXTS, "items": st.lists(records(Item)).map(tuple)}
        return st.one_of(*(part.map(lambda v, k=k: Value(**{k: v})) for k, part in parts.items()))
    if noun is Weights:
        return st.builds(noun, **dict.fromkeys(noun.__slots__, SECONDS))
    hints = typing.get_type_hints(noun)
    return st.builds(
        noun, **{field.name: of(hints[field.name]) for field in dataclasses.fields(noun)}
    )


def of(hint: object) -> st.SearchStrategy:
    parts = typing.get_args(hint)
    match typing.get_origin(hint):
        case origin if origin is Literal:
            return st.sampled_from(parts)
        case origin if origin in (Union, types.UnionType):
            return st.none() | of(next(part for part in parts if part is not types.NoneType))
        case origin if origin is tuple:
            return st.lists(of(parts[0]), max_size=2).map(tuple)
    return SCALARS[hint] if hint in SCALARS else records(hint)


OBSERVATION = Observation(
    id="o1",
    recording="r1",
    property="tempo",
    subject="",
    span=None,
    value=Value(number=120.0),
    confidence=0.9,
    extractor="tempo_librosa",
    version="1",
    witness="librosa",
)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.data())
def test_every_noun_comes_back_from_json_as_it_was(noun: type, drawn: st.DataObject) -> None:
    record = drawn.draw(records(noun))
    text = to_json(record)
    assert "\n" not in text
    assert from_json(noun, text) == record


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.data())
def test_every_noun_comes_back_from_parquet_and_duckdb_as_it_was(
    noun: type, drawn: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    some = drawn.draw(st.lists(records(noun), min_size=1, max_size=3))
    frame = pl.DataFrame([to_row(record) for record in some], schema=polars_schema(noun))
    file = tmp_path_factory.mktemp("round") / "rows.parquet"
    frame.write_parquet(file)
    assert [from_row(noun, row) for row in pl.read_parquet(file).iter_rows(named=True)] == some
    with duckdb.connect() as connection:
        connection.register("frame", frame.to_arrow())
        rows = connection.sql("SELECT * FROM frame").pl().iter_rows(named=True)
        assert [from_row(noun, row) for row in rows] == some


def test_json_is_refused_with_the_noun_the_field_and_what_was_expected() -> None:
    text = to_json(OBSERVATION)
    with pytest.raises(BadRecord, match=r"Observation\.loudness: Unexpected"):
        from_json(Observation, text[:-1] + ',"loudness":1}')
    with pytest.raises(BadRecord, match=r"Observation\.value\.colour: Unexpected"):
        from_json(Observation, text.replace('"items":null', '"items":null,"colour":"red"'))
    with pytest.raises(BadRecord, match=r"Observation\.witness: Field required"):
        from_json(Observation, text.replace(',"witness":"librosa"', ""))
    with pytest.raises(BadRecord, match=r"Observation\.confidence: .*valid number.*'0\.9'"):
        from_json(Observation, text.replace("0.9", '"0.9"'))
    with pytest.raises(BadRecord, match=r"Observation\.value: .*exactly one of"):
        from_json(Observation, text.replace("120.0", "null"))
    with pytest.raises(BadRecord, match="Observation: Invalid JSON"):
        from_json(Observation, text[:-9])
    with pytest.raises(BadRecord, match=r"Rejection\.id.*Rejection\.run.*; and 5 more"):
        from_json(Rejection, "{}")


def test_a_literal_outside_its_words_is_refused() -> None:
    with pytest.raises(BadRecord, match=r"Extraction\.outcome: .*'measured', 'abstained'"):
        from_row(
            schemas.Extraction,
            {
                "id": "e",
                "recording": "r",
                "extractor": "x",
                "version": "1",
                "outcome": "shrugged",
                "reason": "",
            },
        )


def test_a_row_with_an_unknown_field_is_refused_under_its_id() -> None:
    with pytest.raises(BadRecord, match=r"Observation\.loudness: Unexpected") as refused:
        from_row(Observation, {**to_row(OBSERVATION), "loudness": -23.0})
    assert refused.value.record_id == "o1"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"confidence": float("nan")}, r"Observation\.confidence: .*finite"),
        ({"confidence": float("inf")}, r"Observation\.confidence: .*finite"),
        ({"recording": 7}, r"Observation\.recording: .*valid string.*7"),
        ({"span": (1.0, 2.0)}, r"Observation\.span: "),
        ({"value": None}, r"Observation\.value: "),
    ],
)
def test_a_record_that_breaks_its_own_annotations_is_not_written(
    changes: dict[str, object], told: str
) -> None:
    broken = dataclasses.replace(OBSERVATION, **changes)
    with pytest.raises(BadRecord, match=told):
        to_json(broken)
    with pytest.raises(BadRecord, match=told):
        to_row(broken)


def test_what_arrow_and_utf8_cannot_hold_is_refused_by_field() -> None:
    surrogate = dataclasses.replace(OBSERVATION, value=Value(items=(Item(label="\ud800"),)))
    told = r"Observation\.value\.items\.0\.label: expected text that UTF-8 can hold"
    with pytest.raises(BadRecord, match=told):
        to_row(surrogate)
    with pytest.raises(BadRecord, match=told):
        to_json(surrogate)
    run = Run(
        id="run",
        code_version="1",
        benchmark="sample",
        release="1",
        config="{}",
        teacher="replay",
        model="",
        revision="",
        prompts=(),
        seed=2**63,
        started_at="2026-11-23T00:00:00Z",
    )
    with pytest.raises(BadRecord, match=r"Run\.seed: expected a whole number of 64 bits"):
        to_row(run)


def test_numbers_of_numpy_are_written_as_plain_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    measured = dataclasses.replace(OBSERVATION, value=Value(number=numpy.float64(98.5)))
    assert from_json(Observation, to_json(measured)).value == Value(number=98.5)


def test_a_row_older_than_a_field_gets_the_fields_default() -> None:
    question = Question(
        id="q",
        benchmark="sample",
        release="1",
        split="test",
        source_id="s",
        recordings=("r",),
        text="How fast?",
        choices=("slow", "fast"),
        answer=None,
        licence="CC0",
        eval_only=False,
    )
    assert from_row(Question, {**to_row(question), "task": None, "skill": None}) == question
    with pytest.raises(BadRecord, match=r"Question\.licence"):
        from_row(Question, {**to_row(question), "licence": None})


def test_schema_follows_the_annotations() -> None:
    schema = polars_schema(Trajectory)
    assert schema["rollout"] == pl.Int64
    assert schema["kept"] == pl.Boolean
    assert schema["sufficiency"] == pl.String
    assert schema["subquestions"] == pl.List(pl.String)
    assert schema["steps"] == pl.List(pl.Struct({"text": pl.String, "uses": pl.List(pl.String)}))
    assert polars_schema(Observation)["span"] == pl.Struct(
        {"start_s": pl.Float64, "end_s": pl.Float64}
    )
