"""What every loudness meter owes: when it may speak, and the loudness of either half."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from schemas import Span, Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.gates import BLOCK_S, SILENCE_DBFS
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from synth.audio import Audio

    Blocks = NDArray[np.float64]

HOP_S = 0.1
"""BS.1770-5: gating blocks overlap by 75 %."""

_RELATIVE_GATE_LU = 10.0  # BS.1770-5
_SHORTEST_HALF_S = threshold("loudness", "shortest_half_s")
RANGE_SHORTEST_S = threshold("loudness", "range_shortest_s")

VERSION = digest("loudness")


def need_known_channels(channels: int) -> None:
    """Abstain where the meter cannot know how to weigh the channels."""
    if channels > 2:
        message = f"{channels} channels: BS.1770 weights them by place, which is not known"
        raise Abstained(message)


def integrated(loudness: float) -> Measurement:
    """Tell what a meter says of the whole recording; abstain where its gate let nothing through."""
    if not SILENCE_DBFS < loudness < math.inf:
        raise Abstained("no block is above the gate of -70 LUFS")
    return Measurement(property="loudness", value=Value(number=loudness))


def loudness_range(audio: Audio, measured: Callable[[], float]) -> Iterator[Measurement]:
    """Measure the loudness range (EBU Tech 3342) of a recording that is long enough for one."""
    if audio.duration_s < RANGE_SHORTEST_S:
        return
    span = measured()
    if math.isfinite(span):  # no window above the gate has no range
        yield Measurement(property="loudness_range", value=Value(number=span))


def halves(blocks: Blocks, duration_s: float) -> Iterator[Measurement]:
    """Measure the loudness of the first and of the second half, where each is long enough.

    Args:
        blocks: loudness in LUFS of blocks of 400 ms that begin every 100 ms, from 0 s on.
        duration_s: of the recording.
    """
    import numpy as np  # noqa: PLC0415 - the audio extra

    middle = duration_s / 2
    if middle < _SHORTEST_HALF_S:
        return
    starts = np.arange(len(blocks)) * HOP_S
    sides = (
        (Span(start_s=0.0, end_s=middle), starts + BLOCK_S <= middle),
        (Span(start_s=middle, end_s=duration_s), starts >= middle),
    )
    for span, inside in sides:
        loudness = gated(blocks[inside])
        if loudness is not None:
            yield Measurement(property="loudness", value=Value(number=loudness), span=span)


def gated(blocks: Blocks) -> float | None:
    """Integrate blocks behind both gates; None where nothing is above the absolute one."""
    import numpy as np  # noqa: PLC0415 - the audio extra

    heard = blocks[blocks >= SILENCE_DBFS]
    if not len(heard):
        return None
    relative = 10 * np.log10(np.mean(10 ** (heard / 10))) - _RELATIVE_GATE_LU
    heard = heard[heard > relative]
    return float(10 * np.log10(np.mean(10 ** (heard / 10))))
