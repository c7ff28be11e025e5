"""Loudness and its range by pyloudnorm (ITU-R BS.1770-4, EBU Tech 3342).

Steinmetz and Reiss, "pyloudnorm: a simple yet flexible loudness meter in Python", AES 150, 2021.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from synth import loudness
from synth.gates import BLOCK_S, need_duration, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"2 pyloudnorm {version('pyloudnorm')} {loudness.VERSION}"
WITNESS = "pyloudnorm"
LICENCE = "MIT"
NEEDS = ("signal",)
PACKAGES = ("numpy", "pyloudnorm")
PROPERTIES = ("loudness", "loudness_range")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure in LUFS and LU, at the recording's own sample rate.

    Raises:
        Abstained: silence, shorter than a gating block, or more than two channels.
    """
    import numpy as np
    import pyloudnorm

    need_signal(given)
    need_duration(audio, BLOCK_S, "one gating block of BS.1770")
    loudness.need_known_channels(audio.samples.shape[0])
    meter = pyloudnorm.Meter(audio.sample_rate_hz, block_size=BLOCK_S)
    samples = audio.samples.T.astype(np.float64)
    # Blocks of digital silence have a loudness of minus infinity, which the gate leaves out.
    with np.errstate(divide="ignore"):
        integrated = float(meter.integrated_loudness(samples))
        blocks = np.array(meter.blockwise_loudness)
        return (
            loudness.integrated(integrated),
            *loudness.halves(blocks, audio.duration_s),
            *loudness.loudness_range(audio, lambda: float(meter.loudness_range(samples))),
        )
