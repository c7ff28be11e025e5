"""Whether a man or a woman speaks, by how high the voice is: median pitch of speech by pYIN.

Men speak at 119 Hz on average, women at 207 (Traunmüller and Eriksson 1995), with a wide band
between in which pitch says nothing. Of age it says only that a broken voice is an adult's.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.thresholds import digest, threshold
from synth.voice import RATE_HZ, spoken

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 librosa {version('librosa')} {digest('voice')}"
WITNESS = "voice_pitch"
LICENCE = "ISC"
NEEDS = ("activity_silero", "speakers_campplus")
PACKAGES = ("librosa", "numpy")
PROPERTIES = ("voice_sex", "voice_age")

# The range of speech, a creaking man to a shrieking child; frames of four periods of the lowest.
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 500.0
_FRAME, _HOP = 1024, 256
_RESOLUTION = 0.2  # semitones; a median needs no finer

_MAN_BELOW = threshold("voice_pitch", "man_below")
_WOMAN_ABOVE = threshold("voice_pitch", "woman_above")
_CHILD_ABOVE = threshold("voice_pitch", "child_above")
_ADULT_BELOW = threshold("voice_pitch", "adult_below")
_LEAST_VOICED_S = threshold("voice_pitch", "least_voiced")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell "male" or "female" by the median pitch of all speech, and "adult" of a broken voice.

    Raises:
        Abstained: too little speech, several speakers, or a pitch at which both speak, or children.
    """
    import librosa
    import numpy as np

    hertz, voiced, _ = librosa.pyin(
        spoken(audio, given, NEEDS[0]),
        sr=RATE_HZ,
        fmin=_LOWEST_HZ,
        fmax=_HIGHEST_HZ,
        frame_length=_FRAME,
        hop_length=_HOP,
        resolution=_RESOLUTION,
    )
    voiced_s = float(voiced.sum()) * _HOP / RATE_HZ
    if voiced_s < _LEAST_VOICED_S:
        message = f"{voiced_s:.2f} s are voiced, needs {_LEAST_VOICED_S:g} s"
        raise Abstained(message)
    median_hz = float(np.median(hertz[voiced]))
    if median_hz > _CHILD_ABOVE:
        message = f"{median_hz:.0f} Hz: a child's pitch, or an excited woman's"
        raise Abstained(message)
    if _MAN_BELOW <= median_hz <= _WOMAN_ABOVE:
        message = f"{median_hz:.0f} Hz: a high man's pitch or a low woman's"
        raise Abstained(message)
    sex = Value(text="male" if median_hz < _MAN_BELOW else "female")
    told = (Measurement(property="voice_sex", value=sex),)
    if median_hz >= _ADULT_BELOW:
        return told
    return *told, Measurement(property="voice_age", value=Value(text="adult"))
