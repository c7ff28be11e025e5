"""Key by librosa: constant-Q chroma (CENS) against Albrecht and Shanahan's key profiles.

Müller and Ewert, "Chroma toolbox", ISMIR 2011 (CENS). A witness of its own: energy of a constant-Q
transform, tuned to the recording, quantised and smoothed, where `key_essentia` counts peaks of a
whitened Fourier spectrum and `key_basic_pitch` notes; and its profiles are of classical pieces,
theirs of dance music. They err apart: on 172 constructed pieces each was sure of a wrong key 13 to
21 times; two of three agreed on a wrong one, and none dissented, 8 times.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from synth.attempts import whatever_can_be_said
from synth.gates import mono, need_duration, need_music, need_signal
from synth.keys import ALBRECHT, SHORTEST_S, key_heard, tonic_heard
from synth.thresholds import digest

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"2 librosa {version('librosa')} {digest('keys')}"
WITNESS = "librosa-chroma"
LICENCE = "ISC"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "librosa")
PROPERTIES = ("key", "tonic")

_RATE_HZ = 22_050  # librosa's own


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell the key, "E minor", and its tonic.

    Raises:
        Abstained: silence, no music, too short, no tonality, or keys that fit as well.
    """
    import librosa

    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, SHORTEST_S, "a short progression of chords")
    heard = librosa.feature.chroma_cens(y=mono(audio, _RATE_HZ), sr=_RATE_HZ).mean(axis=1)
    return whatever_can_be_said(
        lambda: key_heard(heard, (ALBRECHT,)), lambda: tonic_heard(heard, (ALBRECHT,))
    )
