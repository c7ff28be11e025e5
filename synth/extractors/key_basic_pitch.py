"""Key and chords by the notes that basic-pitch hears.

A witness of its own: what `key_essentia` and `key_librosa` fold into pitch classes is energy,
overtones and drums included; this one is a network trained to tell notes from their overtones
(Bittner et al., ICASSP 2022; `synth/notes.py`), so what misleads energy need not mislead it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from synth.attempts import whatever_can_be_said
from synth.chords import chords_heard
from synth.gates import mono, need_duration, need_music, need_signal
from synth.keys import ALBRECHT, BGATE, SHORTEST_S, heard_longest, key_heard, tonic_heard
from synth.notes import FRAMES_PER_S, KEYS, LOWEST_MIDI, RATE_HZ, note_activations
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"1 {digest('keys')} {digest('chords')}"
WITNESS = "basic-pitch"
LICENCE = "Apache-2.0"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "onnxruntime")
PROPERTIES = ("key", "tonic", "chords")

_SOUNDS = threshold("key_basic_pitch", "sounds")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell the key, "E minor", its tonic, and the chords that are clear.

    Raises:
        Abstained: silence, no music, too short, no tonality, or keys that fit as well.
        MissingWeights: basic-pitch is not in the cache.
    """
    import numpy as np

    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, SHORTEST_S, "a short progression of chords")
    heard = _pitch_classes(note_activations(mono(audio, RATE_HZ)))
    # The root: a held note counts, but one that is held twice as long not twice as much.
    total = np.sqrt(heard.sum(axis=0))
    chords = functools.cache(lambda: chords_heard(heard, FRAMES_PER_S, audio.duration_s))
    return whatever_can_be_said(
        lambda: heard_longest(key_heard(total, (BGATE, ALBRECHT)), chords()),
        lambda: heard_longest(tonic_heard(total, (BGATE, ALBRECHT)), chords()),
        chords,
    )


def _pitch_classes(activations: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum the notes of each pitch class, from C, shape (frames, 12), where they sound."""
    import numpy as np

    sounding = np.where(activations < _SOUNDS, 0.0, activations).astype(np.float64)
    of_class = np.eye(12)[(LOWEST_MIDI + np.arange(KEYS)) % 12]
    return np.asarray(sounding @ of_class)
