"""What a home asks: its questions, and the ground truth of each by today's rules."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import Fact, GroundTruth, Question, Run, Settlement, Subquestion
from synth import settle
from synth.assemble import context_of, ground_truth
from synth.ground_truth import to_json
from warehouse import shards

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question and what judges the responses to it."""

    question: Question
    truth: GroundTruth
    ground_truth: str
    """the same as JSON, as a reward reads it"""


def asked(home: Home, benchmark: str | None = None) -> list[Asked]:
    """Put every question of a home together with its ground truth.

    Sub-questions are those of each benchmark's latest run that has any; facts are those that
    today's rules settled from what that run's instruments said.
    """
    made = shards.read(home, Subquestion)
    busy = {one.run for one in made}
    every = shards.read(home, Run, stage="read")
    runs = latest([run for run in every if run.id in busy] or every, benchmark)
    chosen = {run.id for run in runs}
    posed: defaultdict[str, list[Subquestion]] = defaultdict(list)
    for one in made:
        if one.run in chosen:
            posed[one.question].append(one)
    questions = [one for one in shards.read(home, Question) if benchmark in {None, one.benchmark}]
    recordings = {name for one in questions for name in one.recordings}
    facts = standing_facts(home, recordings, {run.instruments for run in runs})
    return [
        _asked(one, posed[one.id], facts)
        for one in sorted(questions, key=lambda one: (one.benchmark, one.source_id, one.id))
    ]


def _asked(
    question: Question, subquestions: Sequence[Subquestion], facts: Mapping[str, Sequence[Fact]]
) -> Asked:
    mine = sorted(subquestions, key=lambda one: (one.position, one.id))
    truth = ground_truth(question, mine, context_of(question, facts))
    return Asked(question=question, truth=truth, ground_truth=to_json(truth))


def standing_facts(
    home: Home, recordings: set[str], instruments: set[tuple[str, ...] | None]
) -> dict[str, list[Fact]]:
    """Collect what today's rules settled of recordings from the instruments of these runs."""
    standing = {
        name
        for one in shards.read(home, Settlement)
        if one.rules == settle.VERSION and one.instruments in instruments
        for name in one.facts
    }
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in shards.read(home, Fact):
        if fact.recording in recordings and fact.id in standing:
            facts[fact.recording].append(fact)
    return facts


def latest(runs: Sequence[Run], benchmark: str | None) -> list[Run]:
    """Pick each benchmark's latest run."""
    latest: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: (run.started_at, run.id)):
        if benchmark in {None, run.benchmark}:
            latest[run.benchmark] = run
    return [latest[name] for name in sorted(latest)]
