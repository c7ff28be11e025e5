"""drift: what would flip between two settlements of a recording, in facts and in answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from synth.checks import judge
from synth.finding import alike, span_key
from synth.truth import is_truth
from synth.wording import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Fact, Subquestion

Change: TypeAlias = Literal["flipped", "lost", "gained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One truth that is another now, is none any more, or is new."""

    recording: str
    property: str
    subject: str
    span: str
    change: Change
    before: str
    """as a listener would write it, "" where nothing was true"""
    after: str
    subquestion: str = ""
    """id of the sub-question whose answer this is; "" where it is of a fact alone"""


def facts_drifted(old: Sequence[Fact], new: Sequence[Fact]) -> tuple[Drifted, ...]:
    """Compare the truths of one recording: those that flip, are lost and are gained, in order.

    A value within the tolerance of witnesses is the same. Sets and partial lists, which several
    facts may tell, flip where one of their facts has no like any more.
    """
    before, after = _truths(old), _truths(new)
    found = []
    for key in sorted(before.keys() | after.keys()):
        gone = [one for one in before.get(key, ()) if not _is_among(one, after.get(key, ()))]
        come = [one for one in after.get(key, ()) if not _is_among(one, before.get(key, ()))]
        while gone or come:
            was, now = gone.pop(0) if gone else None, come.pop(0) if come else None
            found.append(_drifted(was, now))
    return tuple(found)


def answers_drifted(
    asked: Sequence[Subquestion], old: Sequence[Fact], new: Sequence[Fact]
) -> Iterator[Drifted]:
    """Say of which sub-questions the answer is wrong now, or no longer known."""
    bound = {fact.id: fact for fact in old}
    truths = _truths(new)
    for one in asked:
        fact = bound.get(one.fact)
        if fact is None:
            continue
        now = truths.get(_key(fact), [])
        if any(judge(written(each), one.check) for each in now if _can_be_written(each)):
            continue
        yield Drifted(
            recording=one.recording,
            property=one.property,
            subject=one.subject,
            span=span_key(one.span),
            change="flipped" if now else "lost",
            before=one.answer,
            after=_told(now[0]) if now else "",
            subquestion=one.id,
        )


def _truths(facts: Sequence[Fact]) -> dict[tuple[str, str, str], list[Fact]]:
    truths: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts:
        if is_truth(fact):
            truths.setdefault(_key(fact), []).append(fact)
    return truths


def _key(fact: Fact) -> tuple[str, str, str]:
    return (fact.property, fact.subject, span_key(fact.span))


def _is_among(one: Fact, others: Sequence[Fact]) -> bool:
    return any(
        one.state == other.state and alike(one.property, one.value, other.value) for other in others
    )


def _drifted(was: Fact | None, now: Fact | None) -> Drifted:
    one = was or now
    if one is None:
        raise ValueError("nothing drifted")
    return Drifted(
        recording=one.recording,
        property=one.property,
        subject=one.subject,
        span=span_key(one.span),
        change="gained" if was is None else "lost" if now is None else "flipped",
        before=_told(was) if was else "",
        after=_told(now) if now else "",
    )


def _can_be_written(fact: Fact) -> bool:
    return fact.value is not None or fact.property == "presence"


def _told(fact: Fact) -> str:
    return written(fact) if _can_be_written(fact) else fact.state.replace("_", " ")
