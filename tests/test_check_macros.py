"""The checks in SQL and the checks in Python say the same."""

from __future__ import annotations

import random
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import VOCABULARY, Check, Fact, Value
from synth.answers import closed, spellings
from synth.bind import check_for
from synth.checks import grade, judge, passes
from synth.harmony import key_spellings
from synth.spelling import normalise
from warehouse.codec import polars_schema, to_row

if TYPE_CHECKING:
    from collections.abc import Iterator

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    macros = resources.files("warehouse") / "migrations" / "004_check_macros.sql"
    with duckdb.connect() as connection:
        connection.execute(macros.read_text(encoding="utf-8"))
        yield connection


def ask(
    sql: duckdb.DuckDBPyConnection, macro: str, said: list[str] | list[float], checks: list[Check]
) -> list[object]:
    asked = pl.DataFrame(
        {"said": said, "asked": [to_row(check) for check in checks]},
        schema={
            "said": pl.String if isinstance(said[0], str) else pl.Float64,
            "asked": pl.Struct(polars_schema(Check)),
        },
    )
    sql.register("asked", asked)
    found = sql.execute(f"SELECT {macro}(said, asked) FROM asked").fetchall()
    sql.unregister("asked")
    return [one for (one,) in found]


def number_check(draw: random.Random) -> Check:
    relative = draw.random() < 0.5
    target = draw.choice(
        (0.0, draw.uniform(-60, 0), draw.uniform(0, 500), float(draw.randint(0, 9)))
    )
    tolerance = draw.choice(
        (0.0, 0.04, 0.2, draw.uniform(0, 0.5) if relative else draw.uniform(0, 5))
    )
    return Check(
        kind="within", target=Value(number=target), accepted=(), unit="times",
        tolerance=tolerance, relative=relative,
        zero_at=draw.choice((None, tolerance + draw.uniform(-0.01, 2.0))), source="the test",
        undecided=tuple(target * ratio for ratio in draw.choice(((), (0.5, 2.0), (1 / 3,)))),
    )  # fmt: skip


def said_number(check: Check, draw: random.Random) -> float:
    target = check.target.number or 0.0
    by = draw.choice((0.0, 1.0, 1.001, -1.0, draw.uniform(-3, 3)))
    edge = check.tolerance * by * (abs(target) if check.relative else 1.0)
    near = draw.choice((target, *check.undecided))
    return draw.choice((near + edge, near * draw.uniform(0.3, 3), draw.uniform(-100, 500)))


def test_numbers_are_judged_and_graded_alike_in_sql_and_in_python(
    sql: duckdb.DuckDBPyConnection,
) -> None:
    draw = random.Random(10_000)
    checks = [number_check(draw) for _ in range(10_000)]
    said = [round(said_number(check, draw), draw.choice((0, 1, 3, 9))) for check in checks]
    written = [f"{number:.9f}" for number in said]
    told = [judge(text, check) for text, check in zip(written, checks, strict=True)]
    assert {True, False, None} <= set(told)
    assert ask(sql, "judge_number", said, checks) == told
    assert ask(sql, "passes_number", said, checks) == [one is True for one in told]
    grades = [grade(text, check) for text, check in zip(written, checks, strict=True)]
    assert any(0 < one < 1 for one in grades)
    assert ask(sql, "grade_number", said, checks) == pytest.approx(grades, abs=1e-9)


def text_fact(name: str, text: str) -> Fact:
    return Fact(
        id="f", recording="one", property=name, subject="door / bell", span=None,
        state="absent" if (name, text) == ("presence", "no") else "known",
        value=Value(text=text), margin=None, tier="constructed", witnesses=("edit",),
        observations=(), version="1",
    )  # fmt: skip


CLOSED = [row.name for row in VOCABULARY if row.form == "text" and closed(row.name)]
YES_AND_NO = {
    "yes": ("yes", "Yes.", "present", "heard"),
    "no": ("no", "NO!", "absent", "not heard"),
}


def closed_cases() -> Iterator[tuple[str, Check]]:
    for name in CLOSED:
        checks = {answer: check_for(text_fact(name, answer)) for answer in closed(name)}
        for answer, check in checks.items():
            for other in checks:
                ways = YES_AND_NO[other] if other in YES_AND_NO else spellings(name, other)
                known = ways if name == "presence" or other not in YES_AND_NO else (other,)
                yield from ((said, check) for said in known)
                yield from ((f"{said.upper()}. ", check) for said in known)
            yield from ((said, check) for said in ("", " ", "?", f"{answer}?", "zither"))


def test_closed_answers_pass_alike_in_sql_and_in_python(sql: duckdb.DuckDBPyConnection) -> None:
    cases = list(closed_cases())
    said, checks = [one for one, _ in cases], [check for _, check in cases]
    told = [passes(text, check) for text, check in cases]
    assert len(set(told)) == 2
    assert ask(sql, "passes_text", said, checks) == told


def test_keys_in_every_spelling_pass_alike_in_sql_and_in_python(
    sql: duckdb.DuckDBPyConnection,
) -> None:
    keys = [f"{tonic} {mode}" for tonic in TONICS for mode in ("major", "minor")]
    cases = [
        (said, check_for(text_fact("key", one)))
        for one in keys
        for other in keys
        for said in key_spellings(other)
    ]
    told = [passes(text, check) for text, check in cases]
    assert sum(told) == sum(len(key_spellings(one)) for one in keys)
    assert ask(sql, "passes_text", [one for one, _ in cases], [one for _, one in cases]) == told


_written = st.text(alphabet="aAbß1 2.5,:'/-_#%?!♯♭é(’−=€犬\u200b", max_size=16)


@settings(max_examples=100)
@given(st.lists(_written, min_size=1, max_size=50))
def test_text_is_normalised_alike_in_sql_and_in_python(
    sql: duckdb.DuckDBPyConnection, said: list[str]
) -> None:
    found = sql.execute(
        "SELECT normalised(said) FROM (SELECT unnest($said) AS said)", {"said": said}
    ).fetchall()
    assert [one for (one,) in found] == [normalise(text) for text in said]


def test_what_sql_takes_for_a_text_python_takes_too(sql: duckdb.DuckDBPyConnection) -> None:
    draw = random.Random(7)
    marks = ("", ".", "!", "?", " ", "**", "not ", "no ", "a ", "the ", " or", ",", "-", "'", '"')
    names = ("dog bark", "siren", "Gunshot, gunfire", "A minor", "yes", "C# major", "left")
    cases = []
    for _ in range(5_000):
        name = draw.choice(names)
        target = draw.choice((name, draw.choice(names)))
        check = Check(
            kind="equals", target=Value(text=target), accepted=(target.casefold(),), unit="",
            tolerance=0.0, relative=False, zero_at=None, source="the test",
        )  # fmt: skip
        cases.append((f"{draw.choice(marks)}{name}{draw.choice(marks)}{draw.choice(marks)}", check))
    told = ask(sql, "passes_text", [one for one, _ in cases], [one for _, one in cases])
    assert True in told
    assert False in told
    for (said, check), right in zip(cases, told, strict=True):
        assert passes(said, check) or not right, (said, check)


def test_a_check_of_no_number_and_an_answer_of_none_are_nothing(
    sql: duckdb.DuckDBPyConnection,
) -> None:
    number = number_check(random.Random(1))
    text = replace(number, target=Value(text="dog"))
    assert ask(sql, "judge_number", [1.0], [text]) == [None]
    assert ask(sql, "grade_number", [1.0], [text]) == [0.0]
    assert sql.execute("SELECT passes_text(NULL, NULL), passes_number(NULL, NULL)").fetchall() == [
        (False, False)
    ]
