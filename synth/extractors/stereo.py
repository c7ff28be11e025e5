"""Where in the stereo picture the sound is, and whether it moves: by level between the channels.

One witness: what amplitude panning leaves in a recording is a level difference and nothing else,
so a second method would measure the same quantity again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth import levels, trend
from synth.attempts import whatever_can_be_said
from synth.audio import Measurement
from synth.gates import need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 {levels.VERSION}"
WITNESS = "channels"
LICENCE = "Apache-2.0"
NEEDS = ("signal",)
PACKAGES = ("numpy",)
PROPERTIES = ("stereo_position", "stereo_movement")

_ACTIVE_DB = threshold("stereo", "active_db")
_SIDE_DB = threshold("stereo", "side_db")
_CENTRE_DB = threshold("stereo", "centre_db")
_CORRELATED = threshold("stereo", "correlated")
_SHARE = threshold("stereo", "share")
_BLOCKS = 10  # of 10 ms: the level of a tenth of a second
_FLOOR = 1e-12
_MOST_DB = 20.0  # a channel this much quieter is not heard to be quieter still
_STEPS = trend.Steps(
    changed=threshold("stereo", "moved_db"),
    level=threshold("stereo", "unmoved_db"),
    unit="dB",
    stays="not at all",
)
# What rises is the left channel's level over the right one's.
_WAYS = {"rising": "right to left", "falling": "left to right"}


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Say "left", "right" or "centre", and which way the sound moves or that it does not.

    Raises:
        Abstained: silence, not two channels, or spread over both sides.
    """
    need_signal(given)
    if len(audio.samples) != 2:
        message = f"{len(audio.samples)} channels: left and right need two"
        raise Abstained(message)
    differences, active = _differences(audio)
    return whatever_can_be_said(
        lambda: _position(audio, differences[active]), lambda: _movement(differences, active)
    )


def _differences(audio: Audio) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Level of left over right in dB of each tenth of a second, and where there is sound."""
    import numpy as np

    left, right = (
        _tenths(levels.levels(channel, audio.sample_rate_hz)) for channel in audio.samples
    )
    loudest = np.maximum(left, right)
    active = loudest >= loudest.max() * 10 ** (-_ACTIVE_DB / 10)
    difference = 10 * np.log10(np.maximum(left, _FLOOR) / np.maximum(right, _FLOOR))
    return np.clip(difference, -_MOST_DB, _MOST_DB), active


def _tenths(seen: levels.Levels) -> NDArray[np.float64]:
    import numpy as np

    return np.add.reduceat(seen.power, np.arange(0, len(seen.power), _BLOCKS)) / _BLOCKS


def _position(audio: Audio, differences: NDArray[np.float64]) -> Measurement:
    import numpy as np

    sides = {
        "left": differences >= _SIDE_DB,
        "right": differences <= -_SIDE_DB,
        "centre": np.abs(differences) <= _CENTRE_DB,
    }
    place = next((name for name, held in sides.items() if held.mean() >= _SHARE), None)
    if place is None:
        raise Abstained("the sound is not in one place, or between centre and side")
    if place == "centre":
        left, right = (channel - channel.mean() for channel in audio.samples)
        power = float(np.sqrt(np.square(left).sum() * np.square(right).sum()))
        alike = float((left * right).sum()) / max(power, _FLOOR)
        if alike < _CORRELATED:
            message = f"spread over both sides: the channels correlate by {alike:.2f}"
            raise Abstained(message)
    return Measurement(property="stereo_position", value=Value(text=place))


def _movement(differences: NDArray[np.float64], active: NDArray[np.bool_]) -> Measurement:
    import numpy as np

    parts = []
    for place in np.array_split(np.arange(len(differences)), trend.PARTS):
        heard = differences[place][active[place]] if len(place) else place
        if not len(heard):
            raise Abstained("whether it moves cannot be told: a part of it is silent or too short")
        low, middle, high = np.percentile(heard, (10, 50, 90))
        if high - low > _STEPS.changed:
            raise Abstained("the sides take turns")
        parts.append(float(middle))
    way = trend.direction(parts, _STEPS)
    if way in _WAYS:
        if min(parts) > -_CENTRE_DB or max(parts) < _CENTRE_DB:
            raise Abstained("it moves on one side only")
    elif np.mean(np.abs(differences[active] - np.median(parts)) <= _STEPS.level) < _SHARE:
        raise Abstained("the sides take turns")
    return Measurement(property="stereo_movement", value=Value(text=_WAYS.get(way, way)))
