"""Typed checks: is an answer right, and how far off is it? Standard library only.

`judge` has three outcomes, because "not right" is not "wrong": True, the answer is the target
within the tolerance; False, it is a definite other value; None, it commits itself to no value
(empty, hedged, negated, a list where one value is asked, or not readable as such a value).
`passes` is True alone. `grade` is its graded twin for learning.

What counts as a value is decided in `synth.spelling`, whose readers take the whole answer or
nothing. A bare number is read where the unit is a whole count ("2" speakers); a measured
quantity must say its unit ("120 bpm", "3.2 s"), and another unit is another value.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import Value
from synth.choices import choice_of
from synth.harmony import key
from synth.lists import (
    apart,
    concordance,
    f1,
    labels,
    listed,
    ordered,
    phrase_places,
    said_stretches,
    same_stretches,
    stretches_held,
    word_error,
)
from synth.spelling import (
    COUNTED,
    HEDGE,
    bare,
    label,
    normalise,
    polarity,
    quantity,
)

if TYPE_CHECKING:
    from schemas import Check

__all__ = ["among", "choice_of", "grade", "judge", "passes"]

_ROUNDING = 1e-9  # binary fractions: 120 * 1.04 is on the edge and inside
_ALSO = {"dBFS": ("dB",), "LU": ("dB",), "times as fast": ("times",),
         "times as much": ("times", "times as fast")}  # fmt: skip
"""units in which a value of another unit may as well be said: EBU R 128 has 1 LU for 1 dB"""
_SIGNATURE = re.compile(r"(?:in )?([2-9])/4(?: time| met(?:re|er)| time signature)?")
"""of compound time, "6/8", the beats are counted in two ways: it is no number of them"""
_LONGEST = 20_000  # characters: ten minutes of fast speech


def passes(answer: str, check: Check) -> bool:
    """Say whether an answer is right: its whole text is the target, within the tolerance."""
    return judge(answer, check) is True


def judge(answer: str, check: Check) -> bool | None:
    """Judge an answer: True right, False another value, None committed to no single value."""
    if not _sayable(answer):
        return None
    if _numeric(check):
        verdict = _within(_distance(answer, check), check)
        return None if verdict is False and _is_undecided(answer, check) else verdict
    if check.kind in ("equals", "one_of"):
        return _same_text(answer, check)
    if any(label(answer) == label(spelling) for spelling in check.accepted):
        return True
    return _same_list(answer, check)


def grade(answer: str, check: Check) -> float:
    """Say how near an answer comes, 0..1: 1 exactly where it passes, 0 where it says nothing.

    Between the tolerance and `zero_at`, the nearest distractor's error, the grade falls with the
    error: the log-ratio for relative tolerances, the difference for absolute ones, 1 - IoU for
    overlaps, 1 - F1 for sets, the discordant share of pairs for orders, the word error rate for
    words. At `zero_at` and beyond it is 0. Names, keys, yes and no know no nearness: all or none.
    """
    verdict = judge(answer, check)
    if verdict is not False:
        return 1.0 if verdict else 0.0
    error, (free, zero) = _error(answer, check), _ramp(check)
    if error is None or zero <= free or error >= zero:
        return 0.0
    return min((zero - error) / (zero - free), math.nextafter(1.0, 0.0))


def among(answer: str, check: Check) -> bool | None:
    """Say whether all that an answer lists is in a list target, which may hold more.

    For an order: whether the labels named stand in it in that order. None: not readable.
    """
    if not _sayable(answer):
        return None
    if check.kind == "words":
        return bool(phrase_places(answer, check))
    if check.kind == "overlaps":
        said = said_stretches(answer, check)
        return None if said is None else stretches_held(said, check)
    named = ordered(answer, check) if check.kind == "order" else listed(answer, check)
    if named is None:
        return None
    if check.kind == "order":
        remaining = iter(labels(check))
        return all(name in remaining for name in named)
    return set(named) <= set(labels(check))


def _sayable(answer: str) -> bool:
    return len(answer) <= _LONGEST and bool(label(answer))


def _numeric(check: Check) -> bool:
    return check.kind == "within" or check.target.number is not None


def _within(error: float | None, check: Check) -> bool | None:
    return None if error is None else error <= check.tolerance + _ROUNDING


def _is_undecided(answer: str, check: Check) -> bool:
    """Say whether an answer is a number that the witnesses cannot tell from the target."""
    return any(
        _within(_distance(answer, replace(check, target=Value(number=rival))), check)
        for rival in check.undecided
    )


# Right or not ------------------------------------------------------------------------------------


def _number(answer: str, check: Check) -> float | None:
    """Read an answer in the check's unit; inf where it is a number in another unit."""
    if check.unit == "beats per bar" and (signed := _SIGNATURE.fullmatch(bare(answer).casefold())):
        return float(signed[1])
    said = quantity(answer)
    if said is None:
        return None
    if said.unit in (check.unit, *_ALSO.get(check.unit, ())) or (
        not said.unit and check.unit in COUNTED
    ):
        return said.value
    return math.inf if said.unit and said.known else None


def _distance(answer: str, check: Check) -> float | None:
    """Give the error in the tolerance's terms: a share of the target, or in the unit."""
    said, target = _number(answer, check), check.target.number
    if said is None or target is None:
        return None
    error = abs(said - target)
    if not check.relative:
        return error
    if target == 0:
        return 0.0 if error == 0 else math.inf
    return error / abs(target)


def _same_text(answer: str, check: Check) -> bool | None:
    named = [item.label for item in check.target.items or ()]
    wanted = [*([check.target.text] if check.target.text else []), *named, *check.accepted]
    if any(normalise(answer) == normalise(spelling) for spelling in wanted):
        return True
    for read in (key, polarity):
        # Before articles are dropped: "minor" is not "A minor".
        targets = {read(spelling) for spelling in wanted} - {None}
        if wanted and read(wanted[0]) is not None:
            said = read(answer)
            return None if said is None else said in targets
    forms = {label(answer), label(bare(answer))}
    if any(label(spelling) in forms for spelling in wanted):
        return True
    if any(_holds(form, label(spelling)) for form in forms for spelling in wanted):
        return None  # "a door slam" for "door": more than was measured, not another sound
    return None if HEDGE.search(normalise(answer)) else False


def _holds(said: str, wanted: str) -> bool:
    return bool(wanted) and f" {wanted} " in f" {said} "


def _same_list(answer: str, check: Check) -> bool | None:
    if check.kind == "overlaps":
        return same_stretches(answer, check)
    if check.kind == "words":
        return _within(word_error(answer, check), check)
    if check.kind == "order":
        said = ordered(answer, check)
        return None if said is None else said == labels(check)
    said = listed(answer, check)
    return None if said is None else set(said) == set(labels(check))


# How far off -------------------------------------------------------------------------------------


def _ramp(check: Check) -> tuple[float, float]:
    """Give the errors at which the grade starts to fall and at which it is nothing."""
    free, zero = check.tolerance, check.zero_at
    if check.kind in ("overlaps", "set_match", "order"):
        # These errors are shares, whatever unit the tolerance is in: the whole range counts,
        # less a distractor's own share. An order at random is half discordant.
        return 0.0, zero if zero is not None else (0.5 if check.kind == "order" else 1.0)
    if check.kind == "words":
        return free, 1.0 if zero is None else zero
    if zero is None:
        return free, free
    return (math.log1p(free), math.log1p(zero)) if check.relative else (free, zero)


def _error(answer: str, check: Check) -> float | None:
    """Give the error that `grade` ramps over; None where the kind knows no nearness."""
    if _numeric(check):
        return _log_error(answer, check) if check.relative else _distance(answer, check)
    if check.kind == "words":
        return word_error(answer, check)
    if check.kind == "overlaps":
        said = said_stretches(answer, check)
        return None if said is None else apart(said, check)
    if check.kind == "set_match":
        named = listed(answer, check)
        return None if named is None else 1 - f1(set(named), set(labels(check)))
    sequence = ordered(answer, check) if check.kind == "order" else None
    return None if sequence is None else 1 - concordance(sequence, labels(check))


def _log_error(answer: str, check: Check) -> float | None:
    said, target = _number(answer, check), check.target.number
    if said is None or target is None:
        return None
    ratio = said / target if target else math.inf
    return abs(math.log(ratio)) if 0 < ratio < math.inf else math.inf
