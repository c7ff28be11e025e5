"""How a value is written for a listener, and which other spellings of it are accepted."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from schemas import VOCABULARY, Item, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Fact

# Decimals that a listener's answer needs: a rounded value stays well within the tolerance.
_DECIMALS = {"loudness": 1, "onset": 1}
_SINGULAR = {"times": "time", "words": "word", "speakers": "speaker", "s": "s"}

_UNITS = {row.name: row.unit for row in VOCABULARY}

# Sharps as extractors spell them, and the flats that sound the same.
_FLATS = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}
_SHARPS = {flat: sharp for sharp, flat in _FLATS.items()}
_MODES = {"major": (" major", " maj", "maj"), "minor": (" minor", " min", "m")}


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
        return brief(value.text)
    return written_items(name, value.items or ())


def written_number(name: str, number: float) -> str:
    """Write a number with as many decimals as can be heard, and its unit: "3.2 s", "1 time"."""
    unit = _UNITS[name]
    digits = f"{rounded(name, number):.{_DECIMALS.get(name, 0)}f}"
    return f"{digits} {_SINGULAR.get(unit, unit) if digits == '1' else unit}"


def rounded(name: str, number: float) -> float:
    """Round a number to what `written_number` writes."""
    return round(number, _DECIMALS.get(name, 0)) + 0.0  # no -0.0


def written_items(name: str, items: Sequence[Item]) -> str:
    """Write a list: words in a row, stretches in seconds, orders with "then", sets with commas."""
    if name == "words":
        return " ".join(item.label for item in items)
    if name == "speech_segments":
        return ", ".join(f"{item.start_s:.1f}-{item.end_s:.1f} s" for item in items)
    labels = [brief(item.label) for item in items]
    if name in {"event_order", "turns"}:
        return ", then ".join(labels)
    return ", ".join(dict.fromkeys(labels))


def brief(label: str) -> str:
    """Take the first of the names that an ontology strings together: "gunshot, gunfire"."""
    return " ".join(label.split(",", maxsplit=1)[0].split()) or label


def target(fact: Fact) -> Value:
    """Give the value that a check holds answers to: labels brief, "yes" or "no" for presence."""
    if fact.property == "presence" or fact.value is None:
        return Value(text=written(fact))
    if fact.value.text is not None:
        return Value(text=brief(fact.value.text))
    if fact.value.items is None or fact.property == "words":
        return fact.value
    return Value(
        items=tuple(
            Item(label=brief(item.label), start_s=item.start_s, end_s=item.end_s)
            for item in fact.value.items
        )
    )


def accepted(fact: Fact) -> tuple[str, ...]:
    """List the spellings that count as the whole value; none for a number, which is measured."""
    if fact.property == "presence":
        return (
            ("no", "absent", "not heard") if fact.state == "absent" else ("yes", "present", "heard")
        )
    if fact.value is None or fact.value.number is not None:
        return ()
    if fact.property == "key":
        return key_spellings(fact.value.text or "")
    if fact.value.text is not None:
        names = [" ".join(name.split()) for name in fact.value.text.split(",")]
        return tuple(dict.fromkeys([written(fact), *(name for name in names if name)]))
    if fact.property == "event_order":
        return _orders(fact.value.items or ())
    return (written(fact),)


def key_spellings(key: str) -> tuple[str, ...]:
    """Spell a key with sharps and flats, in words and signs: "D# minor", "E♭m", "E flat min"."""
    tonic, _, mode = key.partition(" ")
    twin = _FLATS.get(tonic) or _SHARPS.get(tonic)
    if mode not in _MODES:
        return (key,)
    spelt = []
    for name in (tonic, *([twin] if twin else [])):
        letter, sign = name[0], name[1:]
        signs = {"#": ("#", "♯", " sharp"), "b": ("b", "♭", " flat")}.get(sign, ("",))
        spelt += [f"{letter}{how}{end}" for how in signs for end in _MODES[mode]]
    return tuple(dict.fromkeys([key, *spelt]))


def _orders(items: Sequence[Item]) -> tuple[str, ...]:
    """Write an order with every sound, and with repeats in a row told as one."""
    every = [brief(item.label) for item in items]
    runs = [label for label, _ in groupby(every)]
    return tuple(
        dict.fromkeys(
            joint.join(labels) for labels in (every, runs) for joint in (", then ", " then ", ", ")
        )
    )
