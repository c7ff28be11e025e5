"""Median pitch, range and contour by essentia's PitchYinFFT: YIN on the spectrum.

Brossier, "Automatic annotation of musical audio for interactive applications", PhD thesis, Queen
Mary University of London, 2007. Melodia, built on harmonic salience, would be more independent
of `pitch_librosa`; but it finds a melody in white noise with the confidence it has in a sine.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas.errors import Abstained
from synth import melody
from synth.essentia_algorithms import RATE_HZ, algorithms
from synth.gates import mono, need_duration, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"2 essentia {version('essentia')} {melody.VERSION}"
WITNESS = "yin"  # the same difference function as pitch_librosa's pYIN: one witness
LICENCE = "AGPL-3.0"
NEEDS = ("signal",)
PACKAGES = ("numpy", "essentia")
PROPERTIES = ("pitch", "pitch_range", "pitch_contour")

_FRAME, _HOP = 4096, 1024  # 93 ms as pYIN's: six periods of the lowest pitch
_VOICED = threshold("pitch_essentia", "voiced")
_SURE = threshold("pitch_essentia", "sure")
_SURE_SHARE = threshold("pitch_essentia", "sure_share")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the pitch of the confident frames; confidence is their mean.

    Raises:
        Abstained: silence, too short, or not pitched enough: noise, chords, drums.
    """
    import numpy as np

    need_signal(given)
    need_duration(audio, melody.SHORTEST_S, "two windows of 93 ms")
    es = algorithms()
    window, spectrum = es.Windowing(type="hann", size=_FRAME), es.Spectrum(size=_FRAME)
    detect = es.PitchYinFFT(
        frameSize=_FRAME,
        sampleRate=RATE_HZ,
        minFrequency=melody.LOWEST_HZ,
        maxFrequency=melody.HIGHEST_HZ,
    )
    frames = es.FrameGenerator(mono(audio, RATE_HZ), frameSize=_FRAME, hopSize=_HOP)
    hertz, confidence = np.array([detect(spectrum(window(frame))) for frame in frames]).T
    sure = float((confidence >= _SURE).mean())
    if sure < _SURE_SHARE:
        message = f"not pitched: {sure:.0%} of the frames are sure, needs {_SURE_SHARE:.0%}"
        raise Abstained(message)
    voiced = confidence >= _VOICED
    mean = min(1.0, float(confidence[voiced].mean()))
    return tuple(melody.said(melody.Track(hertz, voiced, _HOP / RATE_HZ), mean))
