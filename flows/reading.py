"""read: a benchmark's files become questions and sources, and the run gets its name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import judging
from flows import teacher as teachers
from schemas import Question, Rejection, Run, identity
from synth import bind, decompose, plugins, preferences, reason, settle
from synth.prompting import prompt_hashes
from warehouse.shards import Finished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.plan import Plan
    from flows.stage import Stage
    from synth.questions import Row, Source

VERSION = "1"
"""of this stage; a run is named by the versions of all that makes its records"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a benchmark holds: questions, the recordings they are asked of, what was dropped."""

    questions: tuple[Question, ...]
    sources: tuple[Source, ...]
    """each recording once"""
    rejections: tuple[Rejection, ...]


def read(plan: Plan, stage: Stage) -> Read:
    """Read a benchmark as far as the plan's limit goes.

    Raises:
        BadInput: no such benchmark, or its question file cannot be read at all.
        HubUnreachable: no root was given, and no hub answers.
    """
    benchmark = plugins.load("benchmarks", plan.benchmark)

    def keep(content: bytes, suffix: str) -> Path:
        return _stored(stage.home.audio, content, suffix)

    root = None if plan.root is None else Path(plan.root).expanduser().resolve()
    rows, rejections = _limited(benchmark.read(root, keep), plan.limit)
    sources = {source.sha256: source for row in rows for source in row.sources}
    at_hand = tuple(linked(stage.home.audio, source) for source in sources.values())
    return Read(
        questions=tuple(row.question for row in rows),
        sources=at_hand,
        rejections=tuple(rejections),
    )


def begin(plan: Plan, read: Read, stage: Stage) -> Run:
    """Name the run by what decides its results, and store what was read under it."""
    known = teachers.identify(plan)
    release = read.questions[0].release if read.questions else ""
    prompts = prompt_hashes()
    extractors = plan.instruments.versions()
    rules = [
        settle.VERSION, bind.VERSION, decompose.VERSION, reason.VERSION, judging.VERSION,
        preferences.VERSION,
    ]  # fmt: skip
    name = identity(
        "run", VERSION, rules, plan.benchmark, release, plan.config(), plan.teacher_name,
        known.model, known.revision, plan.seed, extractors,
        [f"{one.name} {one.sha256}" for one in prompts],
    )  # fmt: skip
    run = Run(
        id=name,
        code_version=version("perceptsynth"),
        benchmark=plan.benchmark,
        release=release,
        config=plan.config(),
        teacher=plan.teacher_name,
        model=known.model,
        revision=known.revision,
        prompts=prompts,
        seed=plan.seed,
        instruments=extractors,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    records: dict[str, Any] = {identity("begin", name): run}
    records |= {identity("read", one.id): one for one in read.questions}
    dropped = (of_run(rejection, run.id) for rejection in read.rejections)
    records |= {identity("read", one.id): one for one in dropped}
    stage.each(
        "read",
        records,
        lambda some: [Finished(key, (record,)) for key, record in some],
        size=1000,
    )
    return stage.made("read", Run, [identity("begin", name)])[0]


def of_run(rejection: Rejection, run: str) -> Rejection:
    """Name the run that a rejection belongs to, in the record and in its id."""
    parts = (rejection.stage, rejection.kind, rejection.record, rejection.filter)
    return replace(rejection, id=identity("rejection", run, *parts), run=run)


def _limited(
    found: Iterator[Row | Rejection], limit: int | None
) -> tuple[list[Row], list[Rejection]]:
    rows: list[Row] = []
    rejections: list[Rejection] = []
    for one in found:
        if isinstance(one, Rejection):
            rejections.append(one)
            continue
        rows.append(one)
        if limit is not None and len(rows) >= limit:
            break
    return rows, rejections


def _stored(folder: Path, content: bytes, suffix: str) -> Path:
    """Keep audio that has no file of its own, under its hash."""
    path = folder / f"{hashlib.sha256(content).hexdigest()}{suffix}"
    if not path.exists():
        coming = path.with_suffix(f"{suffix}.coming")
        coming.write_bytes(content)
        coming.replace(path)
    return path


def linked(folder: Path, source: Source) -> Source:
    """Make a recording findable in the home by its hash, without copying it."""
    link = folder / f"{source.sha256}{source.path.suffix.lower()[:8]}"
    if link.is_symlink() and not link.exists():
        link.unlink()  # the file has moved since; the reader has just found it elsewhere
    if not link.exists():
        link.symlink_to(source.path.resolve())
    return replace(source, locator=f"{folder.name}/{link.name}")
