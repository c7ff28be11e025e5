"""Whether a quantity rises, falls or stays level over a recording, by the ranks of its parts.

Kendall's tau between the parts' order and their values (Kendall 1938, Biometrika 30): noise, and
anything that goes up and down, has a small one. Between "changes" and "stays" lies a wide band in
which nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from schemas.errors import Abstained
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS = int(threshold("trend", "parts"))
_ORDERED = threshold("trend", "ordered")
_ONE_STEP = threshold("trend", "one_step")

VERSION = digest("trend")


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What counts as a change of a quantity, in its own unit."""

    changed: float
    """least difference between the last and the first quarter"""
    level: float
    """most difference between any two parts of what stays level"""
    unit: str
    stays: str
    """the word for what does not change"""


def direction(parts: Sequence[float], steps: Steps) -> str:
    """Tell which way a quantity goes, from its values in equal parts of the recording.

    Raises:
        Abstained: it changes, but neither far nor steadily enough to be called so.
    """
    spread = max(parts) - min(parts)
    if spread <= steps.level:
        return steps.stays
    quarter = max(1, len(parts) // 4)
    change = (sum(parts[-quarter:]) - sum(parts[:quarter])) / quarter
    order = tau(parts)
    if abs(change) < steps.changed or abs(order) < _ORDERED or change * order < 0:
        message = (
            f"no clear trend: {change:+.1f} {steps.unit} from the first to the last quarter, "
            f"parts within {spread:.1f}, tau {order:+.2f}"
        )
        raise Abstained(message)
    if max(abs(one - other) for one, other in pairwise(parts)) > _ONE_STEP * abs(change):
        message = f"no clear trend: one step makes most of the change of {change:+.1f}"
        raise Abstained(message)
    return "rising" if change > 0 else "falling"


def tau(parts: Sequence[float]) -> float:
    """Kendall's tau-a of values against their order, -1 (falling) to 1 (rising)."""
    n = len(parts)
    signs = sum(
        (parts[later] > parts[earlier]) - (parts[later] < parts[earlier])
        for earlier in range(n)
        for later in range(earlier + 1, n)
    )
    return 2 * signs / (n * (n - 1))
