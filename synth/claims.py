"""What a completion claims of its recordings: in its tags, and in the text around them.

A tagged claim is what an <observe> says. An untagged one is found by rule in the text outside:
numbers with units, keys, quoted speech, counts, onsets, presence, absence and order of the labels
that the question's checks know. The finder prefers missing a claim to inventing one: what is
negated, supposed, hedged or weighed as an option is no claim. Standard library only.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from schemas import Claim, identity
from synth.claim_rules import find
from synth.lexicon import lexicon
from synth.prose import words
from synth.spelling import clean, letter_by_letter
from synth.tagged import ENTITY

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from schemas import GroundTruth, Span
    from synth.completion import Completion, Piece
    from synth.lexicon import Lexicon
    from synth.tagged import Told

VERSION = "3"

_OF = re.compile(r"\s*(\w+)\s+of\s+(.+?)\s*", re.DOTALL)
_new = tuple.__new__  # a third of the time of Said(...): a reward makes millions


class Said(NamedTuple):
    """One claim before it is a record: a reward needs no more."""

    property: str
    subject: str
    audio: int
    span: Span | None
    said: str
    tagged: bool
    start: int
    end: int
    key: Hashable
    """the same for the same words, to know a claim again by"""


def claims(completion: Completion, truth: GroundTruth, trajectory: str = "") -> tuple[Claim, ...]:
    """Find all claims, tagged first, each in the order of the text.

    Args:
        completion: as `synth.completion.parse` read it.
        truth: whose checks say which labels are known, and whose choices are options.
        trajectory: id of the trajectory, for the claims' ids.
    """
    return tuple(
        Claim(
            id=identity("claim", trajectory, VERSION, number),
            trajectory=trajectory,
            property=one.property,
            subject=one.subject,
            audio=one.audio,
            span=one.span,
            said=one.said,
            start=one.start,
            end=one.end,
            tagged=one.tagged,
        )
        for number, one in enumerate(found(completion, lexicon(truth)))
    )


def found(completion: Completion, known: Lexicon) -> list[Said]:
    """Find what `claims` gives as records."""
    tagged = [in_tag(observe[:8], observe.start, observe.end) for observe in completion.observes]
    # Prose names no recording; of several, only a tag can say which.
    if not known.audio:
        return tagged
    return [*tagged, *in_prose(completion.text, completion.prose, known)]


def in_tag(told: Told, start: int, end: int) -> Said:
    """Read a tag; one whose attributes are malformed claims nothing that can be verified."""
    written, _, name, subject, span, audio, said, readable = told
    if " " in name or " " in subject:
        name, subject = name.strip(), subject.strip()
        if not subject and (both := _OF.fullmatch(name)):
            name, subject = both[1], both[2]
    key: Hashable = written
    if not readable:
        name, key = "", ("", written)
    return _new(Said, (name, subject, audio, span, said, True, start, end, key))


# Prose -------------------------------------------------------------------------------------------

_END = re.compile(r"[.?!][\"')\]]?\s|\n")
_LONGEST_QUOTATION = 300
_QUOTATION = re.compile(rf'(?<![\w"])"(?=[^\s"])[^"\n]{{1,{_LONGEST_QUOTATION}}}(?<!\s)"')
_METRE = re.compile(r"\d/[48](?!\d)")
_QUOTE = re.compile(r"\"|(?<!\S)'")


def in_prose(completion: str, pieces: Sequence[Piece], known: Lexicon) -> Iterator[Said]:
    """Find claims sentence by sentence, in those that hold a cue."""
    prose = _Prose(completion, pieces)
    text = prose.text
    blanked = words(text)
    done = 0
    for at in _cue_places(text, blanked, known.cues):
        if at >= done:
            start, done = _start(text, blanked, at, done), _end(text, at)
            if '"' in text[start:done]:
                done = _unbroken(text, start, done)
            its_words = set(blanked[start:done].split())
            for one in find(text[start:done].rstrip(), its_words, known):
                first, last = prose.place(start + one.start), prose.place(start + one.end - 1)
                key = (one.property, one.subject, one.said, False)
                yield _new(Said, (one.property, one.subject, known.audio, None, one.said, False,
                                  first, last + 1, key))  # fmt: skip


def _cue_places(text: str, blanked: str, cues: frozenset[str]) -> list[int]:
    """Find where cues stand as words, and quotations, in the order of the text."""
    places = []
    found = blanked.split()
    for cue in () if cues.isdisjoint(found) else cues.intersection(found):
        at = blanked.find(cue)
        while at >= 0:
            end = at + len(cue)
            if blanked[end : end + 1] in " \n" and (not at or blanked[at - 1] in " \n"):
                places.append(at)
            at = blanked.find(cue, end)
    if '"' in text or " '" in text:
        places += [quote.start() for quote in _QUOTE.finditer(text)]
    if "/4" in text or "/8" in text:
        places += [metre.start() for metre in _METRE.finditer(text)]
    return sorted(places)


def _start(text: str, blanked: str, at: int, done: int) -> int:
    """Go back to where the sentence begins: no sentence ends within "3.2" or "e.g.x"."""
    while True:
        at = blanked.rfind("\n", done, at) + 1
        if at <= done or _begins(text[at : at + 2]):
            return max(at, done)
        at -= 1


def _end(text: str, at: int) -> int:
    ends = _END.search(text, at)
    return ends.end() if ends else len(text)


def _unbroken(text: str, start: int, end: int) -> int:
    """Give where a sentence ends that ends in no quotation: one of several sentences is whole."""
    for quotation in _QUOTATION.finditer(text, start, end + _LONGEST_QUOTATION):
        if quotation.start() >= end:
            break
        if quotation.end() >= end:  # one within is whole; to look on from each would be quadratic
            end = max(end, _end(text, quotation.end() - 2))
    return end


def _begins(after: str) -> bool:
    """Say whether a sign that may end a sentence does, by what comes after it."""
    return after[:1] in " \n" or (after[:1] in "\"')]" and after[1:] in " \n")


class _Prose:
    """The prose of a completion as a reader sees it, a line for each run of text.

    `place` gives the place in the completion of each of its characters.
    """

    def __init__(self, completion: str, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.runs: list[tuple[str, Sequence[int]]] = []
        self.starts: list[int] = []
        written = [completion[start:end] for start, end, _ in pieces]
        lines: list[str | None] = list(written)
        if not completion.isascii() or "&" in completion:
            lines = [letter_by_letter(one) for one in written if "&" not in one]
        if len(lines) < len(written) or None in lines or any(joined for _, _, joined in pieces):
            self.runs = _shown(completion, pieces)
            lines = [shown for shown, _ in self.runs]
        self.text = "\n".join(filter(None, lines))

    def place(self, at: int) -> int:
        if not self.starts:
            if not self.runs:
                self.runs = [("", range(one.start, one.end)) for one in self.pieces]
            lengths = (len(places) + 1 for _, places in self.runs[:-1])
            self.starts = list(accumulate(lengths, initial=0))
        line = bisect_right(self.starts, at) - 1
        return self.runs[line][1][at - self.starts[line]]


def _shown(text: str, pieces: Sequence[Piece]) -> list[tuple[str, Sequence[int]]]:
    """Read the prose sign by sign, each with its place; only unknown tags join pieces."""
    lines: list[tuple[list[str], list[int]]] = []
    for piece in pieces:
        if not piece.joined or not lines:
            lines.append(([], []))
        for part, place in _characters(text, piece):
            lines[-1][0].append(part)
            lines[-1][1].extend([place] * len(part))
    return [("".join(parts), places) for parts, places in lines if any(parts)]


def _characters(text: str, piece: Piece) -> Iterator[tuple[str, int]]:
    """Yield what each entity or letter shows, with its place; invisible ones show nothing."""
    at = piece.start
    while at < piece.end:
        entity = ENTITY.match(text, at, piece.end) if text[at] == "&" else None
        yield clean(html.unescape(entity[0]) if entity else text[at]), at
        at = entity.end() if entity else at + 1
