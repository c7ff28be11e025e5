"""The speech of a recording, for what is said of the voice: its sex and its age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.errors import Abstained
from synth.thresholds import threshold
from synth.turns import covered_s, speech

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float32]

RATE_HZ = 16_000
_MOST_S = threshold("voice", "most_speech")
_LEAST_S = threshold("voice", "least_speech")
_UNCOUNTED_S = threshold("voice", "uncounted_speech")


def spoken(audio: Audio, given: Sequence[Observation], activity: str) -> Floats:
    """Join what is spoken, at 16 kHz, by a detector of activity: its first half minute.

    Each instrument listens to another detector, and to another count of the speakers, so that a
    beast that one detector takes for a speaker is no woman or man by two witnesses.

    Raises:
        Abstained: no speech, too little of it, or perhaps several speakers: whose voice?
    """
    import numpy as np  # noqa: PLC0415 - an observation can be refused without it

    stretches = speech(given, activity)
    if covered_s(stretches) < _LEAST_S:
        message = f"{covered_s(stretches):.1f} s of speech, needs {_LEAST_S:g} s"
        raise Abstained(message)
    _need_one_speaker(given, covered_s(stretches))
    samples = audio.mono(RATE_HZ)
    cuts = [samples[int(start * RATE_HZ) : int(end * RATE_HZ)] for start, end in stretches]
    return np.concatenate(cuts)[: int(_MOST_S * RATE_HZ)]


def _need_one_speaker(given: Sequence[Observation], spoken_s: float) -> None:
    """Abstain unless one speaker was counted; a few seconds may go uncounted."""
    counts = [seen.value.number for seen in given if seen.property == "speaker_count"]
    if any(count != 1 for count in counts):
        message = f"{counts[0]:g} speakers: no one voice"
        raise Abstained(message)
    if not counts and spoken_s >= _UNCOUNTED_S:
        raise Abstained("no clear count of the speakers: perhaps no one voice")
