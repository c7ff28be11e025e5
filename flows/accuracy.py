"""accuracy: a manifest of labelled recordings → how often facts are true, by property and tier."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, get_args

import polars as pl

from flows import observing, reading, weights
from flows.accuracy_page import Told, page
from flows.instruments import FREE
from flows.observe import check_out, read_lines, write_parquet
from flows.progress import say
from flows.stage import Stage, directly
from schemas import Tier
from schemas.errors import BadManifest, BadOption
from synth.accuracy import Clip, Rate, Reading, Table, read_clip, table, two_witnesses
from synth.labels import read_labels
from warehouse.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from flows.instruments import Instruments
    from synth.labels import Labels
    from synth.questions import Source

_SCHEMA = pl.Schema(
    {
        "path": pl.String(),
        "recording": pl.String(),
        "property": pl.String(),
        "subject": pl.String(),
        "labelled": pl.String(),
        "tier": pl.Enum(get_args(Tier)),
        "state": pl.String(),
        "said": pl.String(),
        "witnesses": pl.List(pl.String()),
        "right": pl.Int64(),
        "wrong": pl.Int64(),
        "unjudged": pl.List(pl.String()),
        "faults": pl.List(pl.String()),
        "error": pl.Float64(),
        "note": pl.String(),
    }
)
_PLACES = 6  # decimals of a figure: more is noise


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A line whose file and labels can be used."""

    path: str
    source: Source
    labels: Labels


def accuracy(
    manifest: Path,
    home_path: Path,
    instruments: Instruments = FREE,
    *,
    out: Path | None = None,
    markdown: Path | None = None,
    as_json: bool = False,
) -> Table:
    """Measure what is not measured yet, judge the facts by the labels and print the table.

    With `as_json` one line goes to stdout; all else that would, from libraries too, to stderr.

    Raises:
        BadManifest: the manifest cannot be read, or no labelled recording of it can be used.
        BadOption: `out` or `markdown` cannot be written.
    """
    for path in (out, markdown):
        if path:
            check_out(path)
    with _stdout_to_stderr():
        clips, told = _clips(manifest, home_path, instruments)
        found = table(clips, two_witnesses(instruments.names(), clips))
    for problem in told.problems:
        say(f"not used: {problem}")
    for kind, why in told.unknown.items():
        say(f"not judged: labels.{kind}: {why}")
    written = page(found, told)
    if as_json:
        say_lines(written)
        _print(json.dumps(_as_json(found, told), ensure_ascii=False, allow_nan=False))
    else:
        _print(written)
    if out:
        rows = [_as_row(one) for clip in clips for one in read_clip(clip)]
        write_parquet(pl.DataFrame(rows, schema=_SCHEMA), out)
        say(f"{out}: {len(rows)} readings of {len(clips)} clips")
    if markdown:
        _write(markdown, written)
    return found


def _clips(manifest: Path, home_path: Path, instruments: Instruments) -> tuple[list[Clip], Told]:
    """Measure and settle every labelled recording of a manifest, each once.

    Raises:
        BadManifest: no line has labels and a file that can be used.
    """
    problems: list[str] = []
    unknown: Counter[tuple[str, str]] = Counter()
    wanted = list(_labelled(manifest, problems, unknown))
    why = {kind: f"{reason}; clips: {number}" for (kind, reason), number in sorted(unknown.items())}
    if not wanted and not why:
        for problem in problems:
            say(f"not used: {problem}")
        message = f"{manifest}: no labelled recording can be used"
        raise BadManifest(message)
    clips, looked = _measured(wanted, home_path, instruments, problems) if wanted else ([], ())
    return clips, Told(unknown=why, problems=tuple(problems), instruments=looked)


def _measured(
    wanted: Sequence[_Labelled], home_path: Path, instruments: Instruments, problems: list[str]
) -> tuple[list[Clip], tuple[str, ...]]:
    """Observe what is not observed yet, and settle; also names the instruments that looked."""
    weights.fetch(weights.for_extractors())
    stage = Stage(home=Home(home_path), batch=directly)
    sources = [reading.linked(stage.home.audio, one.source) for one in wanted]
    observed = observing.observe(sources, stage, instruments)
    facts = observing.settle(observed, stage)
    clips = []
    for one in wanted:
        sha256 = one.source.sha256
        if sha256 in observed.rejected:
            problems.append(f"{one.path}: {observed.rejected[sha256].reason}")
            continue
        clips.append(
            Clip(
                path=one.path,
                recording=sha256,
                labels=one.labels,
                facts=tuple(facts[sha256]),
                observations=tuple(observed.observations[sha256]),
            )
        )
    return clips, observed.instruments


def _labelled(
    manifest: Path, problems: list[str], unknown: Counter[tuple[str, str]]
) -> Iterator[_Labelled]:
    """Read the lines that can be used; of one recording the first alone."""
    seen: dict[str, str] = {}
    for line in read_lines(manifest):
        if line.source is None:
            problems.append(f"{line.path}: {line.reason}")
            continue
        labels = read_labels(line.row)
        problems.extend(f"{line.path}: {wrong}" for wrong in labels.wrong)
        unknown.update(labels.unknown.items())
        if line.source.sha256 in seen:
            before = seen[line.source.sha256]
            problems.append(f"{line.path}: the same recording as {before}, which is counted")
        elif labels.labels:
            seen[line.source.sha256] = line.path
            yield _Labelled(line.path, line.source, labels)
        elif not labels.wrong and not labels.unknown:
            problems.append(f"{line.path}: has no labels")


# Out --------------------------------------------------------------------------------------------


def _as_json(found: Table, told: Told) -> dict[str, object]:
    return {
        "overall": {
            "labelled": found.labelled,
            "coverage": _rounded(found.coverage),
            **{name: figure for name, figure in _rate(found.overall).items() if name != "n"},
        },
        "properties": {
            row.property: {
                "labelled": row.labelled,
                "coverage": _rounded(row.coverage),
                "tiers": {tier: _rate(rate) for tier, rate in row.tiers.items()},
                "metrics": {"in_overall": row.two_witnesses} | _figures(row.metrics),
            }
            for row in found.rows
        },
        "unknown_labels": dict(told.unknown),
        "not_used": list(told.problems),
    }


def _rate(rate: Rate) -> dict[str, object]:
    return {name: _rounded(figure) for name, figure in asdict(rate).items()}


def _figures(metrics: Mapping[str, object]) -> dict[str, object]:
    return {
        name: _figures(figure) if isinstance(figure, dict) else _rounded(figure)
        for name, figure in metrics.items()
    }


def _rounded(figure: object) -> object:
    return round(figure, _PLACES) if isinstance(figure, float) else figure


def _as_row(one: Reading) -> dict[str, object]:
    return {field.name: getattr(one, field.name) for field in fields(one)} | {
        "error": min(one.error, sys.float_info.max),
        "witnesses": list(one.witnesses),
        "unjudged": list(one.unjudged),
        "faults": list(one.faults),
    }


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"--markdown {path}: cannot be written: {error.strerror}"
        raise BadOption(message) from error
    say(f"{path}: written")


def say_lines(text: str) -> None:
    """Write a text for a person, line by line."""
    for line in text.splitlines():
        say(line)


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what the command is asked for


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Send to stderr whatever libraries print, theirs in C too; only ours goes to stdout."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
