"""Keys and chords as people write them. Standard library only."""

from __future__ import annotations

import re
from itertools import groupby

from synth.frames import bare, clean, remembered

LONGEST_VALUE = 200  # characters: longer text is no key, and never slow

_TONICS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_SHIFTS = {"": 0, "#": 1, "sharp": 1, "b": -1, "flat": -1}
_MODES = {"major": "major", "maj": "major", "minor": "minor", "min": "minor", "m": "minor"}
_KEY = re.compile(
    r"(?:[Tt]he |[Ii]n the |[Ii]n )?(?:[Kk]ey of )?([a-gA-G])[ -]?(#|b|[sS]harp|[fF]lat)?[ :-]?"
    r"([mM]ajor|[mM]inor|MAJOR|MINOR|[mM]aj|[mM]in|m)\.?(?: key)?"
)
_A_MODE = re.compile(r"(?:[Ii]n )?a m(?:aj|in)or key|A m(?:aj|in)or key")
"""a mode with its article; "in A minor key" is a key"""
# mir_eval.chord.majmin: sevenths and bass notes are let go, other triads are no chord of it.
_CHORD = re.compile(
    r"([A-G])(#|b| ?sharp| ?flat)?(?::|-| )?(major|maj|minor|min|m|M)?[ (]?(?:6|7|9|11|13)?\)?"
    r"(?:/(?:[A-G][#b]?|[b#]?\d))?(?: chords?)?"
)
_NO_CHORD = re.compile(r"N|X|no chords?", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\s*(?:,?\s*(?:and then|followed by|and finally|then|and|to)\s|->|→|>|,|;|\||\s-\s)\s*"
)

# Sharps as extractors spell them, and the flats that sound the same.
_FLATS = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}
_SHARPS = {flat: sharp for sharp, flat in _FLATS.items()}
_WAYS = {"major": (" major", " maj", "maj"), "minor": (" minor", " min", "m")}


@remembered
def key(text: str) -> tuple[int, str] | None:
    """Read a whole text as a key: pitch class from C = 0 and mode, so that F# minor is Gb minor.

    Tonic without mode is no key; neither is a capital M, which some write for major.
    """
    plain = bare(text) if len(text) <= LONGEST_VALUE else ""
    found = _KEY.fullmatch(plain)
    if not found or _A_MODE.fullmatch(plain):
        return None
    tonic, accidental, mode = (part or "" for part in found.groups())
    shift = _SHIFTS[accidental.casefold()]
    return (_TONICS[tonic.casefold()] + shift) % 12, _MODES[mode.casefold()]


def key_spellings(key_name: str) -> tuple[str, ...]:
    """Spell a key with sharps and flats, in words and signs: "D# minor", "E♭m", "E flat min"."""
    tonic, _, mode = key_name.partition(" ")
    twin = _FLATS.get(tonic) or _SHARPS.get(tonic)
    if mode not in _WAYS:
        return (key_name,)
    spelt = []
    for name in (tonic, *([twin] if twin else [])):
        letter, sign = name[0], name[1:]
        signs = {"#": ("#", "♯", " sharp"), "b": ("b", "♭", " flat")}.get(sign, ("",))
        spelt += [f"{letter}{how}{end}" for how in signs for end in _WAYS[mode]]
    return tuple(dict.fromkeys([key_name, *spelt]))


@remembered
def chord(text: str) -> str | None:
    """Read a whole text as a major or minor chord: "A minor" for "Am", "A:min7" and "A minor".

    "" where it says that there is no chord, None where it is no chord of these.
    """
    plain = clean(text).strip()
    if len(plain) > LONGEST_VALUE:
        return None
    if _NO_CHORD.fullmatch(plain):
        return ""
    found = _CHORD.fullmatch(plain)
    if not found:
        return None
    letter, sign, quality = (part or "" for part in found.groups())
    place = (_TONICS[letter.casefold()] + _SHIFTS[sign.strip()]) % 12
    return f"{_NAMES[place]} {'minor' if quality in ('m', 'min', 'minor') else 'major'}"


def chords(text: str) -> list[str] | None:
    """Read a whole text as chords in a row: "C - Am - F", "C, then A minor", "C Am F"."""
    plain = bare(text)
    parts = [part for part in _BETWEEN.split(plain) if part.strip()]
    if len(parts) == 1 and chord(parts[0]) is None:
        parts = plain.split() if " " in plain else plain.split("-")
    read = [chord(part) for part in parts]
    if not read or None in read:
        return None
    return changes([one for one in read if one])


def changes(names: list[str]) -> list[str]:
    """Tell a chord that goes on as one."""
    return [name for name, _ in groupby(names)]


def is_chord(name: str) -> bool:
    """Whether a label is a chord as `chord` names it: speaker "A" is none."""
    return chord(name) == name
