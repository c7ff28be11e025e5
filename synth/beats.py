"""Beats as facts: their times, the tempo that they keep, and whether it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import Item, Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.thresholds import threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Times = NDArray[np.float64]

_DRIFT = threshold("beats", "drift")
_STEADY = threshold("beats", "steady")
_CHANGED = threshold("beats", "changed")
_FEWEST = 12  # four in each third of the recording
_SPAN = 4  # beats: single ones are known to a frame only, 5 % of a beat at 120 bpm


@dataclass(frozen=True, slots=True, kw_only=True)
class Thirds:
    """The tempo of the first, second and last third of the beats, in beats per minute."""

    first: float
    middle: float
    last: float

    @property
    def spread(self) -> float:
        """By how much the fastest third is faster than the slowest, as a share."""
        return max(self.first, self.middle, self.last) / min(self.first, self.middle, self.last) - 1


def beats_heard(times_s: Times, confidence: float) -> Measurement:
    """List the beats, each a moment."""
    moments = [round(float(time), 3) for time in times_s if time >= 0]
    items = tuple(Item(label="beat", start_s=moment, end_s=moment) for moment in moments)
    if not items:
        raise Abstained("no beats found")
    return Measurement(property="beats", value=Value(items=items), confidence=confidence)


def refuse_drift(times_s: Times) -> None:
    """Abstain where the beats keep no one tempo."""
    thirds = tempo_by_thirds(times_s)
    if thirds.spread > _DRIFT:
        message = (
            f"no one tempo: the beats run at {thirds.first:.1f}, then {thirds.middle:.1f}, "
            f"then {thirds.last:.1f} bpm"
        )
        raise Abstained(message)


def tempo_change_heard(times_s: Times, confidence: float) -> Measurement:
    """Tell "faster", "slower" or "steady".

    Raises:
        Abstained: too few beats, or a change that is neither none nor clear.
    """
    thirds = tempo_by_thirds(times_s)
    low, high = sorted((thirds.first, thirds.last))
    if thirds.spread <= _STEADY:
        change = "steady"
    elif high / low - 1 >= _CHANGED and low < thirds.middle < high:
        change = "faster" if thirds.last > thirds.first else "slower"
    else:
        message = f"the thirds differ by {thirds.spread:.1%}: neither steady nor a clear change"
        raise Abstained(message)
    return Measurement(property="tempo_change", value=Value(text=change), confidence=confidence)


def tempo_by_thirds(times_s: Times) -> Thirds:
    """Measure the tempo of each third of the beats.

    Raises:
        Abstained: too few beats.
    """
    if len(times_s) < _FEWEST:
        message = f"no steady beat: {len(times_s)} beats, a tempo needs {_FEWEST}"
        raise Abstained(message)
    third = len(times_s) // 3
    return Thirds(
        first=_bpm(times_s[: third + 1]),
        middle=_bpm(times_s[third:-third]),
        last=_bpm(times_s[-third - 1 :]),
    )


def _bpm(times_s: Times) -> float:
    """Median over a few beats at a time: one slip of the tracker does not move it."""
    import numpy as np  # noqa: PLC0415 - rewards must import without numpy

    step = min(_SPAN, len(times_s) - 1)
    return 60 * step / float(np.median(times_s[step:] - times_s[:-step]))
