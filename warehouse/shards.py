"""Shards: one content-addressed Parquet file a batch, the truth of what was made.

Every shard has the same columns: `done`, `key` and one struct column a table. A row holds either
the key of an input that the batch finished, in `done`, or one record in its table's column, with
the key that produced it in `key`. So what a batch made and what it finished appear together.

Where two workers finished the same key of a stage, the shard that came first speaks for it alone.
"""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from schemas.errors import BadOption, BadRecord
from warehouse.codec import from_row, polars_schema, to_row
from warehouse.durable import publish
from warehouse.tables import TABLES, Record, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from warehouse.home import Home

Noun = TypeVar("Noun", bound=Record)

SCHEMA = pl.Schema(
    {
        "done": pl.String(),
        "key": pl.String(),
        **{table: pl.Struct(polars_schema(noun)) for table, noun in TABLES.items()},
    }
)
_STAGE = re.compile(r"[a-z][a-z0-9_-]*")
_ORPHAN_AGE_S = 3600.0  # no batch takes an hour between opening its file and renaming it


@dataclass(frozen=True, slots=True)
class Finished:
    """One input row that a stage is done with, by its key, and the records that came of it."""

    key: str
    records: tuple[Record, ...] = ()


def write(home: Home, stage: str, batch: Sequence[Finished]) -> Path | None:
    """Write a batch as one shard, named by the sha256 of its bytes; None for an empty batch.

    The shard is there whole or not at all, whatever kills the process.

    Raises:
        BadRecord: a record does not fit its noun.
    """
    if not batch:
        return None
    folder = _folder(home, stage)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{uuid.uuid4().hex}.tmp"
    try:
        # Statistics would make a small shard a sixth larger; hashes have no useful range.
        _frame(batch).write_parquet(temporary, compression="zstd", statistics=False)
        target = folder / f"{_sha256(temporary)}.parquet"
        if not target.exists():  # the same bytes by another worker: first come, first served
            publish(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def done_keys(home: Home, stage: str) -> set[str]:
    """Collect the keys of the input rows that a stage has finished.

    Raises:
        BadRecord: a shard cannot be read; the message names it and says what to do.
    """
    files = shard_files(home, stage)
    if not files:
        return set()
    return set(collect(scan(files).select(pl.col("done").drop_nulls()), files)["done"])


def read(
    home: Home,
    noun: type[Noun],
    keys: Collection[str] | None = None,
    stage: str | None = None,
    recordings: Collection[str] | None = None,
) -> list[Noun]:
    """Read a noun's records, each id once: of one stage or all, of some keys, recordings or all.

    With `keys`: in the order of the keys, and for one key in the order in which it was written.
    Without: sorted by id. Each call scans the stage's shards (under a millisecond a shard), so
    ask for many keys at once.

    Raises:
        BadRecord: a shard cannot be read, or a record in it does not fit its noun.
    """
    table = table_of(noun)
    wanted = pl.lit(value=True) if keys is None else pl.col("key").is_in(list(keys))
    if recordings is not None:
        field = pl.col(table).struct.field("id" if table == "recordings" else "recording")
        wanted &= field.is_in(list(recordings))
    parts = [_rows(home, table, wanted, name) for name in ([stage] if stage else stages(home))]
    rows = pl.concat([pl.DataFrame(schema=_columns("key", table)), *parts])
    if keys is None:
        rows = rows.sort(pl.col(table).struct.field("id"), maintain_order=True)
    else:
        asked = pl.DataFrame({"key": list(dict.fromkeys(keys))}, schema={"key": pl.String})
        rows = asked.join(rows, on="key", how="inner", maintain_order="left_right")
    rows = rows.unique(pl.col(table).struct.field("id"), keep="first", maintain_order=True)
    return [from_row(noun, row) for row in rows[table]]


def stages(home: Home) -> tuple[str, ...]:
    """List the stages that have shards, sorted."""
    return tuple(sorted(folder.name for folder in home.shards.iterdir() if folder.is_dir()))


def shard_files(home: Home, stage: str) -> tuple[Path, ...]:
    """List a stage's shards, the first written first."""
    folder = _folder(home, stage)
    if not folder.is_dir():
        return ()
    return tuple(sorted(folder.glob("*.parquet"), key=lambda file: (_written_at(file), file.name)))


def remove_orphans(home: Home) -> int:
    """Delete the temporary files, older than an hour, of workers that were killed; count them."""
    oldest = time.time() - _ORPHAN_AGE_S
    orphans = [file for file in home.shards.glob("*/.*.tmp") if _written_at(file) < oldest * 1e9]
    for file in orphans:
        file.unlink(missing_ok=True)
    return len(orphans)


def scan(files: Sequence[Path]) -> pl.LazyFrame:
    """Scan shards of one stage, older ones of fewer columns too; `shard` is the file, in order."""
    return pl.scan_parquet(
        list(files),
        schema=SCHEMA,
        missing_columns="insert",
        cast_options=pl.ScanCastOptions(missing_struct_fields="insert"),
        include_file_paths="shard",
        row_index_name="row",
        glob=False,
    )


def collect(frame: pl.LazyFrame, files: Sequence[Path]) -> pl.DataFrame:
    """Run a scan of shards.

    Raises:
        BadRecord: a shard cannot be read; the message names it and says what to do.
    """
    try:
        return frame.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(files, error) from error


def check(file: Path) -> None:
    """Hold a shard to the hash that it is named by.

    Raises:
        BadRecord: it was cut short or changed.
    """
    if _sha256(file) != file.stem:
        message = (
            f"{file}: the shard is damaged, its bytes are not those that its name tells;"
            " delete it and run the same command again: what it held is made anew"
        )
        raise BadRecord(message)


def _unreadable(files: Sequence[Path], error: Exception) -> BadRecord:
    """Find out which of many shards is at fault."""
    for file in files:
        try:
            check(file)
            scan([file]).collect()
        except BadRecord as damaged:
            return damaged
        except (pl.exceptions.PolarsError, OSError) as reason:
            told = str(reason).split("\n", 1)[0]
            return BadRecord(
                f"{file}: the shard does not fit this version of perceptsynth ({told}); use the"
                " version that wrote it, or delete it to have what it held made anew"
            )
    return BadRecord(f"{files[0].parent}: the shards cannot be read: {error}")


def first_finished(files: Sequence[Path]) -> pl.DataFrame:
    """Say which of a stage's shards finished each key first: columns `key` and `shard`."""
    done = scan(files).filter(pl.col("done").is_not_null()).select("row", "shard", "done")
    return (
        collect(done, files)
        .sort("row")
        .unique("done", keep="first", maintain_order=True)
        .select(pl.col("done").alias("key"), "shard")
    )


def _rows(home: Home, table: str, wanted: pl.Expr, stage: str) -> pl.DataFrame:
    files = shard_files(home, stage)
    if not files:
        return pl.DataFrame(schema=_columns("key", table))
    rows = scan(files).filter(pl.col(table).is_not_null() & wanted)
    found = collect(rows.select("row", "shard", "key", table), files)
    speaking = found.join(first_finished(files), on=["key", "shard"], how="semi")
    return speaking.sort("row").select("key", table)


def _frame(batch: Sequence[Finished]) -> pl.DataFrame:
    keys: dict[str, list[str]] = {}
    rows: dict[str, list[Mapping[str, object]]] = {}
    for finished in batch:
        for record in finished.records:
            table = table_of(type(record))
            keys.setdefault(table, []).append(finished.key)
            rows.setdefault(table, []).append(to_row(record))
    parts = [
        pl.DataFrame({"key": keys[table], table: rows[table]}, schema_overrides=_columns(table))
        for table in rows
    ]
    done = pl.DataFrame({"done": [finished.key for finished in batch]}, schema=_columns("done"))
    return pl.concat([pl.DataFrame(schema=SCHEMA), done, *parts], how="diagonal")


def _columns(*names: str) -> dict[str, pl.DataType]:
    return {name: SCHEMA[name] for name in names}


def _folder(home: Home, stage: str) -> Path:
    if not _STAGE.fullmatch(stage):
        message = f"a stage is a plain name such as 'observe', not {stage!r}"
        raise BadOption(message)
    return home.shards / stage


def _written_at(file: Path) -> int:
    return file.stat().st_mtime_ns


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
