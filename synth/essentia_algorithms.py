"""Essentia without its log lines: they would land between ours."""

from __future__ import annotations

import functools
from typing import Any

RATE_HZ = 44_100
"""Essentia's music algorithms are built for this rate (RhythmExtractor2013's reference)."""


@functools.cache
def algorithms() -> Any:
    """Import `essentia.standard` once; its log lines are switched off, its errors still raise."""
    import essentia  # noqa: PLC0415 - AGPL-3.0, in an extra of its own

    essentia.log.infoActive = False
    essentia.log.warningActive = False
    import essentia.standard  # noqa: PLC0415 - it logs while it is imported

    return essentia.standard
