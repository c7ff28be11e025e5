"""Where the spectrum ends, by the change point of the loudest that each frequency ever gets.

Least squares: the frequency that best splits the spectrum's peaks over time, in dB, into what is
below and what is above (Bai 1994, "Least squares estimation of a shift in linear processes").
Independent of `bandwidth_scipy`: peaks for means, a change of level for a steep fall.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.gates import need_duration, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float64]

VERSION = f"1 librosa {version('librosa')}"
WITNESS = "change-point"
LICENCE = "ISC"
NEEDS = ("signal",)
PACKAGES = ("librosa", "numpy")
PROPERTIES = ("bandwidth",)

_SHORTEST_S = 1.0  # forty frames
_FRAME_S = 0.05
_STRETCH_S = 20.0  # at a time, so that two hours need no more memory than this
_TOP = 0.97  # of the Nyquist frequency: resampling filters fall off above
_LOWEST_HZ = threshold("bandwidth_librosa", "lowest_hz")
_STEP_DB = threshold("bandwidth_librosa", "step_db")
_EVEN_DB = threshold("bandwidth_librosa", "even_db")
_QUIET_DBFS = threshold("bandwidth_librosa", "quiet_dbfs")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the highest frequency that the recording holds in Hz, where its spectrum ends.

    Raises:
        Abstained: silence, too short, or a spectrum that fades out gradually.
    """
    import numpy as np

    need_signal(given)
    need_duration(audio, _SHORTEST_S, "forty spectra")
    peaks = _peaks(audio)
    nyquist = audio.sample_rate_hz / 2
    frequency = np.linspace(0, nyquist, len(peaks))
    used = (frequency >= _LOWEST_HZ) & (frequency <= _TOP * nyquist)
    edge, step = _split(frequency[used], peaks[used])
    if step >= _STEP_DB:
        return (Measurement(property="bandwidth", value=Value(number=edge)),)
    top = float(np.median(peaks[used][-used.sum() // 8 :]))
    if step < _EVEN_DB and top >= _QUIET_DBFS:
        return (Measurement(property="bandwidth", value=Value(number=nyquist)),)
    message = f"no clear end: the best split is by {step:.0f} dB, needs {_STEP_DB:g} dB"
    raise Abstained(message)


def _peaks(audio: Audio) -> Floats:
    """Loudest level of each bin over time and channels, in dB of a full-scale sine."""
    import librosa
    import numpy as np

    size = 2 * round(_FRAME_S * audio.sample_rate_hz / 2)
    stretch = round(_STRETCH_S * audio.sample_rate_hz)
    loudest = np.zeros(size // 2 + 1)
    for channel in audio.samples:
        for start in range(0, len(channel), stretch):
            piece = channel[start : start + stretch]
            if len(piece) >= size:
                magnitude = np.abs(
                    librosa.stft(piece, n_fft=size, hop_length=size // 2, center=False)
                )
                # The 95th percentile: a click is a peak at all frequencies.
                loudest = np.maximum(loudest, np.percentile(magnitude, 95, axis=1))
    return np.asarray(20 * np.log10(np.maximum(loudest * 4 / size, 1e-10)))


def _split(frequency: Floats, peaks: Floats) -> tuple[float, float]:
    """Frequency of the best split into two levels, and by how much they differ next to it in dB."""
    import numpy as np

    n = len(peaks)
    count = np.arange(1, n)
    below = np.cumsum(peaks)[:-1]
    # Least squares: the split that puts most of the variance between the two sides.
    between = (below - peaks.mean() * count) ** 2 / (count * (n - count))
    at = int(between.argmax()) + 1
    edge = float(frequency[at])
    near_below = (frequency >= edge / 2 ** (1 / 3)) & (frequency <= edge / 2 ** (1 / 12))
    above = frequency >= edge * 2 ** (1 / 12)
    if not near_below.any() or not above.any():
        return edge, 0.0
    return edge, float(np.median(peaks[near_below]) - np.percentile(peaks[above], 95))
