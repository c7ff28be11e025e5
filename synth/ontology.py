"""AudioSet's ontology: which sound is a kind of which, and what free text names.

632 classes in a graph under seven roots, from `audioset_ontology.csv`: display names and parents
of github.com/audioset/ontology, by Google, CC BY-SA 4.0, written by `tools/ontology_table.py`.
All 521 classes of YAMNet are among them. A class goes by its display name in lower case, as facts
carry it. Standard library only.

How text is matched, and nothing is guessed: words are compared without case, articles and plural.
A display name may hold several names: "Gunshot, gunfire" is both, "Roaring cats (lions, tigers)"
is also a lion. What stands in brackets else tells senses apart and is part of the name. A name
that two classes share is neither's. Text that is no name as a whole is read by its last words,
which say what it is: "restaurant chatter" is chatter, "dog barking" a bark, "car door" a door and
no car; but a grunt is a person's only where a person is named. Names of musical concepts, genres,
roles and moods must be the whole text: a whale's song is no music.
"""

from __future__ import annotations

import csv
import functools
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from synth.spelling import label as plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TABLE = Path(__file__).with_name("audioset_ontology.csv")
# Display names whose commas part no synonyms: "Inside, small room".
_QUALIFIED = ("inside,", "outside,", "channel,")
# What stands in brackets and tells no senses apart: an ambulance is an "Ambulance (siren)".
_SAID_TOO = frozenset(("siren", "food", "clothing", "dropping", "filling or washing"))
_WHOLE_ONLY = ("musical concepts", "music genre", "music role", "music mood")
_PEOPLES = ("human voice", "respiratory sounds", "human locomotion")
_PEOPLE = frozenset((
    "baby", "infant", "child", "children", "kid", "boy", "girl", "man", "men", "woman", "women",
    "male", "female", "adult", "person", "people", "human", "crowd", "audience",
))  # fmt: skip
_SHORTEST_GERUND = 6  # letters: "ring" and "king" are no "-ing"


def known(label: str) -> bool:
    """Whether a label is a class, by its display name in any case."""
    return label.casefold() in _parents()


def ancestors(label: str) -> frozenset[str]:
    """Give every class above a class; empty for a root and for what is no class."""
    return _reached(label.casefold(), _parents())


def descendants(label: str) -> frozenset[str]:
    """Give every class beneath a class; empty for a leaf and for what is no class."""
    return _reached(label.casefold(), _children())


def entailed(label: str) -> frozenset[str]:
    """Give the classes that a sound surely is: itself, and what lies above it on every way up.

    Growling is a dog's, a cat's or a lion's, so it entails an animal and none of the three.
    """
    name = label.casefold()
    if not known(name):
        return frozenset()
    above = [entailed(parent) for parent in _parents()[name]]
    return frozenset({name}).union(frozenset.intersection(*above) if above else ())


def is_a(one: str, other: str) -> bool:
    """Whether the one is the other, or a kind of it."""
    return known(one) and (one.casefold() == other.casefold() or other.casefold() in ancestors(one))


@functools.lru_cache(maxsize=4096)
def matching(text: str) -> frozenset[str]:
    """Give the classes that free text names: by all of it, else by its last words."""
    words = plain(text).split()
    whole = _by_name().get(" ".join(words))
    if whole:
        return frozenset({whole})
    for start in range(1, len(words)):
        found = _by_last_words().get(" ".join(words[start:]))
        if found:
            is_guess = found in _of_people() and not _PEOPLE & set(words[:start])
            return frozenset() if is_guess else frozenset({found})
    return _by_stem(words)


def _by_stem(words: list[str]) -> frozenset[str]:
    """Read a last word that ends in "-ing"."""
    for stem in _stems(words[-1]) if words else ():
        found = _by_last_words().get(stem)
        if found:
            is_guess = found in _of_people() and len(words) > 1 and not _PEOPLE & set(words)
            return frozenset() if is_guess else frozenset({found})
    return frozenset()


@functools.cache
def _of_people() -> frozenset[str]:
    """Give the classes that are people's alone by the ontology: a pig grunts, too."""
    return frozenset().union(*(descendants(one) for one in _PEOPLES))


def _stems(word: str) -> Iterator[str]:
    """Undo "-ing": barking, dripping, sneezing."""
    if word.endswith("ing") and len(word) >= _SHORTEST_GERUND:
        stem = word[:-3]
        yield stem
        yield f"{stem}e"
        if stem[-1] == stem[-2]:
            yield stem[:-1]


@functools.cache
def _parents() -> Mapping[str, tuple[str, ...]]:
    with _TABLE.open(encoding="utf-8", newline="") as rows:
        return {
            row["name"].casefold(): tuple(filter(None, row["parents"].casefold().split("|")))
            for row in csv.DictReader(rows)
        }


@functools.cache
def _children() -> Mapping[str, tuple[str, ...]]:
    children: dict[str, list[str]] = {name: [] for name in _parents()}
    for name, above in _parents().items():
        for parent in above:
            children[parent].append(name)
    return {name: tuple(below) for name, below in children.items()}


def _reached(name: str, along: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(along.get(name, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(along[one])
    return frozenset(found)


@functools.cache
def _by_name() -> Mapping[str, str]:
    """Find classes by what they are called; a whole display name goes before a part of one."""
    shared = Counter(name for one in _parents() for name in set(_names(one)))
    parts = {name: one for one in _parents() for name in _names(one) if shared[name] == 1}
    return parts | {plain(one): one for one in _parents()}


@functools.cache
def _by_last_words() -> Mapping[str, str]:
    abstract = frozenset().union(*(descendants(one) for one in _WHOLE_ONLY))
    return {
        name: one
        for name, one in _by_name().items()
        if one not in abstract and name not in _examples(one)
    }


def _names(display: str) -> Iterator[str]:
    yield plain(display)
    yield from _examples(display)
    bracketed = re.search(r"\s*\((.*)\)", display)
    if bracketed and bracketed[1] not in _SAID_TOO and "," not in bracketed[1]:
        return
    outside = display.replace(bracketed[0], "") if bracketed else display
    for part in (outside, *([] if display.startswith(_QUALIFIED) else outside.split(","))):
        name = plain(re.sub(r"^\s*(?:and|etc)\b\.?", "", part))
        if name:
            yield name


def _examples(display: str) -> tuple[str, ...]:
    """Read a list in brackets: lions, tigers."""
    listed = re.search(r"\((.*,.*)\)", display)
    return tuple(plain(part) for part in listed[1].split(",")) if listed else ()
