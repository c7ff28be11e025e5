"""Levels over time: where they are silence, and which way they go.

Shared by instruments that weigh frequencies differently; what is silence, and what a trend, is
decided alike for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import Item
from schemas.errors import Abstained
from synth.thresholds import digest, threshold
from synth.trend import PARTS, Steps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from synth.audio import Samples

    Powers = NDArray[np.float64]

_BLOCK_S = 0.01
_SMOOTHED = 5  # blocks: 50 ms, finer than the collar of 0.25 s, a whole period of 20 Hz
_FLOOR = 1e-12  # -120 dBFS, beneath the noise of 16 bits

_SILENT_DBFS = threshold("levels", "silent_dbfs")
_SILENT_BELOW_DB = threshold("levels", "silent_below_db")
_MAYBE_BELOW_DB = threshold("levels", "maybe_silent_below_db")
_SILENT_S = threshold("levels", "silent_s")
_MAYBE_S = threshold("levels", "maybe_silent_s")
_COLLAR_S = threshold("levels", "collar_s")

TREND_STEPS = Steps(
    changed=threshold("levels", "trend_db"),
    level=threshold("levels", "steady_db"),
    unit="dB",
    stays="steady",
)
TREND_SHORTEST_S = threshold("levels", "trend_shortest_s")

VERSION = f"{digest('levels')} {digest('trend')}"


@dataclass(frozen=True, slots=True)
class Levels:
    """Power of blocks of about 10 ms, the last one perhaps shorter."""

    power: Powers
    block_s: float
    duration_s: float


def levels(samples: Samples, sample_rate_hz: int) -> Levels:
    """Measure the mean square of each block, without the constant part, of the loudest channel."""
    import numpy as np  # noqa: PLC0415 - the audio extra

    centred = np.atleast_2d(samples - samples.mean(axis=-1, keepdims=True))
    n = centred.shape[-1]
    block = max(1, round(_BLOCK_S * sample_rate_hz))
    edges = np.arange(0, n, block)
    lengths = np.diff(np.append(edges, n))
    sums = np.stack([np.add.reduceat(np.square(one, dtype=np.float64), edges) for one in centred])
    power = (sums / lengths).max(axis=0)
    return Levels(power, block / sample_rate_hz, n / sample_rate_hz)


def silences(seen: Levels) -> tuple[Item, ...]:
    """List the silent stretches; an empty list says that there is none.

    What is silent by the strict gate (very quiet, and far below the loudest) must also be what is
    silent by the wide one (clearly quieter than the loudest): a pause full of room noise, a tail
    that dies away and a short gap lie between the two.

    Raises:
        Abstained: a stretch is silent by the one gate and not by the other.
    """
    import numpy as np  # noqa: PLC0415 - the audio extra

    level = 10 * np.log10(np.maximum(_smooth(seen.power), _FLOOR))
    loudest = float(level.max())
    strict = _stretches(seen, level < min(_SILENT_DBFS, loudest - _SILENT_BELOW_DB), _SILENT_S)
    wide = _stretches(seen, level < loudest - _MAYBE_BELOW_DB, _MAYBE_S)
    if len(strict) != len(wide):
        message = f"{len(strict)} stretches are silent, {len(wide)} may be"
        raise Abstained(message)
    for (start, end), (wide_start, wide_end) in zip(strict, wide, strict=True):
        if max(abs(start - wide_start), abs(end - wide_end)) > _COLLAR_S:
            message = f"where the silence at {start:.1f} s begins or ends is not clear"
            raise Abstained(message)
    return tuple(Item(label="silence", start_s=start, end_s=end) for start, end in strict)


def part_levels(power: Powers) -> list[float]:
    """Level in dB of equal parts of the recording, each the mean of its blocks' power.

    Raises:
        Abstained: several parts are silent beside the loudest: that is an end, not a trend.
    """
    import numpy as np  # noqa: PLC0415 - the audio extra

    means = [float(part.mean()) for part in np.array_split(power, PARTS)]
    parts = [float(10 * np.log10(max(mean, _FLOOR))) for mean in means]
    silent = sum(part < max(parts) - _SILENT_BELOW_DB for part in parts)
    if silent > 1:
        message = f"no clear trend: {silent} of {PARTS} parts are silent beside the loudest"
        raise Abstained(message)
    return parts


def _smooth(power: Powers) -> Powers:
    import numpy as np  # noqa: PLC0415 - the audio extra

    if len(power) < _SMOOTHED:
        return np.full_like(power, power.mean())
    padded = np.pad(power, _SMOOTHED // 2, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, _SMOOTHED).mean(axis=-1))


def _stretches(
    seen: Levels, quiet: NDArray[np.bool_], shortest_s: float
) -> list[tuple[float, float]]:
    """Find the quiet stretches that are long enough; each smoothed edge is half a frame inside."""
    import numpy as np  # noqa: PLC0415 - the audio extra

    framed = np.concatenate([[False], quiet, [False]])
    changes = np.flatnonzero(framed[1:] != framed[:-1])
    found = []
    for first, after in zip(changes[::2], changes[1::2], strict=True):
        start = max(0.0, float(first - _SMOOTHED // 2) * seen.block_s) if first else 0.0
        end = min(seen.duration_s, float(after + _SMOOTHED // 2) * seen.block_s)
        if end - start >= shortest_s:
            found.append((start, end))
    return found
