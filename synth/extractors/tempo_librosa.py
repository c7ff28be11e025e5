"""Tempo and beats by librosa: one onset envelope, its autocorrelation, dynamic programming.

Ellis, "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007. A witness of its
own: the median flux of mel bands, a prior over tempi and a path of beats; see `tempo_percival`.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.attempts import whatever_can_be_said
from synth.audio import Measurement
from synth.beats import beats_heard, refuse_drift, tempo_change_heard
from synth.gates import mono, need_duration, need_music, need_signal
from synth.pulse import pulse, refuse_dotted
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

VERSION = f"2 librosa {version('librosa')} {digest('beats')}"
WITNESS = "librosa-beat"
LICENCE = "ISC"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "librosa")
PROPERTIES = ("tempo", "beats", "tempo_change")

_RATE_HZ = 22_050  # librosa's own
_HOP = 512  # librosa's own
_SHORTEST_S = threshold("tempo_librosa", "shortest")

# Pulse clarity (Lartillot et al., ISMIR 2008): the envelope's autocorrelation at the beat.
_CLARITY = threshold("tempo_librosa", "clarity")
_CONTRADICTION = threshold("tempo_librosa", "contradiction")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the tempo in beats per minute, the beats, and whether they get faster.

    Confidence is the pulse's clarity, 0 to 1.

    Raises:
        Abstained: silence, no music, too short, no clear pulse, or another that fits better.
    """
    import numpy as np
    from librosa.beat import beat_track
    from librosa.onset import onset_strength

    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, _SHORTEST_S, "librosa's tempo window")
    samples = mono(audio, _RATE_HZ)
    onsets = onset_strength(y=samples, sr=_RATE_HZ, aggregate=np.median)
    tempo, beats = beat_track(onset_envelope=onsets, sr=_RATE_HZ, trim=False)
    coarse = float(np.atleast_1d(tempo)[0])
    if coarse <= 0 or len(beats) < 4:
        raise Abstained("no beats found")
    heard = pulse(onsets, _RATE_HZ / _HOP)
    clarity = min(1.0, heard.repeats(60 / coarse))
    if clarity < _CLARITY:
        message = f"no clear pulse: clarity {clarity:.2f}, needs {_CLARITY}"
        raise Abstained(message)
    times_s = np.asarray(beats, dtype=np.float64) * _HOP / _RATE_HZ
    bpm = _bpm(times_s)
    refuse_dotted(heard, bpm)
    return whatever_can_be_said(
        lambda: _tempo(bpm, coarse, times_s, clarity),
        lambda: beats_heard(times_s, clarity),
        lambda: tempo_change_heard(times_s, clarity),
    )


def _tempo(
    bpm: float, coarse: float, times_s: NDArray[np.float64], confidence: float
) -> Measurement:
    if abs(bpm / coarse - 1) > _CONTRADICTION:
        message = f"the beats run at {bpm:.1f} bpm, the pulse at {coarse:.1f}: no one tempo"
        raise Abstained(message)
    refuse_drift(times_s)
    return Measurement(property="tempo", value=Value(number=bpm), confidence=confidence)


def _bpm(times_s: NDArray[np.float64]) -> float:
    """Tempo from beats in seconds: the median over eight beats at a time.

    Single beats are known to a frame only, 5 % of a beat at 120 bpm; and one slip of the tracker
    moves a line through all beats, but not the median.
    """
    import numpy as np

    step = min(8, len(times_s) - 1)
    return 60 * step / float(np.median(times_s[step:] - times_s[:-step]))
