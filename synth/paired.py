"""An exact interval for paired yes-or-no outcomes."""

from __future__ import annotations

import math


def favours(better: int, worse: int, confidence: float = 0.95) -> tuple[float, float]:
    """Bound the chance that a pair which differs differs for the better.

    Clopper and Pearson 1934, Biometrika 26(4), on the discordant pairs alone, as McNemar's exact
    test takes them: pairs that agree say nothing of the direction. Without any, (0, 1).
    """
    tail = (1 - confidence) / 2
    pairs = better + worse
    return _lower(better, pairs, tail), 1 - _lower(worse, pairs, tail)


def _lower(successes: int, trials: int, tail: float) -> float:
    """Find the chance at which so many successes, or more, are as rare as `tail`."""
    low, high = 0.0, 1.0
    for _ in range(50 if successes else 0):  # halving 50 times leaves no error that a float shows
        middle = (low + high) / 2
        rare = _at_least(successes, trials, middle) < tail
        low, high = (middle, high) if rare else (low, middle)
    return low


def _at_least(successes: int, trials: int, chance: float) -> float:
    return sum(
        math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k)
        for k in range(successes, trials + 1)
    )
