"""What a person sees: summaries, tables, and one question's way through the house."""

from __future__ import annotations

import csv
import sys
import textwrap
from collections import defaultdict
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from flows import weights
from flows.tables import console, print_table
from synth.bind import written
from synth.models import models as manifest
from warehouse.home import Home
from warehouse.query import named, query
from warehouse.trace import trace as traced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from schemas import Claim, Extraction, Fact, Recording, Span, Subquestion
    from warehouse.query import Table as Answer
    from warehouse.trace import Trace

_VALUE = 120  # letters of a value: longer lists are for SQL


def sql(home_path: Path, statement: str) -> None:
    """Print an answer of the warehouse: a table on a terminal, CSV to a pipe."""
    answer = query(Home(home_path), statement)
    if sys.stdout.isatty():
        print_table(answer.columns, answer.rows)
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in answer.rows)


def status(home_path: Path) -> None:
    """Print what a home holds and what each run's filters dropped."""
    home = Home(home_path)
    _answer(named(home, "status"), "status")
    _answer(named(home, "yield"), "yield")


def summary(home_path: Path, run: str | None = None) -> None:
    """Print counts per stage and the yield per filter, of one run or of the latest."""
    home = Home(home_path)
    _answer(named(home, "status"), "what the home holds", drop=("what",), where=("what", "table"))
    table = named(home, "yield")
    of = table.columns.index("run")
    latest = run or next((str(row[of]) for row in table.rows), None)
    _answer(table, f"yield of run {latest}", drop=("run", "benchmark"), where=("run", latest))


def example(home_path: Path, benchmark: str) -> None:
    """Print the trace of the question that shows most: kept, and answered from its facts."""
    found = query(
        Home(home_path),
        "SELECT q.id FROM questions q JOIN trajectories t ON t.question = q.id"
        " WHERE q.benchmark = $benchmark"
        " ORDER BY t.kept DESC,"
        " len(list_filter(t.probes, lambda p: p.facts = 'given' AND p.right)) DESC,"
        " len(t.subquestions) DESC, q.source_id LIMIT 1",
        {"benchmark": benchmark},
    )
    if found.rows:
        trace(home_path, str(found.rows[0][0]))


def places(home_path: Path, exported: Path) -> None:
    """Print where things lie, and the SQL to look further."""
    home = Home(home_path)
    say = console().print
    say(f"\n[bold]DuckDB[/bold]   {escape(str(home.snapshot))}")
    say(f"[bold]dataset[/bold]  {escape(str(exported))}")
    say("         datasets.load_dataset(FOLDER, 'subquestions' | 'rl' | 'sft' | 'preference')")
    say("[bold]look further[/bold]")
    for statement in (
        "SELECT property, tier, count(*) FROM facts GROUP BY ALL ORDER BY ALL",
        "SELECT text, answer, tier FROM subquestions ORDER BY question, position",
        "SELECT filter, reason FROM rejections ORDER BY filter",
    ):
        say(f'  .venv/bin/synth sql --home {escape(str(home.path))} "{escape(statement)}"')


def trace(home_path: Path, question: str) -> None:
    """Print one question's way from recording to trajectory."""
    _print_trace(traced(Home(home_path), question))


def models() -> None:
    """Print the manifest of weights and which of them the cache holds."""
    rows = (
        (one.name, f"{one.size / 1e6:.0f}", "yes" if weights.held(one.name) else "no",
         one.licence, one.purpose)
        for one in manifest()
    )  # fmt: skip
    print_table(("name", "MB", "cached", "licence", "purpose"), rows, "models")


def _answer(
    answer: Answer,
    title: str,
    drop: Sequence[str] = (),
    where: tuple[str, str | None] | None = None,
) -> None:
    kept = [number for number, name in enumerate(answer.columns) if name not in drop]
    rows = answer.rows
    if where is not None:
        place = answer.columns.index(where[0])
        rows = tuple(row for row in rows if row[place] == where[1])
    columns = [answer.columns[number] for number in kept]
    print_table(columns, ([row[number] for number in kept] for row in rows), title)


def _print_trace(found: Trace) -> None:
    for heading, lines in _sections(found):
        console().print(Text(f"\n{heading}", style="bold"))
        for line in lines:
            console().print(Text(f"  {line}"), soft_wrap=True)


def _sections(found: Trace) -> Iterator[tuple[str, list[str]]]:
    question = found.question
    release = f"{question.benchmark} {question.release}, {question.id}"
    marked = (("*" if one == question.answer else "-") + f" {one}" for one in question.choices)
    yield f"question {question.source_id} ({release})", [question.text, *marked]
    yield "recordings", [_recording(one) for one in found.recordings]
    yield "extractions", [_extraction(one) for one in found.extractions]
    yield "facts", list(_facts(found.facts))
    yield "sub-questions", [line for one in found.subquestions for line in _subquestion(one)]
    for one in found.trajectories:
        state = "kept" if one.kept else "dropped"
        judged = f"facts {one.sufficiency}, audio dependence {one.audio_dependence}"
        yield f"trajectory of {one.teacher} ({state}; {judged})", one.completion.splitlines()
    judgements = {one.claim: one.judgement for one in found.verdicts}
    yield "claims", [_claim(one, judgements.get(one.id, "")) for one in found.claims]
    if found.rejections:
        yield "dropped", [f"{one.stage}, {one.filter}: {one.reason}" for one in found.rejections]


def _recording(recording: Recording) -> str:
    made = f", made by {recording.edit.name}" if recording.edit else ""
    form = f"{recording.sample_rate_hz} Hz, {recording.channels} channel(s)"
    return f"{recording.id[:12]}  {recording.duration_s:.2f} s, {form}{made}"


def _extraction(extraction: Extraction) -> str:
    reason = f": {extraction.reason}" if extraction.reason else ""
    return f"{extraction.extractor:<26} {extraction.outcome}{reason}"


def _subquestion(one: Subquestion) -> tuple[str, str]:
    wrong = " | ".join(one.distractors)
    about = f"{one.property}{_of(one.subject)}, {one.tier}; not: {wrong}"
    return f"{one.position + 1}. {one.text}", f"   {one.answer}   ({about})"


def _claim(claim: Claim, judgement: str) -> str:
    place = "" if claim.tagged else "   (in the text)"
    return f"{judgement:<13} {claim.property}{_of(claim.subject)}: {claim.said}{place}"


def _of(subject: str) -> str:
    return f" of {subject}" if subject else ""


def _facts(facts: Sequence[Fact]) -> Iterator[str]:
    """Write what is known line by line, and what is not there together, by who says so."""
    nothing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in facts:
        if one.state == "known":
            named = one.property + _of(one.subject) + _in(one.span)
            value = textwrap.shorten(written(one), _VALUE, placeholder=" ...")
            yield f"{named:<26} {value}   {_source(one)}"
        else:
            named = one.subject if one.property == "presence" else one.property
            nothing[one.state.replace("_", " "), _source(one)].append(named + _in(one.span))
    for (state, source), names in sorted(nothing.items()):
        yield f"{state:<26} {', '.join(names)}   {source}"


def _source(fact: Fact) -> str:
    note = f"   [{fact.note}]" if fact.note else ""
    return f"({fact.tier}: {', '.join(fact.witnesses)}){note}"


def _in(span: Span | None) -> str:
    return "" if span is None else f" in {span.start_s:g}-{span.end_s:g} s"
