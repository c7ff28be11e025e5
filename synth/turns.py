"""Who speaks when, as turns: moments of speech joined, voices lettered in order of appearance."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from schemas import Item
from schemas.errors import Abstained

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas import Observation

    Moment = tuple[float, float, int]
    Stretch = tuple[float, float]

_MOST_VOICES = len(string.ascii_uppercase)


def turns(moments: Iterable[Moment]) -> tuple[Item, ...]:
    """Join moments (start_s, end_s, voice), in order of time, into turns labelled A, B...

    A turn lasts from a voice's first moment to its last before another speaks, pauses included.

    Raises:
        Abstained: more voices than letters.
    """
    joined: list[Moment] = []
    for start_s, end_s, voice in moments:
        if joined and joined[-1][2] == voice:
            joined[-1] = (joined[-1][0], end_s, voice)
        else:
            joined.append((start_s, end_s, voice))
    order = list(dict.fromkeys(voice for _, _, voice in joined))
    if len(order) > _MOST_VOICES:
        message = f"{len(order)} voices found, more than can be believed"
        raise Abstained(message)
    return tuple(
        Item(label=string.ascii_uppercase[order.index(voice)], start_s=start_s, end_s=end_s)
        for start_s, end_s, voice in joined
    )


def speech(given: Sequence[Observation], extractor: str) -> list[Stretch]:
    """Give the stretches of speech in seconds that an extractor heard.

    Raises:
        Abstained: it heard none.
    """
    heard = [
        (item.start_s, item.end_s)
        for observation in given
        if observation.extractor == extractor and observation.property == "speech_segments"
        for item in observation.value.items or ()
        if item.start_s is not None and item.end_s is not None
    ]
    if not heard:
        message = f"no speech heard by {extractor}"
        raise Abstained(message)
    return heard


def covered_s(stretches: Iterable[Stretch]) -> float:
    """Length in seconds of what stretches cover, in order of start, overlap counted once."""
    total, reached = 0.0, 0.0
    for start_s, end_s in stretches:
        total += max(0.0, end_s - max(start_s, reached))
        reached = max(reached, end_s)
    return total
