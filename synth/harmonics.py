"""How much of a sound the harmonics of one pitch explain: whether a single voice is heard.

A comb on the spectrum, as in Schroeder 1968, "Period histogram and product spectrum", JASA 43(4),
but counted in energy and beyond chance: a comb of low pitch covers much of any spectrum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from synth.audio import Samples

_FRAME_S = 0.128  # the main lobe of its Hann window is narrower than half the lowest pitch
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 4000.0  # where voices and melodies have nearly all their energy
_LOBE_BINS = 2.0  # half width of the Hann window's main lobe
_DRIFT = 0.005  # of the frequency: what a gliding voice moves within half a frame
_BATCH = 512  # frames at a time


def explained(
    samples: Samples, sample_rate_hz: int, times_s: NDArray[np.float64], hertz: NDArray[np.float64]
) -> float:
    """Tell the share of energy at harmonics beyond chance, 0 for noise to 1 for one voice.

    The mean over frames centred at `times_s` in which the pitch is `hertz`.
    """
    size = round(_FRAME_S * sample_rate_hz)
    padded = np.pad(samples, size // 2)
    cut = np.lib.stride_tricks.sliding_window_view(padded, size)
    at = np.minimum((times_s * sample_rate_hz).astype(int), len(cut) - 1)
    shares = [
        _shares(cut[at[start : start + _BATCH]], sample_rate_hz, hertz[start : start + _BATCH])
        for start in range(0, len(at), _BATCH)
    ]
    return float(np.concatenate(shares).mean())


def _shares(
    framed: Samples, sample_rate_hz: int, hertz: NDArray[np.float64]
) -> NDArray[np.float64]:
    size = framed.shape[1]
    energy = np.abs(np.fft.rfft(framed * np.hanning(size), axis=1)) ** 2
    frequency = np.arange(energy.shape[1]) * sample_rate_hz / size
    inside = (frequency >= _LOWEST_HZ) & (frequency <= _HIGHEST_HZ)
    energy, frequency = energy[:, inside], frequency[inside]
    number = np.maximum(1, np.round(frequency / hertz[:, None]))
    away = np.abs(frequency - number * hertz[:, None])
    tooth = away <= _LOBE_BINS * sample_rate_hz / size + _DRIFT * frequency
    share = (energy * tooth).sum(axis=1) / np.maximum(energy.sum(axis=1), 1e-20)
    chance = tooth.mean(axis=1)
    return np.asarray((share - chance) / (1 - chance))
