"""Whether there is any sound at all: the gate that all other extractors ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import Value
from synth.audio import Measurement
from synth.gates import SILENCE_DBFS, loudest_block_dbfs

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio

VERSION = "1"
WITNESS = "samples"
LICENCE = "Apache-2.0"
NEEDS: tuple[str, ...] = ()
PACKAGES = ()
PROPERTIES = ("presence",)


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:  # noqa: ARG001 - every extractor's signature
    """Say "yes" where any 400 ms block of any channel reaches -70 dBFS RMS, else "no"."""
    loudest = loudest_block_dbfs(audio.samples, audio.sample_rate_hz)
    answer = Value(text="yes" if loudest >= SILENCE_DBFS else "no")
    return (Measurement(property="presence", subject="signal", value=answer),)
