"""A decoded recording in memory, and what an extractor says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Span, Value

    Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording decoded once and shared by all extractors.

    `samples` has shape (channels, n), float32 in -1..1, never empty, all finite.
    """

    recording: str
    """id of the Recording"""
    samples: Samples
    sample_rate_hz: int
    _resampled: dict[int, Samples] = field(default_factory=dict, compare=False, repr=False)

    @property
    def duration_s(self) -> float:
        """Length in seconds, from decoded samples, not from a header."""
        return float(self.samples.shape[1] / self.sample_rate_hz)

    def mono(self, sample_rate_hz: int) -> Samples:
        """Mean of the channels at a sample rate, shape (n,); made once per rate."""
        if sample_rate_hz not in self._resampled:
            import numpy as np  # noqa: PLC0415 - rewards must import without numpy
            import soxr  # noqa: PLC0415

            mixed = self.samples.mean(axis=0, dtype=np.float32)
            if sample_rate_hz != self.sample_rate_hz:
                mixed = soxr.resample(mixed, self.sample_rate_hz, sample_rate_hz)
            self._resampled[sample_rate_hz] = np.ascontiguousarray(mixed, dtype=np.float32)
        return self._resampled[sample_rate_hz]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a recording that is decoded and measured on its own; most have but one."""

    audio: Audio
    span: Span | None
    """where it lies; None: it is the whole recording"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What one extractor measured, before `observe` makes an Observation of it."""

    property: str
    value: Value
    subject: str = ""
    span: Span | None = None
    confidence: float | None = None
