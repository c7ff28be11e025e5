"""A number with its unit in other words, as people write it. What is right is computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.material import WHOLE

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from benchmarks.material import Told
    from schemas import Check

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
         "nineteen")  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SINGULAR = {"people": "person", "Hz": "Hz", "LUFS": "LUFS", "hertz": "hertz", "Hertz": "Hertz",
             "s": "s", "lufs": "lufs", "LKFS": "LKFS", "dBFS": "dBFS", "hz": "hz"}  # fmt: skip
_UNITS = {
    "bpm": ("bpm", "BPM", "beats per minute", "beats a minute"),
    "Hz": ("Hz", "hertz", "Hertz", "hz"),
    "s": ("s", "seconds", "sec", "secs"),
    "LUFS": ("LUFS", "lufs", "LKFS"), "LU": ("LU", "dB", "loudness units"),
    "dBFS": ("dBFS", "dB", "dB FS"), "semitones": ("semitones", "half steps"),
    "words per minute": ("words per minute", "wpm", "WPM", "words a minute"),
    "times": ("times", "x"), "words": ("words", "spoken words"),
    "speakers": ("speakers", "people", "voices", "persons", "different speakers", "talkers",
                 "different people", "distinct voices"),
    "pauses": ("pauses", "gaps"),
    "beats per bar": ("beats per bar", "beats per measure", "beats in a bar"),
    "times as fast": ("times as fast", "times the original speed", "x"),
    "times as much": ("times as much", "times"),
}  # fmt: skip
_ABOUT = ("about {}", "approximately {}", "around {}", "roughly {}", "approx. {}", "~{}", "≈ {}")


def numbers(
    told: Told, check: Check, target: float, frames: Sequence[str], draw: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield a number in other words, each with what is other about it."""
    name, said = told.check.property, told.said
    units = _UNITS.get(check.unit, (check.unit,))
    allowed = check.tolerance * (abs(target) if check.relative else 1.0)
    yield from (("frame", frame.format(said)) for frame in frames)
    yield from (("approximately", frame.format(said)) for frame in _ABOUT)
    digits = said.split()[0]
    agreeing = [_agreeing(unit, 1) if digits == "1" else unit for unit in units]
    yield from (("unit spelt", f"{digits} {unit}") for unit in agreeing)
    yield from (("unit spelt", f"{digits}{unit}") for unit in agreeing if len(unit) < 5)
    if name not in WHOLE:
        for share in (-0.9, -0.5, 0.5, 0.9, draw.uniform(-0.9, 0.9)):
            yield "within the tolerance", f"{target + share * allowed:.5g} {units[0]}"
        yield "within the tolerance", f"{target:.4f} {units[0]}"
    whole = round(target)
    if abs(whole - target) <= 0.9 * allowed or whole == target:
        for words in _number_words(whole):
            yield "number in other words", f"{words} {_agreeing(units[0], whole)}"
            yield (
                "number in other words",
                f"{words.capitalize()} {_agreeing(draw.choice(units), whole)}.",
            )
            if check.unit == "bpm" or name in WHOLE:
                yield "number in other words", f"about {words} {_agreeing(units[0], whole)}"
        yield "number in other words", f"{whole}.0 {units[0]}"
    if check.unit == "s":
        yield from (("clock and other units", one) for one in _clock(target, allowed))
    if name in WHOLE:
        yield from (("count in other words", one) for one in _counts(told, whole))
    elif check.unit != "s":
        yield "bare number in a tag", digits


def _agreeing(unit: str, number: int) -> str:
    if number != 1:
        return unit
    first, _, rest = unit.partition(" ")
    if first in ("different", "distinct") and rest:
        return "person"  # nobody is one different person
    if first in ("spoken", "loudness", "half"):
        return f"{first} {rest.removesuffix('s')}"
    singular = _SINGULAR.get(first, first.removesuffix("s"))
    return f"{singular} {rest}".strip()


def _number_words(number: int) -> Iterator[str]:
    spelt = _words(abs(number))
    minus = "minus " if number < 0 else ""
    yield minus + spelt
    if "-" in spelt:
        yield minus + spelt.replace("-", " ")
    if " hundred " in spelt:
        yield minus + spelt.replace(" hundred ", " hundred and ")


def _words(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    size, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    rest = f" {_words(number % size)}" if number % size else ""
    return f"{_words(number // size)} {name}{rest}"


def _clock(target: float, allowed: float) -> Iterator[str]:
    yield f"{target * 1000:.0f} ms"
    yield f"{target:.2f} seconds"
    yield f"{target:.1f}s"
    yield f"{int(target // 60)}:{target % 60:05.2f}"
    yield f"{int(target // 60):02d}:{target % 60:05.2f}"
    if abs(round(target) - target) <= 0.9 * allowed:
        yield f"{round(target) // 60}:{round(target) % 60:02d}"
        yield f"{round(target) // 60:02d}:{round(target) % 60:02d}"
        yield f"{round(target)} {'second' if round(target) == 1 else 'seconds'}"
    if target >= 60:
        yield f"{target / 60:.3f} minutes"


def _counts(told: Told, number: int) -> Iterator[str]:
    name, subject = told.check.property, told.check.subject.split(",")[0].casefold()
    yield str(number)
    yield _words(number)
    yield _words(number).capitalize()
    if name == "metre":
        if number in (2, 3, 4, 5):
            yield from (
                f"{number}/4",
                f"{number}/4 time",
                f"in {number}/4",
                f"{number} beats to the bar",
                f"{_words(number)} beats per bar",
            )
        return
    if name in ("event_count", "repetitions"):
        adverbs = {1: ("once", "just once"), 2: ("twice", "two times"), 3: ("thrice",)}.get(
            number, ()
        )
        yield from (*adverbs, *(f"exactly {one}" for one in adverbs[:1]))
        yield f"{number} occurrence{'s' * (number != 1)}"
        yield f"{number}x"
    if name == "event_count" and " " not in subject and not subject.endswith("s"):
        yield f"{number} {subject}{'s' * (number != 1)}"
        yield f"{_words(number)} {subject}{'s' * (number != 1)}"
    if name == "speaker_count":
        yield from ((f"{_words(number)} people", f"There are {_words(number)} speakers",
                     f"{number} different voices")
                    if number > 1 else ("one person", "a single speaker", "only one speaker",
                                        "just one person"))  # fmt: skip
