"""Who speaks when, and how many: CAM++ embeddings of short windows, clustered.

Weights: 3D-Speaker's zh-en common CAM++ (`synth/models.toml`). The count is its weak side: its
confidence says how clear the cut between "same voice" and "other voice" was.
"""

from __future__ import annotations

import functools
import string
from collections import Counter
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import models
from synth.audio import Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float32]
    Stretch = tuple[float, float]

VERSION = "1"
WITNESS = "campplus"
NEEDS = ("activity_silero",)
PACKAGES = ("numpy", "torch", "kaldi_native_fbank", "scipy")
PROPERTIES = ("speaker_count", "turns")

_RATE_HZ = 16_000
_MELS = 80  # as CAM++ was trained
_WINDOW_S, _HOP_S = 1.6, 0.8
# Cosine distance at which two voices are two: 3D-Speaker, speakerlab/process/cluster.py, AHCluster,
# joins down to a cosine similarity of 0.4.
_OTHER_VOICE = 0.6
# Less speech than this in all is no voice of its own, and too little to count voices in.
_SHORTEST_VOICE_S = 2.5
_MOST_VOICES = len(string.ascii_uppercase)
_GRID_S = 0.01
_SHORTEST_WINDOW_S = 0.4  # a tail shorter than this has too few frames to tell a voice by


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell how many people speak, and their turns, labelled A, B... in order of appearance.

    A turn lasts from a voice's first moment to its last before another speaks, pauses included.

    Raises:
        Abstained: no speech heard, too little of it, or more voices than letters.
        MissingWeights: campplus is not in the cache.
    """
    windows = [window for stretch in _speech(given) for window in _windows(stretch)]
    spoken_s = _spoken_s(windows)
    if spoken_s < _SHORTEST_VOICE_S:
        message = f"{spoken_s:.1f} s of speech; telling voices apart needs {_SHORTEST_VOICE_S} s"
        raise Abstained(message)
    embeddings = _embeddings(audio.mono(_RATE_HZ), windows)
    voices, clearness = _clustered(embeddings)
    voices = _without_slight_voices(voices, embeddings, windows)
    turns = _turns(windows, voices)
    labels = {turn.label for turn in turns}
    return (
        Measurement(
            property="speaker_count", value=Value(number=float(len(labels))), confidence=clearness
        ),
        Measurement(property="turns", value=Value(items=turns), confidence=clearness),
    )


def _speech(given: Sequence[Observation]) -> list[Stretch]:
    heard = [
        (item.start_s, item.end_s)
        for observation in given
        if observation.extractor == NEEDS[0] and observation.property == "speech_segments"
        for item in observation.value.items or ()
        if item.start_s is not None and item.end_s is not None
    ]
    if not heard:
        raise Abstained("no speech heard by activity_silero")
    return heard


def _windows(stretch: Stretch) -> list[Stretch]:
    """Cover a stretch of speech with windows; the last one is as long as is left."""
    start, end = stretch
    windows = []
    while start == stretch[0] or end - start >= _WINDOW_S - _HOP_S:
        windows.append((start, min(start + _WINDOW_S, end)))
        start += _HOP_S
    return [window for window in windows if window[1] - window[0] >= _SHORTEST_WINDOW_S]


def _spoken_s(windows: Sequence[Stretch]) -> float:
    """Length of speech under the windows, overlap counted once."""
    total, reached = 0.0, 0.0
    for start, end in windows:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _embeddings(samples: Floats, windows: Sequence[Stretch]) -> Floats:
    """One unit vector a window: (windows, 192)."""
    import numpy as np
    import torch

    network, vectors = _network(), []
    for start, end in windows:
        cut = samples[int(start * _RATE_HZ) : int(end * _RATE_HZ)]
        # A short window is repeated up to full length: the network was trained on longer ones.
        wrapped = np.resize(cut, int(_WINDOW_S * _RATE_HZ))
        with torch.inference_mode():
            vectors.append(network(torch.from_numpy(_features(wrapped))[None])[0].numpy())
    stacked = np.stack(vectors)
    return np.asarray(stacked / np.linalg.norm(stacked, axis=1, keepdims=True))


def _features(samples: Floats) -> Floats:
    """80-band Kaldi filter banks without dither, mean removed: (frames, 80)."""
    import kaldi_native_fbank
    import numpy as np

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = _RATE_HZ
    options.mel_opts.num_bins = _MELS
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(_RATE_HZ, samples.tolist())
    bank.input_finished()
    frames = np.stack([bank.get_frame(number) for number in range(bank.num_frames_ready)])
    return np.asarray(frames - frames.mean(axis=0), dtype=np.float32)


def _clustered(embeddings: Floats) -> tuple[list[int], float]:
    """Voice of each window by average linkage, and how clear the cut was, 0..1.

    Clearness is the distance from the threshold to the nearest merge made or refused.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(embeddings) == 1:
        return [1], 1.0
    tree = linkage(embeddings, method="average", metric="cosine")
    voices = [int(voice) for voice in fcluster(tree, _OTHER_VOICE, criterion="distance")]
    gap = float(abs(tree[:, 2] - _OTHER_VOICE).min())
    return voices, min(1.0, gap / _OTHER_VOICE)


def _without_slight_voices(
    voices: list[int], embeddings: Floats, windows: Sequence[Stretch]
) -> list[int]:
    """Give windows of voices that hardly speak to the nearest voice that does."""
    import numpy as np

    numbers = np.array(voices)
    spoken_s = {
        voice: _spoken_s(
            [window for window, its in zip(windows, voices, strict=True) if its == voice]
        )
        for voice in set(voices)
    }
    strong = [voice for voice, length_s in spoken_s.items() if length_s >= _SHORTEST_VOICE_S]
    if not strong:
        raise Abstained("no voice speaks for 2.5 s in all: too little to count voices in")
    centres = np.stack([embeddings[numbers == voice].mean(axis=0) for voice in strong])
    nearest = (embeddings @ centres.T).argmax(axis=1)
    return [
        voice if voice in strong else strong[nearest[place]] for place, voice in enumerate(voices)
    ]


def _turns(windows: Sequence[Stretch], voices: Sequence[int]) -> tuple[Item, ...]:
    """Let overlapping windows vote on each 10 ms; join a voice's moments into turns."""
    votes: dict[int, Counter[int]] = {}
    for (start, end), voice in zip(windows, voices, strict=True):
        for moment in range(round(start / _GRID_S), round(end / _GRID_S)):
            votes.setdefault(moment, Counter())[voice] += 1
    turns: list[tuple[int, int, int]] = []
    for moment in sorted(votes):
        previous = turns[-1][0] if turns else None
        counted = votes[moment].most_common()
        # A tie goes to whoever has the floor.
        best = [voice for voice, count in counted if count == counted[0][1]]
        voice = previous if previous in best else best[0]
        if voice == previous:
            turns[-1] = (voice, turns[-1][1], moment + 1)
        else:
            turns.append((voice, moment, moment + 1))
    return _lettered(turns)


def _lettered(turns: Sequence[tuple[int, int, int]]) -> tuple[Item, ...]:
    order = list(dict.fromkeys(voice for voice, _, _ in turns))
    if len(order) > _MOST_VOICES:
        message = f"{len(order)} voices found, more than can be believed"
        raise Abstained(message)
    return tuple(
        Item(
            label=string.ascii_uppercase[order.index(voice)],
            start_s=start * _GRID_S,
            end_s=end * _GRID_S,
        )
        for voice, start, end in turns
    )


@functools.cache
def _network() -> Any:
    import torch

    from synth import campplus

    torch.set_num_threads(1)  # as Silero sets it for the process; runs scale by processes
    return campplus.load(models.path("campplus"))
