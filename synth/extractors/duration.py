"""How long the recording is: its decoded samples, counted.

Arithmetic needs no second witness, and there is none here: an extractor gets samples, and what a
container's header says of them is a claim of the file, which `synth.decode` has already met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import Value
from synth.audio import Measurement

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = "1"
WITNESS = "samples"
LICENCE = "Apache-2.0"
NEEDS: tuple[str, ...] = ()
PACKAGES = ()
PROPERTIES = ("duration",)


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:  # noqa: ARG001 - every extractor's signature
    """Count the samples: seconds, of silence too."""
    return (Measurement(property="duration", value=Value(number=audio.duration_s)),)
