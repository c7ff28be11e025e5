"""Where a spectrum ends: shared rule for spectra that are measured differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

_EDGE_DB = threshold("bandwidth", "edge_db")
_GONE_DB = threshold("bandwidth", "gone_db")
_NO_EDGE_DB = threshold("bandwidth", "no_edge_db")
_LOWEST_HZ = threshold("bandwidth", "lowest_hz")
_HELD_DB = threshold("bandwidth", "held_db")

_BAND = 2 ** (1 / 6)  # what is compared: the sixth of an octave below, and all that is above
_SKIRT = 2 ** (1 / 24)  # half the width that an edge may have
_SMOOTH_HZ = 100.0  # a whistle is narrower, what fills a band is not
_TOP = 0.97  # of the Nyquist frequency: resampling filters fall off above

VERSION = digest("bandwidth")


def highest(frequency: Floats, decibels: Floats) -> Measurement:
    """Find the frequency at which a spectrum ends, in Hz.

    That is a steep edge beneath which there is sound and above which there is none; or, where
    there is no edge at all and the topmost band holds sound, half the sample rate.

    Args:
        frequency: of each bin in Hz, ascending from 0 to half the sample rate.
        decibels: of each bin, relative to anything.

    Raises:
        Abstained: the spectrum fades out gradually, or ends too low to be an edge.
    """
    nyquist = float(frequency[-1])
    smooth = _smoothed(decibels, max(1, round(_SMOOTH_HZ / (frequency[1] - frequency[0]))))
    top = smooth[frequency <= nyquist * _TOP]
    above = np.maximum.accumulate(top[::-1])[::-1]  # the loudest at or above each bin
    drops = np.full(len(top), -np.inf)
    for at in np.flatnonzero(frequency[: len(top)] >= _LOWEST_HZ):
        centre = frequency[at]
        low, high, beyond = np.searchsorted(
            frequency, (centre / _BAND, centre / _SKIRT, centre * _SKIRT)
        )
        if beyond < len(top) and high > low:
            drops[at] = np.median(smooth[low:high]) - above[beyond]
    best = float(drops.max(initial=-np.inf))
    if best >= _EDGE_DB:
        steepest = int(drops.argmax())
        near = np.abs(np.log2(np.maximum(frequency[: len(top)], 1) / frequency[steepest])) < 1 / 6
        beneath = np.median(top[near & (frequency[: len(top)] <= frequency[steepest] / _SKIRT)])
        gone = beneath - min(best / 2, _GONE_DB)
        edge = float(frequency[: len(top)][near & (top >= gone)].max())
        return Measurement(property="bandwidth", value=Value(number=edge))
    held = np.median(smooth[(frequency >= nyquist / _BAND) & (frequency <= nyquist * _TOP)])
    if best < _NO_EDGE_DB and held >= smooth.max() - _HELD_DB:
        return Measurement(property="bandwidth", value=Value(number=nyquist))
    message = f"no clear edge: the steepest falls by {best:.0f} dB, needs {_EDGE_DB:g} dB"
    raise Abstained(message)


def _smoothed(decibels: Floats, bins: int) -> Floats:
    padded = np.pad(decibels, (bins // 2, bins - 1 - bins // 2), mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, bins), axis=-1))
