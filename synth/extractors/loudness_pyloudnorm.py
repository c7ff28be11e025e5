"""Integrated loudness by pyloudnorm (ITU-R BS.1770-4).

Steinmetz and Reiss, "pyloudnorm: a simple yet flexible loudness meter in Python", AES 150, 2021.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.gates import BLOCK_S, SILENCE_DBFS, need_duration, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 pyloudnorm {version('pyloudnorm')}"
WITNESS = "pyloudnorm"
NEEDS = ("signal",)
PACKAGES = ("numpy", "pyloudnorm")
PROPERTIES = ("loudness",)


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure integrated loudness in LUFS at the recording's own sample rate.

    Raises:
        Abstained: silence, shorter than a gating block, or more than two channels.
    """
    import numpy as np
    import pyloudnorm

    need_signal(given)
    need_duration(audio, BLOCK_S, "one gating block of BS.1770")
    channels = audio.samples.shape[0]
    if channels > 2:
        message = f"{channels} channels: BS.1770 weights them by place, which is not known"
        raise Abstained(message)
    meter = pyloudnorm.Meter(audio.sample_rate_hz, block_size=BLOCK_S)
    # Blocks of digital silence have a loudness of minus infinity, which the gate leaves out.
    with np.errstate(divide="ignore"):
        loudness = float(meter.integrated_loudness(audio.samples.T.astype(np.float64)))
    if not np.isfinite(loudness) or loudness <= SILENCE_DBFS:
        raise Abstained("no block is above the gate of -70 LUFS")
    return (Measurement(property="loudness", value=Value(number=loudness)),)
