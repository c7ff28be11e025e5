"""Read a completion that may break the format anywhere: one pass over its tags, with a stack.

Standard library only. `synth.completion.parse` is the door; texts that keep the format never
come here, but would be read alike.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from synth.tagged import (
    LONGEST_REMEMBERED,
    MOST_REMEMBERED,
    TAG,
    Completion,
    Observe,
    Piece,
    cited,
    decoded,
    observed,
    observed_anew,
    shown,
)

SECTIONS = ("perception", "reasoning", "draft", "review", "answer")
"""The completion's parts, in order"""

_HOMES = dict.fromkeys(SECTIONS, ("",)) | {
    "step": ("reasoning",),
    "observe": ("perception", "step", "review"),
}
_VALUES = frozenset(("observe", "draft", "answer"))
"""Tags whose text is a value, not prose"""
_MOST_PROBLEMS = 32  # told; the hundredth of one kind teaches nothing


class _Tag(NamedTuple):
    """A tag as it is written between its brackets."""

    name: str
    closes: bool
    attributes: str
    empty: bool


def read(text: str) -> Completion:
    """Read any text at all; its problems are told, and what they touch is not trusted."""
    reading = _Reading(text)
    first, *pieces = text.split("<")
    at = len(first)
    for piece in pieces:
        head, closed, _ = piece.partition(">")
        tag = _tag(head) if closed else None
        if tag is not None:
            reading.take(tag, at, at + len(head) + 2)
        at += 1 + len(piece)
    return reading.finished(at)


def _tag(head: str) -> _Tag | None:
    return _read_tag(head) if len(head) <= LONGEST_REMEMBERED else _read_tag.__wrapped__(head)


@lru_cache(maxsize=MOST_REMEMBERED)
def _read_tag(head: str) -> _Tag | None:
    found = TAG.fullmatch(f"<{head}>")
    if found is None:
        return None
    closes, name, attributes, empty = found.groups()
    return _Tag(name, bool(closes), attributes or "", bool(empty))


class _Open:
    """A tag that waits to be closed."""

    __slots__ = ("attributes", "inner", "name", "trusted")

    def __init__(self, name: str, attributes: str, inner: int, *, trusted: bool) -> None:
        self.name = name
        self.attributes = attributes
        self.inner = inner
        self.trusted = trusted


class _Reading:
    """The state of one pass over a completion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.run = 0  # where the text began that no tag has ended yet
        self.parted = True  # by more than an unknown tag from the piece before
        self.stack: list[_Open] = []
        self.observes: list[Observe] = []
        self.places: list[tuple[int, int]] = []
        self.contents: dict[str, list[str]] = {}
        self.opened: list[str] = []
        self.prose: list[Piece] = []
        self.problems: dict[str, None] = {}

    def take(self, tag: _Tag, at: int, inner: int) -> None:
        """Take one tag, which begins at a place and whose inside begins at another."""
        self._end_run(at)
        self.run = inner
        if tag.name not in _HOMES:
            self._tell(f"unknown tag <{tag.name[:20]}>")
            self._distrust()
            return
        self.parted = True
        if tag.closes:
            self._close(tag.name, at)
        else:
            self._open(tag, inner)
            if tag.empty:
                self._close(tag.name, inner)

    def finished(self, end: int) -> Completion:
        """Close what is left open and judge the whole."""
        self._end_run(end)
        while self.stack:
            self._abandon(end)
        self._judge_sections()
        self._judge_ids()
        return Completion(
            text=self.text,
            observes=tuple(self.observes),
            places=tuple(self.places),
            draft=self._only("draft"),
            review=self._only("review"),
            answer=self._only("answer"),
            prose=tuple(self.prose),
            problems=tuple(self.problems),
        )

    def _tell(self, problem: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems[problem] = None

    def _end_run(self, end: int) -> None:
        start = self.run
        inside = self.stack[-1].name if self.stack else ""
        blank = not self.text[start:end].strip()
        if start == end or inside in _VALUES or (blank and self.parted):
            return
        self.prose.append(Piece(start, end, joined=not self.parted))
        self.parted = False
        if inside in ("", "reasoning", "perception") and not blank:
            where = f"text of <{inside}> outside its elements" if inside else "text in no section"
            self._tell(f"{where}, at character {start}")

    def _open(self, tag: _Tag, place: int) -> None:
        """Open a tag at its home; what stands open in between was never closed.

        So nothing nests deeper than section, step, observation, and one pass stays linear.
        """
        name, homes = tag.name, _HOMES[tag.name]
        inside = self.stack[-1].name if self.stack else ""
        if inside not in homes:
            self._tell(f"<{name}> nested in <{inside}>" if inside else f"<{name}> in no section")
        while self.stack and self.stack[-1].name not in homes:
            self._abandon(place)
        home = (self.stack[-1].name if self.stack else "") in homes
        if tag.attributes.strip() and name != "observe":
            self._tell(f"<{name}> has attributes")
        self.opened.append(name)
        self.stack.append(_Open(name, tag.attributes, place, trusted=home))

    def _close(self, name: str, place: int) -> None:
        if not any(waiting.name == name for waiting in self.stack):
            self._tell(f"</{name}> closes nothing")
            self._distrust()
            return
        while self.stack[-1].name != name:
            self._abandon(place)
        self._finish(self.stack.pop(), place)

    def _abandon(self, place: int) -> None:
        """Close what nobody closed; it is told, and an answer so left is no answer."""
        unclosed = self.stack.pop()
        self._tell(f"<{unclosed.name}> is not closed")
        unclosed.trusted = False
        self._finish(unclosed, place)

    def _distrust(self) -> None:
        """Trust no more what a stray tag stands in: it is not what its writer meant."""
        if self.stack and self.stack[-1].name in _VALUES:
            self.stack[-1].trusted = False

    def _finish(self, done: _Open, place: int) -> None:
        inside = self.text[done.inner : place]
        if done.name == "observe":
            self._finish_observe(done, inside)
        elif done.name == "step" and done.trusted:
            self.places.append((done.inner, place))
            if not shown(inside):
                self._tell("an empty <step>")
        elif done.name in ("draft", "review", "answer"):
            read_as = shown if done.name == "review" else decoded
            self.contents.setdefault(done.name, []).append(read_as(inside) if done.trusted else "")

    def _finish_observe(self, done: _Open, value: str) -> None:
        head = f"observe{done.attributes}"
        short = len(head) + len(value) <= LONGEST_REMEMBERED
        told, problems = (observed if short else observed_anew)(head, value)
        for problem in problems:
            self._tell(problem)
        around = self.stack[-1].name if self.stack else ""
        self.observes.append(
            Observe(
                *told[:-1],
                readable=told[-1] and done.trusted,
                start=done.inner,
                end=done.inner + len(value),
                section=around if done.trusted and around in _HOMES["observe"] else "",
                step=len(self.places) if around == "step" else None,
            )
        )

    def _only(self, name: str) -> str | None:
        found = self.contents.get(name, [])
        return found[0] or None if len(found) == 1 == self.opened.count(name) else None

    def _judge_sections(self) -> None:
        sections = [name for name in self.opened if name in SECTIONS]
        for name in SECTIONS:
            count = sections.count(name)
            if count != 1:
                self._tell(f"no <{name}>" if not count else f"{count} <{name}> sections")
        if sections != sorted(sections, key=SECTIONS.index):
            self._tell("sections out of order")
        for name in ("draft", "review", "answer"):
            if "" in self.contents.get(name, []):
                self._tell(f"an empty or malformed <{name}>")
        if not self.places:
            self._tell("no <step>")

    def _judge_ids(self) -> None:
        known = {observe.id for observe in self.observes}
        if len(known) < len(self.observes):
            self._tell("two <observe> with one id")
        for start, end in self.places:
            for name in cited(shown(self.text[start:end])):
                if name not in known:
                    self._tell(f"[{name}] cites nothing")
