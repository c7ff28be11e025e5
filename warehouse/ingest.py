"""Take shards into DuckDB and publish a snapshot that readers may open at any time."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from schemas.errors import BadRecord
from warehouse import shards
from warehouse.durable import only_one, publish
from warehouse.query import CONFIG
from warehouse.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from warehouse.home import Home

_SHARDS_A_TRANSACTION = 64  # bounds memory: a shard holds some hundreds of input rows


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestCounts:
    """What one ingestion did; `busy`: another ingester was at it, and this one left it alone."""

    busy: bool = False
    shards: int = 0
    records: int = 0
    published: bool = False


def ingest(home: Home, wait_s: float = 2.0) -> IngestCounts:
    """Move new shards into the warehouse and publish it, if there is anything new.

    A transaction holds whole shards, so it can be killed anywhere and run again: nothing is lost
    and nothing doubled. Waits `wait_s` seconds for another ingester, then returns `busy`.

    Raises:
        BadRecord: a shard or the warehouse's file is damaged; the message says what to do.
    """
    with only_one(home.ingester_lock, wait_s) as held:
        if not held:
            return IngestCounts(busy=True)
        shards.remove_orphans(home)
        taken = records = 0
        with _opened(home) as warehouse:
            _migrate(warehouse, home)
            for batch in _new(warehouse, home):
                records += _take_in(warehouse, batch)
                taken += len(batch)
            warehouse.execute("CHECKPOINT")
            state = _state(warehouse)
        stale = state != _published_state(home)
        if stale:
            _publish(home)
    return IngestCounts(shards=taken, records=records, published=stale)


@contextmanager
def _opened(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    if not home.warehouse.exists():
        # A log without its file is of no use, and DuckDB would replay it into the new one.
        home.warehouse.with_name(f"{home.warehouse.name}.wal").unlink(missing_ok=True)
    try:
        connection = duckdb.connect(str(home.warehouse))
    except duckdb.Error as error:
        told = str(error).split("\n", 1)[0]
        message = (
            f"{home.warehouse}: cannot be opened ({told}); close whatever else has it open, or"
            " delete it and run the same command again: the shards rebuild it"
        )
        raise BadRecord(message) from error
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _transaction(warehouse: duckdb.DuckDBPyConnection) -> Iterator[None]:
    warehouse.execute("BEGIN")
    try:
        yield
    except BaseException:
        warehouse.execute("ROLLBACK")
        raise
    warehouse.execute("COMMIT")


def _migrate(warehouse: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Apply the numbered SQL files that this warehouse has not seen, each in one transaction."""
    warehouse.execute("CREATE TABLE IF NOT EXISTS migrations (name VARCHAR)")
    applied = {name for (name,) in warehouse.execute("SELECT name FROM migrations").fetchall()}
    folder = resources.files("warehouse") / "migrations"
    files = {file.name: file for file in folder.iterdir() if file.name.endswith(".sql")}
    unknown = sorted(applied - files.keys())
    if unknown:
        message = (
            f"{home.warehouse}: made by a newer perceptsynth (it has {', '.join(unknown)}); use"
            " that, or delete the file and run the same command again: the shards rebuild it"
        )
        raise BadRecord(message)
    for name in sorted(files.keys() - applied):
        with _transaction(warehouse):
            warehouse.execute(files[name].read_text(encoding="utf-8"))
            warehouse.execute("INSERT INTO migrations VALUES ($name)", {"name": name})


def _new(warehouse: duckdb.DuckDBPyConnection, home: Home) -> Iterator[Sequence[Path]]:
    """Yield the shards not yet taken in, in batches of one stage."""
    known = set(warehouse.execute("SELECT stage, name FROM shards").fetchall())
    for stage in shards.stages(home):
        fresh = [
            file for file in shards.shard_files(home, stage) if (stage, file.stem) not in known
        ]
        for start in range(0, len(fresh), _SHARDS_A_TRANSACTION):
            yield fresh[start : start + _SHARDS_A_TRANSACTION]


def _take_in(warehouse: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    """Insert one stage's shards and their names in one transaction; count the new records."""
    for file in files:
        shards.check(file)
    stage = files[0].parent.name
    with _transaction(warehouse):
        _insert_names(warehouse, files)
        finished = _insert_finished(warehouse, stage, shards.first_finished(files))
        return sum(_insert_records(warehouse, table, files, finished) for table in TABLES)


def _insert_names(warehouse: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    names = pl.DataFrame(
        {"stage": [file.parent.name for file in files], "name": [file.stem for file in files]}
    )
    with _lent(warehouse, names):
        warehouse.execute("INSERT INTO shards SELECT stage, name FROM incoming")


def _insert_finished(
    warehouse: duckdb.DuckDBPyConnection, stage: str, first: pl.DataFrame
) -> pl.DataFrame:
    """Note which shard speaks for which key; return those for which the new shards speak."""
    known = warehouse.execute(
        "SELECT key FROM finished SEMI JOIN (SELECT unnest($keys) AS key) USING (key)"
        " WHERE stage = $stage",
        {"keys": first["key"].to_list(), "stage": stage},
    ).fetchall()
    speaking = first.filter(~pl.col("key").is_in([key for (key,) in known]))
    rows = speaking.select(
        pl.lit(stage).alias("stage"),
        "key",
        pl.col("shard").str.extract(r"([0-9a-f]{64})\.parquet$").alias("shard"),
    )
    with _lent(warehouse, rows):
        warehouse.execute("INSERT INTO finished BY NAME SELECT * FROM incoming")
    return speaking


def _insert_records(
    warehouse: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path], speaking: pl.DataFrame
) -> int:
    present = shards.scan(files).filter(pl.col(table).is_not_null())
    rows = (
        shards.collect(present.select("row", "key", "shard", table), files)
        .join(speaking, on=["key", "shard"], how="semi")
        .sort("row")
        .select(table)
        .unnest(table)
        .unique("id", keep="first", maintain_order=True)
    )
    if rows.is_empty():
        return 0
    # Table names are ours, from TABLES.
    sql = f"INSERT INTO {table} BY NAME SELECT * FROM incoming ANTI JOIN {table} USING (id)"  # noqa: S608
    with _lent(warehouse, rows):
        ((count,),) = warehouse.execute(sql).fetchall()
    return int(count)


@contextmanager
def _lent(warehouse: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> Iterator[None]:
    """Let SQL see rows as `incoming`."""
    warehouse.register("incoming", rows.to_arrow())
    try:
        yield
    finally:
        warehouse.unregister("incoming")


def _state(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Tell what a warehouse file holds, well enough to see that a snapshot is behind."""
    return connection.execute(
        "SELECT name, 0 FROM migrations UNION ALL SELECT 'shards', count(*) FROM shards ORDER BY 1"
    ).fetchall()


def _published_state(home: Home) -> list[tuple[str, int]] | None:
    """Tell what the snapshot holds; None where there is none that can be read."""
    if not home.snapshot.exists():
        return None
    try:
        with duckdb.connect(str(home.snapshot), read_only=True, config=CONFIG) as connection:
            return _state(connection)
    except duckdb.Error:
        return None  # whatever it is, a fresh snapshot replaces it


def _publish(home: Home) -> None:
    temporary = home.path / f".{home.snapshot.name}.tmp"
    shutil.copyfile(home.warehouse, temporary)
    publish(temporary, home.snapshot)
