"""menu: what a teacher may ask of a question's recordings. Properties and names, never values."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import property_named
from schemas.vocabulary import LISTENED
from synth.answers import YES_OR_NO
from synth.finding import rank
from synth.hints import BROAD, HINTS
from synth.spelling import label, normalise, parts
from synth.truth import is_truth
from synth.wording import A_WORD, speaker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas import Fact, Question

_QUOTED = re.compile(r"[\"'“‘]([^\"'“”‘’]{1,40})[\"'”’]")

# A menu that a small model can read; the questions of our benchmarks need one to four entries.
MOST = 12

# What is asked of any recording, named or not: whether there is speech or music in it.
_ALWAYS = frozenset({"speech", "music"})

# Parts of any recording, which a relation compares: they need no name in the question.
_PARTS_OF_ALL = frozenset({"first half", "second half", "first voice", "last voice"})

# A ratio does not say of what; what only listeners tell is never truth.
_NEVER = LISTENED | {"ratio"}

# The longest list of moments, stretches or turns that a listener can be expected to tell.
_LONGEST_LIST = 24


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
    """other sounds, or words, that the recording is known to hold: for distractors, never shown"""


def menu(
    question: Question, facts_by_recording: Mapping[str, Sequence[Fact]]
) -> tuple[MenuEntry, ...]:
    """List what can be asked and checked, the likeliest for this question first, at most 12.

    Only facts that are truth, of the whole recording, and whose next plausible value lies outside
    the tolerance; what few questions turn on, only where a word hints at it. A named sound is
    offered where the question's text names it; where the choices alone do, only if each of them
    can be asked of alike: else the menu would tell them apart.
    Empty where nothing on it could help: that there is music does not tell its key.
    """
    several = len(question.recordings) > 1
    entries = [
        _entry(fact, audio, several=several, heard=_heard(fact, facts))
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
        alone = copies[fact.property, fact.subject] == 1
        if alone and _is_hinted(question, fact) and _is_named(question, fact, usable):
            yield fact


def _is_hinted(question: Question, fact: Fact) -> bool:
    if fact.property in BROAD:
        return True
    said = set(label(f"{question.text} {' '.join(question.choices)}").split())
    return bool(said & set(label(HINTS.get(fact.property, "")).split()))


def _is_yes_or_no(question: Question) -> bool:
    return {label(choice) for choice in question.choices} in ({"yes", "no"}, {"yes"}, {"no"})


def _is_of_use(question: Question, fact: Fact) -> bool:
    """Tell whether a fact could help to answer; what any recording has helps only if asked for."""
    if fact.property == "loudness":
        about = set(label(f"{question.text} {' '.join(question.choices)}").split())
        return bool(about & set(HINTS["loudness"].split()))
    if fact.property != "presence" or fact.subject not in _ALWAYS:
        return True
    if _is_yes_or_no(question):
        return True
    return any(names(choice, fact.subject) for choice in question.choices)


def _is_usable(fact: Fact) -> bool:
    row = property_named(fact.property)
    answers = fact.state == "known" or (fact.state == "absent" and fact.property == "presence")
    clear = fact.margin is None or fact.margin > row.tolerance
    asked = fact.property not in _NEVER and fact.span is None
    return is_truth(fact) and answers and clear and asked and not _is_trivial(fact)


def _is_trivial(fact: Fact) -> bool:
    """Whether there is nothing to tell: that there is a signal, the order of one."""
    if fact.property == "presence" and fact.subject == "signal":
        return True
    items = (fact.value.items or ()) if fact.value else ()
    kind = property_named(fact.property).check
    if kind in {"order", "overlaps"} and len(items) > _LONGEST_LIST:
        return True
    return kind == "order" and len({item.label for item in items}) < 2


def _is_named(question: Question, fact: Fact, usable: Sequence[Fact]) -> bool:
    """Whether a question speaks of what a fact is of; its choices only if of all of them alike."""
    subject = fact.subject
    if not subject or (fact.property == "presence" and subject in _ALWAYS):
        return True
    if set(parts(subject)) <= _PARTS_OF_ALL:
        return True
    if _is_yes_or_no(question):
        # Whether it is heard is the question: how often would already answer it.
        says = fact.property in YES_OR_NO or bool(speaker(fact.property, subject))
        return says and _names(question.text, fact)
    choices = {label(one) for one in question.choices}
    is_a_choice = any(label(part) in choices for part in parts(subject))
    if _names(question.text, fact) and not is_a_choice:
        return True
    alike = [part for other in usable if other.property == fact.property
             for part in parts(other.subject)]  # fmt: skip
    exactly = fact.property == "word_onset"
    return all(
        any(_is_of(choice, part, exactly=exactly) for choice in question.choices)
        for part in parts(subject)
    ) and all(
        any(_is_of(choice, other, exactly=exactly) for other in alike if other)
        for choice in question.choices
    )


def _is_of(choice: str, subject: str, *, exactly: bool) -> bool:
    """Whether a choice speaks of a sound; of a spoken word, whether it is that word."""
    return normalise(choice) == normalise(subject) if exactly else names(choice, subject)


def _names(text: str, fact: Fact) -> bool:
    """Whether a question's text names what a fact is of: both of two, a word in quotes."""
    if fact.property == "word_onset":
        quoted = [normalise(one) for one in _QUOTED.findall(text)]
        return normalise(fact.subject) in quoted
    if known := speaker(fact.property, fact.subject):
        said = f" {normalise(text)} ".replace("'s ", " ")
        return any(f" {normalise(one)} " in said for one in known)  # "speaker A" is no article
    return all(names(text, part) for part in parts(fact.subject))


def _heard(fact: Fact, facts: Sequence[Fact]) -> tuple[str, ...]:
    """List what a settled list of events holds, told apart by whoever listed them; or of words."""
    name = "words" if fact.property in A_WORD else "event"
    return tuple(
        sorted(
            {
                item.label
                for one in facts
                if one.property == name and is_truth(one) and one.value
                for item in one.value.items or ()
            }
        )
    )


def _entry(fact: Fact, audio: int, *, several: bool, heard: tuple[str, ...]) -> MenuEntry:
    row = property_named(fact.property)
    subject = " ".join((*speaker(row.name, fact.subject), fact.subject)[0].split())
    key = f"{row.name} of {subject}" if subject else row.name
    description = f"{row.description}: {subject}" if subject else row.description
    if several:
        key, description = f"{key} in audio {audio}", f"{description}, in audio {audio}"
    return MenuEntry(key=key, fact=fact, audio=audio, description=description, heard=heard)


def _order(entry: MenuEntry, question: Question) -> tuple[bool, int, bool, int, bool, str, int]:
    """Place an entry by the words that its property shares with the question, text before choices.

    Presence comes last: where a sound is named and counted, that it is there tells least. How two
    named sounds compare follows from what each of them is, and comes after all that.
    """
    name, subject = entry.fact.property, entry.fact.subject
    about = set(label(f"{HINTS.get(name, '')} {name.replace('_', ' ')}").split())
    in_text = about & set(label(question.text).split())
    in_choices = about & set(label(" ".join(question.choices)).split())
    both = parts(subject)
    return (
        len(both) > 1 and not set(both) <= _PARTS_OF_ALL,
        -(2 * len(in_text) + len(in_choices)),
        name == "presence",
        rank(name),
        not _names(question.text, entry.fact),
        subject,
        entry.audio,
    )
