"""Integrated loudness by essentia's LoudnessEBUR128 (EBU R 128, ITU-R BS.1770)."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.essentia_algorithms import algorithms
from synth.gates import BLOCK_S, SILENCE_DBFS, need_duration, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 essentia {version('essentia')}"
WITNESS = "essentia-ebu-r128"
NEEDS = ("signal",)
PACKAGES = ("numpy", "soxr", "essentia")
PROPERTIES = ("loudness",)

# BS.1770 gives its filters for 48 kHz. Above, this meter errs: of a tone of -13.5 LUFS it says
# -70 at 96 kHz and -12.9 at 192 kHz.
_HIGHEST_RATE_HZ = 48_000


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure integrated loudness in LUFS, at the recording's own sample rate up to 48 kHz.

    A single channel counts once, as in BS.1770: it is paired with silence, not doubled.

    Raises:
        Abstained: silence, shorter than a gating block, or more than two channels.
    """
    import numpy as np
    import soxr

    need_signal(given)
    need_duration(audio, BLOCK_S, "one gating block of BS.1770")
    channels = audio.samples.shape[0]
    if channels > 2:
        message = f"{channels} channels: BS.1770 weights them by place, which is not known"
        raise Abstained(message)
    rate_hz = min(audio.sample_rate_hz, _HIGHEST_RATE_HZ)
    samples = audio.samples.T
    if rate_hz != audio.sample_rate_hz:
        samples = soxr.resample(samples, audio.sample_rate_hz, rate_hz)
    stereo = np.zeros((len(samples), 2), dtype=np.float32)
    stereo[:, :channels] = samples
    meter = algorithms().LoudnessEBUR128(sampleRate=float(rate_hz))
    loudness = float(meter(stereo)[2])
    if loudness <= SILENCE_DBFS:
        raise Abstained("no block is above the gate of -70 LUFS")
    return (Measurement(property="loudness", value=Value(number=loudness)),)
