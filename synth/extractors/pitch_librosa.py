"""Median pitch, range and contour by librosa's pYIN: YIN under a hidden Markov model.

Mauch and Dixon, "pYIN: a fundamental frequency estimator using probabilistic threshold
distributions", ICASSP 2014. `pitch_essentia` differs in the domain, the voicing decision, the
smoothing and the code, but rests on the same difference function: together they are one witness.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas.errors import Abstained
from synth import melody
from synth.gates import mono, need_duration, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"2 librosa {version('librosa')} {melody.VERSION}"
WITNESS = "yin"  # the same difference function as PitchYinFFT: one witness
LICENCE = "ISC"
NEEDS = ("signal",)
PACKAGES = ("librosa", "numpy")
PROPERTIES = ("pitch", "pitch_range", "pitch_contour")

_RATE_HZ = 22_050  # librosa's own
_HOP = 512  # librosa's default: 23 ms
_RESOLUTION = threshold("pitch_librosa", "resolution")
_LOWEST_PROBABILITY = threshold("pitch_librosa", "lowest_probability")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the pitch of the voiced frames; confidence is their mean probability.

    Raises:
        Abstained: silence, too short, or not pitched enough: noise, chords, drums.
    """
    import librosa

    need_signal(given)
    need_duration(audio, melody.SHORTEST_S, "two windows of pYIN")
    hertz, voiced, probability = librosa.pyin(
        mono(audio, _RATE_HZ),
        sr=_RATE_HZ,
        fmin=melody.LOWEST_HZ,
        fmax=melody.HIGHEST_HZ,
        hop_length=_HOP,
        resolution=_RESOLUTION,
        fill_na=None,
    )
    if not voiced.any():
        raise Abstained("not pitched: no frame is voiced")
    confidence = float(probability[voiced].mean())
    if confidence < _LOWEST_PROBABILITY:
        message = f"not pitched: voiced with probability {confidence:.2f}, as noise is"
        raise Abstained(message)
    track = melody.Track(hertz, voiced, _HOP / _RATE_HZ)
    return tuple(melody.said(track, min(1.0, confidence)))
