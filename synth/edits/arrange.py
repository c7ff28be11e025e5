"""Clips joined, repeated and laid over a bed on one timeline, with what that makes true.

What is heard when is known by construction: each clip is placed so that it *becomes audible* at
its `start_s`. Audible is what is within 30 dB of the clip's own loudest 5 ms.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from schemas import Edit, Item, Truth, Value
from schemas.errors import BadOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from synth.audio import Audio

    Samples = NDArray[np.float32]

VERSION = "1"

# Ours: below a clip's loudest 5 ms. Tests hold the onset that it gives to 10 ms of the energy's.
AUDIBLE_DB = -30.0
FRAME_S = 0.005
LEAD_S = 0.05  # kept before the audible onset: the soft start of a consonant
FADE_S = 0.005  # at both ends of a clip: no click at a join
CEILING_DB = -1.0  # EBU R 128: maximum true peak -1 dBTP
FULL_SCALE = 32768  # 16 bits: what a FLAC file holds exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One clip on the timeline."""

    source: int
    """index into the sources"""
    start_s: float
    """second at which the clip becomes audible"""
    label: str
    """what is heard, in a question's words: "door", "speech" """
    gain_db: float = 0.0
    speaker: str | None = None
    """who speaks; None: nobody"""
    words: str | None = None
    """what is said; None: not known, or nobody speaks"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A clip that sounds under all others, from the first second to the last; nobody speaks."""

    source: int
    label: str
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Which clips sound when."""

    placements: tuple[Placement, ...]
    duration_s: float
    sample_rate_hz: int
    bed: Bed | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """A made recording: samples of shape (1, n), exact at 16 bits, and how it was made."""

    samples: Samples
    sample_rate_hz: int
    edit: Edit


@dataclass(frozen=True, slots=True)
class _Placed:
    placement: Placement
    first: int
    """index of the clip's first sample in the mix"""
    samples: Samples
    item: Item


def apply(sources: Sequence[Audio], params: Arrangement, seed: int) -> Edited:
    """Place clips on a timeline and state what is heard in it.

    The mix is mono, at most -1 dBFS, and dithered to 16 bits with the seed. The truths: `event`
    lists all that sounds, by start; `speaker_count`, `turns` (letters in order of appearance) and
    `words` follow where placements name speakers and words. The sources' own silence, hiss and
    reverberation are not listed.

    Raises:
        BadOption: a source that is not there, a silent clip, or one that ends after the mix.
    """
    placed = sorted(
        (_place(sources, placement, params) for placement in params.placements),
        key=lambda one: one.placement.start_s,
    )
    rate = params.sample_rate_hz
    mix = _mixed(sources, placed, params)
    edit = Edit(
        name="arrange",
        version=VERSION,
        sources=tuple(source.recording for source in sources),
        params=json.dumps(asdict(params), sort_keys=True, ensure_ascii=False),
        seed=seed,
        truths=_truths(placed, params),
    )
    return Edited(_dithered(mix, seed)[None, :], rate, edit)


def repeated(placement: Placement, times: int, every_s: float) -> tuple[Placement, ...]:
    """Sound one clip several times, at an even pace."""
    return tuple(
        replace(placement, start_s=round(placement.start_s + turn * every_s, 6))
        for turn in range(times)
    )


def audible(samples: Samples, sample_rate_hz: int) -> tuple[int, int]:
    """Find where a mono clip becomes audible and where it stops: sample indices, shape (n,).

    Raises:
        BadOption: the clip is silent throughout.
    """
    hop = max(1, round(FRAME_S * sample_rate_hz))
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % hop))
    power = np.square(padded).reshape(-1, hop).mean(axis=1)
    if not power.any():
        raise BadOption("arrange: a clip without any sound cannot be placed")
    loud = np.flatnonzero(power >= power.max() * 10 ** (AUDIBLE_DB / 10))
    first = int(loud[0]) * hop
    # Within the first loud frame, the sample that reaches the threshold.
    threshold = np.sqrt(power.max()) * 10 ** (AUDIBLE_DB / 20)
    first += int(np.flatnonzero(np.abs(padded[first : first + hop]) >= threshold)[0])
    return first, min(len(samples), (int(loud[-1]) + 1) * hop)


def _place(sources: Sequence[Audio], placement: Placement, params: Arrangement) -> _Placed:
    rate = params.sample_rate_hz
    clip = _clip(sources, placement.source, rate)
    onset, offset = audible(clip, rate)
    start = round(placement.start_s * rate)
    end_s = round((start + offset - onset) / rate, 6)
    if start < 0 or end_s > params.duration_s:
        where = f"{placement.label} at {placement.start_s} s"
        message = f"arrange: {where} lies outside the mix of {params.duration_s} s"
        raise BadOption(message)
    lead = min(onset, start, round(LEAD_S * rate))
    # A tail that outlasts the mix fades out at its end.
    kept = clip[onset - lead :][: round(params.duration_s * rate) - (start - lead)]
    item = Item(label=placement.label, start_s=round(start / rate, 6), end_s=end_s)
    return _Placed(placement, start - lead, _gained(_faded(kept, rate), placement.gain_db), item)


def _clip(sources: Sequence[Audio], index: int, rate: int) -> Samples:
    if not 0 <= index < len(sources):
        message = f"arrange: no source {index}; there are {len(sources)}"
        raise BadOption(message)
    return sources[index].mono(rate)


def _faded(clip: Samples, rate: int) -> Samples:
    length = min(round(FADE_S * rate), len(clip) // 2)
    ramp = np.linspace(0.0, 1.0, length, endpoint=False, dtype=np.float32)
    faded = clip.copy()
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return faded


def _gained(clip: Samples, gain_db: float) -> Samples:
    return clip * np.float32(10 ** (gain_db / 20))


def _mixed(sources: Sequence[Audio], placed: Iterable[_Placed], params: Arrangement) -> Samples:
    rate = params.sample_rate_hz
    mix = np.zeros(round(params.duration_s * rate), dtype=np.float64)
    if params.bed is not None:
        bed = _clip(sources, params.bed.source, rate)
        whole = np.resize(bed, len(mix))  # a bed that is too short starts again
        mix += _gained(_faded(whole, rate), params.bed.gain_db)
    for one in placed:
        mix[one.first : one.first + len(one.samples)] += one.samples
    peak = float(np.abs(mix).max(initial=0.0))
    ceiling = 10 ** (CEILING_DB / 20)
    return (mix * min(1.0, ceiling / peak) if peak else mix).astype(np.float32)


def _dithered(mix: Samples, seed: int) -> Samples:
    """Round to 16 bits over triangular dither of one step, as for any fixed-point master."""
    noise = np.random.Generator(np.random.PCG64(seed)).random((2, len(mix)))
    steps = np.round(mix.astype(np.float64) * FULL_SCALE + noise[0] - noise[1])
    exact: Samples = (np.clip(steps, -FULL_SCALE, FULL_SCALE - 1) / FULL_SCALE).astype(np.float32)
    return exact


def _truths(placed: Sequence[_Placed], params: Arrangement) -> tuple[Truth, ...]:
    events = [one.item for one in placed]
    if params.bed is not None:
        events.insert(0, Item(label=params.bed.label, start_s=0.0, end_s=params.duration_s))
    truths = [Truth(property="event", value=Value(items=tuple(events)))]
    spoken = [one for one in placed if one.placement.speaker is not None]
    if spoken:
        people = dict.fromkeys(one.placement.speaker for one in spoken)
        truths.append(Truth(property="speaker_count", value=Value(number=float(len(people)))))
        if not _overlapping(spoken):
            truths += _said(spoken)
    return tuple(truths)


def _said(spoken: Sequence[_Placed]) -> list[Truth]:
    """State turns, with neighbours of one speaker as one turn, and words where all are known."""
    letters: dict[str | None, str] = {}
    turns: list[Item] = []
    for one in spoken:
        letter = letters.setdefault(one.placement.speaker, chr(ord("A") + len(letters)))
        start = one.item.start_s
        if turns and turns[-1].label == letter:
            start = turns.pop().start_s
        turns.append(Item(label=letter, start_s=start, end_s=one.item.end_s))
    truths = [Truth(property="turns", value=Value(items=tuple(turns)))]
    texts = [one.placement.words for one in spoken]
    if all(texts):
        words = tuple(Item(label=word) for text in texts if text for word in text.split())
        truths.append(Truth(property="words", value=Value(items=words)))
    return truths


def _overlapping(spoken: Sequence[_Placed]) -> bool:
    """Who overlaps speaks at once: then there is no one order of turns and words."""
    return any(
        one.item.end_s is None or after.item.start_s is None or after.item.start_s < one.item.end_s
        for one, after in pairwise(spoken)
    )
