"""Separate sounds, and whether they are the same one again.

Shared by instruments that compare different spectra of differently weighted signals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from schemas import Value
from schemas.errors import Abstained
from synth.attempts import whatever_can_be_said
from synth.audio import Measurement
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from synth.levels import Levels

    Floats = NDArray[np.float64]

HOP_S = 0.01
"""of the spectra that are compared"""

_SOUND_DB = threshold("repetition", "sound_db")
_GAP_DB = threshold("repetition", "gap_db")
_GAP_S = threshold("repetition", "gap_s")
_LONGEST_S = threshold("repetition", "longest_s")
_LONGEST_RECORDING_S = threshold("repetition", "longest_recording_s")
_SHORTEST_S = threshold("repetition", "shortest_s")
_MOST = int(threshold("repetition", "most"))
_SAME = threshold("repetition", "same")
_OTHER = threshold("repetition", "other")
_AS_LOUD_DB = threshold("repetition", "as_loud_db")

_LAG_FRAMES = 5  # 50 ms: what two segmentations of one sound may differ by
_DYNAMICS_DB = 40.0  # beneath the sound's own maximum nothing is compared
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip

VERSION = digest("repetition")


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch with sound between gaps."""

    start_s: float
    end_s: float
    level_db: float


def sounds(seen: Levels) -> tuple[Sound, ...]:
    """Cut a recording into the sounds that gaps set apart.

    Raises:
        Abstained: fewer than two, too many to count by ear, too long, or gaps that are not clear.
    """
    if seen.duration_s > _LONGEST_RECORDING_S:
        message = f"too long to count in: {seen.duration_s:.0f} s of {_LONGEST_RECORDING_S:g} s"
        raise Abstained(message)
    level = 10 * np.log10(np.maximum(seen.power, 1e-12))
    loudest = float(level.max())
    found = _cut(level, loudest - _GAP_DB, seen.block_s)
    found = [one for one in found if level[one[0] : one[1]].max() >= loudest - _SOUND_DB]
    told = tuple(
        Sound(a * seen.block_s, b * seen.block_s, float(level[a:b].max())) for a, b in found
    )
    if not 2 <= len(told) <= _MOST:
        message = f"{len(told)} sounds set apart by gaps: expected 2 to {_MOST}"
        raise Abstained(message)
    if any(not _SHORTEST_S <= one.end_s - one.start_s <= _LONGEST_S for one in told):
        message = f"a sound is shorter than {_SHORTEST_S:g} s or longer than {_LONGEST_S:g} s"
        raise Abstained(message)
    return told


def compared(found: Sequence[Sound], spectra: Floats) -> tuple[Measurement, ...]:
    """Say how many times the same sound is heard, or which one is not like all the others.

    Args:
        found: the sounds, in order.
        spectra: (frames, bands) in dB every 10 ms from 0 s on.

    Raises:
        Abstained: neither all alike nor all but one.
    """
    cuts = [_segment(spectra, one) for one in found]
    n = len(cuts)
    likeness = np.ones((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            likeness[i, j] = likeness[j, i] = _likeness(cuts[i], cuts[j])
    return whatever_can_be_said(lambda: _times(found, likeness), lambda: _odd(likeness))


def _times(found: Sequence[Sound], likeness: Floats) -> Measurement:
    """Count the sounds where all of them are the same."""
    if likeness.min() < _SAME:
        message = f"the sounds are not all the same: likeness {likeness.min():.2f}, needs {_SAME}"
        raise Abstained(message)
    loudness = [one.level_db for one in found]
    if max(loudness) - min(loudness) > _AS_LOUD_DB:
        raise Abstained("the sounds are not equally loud: the faintest may be an echo")
    return Measurement(property="repetitions", value=Value(number=float(len(found))))


def _odd(likeness: Floats) -> Measurement:
    """Name the one sound that differs from all others, which are the same."""
    n = len(likeness)
    for odd in range(n):
        rest = [at for at in range(n) if at != odd]
        alike = likeness[np.ix_(rest, rest)].min() >= _SAME
        if n > 2 and alike and likeness[odd, rest].max() <= _OTHER:
            return Measurement(property="odd_one_out", value=Value(text=_ORDINALS[odd]))
    raise Abstained("no one sound differs from all the others")


def _cut(level: Floats, gate_db: float, block_s: float) -> list[tuple[int, int]]:
    """Find stretches above a gate, joined over gaps that are too short to be heard as such."""
    loud = np.concatenate([[False], level >= gate_db, [False]])
    changes = np.flatnonzero(loud[1:] != loud[:-1])
    joined: list[tuple[int, int]] = []
    for start, end in zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True):
        if joined and (start - joined[-1][1]) * block_s < _GAP_S:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _segment(spectra: Floats, sound: Sound) -> Floats:
    """Cut a sound's spectra out, in dB from 0 (40 dB beneath its maximum) to 40."""
    first, last = round(sound.start_s / HOP_S), round(sound.end_s / HOP_S)
    cut = spectra[first : max(last, first + 1)]
    return np.asarray(np.maximum(cut - cut.max() + _DYNAMICS_DB, 0.0))


def _likeness(one: Floats, other: Floats) -> float:
    """Correlate two spectrograms, silence added to the shorter, at the best lag: up to 1."""
    n = max(len(one), len(other)) + 2 * _LAG_FRAMES
    fixed = np.zeros((n, one.shape[1]))
    fixed[_LAG_FRAMES : _LAG_FRAMES + len(one)] = one
    best = -1.0
    for lag in range(2 * _LAG_FRAMES + 1):
        moved = np.zeros_like(fixed)
        moved[lag : lag + len(other)] = other[: n - lag]
        best = max(best, float(np.corrcoef(fixed.ravel(), moved.ravel())[0, 1]))
    return best
