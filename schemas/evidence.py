"""What instruments say of a recording, and what is settled from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

CheckKind = Literal["equals", "one_of", "within", "overlaps", "order", "set_match", "words"]
Form = Literal["number", "text", "items"]
Outcome = Literal["measured", "abstained", "failed"]
State = Literal["known", "absent", "not_applicable"]
Tier = Literal["constructed", "corroborated", "single", "listener", "contested"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a recording in seconds from its start."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        """Refuse spans that run backwards or are not numbers."""
        if not (0 <= self.start_s <= self.end_s < math.inf):
            message = f"span {self.start_s}-{self.end_s} s: expected 0 <= start <= end"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a list value: a word, an event, a turn; times in seconds where known."""

    label: str
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A number, a text or a list of items: exactly one of them."""

    number: float | None = None
    text: str | None = None
    items: tuple[Item, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse a value that is nothing, two things, or not a finite number."""
        if sum(part is not None for part in (self.number, self.text, self.items)) != 1:
            message = f"a value is exactly one of number, text and items, not {self!r}"
            raise ValueError(message)
        if self.number is not None and not math.isfinite(self.number):
            message = f"a value is a finite number, not {self.number!r}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One thing that can be asked of a recording, from the closed vocabulary."""

    name: str
    unit: str
    """"" where the value is text or a list"""
    form: Form
    """which part of a Value holds it"""
    exclusive: bool
    """True: one value excludes all others; False: set-valued, refuted by absence alone"""
    check: CheckKind
    tolerance: float
    relative: bool
    """True: the tolerance is a share of the target; False: it is in the property's unit"""
    source: str
    """where the tolerance comes from"""
    description: str
    """what a listener is asked, in plain words, for the teacher's menu"""
    subjects: bool = False
    """True: asked of something named (a sound's label): the count *of the door slams*"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """That an extractor looked at a recording, and how that went."""

    id: str
    recording: str
    extractor: str
    version: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One measurement of one extractor."""

    id: str
    recording: str
    property: str
    subject: str
    span: Span | None
    value: Value
    confidence: float | None
    """0..1, None where the extractor gives none"""
    extractor: str
    version: str
    witness: str
    """the independence group: extractors that share weights or a gate share this name"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is settled of a recording, from observations or from how it was made."""

    id: str
    recording: str
    property: str
    subject: str
    span: Span | None
    state: State
    value: Value | None
    """None where the state is absent or not_applicable"""
    margin: float | None
    """distance to the next plausible value, in the tolerance's terms; None: no rival known"""
    tier: Tier
    witnesses: tuple[str, ...]
    """independence groups that agree, or the edit that made it so"""
    observations: tuple[str, ...]
    """ids of the observations it rests on"""
    version: str
    """version of the rules that settled it"""
    note: str = ""
    """what a reader must know: why contested, which licence the witness brings"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """All that was settled of a recording at one time: a later one supersedes it, none is edited.

    Facts that stand in both are the same rows; what the later one leaves out is superseded.
    """

    id: str
    recording: str
    instruments: tuple[str, ...]
    """the extractors that looked, each with its version"""
    rules: str
    """version of the rules that settled it"""
    facts: tuple[str, ...]
    settled_at: str
    """ISO 8601 in UTC"""
