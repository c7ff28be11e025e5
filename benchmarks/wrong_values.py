"""Wrong things to say of what a check asks, by kind; known to be wrong from how they are made.

Numbers are off by more than the tolerance, labels and orders are others, a text denies, hedges or
says two things.
"""

from __future__ import annotations

import html
import itertools
import re
from typing import TYPE_CHECKING

from benchmarks import frames
from benchmarks.material import NOTES, WHOLE
from synth.answers import closed
from synth.stretches import stretches

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from benchmarks.material import Told
    from schemas import Check

_UNITS = ("Hz", "bpm", "LUFS", "kHz", "%", "ms", "minutes", "dB", "words per minute", "speakers",
          "semitones", "octaves", "euros", "bars")  # fmt: skip
_ALIKE = {
    "LU": {"dB", "LU"}, "dBFS": {"dB", "dBFS"}, "times as fast": {"times"},
    "times as much": {"times", "times as fast"}, "semitones": {"half steps"},
}  # fmt: skip
_NOT_YES = ("not yes", "yes? no", "not present", "it is not", "yes and no", "no", "not heard",
            "absent", "yes, it is not", "never", "not at all", "yes, but not really")  # fmt: skip
_NOT_NO = ("yes", "no, it is", "present", "heard", "no and yes", "no? yes", "it is heard",
           "there is",
           "no, actually yes", "no doubt")  # fmt: skip


def wrong_values(
    told: Told, others: Sequence[Told], draw: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield wrong values, each with its kind; `others` are facts of other recordings."""
    check = told.check.check
    if check is None:
        return
    for kind, values in (
        ("just outside the tolerance", _just_outside(told, check, draw)),
        ("half and double", half_and_double(check)),
        ("relative key", _related_keys(told.check.property, check)),
        ("swapped order", _swapped(told)),
        ("another recording's fact", _of_others(told, others, draw)),
        ("distractor", told.wrong),
        ("another unit", _other_units(check)),
        ("negated", _negated(told.said, check)),
    ):
        yield from ((kind, said) for said in values)
    rivals = [one for one in told.wrong if not is_part(one, told)][:2]
    if told.check.property == "tonic" and told.said != "A":
        rivals.append("A")  # a note, and no article
    for kind, ways in (
        ("hedged", frames.HEDGED), ("two answers", frames.BOTH), ("padded", frames.PADDED)
    ):  # fmt: skip
        for rival, frame in itertools.product(rivals, ways):
            said = frame.format(x=told.said, y=rival)
            if not is_part(said, told):
                yield kind, said


def formatted(told: Told) -> Iterator[str]:
    """Yield wrong values in the format of an answer, written as they stand in a completion."""
    right = html.escape(told.said, quote=False)
    for rival in (one for one in told.wrong[:2] if not is_part(one, told)):
        wrong = html.escape(rival, quote=False)
        yield from (frame.format(x=right, y=wrong) for frame in frames.FORMATTED)


def _as_written(number: float, check: Check) -> str:
    return f"{number:.6g} {check.unit}".strip()


def _just_outside(told: Told, check: Check, draw: random.Random) -> Iterator[str]:
    target, name = check.target.number, told.check.property
    if target is not None:
        if name in WHOLE:
            near = (target + by for by in (1, -1, 0.5, 2, 10))
            yield from (_as_written(said, check) for said in near if said >= 0)
            return
        yield from _outside(target, check, draw.uniform(1.5, 3))
    elif check.kind == "overlaps":
        yield from _moved(check)
    elif name in ("key", "tonic") and check.target.text:
        tonic, _, mode = check.target.text.partition(" ")
        place = NOTES.index(tonic)
        for by in (1, -1, 2, 6):
            yield f"{NOTES[(place + by) % 12]} {mode}".strip()
    elif check.target.text and (answers := closed(name)):
        yield from (one for one in answers if one != check.target.text)


def _outside(target: float, check: Check, far: float) -> Iterator[str]:
    allowed = check.tolerance * (abs(target) if check.relative else 1.0)
    for more, sign in itertools.product((1.005, 1.02, 1.1, 1.3, far), (1, -1)):
        said = target + sign * (allowed * more + 1e-4 * abs(target))
        if abs(float(f"{said:.6g}") - target) > allowed * 1.0001:
            yield _as_written(said, check)


def _moved(check: Check) -> Iterator[str]:
    times = [(one.start_s or 0.0, one.end_s) for one in check.target.items or ()]
    near = sorted(start for start, _ in times)
    if any(after - before < 6 * check.tolerance for before, after in itertools.pairwise(near)):
        return
    for by in (1.05, 1.5, 2.5):
        step = by * check.tolerance
        if all(end is None or end == start for start, end in times):
            yield ", ".join(f"{start + step:.3f}" for start, _ in times) + " s"
            continue
        yield ", ".join(f"{start + step:.3f}-{(end or 0) + step:.3f} s" for start, end in times)
        yield ", ".join(f"{start:.3f}-{(end or 0) + step:.3f} s" for start, end in times)


def half_and_double(check: Check) -> Iterator[str]:
    """Yield a number's octaves and their kin: what trackers and listeners take for it."""
    number = check.target.number
    if number:
        yield from (_as_written(number * by, check) for by in (0.5, 2, 1 / 3, 3, 1.5, 2 / 3, 4))


def _related_keys(name: str, check: Check) -> Iterator[str]:
    if name == "key" and check.target.text:
        yield from _near_keys(check.target.text)
    if name == "chords":
        names = [one.label for one in check.target.items or ()]
        for at, one in enumerate(names):
            for near in _near_keys(one):
                yield ", then ".join([*names[:at], near, *names[at + 1 :]])


def _near_keys(name: str) -> Iterator[str]:
    tonic, _, mode = name.partition(" ")
    place, other = NOTES.index(tonic), "minor" if mode == "major" else "major"
    relative = NOTES[(place + (9 if mode == "major" else 3)) % 12]
    for made in (f"{relative} {other}", f"{tonic} {other}", f"{NOTES[(place + 7) % 12]} {mode}",
                 f"{NOTES[(place + 5) % 12]} {mode}"):  # fmt: skip
        yield made
        yield made.replace(" major", "").replace(" minor", "m")
        yield f"the key of {made}"


def _swapped(told: Told) -> Iterator[str]:
    check = told.check.check
    if check is None or told.check.property not in ("event_order", "chords", "turns", "words",
                                                    "speaker_words"):  # fmt: skip
        return
    names = [one.label.split(",")[0] for one in check.target.items or ()]
    joints = (" ",) if check.kind == "words" else (", then ", " -> ", ", ", " before ")
    for at in range(len(names) - 1):
        order = [*names[:at], names[at + 1], names[at], *names[at + 2 :]]
        if names[at].casefold() != names[at + 1].casefold() and not _within(order, names):
            yield from (joint.join(order) for joint in joints)
    if len(set(names)) > 1 and not _within(names[::-1], names):
        yield from (joint.join(reversed(names)) for joint in joints)
        if check.kind == "order" and len(names) == 2 and told.check.property == "event_order":
            yield f"{names[0]} after {names[1]}"
            yield f"the {names[1]} comes before the {names[0]}"


def _within(some: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter([one.casefold() for one in whole])
    return all(one.casefold() in rest for one in some)


def _of_others(told: Told, others: Sequence[Told], draw: random.Random) -> Iterator[str]:
    alike = [one for one in others if one.check.property == told.check.property]
    for other in draw.sample(alike, min(len(alike), 8)):
        if _differs(other, told):
            yield other.said


def _differs(other: Told, told: Told) -> bool:
    theirs, ours = other.check.check, told.check.check
    if theirs is None or ours is None:
        return False
    if ours.target.number is not None and theirs.target.number is not None:
        allowed = ours.tolerance * (abs(ours.target.number) if ours.relative else 1.0)
        # What is written is rounded by up to half a tolerance.
        return abs(theirs.target.number - ours.target.number) > 1.6 * allowed + 1e-9
    return not is_part(other.said, told)


def is_part(said: str, told: Told) -> bool:
    """Say whether a list is a part of a target, and so no wrong thing to say of it."""
    check = told.check.check
    if check is None or said.casefold() == told.said.casefold():
        return True
    names = [one.label.split(",")[0].strip() for one in check.target.items or ()]
    if check.kind == "overlaps":
        return bool({*(stretches(said) or ())} & {*(stretches(told.said) or ())})
    if check.kind == "words":
        return f" {said.casefold()} " in f" {told.said.casefold()} "
    if check.kind == "order":
        return _within(re.split(r",? then |, ", said), names)
    if check.kind == "set_match":
        return {one.casefold() for one in said.split(", ")} <= {one.casefold() for one in names}
    return False


def _other_units(check: Check) -> Iterator[str]:
    number = check.target.number
    if not number:
        return  # nought is nought in every unit
    if check.unit == "s":
        yield f"{number:.6g}"  # a bare number for a timed claim
    for unit in _UNITS:
        if unit not in {check.unit, *_ALIKE.get(check.unit, ())}:
            yield f"{number:.6g} {unit}"


def _negated(said: str, check: Check) -> Iterator[str]:
    if said in ("yes", "no"):
        yield from _NOT_YES if said == "yes" else _NOT_NO
        return
    ways = (
        frames.NEGATED if check.target.number is None else frames.NEGATED + frames.NEGATED_NUMBERS
    )
    yield from (frame.format(said) for frame in ways)
