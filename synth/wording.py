"""How a value is written for a listener, and which other spellings of it are accepted."""

from __future__ import annotations

import math
import re
from itertools import groupby
from typing import TYPE_CHECKING

from schemas import Item, Value, property_named
from synth.answers import YES_OR_NO, closed, closed_answer, spellings
from synth.harmony import changes, chord, key_spellings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Fact

# Decimals of levels, as meters show them; all else by its tolerance.
_DECIMALS = {"LUFS": 1, "LU": 1, "dBFS": 1}
_MOST_DECIMALS = 3
_SINGULAR = {
    "times": "time", "words": "word", "speakers": "speaker", "pauses": "pause",
    "semitones": "semitone", "beats per bar": "beat per bar",
}  # fmt: skip

A_WORD = frozenset({"first_word", "last_word", "stressed_word"})
"""Properties whose text is a spoken word, not the name of anything."""
_SPEAKER = re.compile(r"(?:speaker )?([A-J])")
_ORDINALS = ("first", "second", "third", "fourth", "fifth",
             "sixth", "seventh", "eighth", "ninth", "tenth")  # fmt: skip


def speaker(name: str, subject: str) -> tuple[str, ...]:
    """Name a speaker who goes by a letter: "A" is the first who speaks; "I" may be a word."""
    found = _SPEAKER.fullmatch(subject)
    if name != "speaker_words" or not found:
        return ()
    place = ord(found[1]) - ord("A")
    return (f"{_ORDINALS[place]} speaker", f"speaker {found[1]}", f"speaker {place + 1}",
            f"{_ORDINALS[place]} person", f"{_ORDINALS[place]} voice")  # fmt: skip


def written(fact: Fact) -> str:
    """Write a fact's value as a listener would: "120 bpm", "E minor", "door, then bell", "no".

    Raises:
        ValueError: the fact has no value to write, and is no answer to yes or no.
    """
    if fact.property == "presence":
        return "no" if fact.state == "absent" else "yes"
    if fact.value is None:
        message = f"fact {fact.id}: {fact.property} is {fact.state}, there is nothing to write"
        raise ValueError(message)
    return written_value(fact.property, fact.value)


def written_value(name: str, value: Value) -> str:
    """Write a property's value with its unit."""
    if value.number is not None:
        return written_number(name, value.number)
    if value.text is not None:
        return written_text(name, value.text)
    return written_items(name, value.items or ())


def written_text(name: str, text: str) -> str:
    """Write a text: a closed answer in its one way, a spoken word as it is, a label in brief."""
    if closed(name):
        return closed_answer(name, text) or text
    return text if name in A_WORD else brief(text)


def written_number(name: str, number: float) -> str:
    """Write a number with as many decimals as can be heard, and its unit: "3.2 s", "1 time"."""
    unit = property_named(name).unit
    digits = f"{rounded(name, number):.{_decimals(name, number)}f}"
    return f"{digits} {_SINGULAR.get(unit, unit) if digits == '1' else unit}"


def rounded(name: str, number: float) -> float:
    """Round a number to what `written_number` writes."""
    return round(number, _decimals(name, number)) + 0.0  # no -0.0


def _decimals(name: str, number: float) -> int:
    """Count the decimals that a listener's answer needs: rounding takes up half a tolerance."""
    row = property_named(name)
    if row.unit in _DECIMALS:
        return _DECIMALS[row.unit]
    allowed = row.tolerance * abs(number) if row.relative else row.tolerance
    if allowed <= 0:
        return 0
    return min(max(0, math.ceil(-math.log10(allowed) - 1e-9)), _MOST_DECIMALS)


def written_items(name: str, items: Sequence[Item]) -> str:
    """Write a list: words in a row, times in seconds, orders with "then", sets with commas."""
    kind = property_named(name).check
    if kind == "words":
        return " ".join(item.label for item in items)
    if kind == "overlaps":
        return _written_times(items)
    if name == "chords":
        return ", then ".join(chord_names(items))
    labels = [brief(item.label) for item in items]
    if kind == "order":
        return ", then ".join(labels)
    return ", ".join(dict.fromkeys(labels))


def _written_times(items: Sequence[Item]) -> str:
    if all(are_moments(items)):
        return ", ".join(f"{item.start_s or 0.0:.2f}" for item in items) + " s"
    return ", ".join(f"{item.start_s:.1f}-{item.end_s:.1f} s" for item in items)


def are_moments(items: Sequence[Item]) -> list[bool]:
    """Tell of each item whether it is a moment without length, like a beat."""
    return [item.end_s is None or item.end_s == item.start_s for item in items]


def chord_names(items: Sequence[Item]) -> list[str]:
    """Name the chords of a list, each change told once; what is no chord of `chord` stays as is."""
    named = [chord(item.label) for item in items]
    names = [item.label if one is None else one for item, one in zip(items, named, strict=True)]
    return changes([name for name in names if name])


def brief(label: str) -> str:
    """Take the first of the names that an ontology strings together: "gunshot, gunfire"."""
    return " ".join(label.split(",", maxsplit=1)[0].split()) or label


def target(fact: Fact) -> Value:
    """Give the value that a check holds answers to: labels brief, "yes" or "no" for presence."""
    name = fact.property
    if name == "presence" or fact.value is None:
        return Value(text=written(fact))
    if fact.value.text is not None:
        return Value(text=written_text(name, fact.value.text))
    if fact.value.items is None or property_named(name).check == "words":
        return fact.value
    if name == "chords":
        return Value(items=tuple(Item(label=one) for one in chord_names(fact.value.items)))
    return Value(items=tuple(_told(item, name) for item in fact.value.items))


def _told(item: Item, name: str) -> Item:
    """Give an item with its brief label; a moment ends when it begins."""
    moment = property_named(name).check == "overlaps" and item.end_s is None
    end = item.start_s if moment else item.end_s
    return Item(label=brief(item.label), start_s=item.start_s, end_s=end)


def accepted(fact: Fact) -> tuple[str, ...]:
    """List the spellings that count as the whole value.

    None for a number, which is measured, nor for a word, which is compared as it is.
    """
    name = fact.property
    if name == "presence":
        return (
            ("no", "absent", "not heard") if fact.state == "absent" else ("yes", "present", "heard")
        )
    exactly = name in A_WORD or name == "speaker_words"
    if fact.value is None or fact.value.number is not None or exactly:
        return ()
    text = fact.value.text
    if text is not None:
        return _accepted_text(name, text, written(fact))
    if name == "event_order":
        return _orders(fact.value.items or ())
    return (written(fact),)


def _accepted_text(name: str, text: str, told: str) -> tuple[str, ...]:
    if name == "key":
        return key_spellings(text)
    if told in closed(name):
        return (told,) if name in YES_OR_NO else spellings(name, told)
    names = [" ".join(one.split()) for one in text.split(",")]
    return tuple(dict.fromkeys([told, *(one for one in names if one)]))


def _orders(items: Sequence[Item]) -> tuple[str, ...]:
    """Write an order with every sound, and with repeats in a row told as one."""
    every = [brief(item.label) for item in items]
    runs = [label for label, _ in groupby(every)]
    return tuple(
        dict.fromkeys(
            joint.join(labels) for labels in (every, runs) for joint in (", then ", " then ", ", ")
        )
    )
