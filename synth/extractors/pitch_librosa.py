"""Median pitch by librosa's pYIN: YIN in the time domain under a hidden Markov model.

Mauch and Dixon, "pYIN: a fundamental frequency estimator using probabilistic threshold
distributions", ICASSP 2014. `pitch_essentia` differs in the domain, the voicing decision, the
smoothing and the code, but rests on the same difference function: together they are one witness.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.gates import mono, need_duration, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 librosa {version('librosa')}"
WITNESS = "yin"  # the same difference function as PitchYinFFT: one witness
NEEDS = ("signal",)
PACKAGES = ("librosa", "numpy")
PROPERTIES = ("pitch",)

_RATE_HZ = 22_050  # librosa's own
_LOWEST_HZ, _HIGHEST_HZ = 65.4, 2093.0  # C2 to C7, as in librosa's documentation
_RESOLUTION = 0.2  # semitones: a fifth of the tolerance of 50 cents either way, at half the cost
_SHORTEST_S = 0.2  # two of its windows of 93 ms

_VOICED_SHARE = 0.25  # by definition: a median of less does not speak for the recording

# Of constructed noise, drums and chords, "voiced" frames had a mean probability of at most .12,
# of single tones and of a gliding voice .58 and more.
_LOWEST_PROBABILITY = 0.2


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the median pitch of the voiced frames in Hz; confidence is their probability.

    Raises:
        Abstained: silence, too short, or not pitched enough: noise, chords, drums.
    """
    import librosa
    import numpy as np

    need_signal(given)
    need_duration(audio, _SHORTEST_S, "two windows of pYIN")
    hertz, voiced, probability = librosa.pyin(
        mono(audio, _RATE_HZ),
        sr=_RATE_HZ,
        fmin=_LOWEST_HZ,
        fmax=_HIGHEST_HZ,
        resolution=_RESOLUTION,
        fill_na=None,
    )
    share = float(voiced.mean())
    if share < _VOICED_SHARE:
        message = f"not pitched: {share:.0%} of the frames are voiced, needs {_VOICED_SHARE:.0%}"
        raise Abstained(message)
    confidence = float(probability[voiced].mean())
    if confidence < _LOWEST_PROBABILITY:
        message = f"not pitched: voiced with probability {confidence:.2f}, as noise is"
        raise Abstained(message)
    pitch = Value(number=float(np.median(hertz[voiced])))
    return (Measurement(property="pitch", value=pitch, confidence=min(1.0, confidence)),)
