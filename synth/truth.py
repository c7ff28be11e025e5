"""Which facts count as truth: tiers, and the measured precision that a single witness needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How often a property's single-tier facts were right where the truth was known."""

    property: str
    observations: int
    """how many observations the measured facts rested on: both decoders, or one alone"""
    right: int
    total: int
    source: str
    """what was measured, on which recordings, against which truth"""


# One line for each measurement; a property that has none is never truth on a single witness.
PRECISION: tuple[Precision, ...] = ()

# DESIGN, "Tiers": the lower bound of the measured precision must reach .9.
LEAST_PRECISION = 0.9
# Two-sided 95 % quantile of the normal distribution.
_Z = 1.959964


def is_truth(fact: Fact) -> bool:
    """Whether a fact may be asked about, refute claims and be rewarded.

    Constructed and corroborated facts are. A single witness's is where it says what is there,
    rests on as many observations as were measured, and the measured precision is high enough.
    Contested ones never are, and what listeners agree on is told apart.
    """
    if fact.tier in {"constructed", "corroborated"}:
        return True
    if fact.tier != "single" or fact.state != "known":
        return False
    return any(
        row.property == fact.property
        and len(fact.observations) >= row.observations
        and lower_bound(row.right, row.total) >= LEAST_PRECISION
        for row in PRECISION
    )


def lower_bound(right: int, total: int) -> float:
    """Lower end of the 95 % score interval of a share (Wilson 1927, JASA 22(158)).

    Raises:
        ValueError: fewer than no cases, or more right ones than there are.
    """
    if not 0 <= right <= total or total == 0:
        message = f"{right} right of {total}: expected 0 <= right <= total and total > 0"
        raise ValueError(message)
    share = right / total
    middle = share + _Z**2 / (2 * total)
    spread = _Z * math.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    return (middle - spread) / (1 + _Z**2 / total)
