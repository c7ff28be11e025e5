"""What listeners are asked: a closed question and its answers, one row a property.

And what they are given to hear beside the recording, so that one who does not listen is found out.
"""

from __future__ import annotations

import base64
import functools
import io
import random
import wave
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synth.audio import Samples

NONE = "none of these"
"""An answer to every question: a listener that gives it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A question with all its answers but `NONE`."""

    text: str
    answers: tuple[str, ...]
    source: str
    """whose classes the answers are"""


ASKED: dict[str, Closed] = {
    "emotion": Closed(
        text="Which emotion is in the speaking voice?",
        answers=("neutral", "joy", "sadness", "anger", "surprise", "fear", "disgust"),
        source="MELD, Poria et al. 2019",
    ),
    "scene": Closed(
        text="In which place was this recorded?",
        answers=(
            "beach", "bus", "car", "church", "city street", "concert hall", "factory",
            "forest", "home", "library", "office", "park", "restaurant", "shop", "stadium",
            "train", "train station", "classroom",
        ),
        source="DCASE 2016 task 1 and TAU Urban Acoustic Scenes, with places of common questions",
    ),
    "genre": Closed(
        text="Which genre is the music?",
        answers=(
            "blues", "classical", "country", "disco", "electronic", "folk", "hip hop", "jazz",
            "metal", "pop", "reggae", "rock",
        ),
        source="GTZAN, Tzanetakis and Cook 2002, with electronic and folk of FMA",
    ),
    "timbre": Closed(
        text="Which word best describes the character of the sound?",
        answers=("bright", "dark", "warm", "rough", "hollow", "metallic"),
        source="AudioCommons timbral models, Pearce et al. 2017",
    ),
    "texture": Closed(
        text="Which texture does the music have?",
        answers=("monophonic", "homophonic", "polyphonic"),
        source="Grove Music Online: texture",
    ),
    "accent": Closed(
        text="Which accent of English does the speaker have?",
        answers=(
            "American", "Australian", "British", "Canadian", "Indian", "Irish", "Scottish",
            "South African", "not a native speaker's",
        ),
        source="Mozilla Common Voice, English accents",
    ),
    "sarcasm": Closed(
        text="Does the speaker mean it sarcastically?",
        answers=("yes", "no"),
        source="MUStARD, Castro et al. 2019",
    ),
}  # fmt: skip


def orders(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put a question's answers, and `NONE`, in two orders in which none has the same place."""
    answers = [*ASKED[name].answers, NONE]
    first = random.Random(name).sample(answers, len(answers))
    half = len(first) // 2
    return tuple(first), (*first[half:], *first[:half])


def wording(name: str, options: Sequence[str]) -> str:
    """Write a question with its lettered options, as a listener gets it."""
    lines = [ASKED[name].text]
    lettered = zip(ascii_uppercase, options, strict=False)
    lines += [f"({letter}) {option}" for letter, option in lettered]
    lines.append("Listen to the recording. Answer with one of the options and nothing else.")
    return "\n".join(lines)


SILENCE = "silence"
OTHERS = ("low tones", "bright hiss")
"""Recordings that are not the one asked about: whoever listens tells it from one of them."""

_RATE_HZ = 16_000  # what speech models take
_LASTS_S = 5


def wav(sound: Samples) -> str:
    """Write mono samples at 16 kHz as base64 of a WAV file of 16 bits."""
    import numpy as np  # noqa: PLC0415 - the table alone needs no numpy

    told = io.BytesIO()
    with wave.open(told, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return base64.b64encode(told.getvalue()).decode("ascii")


@functools.cache
def made(sound: str) -> str:
    """Make silence, or one of the other recordings, as `wav` writes it."""
    import numpy as np  # noqa: PLC0415 - the table alone needs no numpy

    times = np.arange(_LASTS_S * _RATE_HZ) / _RATE_HZ
    if sound == SILENCE:
        return wav(np.zeros(len(times), dtype=np.float32))
    if sound == OTHERS[0]:  # four notes over and over, from A2
        steps = np.array([0, 7, 3, 5])[(times / 0.5).astype(int) % 4]
        tones = np.sin(2 * np.pi * np.cumsum(110 * 2 ** (steps / 12)) / _RATE_HZ)
        return wav((0.3 * tones).astype(np.float32))
    noise = np.diff(np.random.default_rng(0).standard_normal(len(times) + 2), n=2)
    return wav((0.05 * noise * (times % 0.5 < 0.25)).astype(np.float32))
