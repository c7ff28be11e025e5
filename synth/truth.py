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
PRECISION: tuple[Precision, ...] = (
    Precision(
        property="duration",
        observations=1,
        right=256,
        total=256,
        source="samples counted after decoding against the container's own header (libsndfile), "
        "within 0.1 s, of 256 WAV, FLAC, Ogg and Opus files of Debian's asterisk-core-sounds, "
        "asterisk-moh-opsound, hedgewars-data, ktuberling-data and sonic-pi-samples",
    ),
    Precision(
        property="stereo_position",
        observations=1,
        right=70,
        total=70,
        source="speech and music of the same packages panned by 9.5 to 40 dB or not at all, in "
        "faint noise; nothing was said of 280 others: half way, wandering, alternating, or with "
        "another sound on either side",
    ),
    Precision(
        property="stereo_movement",
        observations=1,
        right=134,
        total=134,
        source="the same, 66 that wander from one side to the other and 68 that stay; nothing was "
        "said of 140 others: alternating, or with another sound on either side",
    ),
)

# Where witnesses that agree were measured to be wrong too often: their tier says single.
UNPROVEN: tuple[Precision, ...] = (
    Precision(
        property="beats",
        observations=2,
        right=57,
        total=74,
        source="constructed songs, loops and chorales of 10 to 30 s: clips on which more than nine "
        "in ten of the beats that two trackers share lie on a true one; the others are a level off",
    ),
)

# DESIGN, "Tiers": the lower bound of the measured precision must reach .9.
LEAST_PRECISION = 0.9
# Two-sided 95 % quantile of the normal distribution.
_Z = 1.959964


def is_proven(name: str) -> bool:
    """Whether the agreement of witnesses on a property counts as corroboration."""
    return all(row.property != name for row in UNPROVEN)


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
    """Lower end of the 95 % score interval of a share.

    Raises:
        ValueError: fewer than no cases, or more right ones than there are.
    """
    return interval(right, total)[0]


def interval(right: float, total: int) -> tuple[float, float]:
    """Both ends of the 95 % score interval of a share (Wilson 1927, JASA 22(158)).

    Cases may be right in part, as the share of a list's items that are.

    Raises:
        ValueError: fewer than no cases, or more right ones than there are.
    """
    if not 0 <= right <= total or total == 0:
        message = f"{right} right of {total}: expected 0 <= right <= total and total > 0"
        raise ValueError(message)
    share = right / total
    middle = share + _Z**2 / (2 * total)
    spread = _Z * math.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    within = 1 + _Z**2 / total
    return max(0.0, (middle - spread) / within), min(1.0, (middle + spread) / within)
