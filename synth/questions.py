"""What every reader of questions shares: its rows, safe paths, hashes and text as it should be.

A reader yields a `Row` for each question that can be used and a `Rejection` for each that cannot;
it guesses nothing, and one bad row never stops the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas import Edit, Question, Rejection, identity
from schemas.errors import BadQuestion, UnsafePath

_PRINTED_TEXT = re.compile(r"""'[^'\\]*'|"[^"\\]*\"""")
_PRINTED_LIST = re.compile(rf"\[(?:{_PRINTED_TEXT.pattern})(?:, *(?:{_PRINTED_TEXT.pattern}))*\]")

Keep = Callable[[bytes, str], Path]
"""Stores audio that has no file of its own under its hash: (bytes, suffix) -> path."""


UNKNOWN = "unknown"
"""The release of a file that is none we know: its rows are told apart by their own content, so that
adding one changes no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The bytes of one recording before they are decoded."""

    path: Path
    sha256: str
    """of the bytes; the Recording's id"""
    locator: str
    """where the bytes lie: below the benchmark's root, or below the home"""
    edit: Edit | None = None
    licence: str = ""
    attribution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question and the recordings that it is asked of, in its order."""

    question: Question
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What all questions of one file have in common."""

    benchmark: str
    release: str
    licence: str
    eval_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One question as its file states it, before its text and choices are put in order."""

    source_id: str
    text: str
    choices: Sequence[str]
    answer: str | None
    split: str
    task: str = ""
    skill: str = ""


Reading = Callable[[], tuple[Draft, Callable[[], Source]]]
"""Reads one row: what it asks, and how to find its recording; each raises Rejected."""


class Rejected(BadQuestion):
    """A row that cannot become a Question, with the filter that says so."""

    def __init__(self, name: str, reason: str) -> None:
        """Keep the filter's name beside the reason."""
        self.filter = name
        super().__init__(reason)


def rejection(source_id: str, why: Rejected) -> Rejection:
    """Record that a row was dropped on reading; the run is named by whoever keeps it."""
    return Rejection(
        id=identity("rejection", "", "read", "question", source_id, why.filter),
        run="",
        stage="read",
        kind="question",
        record=source_id,
        question="",
        filter=why.filter,
        reason=why.message,
    )


def rows(readings: Iterable[tuple[str, Reading]], origin: Origin) -> Iterator[Row | Rejection]:
    """Turn each (place, reading) into a Row, or into a Rejection that names row and reason.

    `place` stands for the row until its own id is known, e.g. "line 12". Ids are unique within
    a file: the later of two is rejected.
    """
    seen: set[str] = set()
    for place, reading in readings:
        name = place
        try:
            draft, find = reading()
            name = f"{draft.source_id} ({place})" if draft.source_id in seen else draft.source_id
            _first(draft.source_id, seen)
            source = find()
            question = question_of(draft, origin, (source,))
        except Rejected as why:
            yield rejection(printable(name), Rejected(why.filter, printable(why.message)))
        else:
            yield Row(question=question, sources=(source,))


def _first(source_id: str, seen: set[str]) -> None:
    if source_id in seen:
        raise Rejected("duplicate_id", "an earlier row has the same id")
    seen.add(source_id)


def question_of(draft: Draft, origin: Origin, sources: Sequence[Source]) -> Question:
    """Make a Question: stripped text, distinct choices, and the answer as one of them.

    Raises:
        Rejected: no text, fewer than two distinct choices, an answer that is not among them, or
            text that no file can hold.
    """
    text = draft.text.strip()
    if not text:
        raise Rejected("no_text", "the question has no text")
    # A choice that is empty or stands there twice is no choice of its own.
    choices = tuple(dict.fromkeys(c for c in map(plain_choice, draft.choices) if c))
    if len(choices) < 2:
        raise Rejected("too_few_choices", f"expected at least 2 different choices: {choices}")
    answer = None if draft.answer is None else plain_choice(draft.answer)
    if answer is not None and answer not in choices:
        raise Rejected("answer_not_a_choice", f"the answer {answer!r} is none of {choices}")
    parts = (draft.source_id, draft.split, text, answer or "", draft.task, draft.skill, *choices)
    if not all(map(_writable, parts)):
        raise Rejected("unreadable_text", "the row holds characters that UTF-8 cannot write")
    recordings = tuple(source.sha256 for source in sources)
    return Question(
        id=identity(
            "question", origin.benchmark, origin.release, draft.split, draft.source_id, text,
            choices, answer, recordings,
        ),
        benchmark=origin.benchmark,
        release=origin.release,
        split=draft.split,
        source_id=draft.source_id,
        recordings=recordings,
        text=text,
        choices=choices,
        answer=answer,
        licence=origin.licence,
        eval_only=origin.eval_only,
        task=draft.task,
        skill=draft.skill,
    )  # fmt: skip


def plain_choice(choice: str) -> str:
    """Strip a choice, and write a Python list that was put into a string as plain text.

    MMAU has `"['boiling_water', 'clock_ticking']"`: it becomes "boiling_water, clock_ticking",
    which MMAU's own matcher (word tokens) reads as the same answer.
    """
    choice = choice.strip()
    listed = python_list(choice)
    return choice if listed is None else ", ".join(listed)


def python_list(text: str) -> list[str] | None:
    """Read a Python list of text that was put into a string; None: it is no such list.

    Not by Python's own parser, which fails now and then where threads share it (CPython 3.11).
    """
    if not _PRINTED_LIST.fullmatch(text):
        return None
    return [one[1:-1] for one in _PRINTED_TEXT.findall(text)]


def source_below(root: Path, relative: str, edit: Edit | None = None) -> Source:
    """Find and hash the recording that a row names by its path below the root.

    Raises:
        Rejected: `unsafe_path` where it leaves the root, `recording_missing` where no file is.
    """
    try:
        path = inside(root, relative)
    except UnsafePath as error:
        raise Rejected("unsafe_path", error.message) from error
    try:
        if not path.is_file():
            raise Rejected("recording_missing", f"expected a file at {relative} below the root")
        with path.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise Rejected("recording_missing", f"{relative}: {error.strerror}") from error
    locator = path.relative_to(root.resolve()).as_posix()
    return Source(path=path, sha256=sha256, locator=locator, edit=edit)


def inside(root: Path, relative: str) -> Path:
    """Resolve a path that a file names, and insist that it stays below the root.

    Raises:
        UnsafePath: absolute, empty, climbing out by `..` or by a link, or no path at all.
    """
    named = Path(relative)
    if not relative.strip() or named.is_absolute():
        message = f"{relative!r}: expected a path relative to the root"
        raise UnsafePath(message)
    try:
        resolved = (root / named).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        message = f"{relative!r} is no path: {error}"
        raise UnsafePath(message) from error
    if not resolved.is_relative_to(root.resolve()):
        message = f"{relative!r} leads out of the root"
        raise UnsafePath(message)
    return resolved


def _writable(text: str) -> bool:
    """Half a surrogate pair is no character, and databases end text at a NUL."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def printable(text: str) -> str:
    """Write hostile text so that any file can hold it: half characters and NULs are spelt out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
