"""What a manifest says of a recording: its labels, read into the terms of the vocabulary.

A kind of label is one that collections write (`tempo_bpm`, `transcript`, `segments`), or the name
of a property with a value of its form. A kind that is neither is told, never refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from schemas import VOCABULARY, Item, Value
from schemas.errors import BadManifest
from synth import ontology
from synth.finding import YES
from synth.harmony import key
from synth.label_values import (
    SEXES,
    TONICS,
    a_boolean,
    a_number,
    a_text,
    short,
    some_items,
    some_texts,
)
from synth.languages import LANGUAGES
from synth.questions import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_BY_NAME = {row.name: row for row in VOCABULARY}
# Read together with the label that they qualify.
_QUALIFIERS = {"tempo_octave_ambiguous": "tempo_bpm", "key_tonic_only": "key"}
_NO_PROPERTY = {"speaker": "says who speaks; no property names a person"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One thing that is known of a recording from outside."""

    property: str
    subject: str = ""
    value: Value | None = None
    """None: there is none of it; "yes": there is some, where is not told"""
    octave_open: bool = False
    """True: the tempo is known up to the metrical level alone"""


@dataclass(slots=True)
class Labels:
    """The labels of one recording, and what of its row could not be read."""

    labels: list[Label] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    """kind of label -> why nothing is judged by it"""
    wrong: list[str] = field(default_factory=list)
    """what is wrong with a label of a known kind"""

    def of(self, name: str) -> list[Label]:
        """Give the labels of one property."""
        return [label for label in self.labels if label.property == name]

    def one(self, name: str) -> Label | None:
        """Give a property's first label."""
        return next(iter(self.of(name)), None)


def read_labels(row: Mapping[str, object]) -> Labels:
    """Read the `labels` of a manifest's row; what cannot be read is told in the result."""
    found = Labels()
    told = row.get("labels", {})
    if not isinstance(told, dict):
        found.wrong.append(f"labels: expected an object, not {short(told)}")
        return found
    for kind, value in told.items():
        try:
            found.labels.extend(_read(kind, value, told, found))
        except BadManifest as error:
            found.wrong.append(f"labels.{printable(kind)}: {error.message}")
    found.labels.extend((*_of_sounds(told), *_presences(told, found)))
    found.labels = list(dict.fromkeys(found.labels))
    return found


def _read(kind: str, value: object, told: Mapping[str, object], found: Labels) -> tuple[Label, ...]:
    """Read one label.

    Raises:
        BadManifest: its value does not fit its kind.
    """
    if kind in _QUALIFIERS:
        a_boolean(value)
        if _QUALIFIERS[kind] not in told:
            message = f"without {_QUALIFIERS[kind]} it says nothing"
            raise BadManifest(message)
        return ()
    if kind in _READERS:
        return tuple(_READERS[kind](value, told))
    if kind in _NO_PROPERTY or (kind == "bandwidth" and isinstance(value, str)):
        found.unknown[kind] = _NO_PROPERTY.get(kind, "is told in words; a number of Hz is judged")
        return ()
    if kind in _BY_NAME:
        return tuple(_of_property(kind, value))
    found.unknown[printable(kind)] = "is a kind of label that is not known"
    return ()


# Kinds ------------------------------------------------------------------------------------------


def _tempo(value: object, told: Mapping[str, object]) -> Iterator[Label]:
    bpm = a_number(value, "a positive number of beats per minute", least=1e-9)
    is_open = told.get("tempo_octave_ambiguous") is True
    yield Label(property="tempo", value=Value(number=bpm), octave_open=is_open)


def _key(value: object, told: Mapping[str, object]) -> Iterator[Label]:
    """Read a key: "E minor"; without a mode, or where that is not sure, its tonic alone."""
    name = a_text(value)
    read, bare = key(name), key(f"{name} major")
    if read is None and bare is None:
        message = f"expected a key such as 'E minor' or a tonic such as 'E', not {short(value)}"
        raise BadManifest(message)
    tonic = TONICS[(read or bare or (0,))[0]]
    yield Label(property="tonic", value=Value(text=tonic))
    if read is None or told.get("key_tonic_only") is True:
        yield Label(property="key", value=Value(text=tonic))
    else:
        yield Label(property="key", value=Value(text=f"{tonic} {read[1]}"))
        yield Label(property="mode", value=Value(text=read[1]))


def _sounds(value: object, told: Mapping[str, object]) -> Iterator[Label]:  # noqa: ARG001 - a reader
    """Check a list of sounds; `_of_sounds` reads all lists together."""
    some_texts(value)
    return iter(())


def _transcript(value: object, told: Mapping[str, object]) -> Iterator[Label]:  # noqa: ARG001
    said = a_text(value, empty=True)
    spoken = Value(text=said) if said else None
    yield Label(property="words", value=spoken)
    if spoken:
        for name in ("word_count", "first_word", "last_word"):
            yield Label(property=name, value=spoken)


def _language(value: object, told: Mapping[str, object]) -> Iterator[Label]:  # noqa: ARG001
    said = a_text(value, "a language's code, such as 'en'").casefold()
    name = LANGUAGES.get(said.split("-")[0].split("_")[0], said)
    if name not in LANGUAGES.values():
        message = f"{short(value)} is no language that Whisper tells apart"
        raise BadManifest(message)
    yield Label(property="language", value=Value(text=name))


def _speakers(value: object, told: Mapping[str, object]) -> Iterator[Label]:  # noqa: ARG001
    count = a_number(value, "a whole number of speakers", least=0)
    if count != int(count):
        message = f"expected a whole number of speakers, not {value}"
        raise BadManifest(message)
    yield Label(property="speaker_count", value=Value(number=count))


def _gender(value: object, told: Mapping[str, object]) -> Iterator[Label]:  # noqa: ARG001
    sex = SEXES.get(a_text(value).casefold())
    if sex is None:
        message = f"expected male or female, not {short(value)}"
        raise BadManifest(message)
    yield Label(property="voice_sex", value=Value(text=sex))


def _genre(value: object, told: Mapping[str, object]) -> Iterator[Label]:  # noqa: ARG001
    yield Label(property="genre", value=Value(text=a_text(value)))


def _segments(value: object, told: Mapping[str, object]) -> Iterator[Label]:
    """Read who speaks from when to when, and from that where anybody and where several speak."""
    turns = sorted(
        some_items(value, "speaker"), key=lambda item: (item.start_s or 0, item.end_s or 0)
    )
    if any(item.start_s is None or not item.label for item in turns):
        raise BadManifest("expected a speaker, a start and an end for each segment")
    if not turns:
        yield Label(property="speech_segments")
        return
    yield Label(property="turns", value=Value(items=tuple(turns)))
    yield Label(property="speech_segments", value=_stretches(turns, least=1))
    yield Label(property="overlapped_speech", value=_stretches(turns, least=2))
    if "num_speakers" not in told:
        count = float(len({item.label for item in turns}))
        yield Label(property="speaker_count", value=Value(number=count))


def _stretches(turns: Sequence[Item], least: int) -> Value | None:
    """Find where at least so many different people speak; None where nowhere."""
    edges = sorted({edge for item in turns for edge in (item.start_s or 0.0, item.end_s or 0.0)})
    found: list[Item] = []
    for start, end in pairwise(edges):
        speaking = {item.label for item in turns
                    if (item.start_s or 0.0) <= start and end <= (item.end_s or 0.0)}  # fmt: skip
        if len(speaking) < least:
            continue
        touching = found and found[-1].end_s == start
        since = found.pop().start_s if touching else start
        found.append(Item(label="speech", start_s=since, end_s=end))
    return Value(items=tuple(found)) if found else None


def _turn_order(value: object, told: Mapping[str, object]) -> Iterator[Label]:
    order = some_items(value, "speaker")
    if order and "segments" not in told:
        yield Label(property="turns", value=Value(items=order))


def _overlap(value: object, told: Mapping[str, object]) -> Iterator[Label]:
    said = a_boolean(value)
    if "segments" not in told:
        yield Label(property="overlapped_speech", value=YES if said else None)
    elif said != _overlaps(told["segments"]):
        message = f"{said}, but the segments say otherwise, and they are believed"
        raise BadManifest(message)


def _overlaps(segments: object) -> bool:
    return any(label.property == "overlapped_speech" and label.value is not None
               for label in _segments(segments, {}))  # fmt: skip


_READERS: Mapping[str, Callable[[object, Mapping[str, object]], Iterator[Label]]] = {
    "tempo_bpm": _tempo, "key": _key, "events": _sounds, "instrument": _sounds, "species": _sounds,
    "transcript": _transcript, "language": _language, "num_speakers": _speakers,
    "gender": _gender, "genre": _genre, "segments": _segments, "turn_order": _turn_order,
    "overlap": _overlap,
}  # fmt: skip


def _of_property(kind: str, value: object) -> Iterator[Label]:
    """Read a label that is named as a property is; of a subject where it is {subject: value}."""
    row = _BY_NAME[kind]
    if row.subjects and not isinstance(value, dict):
        message = f"expected an object of {kind} by subject, not {short(value)}"
        raise BadManifest(message)
    for subject, one in value.items() if isinstance(value, dict) else (("", value),):
        if row.form == "number":
            read = Value(number=a_number(one, f"a number, in {row.unit or 'its unit'}"))
        elif row.form == "text":
            read = Value(text=a_text(one))
        else:
            read = Value(items=some_items(one, "label"))
        is_none = read.items == () or (kind == "presence" and read.text == "no")
        yield Label(property=kind, subject=subject, value=None if is_none else read)


# What follows ------------------------------------------------------------------------------------


def _listed(told: Mapping[str, object], kind: str) -> tuple[str, ...]:
    try:
        return some_texts(told.get(kind, []))
    except BadManifest:
        return ()  # told where it was read


def _of_sounds(told: Mapping[str, object]) -> Iterator[Label]:
    """Read the sounds of `events`, `instrument` and `species`, and which are instruments."""
    kinds = ("events", "instrument", "species")
    names = tuple(dict.fromkeys(name for kind in kinds for name in _listed(told, kind)))
    played = [
        name
        for name in names
        if name in _listed(told, "instrument")
        or any("musical instrument" in ontology.ancestors(one) for one in ontology.matching(name))
    ]
    for name, found in (("event", names), ("instrument", played)):
        if found:
            items = tuple(Item(label=one) for one in found)
            yield Label(property=name, value=Value(items=items))


def _presences(told: Mapping[str, object], found: Labels) -> Iterator[Label]:
    """Say what is surely heard; never what is not: labels tell what there is.

    Words, a language and turns are speech; a tempo, a key and a played instrument are music. Of a
    sound, all that it is a kind of. The ontology files instruments under music, yet one stroke of
    a gong among `events` need be none: it entails no music.
    """
    heard: set[str] = set()
    for name in _listed(told, "events"):
        for one in ontology.matching(name):
            entailed = ontology.entailed(one)
            struck = "musical instrument" in entailed
            heard |= entailed - ({"music", "musical instrument"} if struck else set())
    spoken = ("words", "turns", "speech_segments")
    if any(label.property in spoken and label.value is not None for label in found.labels):
        heard.add("speech")
    if {"tempo", "key"} & {label.property for label in found.labels}:
        heard.add("music")
    if _listed(told, "instrument"):
        heard.add("music")
    for subject in sorted(heard):
        yield Label(property="presence", subject=subject, value=YES)
