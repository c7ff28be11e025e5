"""Where a check's grade reaches zero: at the nearest wrong answer, or at a guess unheard."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from synth.checks import error, passes
from synth.lists import apart, close, of_moments, target_stretches
from synth.near_numbers import near_numbers
from synth.wording import written_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Check, Fact


def zero_at(fact: Fact, check: Check, wrong: Sequence[str] = ()) -> float | None:
    """Find the error at which the grade reaches zero: that of the nearest wrong answer.

    In the check's terms: a share of the target or its unit; for lists the share that is wrong; for
    keys 1 - MIREX's score. None where a kind knows no nearness, or where no wrong answer is near.
    Without wrong answers, a number's zero is at the nearest that could have been written. Of
    stretches and moments, one that answers without listening, "all the time", is a wrong answer.
    """
    number = fact.value.number if fact.value else None
    if number is not None:
        errors = [
            off
            for rival in near_numbers(fact.property, number)
            if not passes(written_number(fact.property, rival), check)
            and (not wrong or written_number(fact.property, rival) in set(wrong))
            and (off := _apart(number, rival, relative=check.relative)) > check.tolerance
        ]
    else:
        told = [error(text, check) for text in wrong]
        errors = [off for off in told if off is not None]
        errors += _unheard(fact, check)
        # At most what `grade` falls over where nothing is near: an order at random is half right.
        errors = [off for off in errors if 0 < off < (0.5 if check.kind == "order" else 1.0)]
    # A hair nearer, so that rounding never leaves the distractor a grade.
    return min(errors) * (1 - 1e-9) if errors else None


def _unheard(fact: Fact, check: Check) -> list[float]:
    """Give the error of the best guess that needs no ear: all the time, or every few tenths.

    How long the recording is, a check does not know: the guess ends with the last stretch.
    """
    wanted = target_stretches(check) if check.kind == "overlaps" else []
    if not wanted:
        return []
    begin, end = (fact.span.start_s, fact.span.end_s) if fact.span else (0.0, wanted[-1][1])
    if of_moments(check):
        # As many moments as the tolerance lets none be missed: all are found, most are nothing.
        if check.tolerance <= 0:
            return []
        guessed = max(len(wanted), (end - begin) // (2 * check.tolerance))
        return [1 - 2 * len(wanted) / (guessed + len(wanted))]
    whole = ((begin, end),)
    right = len(wanted) == 1 and close(whole[0], wanted[0], check)
    return [] if right else [apart(whole, check)]


def _apart(number: float, rival: float, *, relative: bool) -> float:
    if not relative:
        return abs(rival - number)
    # The share that the same log-ratio is upwards: half the tempo is as far as twice it.
    return math.expm1(abs(math.log(rival / number))) if min(rival, number) > 0 else math.inf
