"""Filters that need the whole set: what stands twice, and answers whose place gives them away.

Each looks at all answered questions of a run and gives what to drop, by id, with the reason. The
order in which the questions come changes nothing: of two that are alike the lesser id stays.
Only recordings make two questions comparable: the same words about another recording are another
question.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from synth.checks import choice_of
from synth.filters import reasons
from synth.likeness import jaccard, shingles
from synth.question_filters import QUESTION_FILTERS, Answered
from synth.spelling import normalise
from synth.thresholds import threshold
from synth.truth import lower_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from schemas import Question, Trajectory
    from synth.likeness import Runs

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """One record that a filter leaves out of the set."""

    kind: str
    """question or trajectory"""
    record: str
    question: str
    filter: str
    reason: str


def duplicate_question(answered: Sequence[Answered]) -> dict[str, str]:
    """Drop questions in (nearly) the words of another, of the same recordings, answered the same.

    Runs of words keep their order: "the bell before the door" is not "the door before the bell".
    """
    runs = {one.question.id: _runs(one.question.text) for one in answered}

    def ask_the_same(one: Answered, other: Answered) -> bool:
        mine, yours = one.question, other.question
        alike = jaccard(runs[mine.id], runs[yours.id])
        return alike >= threshold("filters", "near_duplicate") and _ends(mine) == _ends(yours)

    return {
        one.question.id: _told(runs[one.question.id], runs[kept.question.id], kept.question.id)
        for group in _of_the_same_recordings(answered)
        for one, kept in _repeats(group, ask_the_same)
    }


def _ends(question: Question) -> tuple[str, frozenset[str]]:
    return normalise(question.answer or ""), frozenset(map(normalise, question.choices))


def duplicate_trajectory(answered: Sequence[Answered]) -> dict[str, str]:
    """Drop trajectories over the same recordings that say the same, word for word."""
    return {
        dropped.id: f"says word for word what {kept.id} says"
        for dropped, kept in _repeated(answered, _say_the_same)
    }


def near_duplicate_trajectory(answered: Sequence[Answered]) -> dict[str, str]:
    """Drop trajectories over the same recordings that reason in nearly the same words.

    Compared is what the teacher wrote: steps, review and answer. What was observed is the same for
    every rollout.
    """
    runs = {one.id: _runs(_written(one)) for each in answered for one in each.kept}

    def nearly_the_same(one: Trajectory, other: Trajectory) -> bool:
        alike = jaccard(runs[one.id], runs[other.id]) >= threshold("filters", "near_duplicate")
        ends_alike = normalise(one.answer) == normalise(other.answer)
        return alike and ends_alike and not _say_the_same(one, other)

    return {
        one.id: _told(runs[one.id], runs[kept.id], kept.id)
        for one, kept in _repeated(answered, nearly_the_same)
    }


def _runs(text: str) -> Runs:
    return shingles(text, round(threshold("filters", "shingle_words")))


def _told(mine: Runs, others: Runs, kept: str) -> str:
    words = threshold("filters", "shingle_words")
    return f"{jaccard(mine, others):.0%} of its runs of {words:g} words are those of {kept}"


def _written(trajectory: Trajectory) -> str:
    return "\n".join([*(step.text for step in trajectory.steps), trajectory.review,
                      trajectory.answer])  # fmt: skip


def _say_the_same(one: Trajectory, other: Trajectory) -> bool:
    return normalise(one.completion) == normalise(other.completion)


def _repeated(
    answered: Sequence[Answered], same: Callable[[Trajectory, Trajectory], bool]
) -> Iterator[tuple[Trajectory, Trajectory]]:
    for group in _of_the_same_recordings(answered):
        told = sorted((one for each in group for one in each.kept), key=lambda one: one.id)
        yield from _repeats(told, same)


def _of_the_same_recordings(answered: Sequence[Answered]) -> Iterator[list[Answered]]:
    """Gather questions by what they are asked of, each group by id."""
    groups: defaultdict[tuple[str, ...], list[Answered]] = defaultdict(list)
    for one in sorted(answered, key=lambda each: each.question.id):
        groups[one.question.recordings].append(one)
    yield from groups.values()


def _repeats(
    ordered: Sequence[Record], same: Callable[[Record, Record], bool]
) -> Iterator[tuple[Record, Record]]:
    """Yield each record that repeats one kept before it, with that one."""
    kept: list[Record] = []
    for one in ordered:
        first = next((other for other in kept if same(one, other)), None)
        if first is None:
            kept.append(one)
        else:
            yield one, first


def unbalanced_positions(answered: Sequence[Answered]) -> dict[str, str]:
    """Drop questions until no place among the choices holds the answer more often than by chance.

    Of questions with as many choices, a place is over-full where the lower end of the 95 % interval
    of its share exceeds its chance. The greatest ids of the fullest place go first.
    """
    fewest, dropped = threshold("filters", "fewest_a_place"), dict[str, str]()
    for choices, places in sorted(_by_place(answered).items()):
        while True:
            total = sum(map(len, places))
            fullest = max(places, key=len)
            if total < fewest * choices or lower_bound(len(fullest), total) <= 1 / choices:
                break
            at = places.index(fullest) + 1
            dropped[fullest.pop()] = (
                f"choice {at} of {choices} is the answer {len(fullest)} times of {total}"
            )
    return dropped


def _by_place(answered: Sequence[Answered]) -> dict[int, list[list[str]]]:
    """Sort ids by their number of choices and the place of the answer, each place by id."""
    places: dict[int, list[list[str]]] = {}
    for one in sorted(answered, key=lambda each: each.question.id):
        question = one.question
        at = choice_of(question.answer or "", question.choices)
        if at is not None:
            ids = places.setdefault(len(question.choices), [[] for _ in question.choices])
            ids[at].append(question.id)
    return places


# The whole ---------------------------------------------------------------------------------------

OPTIONAL = frozenset(
    (
        "text_only_solvable",
        "difficulty_band",
        "noncommercial_licence",
        "unknown_licence",
        "unbalanced_positions",
    )
)
"""Filters that drop only where the user asks: what they find is no fault of the record."""

_SET_FILTERS: tuple[tuple[str, Callable[[Sequence[Answered]], dict[str, str]]], ...] = (
    ("question", duplicate_question),
    ("trajectory", duplicate_trajectory),
    ("trajectory", near_duplicate_trajectory),
    ("question", unbalanced_positions),
)
"""Each with what it drops, in their order: what stands twice goes before places are counted."""


def used(optional: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Name the filters of this stage that drop, each with its kind."""
    named = [("question", one) for one in QUESTION_FILTERS] + list(_SET_FILTERS)
    return tuple(
        (kind, one.__name__)
        for kind, one in named
        if one.__name__ not in OPTIONAL or one.__name__ in optional
    )


def select(answered: Sequence[Answered], optional: Collection[str] = ()) -> tuple[Dropped, ...]:
    """Choose what to leave out of a set, whatever the order in which it comes.

    First what its own record speaks against; then, of what is left, what the set speaks against:
    a question that is dropped for its licence does not cost its twin as well.

    Args:
        answered: all questions of a run.
        optional: which of `OPTIONAL` drop too.
    """
    names = {name for _, name in used(optional)}
    mine = [one for one in QUESTION_FILTERS if one.__name__ in names]
    ordered = sorted(answered, key=lambda one: one.question.id)
    dropped = [
        Dropped(
            kind="question", record=one.question.id, question=one.question.id,
            filter=name, reason=reason,
        )
        for one in ordered
        for name, reason in reasons(one, mine)
    ]  # fmt: skip
    for kind, filter_ in _SET_FILTERS:
        gone = {one.record for one in dropped}
        left = [_without(one, gone) for one in ordered if one.question.id not in gone]
        found = filter_(left) if filter_.__name__ in names else {}
        owners = {one.id: each.question.id for each in left for one in each.trajectories}
        dropped += [
            Dropped(
                kind=kind, record=record, question=owners.get(record, record),
                filter=filter_.__name__, reason=reason,
            )
            for record, reason in sorted(found.items())
        ]  # fmt: skip
    return tuple(dropped)


def _without(answered: Answered, dropped: Collection[str]) -> Answered:
    return replace(
        answered, trajectories=[one for one in answered.trajectories if one.id not in dropped]
    )
