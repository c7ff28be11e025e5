"""Silence, from the signal as the ear weighs it: essentia's EqualLoudness filter.

The filter is the inverse of an equal-loudness contour (Robinson, "Replay Gain: a proposed
standard", 2001). Independent of `level_rms`, which weighs all frequencies alike.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from synth import levels
from synth.audio import Measurement
from synth.essentia_algorithms import RATE_HZ, algorithms
from synth.gates import mono, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 essentia {version('essentia')} {levels.VERSION}"
WITNESS = "equal-loudness"
LICENCE = "AGPL-3.0"
NEEDS = ("signal",)
PACKAGES = ("numpy", "essentia")
PROPERTIES = ("silence",)


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Say where silence is, or that there is none.

    Raises:
        Abstained: nothing but silence, channels that cancel, or what may or may not be silence.
    """
    need_signal(given)
    weighted = algorithms().EqualLoudness(sampleRate=RATE_HZ)(mono(audio, RATE_HZ))
    items = levels.silences(levels.levels(weighted, RATE_HZ))
    return (Measurement(property="silence", value=Value(items=items)),)
