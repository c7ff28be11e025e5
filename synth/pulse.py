"""How well onsets repeat beat by beat, and whether another beat would fit them better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.errors import Abstained

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONGEST = 0.75  # of the recording: at longer lags too little overlaps to say what repeats


@dataclass(frozen=True, slots=True, eq=False)
class Pulse:
    """The autocorrelation of an onset function, 1 at lag 0, without bias; lags in frames."""

    by_lag: NDArray[np.float64]
    frames_per_s: float

    def repeats(self, period_s: float) -> float:
        """How well the onsets repeat after that long, -1 to 1; -1 where it is too long to say."""
        lag = round(period_s * self.frames_per_s)
        if lag + 1 >= _LONGEST * len(self.by_lag):
            return -1.0
        return float(self.by_lag[max(1, lag - 1) : lag + 2].max())

    def strength(self, bpm: float) -> float:
        """How well the onsets repeat after two, three or four beats."""
        return max(self.repeats(beats * 60 / bpm) for beats in (2, 3, 4))


def pulse(onsets: NDArray[np.float64], frames_per_s: float) -> Pulse:
    """Correlate an onset function, shape (frames,), with itself."""
    import numpy as np  # noqa: PLC0415 - rewards must import without numpy

    centred = np.asarray(onsets, dtype=np.float64) - np.mean(onsets)
    n = len(centred)
    by_lag = np.fft.irfft(np.abs(np.fft.rfft(centred, 2 * n)) ** 2)[:n]
    if by_lag[0] <= 0:
        raise Abstained("no steady beat: there are no onsets")
    return Pulse(by_lag / by_lag[0] * n / (n - np.arange(n)), frames_per_s)


def is_dotted(heard: Pulse, bpm: float) -> bool:
    """Whether the onsets repeat better in bars of a beat half as fast again.

    In bossa nova, tresillo and breakbeats most onsets are a beat and a half apart; trackers take
    that for the beat. Four or eight true beats are then 8/3 or 16/3 of theirs.
    """
    return max(heard.repeats(beats * 60 / bpm) for beats in (8 / 3, 16 / 3)) > heard.strength(bpm)


def refuse_dotted(heard: Pulse, bpm: float) -> None:
    """Abstain where a beat half as fast again fits the onsets better."""
    if is_dotted(heard, bpm):
        message = (
            f"no one tempo: the onsets repeat better in bars of {bpm * 1.5:.1f} bpm "
            f"than of {bpm:.1f}"
        )
        raise Abstained(message)
