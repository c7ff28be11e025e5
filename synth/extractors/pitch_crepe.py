"""Median pitch, range and contour by CREPE (tiny): a network that learnt pitch from waveforms.

Kim et al. 2018; weights: `synth/models.toml`. Independent of `pitch_librosa` and `pitch_essentia`:
it has no difference function and no autocorrelation, but filters that were trained.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from schemas.errors import Abstained
from synth import melody, models
from synth.gates import mono, need_duration, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"1 {melody.VERSION}"
WITNESS = "crepe"
LICENCE = "MIT"
NEEDS = ("signal",)
PACKAGES = ("numpy", "torch", "h5py")
PROPERTIES = ("pitch", "pitch_range", "pitch_contour")

_RATE_HZ = 16_000  # as CREPE was trained
_HOP_S = 0.04
_FEW = 4  # every fourth frame is looked at first
_BATCH = 256  # frames at a time: ten seconds, some 70 MB
_VOICED = threshold("pitch_crepe", "voiced")
_QUIET_DB = threshold("pitch_crepe", "quiet_db")
_HOPELESS_SHARE = threshold("pitch_crepe", "hopeless_share")
_ALONE = threshold("pitch_crepe", "alone")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the pitch of the confident frames; confidence is their mean.

    Raises:
        Abstained: silence, too short, or not pitched enough: noise, chords, drums.
        MissingWeights: crepe-tiny is not in the cache.
    """
    import numpy as np

    from synth import harmonics

    need_signal(given)
    need_duration(audio, melody.SHORTEST_S, "two windows of 93 ms")
    samples = mono(audio, _RATE_HZ)
    hertz, confidence = _tracked(samples)
    voiced = (confidence >= _VOICED) & (hertz >= melody.LOWEST_HZ) & (hertz <= melody.HIGHEST_HZ)
    if not voiced.any():
        raise Abstained("not pitched: no frame is voiced")
    times_s = np.flatnonzero(voiced).astype(np.float64) * _HOP_S
    alone = harmonics.explained(samples, _RATE_HZ, times_s, hertz[voiced])
    if alone < _ALONE:
        message = f"not one voice: its harmonics explain {alone:.0%}, needs {_ALONE:.0%}"
        raise Abstained(message)
    sure = float(confidence[voiced].mean())
    return tuple(melody.said(melody.Track(hertz, voiced, _HOP_S), sure))


def _tracked(
    samples: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pitch in Hz and confidence of frames every 40 ms; 0 where it is too quiet to matter.

    Every fourth frame is looked at first: where hardly any is voiced, the others are spared.
    """
    import numpy as np

    from synth import crepe

    framed = crepe.frames(samples, _HOP_S)
    power = np.einsum("ij,ij->i", framed, framed)
    heard = np.flatnonzero(power >= power.max() * 10 ** (-_QUIET_DB / 10))
    hertz, confidence = np.zeros(len(framed)), np.zeros(len(framed))
    for chosen in (heard[::_FEW], np.setdiff1d(heard, heard[::_FEW])):
        for start in range(0, len(chosen), _BATCH):
            batch = chosen[start : start + _BATCH]
            activation = _activation(crepe.normalised(framed[batch]))
            hertz[batch], confidence[batch] = crepe.pitches(activation), activation.max(axis=1)
        voiced = float((confidence[heard[::_FEW]] >= _VOICED).mean()) * len(heard) / len(framed)
        if voiced < _HOPELESS_SHARE:
            message = f"not pitched: {voiced:.0%} of a quarter of the frames are voiced"
            raise Abstained(message)
    return hertz, confidence


def _activation(framed: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np
    import torch

    with torch.inference_mode():
        return np.asarray(_network()(torch.from_numpy(framed)).numpy())


@functools.cache
def _network() -> Any:
    import torch

    from synth import crepe

    torch.set_num_threads(1)  # as Silero sets it for the process; runs scale by processes
    return crepe.load(models.path("crepe-tiny"))
