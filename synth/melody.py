"""What a pitch track says of a recording: median pitch, range and contour, whoever tracked it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth import trend
from synth.audio import Measurement
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

LOWEST_HZ = threshold("melody", "lowest_hz")
HIGHEST_HZ = threshold("melody", "highest_hz")
SHORTEST_S = threshold("melody", "shortest_s")

_VOICED_SHARE = threshold("melody", "voiced_share")
_RANGE_SHARE = threshold("melody", "range_voiced_share")
_RANGE_S = threshold("melody", "range_voiced_s")
_CONTOUR_STEPS = trend.Steps(
    changed=threshold("melody", "contour_semitones"),
    level=threshold("melody", "level_semitones"),
    unit="semitones",
    stays="level",
)

VERSION = f"{digest('melody')} {trend.VERSION}"


@dataclass(frozen=True, slots=True)
class Track:
    """Pitch in Hz frame by frame, and in which frames there is one."""

    hertz: NDArray[np.float64]
    voiced: NDArray[np.bool_]
    hop_s: float


def said(track: Track, confidence: float) -> Iterator[Measurement]:
    """Say the median pitch, and range and contour where there is enough to tell them by.

    Raises:
        Abstained: not pitched enough to have a median pitch.
    """
    import numpy as np  # noqa: PLC0415 - the audio extra

    share = float(track.voiced.mean())
    if share < _VOICED_SHARE:
        message = f"not pitched: {share:.0%} of the frames are voiced, needs {_VOICED_SHARE:.0%}"
        raise Abstained(message)
    hertz = track.hertz[track.voiced]
    yield _number("pitch", float(np.median(hertz)), confidence)
    if share < _RANGE_SHARE or len(hertz) * track.hop_s < _RANGE_S:
        return
    semitones = 12 * np.log2(hertz)
    low, high = np.percentile(semitones, (5, 95))
    yield _number("pitch_range", float(high - low), confidence)
    contour = _contour(semitones)
    if contour:
        value = Value(text=contour)
        yield Measurement(property="pitch_contour", value=value, confidence=confidence)


def _number(name: str, number: float, confidence: float) -> Measurement:
    return Measurement(property=name, value=Value(number=number), confidence=confidence)


def _contour(semitones: NDArray[np.float64]) -> str:
    """Name the way of the pitch, "" where it has none."""
    import numpy as np  # noqa: PLC0415 - the audio extra

    parts = [float(np.median(part)) for part in np.array_split(semitones, trend.PARTS)]
    try:
        way = trend.direction(parts, _CONTOUR_STEPS)
    except Abstained:
        return ""
    low, high = np.percentile(semitones, (5, 95))
    # A trill or a sentence has level medians and is not level.
    return "" if way == "level" and high - low > _CONTOUR_STEPS.level else way
