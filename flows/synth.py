"""The Prefect flow `synth` and its deployments, one a benchmark: one task a batch, never a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType

from flows.instruments import Instruments
from flows.pipeline import pipeline
from flows.plan import DEFAULT_HOME, Plan
from synth import plugins

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def as_task(stage: str, label: str, work: Callable[[], None]) -> None:
    """Do one batch of a stage as one Prefect task; its rows are in a shard, not in its result."""
    one_batch = task(name=stage, task_run_name=label, cache_policy=NO_CACHE, persist_result=False)
    one_batch(work)()


@flow(name="synth", persist_result=False)
def synth(  # noqa: PLR0917 - a deployment names its parameters
    benchmark: str,
    root: str | None = None,
    limit: int | None = None,
    teacher: str = "embedded",
    model: str | None = None,
    home: str = str(DEFAULT_HOME),
    noncommercial: bool = False,  # noqa: FBT001, FBT002 - a deployment's parameter
    drop: list[str] | None = None,
) -> None:
    """Run the main job on a benchmark; a new run goes on where a killed one stopped.

    Args:
        benchmark: sample, mmau or mmar
        root: folder with the upstream question file and its audio
        limit: at most so many questions
        teacher: embedded, openai:URL or replay:FILE
        model: the teacher's model
        home: folder that holds shards, DuckDB file and exports
        noncommercial: also instruments whose weights forbid commercial use
        drop: filters that drop only if asked, e.g. text_only_solvable
    """
    plan = Plan(
        benchmark=benchmark,
        root=root,
        limit=limit,
        teacher=teacher,
        model=model,
        home=home,
        instruments=Instruments(noncommercial=noncommercial),
        drop=tuple(drop or ()),
    )
    pipeline(plan, batch=as_task)


def deployments(home: Path) -> list[RunnerDeployment]:
    """One deployment a benchmark: `prefect deployment run synth/mmau --param root=FOLDER`."""
    return [
        RunnerDeployment.from_flow(
            synth,
            name=name,
            parameters={"benchmark": name, "home": str(home)},
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for name in plugins.names("benchmarks")
    ]


def bury_the_dead() -> int:
    """Mark runs that a killed runner left "Running" as crashed; Prefect never does."""
    with get_client(sync_client=True) as client:
        left = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=["synth"])),
            flow_run_filter=FlowRunFilter.model_validate(
                {"state": {"type": {"any_": [StateType.RUNNING]}}}
            ),
        )
        for flow_run in left:
            client.set_flow_run_state(
                flow_run.id, Crashed(message="its process was killed; run it again"), force=True
            )
    return len(left)
