"""How two keys relate, as MIREX audio key detection weighs it. Standard library only."""

from __future__ import annotations

_TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

# By the two modes and the semitones that the second tonic lies above the first.
_RELATIONS = {
    ("major", "major", 7): "a fifth apart",
    ("major", "major", 5): "a fifth apart",
    ("minor", "minor", 7): "a fifth apart",
    ("minor", "minor", 5): "a fifth apart",
    ("major", "minor", 9): "relative keys",
    ("minor", "major", 3): "relative keys",
    ("major", "minor", 0): "parallel keys",
    ("minor", "major", 0): "parallel keys",
}
_SCORES = {"a fifth apart": 0.5, "relative keys": 0.3, "parallel keys": 0.2}
"""MIREX audio key detection; a fifth counts above and below, so that the error is symmetric"""

GUESS = (1 + 2 * 0.5 + 0.3 + 0.2) / 24
"""what one and the same key earns on average where all 24 are as likely"""


def tonic_and_mode(key: str) -> tuple[str, str] | None:
    """Part "E minor" into its tonic and its mode, None where it is written otherwise."""
    tonic, _, mode = key.partition(" ")
    return (tonic, mode) if tonic in _TONICS and mode in {"major", "minor"} else None


def key_relation(one: str, other: str) -> str:
    """Name how two keys relate: relative, parallel, a fifth apart, or "" for none of these."""
    first, second = tonic_and_mode(one), tonic_and_mode(other)
    if first is None or second is None:
        return ""
    steps = (_TONICS.index(second[0]) - _TONICS.index(first[0])) % 12
    return _RELATIONS.get((first[1], second[1], steps), "")


def mirex_error(one: tuple[int, str], other: tuple[int, str]) -> float:
    """Give 1 less MIREX's score of two keys, each its pitch class from C = 0 with its mode."""
    if one == other:
        return 0.0
    relation = _RELATIONS.get((one[1], other[1], (other[0] - one[0]) % 12), "")
    return 1.0 - _SCORES.get(relation, 0.0)
