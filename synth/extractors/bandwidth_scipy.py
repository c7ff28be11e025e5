"""Where the spectrum ends, on the mean power spectrum (Welch 1967) by scipy."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from synth.gates import need_duration, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

from synth.thresholds import digest

VERSION = f"1 scipy {version('scipy')} {digest('bandwidth')}"
WITNESS = "welch"
LICENCE = "BSD-3-Clause"
NEEDS = ("signal",)
PACKAGES = ("numpy", "scipy")
PROPERTIES = ("bandwidth",)

_BIN_HZ = 20.0
_SHORTEST_S = 1.0  # twenty frames


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the highest frequency that the recording holds in Hz, where its spectrum ends.

    Raises:
        Abstained: silence, too short, or a spectrum that fades out gradually.
    """
    import numpy as np
    from scipy.signal import welch

    from synth import bandwidth

    need_signal(given)
    need_duration(audio, _SHORTEST_S, "twenty spectra")
    length = round(audio.sample_rate_hz / _BIN_HZ)
    power = sum(
        welch(channel, audio.sample_rate_hz, window="hann", nperseg=length)[1]
        for channel in audio.samples
    )
    decibels = 10 * np.log10(np.maximum(power, 1e-20))
    frequency = np.fft.rfftfreq(length, 1 / audio.sample_rate_hz)
    return (bandwidth.highest(frequency, decibels),)
