"""drift: measure a home's recordings again with today's instruments, and list what would flip.

The new facts are stored beside the old ones, which their settlement supersedes; none is edited.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from flows import observing, weights
from flows.instruments import FREE
from flows.progress import say
from flows.stage import Stage, directly
from schemas import Fact, Recording, Settlement, Subquestion
from schemas.errors import BadOption
from synth.drift import Drifted, answers_drifted, facts_drifted
from synth.questions import Source
from warehouse import shards
from warehouse.home import Home
from warehouse.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from flows.instruments import Instruments

_SHOWN = 40


def drift(
    home_path: Path, instruments: Instruments = FREE, *, as_json: bool = False
) -> tuple[Drifted, ...]:
    """Settle every recording of a home anew and print which facts and answers would flip.

    What today's instruments measured before is not measured again. A recording whose file is gone
    is told of and left as it stands.

    Raises:
        BadOption: the home holds no settled recording.
    """
    home = Home(home_path)
    before = _latest(home)
    if not before:
        message = f"{home.path}: no recordings to measure again: `synth run` or `observe` first"
        raise BadOption(message)
    sources = _sources(home, before)
    weights.fetch(weights.for_extractors())
    stage = Stage(home=home, batch=directly)
    observed = observing.observe(sources, stage, instruments)
    now = observing.settle(observed, stage)
    ingest(home, wait_s=60.0)
    found = tuple(_compared(home, before, now))
    _show(found, before, as_json=as_json)
    return found


def _latest(home: Home) -> dict[str, Settlement]:
    """Each recording's settlement that stands so far."""
    settled = shards.read(home, Settlement)
    return {one.recording: one for one in sorted(settled, key=lambda one: (one.settled_at, one.id))}


def _sources(home: Home, before: Iterable[str]) -> tuple[Source, ...]:
    known = {one.id: one for one in shards.read(home, Recording)}
    sources = []
    for name in sorted(before):
        files = [*home.audio.glob(f"{name}.*"), *home.audio.glob(name)]
        recording = known[name]
        if not files or not files[0].exists():
            say(f"not measured: {recording.locator}: its file is gone")
            continue
        sources.append(
            Source(
                path=files[0],
                sha256=name,
                locator=recording.locator,
                edit=recording.edit,
                licence=recording.licence,
                attribution=recording.attribution,
            )
        )
    return tuple(sources)


def _compared(
    home: Home, before: dict[str, Settlement], now: dict[str, list[Fact]]
) -> Iterable[Drifted]:
    facts = {fact.id: fact for fact in shards.read(home, Fact)}
    asked: dict[str, list[Subquestion]] = defaultdict(list)
    for one in shards.read(home, Subquestion):
        asked[one.recording].append(one)
    for recording, settled in now.items():
        old = [facts[name] for name in before[recording].facts if name in facts]
        yield from facts_drifted(old, settled)
        yield from answers_drifted(asked[recording], old, settled)


def _show(found: Sequence[Drifted], before: dict[str, Settlement], *, as_json: bool) -> None:
    answers = [one for one in found if one.subquestion]
    if as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in found], ensure_ascii=False) + "\n")
    elif found:
        _table(found)
    say(
        f"{len(before)} recordings: {len(found) - len(answers)} facts would change, "
        f"{len(answers)} sub-questions' answers with them"
    )


def _table(found: Sequence[Drifted]) -> None:
    table = Table("recording", "property", "of", "change", "before", "now", "sub-question")
    for one in found[:_SHOWN]:
        table.add_row(
            one.recording[:12], one.property, one.subject, one.change,
            one.before, one.after, one.subquestion[:12],
        )  # fmt: skip
    Console(highlight=False, markup=False).print(table)
    if len(found) > _SHOWN:
        say(f"... and {len(found) - _SHOWN} more: --json lists all")
