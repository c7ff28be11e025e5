"""The main job as a sentence: read, observe, settle, decompose, reason, contrast, filter.

Each stage subtracts what is done, works through the rest in batches, and writes each batch as one
shard. So a run that is killed goes on where it stopped, and a run that is finished does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows import contrasting, filtering, observing, reading, teaching, weights
from flows.progress import say
from flows.stage import Stage, directly
from warehouse.home import Home
from warehouse.ingest import ingest

if TYPE_CHECKING:
    from flows.plan import Plan
    from flows.stage import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to."""

    run: str
    questions: int
    subquestions: int
    trajectories: int
    """that were kept and that no filter leaves out"""


def pipeline(plan: Plan, batch: Batch = directly) -> Outcome:
    """Run the main job; `batch` does one batch of work, on its own or as a Prefect task.

    Raises:
        BadInput: the benchmark cannot be read at all; single bad rows become Rejections.
        BadOption: no filter of a name that the plan has dropped by.
        TeacherDown: the teacher is gone; what it said so far is kept.
        MissingWeights, MissingExtra: what the job needs is not there.
    """
    drop = filtering.known(plan.drop)
    home = Home(Path(plan.home))
    stage = Stage(home=home, batch=batch)
    read = reading.read(plan, stage)
    weights.fetch(weights.for_plan(plan))
    run = reading.begin(plan, read, stage)
    recordings = observing.observe(read.sources, stage, plan.instruments)
    facts = observing.settle(recordings, stage)
    with_teacher = teaching.Teaching(plan=plan, run=run, stage=stage)
    asked = teaching.decompose(with_teacher, read.questions, facts, recordings.rejected)
    trajectories = teaching.reason(with_teacher, read.questions, asked, facts)
    contrasting.contrast(read.questions, asked, trajectories, facts, stage)
    filtering.select(run, drop, stage)
    counts = ingest(home, wait_s=60.0)
    say(f"published  {home.snapshot}" if counts.published else "published  nothing new")
    left_out = filtering.left_out(home, {run.id})
    return Outcome(
        run=run.id,
        questions=len(read.questions),
        subquestions=sum(map(len, asked.values())),
        trajectories=sum(
            one.kept and not {(run.id, one.id), (run.id, one.question)} & left_out
            for one in trajectories
        ),
    )
