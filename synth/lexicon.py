"""The labels that a question's checks know, as they are recognised in prose. Standard library."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from synth.claim_rules import CUES
from synth.prose import words
from synth.sounding import doing
from synth.spelling import label, names, normalise, parts

if TYPE_CHECKING:
    from schemas import GroundCheck, GroundTruth

LISTS = frozenset(("event", "instrument", "event_order"))
_NAMES = frozenset(("first_event", "last_event", "foreground", "background"))
_OF_NO_SOUND = frozenset(
    ("word_onset", "speaker_words", "same_speaker", "louder_than", "ratio")
)  # asked of a word, a speaker or a part of the recording
_NOT_HEARD = frozenset(("signal",))  # a gate's word, not a listener's


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Labels of the checks, and the choices of the question, as a text may mention them."""

    labels: dict[str, str]
    """each name, as `label` gives it, with the first of its sound's names"""
    pattern: re.Pattern[str]
    """matches a label, in small letters, at its place"""
    begins: frozenset[str]
    """words, as `words` reads them, with which a mention of a label begins"""
    cues: frozenset[str]
    """words without one of which, or a quotation, a sentence claims nothing"""
    choices: tuple[str, ...]
    """the choices, normalised"""
    audio: int
    """which recording the prose speaks of; 0: there are several"""

    def named(self, text: str) -> str:
        """Give the label that a matched text stands for."""
        return self.labels[label(text)]


@lru_cache(maxsize=512)
def lexicon(truth: GroundTruth) -> Lexicon:
    """Collect the labels that a ground truth knows; a name of two sounds is left out."""
    clear: dict[str, str] = {}
    shared: set[str] = set()
    for known in dict.fromkeys(one for check in truth.checks for one in labels_of(check)):
        first = known.split(",", maxsplit=1)[0].strip() or known
        for short in _names(known) if known not in _NOT_HEARD else ():
            if label(clear.setdefault(short, first)) != label(first):
                shared.add(short)
    for short in shared:
        del clear[short]
    ways = sorted(clear, key=len, reverse=True)
    begins = frozenset(form for short in ways for form in _begins(short))
    recordings = {check.audio for check in truth.checks} or {1}
    return Lexicon(
        labels=clear,
        pattern=re.compile(f"(?:{'|'.join(_written(short) for short in ways)}){_ENDED}"),
        begins=begins,
        cues=begins | CUES,
        choices=tuple(normalise(choice) for choice in truth.choices),
        audio=recordings.pop() if len(recordings) == 1 else 0,
    )


def labels_of(check: GroundCheck) -> list[str]:
    """Name the sounds that a check speaks of."""
    target = check.check.target if check.check else None
    named = [part for part in parts(check.subject) if part]
    if check.property in _OF_NO_SOUND:
        named = []
    if target and target.items and check.property in LISTS:
        named += [item.label for item in target.items]
    if target and target.text and check.property in _NAMES:
        named.append(target.text)
    return named


def _names(known: str) -> frozenset[str]:
    """Give a sound's names, those by its verb too: a door slam is a door slamming."""
    told = names(known)
    return told | {by_verb for short in told if (by_verb := label(doing(short)))}


_ENDED = r"(?![\w-])(?! (?:of thought|to my ears|video)\b)"  # a train of thought is no train


_PLURALS = {"child": "children", "man": "men", "woman": "women", "leaf": "leaves", "foot": "feet"}


def _begins(short: str) -> tuple[str, ...]:
    """Give the forms of a label's first word that `_written` matches."""
    first = next(iter(words(short).split()), "")
    forms = (first, f"{first}s", f"{first}es", f"{first.removesuffix('y')}ies")
    return (*forms, _PLURALS[first]) if first in _PLURALS else forms


def _written(short: str) -> str:
    """Match a label with any spacing, its words singular or plural."""
    words = [
        f"(?:{word}|{_PLURALS[word]})"
        if word in _PLURALS
        else re.escape(word[:-1]) + "(?:y|ies)"
        if word.endswith("y")
        else re.escape(word) + "(?:e?s)?"
        for word in short.split()
    ]
    return r"[\s-]{1,3}".join(words)
