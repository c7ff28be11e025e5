"""What stands in a completion, and how single tags of it are read. Standard library only."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import NamedTuple

from schemas import Span, Step

_ATTRIBUTES = frozenset(("id", "property", "of", "span", "audio"))
_ATTRIBUTE = re.compile(r"\s*([a-z]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_SPAN = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*s?\s*[-–]\s*(\d{1,6}(?:\.\d{1,6})?)\s*s?\s*")
_CITED = re.compile(r"(\d{1,4}(?:\s*,\s*o\d{1,4})*)\]")
_LONGEST_SPAN = 40  # characters
LONGEST_REMEMBERED = 300
"""characters of a tag with its text: longer ones are rare and take memory"""
MOST_REMEMBERED = 16_384

TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9_-]*)(\s[^<>]*?)?(/?)>")
"""Slash, name, attributes, slash"""
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{1,31}\d{0,2});")


class Observe(NamedTuple):
    """One tagged observation; `start` and `end` are its value's place in the completion."""

    written: str
    """the tag and its text, to know the same words again by"""
    id: str
    property: str
    of: str
    span: Span | None
    audio: int
    said: str
    readable: bool
    """False: an attribute or the nesting is malformed, so that it claims nothing"""
    start: int
    end: int
    section: str
    """where it stands: perception, step or review; "" where it stands out of place"""
    step: int | None
    """which step, from 0"""


class Piece(NamedTuple):
    """A run of text between two tags, as places in the completion."""

    start: int
    end: int
    joined: bool
    """True: only an unknown tag parts it from the piece before, and hides nothing"""


class Completion(NamedTuple):
    """What stands in a completion; `problems` is empty where it keeps the format."""

    text: str
    observes: tuple[Observe, ...]
    places: tuple[tuple[int, int], ...]
    """of each step's inside in the text"""
    draft: str | None
    review: str | None
    answer: str | None
    """None where there is none, an empty one, an unclosed one, or more than one"""
    prose: tuple[Piece, ...]
    """text outside <observe>, <draft> and <answer>: what the claim finder reads"""
    problems: tuple[str, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The reasoning's steps, each with the observations that it cites or makes."""
        return tuple(self._step(start, end) for start, end in self.places)

    def _step(self, start: int, end: int) -> Step:
        said = shown(self.text[start:end])
        inside = (one.id for one in self.observes if start <= one.start <= one.end <= end)
        return Step(text=said, uses=tuple(dict.fromkeys([*cited(said), *filter(None, inside)])))


Told = tuple[str, str, str, str, Span | None, int, str, bool]
"""The fields of an Observe that its own text tells."""


@lru_cache(maxsize=MOST_REMEMBERED)
def observed(head: str, value: str) -> tuple[Told, tuple[str, ...]]:
    """Read what an observation says, with its problems: `<head>value</observe>`."""
    attributes, problems = _attributes(head.removeprefix("observe"))
    readable = not problems
    span, span_readable = _span(attributes.get("span"))
    audio = attributes.get("audio", "1").strip()
    audio_readable = re.fullmatch(r"[1-9]\d{0,2}", audio) is not None
    said = decoded(value)
    problems += [
        problem
        for wrong, problem in (
            (not span_readable, "an <observe> whose span is not start-end in seconds"),
            (not audio_readable, "an <observe> whose audio is not a number from 1"),
            (not attributes.get("id"), "an <observe> without id"),
            (not attributes.get("property"), "an <observe> without property"),
            (not said, "an empty <observe>"),
        )
        if wrong
    ]
    told = (
        f"{head}>{value}", attributes.get("id", ""), attributes.get("property", ""),
        attributes.get("of", ""), span, int(audio) if audio_readable else 1, said,
        readable and span_readable and audio_readable,
    )  # fmt: skip
    return told, tuple(problems)


def observed_anew(head: str, value: str) -> tuple[Told, tuple[str, ...]]:
    """Read an observation without remembering it, as `observed` does."""
    return observed.__wrapped__(head, value)


def _attributes(written: str) -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    place = 0
    written = written.rstrip().removesuffix("/")
    while match := _ATTRIBUTE.match(written, place):
        name, place = match[1], match.end()
        if name in found or name not in _ATTRIBUTES:
            return found, [f"<observe> with a second or unknown attribute {name[:20]!r}"]
        found[name] = decoded(match[2] if match[2] is not None else match[3])
    if written[place:].strip():
        return found, ["an <observe> with malformed attributes"]
    return found, []


def _span(written: str | None) -> tuple[Span | None, bool]:
    if written is None:
        return None, True
    match = _SPAN.fullmatch(written) if len(written) <= _LONGEST_SPAN else None
    if not match or float(match[1]) > float(match[2]):
        return None, False
    return Span(start_s=float(match[1]), end_s=float(match[2])), True


def cited(text: str) -> list[str]:
    """List the observations that a text cites: "[o1, o2]" -> o1, o2."""
    _, *parts = text.split("[o")
    found = (match for part in parts if (match := _CITED.match(part)))
    return [name.strip() for match in found for name in f"o{match[1]}".split(",")]


def shown(text: str) -> str:
    """Give a text as a reader sees it: tags are no part of it."""
    return decoded(TAG.sub("", text) if "<" in text else text)


def decoded(text: str) -> str:
    """Entities decoded, once: "&amp;lt;" is the text "&lt;"; one space between words."""
    if "&" in text:
        text = _unescaped(text)
    if "  " not in text and text.isprintable():  # so its only white space is single spaces
        return text.strip()
    return " ".join(text.split())


def _unescaped(text: str) -> str:
    short = len(text) <= LONGEST_REMEMBERED
    return _remembered(text) if short else _remembered.__wrapped__(text)


@lru_cache(maxsize=MOST_REMEMBERED)
def _remembered(text: str) -> str:
    return ENTITY.sub(lambda found: html.unescape(found[0]), text)
