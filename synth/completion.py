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

__all__ = ["ENTITY", "SECTIONS", "Completion", "Observe", "Piece", "parse"]

_WHOLE = re.compile(
    r"\s*"
    + r"\s*".join(rf"<{name}>([^<]*(?:<(?!/{name}>)[^<]*)*)</{name}>" for name in SECTIONS)
    + r"\s*"
)
_END = "</observe>"
_new = tuple.__new__  # a third of the time of Observe(...): a reward makes millions


def parse(text: str) -> Completion:
    """Read a completion; whatever the text, there is a Completion, and its problems are told."""
    return _well_formed(text) or tag_stack.read(text)


def _well_formed(text: str) -> Completion | None:
    """Cut a text that keeps the format along it; None: it may not."""
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        return None
    perception, reasoning, draft, review, answer = whole.groups()
    observes: list[Observe] = []
    prose: list[Piece] = []
    kept = _take(perception, whole.start(1), ("perception", None), observes, prose)
    places = _steps(reasoning, whole.start(2), observes, prose) if kept and not prose else None
    if not places or not _take(review, whole.start(4), ("review", None), observes, prose):
        return None
    values = (decoded(draft), shown(review), decoded(answer))
    ids = {one.id for one in observes}
    if "<" in draft or "<" in answer or not all(values) or len(ids) < len(observes):
        return None
    if not _cites(ids, reasoning) and not all(
        ids.issuperset(cited(shown(text[start:end]))) for start, end in places
    ):
        return None
    return Completion(text, tuple(observes), places, *values, tuple(prose), ())


def _cites(ids: set[str], reasoning: str) -> bool:
    """Say at a glance whether all that is cited is known; False: look closer."""
    if "&" in reasoning or _END in reasoning:
        return False
    _, *parts = reasoning.split("[o")
    return all("o" + part.partition("]")[0] in ids for part in parts)


def _steps(
    reasoning: str, at: int, observes: list[Observe], prose: list[Piece]
) -> tuple[tuple[int, int], ...] | None:
    """Take the steps; None where there is none, an empty one, or anything between them."""
    places: list[tuple[int, int]] = []
    *steps, rest = reasoning.split("</step>")
    for step in steps:
        before, opened, inside = step.partition("<step>")
        end = at + len(step)
        inner = end - len(inside)
        if not opened or before.strip():
            return None
        if "<" in inside or "&" in inside:
            home = ("step", len(places))
            if not shown(inside) or not _take(inside, inner, home, observes, prose):
                return None
        elif inside.strip():
            prose.append(_new(Piece, (inner, end, False)))
        else:
            return None
        places.append((inner, end))
        at = end + len("</step>")
    return None if rest.strip() else tuple(places)


def _take(
    inside: str, at: int, home: tuple[str, int | None], observes: list[Observe], prose: list[Piece]
) -> bool:
    """Take observations, and the text between them; False where any other tag stands there."""
    if _END not in inside:
        if "<" in inside:
            return False
        if inside.strip():
            prose.append(_new(Piece, (at, at + len(inside), False)))
        return True
    *tagged, rest = inside.split(_END)
    for one in tagged:
        before, bracket, tag = one.partition("<")
        read = _plain(tag) if bracket and len(tag) <= LONGEST_REMEMBERED else None
        if read is None:
            return False
        if before and not before.isspace():
            prose.append(_new(Piece, (at, at + len(before), False)))
        at += len(one)
        told, length = read
        observes.append(_new(Observe, (*told, at - length, at, *home)))
        at += len(_END)
    return _take(rest, at, home, observes, prose)


@lru_cache(maxsize=MOST_REMEMBERED)
def _plain(tag: str) -> tuple[Told, int] | None:
    """Read `observe id="o1" ...>value`, with the value's length; None where anything is wrong."""
    head, closed, value = tag.partition(">")
    if not closed or "<" in value or not re.match(r"observe\s", head) or head.endswith("/"):
        return None
    told, problems = observed(head, value)
    return None if problems else (told, len(value))
