"""How often the same sound is heard, and which one differs: by librosa's mel spectra."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from synth import levels
from synth.gates import mono, need_signal
from synth.thresholds import digest

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"1 librosa {version('librosa')} {digest('repetition')} {levels.VERSION}"
WITNESS = "mel"
LICENCE = "ISC"
NEEDS = ("signal",)
PACKAGES = ("librosa", "numpy")
PROPERTIES = ("repetitions", "odd_one_out")

_RATE_HZ = 16_000  # 10 ms are a whole number of samples
_FRAME = 512
_BANDS = 40


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Count a repeated sound, or name the one that differs.

    Raises:
        Abstained: silence, sounds that no gaps set apart, or neither all alike nor all but one.
    """
    import librosa

    from synth import repetition

    need_signal(given)
    samples = mono(audio, _RATE_HZ)
    found = repetition.sounds(levels.levels(samples, _RATE_HZ))
    mel = librosa.feature.melspectrogram(
        y=samples,
        sr=_RATE_HZ,
        n_fft=_FRAME,
        hop_length=round(repetition.HOP_S * _RATE_HZ),
        n_mels=_BANDS,
    )
    return repetition.compared(found, librosa.power_to_db(mel, top_db=None).T)
