"""export: rows out of the warehouse, audio out of the home, to one of synth/exporters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import filtering
from flows.asked import latest, standing_facts
from flows.progress import say
from schemas import HardNegative, Question, Recording, Run, Subquestion, Trajectory
from schemas.errors import BadOption, UnreadableAudio
from synth import plugins
from synth.assemble import assemble, with_negatives
from synth.exporting import Provenance, Yield
from warehouse import shards
from warehouse.home import Home
from warehouse.query import named

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from synth.exporting import Exported


def export(
    exporter: str,
    out: Path,
    home_path: Path,
    *,
    benchmark: str | None = None,
    allow_eval: tuple[str, ...] = (),
) -> Exported:
    """Write what the latest run of each benchmark made to a folder, for one trainer.

    Raises:
        BadOption: no run made anything to export, or the folder holds something else.
        BadInput: evaluation data that the user did not name in `allow_eval`.
        UnreadableAudio: a recording is not where it was, or has changed.
    """
    home = Home(home_path)
    write = plugins.load("exporters", exporter).export
    made = shards.read(home, Subquestion)
    busy = {one.run for one in made}
    runs = latest(
        [run for run in shards.read(home, Run, stage="read") if run.id in busy], benchmark
    )
    chosen = {run.id for run in runs}
    left_out = filtering.left_out(home, chosen)
    asked_of = [one for one in made if one.run in chosen]
    subquestions = [one for one in asked_of if (one.run, one.question) not in left_out]
    if not subquestions:
        raise BadOption(_nothing(home, benchmark, dropped=bool(asked_of)))
    asked = {one.question for one in subquestions}
    questions = [one for one in shards.read(home, Question) if one.id in asked]
    recordings = {name for question in questions for name in question.recordings}
    facts = standing_facts(home, recordings, {run.instruments for run in runs})
    trajectories = (
        one
        for one in shards.read(home, Trajectory)
        if one.run in chosen and (one.run, one.id) not in left_out
    )
    negatives = [one for one in shards.read(home, HardNegative) if one.run in chosen]
    attribution = {
        one.id: (f"{one.attribution} ({one.licence or 'licence not stated'})",)
        for one in shards.read(home, Recording)
        if one.id in recordings and one.attribution
    }
    rows = assemble(questions, subquestions, trajectories, facts, attribution)
    provenance = Provenance(
        runs=tuple(runs),
        models=tuple(sorted({one for run in runs for one in run.instruments or ()})),
        attribution=tuple(sorted({line for lines in attribution.values() for line in lines})),
        yields=_yields(home, chosen),
        allow_eval=allow_eval,
    )
    rows = with_negatives(rows, negatives)
    exported: Exported = write(rows, audio_from(home), out, provenance)
    for count in exported.counts:
        say(f"exported   {count.rows:>5} {count.name} rows")
    return exported


def _nothing(home: Home, benchmark: str | None, *, dropped: bool) -> str:
    of = f" of {benchmark}" if benchmark else ""
    if dropped:
        return f"{home.path}: every question{of} is dropped by a filter: see `synth status`"
    return f"{home.path}: no sub-questions{of} to export: `synth run` a benchmark first"


def audio_from(home: Home) -> Callable[[str], bytes]:
    """Give each recording's bytes by its id, from the home."""

    def audio(recording: str) -> bytes:
        found = sorted(home.audio.glob(f"{recording}.*")) + sorted(home.audio.glob(recording))
        if not found or not found[0].exists():
            message = "its file is gone: run its benchmark again with the --root it lies in now"
            raise UnreadableAudio(message, record_id=recording)
        return found[0].read_bytes()

    return audio


def _yields(home: Home, runs: set[str]) -> tuple[Yield, ...]:
    """Take the wholes of each stage from the warehouse's own count."""
    table = named(home, "yield")
    place = {name: number for number, name in enumerate(table.columns)}
    return tuple(
        Yield(
            stage=f"{row[place['benchmark']]}: {row[place['stage']]}, by {row[place['kind']]}",
            kept=int(str(row[place["kept"]])),
            dropped=int(str(row[place["dropped"]])),
        )
        for row in table.rows
        if row[place["run"]] in runs
        and row[place["filter"]] is None
        and row[place["kept"]] is not None
    )
