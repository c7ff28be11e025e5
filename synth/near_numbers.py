"""Numbers that a listener who half hears would say instead: octaves, fifths, one more or less."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from schemas import property_named
from synth.wording import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

_RATIOS = {
    # Metrical levels and their neighbours: where tempo estimators and tappers go wrong.
    "tempo": (2.0, 1 / 2, 1.25, 0.8, 1.5, 2 / 3, 4 / 3, 3 / 4, 1.4, 0.86, 1.17, 1.7),
    # An octave, a fifth, a fourth and a major third, up and down, in equal temperament.
    "pitch": tuple(2 ** (steps / 12) for steps in (12, -12, 7, -7, 5, -5, 4, -4)),
    # Quene 2007: 5 % is just noticeable; from a quarter on it is plainly another rate.
    "speech_rate": (1.25, 0.8, 1.5, 2 / 3),
    "playback_speed": (1.25, 0.8, 1.5, 2 / 3, 2.0, 1 / 2),
    "ratio": (1.5, 2 / 3, 2.0, 1 / 2, 3.0),
    # Octaves and the telephone's, wideband's and compact disc's bandwidths lie about so far apart.
    "bandwidth": (2.0, 1 / 2, 1.5, 2 / 3),
    # From half as long again, over twice the tolerance.
    "event_duration": (1.5, 2 / 3, 2.0, 1 / 2, 3.0),
    "reverberation": (1.5, 2 / 3, 2.0, 1 / 2, 3.0),
}
_SECONDS = (0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0)
_STEPS = {
    # 3 dB steps and more: three times the tolerance.
    "loudness": (3.0, -3.0, 6.0, -6.0, 9.0, -9.0),
    # 0.5 s and more: over twice the onset collar, with the rounding of what is written.
    "onset": _SECONDS,
    "offset": _SECONDS,
    "word_onset": _SECONDS[2:],
    "longest_pause": (0.6, -0.6, 1.2, -1.2, 2.0),
    "duration": (1.0, -1.0, 2.0, -2.0, 5.0, -5.0),
    "event_count": (1, -1, 2, -2, 3),
    "repetitions": (1, -1, 2, -2, 3),
    "speaker_count": (1, -1, 2, 3),
    "pause_count": (1, -1, 2, -2, 3),
    "metre": (-1, 1, 2, -2, 3),
    "loudness_range": (4.0, -4.0, 8.0, -8.0, 12.0),
    # Twice the just noticeable difference of level, twice over: what a listener takes for another.
    "noise_level": (6.0, -6.0, 12.0, -12.0, 18.0),
    # A minor third, a fourth, a fifth and an octave more or less.
    "pitch_range": (3, -3, 5, -5, 7, -7, 12),
}
_LEAST = {"event_count": 1, "speaker_count": 1, "word_count": 1, "repetitions": 1, "metre": 2,
          "longest_pause": 0.3, "duration": 0.1, "event_duration": 0.1}  # fmt: skip
_LEVELS = frozenset({"LUFS", "dBFS"})
"""units of levels below full scale: never above 0; all else is never below it"""


def near_numbers(name: str, number: float) -> Iterator[float]:
    """Write near numbers that are wrong, the hardest first."""
    if name in _RATIOS:
        near = [number * ratio for ratio in _RATIOS[name]]
    elif name in _STEPS:
        near = [number + step for step in _STEPS[name]]
    else:
        # Counts that grow with the recording: a tenth more or fewer, at least one.
        step = max(1, round(number / 10))
        near = [number + step * times for times in (1, -1, 2, -2, 3)]
    level = property_named(name).unit in _LEVELS
    least, most = (-math.inf, 0.0) if level else (_LEAST.get(name, 0.0), math.inf)
    yield from (rounded(name, one) for one in near if least <= one <= most)
