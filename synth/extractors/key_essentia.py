"""Key and chords by essentia: pitch classes of spectral peaks (HPCP), as its KeyExtractor does.

Gómez, "Tonal description of polyphonic audio for music content processing", INFORMS J. on
Computing 18(3), 2006. A witness of its own: `key_librosa` folds the energy of a constant-Q
transform, `key_basic_pitch` the notes that a network hears; this one whitens a Fourier spectrum,
picks its peaks and counts each towards the notes that it may be a harmonic of.
"""

from __future__ import annotations

import functools
from importlib.metadata import version
from typing import TYPE_CHECKING

from synth.attempts import whatever_can_be_said
from synth.chords import chords_heard
from synth.essentia_algorithms import RATE_HZ, algorithms
from synth.gates import mono, need_duration, need_music, need_signal
from synth.keys import BGATE, SHORTEST_S, heard_longest, key_heard, tonic_heard
from synth.thresholds import digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio, Measurement, Samples

VERSION = f"2 essentia {version('essentia')} {digest('keys')} {digest('chords')}"
WITNESS = "essentia-hpcp"
LICENCE = "AGPL-3.0"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "essentia")
PROPERTIES = ("key", "tonic", "chords")

_FRAME = 4096  # this and all below: the defaults of essentia's KeyExtractor
_LOWEST_HZ, _HIGHEST_HZ = 25, 3500
_PEAKS, _PEAK_THRESHOLD = 60, 1e-4
_HARMONICS = 4
_BINS = 36  # three a semitone: what is up to 50 cents off still falls into its pitch class
_HOP = 2048
_FROM_C = -3  # bin 0 is A


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell the key, "E minor", its tonic, and the chords that are clear.

    Raises:
        Abstained: silence, no music, too short, no tonality, or keys that fit as well.
    """
    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, SHORTEST_S, "a short progression of chords")
    heard = _pitch_classes(mono(audio, RATE_HZ))
    total = heard.sum(axis=0)
    chords = functools.cache(lambda: chords_heard(heard, RATE_HZ / _HOP, audio.duration_s))
    return whatever_can_be_said(
        lambda: heard_longest(key_heard(total, (BGATE,)), chords()),
        lambda: heard_longest(tonic_heard(total, (BGATE,)), chords()),
        chords,
    )


def _pitch_classes(samples: Samples) -> NDArray[np.float64]:
    """Weigh the pitch classes of each frame, from C, shape (frames, 12)."""
    import numpy as np

    es = algorithms()
    window, spectrum = es.Windowing(type="hann", size=_FRAME), es.Spectrum(size=_FRAME)
    whiten = es.SpectralWhitening(maxFrequency=_HIGHEST_HZ, sampleRate=RATE_HZ)
    peaks = es.SpectralPeaks(
        orderBy="magnitude", magnitudeThreshold=_PEAK_THRESHOLD, maxPeaks=_PEAKS,
        minFrequency=_LOWEST_HZ, maxFrequency=_HIGHEST_HZ, sampleRate=RATE_HZ,
    )  # fmt: skip
    classes = es.HPCP(
        bandPreset=False, harmonics=_HARMONICS, minFrequency=_LOWEST_HZ, maxFrequency=_HIGHEST_HZ,
        normalized="none", sampleRate=RATE_HZ, size=_BINS, weightType="cosine", windowSize=1.0,
    )  # fmt: skip
    frames = []
    for frame in es.FrameGenerator(samples, frameSize=_FRAME, hopSize=_HOP):
        magnitudes = spectrum(window(frame))
        hertz, strengths = peaks(magnitudes)
        frames.append(classes(hertz, whiten(magnitudes, hertz, strengths)))
    bins = np.asarray(frames, dtype=np.float64)
    folded = np.roll(bins, 1, axis=1).reshape(len(bins), 12, 3).sum(axis=2)
    return np.roll(folded, _FROM_C, axis=1)
