"""How often the same sound is heard, and which one differs: by essentia's ERB bands.

Independent of `repetition_librosa` in the features (gammatone-like bands of the signal as the ear
weighs it, for mel bands of the plain one) and thus in where gaps are; when two spectra are the
same is decided alike for both.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from synth import levels
from synth.essentia_algorithms import RATE_HZ, algorithms
from synth.gates import mono, need_signal
from synth.thresholds import digest

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"1 essentia {version('essentia')} {digest('repetition')} {levels.VERSION}"
WITNESS = "erb"
LICENCE = "AGPL-3.0"
NEEDS = ("signal",)
PACKAGES = ("numpy", "essentia")
PROPERTIES = ("repetitions", "odd_one_out")

_FRAME = 2048
_BANDS = 40


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Count a repeated sound, or name the one that differs.

    Raises:
        Abstained: silence, sounds that no gaps set apart, or neither all alike nor all but one.
    """
    import numpy as np

    from synth import repetition

    need_signal(given)
    es = algorithms()
    samples = es.EqualLoudness(sampleRate=RATE_HZ)(mono(audio, RATE_HZ))
    found = repetition.sounds(levels.levels(samples, RATE_HZ))
    window, spectrum = es.Windowing(type="hann", size=_FRAME), es.Spectrum(size=_FRAME)
    bands = es.ERBBands(
        inputSize=_FRAME // 2 + 1, numberBands=_BANDS, sampleRate=RATE_HZ, highFrequencyBound=11_025
    )
    frames = es.FrameGenerator(samples, frameSize=_FRAME, hopSize=round(repetition.HOP_S * RATE_HZ))
    power = np.array([bands(spectrum(window(frame))) for frame in frames])
    return repetition.compared(found, 10 * np.log10(np.maximum(power, 1e-12)))
