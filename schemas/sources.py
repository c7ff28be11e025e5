"""What we start from: recordings and the questions asked about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.evidence import Span, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One thing that an edit made true of a recording: no witness is needed."""

    property: str
    subject: str = ""
    span: Span | None = None
    value: Value | None = None
    state: Literal["known", "absent"] = "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """How we made a recording: which edit, from which sources, and what that made true."""

    name: str
    version: str
    sources: tuple[str, ...]
    """sha256 of each source recording, in the order in which the parameters name them"""
    params: str
    """the edit's parameters as JSON"""
    seed: int
    truths: tuple[Truth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A sound file as it lies on disk; its id is the sha256 of its bytes."""

    id: str
    locator: str
    """where the bytes are: a path below the benchmark's root, or below the home"""
    sample_rate_hz: int
    channels: int
    duration_s: float
    decoder: str
    """library and version that decoded it, e.g. "pyav 18.1.0" """
    edit: Edit | None = None
    licence: str = ""
    """of the sound itself, "" where its source does not state one"""
    attribution: str = ""
    """whom its licence asks to name"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a benchmark, as its source states it."""

    id: str
    benchmark: str
    release: str
    split: str
    source_id: str
    recordings: tuple[str, ...]
    text: str
    choices: tuple[str, ...]
    answer: str | None
    """text of the right choice; None where the benchmark withholds it"""
    licence: str
    eval_only: bool
    task: str = ""
    """the benchmark's own kind: "music", "sound", "speech", "mix-music-speech" """
    skill: str = ""
    """the benchmark's own sub-category, e.g. "Counting" """
