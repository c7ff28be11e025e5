"""Read the completion format. Never raises, linear in the text's length. Standard library only.

    <perception><observe id="o1" property="tempo">120 bpm</observe> ...</perception>
    <reasoning><step>... <observe id="o2" property="event" of="" span="3.0-4.5" audio="1">door
    slam</observe> so [o1][o2] ...</step></reasoning>
    <draft>option</draft><review>...</review><answer>text of the chosen option</answer>

Whatever does not fit is told in `problems` and read no further than it can be trusted: of two
answers none counts, and an observation whose span cannot be read is kept, but claims nothing.

A reward reads every rollout of a policy, most of which keep the format. Those are cut along it;
any other text goes to `synth.tag_stack`, which reads both alike.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from synth import tag_stack
from synth.tag_stack import SECTIONS
from synth.tagged import (
    ENTITY,
    LONGEST_REMEMBERED,
    MOST_REMEMBERED,
    Completion,
    Observe,
    Piece,
    Told,
    cited,
    decoded,
    observed,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "ENTITY",
    "SECTIONS",
    "Completion",
    "Cut",
    "Observe",
    "Piece",
    "cut",
    "parse",
    "plain",
]

_WHOLE = re.compile(
    r"\s*"
    + r"\s*".join(rf"<{name}>([^<]*(?:<(?!/{name}>)[^<]*)*)</{name}>" for name in SECTIONS)
    + r"\s*"
)
_END = "</observe>"
_new = tuple.__new__  # a third of the time of Piece(...): a reward makes millions


class Cut(NamedTuple):
    """A text that keeps the format, cut along it; what its observations say is not read yet."""

    tags: list[str]
    """its observations as they are written: `observe id="o1" property="tempo">120 bpm`"""
    homes: list[tuple[int, str, int | None]]
    """of each: where its value ends in the text, its section, and which step"""
    prose: list[Piece]
    places: list[tuple[int, int]]
    """of each step's inside in the text"""
    reasoning: str
    draft: str
    review: str
    answer: str

    def cites(self, ids: Collection[str], text: str) -> bool:
        """Say whether all that the steps cite is known."""
        _, *parts = self.reasoning.split("[")
        if all([part[: part.find("]")] in ids for part in parts]):  # noqa: C419 - half the time
            return True
        known = set(ids)
        return all(known.issuperset(cited(shown(text[start:end]))) for start, end in self.places)


def parse(text: str) -> Completion:
    """Read a completion; whatever the text, there is a Completion, and its problems are told."""
    return _well_formed(text) or tag_stack.read(text)


def _well_formed(text: str) -> Completion | None:
    """Read a text that keeps the format; None: it may not."""
    parted = cut(text)
    if parted is None:
        return None
    observes = []
    for written, (end, section, step) in zip(parted.tags, parted.homes, strict=True):
        told = plain(written)
        if told is None:
            return None
        start = end - len(written) + written.index(">") + 1
        observes.append(Observe(*told, start, end, section, step))
    ids = {one.id for one in observes}
    if len(ids) < len(observes) or not parted.cites(ids, text):
        return None
    return Completion(
        text=text,
        observes=tuple(observes),
        places=tuple(parted.places),
        draft=parted.draft,
        review=parted.review,
        answer=parted.answer,
        prose=tuple(parted.prose),
        problems=(),
    )


def cut(text: str) -> Cut | None:
    """Cut a text along the format; None where its sections, steps or tags do not keep it."""
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        return None
    perception, reasoning, draft, review, answer = whole.groups()
    values = (decoded(draft), shown(review), decoded(answer))
    if not all(values) or "<" in draft or "<" in answer:
        return None
    parts: Cut = _new(Cut, ([], [], [], [], reasoning, *values))
    if not _take(perception, whole.start(1), "perception", None, parts) or parts.prose:
        return None
    if not _steps(reasoning, whole.start(2), parts):
        return None
    return parts if _take(review, whole.start(4), "review", None, parts) else None


def plain(written: str) -> Told | None:
    """Read an observation from within its brackets; None where anything is wrong with it."""
    return _plain(written) if len(written) <= LONGEST_REMEMBERED else _plain.__wrapped__(written)


@lru_cache(maxsize=MOST_REMEMBERED)
def _plain(written: str) -> Told | None:
    head, closed, value = written.partition(">")
    if not closed or "<" in value or not re.match(r"observe\s", head) or head.endswith("/"):
        return None
    told, problems = observed(head, value)
    return None if problems else told


def _steps(reasoning: str, at: int, parts: Cut) -> bool:
    """Take the steps; False where none is, one is empty, or anything stands between them."""
    places, prose = parts.places, parts.prose
    *steps, rest = reasoning.split("</step>")
    for step in steps:
        before, opened, inside = step.partition("<step>")
        end = at + len(step)
        inner = end - len(inside)
        if not opened or before.strip():
            return False
        if "<" in inside or "&" in inside:
            if not shown(inside) or not _take(inside, inner, "step", len(places), parts):
                return False
        elif inside.strip():
            prose.append(_new(Piece, (inner, end, False)))
        else:
            return False
        places.append((inner, end))
        at = end + len("</step>")
    return bool(places) and not rest.strip()


def _take(inside: str, at: int, section: str, step: int | None, parts: Cut) -> bool:
    """Take observations, and the text between them; False where any other tag stands there."""
    tags, homes, prose = parts.tags, parts.homes, parts.prose
    *tagged, rest = inside.split(_END)
    for one in tagged:
        before, bracket, written = one.partition("<")
        if not bracket:
            return False
        if before and not before.isspace():
            prose.append(_new(Piece, (at, at + len(before), False)))
        at += len(one)
        tags.append(written)
        homes.append((at, section, step))
        at += len(_END)
    if rest and not rest.isspace():
        prose.append(_new(Piece, (at, at + len(rest), False)))
    return "<" not in rest
