"""decompose and reason: what the teacher is asked, bound, verified and filtered."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from flows import judging
from flows.progress import Progress, say
from flows.reading import of_run
from flows.teacher import open_teacher
from schemas import Rejection, Subquestion, Trajectory, identity
from synth import bind as binding
from synth import decompose as decomposing
from synth import reason as reasoning
from synth.asking import Job, Memory, Rejected, converse
from synth.menu import menu
from synth.requests import asked_again, reply_from
from synth.truth import is_truth
from warehouse.replies import ReplyLog
from warehouse.shards import Finished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.plan import Plan
    from flows.stage import Stage
    from schemas import Fact, Probe, Question, Run
    from synth.reason import Draft
    from synth.requests import Reply, Request, Wrong
    from warehouse.home import Home
    from warehouse.tables import Record

ShownFacts = Literal["given", "withheld", "corrupted"]

_QUESTIONS_A_BATCH = 200  # replies are kept as they come, so a kill costs those in flight alone
_PROBED: tuple[ShownFacts, ...] = ("given", "withheld", "corrupted")

Facts: TypeAlias = dict[str, list["Fact"]]
Asked: TypeAlias = dict[str, tuple[Subquestion, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """What both stages need: the plan, its run, and where replies are remembered."""

    plan: Plan
    run: Run
    stage: Stage

    def converse(self, jobs: Sequence[Job[Any]], label: str) -> dict[Job[Any], Any]:
        """Ask all jobs in one stream and collect what was read of each, or its Rejected."""

        async def ask() -> dict[Job[Any], Any]:
            answered: dict[Job[Any], Any] = {}
            progress = Progress(f"  {label}", total=len(jobs))
            with remembering(self.stage.home, self.run.teacher) as memory:
                async with open_teacher(self.plan) as teacher:
                    async for job, read in converse(teacher, jobs, memory=memory):
                        answered[job] = read
                        progress.advance(1, "replies")
            return answered

        return asyncio.run(ask()) if jobs else {}


def decompose(
    teaching: Teaching,
    questions: Sequence[Question],
    facts: Facts,
    unusable: Mapping[str, Rejection],
) -> Asked:
    """Have each question split into sub-questions, each bound to a fact.

    `unusable` holds the recordings that could not be read, by their hash.
    """
    keyed = {
        identity(
            "decompose", decomposing.VERSION, binding.VERSION, teaching.run.id, question.id,
            [fact.id for name in question.recordings for fact in facts.get(name, ())
             if is_truth(fact)],
        ): question
        for question in questions
    }  # fmt: skip
    work = partial(_decomposed, teaching, facts, unusable)
    teaching.stage.each("decompose", keyed, work, size=_QUESTIONS_A_BATCH)
    asked: dict[str, list[Subquestion]] = {question.id: [] for question in questions}
    for one in teaching.stage.made("decompose", Subquestion, keyed):
        asked[one.question].append(one)
    return {question: tuple(made) for question, made in asked.items()}


def _decomposed(
    teaching: Teaching,
    facts: Facts,
    unusable: Mapping[str, Rejection],
    some: Sequence[tuple[str, Question]],
) -> Iterator[Finished]:
    jobs: dict[Job[Any], tuple[str, Question]] = {}
    run = teaching.run.id
    for key, question in some:
        broken = [unusable[name] for name in question.recordings if name in unusable]
        if broken:
            yield Finished(key, tuple(_unheard(question, broken, run)))
            continue
        entries = menu(question, facts)
        if not entries:
            reason = "nothing that this question asks for was settled as truth"
            yield Finished(key, (_dropped(question, "decompose", "no_fact_of_use", reason, run),))
            continue
        job = Job(
            record=question.id,
            request=partial(decomposing.decompose_request, question, entries),
            read=partial(decomposing.read_decomposition, question=question, menu=entries),
        )
        jobs[job] = (key, question)
    silent: list[Rejected] = []
    for job, read in teaching.converse(list(jobs), "decompose").items():
        key, question = jobs[job]
        if isinstance(read, Rejected):
            if not read.answered:
                silent.append(read)
                continue
            dropped = _dropped(question, "decompose", "unusable_reply", read.reason, run)
            yield Finished(key, (dropped,))
        else:
            bound = binding.bind(question, read, run)
            yield Finished(key, tuple(judging.sift(bound, question, facts)))
    _say_left(silent)


def reason(
    teaching: Teaching, questions: Sequence[Question], asked: Asked, facts: Facts
) -> list[Trajectory]:
    """Have a trajectory written over each question's facts; keep those that pass every filter."""
    keyed = {
        identity(
            "reason", reasoning.VERSION, judging.VERSION, teaching.run.id, question.id,
            [one.id for one in asked[question.id]],
        ): question
        for question in questions
        if asked[question.id]
    }  # fmt: skip
    work = partial(_reasoned, teaching, asked, facts)
    teaching.stage.each("reason", keyed, work, size=_QUESTIONS_A_BATCH)
    return teaching.stage.made("reason", Trajectory, keyed)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one reply is for: a rollout's draft, or one probe."""

    question: str
    rollout: int | None = None
    facts: ShownFacts = "given"
    order: int = 0


@dataclass(frozen=True, slots=True)
class _Heard:
    """What the teacher said about one question."""

    drafts: dict[int, Draft | Rejected] = field(default_factory=dict)
    """by rollout"""
    probes: list[Probe] = field(default_factory=list)
    silent: list[Rejected] = field(default_factory=list)
    """what it was asked and never answered"""

    def take(self, wanted: _Wanted, read: Draft | Probe | Rejected) -> None:
        if isinstance(read, Rejected) and not read.answered:
            self.silent.append(read)
        elif wanted.rollout is not None:
            self.drafts[wanted.rollout] = cast("Draft | Rejected", read)
        elif isinstance(read, Rejected):
            self.probes.append(reasoning.unusable_probe(wanted.facts, wanted.order))
        else:
            self.probes.append(cast("Probe", read))


def _reasoned(
    teaching: Teaching, asked: Asked, facts: Facts, some: Sequence[tuple[str, Question]]
) -> Iterator[Finished]:
    jobs = dict(
        pair for _, question in some for pair in _jobs(teaching.plan, question, asked[question.id])
    )
    heard = {question.id: _Heard() for _, question in some}
    for job, read in teaching.converse(list(jobs), "reason").items():
        heard[jobs[job].question].take(jobs[job], read)
    _say_left([one.silent[0] for one in heard.values() if one.silent])
    for key, question in some:
        if not heard[question.id].silent:
            records = _judged(teaching, question, asked[question.id], heard[question.id], facts)
            yield Finished(key, tuple(records))


def _judged(
    teaching: Teaching,
    question: Question,
    subquestions: tuple[Subquestion, ...],
    heard: _Heard,
    facts: Facts,
) -> Iterator[Record]:
    probes = sorted(heard.probes, key=lambda one: (one.facts, one.order))
    for number, draft in sorted(heard.drafts.items()):
        if isinstance(draft, Rejected):
            yield _unusable(question, number, draft, teaching.run.id)
            continue
        rollout = _rollout(teaching.run, number)
        written = reasoning.trajectory(question, subquestions, draft, probes, rollout)
        yield from judging.judge(judging.judged(written, question, subquestions, facts))


def _unusable(question: Question, number: int, draft: Rejected, run: str) -> Rejection:
    record = identity("trajectory", run, question.id, number)
    dropped = _dropped(question, "reason", "unusable_reply", draft.reason, run)
    name = identity("rejection", run, "reason", "trajectory", record, dropped.filter)
    return replace(dropped, id=name, kind="trajectory", record=record)


def _jobs(
    plan: Plan, question: Question, subquestions: tuple[Subquestion, ...]
) -> Iterator[tuple[Job[Any], _Wanted]]:
    for number in range(plan.rollouts):
        job: Job[Any] = Job(
            record=question.id,
            request=partial(reasoning.reason_request, question, subquestions, number),
            read=partial(reasoning.read_reasoning, question=question, subquestions=subquestions),
        )
        yield job, _Wanted(question.id, rollout=number)
    # Order by order: the probes of one shuffle share the beginning of their prompt.
    for order, facts in product(range(plan.orders), _PROBED):
        probe: Job[Any] = Job(
            record=question.id,
            request=partial(_probe, question, subquestions, facts, order),
            read=partial(reasoning.read_probe, question=question, facts=facts, order=order),
        )
        yield probe, _Wanted(question.id, facts=facts, order=order)


def _probe(
    question: Question,
    subquestions: tuple[Subquestion, ...],
    facts: ShownFacts,
    order: int,
    wrong: Wrong | None,
) -> Request:
    """Ask a probe, and again where the reply was unusable, without a hint: that would spoil it."""
    request = reasoning.probe_request(question, subquestions, facts, order)
    return request if wrong is None else asked_again(request, replace(wrong, reason=""))


def _rollout(run: Run, number: int) -> reasoning.Rollout:
    temperature = reasoning.ROLLOUT_TEMPERATURE if number else 0.0
    return reasoning.Rollout(
        run=run.id,
        number=number,
        teacher=f"{run.teacher} {run.model}".strip(),
        sampling=json.dumps({"temperature": temperature, "seed": number}),
    )


def _unheard(question: Question, broken: Sequence[Rejection], run: str) -> Iterator[Rejection]:
    for one in broken:
        yield of_run(one, run)
        yield _dropped(question, "observe", one.filter, one.reason, run)


def _dropped(question: Question, stage: str, name: str, reason: str, run: str) -> Rejection:
    return Rejection(
        id=identity("rejection", run, stage, "question", question.id, name),
        run=run,
        stage=stage,
        kind="question",
        record=question.id,
        question=question.id,
        filter=name,
        reason=reason,
    )


def _say_left(silent: Sequence[Rejected]) -> None:
    """Tell how many questions the teacher never answered: they are delayed, not dropped."""
    if silent:
        say(f"left for the next run: {len(silent)} questions: {silent[0].reason}")


@contextmanager
def remembering(home: Home, teacher: str) -> Iterator[Memory]:
    """Remember every reply under its request's key; what is played back needs no memory."""
    if teacher == "replay":
        yield Memory()
        return
    with ReplyLog(home.replies / f"{teacher}.jsonl") as log:

        def recall(key: str) -> Reply | None:
            row = log.get(key)
            return None if row is None else reply_from(row)

        def record(key: str, reply: Reply) -> None:
            log.append(key, asdict(reply))

        yield Memory(recall=recall, record=record)
