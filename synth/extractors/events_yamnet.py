"""Sound events by YAMNet: which of AudioSet's 521 classes are heard, and when.

Weights: google/yamnet quantised to uint8 (`synth/models.toml`). Its scores come in steps of 0.757
in log-odds, so a score is one of .32, .50, .68, .82 and so on.
"""

from __future__ import annotations

import csv
import functools
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import models
from synth.audio import Measurement

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float32]

VERSION = "1"
WITNESS = "yamnet"
NEEDS: tuple[str, ...] = ()
PACKAGES = ("numpy", "onnxruntime")
PROPERTIES = ("event", "presence")

# The front end that the network was trained on: tensorflow/models, yamnet/params.py.
_RATE_HZ = 16_000
_WINDOW, _HOP, _FFT = 400, 160, 512
_BANDS, _LOWEST_HZ, _HIGHEST_HZ = 64, 125.0, 7500.0
_LOG_OFFSET = 0.001
_PATCH_FRAMES, _PATCH_HOP = 96, 48
_PATCH_S, _PATCH_HOP_S = 0.96, 0.48
_PATCH_SAMPLES = _WINDOW + (_PATCH_FRAMES - 1) * _HOP

# Initialisers audio_scale, audio_zero_point, class_scores_scale, class_scores_zero_point of the
# very model.onnx that models.toml pins by its hash.
_IN_SCALE, _IN_ZERO = 0.04793788492679596, 144
_OUT_SCALE, _OUT_ZERO = 0.756541728973389, 190

# A class is heard where it is more likely than not. "Not heard" needs every frame to be this sure;
# between the two nothing is said. Both by definition, fitted to nothing.
_HEARD = 0.5
_UNHEARD = 0.1
_ALWAYS_TOLD = ("music", "speech")
_NO_EVENT = "silence"  # a class of AudioSet, but the want of a sound is no sound


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:  # noqa: ARG001 - every extractor's signature
    """Tell the events heard, one item a contiguous stretch in seconds, and music and speech.

    Confidence: of the events, that of the least sure; of a presence, its highest score.

    Raises:
        Abstained: nothing is more likely than not, and neither music nor speech is ruled out.
        MissingWeights: yamnet is not in the cache.
    """
    scores = _scores(audio.mono(_RATE_HZ))
    told = (*_events(scores, audio.duration_s), *_presence(scores))
    if not told:
        message = f"no class reaches {_HEARD}, yet music and speech are not ruled out"
        raise Abstained(message)
    return told


def _events(scores: Floats, duration_s: float) -> list[Measurement]:
    items, peaks = [], []
    for number, label in enumerate(_labels()):
        for first, last in _stretches(scores[:, number] >= _HEARD):
            if label == _NO_EVENT:
                continue
            end_s = min(last * _PATCH_HOP_S + _PATCH_S, duration_s)
            items.append(Item(label=label, start_s=first * _PATCH_HOP_S, end_s=end_s))
            peaks.append(float(scores[first : last + 1, number].max()))
    if not items:
        return []
    items.sort(key=lambda item: (item.start_s, item.label))
    return [Measurement(property="event", value=Value(items=tuple(items)), confidence=min(peaks))]


def _presence(scores: Floats) -> list[Measurement]:
    told = []
    for label in _ALWAYS_TOLD:
        peak = float(scores[:, _labels().index(label)].max())
        if peak >= _HEARD:
            yes = Value(text="yes")
            told.append(Measurement(property="presence", subject=label, value=yes, confidence=peak))
        elif peak < _UNHEARD:
            no = Value(text="no")
            told.append(
                Measurement(property="presence", subject=label, value=no, confidence=1 - peak)
            )
    return told


def _stretches(heard: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last patch of each stretch without a gap in time.

    A patch is twice as long as the hop, so one unsure patch between two sure ones is no gap.
    """
    stretches: list[tuple[int, int]] = []
    for patch in heard.nonzero()[0].tolist():
        if stretches and patch - stretches[-1][1] <= _PATCH_FRAMES // _PATCH_HOP:
            stretches[-1] = (stretches[-1][0], patch)
        else:
            stretches.append((patch, patch))
    return stretches


def _scores(samples: Floats) -> Floats:
    """Probability of each class in each patch: (patches, 521)."""
    import numpy as np

    patches = _patches(samples)
    quantised = np.clip(np.round(patches / _IN_SCALE + _IN_ZERO), 0, 255).astype(np.uint8)
    session = _session()
    raw = [session.run(None, {"audio": patch[None, None]})[0][0] for patch in quantised]
    log_odds = (np.stack(raw).astype(np.float64) - _OUT_ZERO) * _OUT_SCALE
    return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=np.float32)


def _patches(samples: Floats) -> Floats:
    """Cut log-mel patches (patches, 96, 64), hop 0.48 s; the end is padded to a whole patch."""
    import numpy as np

    hop = _PATCH_HOP * _HOP
    after_first = -(-max(0, len(samples) - _PATCH_SAMPLES) // hop)
    whole = _PATCH_SAMPLES + after_first * hop
    padded = np.pad(samples, (0, max(0, whole - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    spectrum = np.abs(np.fft.rfft(frames * hann, _FFT))
    mel = np.log(spectrum @ _mel_bands() + _LOG_OFFSET)
    starts = range(0, (after_first + 1) * _PATCH_HOP, _PATCH_HOP)
    return np.stack([mel[start : start + _PATCH_FRAMES] for start in starts]).astype(np.float32)


@functools.cache
def _mel_bands() -> NDArray[np.float64]:
    """HTK mel triangles of height 1: (257, 64)."""
    import numpy as np

    def mel(hertz: Any) -> Any:
        return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)

    bins = mel(np.linspace(0.0, _RATE_HZ / 2, _FFT // 2 + 1))[:, None]
    edges = np.linspace(mel(_LOWEST_HZ), mel(_HIGHEST_HZ), _BANDS + 2)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


@functools.cache
def _labels() -> tuple[str, ...]:
    """Display names of the classes in lower case, in the order of the scores."""
    listed: Path = models.path("yamnet") / "yamnet_class_map.csv"
    with listed.open(encoding="utf-8", newline="") as rows:
        return tuple(row["display_name"].lower() for row in csv.DictReader(rows))


@functools.cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(models.path("yamnet") / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
