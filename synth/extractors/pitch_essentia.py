"""Median pitch by essentia's PitchYinFFT: YIN on the spectrum, frame by frame.

Brossier, "Automatic annotation of musical audio for interactive applications", PhD thesis, Queen
Mary University of London, 2007. Melodia, built on harmonic salience, would be more independent
of `pitch_librosa`; but it finds a melody in white noise with the confidence it has in a sine.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.essentia_algorithms import RATE_HZ, algorithms
from synth.gates import mono, need_duration, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 essentia {version('essentia')}"
WITNESS = "yin"  # the same difference function as pitch_librosa's pYIN: one witness
NEEDS = ("signal",)
PACKAGES = ("numpy", "essentia")
PROPERTIES = ("pitch",)

_FRAME, _HOP = 4096, 1024  # 93 ms as pYIN's: six periods of the lowest pitch
_LOWEST_HZ, _HIGHEST_HZ = 65.4, 2093.0  # C2 to C7
_SHORTEST_S = 0.2  # two windows

_VOICED = 0.7  # no frame of constructed noise, drums or chords was as confident
_VOICED_SHARE = 0.25  # by definition: a median of less does not speak for the recording


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the median pitch of the confident frames in Hz; confidence is their mean.

    Raises:
        Abstained: silence, too short, or not pitched enough: noise, chords, drums.
    """
    import numpy as np

    need_signal(given)
    need_duration(audio, _SHORTEST_S, "two windows of 93 ms")
    es = algorithms()
    window, spectrum = es.Windowing(type="hann", size=_FRAME), es.Spectrum(size=_FRAME)
    detect = es.PitchYinFFT(
        frameSize=_FRAME, sampleRate=RATE_HZ, minFrequency=_LOWEST_HZ, maxFrequency=_HIGHEST_HZ
    )
    frames = es.FrameGenerator(mono(audio, RATE_HZ), frameSize=_FRAME, hopSize=_HOP)
    hertz, confidence = np.array([detect(spectrum(window(frame))) for frame in frames]).T
    voiced = confidence >= _VOICED
    share = float(voiced.mean())
    if share < _VOICED_SHARE:
        message = f"not pitched: {share:.0%} of the frames are voiced, needs {_VOICED_SHARE:.0%}"
        raise Abstained(message)
    mean = min(1.0, float(confidence[voiced].mean()))
    pitch = Value(number=float(np.median(hertz[voiced])))
    return (Measurement(property="pitch", value=pitch, confidence=mean),)
