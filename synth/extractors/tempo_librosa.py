"""Tempo by librosa: one onset envelope, its autocorrelation, beats by dynamic programming.

Ellis, "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.gates import mono, need_duration, need_music, need_signal

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 librosa {version('librosa')}"
WITNESS = "librosa-beat"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "librosa")
PROPERTIES = ("tempo",)

_RATE_HZ = 22_050  # librosa's own
_HOP = 512  # librosa's own
_SHORTEST_S = 8.0  # librosa.feature.tempo: ac_size, the window of its autocorrelation

# Pulse clarity (Lartillot et al., ISMIR 2008): the envelope's autocorrelation at the beat. Over
# 10 and 20 s, constructed noise, random clicks, random syllables and notes without a beat reached
# .22; clicks played with 15 ms of human jitter stayed above .38, drums and chords above .70.
_CLEAREST_NOISE = 0.25

_DRIFT = 0.04  # MIREX Accuracy1: beats that differ more from the tempo contradict it


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the tempo in beats per minute from the beats; confidence is the pulse's clarity.

    Raises:
        Abstained: silence, no music, too short, no clear pulse, or beats that leave the tempo.
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
    clarity = _clarity(onsets, coarse)
    if clarity < _CLEAREST_NOISE:
        message = f"no clear pulse: clarity {clarity:.2f}, needs {_CLEAREST_NOISE}"
        raise Abstained(message)
    bpm = _bpm(beats)
    if abs(bpm / coarse - 1) > _DRIFT:
        message = f"the beats run at {bpm:.1f} bpm, the pulse at {coarse:.1f}: no one tempo"
        raise Abstained(message)
    return (Measurement(property="tempo", value=Value(number=bpm), confidence=min(1.0, clarity)),)


def _bpm(beats: Any) -> float:
    """Tempo from beats in frames: the median over eight beats at a time.

    Single beats are known to a frame only, 5 % of a beat at 120 bpm; and one slip of the tracker
    moves a line through all beats, but not the median.
    """
    import numpy as np

    step = min(8, len(beats) - 1)
    period_s = float(np.median(beats[step:] - beats[:-step])) / step * _HOP / _RATE_HZ
    return 60 / period_s


def _clarity(onsets: Any, bpm: float) -> float:
    """Autocorrelation of the onset envelope, 1 at lag 0 and without bias, at the beat's lag."""
    import librosa
    import numpy as np

    by_lag = librosa.autocorrelate(onsets - onsets.mean())
    if by_lag[0] <= 0:
        return 0.0
    unbiased = by_lag / by_lag[0] * len(onsets) / (len(onsets) - np.arange(len(onsets)))
    lag = round(60 / bpm * _RATE_HZ / _HOP)
    around = unbiased[max(1, lag - 1) : lag + 2]
    return float(around.max()) if len(around) else 0.0
