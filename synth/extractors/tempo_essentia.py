"""Tempo and beats by essentia's RhythmExtractor2013 (multifeature): five trackers that must agree.

Zapata, Davies and Gómez, "Multi-feature beat tracking", IEEE/ACM TASLP 22(4), 2014: the beats on
which trackers over five onset functions agree most, by comb filters and dynamic programming.

Beat trackers prefer tempi near 120 bpm, this one, `tempo_librosa` and `tempo_percival` alike, so
their agreement does not settle the octave: of 221 constructed pieces two of the three agreed on
198, each time on the tempo up to a factor of 2 or 3, on the tempo itself in 70 %.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.attempts import whatever_can_be_said
from synth.audio import Measurement
from synth.beats import beats_heard, refuse_drift, tempo_change_heard
from synth.essentia_algorithms import RATE_HZ, algorithms, onset_pulse
from synth.gates import mono, need_duration, need_music, need_signal
from synth.pulse import refuse_dotted
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

VERSION = f"2 essentia {version('essentia')} {digest('beats')}"
WITNESS = "essentia-rhythm-2013"
LICENCE = "AGPL-3.0"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "essentia")
PROPERTIES = ("tempo", "beats", "tempo_change")

_SHORTEST_S = threshold("tempo_essentia", "shortest")

# Short recordings score higher by chance.
_LENGTHS_S = (10.0, 15.0, 30.0)
_LOWEST = tuple(threshold("tempo_essentia", f"confidence_{length:.0f}s") for length in _LENGTHS_S)
_MOST = 5.32  # the highest confidence that there is, by its documentation


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the tempo in beats per minute, the beats, and whether they get faster.

    Confidence is the trackers' agreement, 0 to 1.

    Raises:
        Abstained: silence, no music, too short, or the trackers agree no more than on noise.
    """
    import numpy as np

    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, _SHORTEST_S, "its confidence starts after 5 s and needs beats to count")
    samples = mono(audio, RATE_HZ)
    extract = algorithms().RhythmExtractor2013(method="multifeature")
    bpm, ticks, confidence, _, _ = extract(samples)
    lowest = float(np.interp(audio.duration_s, _LENGTHS_S, _LOWEST))
    if confidence < lowest:
        message = f"no steady beat: confidence {confidence:.2f}, needs {lowest:.2f} at this length"
        raise Abstained(message)
    refuse_dotted(onset_pulse(samples), float(bpm))
    times_s = np.asarray(ticks, dtype=np.float64)
    share = min(1.0, float(confidence) / _MOST)
    return whatever_can_be_said(
        lambda: _tempo(float(bpm), times_s, share),
        lambda: beats_heard(times_s[times_s <= audio.duration_s], share),
        lambda: tempo_change_heard(times_s, share),
    )


def _tempo(bpm: float, times_s: NDArray[np.float64], confidence: float) -> Measurement:
    refuse_drift(times_s)
    return Measurement(property="tempo", value=Value(number=bpm), confidence=confidence)
