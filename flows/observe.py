"""observe: a manifest of recordings → observations and facts as one Parquet file, no teacher."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from flows import observing, reading, weights
from flows.instruments import FREE
from flows.progress import say
from flows.stage import Stage, directly
from schemas import Fact, Observation
from schemas.errors import BadManifest, BadOption, UnsafePath
from synth.questions import Source, inside, printable
from synth.truth import is_truth
from warehouse.codec import polars_schema, to_row
from warehouse.durable import publish
from warehouse.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from flows.instruments import Instruments

_SCHEMA = pl.Schema(
    {
        "path": pl.String(),
        "recording": pl.String(),
        "row": pl.String(),
        "observation": pl.Struct(polars_schema(Observation)),
        "fact": pl.Struct(polars_schema(Fact)),
        "is_truth": pl.Boolean(),
        "reason": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a manifest: the path as written, and its file or why there is none."""

    path: str
    source: Source | None
    reason: str = ""
    row: Mapping[str, object] = field(default_factory=dict)
    """the whole line, labels included"""


def observe(manifest: Path, out: Path, home_path: Path, instruments: Instruments = FREE) -> int:
    """Measure each recording of a manifest and write `out`; returns how many could be used.

    The file has one row an observation, one a fact and one a line that could not be used, told
    apart by `row`. What was measured before, in this home, is not measured again.

    Raises:
        BadManifest: the manifest cannot be read, or holds nothing.
    """
    check_out(out)
    lines = list(read_lines(manifest))
    weights.fetch(weights.for_extractors())
    stage = Stage(home=Home(home_path), batch=directly)
    sources = {
        line.source.sha256: reading.linked(stage.home.audio, line.source)
        for line in lines
        if line.source
    }
    observed = observing.observe(tuple(sources.values()), stage, instruments)
    facts = observing.settle(observed, stage)
    reasons = {name: one.reason for name, one in observed.rejected.items()}
    rows = [row for line in lines for row in _rows(line, observed.observations, facts, reasons)]
    write_parquet(pl.DataFrame(rows, schema=_SCHEMA), out)
    unusable = [row for row in rows if row["row"] == "rejection"]
    for row in unusable:
        say(f"not used: {row['path']}: {row['reason']}")
    used = len(lines) - len(unusable)
    say(f"{out}: {len(rows)} rows of {used} recordings; {len(unusable)} could not be used")
    return used


def check_out(out: Path) -> None:
    """Refuse a place where no file can be written, before anything is measured.

    Raises:
        BadOption: it is a folder, or lies in what is no folder.
    """
    if out.is_dir() or (out.parent.exists() and not out.parent.is_dir()):
        message = f"--out {out}: expected the name of a file"
        raise BadOption(message)


def write_parquet(frame: pl.DataFrame, out: Path) -> None:
    """Write a table whole or not at all.

    Raises:
        BadOption: it cannot be written there.
    """
    coming = out.with_name(f".{out.name}.coming")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(coming)
        publish(coming, out)
    except OSError as error:
        message = f"--out {out}: cannot be written: {error.strerror}"
        raise BadOption(message) from error


def read_lines(manifest: Path) -> Iterator[Line]:
    """Read a manifest; a line that cannot be used says why.

    Raises:
        BadManifest: the manifest cannot be read, or holds nothing.
    """
    try:
        text = manifest.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{manifest}: cannot be read as UTF-8 JSON lines: {error}"
        raise BadManifest(message) from error
    if not text.strip():
        message = f'{manifest}: empty; expected lines such as {{"path": "clips/a.wav"}}'
        raise BadManifest(message)
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _line(manifest, number, line)


def _line(manifest: Path, number: int, line: str) -> Line:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    path = row.get("path") if isinstance(row, dict) else None
    if not isinstance(path, str):
        return Line(f"line {number}", None, 'expected a JSON object with a text "path"')
    try:
        file = inside(manifest.parent, path)
        if not file.is_file():
            return Line(printable(path), None, "there is no such file")
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    except (UnsafePath, OSError) as error:
        return Line(printable(path), None, printable(str(error)))
    return Line(path, Source(path=file, sha256=sha256, locator=path), row=row)


def _rows(
    line: Line,
    observations: Mapping[str, Sequence[Observation]],
    facts: Mapping[str, Sequence[Fact]],
    reasons: Mapping[str, str],
) -> Iterator[dict[str, object]]:
    empty: dict[str, object] = dict.fromkeys(_SCHEMA, None) | {"path": line.path}
    sha256 = line.source.sha256 if line.source else None
    if sha256 is None or sha256 in reasons:
        yield empty | {"row": "rejection", "recording": sha256,
                       "reason": line.reason if sha256 is None else reasons[sha256]}  # fmt: skip
        return
    for seen in observations[sha256]:
        yield empty | {"row": "observation", "recording": sha256, "observation": to_row(seen)}
    for fact in facts[sha256]:
        yield empty | {"row": "fact", "recording": sha256, "fact": to_row(fact),
                       "is_truth": is_truth(fact)}  # fmt: skip
