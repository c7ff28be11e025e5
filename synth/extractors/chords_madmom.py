"""Chords by madmom: a network over spectrograms, not over chroma, and a random field in time.

Korzeniowski and Widmer, "A fully convolutional deep auditory model for musical chord recognition",
MLSP 2016. madmom's network for keys is not asked: of 24 rendered songs it called 8 by a
related key, as surely as the others by their own.

Independent of chords from chroma or from transcribed notes: other features, learnt from annotated
songs. All of them stand behind YAMNet's word that there is music.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import madmom
from synth.audio import Measurement
from synth.gates import mono, need_duration, need_music, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 madmom {madmom.version()}"
WITNESS = "madmom-chords"
LICENCE = madmom.LICENCE
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "madmom")
PROPERTIES = ("chords",)

_SHORTEST_S = threshold("chords_madmom", "shortest")
_SHORTEST_CHORD_S = threshold("chords_madmom", "shortest_chord")
_CHORDLESS = threshold("chords_madmom", "chordless")

_MODES = {"maj": "major", "min": "minor"}
_NO_CHORD = "N"


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell the major and minor triads, each with start and end in seconds.

    Chords too short to be sure of are left out. No confidence: the decoder gives no number.

    Raises:
        Abstained: silence, no music, too short, or mostly no chord, as in a melody alone.
        RefusedWeights: a model is not the pinned one.
    """
    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, _SHORTEST_S, "a few chords")
    features, decoder = _processors()
    signal = madmom.signal(mono(audio, madmom.RATE_HZ))
    heard = madmom.processed(decoder, madmom.processed(features, signal))
    items = tuple(
        Item(
            label=_named(str(label)), start_s=float(start), end_s=min(float(end), audio.duration_s)
        )
        for start, end, label in heard
        if label != _NO_CHORD and end - start >= _SHORTEST_CHORD_S
    )
    covered_s = sum((item.end_s or 0) - (item.start_s or 0) for item in items)
    if covered_s < (1 - _CHORDLESS) * audio.duration_s:
        message = f"lasting chords cover {covered_s:.1f} of {audio.duration_s:.1f} s"
        raise Abstained(message)
    return (Measurement(property="chords", value=Value(items=items)),)


def _named(label: str) -> str:
    """Name a chord as keys are named: "A#:min" is "A# minor"."""
    root, mode = label.split(":")
    return f"{root} {_MODES[mode]}"


@functools.cache
def _processors() -> tuple[Any, Any]:
    madmom.library("CHORDS_CNN_FEAT", "CHORDS_CFCRF")
    from madmom.features.chords import CNNChordFeatureProcessor, CRFChordRecognitionProcessor

    return CNNChordFeatureProcessor(), CRFChordRecognitionProcessor()
