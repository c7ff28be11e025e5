"""Read the completion format. Never raises, linear in the text's length. Standard library only.

    <perception><observe id="o1" property="tempo">120 bpm</observe> ...</perception>
    <reasoning><step>... <observe id="o2" property="event" of="" span="3.0-4.5" audio="1">door
    slam</observe> so [o1][o2] ...</step></reasoning>
    <draft>option</draft><review>...</review><answer>text of the chosen option</answer>

Whatever does not fit is told in `problems` and read no further than it can be trusted: of two
answers none counts, and an observation whose span cannot be read is kept, but claims nothing.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas import Span, Step

SECTIONS = ("perception", "reasoning", "draft", "review", "answer")
"""The completion's parts, in order"""

_HOMES = dict.fromkeys(SECTIONS, ("",)) | {
    "step": ("reasoning",),
    "observe": ("perception", "step", "review"),
}
_ATTRIBUTES = frozenset(("id", "property", "of", "span", "audio"))
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9_-]*)(\s[^<>]*?)?(/?)>")
_ATTRIBUTE = re.compile(r"\s*([a-z]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{1,31}\d{0,2});")
_SPAN = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*s?\s*[-–]\s*(\d{1,6}(?:\.\d{1,6})?)\s*s?\s*")
_CITED = re.compile(r"\[(o\d{1,4}(?:\s*,\s*o\d{1,4})*)\]")
_LONGEST_SPAN = 40  # characters
_MOST_PROBLEMS = 32  # told; the hundredth of one kind teaches nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Observe:
    """One tagged observation; `start` and `end` are its value's place in the completion."""

    id: str
    property: str
    of: str
    span: Span | None
    audio: int
    said: str
    start: int
    end: int
    section: str
    """where it stands: perception, step or review; "" where it stands out of place"""
    step: int | None
    """which step, from 0"""
    readable: bool
    """False: an attribute or the nesting is malformed, so that it claims nothing"""


class Piece(NamedTuple):
    """A run of text between two tags, as places in the completion."""

    start: int
    end: int
    joined: bool
    """True: only an unknown tag parts it from the piece before, and hides nothing"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What stands in a completion; `problems` is empty where it keeps the format."""

    text: str
    observes: tuple[Observe, ...]
    steps: tuple[Step, ...]
    draft: str | None
    review: str | None
    answer: str | None
    """None where there is none, an empty one, an unclosed one, or more than one"""
    prose: tuple[Piece, ...]
    """text outside <observe>, <draft> and <answer>: what the claim finder reads"""
    problems: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """A tag that waits to be closed."""

    name: str
    attributes: str
    inner: int
    trusted: bool
    first_observe: int = 0


@dataclass(slots=True)
class _Reading:
    """The state of one pass over a completion."""

    text: str
    stack: list[_Open] = field(default_factory=list)
    observes: list[Observe] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    contents: dict[str, list[str]] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    prose: list[Piece] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)

    def tell(self, problem: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems[problem] = None


def parse(text: str) -> Completion:
    """Read a completion; whatever the text, there is a Completion, and its problems are told."""
    reading = _Reading(text)
    place, joined = 0, False
    for tag in _TAG.finditer(text):
        _read_text(reading, place, tag.start(), joined=joined)
        closing, name, attributes, empty = tag.groups()
        joined = name not in _HOMES
        if joined:
            reading.tell(f"unknown tag <{name[:20]}>")
            _distrust(reading)
        elif closing:
            _close(reading, name, tag.start())
        else:
            _open(reading, name, attributes or "", tag.end())
            if empty:
                _close(reading, name, tag.end())
        place = tag.end()
    _read_text(reading, place, len(text), joined=joined)
    while reading.stack:
        _abandon(reading, len(text))
    _judge_sections(reading)
    _judge_ids(reading)
    return Completion(
        text=text,
        observes=tuple(reading.observes),
        steps=tuple(reading.steps),
        draft=_only(reading, "draft"),
        review=_only(reading, "review"),
        answer=_only(reading, "answer"),
        prose=tuple(reading.prose),
        problems=tuple(reading.problems),
    )


def _read_text(reading: _Reading, start: int, end: int, *, joined: bool) -> None:
    inside = reading.stack[-1].name if reading.stack else ""
    if start == end or inside in ("observe", "draft", "answer"):
        return
    reading.prose.append(Piece(start, end, joined))
    if inside in ("", "reasoning", "perception") and not reading.text[start:end].isspace():
        reading.tell(f"text in no section, at character {start}" if not inside else
                     f"text of <{inside}> outside its elements, at character {start}")  # fmt: skip


def _open(reading: _Reading, name: str, attributes: str, place: int) -> None:
    """Open a tag at its home; what stands open in between was never closed.

    So nothing nests deeper than section, step, observation, and one pass stays linear.
    """
    homes = _HOMES[name]
    inside = reading.stack[-1].name if reading.stack else ""
    if inside not in homes:
        reading.tell(f"<{name}> nested in <{inside}>" if inside else f"<{name}> in no section")
    while reading.stack and reading.stack[-1].name not in homes:
        _abandon(reading, place)
    home = (reading.stack[-1].name if reading.stack else "") in homes
    if attributes.strip() and name != "observe":
        reading.tell(f"<{name}> has attributes")
    reading.opened.append(name)
    reading.stack.append(_Open(name, attributes, place, home, len(reading.observes)))


def _close(reading: _Reading, name: str, place: int) -> None:
    if not any(waiting.name == name for waiting in reading.stack):
        reading.tell(f"</{name}> closes nothing")
        _distrust(reading)
        return
    while reading.stack[-1].name != name:
        _abandon(reading, place)
    _finish(reading, reading.stack.pop(), place)


def _abandon(reading: _Reading, place: int) -> None:
    """Close what nobody closed; it is told, and an answer so left is no answer."""
    unclosed = reading.stack.pop()
    reading.tell(f"<{unclosed.name}> is not closed")
    unclosed.trusted = False
    _finish(reading, unclosed, place)


def _distrust(reading: _Reading) -> None:
    """Trust no more what a stray tag stands in: it is not what its writer meant."""
    if reading.stack and reading.stack[-1].name in ("observe", "draft", "answer"):
        reading.stack[-1].trusted = False


def _finish(reading: _Reading, done: _Open, place: int) -> None:
    if done.name == "observe":
        _finish_observe(reading, done, place)
    elif done.name == "step" and done.trusted:
        shown = _decoded(_TAG.sub("", reading.text[done.inner : place]))
        cited = [name.strip() for found in _CITED.findall(shown) for name in found.split(",")]
        inside = [observe.id for observe in reading.observes[done.first_observe :]]
        uses = tuple(dict.fromkeys(name for name in [*cited, *inside] if name))
        reading.steps.append(Step(text=shown, uses=uses))
        if not shown:
            reading.tell("an empty <step>")
    elif done.name in ("draft", "review", "answer"):
        shown = _TAG.sub("", reading.text[done.inner : place]) if done.trusted else ""
        reading.contents.setdefault(done.name, []).append(_decoded(shown))


def _finish_observe(reading: _Reading, done: _Open, place: int) -> None:
    attributes, readable = _attributes(reading, done.attributes)
    span, span_readable = _span(attributes.get("span"))
    audio = attributes.get("audio", "1").strip()
    audio_readable = re.fullmatch(r"[1-9]\d{0,2}", audio) is not None
    said = _decoded(reading.text[done.inner : place])
    for wrong, problem in (
        (not span_readable, "an <observe> whose span is not start-end in seconds"),
        (not audio_readable, "an <observe> whose audio is not a number from 1"),
        (not attributes.get("id"), "an <observe> without id"),
        (not attributes.get("property"), "an <observe> without property"),
        (not said, "an empty <observe>"),
    ):
        if wrong:
            reading.tell(problem)
    around = reading.stack[-1].name if reading.stack else ""
    reading.observes.append(
        Observe(
            id=attributes.get("id", ""),
            property=attributes.get("property", ""),
            of=attributes.get("of", ""),
            span=span,
            audio=int(audio) if audio_readable else 1,
            said=said,
            start=done.inner,
            end=place,
            section=around if done.trusted and around in _HOMES["observe"] else "",
            step=len(reading.steps) if around == "step" else None,
            readable=done.trusted and readable and span_readable and audio_readable,
        )
    )


def _attributes(reading: _Reading, written: str) -> tuple[dict[str, str], bool]:
    found: dict[str, str] = {}
    place = 0
    written = written.rstrip().removesuffix("/")
    while match := _ATTRIBUTE.match(written, place):
        name, place = match[1], match.end()
        if name in found or name not in _ATTRIBUTES:
            reading.tell(f"<observe> with a second or unknown attribute {name[:20]!r}")
            return found, False
        found[name] = _decoded(match[2] if match[2] is not None else match[3])
    if written[place:].strip():
        reading.tell("an <observe> with malformed attributes")
        return found, False
    return found, True


def _span(written: str | None) -> tuple[Span | None, bool]:
    if written is None:
        return None, True
    match = _SPAN.fullmatch(written) if len(written) <= _LONGEST_SPAN else None
    if not match or float(match[1]) > float(match[2]):
        return None, False
    return Span(start_s=float(match[1]), end_s=float(match[2])), True


def _decoded(text: str) -> str:
    """Entities decoded, once: "&amp;lt;" is the text "&lt;"."""
    return " ".join(ENTITY.sub(lambda found: html.unescape(found[0]), text).split())


def _only(reading: _Reading, name: str) -> str | None:
    found = reading.contents.get(name, [])
    return found[0] or None if len(found) == 1 == reading.opened.count(name) else None


def _judge_sections(reading: _Reading) -> None:
    sections = [name for name in reading.opened if name in SECTIONS]
    for name in SECTIONS:
        count = sections.count(name)
        if count != 1:
            reading.tell(f"no <{name}>" if not count else f"{count} <{name}> sections")
    if sections != sorted(sections, key=SECTIONS.index):
        reading.tell("sections out of order")
    for name in ("draft", "review", "answer"):
        if "" in reading.contents.get(name, []):
            reading.tell(f"an empty or malformed <{name}>")
    if not reading.steps:
        reading.tell("no <step>")


def _judge_ids(reading: _Reading) -> None:
    ids = [observe.id for observe in reading.observes]
    if len(set(ids)) < len(ids):
        reading.tell("two <observe> with one id")
    known = set(ids)
    for step in reading.steps:
        for name in step.uses:
            if name not in known:
                reading.tell(f"[{name}] cites nothing")
