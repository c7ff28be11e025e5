"""Loudness, its range and its trend by essentia's LoudnessEBUR128 (EBU R 128, ITU-R BS.1770)."""

from __future__ import annotations

import contextlib
from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth import levels, loudness, trend
from synth.audio import Measurement
from synth.essentia_algorithms import algorithms
from synth.gates import BLOCK_S, need_duration, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

VERSION = f"2 essentia {version('essentia')} {levels.VERSION} {loudness.VERSION} {trend.VERSION}"
WITNESS = "essentia-ebu-r128"
LICENCE = "AGPL-3.0"
NEEDS = ("signal",)
PACKAGES = ("numpy", "soxr", "essentia")
PROPERTIES = ("loudness", "loudness_range", "loudness_trend")

_HIGHEST_RATE_HZ = round(threshold("loudness_essentia", "highest_rate_hz"))


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure in LUFS and LU, at the recording's own sample rate up to 48 kHz.

    A single channel counts once, as in BS.1770: it is paired with silence, not doubled.

    Raises:
        Abstained: silence, shorter than a gating block, or more than two channels.
    """
    need_signal(given)
    need_duration(audio, BLOCK_S, "one gating block of BS.1770")
    loudness.need_known_channels(audio.samples.shape[0])
    stereo, rate_hz = _stereo(audio)
    meter = algorithms().LoudnessEBUR128(sampleRate=float(rate_hz), hopSize=loudness.HOP_S)
    momentary, _, integrated, span = meter(stereo)
    return (
        loudness.integrated(float(integrated)),
        *loudness.halves(momentary, audio.duration_s),
        *loudness.loudness_range(audio, lambda: float(span)),
        *_trend(audio, momentary),
    )


def _stereo(audio: Audio) -> tuple[NDArray[np.float32], int]:
    """Shape (n, 2), at a rate that the meter is right for."""
    import numpy as np
    import soxr

    rate_hz = min(audio.sample_rate_hz, _HIGHEST_RATE_HZ)
    samples = audio.samples.T
    if rate_hz != audio.sample_rate_hz:
        samples = soxr.resample(samples, audio.sample_rate_hz, rate_hz)
    stereo = np.zeros((len(samples), 2), dtype=np.float32)
    stereo[:, : samples.shape[1]] = samples
    return stereo, rate_hz


def _trend(audio: Audio, momentary: NDArray[np.float32]) -> Iterator[Measurement]:
    if audio.duration_s < levels.TREND_SHORTEST_S:
        return
    with contextlib.suppress(Abstained):
        parts = levels.part_levels(10 ** (momentary.astype(float) / 10))
        text = trend.direction(parts, levels.TREND_STEPS)
        yield Measurement(property="loudness_trend", value=Value(text=text))
