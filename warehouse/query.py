"""Ask the published snapshot, in SQL that can do nothing but read it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb

from schemas.errors import BadQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from warehouse.home import Home

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,  # no file, network, extension or second database from SQL
    "python_enable_replacements": False,  # no Python variable of ours as a table
    "lock_configuration": True,  # and no SET that undoes it
}
_NO_PARAMETERS: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Table:
    """An answer: column names, and rows as Python values (structs are dicts, lists are lists)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def query(home: Home, sql: str, params: Mapping[str, object] = _NO_PARAMETERS) -> Table:
    """Answer one SQL statement from the snapshot; `$name` in it stands for a parameter.

    Raises:
        BadQuery: no snapshot yet, or DuckDB refuses, with its reason in one line.
    """
    with snapshot(home) as connection:
        statements = connection.extract_statements(_as_utf8(sql))
        if len(statements) != 1:
            message = f"expected one SQL statement, got {len(statements)}"
            raise BadQuery(message)
        answer = connection.execute(statements[0], dict(params))
        columns = tuple(str(column[0]) for column in answer.description or ())
        return Table(columns, _rows(answer))


def named(home: Home, name: str, params: Mapping[str, object] = _NO_PARAMETERS) -> Table:
    """Answer one of the SQL files in warehouse/sql: trace ($question), yield, status.

    Raises:
        BadQuery: no file of that name, or as `query` does.
    """
    folder = resources.files("warehouse") / "sql"
    files = {
        file.name.removesuffix(".sql"): file
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }
    if name not in files:
        message = f"no query {name!r}; there are {', '.join(sorted(files))}"
        raise BadQuery(message)
    return query(home, files[name].read_text(encoding="utf-8"), params)


@contextmanager
def snapshot(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the snapshot to read it; an ingester may replace it meanwhile.

    Raises:
        BadQuery: there is no snapshot yet, or DuckDB refuses what is asked of it.
    """
    if not home.snapshot.exists():
        message = f"{home.path}: nothing here yet: run `synth run sample` first"
        raise BadQuery(message)
    try:
        with duckdb.connect(str(home.snapshot), read_only=True, config=CONFIG) as connection:
            yield connection
    except duckdb.Error as error:
        late = _is_behind(home) if isinstance(error, duckdb.CatalogException) else False
        hint = "; this home was last written by an earlier release: run its benchmark again"
        raise BadQuery(_in_one_line(error) + (hint if late else "")) from error


def _is_behind(home: Home) -> bool:
    """Say whether this release knows migrations that the snapshot has not seen."""
    with duckdb.connect(str(home.snapshot), read_only=True, config=CONFIG) as connection:
        applied = {name for (name,) in connection.execute("SELECT name FROM migrations").fetchall()}
    folder = resources.files("warehouse") / "migrations"
    return any(file.name.endswith(".sql") and file.name not in applied for file in folder.iterdir())


def _as_utf8(sql: str) -> str:
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        message = f"expected SQL in UTF-8 ({error})"
        raise BadQuery(message) from error
    return sql


def _rows(answer: duckdb.DuckDBPyConnection) -> tuple[tuple[object, ...], ...]:
    try:
        return tuple(answer.fetchall())
    except (OverflowError, ValueError) as error:  # an interval of a million years, say
        message = f"a value of the answer is too large to show ({error}): cast it to VARCHAR"
        raise BadQuery(message) from error


def _in_one_line(error: duckdb.Error) -> str:
    """Leave out the echo of the statement that DuckDB draws below its message."""
    told = str(error).split("\nLINE ", 1)[0]
    return " ".join(told.split())
