"""Everything that was made of one question, as records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from schemas import (
    Claim,
    Extraction,
    Fact,
    Observation,
    Question,
    Recording,
    Rejection,
    Run,
    Subquestion,
    Trajectory,
    Verdict,
)
from schemas.errors import BadQuery
from warehouse.codec import from_row
from warehouse.query import snapshot
from warehouse.tables import Record, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from warehouse.home import Home

Noun = TypeVar("Noun", bound=Record)

_SHOWN = 5
_SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One question in one run, from its recordings to the verdicts on what was said of them."""

    question: Question
    run: Run | None
    """None where no run got as far as a record of this benchmark's release"""
    recordings: tuple[Recording, ...]
    extractions: tuple[Extraction, ...]
    observations: tuple[Observation, ...]
    facts: tuple[Fact, ...]
    subquestions: tuple[Subquestion, ...]
    trajectories: tuple[Trajectory, ...]
    claims: tuple[Claim, ...]
    verdicts: tuple[Verdict, ...]
    rejections: tuple[Rejection, ...]


def trace(home: Home, question: str, run: str | None = None) -> Trace:
    """Trace a question, named by its id, the start of its id (4 or more digits) or its source id.

    Without `run` (an id or the start of one) it is the latest run that did anything with it.

    Raises:
        BadQuery: nothing, or more than one thing, goes by that name; or there is no snapshot yet.
        BadRecord: a stored row does not fit its noun.
    """
    with snapshot(home) as connection:
        asked = _question(connection, question)
        chosen = _latest_run(connection, asked) if run is None else _run(connection, run)
        return _trace(connection, asked, chosen)


def _trace(connection: DuckDBPyConnection, asked: Question, run: Run | None) -> Trace:
    name = "" if run is None else run.id
    trajectories = _records(
        connection,
        Trajectory,
        "question = $question AND run = $run ORDER BY rollout, id",
        question=asked.id,
        run=name,
    )
    claims = _among(
        connection, Claim, "trajectory", [told.id for told in trajectories], 'start, "end", id'
    )
    heard = asked.recordings
    placed = "property, subject, span.start_s NULLS FIRST, id"
    return Trace(
        question=asked,
        run=run,
        recordings=_among(connection, Recording, "id", heard, "id"),
        extractions=_among(connection, Extraction, "recording", heard, "extractor, version, id"),
        observations=_among(connection, Observation, "recording", heard, placed),
        facts=_facts(connection, asked, run),
        subquestions=_subquestions(connection, asked, name, trajectories),
        trajectories=trajectories,
        claims=claims,
        verdicts=_among(connection, Verdict, "claim", [said.id for said in claims], "version, id"),
        rejections=_rejections(connection, asked, name),
    )


def _facts(connection: DuckDBPyConnection, asked: Question, run: Run | None) -> tuple[Fact, ...]:
    """Those that stood when the run settled them; without a run, those that stand now."""
    return _records(
        connection,
        Fact,
        "id IN (SELECT unnest(facts) FROM settlements WHERE list_contains($heard, recording)"
        " AND ($instruments IS NULL OR instruments = $instruments)"
        " QUALIFY row_number() OVER (PARTITION BY recording ORDER BY settled_at DESC, id) = 1)"
        " ORDER BY list_position($heard, recording), property, subject, span.start_s NULLS FIRST,"
        " id",
        heard=list(asked.recordings),
        instruments=list(run.instruments) if run and run.instruments else None,
    )


def _subquestions(
    connection: DuckDBPyConnection, asked: Question, run: str, told: Sequence[Trajectory]
) -> tuple[Subquestion, ...]:
    """Those of the run, and those of an earlier one that its trajectories take over."""
    return _records(
        connection,
        Subquestion,
        "question = $question AND (run = $run OR list_contains($used, id)) ORDER BY position, id",
        question=asked.id,
        run=run,
        used=[name for trajectory in told for name in trajectory.subquestions],
    )


def _rejections(connection: DuckDBPyConnection, asked: Question, run: str) -> tuple[Rejection, ...]:
    # Looking at a recording belongs to no run; a run that met its rejection may repeat it.
    return _records(
        connection,
        Rejection,
        "(question = $question OR record = $question OR list_contains($recordings, record))"
        " AND run IN ('', $run) AND id IN (SELECT id FROM current_rejections)"
        " QUALIFY run = max(run) OVER (PARTITION BY stage, kind, record, filter)"
        " ORDER BY stage, kind, filter, id",
        question=asked.id,
        recordings=list(asked.recordings),
        run=run,
    )


def _question(connection: DuckDBPyConnection, name: str) -> Question:
    found = _records(connection, Question, "id = $name", name=name)
    found = found or _records(connection, Question, "source_id = $name ORDER BY id", name=name)
    if not found and len(name) >= _SHORTEST_PREFIX:
        found = _records(connection, Question, "starts_with(id, $name) ORDER BY id", name=name)
    if not found:
        message = (
            f"no question {name!r}: expected an id, the first 4 or more digits of one, or a source"
            ' id; `synth sql "FROM questions"` lists them'
        )
        raise BadQuery(message)
    if len(found) > 1:
        several = "; ".join(f"{it.id} ({it.benchmark} {it.release})" for it in found[:_SHOWN])
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        message = f"{len(found)} questions go by {name!r}, name one by its id: {several}{more}"
        raise BadQuery(message)
    return found[0]


def _run(connection: DuckDBPyConnection, name: str) -> Run:
    found = _records(connection, Run, "starts_with(id, $name) ORDER BY id", name=name)
    if len(found) != 1:
        message = f"{len(found) or 'no'} runs go by {name!r}: `synth status` lists them"
        raise BadQuery(message)
    return found[0]


def _latest_run(connection: DuckDBPyConnection, asked: Question) -> Run | None:
    touched = (
        "id IN (SELECT run FROM subquestions WHERE question = $question"
        " UNION ALL SELECT run FROM trajectories WHERE question = $question"
        " UNION ALL SELECT run FROM rejections WHERE question = $question OR record = $question)"
    )
    latest = "ORDER BY started_at DESC, id LIMIT 1"
    runs = _records(connection, Run, f"{touched} {latest}", question=asked.id) or _records(
        connection,
        Run,
        f"benchmark = $benchmark AND release = $release {latest}",
        benchmark=asked.benchmark,
        release=asked.release,
    )
    return runs[0] if runs else None


def _among(
    connection: DuckDBPyConnection, noun: type[Noun], field: str, ids: Sequence[str], then: str
) -> tuple[Noun, ...]:
    """Read the records that belong to some others, in the order of those."""
    order = f"list_position($ids, {field}), {then}"
    where = f"list_contains($ids, {field}) ORDER BY {order}"
    return _records(connection, noun, where, ids=list(ids))


def _records(
    connection: DuckDBPyConnection, noun: type[Noun], where: str, **params: object
) -> tuple[Noun, ...]:
    # Table names and conditions are ours; whatever a person gave is a parameter.
    sql = f"SELECT * FROM {table_of(noun)} WHERE {where}"  # noqa: S608
    answer = connection.execute(sql, params)
    columns = [str(column[0]) for column in answer.description or ()]
    return tuple(from_row(noun, dict(zip(columns, row, strict=True))) for row in answer.fetchall())
