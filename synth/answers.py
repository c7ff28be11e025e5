"""Closed answers: all that a property's text can be, in the words that people use.

One row an answer: how it is written, then what else means it. Instruments write any of these.
Standard library only.
"""

from __future__ import annotations

from functools import cache

from synth.frames import bare
from synth.spelling import label, normalise, polarity

_YES_NO = {"yes": "true|yeah", "no": "false|nope"}
_STEADY = (
    "stays the same|remains the same|keeps the same|the same|same|steady|constant|stable|unchanged"
    "|unchanging|consistent|stays constant|remains constant|stays steady|remains steady|no change"
    "|does not change|doesn't change"
)
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip


def _note(name: str) -> str:
    """Spell a note with sharps and flats, in words and signs."""
    names = [one for one in (name, _FLATS.get(name)) if one]
    signs = {"#": ("#", " sharp"), "b": ("b", " flat")}
    spelt = [one[0] + how for one in names for how in signs.get(one[1:], ("",))]
    return "|".join([*spelt, *(f"note {one}" for one in spelt), *(f"{one} note" for one in spelt)])


def _ordinal(name: str, number: int) -> str:
    short = f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"
    ways = [f"{name} one", f"{name} sound", f"{name} time", short, f"{short} one", f"{short} sound"]
    return "|".join([*ways, str(number), f"number {number}"])


_ANSWERS: dict[str, dict[str, str]] = {
    **dict.fromkeys(
        ("presence", "before", "longer_than", "louder_than", "same_speaker", "sarcasm"), _YES_NO
    ),
    "tempo_change": {
        "faster": "gets faster|becomes faster|rising|increasing|increases|the tempo increases"
        "|speeds up|speeding up|accelerates|accelerating|accelerando|quicker|gets quicker",
        "slower": "gets slower|becomes slower|falling|decreasing|decreases|the tempo decreases"
        "|slows down|slowing down|slows|decelerates|decelerating|ritardando|rallentando",
        "steady": f"keeps its tempo|keeps the tempo|steady tempo|constant tempo|level|{_STEADY}",
    },
    "mode": {
        "major": "maj|in major|in a major key|a major key|major key|major mode|major scale",
        "minor": "min|in minor|in a minor key|a minor key|minor key|minor mode|minor scale",
    },
    "tonic": {name: _note(name) for name in _SHARPS},
    "loudness_trend": {
        "louder": "gets louder|becomes louder|rising|rises|increasing|increases|grows louder"
        "|crescendo|volume increases|swells",
        "quieter": "gets quieter|becomes quieter|falling|falls|decreasing|decreases|softer"
        "|gets softer|becomes softer|decrescendo|diminuendo|volume decreases|fades|fading"
        "|fades out|dies away",
        "stays as loud": f"as loud|level|stays level|even|{_STEADY}",
    },
    "pitch_contour": {
        "rises": "rising|rise|rises in pitch|goes up|going up|ascends|ascending|upward|upwards"
        "|gets higher|becomes higher|increasing|increases|higher",
        "falls": "falling|fall|falls in pitch|goes down|going down|descends|descending|downward"
        "|downwards|gets lower|becomes lower|decreasing|decreases|lower",
        "stays level": f"level|flat|monotone|even|{_STEADY}",
    },
    "stereo_position": {
        "left": "left side|on the left|to the left|from the left|left channel|left speaker"
        "|from the left side|on the left side|the left ear",
        "right": "right side|on the right|to the right|from the right|right channel"
        "|right speaker|from the right side|on the right side|the right ear",
        "centre": "center|centered|centred|middle|in the middle|in the centre|in the center"
        "|from the centre|from the center|from the middle",
    },
    "stereo_movement": {
        "left to right": "from left to right|moves from left to right|moves left to right"
        "|rightward|rightwards|to the right",
        "right to left": "from right to left|moves from right to left|moves right to left"
        "|leftward|leftwards|to the left",
        "does not move": "still|static|stationary|fixed|not moving|stays in place|stays still"
        "|no movement|doesn't move|none|not at all",
    },
    "voice_sex": {
        "man": "male|man's|a man's voice|man's voice|male voice|men|masculine|male speaker",
        "woman": "female|woman's|a woman's voice|woman's voice|female voice|women|feminine"
        "|female speaker|lady",
    },
    "voice_age": {
        "adult": "adult's|an adult's voice|adult voice|adult's voice|grown-up|adults",
        "child": "child's|a child's voice|child voice|child's voice|kid|kid's voice|children",
    },
    "odd_one_out": {name: _ordinal(name, number) for name, number in _ORDINALS.items()},
}  # fmt: skip

YES_OR_NO = frozenset(name for name, answers in _ANSWERS.items() if answers is _YES_NO)
"""Properties that are asked with a yes-or-no question."""


@cache
def closed(name: str) -> tuple[str, ...]:
    """List all answers of a property as they are written; none where any text can be one."""
    return tuple(_ANSWERS.get(name, ()))


@cache
def _readings(name: str) -> dict[str, str]:
    return {
        form: answer
        for answer in closed(name)
        for spelling in (answer, *_ANSWERS[name][answer].split("|"))
        for form in (normalise(spelling), label(spelling))
    }


def closed_answer(name: str, text: str) -> str | None:
    """Read a whole text as one of a property's closed answers, None where it is none of them."""
    read, plain = _readings(name), bare(text)
    for form in (normalise(text), label(text), normalise(plain), label(plain)):
        if form in read:
            return read[form]
    if name in YES_OR_NO and (says := polarity(text)) is not None:
        return "yes" if says else "no"
    return None


def spellings(name: str, answer: str) -> tuple[str, ...]:
    """List the ways to say a closed answer; "none" is read from instruments, and says nothing."""
    ways = (answer, *_ANSWERS[name][answer].split("|"))
    return ways if name in YES_OR_NO else tuple(way for way in ways if polarity(way) is None)
