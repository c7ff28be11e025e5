"""Rows to Parquet shards with embedded audio, a row group at a time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import BadRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# `datasets` writes row groups of at most 100 MB and shards of at most 500 MB (datasets 5.2,
# config.py). Several configurations are open at once, so ours are smaller.
_GROUP_BYTES = 32_000_000
_GROUP_ROWS = 1_000
_SHARD_BYTES = 400_000_000

# Rows that follow each other share a recording, and zstd sees that from level 5 on: measured on
# clips of 60 s (16 bit, 16 kHz), four rows a clip take a quarter of the bytes, and writing them
# takes less time than writing them plain.
_ZSTD_LEVEL = 5

AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
"""How `datasets` stores an Audio: the file's bytes, and a name for it."""


def schema(columns: Sequence[tuple[str, pa.DataType]]) -> pa.Schema:
    """Make a schema whose metadata tells `datasets` its features, audio among them."""
    plain = pa.schema(list(columns))
    features = {column.name: _feature(column.type) for column in plain}
    return plain.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})


@dataclass(slots=True, kw_only=True)
class Shards:
    """Writes one configuration: rows gather to row groups, row groups to files.

    Files are named `train-00000-of-00002.parquet` once their number is known. The folder is made
    with the first row group, since `datasets` cannot open a Parquet file without rows.
    """

    folder: Path
    schema: pa.Schema
    rows: int = 0
    _waiting: list[Mapping[str, object]] = field(default_factory=list)
    _weight: int = 0
    _shards: list[Path] = field(default_factory=list)
    _writer: pq.ParquetWriter | None = None

    def add(self, row: Mapping[str, object], weight: int) -> None:
        """Take one row, whose audio weighs so many bytes.

        Raises:
            BadRecord: a row has text that UTF-8 cannot write.
        """
        if self._weight + weight > _GROUP_BYTES:
            self._flush()
        self._waiting.append(row)
        self._weight += weight
        self.rows += 1
        if len(self._waiting) >= _GROUP_ROWS:
            self._flush()

    def finish(self) -> int:
        """Close the last file, name all of them, and return how many rows they hold."""
        self._flush()
        self.close()
        for place, shard in enumerate(self._shards):
            shard.rename(self.folder / f"train-{place:05d}-of-{len(self._shards):05d}.parquet")
        return self.rows

    def close(self) -> None:
        """Close the open file, if any: a row that comes later starts a new one."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _flush(self) -> None:
        if not self._waiting:
            return
        try:
            table = pa.Table.from_pylist(self._waiting, schema=self.schema)
        except UnicodeEncodeError as error:
            message = f"text that UTF-8 cannot write ({error.reason}): mend or drop the record"
            raise BadRecord(message, record_id=_culprit(self._waiting)) from error
        writer = self._writer or self._open()
        writer.write_table(table)
        self._waiting, self._weight = [], 0
        if self._shards[-1].stat().st_size + _GROUP_BYTES > _SHARD_BYTES:
            self.close()

    def _open(self) -> pq.ParquetWriter:
        self.folder.mkdir(exist_ok=True)
        shard = self.folder / f"{len(self._shards):05d}.part"
        self._shards.append(shard)
        # A dictionary pays for plain columns; whole recordings would only overflow it.
        plain = [one.name for one in self.schema if not pa.types.is_nested(one.type)]
        self._writer = pq.ParquetWriter(
            shard,
            self.schema,
            compression="zstd",
            compression_level=_ZSTD_LEVEL,
            use_dictionary=plain,  # type: ignore[arg-type]  # the stubs know only a bool
        )
        return self._writer


def read_back(folder: Path, expected: int) -> None:
    """Hold shards on disk to what was meant: so many rows, each with the bytes of its recordings.

    Reads the columns id, recordings, audio and, where there is one, more_audio.

    Raises:
        BadRecord: it is not so.
    """
    rows = 0
    for shard in sorted(folder.iterdir()):
        with pq.ParquetFile(shard) as opened:
            present = set(opened.schema_arrow.names)
            heard = [one for one in ("id", "recordings", "audio", "more_audio") if one in present]
            for group in range(opened.num_row_groups):
                table = opened.read_row_group(group, columns=heard)
                rows += table.num_rows
                for row in table.to_pylist():
                    _hold_to_ids(row)
    if rows != expected:
        message = f"{folder.name} reads back {rows} rows where {expected} were written"
        raise BadRecord(message)


def _hold_to_ids(row: dict[str, Any]) -> None:
    embedded = [row["audio"], *row.get("more_audio", ())]
    found = [hashlib.sha256(one["bytes"]).hexdigest() for one in embedded]
    if found != row["recordings"]:
        message = "the written audio does not read back with its recording's sha256: a bad disk?"
        raise BadRecord(message, record_id=row["id"])


def _feature(kind: pa.DataType) -> dict[str, object]:
    if kind == AUDIO:
        return {"_type": "Audio"}
    if isinstance(kind, pa.ListType):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    return {"dtype": str(kind).replace("double", "float64"), "_type": "Value"}


def _culprit(waiting: Sequence[Mapping[str, object]]) -> str:
    """Find the row whose text holds half a surrogate pair."""
    for row in waiting:
        for value in row.values():
            several = value if isinstance(value, (list, tuple)) else (value,)
            texts = (one for one in several if isinstance(one, str))
            if any("\ud800" <= char <= "\udfff" for text in texts for char in text):
                return str(row["id"])
    return str(waiting[0]["id"])
