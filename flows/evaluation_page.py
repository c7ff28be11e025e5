"""An evaluation as a person reads it: tables on stdout."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

from flows.tables import console, print_table
from synth.evaluated import RATES, TRIVIAL_PRIOR
from synth.evaluation_report import differs
from synth.official import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flows.evaluate import Evaluated
    from synth.decay import Curve
    from synth.evaluated import Accuracy, Perception, Report, Row, Teaching
    from synth.resampling import Estimate

_MOST_SHOWN = 8  # rows of differences, of refusals: all are in the files
_CELL = 44  # letters


def show(found: Evaluated) -> None:
    """Print what an evaluation found."""
    report = found.report
    _say(_heading(found))
    _answers(report)
    _differences(found.rows)
    if report.perception:
        print_table(
            ("claims", *(one.reading for one in report.perception)),
            _perception(report.perception),
            "what responses claim of the sound (95 % intervals: bootstrap over questions)",
        )
    for decay in report.decay:
        title = f"truth of claims, {decay.reading}: neutral claims left out, difficulty held"
        print_table(
            ("by", "where", "claims", "true", "difficulty held", "slope"),
            (row for curve in decay.curves for row in _curve(curve)),
            title,
        )
    _taught(report.teaching)
    _refused(found)


def _heading(found: Evaluated) -> list[str]:
    report = found.report
    lines = [f"{report.responses} responses to {report.questions} questions"]
    for count, what in (
        (len(found.refused), "rows refused: below, and in refused.jsonl"),
        (report.unpredicted, "rows without a prediction: skipped officially, wrong by ours"),
        (report.unanswered, "completions without exactly one <answer>: wrong"),
        (report.withheld, "answers withheld by the benchmark: in no accuracy"),
        (report.without_facts, "responses to questions without facts: claims not judged"),
        (sum(bool(one.note) for one in found.rows), "rows with a note: rows.jsonl"),
    ):
        lines += [f"{count} {what}"] if count else []
    return lines


def _answers(report: Report) -> None:
    if not report.accuracy:
        return
    print_table(
        ("by", "group", "official rule", "ours", "questions", "skipped", "differ"),
        (_accuracy(one) for one in report.accuracy),
        f"accuracy (official rule: {SOURCES['mmau']}; MMAR's is the same)",
    )


def _accuracy(one: Accuracy) -> tuple[object, ...]:
    return (
        one.by, one.group or "-", _share(one.official), _share(one.ours), one.ours.questions,
        one.skipped, one.differ,
    )  # fmt: skip


def _differences(rows: Sequence[Row]) -> None:
    found = [one for one in rows if differs(one)]
    if not found:
        return
    shown = found[:_MOST_SHOWN]
    print_table(
        ("where", "question", "official", "ours", "answer", "gold"),
        ((one.place, one.source_id, _right(one.official), _right(one.ours),
          _short(one.answer), _short(one.gold)) for one in shown),
        f"where the rules differ: {len(shown)} of {len(found)} (all: differences.jsonl)",
    )  # fmt: skip


def _perception(found: Sequence[Perception]) -> Iterator[tuple[object, ...]]:
    yield ("responses", *(one.responses for one in found))
    for name in ("matched", "misused", "hallucinated", "neutral", "required", "missed"):
        counts = [str(getattr(one, name)) for one in found]
        if name == "misused":
            counts = [
                f"{count} ({', '.join(f'{by} {n}' for by, n in one.misused_by.items())})"
                for count, one in zip(counts, found, strict=True)
            ]
        yield (name, *counts)
    for name, meaning in RATES.items():
        yield (f"{name} = {meaning}", *(_share(one.rates[name]) for one in found))


def _curve(curve: Curve) -> Iterator[tuple[object, ...]]:
    for at, one in enumerate(curve.bins):
        held = _percent(one.held)
        if one.low is not None and one.high is not None:
            held += f"  [{_percent(one.low)}, {_percent(one.high)}]"
        slope = _slope(curve) if not at else ""
        yield ("" if at else curve.axis, one.label, one.claims, _percent(one.true), held, slope)


def _slope(curve: Curve) -> str:
    if curve.slope.value is None:
        return f"none: too little to compare (held: {curve.held})"
    return f"{_points(curve.slope)} points over {curve.unit} (held: {curve.held})"


def _taught(found: Teaching) -> None:
    if not found.questions:
        return
    rows = [
        ("questions with facts", str(found.questions)),
        ("required checks a question", _number(found.required)),
        (f"  of them non-trivial (prior under {TRIVIAL_PRIOR:g}: a constant guess is mostly wrong)",
         _number(found.nontrivial_required)),
        ("known checks a question, context included", _number(found.checks)),
        ("  of them non-trivial", _number(found.nontrivial)),
        ("questions without a required check that is non-trivial", str(found.without_nontrivial)),
        ("mean reward", _number(found.reward)),
        ("groups (questions with two rollouts or more)", str(found.groups)),
        ("variance of reward within a group, mean",
         "-" if found.variance is None else f"{found.variance:.4f}"),
        ("groups without variance: nothing to learn (DAPO, arXiv 2503.14476)",
         _share(found.flat)),
    ]  # fmt: skip
    print_table(("what these responses can teach", ""), rows)


def _refused(found: Evaluated) -> None:
    lines = [f"refused, {one.place}: {one.reason}" for one in found.refused]
    lines += [f"extractor, copy refused: {why}" for why in found.copies_refused]
    lines += [f"extractor, no usable reply: {why}" for why in found.copies_failed]
    _say(lines[:_MOST_SHOWN])
    if len(lines) > _MOST_SHOWN:
        _say([f"... and {len(lines) - _MOST_SHOWN} more"])


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        console().print(Text(line), soft_wrap=True)


def _share(found: Estimate) -> str:
    if found.value is None:
        return "-"
    return _percent(found.value) + (
        f"  [{_percent(found.low)}, {_percent(found.high)}]" if found.low is not None else ""
    )


def _points(found: Estimate) -> str:
    value = f"{100 * (found.value or 0.0):+.1f}"
    if found.low is None or found.high is None:
        return value
    return f"{value}  [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


def _number(found: Estimate) -> str:
    if found.value is None:
        return "-"
    between = f"  [{found.low:.2f}, {found.high:.2f}]" if found.low is not None else ""
    return f"{found.value:.2f}{between}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _right(found: bool | None) -> str:  # noqa: FBT001 - a cell
    return {True: "right", False: "wrong", None: "-"}[found]


def _short(text: str | None) -> str:
    if text is None:
        return "(none)"
    return textwrap.shorten(text, _CELL, placeholder=" ...") or repr(text)
