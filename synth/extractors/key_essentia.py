"""Key by essentia: harmonic pitch class profile against key profiles, as its KeyExtractor does.

Gómez, "Tonal description of polyphonic audio for music content processing", INFORMS J. on
Computing 18(3), 2006; profiles: Faraldo et al., ECIR 2016 (bgate), Sha'ath 2011 (shaath).
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.essentia_algorithms import RATE_HZ, algorithms
from synth.gates import mono, need_duration, need_music, need_signal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio, Samples

VERSION = f"1 essentia {version('essentia')}"
WITNESS = "essentia-hpcp"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "essentia")
PROPERTIES = ("key",)

_SHORTEST_S = 6.0  # the shortest chord progressions on which this was tried by construction
_FRAME = 4096  # this and all below: the defaults of essentia's KeyExtractor
_LOWEST_HZ, _HIGHEST_HZ = 25, 3500
_PEAKS, _PEAK_THRESHOLD = 60, 1e-4
_HARMONICS, _SLOPE = 4, 0.6

# KeyExtractor's pcpThreshold: what is below a fifth of the strongest pitch class is not there.
# Where all twelve are there, there is no key: of constructed noise and drums the weakest had .6
# and more, of chord progressions at most .08.
_THRESHOLD = 0.2
_TRIAD = 3  # fewer pitch classes have no mode

_PROFILES = ("bgate", "shaath")  # the two that did best on 45 clips in our own trial
_SHARPS = {"Bb": "A#", "Eb": "D#", "Ab": "G#", "Db": "C#", "Gb": "F#"}


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell the key, "E minor"; confidence is the correlation with the key's profile, 0 to 1.

    Raises:
        Abstained: silence, no music, too short, no tonality, or two profiles that disagree.
    """
    import numpy as np

    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, _SHORTEST_S, "a short progression of chords")
    profile = _pitch_classes(mono(audio, RATE_HZ))
    weakest, present = float(profile.min()), int(np.count_nonzero(profile >= _THRESHOLD))
    if weakest >= _THRESHOLD:
        message = f"no tonality: the weakest pitch class has {weakest:.2f} of the strongest"
        raise Abstained(message)
    if present < _TRIAD:
        message = f"no tonality: {present} pitch classes are heard, a key needs {_TRIAD}"
        raise Abstained(message)
    heard = np.where(profile < _THRESHOLD, 0.0, profile).astype(np.float32)
    keys = [_key(heard, name) for name in _PROFILES]
    if keys[0][0] != keys[1][0]:
        message = f"the key profiles disagree: {keys[0][0]} or {keys[1][0]}"
        raise Abstained(message)
    name, strength = keys[0]
    confidence = min(1.0, max(0.0, strength))
    return (Measurement(property="key", value=Value(text=name), confidence=confidence),)


def _pitch_classes(samples: Samples) -> NDArray[np.float32]:
    """Sum the harmonic pitch class profiles of all frames, from A, shape (12,), strongest = 1."""
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
        normalized="none", sampleRate=RATE_HZ, size=12, weightType="cosine", windowSize=1.0,
    )  # fmt: skip
    total = np.zeros(12, dtype=np.float64)
    for frame in es.FrameGenerator(samples, frameSize=_FRAME, hopSize=_FRAME):
        magnitudes = spectrum(window(frame))
        hertz, strengths = peaks(magnitudes)
        total += classes(hertz, whiten(magnitudes, hertz, strengths))
    if total.max() <= 0:
        raise Abstained("no tonality: no spectral peaks")
    return np.asarray(total / total.max(), dtype=np.float32)


def _key(profile: NDArray[np.float32], name: str) -> tuple[str, float]:
    find = algorithms().Key(
        profileType=name, pcpSize=12, numHarmonics=_HARMONICS, slope=_SLOPE,
        usePolyphony=False, useThreeChords=False,
    )  # fmt: skip
    tonic, mode, strength, _ = find(profile)
    return f"{_SHARPS.get(tonic, tonic)} {mode}", float(strength)
