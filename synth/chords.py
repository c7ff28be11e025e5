"""Chords from pitch classes over time: the most likely path through 24 triads.

Templates and a Viterbi path that prefers to stay, as Cho and Bello weigh them: "On the relative
importance of individual components of chord recognition systems", IEEE/ACM TASLP 22(2), 2014.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from schemas import Item, Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.keys import TONICS
from synth.thresholds import threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_STEP_S = threshold("chords", "step")
_CHANGE = threshold("chords", "change")
_SHORTEST_S = threshold("chords", "shortest")
_AHEAD = threshold("chords", "ahead")
_CLOSE = threshold("chords", "close")

_NAMES = tuple(f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS)
_MAJOR, _MINOR = np.isin(range(12), (0, 4, 7)), np.isin(range(12), (0, 3, 7))
_TRIADS = np.stack([np.roll(triad, root) for triad in (_MAJOR, _MINOR) for root in range(12)])
_TRIADS = _TRIADS / np.sqrt(3)


def chords_heard(heard: Floats, frames_per_s: float, duration_s: float) -> Measurement:
    """Tell the stretches in which one major or minor triad is clearly heard, in order of time.

    Args:
        heard: how strongly each pitch class sounds, from C, shape (frames, 12), not negative.
        frames_per_s: how densely the frames lie.
        duration_s: where the recording ends; the last frame may reach beyond it.

    Raises:
        Abstained: no stretch is that clear.
    """
    per_step = max(1, round(_STEP_S * frames_per_s))
    above = np.maximum(heard - np.median(heard, axis=1, keepdims=True), 0)
    steps = np.add.reduceat(np.sqrt(above), np.arange(0, len(heard), per_step), axis=0)
    step_s = per_step / frames_per_s
    path = _path(_likeness(steps))
    changes = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    items = tuple(
        Item(
            label=_NAMES[path[first]],
            start_s=first * step_s,
            end_s=min(last * step_s, duration_s),
        )
        for first, last in pairwise(changes)
        if (last - first) * step_s >= _SHORTEST_S and _is_clear(steps[first:last])
    )
    if not items:
        raise Abstained("no chord is clear: no triad stands out for long enough")
    return Measurement(property="chords", value=Value(items=items))


def _likeness(steps: Floats) -> Floats:
    """Cosine of each step with each triad: (steps, 24); 0 where nothing sounds."""
    length = np.linalg.norm(steps, axis=1, keepdims=True)
    return np.asarray(steps @ _TRIADS.T / np.maximum(length, 1e-9))


def _path(likeness: Floats) -> list[int]:
    """Find the path of the greatest likeness, less a price for every change."""
    total, came = likeness[0], []
    for here in likeness[1:]:
        best = int(total.argmax())
        changed = total[best] - _CHANGE > total
        came.append(np.where(changed, best, np.arange(len(total))))
        total = np.maximum(total, total[best] - _CHANGE) + here
    path = [int(total.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return path[::-1]


def _is_clear(steps: Floats) -> bool:
    """Whether the stretch as a whole is close to its triad and further from every other."""
    best, second = np.sort(_likeness(steps.sum(axis=0)[None])[0])[:-3:-1]
    return bool(best >= _CLOSE and best - second >= _AHEAD)
