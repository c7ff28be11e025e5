"""filter: what of a run is left out of its exports, and by which filter; chosen anew at any time.

A run's own records are never taken back. So other filters cost no teacher and no measurement: the
latest selection speaks for the run.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from schemas import (
    Filter,
    Question,
    Recording,
    Rejection,
    Run,
    Selection,
    Subquestion,
    Trajectory,
    identity,
)
from schemas.errors import BadOption
from synth import filters, set_filters
from synth.question_filters import Answered
from synth.thresholds import digest
from warehouse import shards
from warehouse.shards import Finished

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flows.stage import Stage
    from synth.set_filters import Dropped
    from warehouse.home import Home

VERSION = "1"
"""of the filters over a whole run"""

_BOUND = ("duplicate", "no_distractor")  # of synth.bind, as sub-questions are tied to facts


def known(names: Sequence[str]) -> tuple[str, ...]:
    """Sort the names of optional filters.

    Raises:
        BadOption: there is no such filter.
    """
    strange = sorted(set(names) - set_filters.OPTIONAL)
    if strange:
        there_are = ", ".join(sorted(set_filters.OPTIONAL))
        message = f"no optional filter {strange[0]!r}; there are {there_are}"
        raise BadOption(message)
    return tuple(sorted(set(names)))


def select(run: Run, optional: tuple[str, ...], stage: Stage) -> Selection:
    """Apply the filters to all that the run has made, and note what they leave out."""
    answered = _answered(run, stage.home)
    version = f"{VERSION} {digest('filters')}"
    made_of = [
        ",".join((one.question.id, *sorted(each.id for each in one.trajectories)))
        for one in answered
    ]
    content = identity("selection", run.id, version, optional, made_of)
    before = latest(stage.home).get(run.id)
    if before is not None and before.id.startswith(content):
        return before
    # A selection that is gone back to is a new one: the latest speaks.
    key = f"{content}-{identity('after', before.id if before else '')[:8]}"

    def work(some: Sequence[tuple[str, Run]]) -> Iterator[Finished]:
        for one, of in some:
            left_out = [_rejection(each, of.id) for each in set_filters.select(answered, optional)]
            yield Finished(one, (*left_out, _selection(one, of, optional, left_out, version)))

    stage.each("filter", {key: run}, work, size=1)
    return stage.made("filter", Selection, [key])[0]


def latest(home: Home) -> dict[str, Selection]:
    """Give the selection that stands, by run."""
    made = shards.read(home, Selection, stage="filter")
    return {one.run: one for one in sorted(made, key=lambda each: (each.selected_at, each.id))}


def left_out(home: Home, runs: set[str]) -> set[tuple[str, str]]:
    """Name what the runs' selections leave out: each run with its questions and trajectories."""
    standing = {name for run, one in latest(home).items() if run in runs for name in one.dropped}
    found = shards.read(home, Rejection, stage="filter")
    return {(one.run, one.record) for one in found if one.id in standing}


def _answered(run: Run, home: Home) -> list[Answered]:
    """Gather what the run made of each question that has a sub-question, by id."""
    asked = {one.question for one in shards.read(home, Subquestion) if one.run == run.id}
    reasoned: defaultdict[str, list[Trajectory]] = defaultdict(list)
    for one in shards.read(home, Trajectory):
        if one.run == run.id:
            reasoned[one.question].append(one)
    questions = [one for one in shards.read(home, Question) if one.id in asked]
    needed = {name for one in questions for name in one.recordings}
    recordings = {one.id: one for one in shards.read(home, Recording, recordings=needed)}
    return [
        Answered(
            question=one,
            recordings=[recordings[name] for name in one.recordings if name in recordings],
            trajectories=reasoned[one.id],
        )
        for one in questions
    ]


def _rejection(dropped: Dropped, run: str) -> Rejection:
    # A reason names numbers of the set that it was found in: another set has another rejection.
    parts = (dropped.kind, dropped.record, dropped.filter, dropped.reason)
    return Rejection(
        id=identity("rejection", run, "filter", *parts),
        run=run,
        stage="filter",
        kind=dropped.kind,
        record=dropped.record,
        question=dropped.question,
        filter=dropped.filter,
        reason=dropped.reason,
    )


def _selection(
    key: str, run: Run, optional: tuple[str, ...], left_out: Sequence[Rejection], version: str
) -> Selection:
    applied = (
        *(("decompose", "subquestion", name) for name in _BOUND),
        *(("decompose", "subquestion", one.__name__) for one in filters.SUBQUESTION_FILTERS),
        *(("verify", "trajectory", one.__name__) for one in filters.TRAJECTORY_FILTERS),
        *(("filter", kind, name) for kind, name in set_filters.used(optional)),
    )
    return Selection(
        id=key,
        run=run.id,
        filters=tuple(Filter(stage=stage, kind=kind, name=name) for stage, kind, name in applied),
        dropped=tuple(one.id for one in left_out),
        version=version,
        selected_at=datetime.now(UTC).isoformat(),
    )
