"""How people write what they hear: text, labels, numbers with units, yes and no.

Every reader here takes the *whole* text or nothing. That is what keeps the checks honest: a
negation, a hedge, a list or a second value is text that no reader expects, so it reads as None.
Standard library only.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from synth.frames import HEDGE, STRUCK, bare, clean, letter_by_letter, remembered

__all__ = [
    "COUNTED",
    "HEDGE",
    "NUMBER_WORD",
    "NUMBER_WORDS",
    "Quantity",
    "bare",
    "clean",
    "is_unit",
    "label",
    "letter_by_letter",
    "names",
    "normalise",
    "parts",
    "polarity",
    "quantity",
    "spelt",
]

_DROPPED = re.compile(r"[^\w#°%/+'.:,\-<>=$€£]|_")
_LOOSE = re.compile(
    r"(?<!\d)[.,:]|[.,:](?!\d)"  # kept inside a number: "1.5" is not "15"
    r"|(?<!\w)['/]|['/](?!\w)"  # kept inside a word: "A/G", "don't"
    r"|-(?!\d)|(?<=\w)-"  # kept as a sign: "-3" is not "3"
)
_LONGEST_VALUE, _LONGEST_LIST = 200, 4000  # characters: longer text is no answer, and never slow
_PAIR = re.compile(r"\s+/\s+")
_ARTICLES = frozenset(("a", "an", "the", "some"))


@remembered
def normalise(text: str) -> str:
    """Text as it is compared: case, spacing and loose punctuation gone; signs of music kept."""
    spaced = _DROPPED.sub(" ", clean(text).casefold())
    return " ".join(_LOOSE.sub(" ", spaced).split())


@remembered
def label(text: str) -> str:
    """Name a sound as it is compared: `normalise`, without articles, each word singular."""
    words = normalise(text).replace(",", " ").split()
    named = [word for word in words if word not in _ARTICLES] or words  # speaker "A" is a name
    return " ".join(_singular(word) for word in named)


def parts(subject: str) -> tuple[str, ...]:
    """Part the subject of a relation, "door / bell"; any other subject is one part."""
    return tuple(part.strip() for part in _PAIR.split(subject))


def names(text: str) -> frozenset[str]:
    """Give every name of a sound as it is compared: an ontology parts them by commas."""
    return frozenset(label(part) for part in (text, *text.split(","))) - {""}


_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "geese": "goose", "mice": "mouse",
    "wolves": "wolf", "knives": "knife", "leaves": "leaf", "feet": "foot", "teeth": "tooth",
    "gases": "gas",
}  # fmt: skip
_WITH_ES = re.compile(r".*(?:ss|x|zz|(?<!a)ch|[^h]each|oach|sh|[^aeo]us)es")
"""plurals that add "es": glasses, boxes, churches, buses; but aches, noises and houses add "s"."""


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith("es") and _WITH_ES.fullmatch(word) else word[:-1]


# Numbers ---------------------------------------------------------------------------------------

_SMALL = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORTH = {word: number for number, word in enumerate(_SMALL)} | {
    word: 10 * number for number, word in enumerate(_TENS, start=2)
}
_ADVERBS = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_FOLDS = {"half": 0.5, "twice": 2, "double": 2}
_AN_OCTAVE = re.compile(r"^an? (?=octave|semitone|single )(?:single )?")
_FOLD = re.compile(r"^(half|twice|double)(?= (?:as |the |speed))")
NUMBER_WORDS = (*_SMALL, *_TENS, "hundred", "thousand")
NUMBER_WORD = f"(?:{'|'.join(NUMBER_WORDS)})"
_DIGITS = re.compile(
    r"([-+]|(?:minus|negative) (?=\d))?\s?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\d.,:/])"
)
_DECIMALS = "(?:" + "|".join(_SMALL[:10]) + ")"
_SPELT = re.compile(
    rf"(?:(minus|negative) )?(?:a (?=hundred|thousand))?({NUMBER_WORD}(?:[ -](?:and )?"
    rf"{NUMBER_WORD})*)(?: point ({_DECIMALS}(?: {_DECIMALS})*))?\b"
)
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d(?:\.\d+)?)(?: ?(?:s|sec|seconds|min))?")
_MINUTES = re.compile(r"(.+?) ?(?:m|mins?|minutes?)(?![a-z])(?:,? and|,)? ?(.+)")
_APPROXIMATELY = re.compile(
    r"(?:about|around|approximately|approx\.?|roughly|exactly|precisely|only|just|a total of|~|≈)"
    r"\s*"
)
_TOLD_TWICE = re.compile(r"([^()]+?) ?\(([^()]+)\)")

# Unit as the vocabulary writes it, spellings, and what one of them is worth in it.
_UNITS: dict[str, tuple[str, float]] = {
    spelling: (unit, worth)
    for unit, worth, spellings in (
        ("bpm", 1.0, "bpm|b.p.m.|b.p.m|beats per minute|beats a minute|beats/minute|beats/min"),
        ("Hz", 1.0, "hz|hertz"),
        ("Hz", 1000.0, "khz|kilohertz"),
        ("LUFS", 1.0, "lufs|lkfs|db lufs"),
        ("LU", 1.0, "lu|loudness unit|loudness units"),
        ("dBFS", 1.0, "dbfs|db fs|decibels full scale"),
        ("dB", 1.0, "db|decibel|decibels|db spl"),
        ("semitones", 1.0, "semitone|semitones|half step|half steps|half tone|half tones"),
        ("semitones", 12.0, "octave|octaves"),
        ("s", 1.0, "s|sec|secs|sec.|second|seconds|seconds in|s in"),
        ("s", 0.001, "ms|millisecond|milliseconds"),
        ("s", 60.0, "min|mins|minute|minutes"),
        ("words per minute", 1.0, "wpm|words per minute|words a minute|words/minute|words/min"),
        ("times", 1.0, "times|time|x|occurrence|occurrences|instance|instances"),
        ("times as fast", 1.0, "times as fast|times faster|times the speed|times speed|x speed"),
        ("times as fast", 1.0, "times the original speed|times the normal speed|x as fast"),
        ("times as much", 1.0, "times as much|times as many|times as long|times as often"),
        ("beats per bar", 1.0, "beats per bar|beats a bar|beats in a bar|beats in each bar"),
        ("beats per bar", 1.0, "beats per measure|beats a measure|beats in a measure|beat per bar"),
        ("beats per bar", 1.0, "beats to the bar|beats to a bar|beats to the measure"),
        ("pauses", 1.0, "pause|pauses|gaps|gap|silent pauses"),
        ("words", 1.0, "word|words|spoken words"),
        ("speakers", 1.0, "speaker|speakers|person|persons|people|voice|voices|talker|talkers"),
        ("speakers", 1.0, "different speakers|distinct speakers|different people|different voices"),
        ("speakers", 1.0, "distinct voices|distinct people"),
        ("speakers", 1.0, "individual|individuals|people speaking|people speak|people talking"),
        ("%", 1.0, "%|percent|per cent"),
    )
    for spelling in spellings.split("|")
}
COUNTED = frozenset(("times", "words", "speakers", "pauses", "beats per bar", ""))
"""Units of whole counts, for which a bare number is unambiguous"""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as the vocabulary writes it; "" for a bare number."""

    value: float
    unit: str
    known: bool = True
    """False: the unit is a word outside the table, kept as written"""


def spelt(number: int) -> list[str]:
    """Write a whole number below a million in English words, without hyphens and "and"."""
    if number >= 1000:
        rest = spelt(number % 1000) if number % 1000 else []
        return [*spelt(number // 1000), "thousand", *rest]
    if number >= 100:
        rest = spelt(number % 100) if number % 100 else []
        return [_SMALL[number // 100], "hundred", *rest]
    if number >= 20:
        return [_TENS[number // 10 - 2], *([_SMALL[number % 10]] if number % 10 else [])]
    return [_SMALL[number]]


def _worth(words: list[str]) -> int | None:
    """Read number words; only a sequence that a number is really spelt with has a worth."""
    total = current = 0
    for word in words:
        if word == "thousand":
            total, current = total + max(current, 1) * 1000, 0
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            current += _WORTH[word]
    number = total + current
    if number >= 1_000_000:
        return None
    written = ["one", *words] if words[0] in ("hundred", "thousand") else words
    return number if spelt(number) == written else None


def _leading_number(text: str) -> tuple[float, str] | None:
    """Read the number at the start of a text; give it with the rest."""
    if digits := _DIGITS.match(text):
        sign, whole, decimals = digits.groups()
        number = float(whole.replace(",", "") + (decimals or ""))
        return (number if sign in (None, "+") else -number), text[digits.end() :]
    if words := _SPELT.match(text):
        minus, whole, decimals = words.groups()
        worth = _worth([word for word in re.split(r"[ -]", whole) if word != "and"])
        if worth is None:
            return None
        number = float(worth)
        if decimals:
            number += float("0." + "".join(str(_WORTH[word]) for word in decimals.split()))
        return (-number if minus else number), text[words.end() :]
    return None


def quantity(text: str) -> Quantity | None:
    """Read a whole text as one number with its unit: "120 bpm", "twenty-two", "1:05", "twice".

    A range, a list, a fraction or any other text around the number reads as None.
    """
    return _quantity(text) if len(text) <= _LONGEST_VALUE else None


@remembered
def _quantity(text: str) -> Quantity | None:
    plain = bare(text).casefold()
    if plain.endswith(")") and (twice := _TOLD_TWICE.fullmatch(plain)):
        once, again = _quantity(twice[1]), _quantity(twice[2])  # "two (2)"
        return once if once == again else None
    plain = plain[found.end() :] if (found := _APPROXIMATELY.match(plain)) else plain
    if plain in _ADVERBS:
        return Quantity(_ADVERBS[plain], "times")
    plain = _AN_OCTAVE.sub("1 ", plain)
    plain = _FOLD.sub(lambda found: f"{_FOLDS[found[1]]} times", plain)
    if clock := _CLOCK.fullmatch(plain):
        hours, minutes, seconds = clock.groups()
        return Quantity(int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds), "s")
    if (both := _MINUTES.fullmatch(plain)) and (time := _minutes(*both.groups())):
        return time
    leading = _leading_number(plain)
    if leading is None or not math.isfinite(leading[0]):
        return None
    # "5-minute" and "5 minutes" are one unit; of "5-6" a digit is left, and it reads as None.
    return _with_unit(leading[0], leading[1].strip().removeprefix("-").strip())


def is_unit(text: str, unit: str) -> bool:
    """Say whether a text is a way to write a unit."""
    return _UNITS.get(text, ("", 0.0))[0] == unit


def _minutes(minutes: str, seconds: str) -> Quantity | None:
    """Read a time of two parts: "1 minute and 5 seconds", "1m5s"; the seconds are under sixty."""
    whole, rest = _quantity(minutes), _quantity(seconds)
    if whole is None or rest is None or whole.unit or rest.unit != "s" or whole.value % 1:
        return None
    return Quantity(60 * whole.value + rest.value, "s") if 0 <= rest.value < 60 else None


def _with_unit(number: float, unit: str) -> Quantity | None:
    if not unit:
        return Quantity(number, "")
    if unit in _UNITS:
        name, worth = _UNITS[unit]
        return Quantity(number * worth, name)
    if not re.fullmatch(r"[a-z' ]+", unit) or HEDGE.search(unit):
        return None
    return Quantity(number, unit, known=False)


# Yes and no --------------------------------------------------------------------------------------

_SAID = "(?:present|heard|audible|there)"
_YES = re.compile(
    rf"(?:yes|yeah|yep|true)(?: (?:it|there|they)(?: is| are| does| do)?(?: {_SAID})?"
    r"| present| heard| audible| (?:it|they) can be heard)?"
    r"|(?:it is |they are |is |are )?(?:clearly )?(?:present|heard|audible|detected)"
    r"|(?:it is |they are )?(?:clearly )?there|(?:it |they )?can be heard"
)
_NO = re.compile(
    rf"(?:no|nope|false)(?: (?:it|there|they) (?:is|are|does|do)(?: not|n't)(?: {_SAID})?"
    rf"| (?:it|there|they) (?:is|are|does|do)n't(?: {_SAID})?"
    r"| not (?:present|heard|audible|at all)| none| (?:it|they) (?:cannot|can't) be heard)?"
    r"|(?:it is |they are |is |are )?(?:not (?:present|heard|audible|detected|there|at all)"
    rf"|absent|inaudible)|(?:it|they) (?:is|are)n't {_SAID}|(?:it |they )?(?:cannot|can't) be heard"
    r"|none|nothing|never"
)


@remembered
def polarity(text: str) -> bool | None:
    """Read a whole text as yes or no; "yes and no" and "yes, it is not" are neither."""
    plain = normalise(bare(text)) if len(text) <= _LONGEST_VALUE and STRUCK not in text else ""
    if _YES.fullmatch(plain):
        return True
    return False if _NO.fullmatch(plain) else None
