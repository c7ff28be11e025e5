"""What a set of responses comes to: accuracy twice, CAFE's rates, the decay, what it can teach."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean, pvariance
from typing import TYPE_CHECKING

from synth.decay import Point, curves
from synth.evaluated import SAME_REWARD, Accuracy, Decay, Perception, Report, Teaching
from synth.evaluation import KINDS, REVIEW
from synth.resampling import ratio, share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from synth.evaluated import Reading, Row
    from synth.evaluation import Heard
    from synth.resampling import Estimate


def report(rows: Sequence[Row]) -> Report:
    """Sum responses up."""
    heard = [one for one in rows if one.written is not None]
    readings: tuple[Reading, ...] = ("as written", "tags off") if any(
        one.tagged for one in heard
    ) else ("as written",)  # fmt: skip
    return Report(
        responses=len(rows),
        questions=len({one.question for one in rows}),
        unpredicted=sum(not one.predicted for one in rows),
        unanswered=sum(one.predicted and one.answer is None for one in rows),
        withheld=sum(one.gold is None for one in rows),
        without_facts=sum(not one.checks for one in rows),
        accuracy=tuple(_accuracies(rows)),
        perception=tuple(_perception(heard, reading) for reading in readings) if heard else (),
        decay=tuple(
            Decay(reading=reading, curves=curves(points))
            for reading in readings
            if (points := _points(heard, reading))
        ),
        teaching=_teaching(rows),
    )


# Accuracy ----------------------------------------------------------------------------------------


def _accuracies(rows: Sequence[Row]) -> list[Accuracy]:
    keys: dict[str, Callable[[Row], str]] = {
        "all": lambda _row: "",
        "benchmark": lambda row: row.benchmark,
        "task": lambda row: row.task,
        "skill": lambda row: row.skill,
        "difficulty": lambda row: row.difficulty,
    }
    scored = [one for one in rows if one.ours is not None]
    found = []
    for by, key in keys.items():
        groups: defaultdict[str, list[Row]] = defaultdict(list)
        for row in scored:
            groups[key(row)].append(row)
        if by == "all" or any(groups.keys() - {""}):
            found += [_accuracy(by, group, groups[group]) for group in sorted(groups)]
    return found


def _accuracy(by: str, group: str, rows: Sequence[Row]) -> Accuracy:
    return Accuracy(
        by=by,
        group=group,
        official=share(_by_question(
            rows, lambda row: (float(bool(row.official)), float(row.official is not None)))),
        ours=share(_by_question(rows, lambda row: (float(bool(row.ours)), 1.0))),
        skipped=sum(one.official is None for one in rows),
        differ=sum(differs(one) for one in rows),
    )  # fmt: skip


def differs(row: Row) -> bool:
    """Say whether the two rules call an answer differently."""
    return row.official is not None and row.official != row.ours


# Perception --------------------------------------------------------------------------------------


def _heard(row: Row, reading: Reading) -> Heard | None:
    return row.plain if reading == "tags off" and row.tagged else row.written


def _perception(rows: Sequence[Row], reading: Reading) -> Perception:
    counted = [(row, _counts(heard)) for row in rows if (heard := _heard(row, reading))]
    total: defaultdict[str, int] = defaultdict(int)
    for _, counts in counted:
        for name, count in counts.items():
            total[name] += count

    def rate(above: tuple[str, ...], below: tuple[str, ...]) -> Estimate:
        parts: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for row, counts in counted:
            parts[row.question][0] += sum(counts[name] for name in above)
            parts[row.question][1] += sum(counts[name] for name in below)
        return share([(one, all_) for one, all_ in parts.values()])

    return Perception(
        reading=reading,
        responses=len(counted),
        matched=total["matched"],
        misused=total["misused"],
        misused_by={by: total[f"misused by {by}"] for by in ("span", "source", "order")},
        hallucinated=total["hallucinated"],
        neutral=total["neutral"],
        required=total["required"],
        missed=total["missed"],
        rates={
            "precision": rate(("matched",), ("matched", "hallucinated", "misused")),
            "recall": rate(("recalled",), ("required",)),
            "Acc_per": rate(("matched",), KINDS),
            "Err_per": rate(("hallucinated",), KINDS),
            "Err_use": rate(("misused",), KINDS),
            "unverifiable": rate(("neutral",), KINDS),
            "Err_omit": rate(("missed",), ("required",)),
        },
    )


def _counts(heard: Heard) -> Mapping[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for one in heard.told:
        if not one.first:
            continue
        counts[one.kind] += 1
        if one.misused:
            counts[f"misused by {one.misused}"] += 1
    counts["required"], counts["missed"] = heard.required, heard.missed
    counts["recalled"] = heard.required - heard.missed
    return counts


def _points(rows: Sequence[Row], reading: Reading) -> list[Point]:
    return [
        Point(
            question=row.question,
            stratum=f"{row.difficulty} / {row.task} / {row.skill}",
            true=one.alone == "matched",
            position=one.position,
            step=None if one.step == REVIEW else one.step,
            words=heard.words,
        )
        for row in rows
        if (heard := _heard(row, reading))
        for one in heard.told
        if one.alone != "neutral"
    ]


# Teaching ----------------------------------------------------------------------------------------


def _teaching(rows: Sequence[Row]) -> Teaching:
    known = {one.question: one for one in rows if one.checks}
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for one in rows:
        if one.score is not None:
            groups[one.question].append(one.score.total)
    variances = [pvariance(rewards) for rewards in groups.values() if len(rewards) > 1]
    return Teaching(
        questions=len(known),
        required=ratio([(float(one.required), 1.0) for one in known.values()]),
        nontrivial_required=ratio(
            [(float(one.nontrivial_required), 1.0) for one in known.values()]
        ),
        checks=ratio([(float(one.checks), 1.0) for one in known.values()]),
        nontrivial=ratio([(float(one.nontrivial), 1.0) for one in known.values()]),
        without_nontrivial=sum(not one.nontrivial_required for one in known.values()),
        groups=len(variances),
        reward=ratio([(sum(rewards), float(len(rewards))) for rewards in groups.values()]),
        variance=fmean(variances) if variances else None,
        flat=share([(float(one <= SAME_REWARD), 1.0) for one in variances]),
    )


def _by_question(
    rows: Sequence[Row], part: Callable[[Row], tuple[float, float]]
) -> list[tuple[float, float]]:
    parts: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        above, below = part(row)
        parts[row.question][0] += above
        parts[row.question][1] += below
    return [(above, below) for above, below in parts.values()]
