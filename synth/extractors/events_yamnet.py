"""Sounds by YAMNet: which of AudioSet's 521 classes are heard and when, instruments among them.

Weights: google/yamnet quantised to uint8 (`synth/models.toml`). Its scores come in steps of 0.757
in log-odds, so a score is one of .32, .50, .68, .82 and so on. A patch is 0.96 s long, the next
begins 0.48 s later: where a sound begins and ends is known to that, not more closely.
"""

from __future__ import annotations

import csv
import functools
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import models, ontology
from synth.audio import Measurement
from synth.thresholds import threshold

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float32]

VERSION = "3"
WITNESS = "yamnet"
LICENCE = "Apache-2.0"
NEEDS: tuple[str, ...] = ()
PACKAGES = ("numpy", "onnxruntime")
PROPERTIES = ("event", "presence", "instrument")

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

_HEARD = threshold("events_yamnet", "heard")
_UNHEARD = threshold("events_yamnet", "unheard")
_PLAYED = threshold("events_yamnet", "played")
_NO_EVENT = "silence"  # a class of AudioSet, but the want of a sound is no sound

# Whether these are heard is told of every recording: what gates other instruments, what a second
# witness knows too, and the vocal acts that questions ask for.
_TOLD = (
    "speech", "music", "singing",
    "laughter", "crying, sobbing", "shout", "screaming", "whispering", "sigh", "breathing", "gasp",
    "snoring", "cough", "sneeze", "applause", "cheering",
    "bird", "dog", "engine", "gunshot, gunfire", "fireworks",
)  # fmt: skip

# Instruments go by the names that other taggers know too: an acoustic guitar is a "guitar" here
# and stays an "acoustic guitar" among the events. A drum kit and a drum machine are drums, an edge
# that AudioSet's tree lacks.
_NAMED_BY_KIND = ("guitar", "piano", "organ", "drum", "cymbal", "bell", "synthesizer")
_DRUMS = ("drum kit", "drum machine")
_BOWED = "bowed string instrument"
# Classes of the same tree that name a group, or a way of playing, but no instrument.
_NO_INSTRUMENT = frozenset({
    "plucked string instrument", "keyboard (musical)", "percussion", "mallet percussion",
    "brass instrument", "wind instrument, woodwind instrument", "orchestra", "choir", "pizzicato",
    "scratching (performance technique)", "tuning fork", "wind chime", "bicycle bell", "sampler",
    "chime", "change ringing (campanology)",
})  # fmt: skip


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:  # noqa: ARG001 - every extractor's signature
    """Tell the events heard, one item a contiguous stretch in seconds; presences; instruments.

    Confidence: of the events, that of the least sure; of a presence, its highest score; of the
    instruments, which have no times, the mean score of the least sure.

    Raises:
        Abstained: nothing is more likely than not, and nothing asked for is ruled out.
        MissingWeights: yamnet is not in the cache.
    """
    scores = _scores(audio.mono(_RATE_HZ))
    told = (*_events(scores, audio.duration_s), *_presence(scores), *_instruments(scores))
    if not told:
        message = (
            f"no class reaches {_HEARD}, yet neither music nor speech nor others are ruled out"
        )
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
    """Say yes where the class itself is heard, no where neither it nor any kind of it may be.

    Music hides a singer: all of 20 constructed clips of singing over it peak below .1. So that
    nobody sings is told only where there is no music either.
    """
    peaks = dict(zip(_labels(), scores.max(axis=0).tolist(), strict=True))
    told = []
    for label in _TOLD:
        rivals = (label, *_kinds(label), *(("music",) if label == "singing" else ()))
        highest = max(peaks[kind] for kind in rivals)
        if peaks[label] >= _HEARD:
            said, sure = "yes", peaks[label]
        elif highest < _UNHEARD:
            said, sure = "no", 1 - highest
        else:
            continue
        told.append(
            Measurement(property="presence", subject=label, value=Value(text=said), confidence=sure)
        )
    return told


def _instruments(scores: Floats) -> list[Measurement]:
    """Name the instruments that are heard surely enough over the recording, without times."""
    sure: dict[str, float] = {}
    for label, mean in zip(_labels(), scores.mean(axis=0).tolist(), strict=True):
        for name in _instrument_names(label) if mean >= _PLAYED else ():
            sure[name] = max(sure.get(name, 0.0), mean)
    if not sure:
        return []
    items = tuple(Item(label=name) for name in sorted(sure))
    value = Value(items=items)
    return [Measurement(property="instrument", value=value, confidence=min(sure.values()))]


@functools.cache
def _instrument_names(label: str) -> tuple[str, ...]:
    """Names under which a class counts as an instrument: none, one, or one and "bowed string"."""
    if label in _NO_INSTRUMENT or not ontology.is_a(label, "musical instrument"):
        return ()
    if label in _DRUMS:
        return ("drum",)
    above = next((kind for kind in _NAMED_BY_KIND if ontology.is_a(label, kind)), label)
    if above == "musical instrument":
        return ()
    return tuple(dict.fromkeys((above, _BOWED) if ontology.is_a(label, _BOWED) else (above,)))


@functools.cache
def _kinds(label: str) -> tuple[str, ...]:
    """List the classes beneath one that the network knows."""
    return tuple(sorted(ontology.descendants(label) & set(_labels())))


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
    # In whole numbers, a CPU without VNNI saturates its sums and hears other sounds than one with
    # it: no cymbals in a drum loop. In floats all hear the same, in twice the time.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return onnxruntime.InferenceSession(
        str(models.path("yamnet") / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
