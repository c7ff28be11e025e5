"""Typed checks: is an answer right, and how far off is it? Standard library only.

`judge` has three outcomes, because "not right" is not "wrong": True, the answer is the target
within the tolerance; False, it is a definite other value; None, it commits itself to no value
(empty, hedged, negated, asked back, a list where one value is asked, or not readable as such a
value). `passes` is True alone. `grade` is its graded twin for learning.

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
from synth.frames import STRUCK, bare
from synth.key_relations import GUESS
from synth.lists import (
    apart,
    concordance,
    f1,
    labels,
    listed,
    ordered,
    said_stretches,
    same_stretches,
    stretches_held,
)
from synth.spelling import COUNTED, is_unit, label, normalise, quantity
from synth.spoken_words import phrase_places, word_error
from synth.texts import is_of_keys, key_error, same_text

if TYPE_CHECKING:
    from schemas import Check

__all__ = ["among", "choice_of", "error", "grade", "judge", "passes"]

_ROUNDING = 1e-9  # binary fractions: 120 * 1.04 is on the edge and inside
_ALSO = {"dBFS": ("dB",), "LU": ("dB",), "times as fast": ("times",), "beats per bar": ("beats",),
         "times as much": ("times", "times as fast")}  # fmt: skip
"""units in which a value of another unit may as well be said: EBU R 128 has 1 LU for 1 dB"""
_SIGNATURE = re.compile(
    r"(?:in )?(?:([2-9])/4|(two|three|four|five|six|seven) four)(?: time| met(?:re|er)"
    r"| time signature)?"
)
"""of compound time, "6/8", the beats are counted in two ways: it is no number of them"""
_METRES = {"common time": 4.0, "duple": 2.0, "triple": 3.0, "quadruple": 4.0}
_NONE = frozenset(("none", "never", "not once"))
_LONGEST = {"words": 20_000, "order": 4000, "set_match": 4000, "overlaps": 4000}
"""characters: ten minutes of fast speech; some hundred events; longer is no answer, and not slow"""
_LONGEST_VALUE = 1000  # characters of one value


def passes(answer: str, check: Check) -> bool:
    """Say whether an answer is right: its whole text is the target, within the tolerance."""
    return judge(answer, check) is True


def judge(answer: str, check: Check) -> bool | None:
    """Judge an answer: True right, False another value, None committed to no single value."""
    if not _sayable(answer, check) or _asks(answer, check):
        return None
    if _numeric(check):
        verdict = _within(_distance(answer, check), check)
        return None if verdict is False and _is_undecided(answer, check) else verdict
    if check.kind in ("equals", "one_of"):
        return same_text(answer, check)
    # Words are compared as they are: an article or a plural more is another transcript.
    same = normalise if check.kind == "words" else label
    if any(same(answer) == same(spelling) for spelling in check.accepted):
        return True
    return _same_list(answer, check)


def grade(answer: str, check: Check) -> float:
    """Say how near an answer comes, 0..1: 1 exactly where it passes, 0 where it says nothing.

    Between the tolerance and `zero_at`, the nearest distractor's error, the grade falls with the
    error: the log-ratio for relative tolerances, the difference for absolute ones, 1 - MIREX's
    score for keys, 1 - IoU for overlaps, 1 - F1 for sets, the discordant share of pairs for
    orders, the word error rate for words. At `zero_at` and beyond it is 0. Other names, yes and no
    know no nearness: all or none.
    """
    verdict = judge(answer, check)
    if verdict is not False:
        return 1.0 if verdict else 0.0
    off, (free, zero) = error(answer, check), _ramp(check)
    if off is None or zero <= free or off >= zero:
        return 0.0
    return min((zero - off) / (zero - free), math.nextafter(1.0, 0.0))


def among(answer: str, check: Check) -> bool | None:
    """Say whether all that an answer lists is in a list target, which may hold more.

    For an order: whether the labels named stand in it in that order. None: not readable.
    """
    if not _sayable(answer, check):
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


def _sayable(answer: str, check: Check) -> bool:
    short = len(answer) <= _LONGEST.get(check.kind, _LONGEST_VALUE)
    return short and STRUCK not in answer and bool(normalise(answer))


def _asks(answer: str, check: Check) -> bool:
    """Say whether an answer is a question: "120 bpm?", or the one that was asked, echoed."""
    said = answer.rstrip(" \t\n\"'*`”’)]}")
    if not said.endswith(("?", "\uff1f")):
        return False
    asked = check.target.text  # of a transcript, any question may be what is said
    return not asked.endswith("?") if asked is not None else check.kind != "words"


def _numeric(check: Check) -> bool:
    return check.kind == "within" or check.target.number is not None


def _within(off: float | None, check: Check) -> bool | None:
    return None if off is None else off <= check.tolerance + _ROUNDING


def _is_undecided(answer: str, check: Check) -> bool:
    """Say whether an answer is a number that the witnesses cannot tell from the target."""
    return any(
        _within(_distance(answer, replace(check, target=Value(number=rival))), check)
        for rival in check.undecided
    )


# Right or not ------------------------------------------------------------------------------------


def _number(answer: str, check: Check) -> float | None:
    """Read an answer in the check's unit; inf where it is a number in another unit."""
    said = quantity(answer)
    if said is None:
        return _unwritten(normalise(bare(answer)), check.unit)
    if said.unit in (check.unit, *_ALSO.get(check.unit, ())) or (
        not said.unit and check.unit in COUNTED
    ):
        return said.value
    return math.inf if said.unit and said.known else None


def _unwritten(plain: str, unit: str) -> float | None:
    """Read a number that is not written as one: "3/4" of the beats in a bar, "no pauses"."""
    if unit == "beats per bar":
        signed = _SIGNATURE.fullmatch(plain)
        if signed and signed[1]:
            return float(signed[1])
        said = quantity(signed[2]) if signed else None
        return said.value if said else _METRES.get(plain.removesuffix(" metre"))
    if unit not in COUNTED:
        return None
    none = plain in _NONE or (plain.startswith("no ") and is_unit(plain[3:], unit))
    return 0.0 if none else None


def _distance(answer: str, check: Check) -> float | None:
    """Give the error in the tolerance's terms: a share of the target, or in the unit."""
    said, target = _number(answer, check), check.target.number
    if said is None or target is None:
        return None
    off = abs(said - target)
    if not check.relative:
        return off
    if target == 0:
        return 0.0 if off == 0 else math.inf
    return off / abs(target)


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
    free, zero = max(0.0, check.tolerance), check.zero_at
    if check.kind in ("overlaps", "set_match", "order"):
        # These errors are shares, whatever unit the tolerance is in: the whole range counts,
        # less a distractor's own share. An order at random is half discordant.
        return 0.0, zero if zero is not None else (0.5 if check.kind == "order" else 1.0)
    if check.kind == "words":
        return free, 1.0 if zero is None else zero
    if zero is None and check.kind in ("equals", "one_of") and is_of_keys(check):
        return 0.0, 1.0 - GUESS
    if zero is None or zero <= free:
        return free, free
    return (math.log1p(free), math.log1p(zero)) if check.relative else (free, zero)


def error(answer: str, check: Check) -> float | None:
    """Say how far off an answer is, as `grade` weighs it; None where its kind knows no nearness."""
    if _numeric(check):
        return _log_error(answer, check) if check.relative else _distance(answer, check)
    if check.kind in ("equals", "one_of"):
        return key_error(answer, check)
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
