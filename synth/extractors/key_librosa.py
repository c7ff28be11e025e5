"""Key by librosa: constant-Q chroma (CENS) correlated with Temperley's key profiles.

Müller and Ewert, "Chroma toolbox", ISMIR 2011 (CENS); Temperley, "Music and Probability", 2007,
table 6.1: how often each scale degree sounds in the Kostka-Payne corpus.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.gates import mono, need_duration, need_music, need_signal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 librosa {version('librosa')}"
WITNESS = "librosa-chroma"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "librosa")
PROPERTIES = ("key",)

_RATE_HZ = 22_050  # librosa's own
_SHORTEST_S = 6.0  # the shortest chord progressions on which this was tried by construction
_TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_MODES = {
    "major": (.748, .060, .488, .082, .670, .460, .096, .715, .104, .366, .057, .400),
    "minor": (.712, .084, .474, .618, .049, .460, .105, .747, .404, .067, .133, .330),
}  # fmt: skip

_LOWEST_CORRELATION = 0.576  # of 12 pairs at p = .05, two-tailed: any table of Pearson's r

# Where even the weakest pitch class has a fifth of the strongest, there is no key (the threshold
# of essentia's KeyExtractor): of 88 constructed progressions it had at most .12, of noise .65.
_WEAKEST = 0.2

# The next key must be this much further: the only wrong one of those 88 was ahead by .002.
_MARGIN = 0.01


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell the key, "E minor"; confidence is the correlation with the key's profile, 0 to 1.

    Raises:
        Abstained: silence, no music, too short, no tonality, no key that fits, or two that do.
    """
    import librosa

    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, _SHORTEST_S, "a short progression of chords")
    chroma = librosa.feature.chroma_cens(y=mono(audio, _RATE_HZ), sr=_RATE_HZ).mean(axis=1)
    if chroma.max() <= 0 or chroma.min() / chroma.max() >= _WEAKEST:
        raise Abstained("no tonality: all pitch classes are about equally strong")
    (best, name), (second, rival) = _ranked(chroma)[:2]
    if best < _LOWEST_CORRELATION:
        message = f"no key fits: {name} correlates {best:.2f}, needs {_LOWEST_CORRELATION}"
        raise Abstained(message)
    if best - second < _MARGIN:
        message = f"two keys fit: {name} {best:.3f} and {rival} {second:.3f}"
        raise Abstained(message)
    confidence = min(1.0, max(0.0, best))
    return (Measurement(property="key", value=Value(text=name), confidence=confidence),)


def _ranked(chroma: NDArray[np.float32]) -> list[tuple[float, str]]:
    """Correlate chroma, from C, with all 24 keys; best first."""
    import numpy as np

    fits = [
        (float(np.corrcoef(np.roll(profile, steps), chroma)[0, 1]), f"{tonic} {mode}")
        for mode, profile in _MODES.items()
        for steps, tonic in enumerate(_TONICS)
    ]
    return sorted(fits, reverse=True)
