"""menu: what a teacher may ask of a question's recordings. Properties and names, never values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import property_named
from synth.finding import rank
from synth.spelling import label
from synth.truth import is_truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas import Fact, Question

# A menu that a small model can read; the questions of our benchmarks need one to four entries.
MOST = 12

# What is asked of any recording, named or not: whether there is speech or music in it.
_ALWAYS = frozenset({"speech", "music"})

# Words by which questions speak of a property, beside the ones of its own description.
_HINTS = {
    "tempo": "bpm beat fast faster slow slower speed pace rhythm",
    "key": "tonality tonal tonic major minor scale mode harmony chord",
    "instrument": "play piano guitar drum violin band",
    "pitch": "high higher low lower note hz hertz",
    "loudness": "loud louder quiet quieter volume lufs db",
    "event_count": "many time often count number twice once altogether",
    "event_order": "sequence before after then follow between next",
    "first_event": "begin start initial before earliest",
    "last_event": "end final finally latest",
    "onset": "when time second moment start",
    "event": "noise source",
    "speech_segments": "when speak talk speech",
    "words": "say said word speak spoken mention sentence phrase talk reader according person",
    "word_count": "many word",
    "speech_rate": "fast faster slow slower rate speed talk speak pace minute reader",
    "language": "speak accent english",
    "speaker_count": "many people different person voice talk speak conversation",
    "turns": "speaker turn after reply conversation who spoke",
    "presence": "present",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One thing that can be asked, with the fact that answers it."""

    key: str
    """what the teacher picks: "event_count of door", "tempo in audio 2" """
    fact: Fact
    audio: int
    """which recording of the question, from 1"""
    description: str
    heard: tuple[str, ...] = ()
    """other sounds that the recording is known to hold: for distractors, never shown"""


def menu(
    question: Question, facts_by_recording: Mapping[str, Sequence[Fact]]
) -> tuple[MenuEntry, ...]:
    """List what can be asked and checked, the likeliest for this question first, at most 12.

    Only facts that are truth, of the whole recording, and whose next plausible value lies outside
    the tolerance. A named sound is offered where the question's text names it; where the choices
    alone do, only if each of them can be asked of alike: else the menu would tell them apart.
    Empty where nothing on it could help: that there is music does not tell its key.
    """
    several = len(question.recordings) > 1
    entries = [
        _entry(fact, audio, several=several, heard=_heard(facts))
        for audio, recording in enumerate(question.recordings, start=1)
        for facts in [facts_by_recording.get(recording, ())]
        for fact in _offered(question, facts)
    ]
    if not any(_is_of_use(question, entry.fact) for entry in entries):
        return ()
    return tuple(sorted(entries, key=lambda entry: _order(entry, question))[:MOST])


def names(text: str, subject: str) -> bool:
    """Whether a text names a sound: as whole words, singular or plural, by any of its names."""
    words = f" {label(text)} "
    return any(f" {name} " in words for part in subject.split(",") if (name := label(part)))


def _offered(question: Question, facts: Sequence[Fact]) -> Iterator[Fact]:
    usable = [fact for fact in facts if _is_usable(fact)]
    copies = Counter((fact.property, fact.subject) for fact in usable)
    for fact in usable:
        # A set that is told in several facts has no one whole answer.
        if copies[fact.property, fact.subject] == 1 and _is_named(question, fact, usable):
            yield fact


def _is_yes_or_no(question: Question) -> bool:
    return {label(choice) for choice in question.choices} in ({"yes", "no"}, {"yes"}, {"no"})


def _is_of_use(question: Question, fact: Fact) -> bool:
    """Tell whether a fact could help to answer; what any recording has helps only if asked for."""
    if fact.property == "loudness":
        about = set(label(f"{question.text} {' '.join(question.choices)}").split())
        return bool(about & set(_HINTS["loudness"].split()))
    if fact.property != "presence" or fact.subject not in _ALWAYS:
        return True
    if _is_yes_or_no(question):
        return True
    return any(names(choice, fact.subject) for choice in question.choices)


def _is_usable(fact: Fact) -> bool:
    row = property_named(fact.property)
    answers = fact.state == "known" or (fact.state == "absent" and fact.property == "presence")
    clear = fact.margin is None or fact.margin > row.tolerance
    return is_truth(fact) and answers and clear and fact.span is None and not _is_trivial(fact)


def _is_trivial(fact: Fact) -> bool:
    """Whether there is nothing to tell: that there is a signal, the order of one."""
    if fact.property == "presence" and fact.subject == "signal":
        return True
    items = fact.value.items if fact.value else None
    ordered = fact.property in {"event_order", "turns"}
    return ordered and len({item.label for item in items or ()}) < 2


def _is_named(question: Question, fact: Fact, usable: Sequence[Fact]) -> bool:
    subject = fact.subject
    if not subject or (fact.property == "presence" and subject in _ALWAYS):
        return True
    if _is_yes_or_no(question):
        # Whether it is heard is the question: how often would already answer it.
        return fact.property == "presence" and names(question.text, subject)
    is_a_choice = any(label(one) == label(subject) for one in question.choices)
    if names(question.text, subject) and not is_a_choice:
        return True
    alike = [other.subject for other in usable if other.property == fact.property]
    return any(names(choice, subject) for choice in question.choices) and all(
        any(names(choice, other) for other in alike if other) for choice in question.choices
    )


def _heard(facts: Sequence[Fact]) -> tuple[str, ...]:
    """List the sounds that a settled list of events holds: told apart by whoever listed them."""
    return tuple(
        sorted(
            {
                item.label
                for fact in facts
                if fact.property == "event" and is_truth(fact) and fact.value
                for item in fact.value.items or ()
            }
        )
    )


def _entry(fact: Fact, audio: int, *, several: bool, heard: tuple[str, ...]) -> MenuEntry:
    row = property_named(fact.property)
    subject = " ".join(fact.subject.split())
    key = f"{row.name} of {subject}" if subject else row.name
    description = f"{row.description}: {subject}" if subject else row.description
    if several:
        key, description = f"{key} in audio {audio}", f"{description}, in audio {audio}"
    return MenuEntry(key=key, fact=fact, audio=audio, description=description, heard=heard)


def _order(entry: MenuEntry, question: Question) -> tuple[int, bool, int, bool, str, int]:
    """Place an entry by the words that its property shares with the question, text before choices.

    Presence comes last: where a sound is named and counted, that it is there tells least.
    """
    name, subject = entry.fact.property, entry.fact.subject
    about = set(label(f"{_HINTS.get(name, '')} {name.replace('_', ' ')}").split())
    in_text = about & set(label(question.text).split())
    in_choices = about & set(label(" ".join(question.choices)).split())
    return (
        -(2 * len(in_text) + len(in_choices)),
        name == "presence",
        rank(name),
        not names(question.text, subject),
        subject,
        entry.audio,
    )
