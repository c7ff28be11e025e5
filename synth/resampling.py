"""Bootstrap intervals over questions: whole questions are drawn, with all that belongs to them.

Standard library, seeded: the same numbers in give the same interval out.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from synth.truth import interval

RESAMPLES = 1000
"""Efron and Tibshirani 1993, An Introduction to the Bootstrap: 1,000 or more for percentiles"""
_SEED = 0
_TAIL = 0.025

Parts = Sequence[tuple[float, float]]
"""A question's share of a ratio: of the numerator, of the denominator"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A ratio over questions with its 95 % interval; None where nothing bears on it."""

    value: float | None
    low: float | None
    high: float | None
    of: float
    """the whole denominator"""
    questions: int
    """how many have a part in it"""


def share(parts: Parts) -> Estimate:
    """Estimate a share, 0..1, with a percentile bootstrap interval over questions.

    Where all is right or all wrong the bootstrap knows no doubt: there the interval is Wilson's, of
    as many trials as there are questions. Where resamples all agree otherwise, there is none.
    """
    found = ratio(parts)
    if found.low == found.high and found.value not in {None, 0.0, 1.0}:
        return replace(found, low=None, high=None)
    if found.value in {0.0, 1.0}:
        low, high = interval(found.value * found.questions, found.questions)
        return _estimate(found.value, low, high, parts)
    return found


def ratio(parts: Parts) -> Estimate:
    """Estimate the ratio of two sums over questions, with a percentile bootstrap interval."""
    bear = [part for part in parts if part != (0, 0)]
    whole = sum(below for _, below in bear)
    if not whole:
        return _estimate(None, None, None, bear)
    above, below = [part[0] for part in bear], [part[1] for part in bear]
    found = []
    for drawn in draws(len(bear)):
        denominator = sum(map(below.__getitem__, drawn))
        if denominator:
            found.append(sum(map(above.__getitem__, drawn)) / denominator)
    low, high = percentiles(found) if len(bear) > 1 else (None, None)
    return _estimate(sum(above) / whole, low, high, bear)


@lru_cache(maxsize=4)
def draws(count: int) -> tuple[array[int], ...]:
    """Draw as many places as there are, with repetition, `RESAMPLES` times."""
    chance = random.Random(_SEED)
    return tuple(array("L", chance.choices(range(count), k=count)) for _ in range(RESAMPLES))


def percentiles(found: Sequence[float]) -> tuple[float | None, float | None]:
    """Give both ends of the middle 95 %."""
    if not found:
        return None, None
    ranked = sorted(found)
    last = len(ranked) - 1
    return ranked[round(_TAIL * last)], ranked[round((1 - _TAIL) * last)]


def _estimate(value: float | None, low: float | None, high: float | None, parts: Parts) -> Estimate:
    bear = [part for part in parts if part != (0, 0)]
    return Estimate(
        value=value, low=low, high=high, of=sum(below for _, below in bear), questions=len(bear)
    )
