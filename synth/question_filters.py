"""Filters that look at a question with all that a run made of it; most drop only if asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemas import Question, Recording, Trajectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question with all that one run made of it: what the last stage chooses from."""

    question: Question
    recordings: Sequence[Recording]
    trajectories: Sequence[Trajectory]
    """all rollouts, the dropped ones too"""

    @property
    def kept(self) -> tuple[Trajectory, ...]:
        """The rollouts that passed verification, by id."""
        return tuple(sorted((one for one in self.trajectories if one.kept), key=lambda t: t.id))


_NONCOMMERCIAL = re.compile(
    r"\bNC\b|\bnon[- ]?commercial|\bresearch (?:(?:use|purposes) )?only\b|\bacademic use\b",
    re.IGNORECASE,
)
_UNSTATED = frozenset(("", "unknown", "not stated", "none", "other", "n/a"))


def insufficient(answered: Answered) -> str | None:
    """Drop a question that is answered no better with its facts than without them."""
    if any(one.sufficiency == "insufficient" for one in answered.trajectories):
        return "with its facts it is answered no better than without them"
    return None


def text_only_solvable(answered: Answered) -> str | None:
    """Drop a question whose text gives the answer away; it is marked so whether dropped or not."""
    if any(one.audio_dependence == "weak" for one in answered.trajectories):
        return "without any fact it was answered right in every order of its choices"
    return None


def difficulty_band(answered: Answered) -> str | None:
    """Drop a question that is answered right too often, or too seldom, to teach anything.

    What counts is the final answer of each rollout and each probe that was shown the facts; of
    fewer than a handful nothing is said.
    """
    question = answered.question
    attempts = [one.answer == question.answer for one in answered.trajectories]
    probes = {
        (one.facts, one.order): one for each in answered.trajectories for one in each.probes
    }.values()
    attempts += [one.right for one in probes if one.facts == "given" and one.answer]
    if question.answer is None or len(attempts) < threshold("filters", "fewest_attempts"):
        return None
    share, told = sum(attempts) / len(attempts), f"{sum(attempts)} of {len(attempts)} are right"
    if share >= threshold("filters", "easiest"):
        return f"too easy: {told}"
    return f"too hard: {told}" if share <= threshold("filters", "hardest") else None


def noncommercial_licence(answered: Answered) -> str | None:
    """Drop what may not be used commercially: the question, or a recording of it."""
    bound = [one for one in _licences(answered) if _NONCOMMERCIAL.search(one.replace("_", "-"))]
    return f"licence {bound[0][:80]!r}" if bound else None


def unknown_licence(answered: Answered) -> str | None:
    """Drop what nobody states a licence of: the question, or a recording of it."""
    if answered.question.licence.strip().casefold() in _UNSTATED:
        return "the question's licence is not stated"
    unstated = [one for one in answered.recordings if one.licence.strip().casefold() in _UNSTATED]
    return f"the licence of recording {unstated[0].id[:12]} is not stated" if unstated else None


def _licences(answered: Answered) -> tuple[str, ...]:
    return (answered.question.licence, *(one.licence for one in answered.recordings))


QUESTION_FILTERS: tuple[Callable[[Answered], str | None], ...] = (
    insufficient,
    text_only_solvable,
    difficulty_band,
    noncommercial_licence,
    unknown_licence,
)
