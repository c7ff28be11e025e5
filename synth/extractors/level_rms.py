"""Silence, and the trend of the level, from the unweighted power of the signal.

Independent of `level_essentia` and `loudness_essentia`, which weigh frequencies as the ear does:
hum and rumble that nobody hears is sound to this one and silence to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import Value
from synth import levels, trend
from synth.attempts import whatever_can_be_said
from synth.audio import Measurement
from synth.gates import need_duration, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 {levels.VERSION} {trend.VERSION}"
WITNESS = "rms"
LICENCE = "Apache-2.0"
NEEDS = ("signal",)
PACKAGES = ("numpy",)
PROPERTIES = ("silence", "loudness_trend")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Say where silence is, or that there is none, and which way the level goes.

    Raises:
        Abstained: nothing but silence, or neither can be told.
    """
    need_signal(given)
    seen = levels.levels(audio.samples, audio.sample_rate_hz)
    return whatever_can_be_said(lambda: _silence(seen), lambda: _trend(audio, seen))


def _silence(seen: levels.Levels) -> Measurement:
    return Measurement(property="silence", value=Value(items=levels.silences(seen)))


def _trend(audio: Audio, seen: levels.Levels) -> Measurement:
    need_duration(audio, levels.TREND_SHORTEST_S, "a trend of eight parts")
    parts = levels.part_levels(seen.power)
    text = trend.direction(parts, levels.TREND_STEPS)
    return Measurement(property="loudness_trend", value=Value(text=text))
