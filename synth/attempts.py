"""Several things to say of one recording, each of which may be impossible by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.errors import Abstained

if TYPE_CHECKING:
    from collections.abc import Callable

    from synth.audio import Measurement


def whatever_can_be_said(*attempts: Callable[[], Measurement]) -> tuple[Measurement, ...]:
    """Try each, and keep what was measured.

    Raises:
        Abstained: none of them could be; with all of their reasons.
    """
    said: list[Measurement] = []
    reasons: list[str] = []
    for attempt in attempts:
        try:
            said.append(attempt())
        except Abstained as error:
            reasons.append(error.message)
    if not said:
        raise Abstained("; ".join(dict.fromkeys(reasons)))
    return tuple(said)
