"""Who speaks when, and how many: CAM++ embeddings of short windows, clustered.

Weights: 3D-Speaker's zh-en common CAM++ (`synth/models.toml`), on speech that Silero finds. The
count is told only where it is clear: the same at a lax and at a strict cut between "same voice"
and "other voice", and without a voice too slight to be told from a stray window. In a few seconds
of speech it can only be told that all of it is one voice.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import models
from synth.audio import Measurement
from synth.thresholds import threshold
from synth.turns import covered_s, speech, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float32]
    Stretch = tuple[float, float]

VERSION = "2"
WITNESS = "campplus"
LICENCE = "Apache-2.0"
NEEDS = ("activity_silero",)
PACKAGES = ("numpy", "torch", "kaldi_native_fbank", "scipy")
PROPERTIES = ("speaker_count", "turns")

_RATE_HZ = 16_000
_MELS = 80  # as CAM++ was trained
_WINDOW_S, _HOP_S = 1.6, 0.8
_SHORT_WINDOW_S, _SHORT_HOP_S = 0.8, 0.4  # where two voices may share a longer one
_SAME_VOICE = threshold("speakers_campplus", "same_voice")
_OTHER_VOICE = threshold("speakers_campplus", "other_voice")
_SLIGHT_S = threshold("speakers_campplus", "slight_voice")
_CLEAR_S = threshold("speakers_campplus", "clear_voice")
_SHORT_SPEECH_S = threshold("speakers_campplus", "short_speech")
_LEAST_SPEECH_S = threshold("speakers_campplus", "least_speech")
_ONE_VOICE = threshold("speakers_campplus", "one_voice")
_GRID_S = 0.01
_SHORTEST_WINDOW_S = 0.4  # a tail shorter than this has too few frames to tell a voice by


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell how many people speak, and their turns, labelled A, B... in order of appearance.

    Raises:
        Abstained: no speech heard, too little of it, an unclear count, more voices than letters.
        MissingWeights: campplus is not in the cache.
    """
    stretches = speech(given, NEEDS[0])
    spoken_s = covered_s(stretches)
    if spoken_s < _LEAST_SPEECH_S:
        message = f"{spoken_s:.1f} s of speech; telling voices apart needs {_LEAST_SPEECH_S:g} s"
        raise Abstained(message)
    samples = audio.mono(_RATE_HZ)
    if spoken_s < _SHORT_SPEECH_S:
        clearness = _alike(samples, stretches, spoken_s)
        spoken = turns((start_s, end_s, 0) for start_s, end_s in stretches)
    else:
        windows = _windows(stretches, _WINDOW_S, _HOP_S)
        voices, clearness = _clustered(_embeddings(samples, windows, _WINDOW_S), windows)
        spoken = _turns(windows, voices)
    count = float(len({turn.label for turn in spoken}))
    return (
        Measurement(property="speaker_count", value=Value(number=count), confidence=clearness),
        Measurement(property="turns", value=Value(items=spoken), confidence=clearness),
    )


def _windows(stretches: Sequence[Stretch], window_s: float, hop_s: float) -> list[Stretch]:
    """Cover stretches of speech with windows; a stretch's last one is as long as is left."""
    windows = []
    for first_s, end_s in stretches:
        start_s = first_s
        while start_s == first_s or end_s - start_s >= window_s - hop_s:
            windows.append((start_s, min(start_s + window_s, end_s)))
            start_s += hop_s
    return [(start, end) for start, end in windows if end - start >= _SHORTEST_WINDOW_S]


def _alike(samples: Floats, stretches: Sequence[Stretch], spoken_s: float) -> float:
    """Tell how clearly little speech is all one voice, 0..1.

    Raises:
        Abstained: it may be two voices, or one that changes: too little to tell.
    """
    from scipy.cluster.hierarchy import linkage

    windows = _windows(stretches, _SHORT_WINDOW_S, _SHORT_HOP_S)
    if len(windows) < 2:
        raise Abstained("no two windows of speech to compare")
    embeddings = _embeddings(samples, windows, _SHORT_WINDOW_S)
    apart = float(linkage(embeddings, method="average", metric="cosine")[-1, 2])
    if apart >= _ONE_VOICE:
        message = f"{spoken_s:.1f} s of speech that is not all alike: too little to count voices in"
        raise Abstained(message)
    return 1 - apart / _ONE_VOICE


def _embeddings(samples: Floats, windows: Sequence[Stretch], window_s: float) -> Floats:
    """One unit vector a window: (windows, 192)."""
    import numpy as np
    import torch

    network, vectors = _network(), []
    for start, end in windows:
        cut = samples[int(start * _RATE_HZ) : int(end * _RATE_HZ)]
        # A short window is repeated up to full length: the network was trained on longer ones.
        wrapped = np.resize(cut, int(window_s * _RATE_HZ))
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


def _clustered(embeddings: Floats, windows: Sequence[Stretch]) -> tuple[list[int], float]:
    """Voice of each window by average linkage, and how clear the cut was, 0..1.

    Clearness is the distance from the middle of both cuts to the nearest merge made or refused.

    Raises:
        Abstained: the strict and the lax cut give another number of voices.
    """
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(embeddings, method="average", metric="cosine")
    strict = fcluster(tree, _SAME_VOICE, criterion="distance")
    lax = fcluster(tree, _OTHER_VOICE, criterion="distance")
    voices = _speaking(windows, strict, _SLIGHT_S)
    clear = _speaking(windows, lax, _CLEAR_S)
    if len(voices) != len(clear) or not voices:
        message = f"{len(clear)} or {len(voices)} voices: the count is not clear"
        raise Abstained(message)
    # Stray windows go to the nearest voice.
    centres = np.stack([embeddings[strict == voice].mean(axis=0) for voice in voices])
    nearest = (embeddings @ centres.T).argmax(axis=1)
    middle = (_SAME_VOICE + _OTHER_VOICE) / 2
    gap = float(abs(tree[:, 2] - middle).min())
    return [
        int(voice) if voice in voices else voices[nearest[place]]
        for place, voice in enumerate(strict)
    ], min(1.0, gap / middle)


def _speaking(windows: Sequence[Stretch], voices: NDArray[np.int32], least_s: float) -> list[int]:
    """Voices that speak for at least so many seconds in all."""
    spoken_s = {
        int(voice): covered_s(
            [window for window, its in zip(windows, voices, strict=True) if its == voice]
        )
        for voice in dict.fromkeys(voices.tolist())
    }
    return [voice for voice, length_s in spoken_s.items() if length_s >= least_s]


def _turns(windows: Sequence[Stretch], voices: Sequence[int]) -> tuple[Item, ...]:
    """Let overlapping windows vote on each 10 ms; a tie goes to whoever has the floor."""
    votes: dict[int, Counter[int]] = {}
    for (start_s, end_s), voice in zip(windows, voices, strict=True):
        for moment in range(round(start_s / _GRID_S), round(end_s / _GRID_S)):
            votes.setdefault(moment, Counter())[voice] += 1
    moments, floor = [], 0
    for moment in sorted(votes):
        counted = votes[moment].most_common()
        best = [voice for voice, count in counted if count == counted[0][1]]
        floor = floor if floor in best else best[0]
        moments.append((moment * _GRID_S, (moment + 1) * _GRID_S, floor))
    return turns(moments)


@functools.cache
def _network() -> Any:
    import torch

    from synth import campplus

    torch.set_num_threads(1)  # as Silero sets it for the process; runs scale by processes
    return campplus.load(models.path("campplus"))
