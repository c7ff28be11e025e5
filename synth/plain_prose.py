"""A completion as plain prose: the same words without any tag. Standard library only.

What stands in <perception> becomes one sentence an observation, in words that a person would use
and the claim finder knows; what a step observes stays in its sentence as it is written. Draft and
answer are left out, as the claim finder leaves them out.
"""

from __future__ import annotations

import html
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from synth.completion import parse
from synth.spelling import parts, polarity

if TYPE_CHECKING:
    from synth.completion import Completion, Observe

_BETWEEN = re.compile(r"\s*(?:,|;|\band then\b|\bthen\b|\band\b)\s*")
_CITED = re.compile(r"\s*\[o\d{1,4}(?:\s*,\s*o\d{1,4})*\]")
_SENTENCES = {
    "tempo": "The tempo is {said}.",
    "key": "The key is {said}.",
    "metre": "It has {said}.",
    "speaker_count": "There are {said}.",
    "word_count": "There are {said}.",
    "event_count": "The {of} is heard {said}.",
    "onset": "The {of} starts at {said}.",
    "first_event": "The {said} is heard first.",
    "last_event": "The {said} is heard last.",
    "duration": "The recording lasts {said}.",
    "words": 'One hears the words "{said}".',
    "first_word": 'The first word is "{said}".',
    "last_word": 'The last word is "{said}".',
    "pitch": "The pitch is {said}.",
    "language": "The language is {said}.",
    "loudness": "The loudness is {said}.",
    "speech_rate": "The speaker talks at {said}.",
}


def without_tags(text: str) -> str:
    """Write a completion as plain prose, a line for what is perceived and one for each step."""
    read = parse(text)
    perceived = [
        html.escape(_sentence(one), quote=False)
        for one in read.observes
        if one.section == "perception"
    ]
    return "\n".join([" ".join(perceived), *_paragraphs(read)]).strip()


def _sentence(observe: Observe) -> str:
    """Say what one tag observes."""
    said, of = observe.said.rstrip("."), observe.of
    told = _listed(observe.property, said) or _related(observe.property, of, polarity(said))
    if not told and observe.property in _SENTENCES:
        told = _SENTENCES[observe.property].format(said=said, of=of)
    if not told:
        named = observe.property.replace("_", " ")
        told = f"The {named} of the {of} is {said}." if of else f"The {named} is {said}."
    where = f"In recording {observe.audio}: " if observe.audio > 1 else ""
    span = observe.span
    during = f" from {span.start_s:g} s to {span.end_s:g} s" if span else ""
    return f"{where}{told[:-1]}{during}."


def _listed(name: str, said: str) -> str:
    """Say a list one by one: a sound that is there, a sound before the next."""
    named = [one for one in _BETWEEN.split(said) if one]
    if name in {"event", "instrument"}:
        return " ".join(f"There is {one}." for one in named)
    if name == "event_order":
        return " ".join(
            f"The {one} is heard before the {other}."
            for one, other in pairwise(named)
            if one != other
        )
    return ""


def _related(name: str, of: str, says: bool | None) -> str:  # noqa: FBT001 - as a tag says it
    """Say that a sound is heard, or that one comes before another."""
    if name == "presence" and says is not None:
        return f"There is {of}." if says else f"There is no {of}."
    if name == "before" and says and len(pair := parts(of)) == 2:
        return f"The {pair[0]} is heard before the {pair[1]}."
    return ""


def _paragraphs(read: Completion) -> list[str]:
    """Give what stands outside perception, a line a step; observations as their bare values."""
    inline = [(one.start, one.end) for one in read.observes if one.section != "perception"]
    perceived = [one.end for one in read.observes if one.section == "perception"]
    lines = [""]
    for start, end in sorted([*inline, *((one.start, one.end) for one in read.prose)]):
        if start < max(perceived, default=0):
            continue
        tag = read.text[:start].rpartition("<")[2]
        if not tag.startswith(("observe", "/observe")):
            lines.append("")
        lines[-1] += read.text[start:end]
    shown = (" ".join(_CITED.sub("", line).split()) for line in lines)
    return [line for line in shown if line]
