"""Stretches and moments of time as people write them, in seconds. Standard library only."""

from __future__ import annotations

import math
import re

from synth.frames import bare, remembered

_LONGEST_LIST = 4000  # characters: longer text is no answer, and never slow
_RANGE = re.compile(
    r"(?:from |between )?(\d+(?::\d\d)?(?:\.\d+)?) ?(s|sec|secs|seconds?)? ?"
    r"(?:-|to|until|till|and) ?(\d+(?::\d\d)?(?:\.\d+)?) ?(s|sec|secs|seconds?)?"
)

_BRACKETED = re.compile(r"[(\[]([\d.:]+),? ([\d.:]+)[)\]]")
_BETWEEN = re.compile(r"\s*(?:[,;&]| and (?=from|between|\d[^,;]*(?:-|to|until|till)))\s*(?:and )?")


@remembered
def stretches(text: str) -> tuple[tuple[float, float], ...] | None:
    """Read a whole text as stretches of time in seconds: "0.5-1.2 s, 0:02 to 0:04"."""
    if len(text) > _LONGEST_LIST:
        return None
    found: list[tuple[float, float]] = []
    plain = _BRACKETED.sub(r"\1-\2", bare(text).casefold())
    parts = _BETWEEN.split(plain)
    for part in parts:
        match = _RANGE.fullmatch(part.strip("()[] ").removeprefix("and "))
        if not match:
            return None
        start, start_unit, end, end_unit = match.groups()
        timed = bool(start_unit or end_unit or ":" in start or ":" in end)
        # One unit serves a list: "0.5-1.2, 2-3 s".
        if not timed and not re.search(r"\ds\b|\bs\b|sec|:", parts[-1]):
            return None
        stretch = (_seconds(start), _seconds(end))
        if not stretch[0] <= stretch[1] < math.inf:
            return None
        found.append(stretch)
    return tuple(sorted(found))


_MOMENT = re.compile(r"(?:at )?(\d+(?::\d\d)?(?:\.\d+)?) ?(s|sec|secs|seconds?)?")


@remembered
def moments(text: str) -> tuple[tuple[float, float], ...] | None:
    """Read a whole text as moments in seconds, each a stretch without length: "0.5, 1.0, 1.5 s"."""
    if len(text) > _LONGEST_LIST:
        return None
    parts = re.split(r"\s*(?:[,;]|,? and )\s*", bare(text).casefold())
    found = [_MOMENT.fullmatch(part) for part in parts]
    timed = any(one and (one[2] or ":" in one[1]) for one in found)
    if not timed or None in found:
        return None
    return tuple(sorted((_seconds(one[1]), _seconds(one[1])) for one in found if one))


def _seconds(text: str) -> float:
    minutes, _, seconds = text.rpartition(":")
    return float(minutes or 0) * 60 + float(seconds)
