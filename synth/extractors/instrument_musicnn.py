"""Instruments and singing by musicnn: what a network trained on tagged music hears in it.

The network and its weights, by MagnaTagATune, are in `synth/musicnn.py`. It knows eleven kinds of
instrument and was never shown anything but music, so it is asked of music alone.

Independent of YAMNet: other recordings (MagnaTagATune, not AudioSet), other labels by other people
(tags of a game, not of videos), another network. Both stand behind YAMNet's word that there is
music, so of that they are one witness.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import models
from synth.audio import Measurement
from synth.gates import mono, need_duration, need_music, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float32]

VERSION = "1"
WITNESS = "musicnn"
LICENCE = "ISC"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "torch", "librosa")
PROPERTIES = ("instrument", "presence")

_SHORTEST_S = threshold("instrument_musicnn", "shortest")
_PATCHES_AT_ONCE = 16  # keeps a long recording's memory flat

# Tags that name an instrument, by AudioSet's name for it. "Strings" is bowed ones of any number;
# "drums" a kit, a machine or any other drum.
_INSTRUMENTS = {
    "cello": "cello",
    "drums": "drum",
    "flute": "flute",
    "guitar": "guitar",
    "harp": "harp",
    "harpsichord": "harpsichord",
    "piano": "piano",
    "sitar": "sitar",
    "strings": "bowed string instrument",
    "synth": "synthesizer",
    "violin": "violin, fiddle",
}
_PLAYED = {tag: threshold("instrument_musicnn", f"played_{tag}") for tag in _INSTRUMENTS}

_VOICE = (
    "vocal", "female", "opera", "male", "singing", "vocals", "woman", "male vocal", "man", "choir",
    "voice", "male voice", "female vocal", "female voice", "choral",
)  # fmt: skip
_SUNG = threshold("instrument_musicnn", "sung")
_UNSUNG = threshold("instrument_musicnn", "unsung")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Name the instruments that play, without times, and whether somebody sings.

    Confidence: of the instruments, the mean probability of the least sure; of singing, that of the
    surest tag of a voice.

    Raises:
        Abstained: silence, no music, too short, or nothing is sure enough.
        MissingWeights: musicnn is not in the cache.
    """
    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, _SHORTEST_S, "one patch of the network")
    tags = _tags(audio)
    told = (*_instruments(tags), *_singing(tags))
    if not told:
        best = max(_INSTRUMENTS, key=tags.__getitem__)
        message = f"no instrument is sure enough: {best} {tags[best]:.2f}, needs {_PLAYED[best]}"
        raise Abstained(message)
    return told


def _instruments(tags: dict[str, float]) -> tuple[Measurement, ...]:
    heard = [tag for tag, least in _PLAYED.items() if tags[tag] >= least]
    if not heard:
        return ()
    items = tuple(Item(label=name) for name in sorted(_INSTRUMENTS[tag] for tag in heard))
    confidence = min(tags[tag] for tag in heard)
    return (Measurement(property="instrument", value=Value(items=items), confidence=confidence),)


def _singing(tags: dict[str, float]) -> tuple[Measurement, ...]:
    voice = max(tags[tag] for tag in _VOICE)
    if voice >= _SUNG:
        said, sure = "yes", voice
    elif voice < _UNSUNG:
        said, sure = "no", 1 - voice
    else:
        return ()
    value = Value(text=said)
    return (Measurement(property="presence", subject="singing", value=value, confidence=sure),)


def _tags(audio: Audio) -> dict[str, float]:
    """Mean probability of each tag over patches of 3 s, as the package's own tagger has it."""
    import numpy as np

    from synth.musicnn import PATCH_FRAMES, RATE_HZ, TAGS, log_mel

    mel = log_mel(mono(audio, RATE_HZ))
    starts = range(0, len(mel) - PATCH_FRAMES + 1, PATCH_FRAMES)
    network = _network()
    sums = np.zeros(len(TAGS))
    for first in range(0, len(starts), _PATCHES_AT_ONCE):
        some = starts[first : first + _PATCHES_AT_ONCE]
        sums += network(np.stack([mel[at : at + PATCH_FRAMES] for at in some])).sum(axis=0)
    return dict(zip(TAGS, (sums / len(starts)).tolist(), strict=True))


@functools.cache
def _network() -> Any:
    import torch

    from synth.musicnn import Musicnn

    torch.set_num_threads(1)
    return Musicnn(models.path("musicnn"))
