"""The decay curve: how true claims are by where they stand and by how long the text is.

A point is one telling of a claim that facts judge: true (matched) or not (hallucinated, misused).
Hard questions make long texts and false claims both, so difficulty is held: a question is compared
with itself alone. The slope is a within-question regression (fixed effects; Wooldridge 2010,
Econometric Analysis of Cross Section and Panel Data, 10.5), the curve the same regression on bins,
brought to the mean of all points. Where every question was answered once, all its claims stand in a
text of one length: length is then compared within the benchmark's difficulty, task and skill.

Intervals are bootstrapped over questions. Standard library only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from synth.resampling import Estimate, draws, percentiles, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TINY = 1e-9


class Point(NamedTuple):
    """One judged claim."""

    question: str
    stratum: str
    """what is held where a question cannot be compared with itself"""
    true: bool
    position: float
    """0..1 of the reasoning"""
    step: int | None
    """0: before the first step; None: in the review"""
    words: int
    """of the whole text"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One stretch of a curve."""

    label: str
    claims: int
    true: float | None
    """share, as counted"""
    held: float | None
    """share with difficulty held; None where no question spans this bin and another"""
    low: float | None
    high: float | None
    """95 % interval of `held`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Claim truth along one axis."""

    axis: str
    unit: str
    """what the slope is of"""
    held: str
    """what was held: "question", "difficulty, task and skill", or "nothing" """
    bins: tuple[Bin, ...]
    slope: Estimate
    """change of the share of true claims per unit, difficulty held; None where fewer than two
    questions tell of it, without an interval where all resamples agree"""


def curves(points: Sequence[Point]) -> tuple[Curve, ...]:
    """Draw the curves over position, step and length."""
    stepped = [one for one in points if one.step is not None]
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for one in points:
        lengths[one.question].add(one.words)
    rolled = any(len(found) > 1 for found in lengths.values())
    strata = {one.stratum for one in points}
    within = (
        "question" if rolled else "difficulty, task and skill" if len(strata) > 1 else "nothing"
    )
    return (
        _curve(points, _Axis("position", "the whole reasoning", lambda one: one.position, _FIFTHS),
               "question"),
        _curve(stepped, _Axis("step", "a step", lambda one: float(one.step or 0), _STEPS),
               "question"),
        _curve(points, _Axis("length", "100 words", lambda one: one.words / 100, _LENGTHS),
               within),
    )  # fmt: skip


class _Axis(NamedTuple):
    name: str
    unit: str
    at: Callable[[Point], float]
    edges: tuple[tuple[str, float], ...]
    """each bin's label and where it begins"""


_FIFTHS = (("first fifth", 0.0), ("second", 0.2), ("third", 0.4), ("fourth", 0.6), ("last", 0.8))
_STEPS = (
    ("perception", 0.0), ("1", 1.0), ("2", 2.0), ("3", 3.0), ("4", 4.0), ("5", 5.0),
    ("6 on", 6.0),
)  # fmt: skip
# Doublings: what a policy writes ranges over orders of magnitude.
_LENGTHS = (
    ("under 64", 0.0), ("64-127", 0.64), ("128-255", 1.28), ("256-511", 2.56), ("512-1023", 5.12),
    ("1024 and on", 10.24),
)  # fmt: skip


def _curve(points: Sequence[Point], axis: _Axis, held: str) -> Curve:
    groups = [_group(one, held) for one in points]
    return Curve(
        axis=axis.name,
        unit=axis.unit,
        held=held,
        bins=_bins(points, groups, axis),
        slope=_slope(points, groups, axis),
    )


def _group(point: Point, held: str) -> str:
    if held == "question":
        return point.question
    return point.stratum if held != "nothing" else ""


def _slope(points: Sequence[Point], groups: Sequence[str], axis: _Axis) -> Estimate:
    """Regress truth on the axis within groups: the sum of cross products over that of squares."""
    x = _within([axis.at(one) for one in points], groups)
    y = _within([float(one.true) for one in points], groups)
    by_question: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one, across, up in zip(points, x, y, strict=True):
        by_question[one.question][0] += across * up
        by_question[one.question][1] += across * across
    found = ratio([(xy, xx) for xy, xx in by_question.values() if xx > _TINY])
    if found.questions == 1:
        return replace(found, value=None)  # one question's slope is no curve
    return found if found.low != found.high else replace(found, low=None, high=None)


def _within(values: Sequence[float], groups: Sequence[str]) -> list[float]:
    """Take each group's mean from its values."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for value, group in zip(values, groups, strict=True):
        sums[group][0] += value
        sums[group][1] += 1
    return [
        value - sums[group][0] / sums[group][1] for value, group in zip(values, groups, strict=True)
    ]


# Bins --------------------------------------------------------------------------------------------


def _bins(points: Sequence[Point], groups: Sequence[str], axis: _Axis) -> tuple[Bin, ...]:
    if not points:
        return ()
    starts = [start for _, start in axis.edges]
    placed = [_place(axis.at(one), starts) for one in points]
    used = sorted(set(placed))
    columns, size = _columns(points, groups, placed, used), len(used)
    questions = len({one.question for one in points})
    held = _levels(_summed(columns, range(questions), size))
    bands = [_levels(_summed(columns, drawn, size)) for drawn in draws(questions)]
    rows = []
    for at, place in enumerate(used):
        here = [one.true for one, where in zip(points, placed, strict=True) if where == place]
        level = held[at]
        found = [band[at] for band in bands]
        low, high = percentiles([one for one in found if one is not None])
        known = level is not None and low != high  # resamples that all agree know no doubt
        rows.append(
            Bin(
                label=axis.edges[place][0],
                claims=len(here),
                true=sum(here) / len(here),
                held=level,
                low=low if known else None,
                high=high if known else None,
            )
        )
    return tuple(rows)


def _place(value: float, starts: Sequence[float]) -> int:
    return max(at for at, start in enumerate(starts) if value >= start - _TINY)


class _Moments(NamedTuple):
    """The sums that the regression on bins rests on, over some questions."""

    squares: list[list[float]]
    products: list[float]
    counts: list[float]
    true: float


def _columns(
    points: Sequence[Point], groups: Sequence[str], placed: Sequence[int], used: Sequence[int]
) -> list[list[float]]:
    """Add up each question's moments: a column for each, a row for each question."""
    dummies = [_within([float(place == one) for place in placed], groups) for one in used]
    truth = _within([float(one.true) for one in points], groups)
    sums: dict[str, list[float]] = {}
    for at, one in enumerate(points):
        row = [dummy[at] for dummy in dummies]
        moments = (
            *(left * right for left in row for right in row),
            *(left * truth[at] for left in row),
            *(float(placed[at] == place) for place in used),
            float(one.true),
        )
        mine = sums.setdefault(one.question, [0.0] * len(moments))
        for place, moment in enumerate(moments):
            mine[place] += moment
    return [list(column) for column in zip(*sums.values(), strict=True)]


def _summed(columns: Sequence[Sequence[float]], drawn: Sequence[int], size: int) -> _Moments:
    sums = [sum(map(column.__getitem__, drawn)) for column in columns]
    square = size * size
    return _Moments(
        squares=[sums[at : at + size] for at in range(0, square, size)],
        products=sums[square : square + size],
        counts=sums[square + size : square + 2 * size],
        true=sums[-1],
    )


def _levels(whole: _Moments) -> list[float | None]:
    """Give each bin's share of truth, difficulty held, so that their mean is that of all points.

    None for a bin that no group has beside another: nothing there is compared with itself.
    """
    total = sum(whole.counts)
    joined = _joined(whole.squares)
    if len(joined) < 2:
        return [None] * len(whole.counts)
    first, *others = joined
    effects = _solved(
        [[whole.squares[i][j] for j in others] for i in others],
        [whole.products[i] for i in others],
    )
    if effects is None:
        return [None] * len(whole.counts)
    effect = {first: 0.0, **dict(zip(others, effects, strict=True))}
    here = sum(whole.counts[at] for at in joined)
    mean = sum(effect[at] * whole.counts[at] for at in joined) / here
    level = whole.true / total
    return [
        min(1.0, max(0.0, level + effect[at] - mean)) if at in effect else None
        for at in range(len(whole.counts))
    ]


def _joined(squares: Sequence[Sequence[float]]) -> list[int]:
    """Find the largest set of bins that groups tie together."""
    left, best = set(range(len(squares))), list[int]()
    while left:
        reached, waiting = set[int](), [min(left)]
        while waiting:
            at = waiting.pop()
            if at not in reached:
                reached.add(at)
                waiting += [to for to in left if to != at and abs(squares[at][to]) > _TINY]
        left -= reached
        best = max(best, sorted(reached), key=len)
    return best


def _solved(matrix: list[list[float]], right: list[float]) -> list[float] | None:
    """Solve a small symmetric system by elimination; None where it has no single solution."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(rows[row][at]))
        if abs(rows[pivot][at]) < _TINY:
            return None
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for below in range(at + 1, size):
            factor = rows[below][at] / rows[at][at]
            rows[below] = [
                one - factor * top for one, top in zip(rows[below], rows[at], strict=True)
            ]
    found = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][to] * found[to] for to in range(at + 1, size))
        found[at] = (rows[at][size] - known) / rows[at][at]
    return found
