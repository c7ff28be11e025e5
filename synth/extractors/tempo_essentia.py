"""Tempo by essentia's RhythmExtractor2013 (multifeature): five beat trackers that must agree.

Zapata, Davies and Gómez, "Multi-feature beat tracking", IEEE/ACM TASLP 22(4), 2014.

Beat trackers prefer tempi near 120 bpm, this one and `tempo_librosa` alike. On constructed drums,
chords and clicks of 70 to 150 bpm both agreed 45 times and were right each time; below and above,
20 of 31 times they agreed on the double or the half. Their agreement does not settle the octave.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.essentia_algorithms import RATE_HZ, algorithms
from synth.gates import mono, need_duration, need_music, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 essentia {version('essentia')}"
WITNESS = "essentia-rhythm-2013"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "essentia")
PROPERTIES = ("tempo",)

_SHORTEST_S = 9.5  # its confidence leaves out the first 5 s; below, noise scores as beats do

# The confidence, 0 to 5.32, that a beat must exceed. Its documentation calls 1.5 and more good;
# but short recordings score higher by chance, so up to 30 s it is the highest that constructed
# noise, random clicks, random syllables and notes without a beat reached (50 at 10 and at 15 s,
# 25 at 30 s, where that was 1.32).
_LENGTHS_S = (10.0, 15.0, 30.0)
_LOWEST = (3.1, 2.4, 1.5)
_MOST = 5.32


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the tempo in beats per minute; confidence is the trackers' agreement, 0 to 1.

    Raises:
        Abstained: silence, no music, too short, or the trackers agree no more than on noise.
    """
    import numpy as np

    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, _SHORTEST_S, "its confidence starts after 5 s and needs beats to count")
    extract = algorithms().RhythmExtractor2013(method="multifeature")
    bpm, _, confidence, _, _ = extract(mono(audio, RATE_HZ))
    lowest = float(np.interp(audio.duration_s, _LENGTHS_S, _LOWEST))
    if confidence < lowest:
        message = f"no steady beat: confidence {confidence:.2f}, needs {lowest:.2f} at this length"
        raise Abstained(message)
    share = min(1.0, float(confidence) / _MOST)
    return (Measurement(property="tempo", value=Value(number=float(bpm)), confidence=share),)
