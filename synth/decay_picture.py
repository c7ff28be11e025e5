"""The decay curves as one picture: an SVG, drawn by hand so that the same numbers give its bytes.

One panel an axis. Circles are shares as counted, their area by the number of claims; the line is
the share with difficulty held, with its 95 % band; a dashed line is the same text without its tags.
"""

from __future__ import annotations

from html import escape
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from synth.decay import Bin, Curve
    from synth.evaluated import Decay

_PANEL, _HEIGHT, _TOP, _FLOOR = 372, 400, 76, 296  # pixels
_LEFT, _GAP = 58, 34
_INK, _SOFT, _GRID, _BAND, _LINE, _DASHED = (
    "#1b1f24", "#57606a", "#e3e6ea", "#2f6fb5", "#1f5a9c", "#c4571b",
)  # fmt: skip
_WIDEST = 9.0  # pixels: radius of the circle of the fullest bin

_TITLES = {
    "position": "by place in the reasoning",
    "step": "by step",
    "length": "by length of the text, in words",
}


def decay_picture(decay: Sequence[Decay]) -> str:
    """Draw the curves of each reading, the first in full, another as a dashed line; "" of none."""
    if not decay:
        return ""
    panels = [
        _panel(at, curve, [other.curves[at] for other in decay[1:]])
        for at, curve in enumerate(decay[0].curves)
    ]
    width = _LEFT + len(panels) * (_PANEL + _GAP)
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}"'
                f' width="{width}" height="{_HEIGHT}" font-family="Helvetica, Arial, sans-serif"'
                f' fill="{_INK}">'
            ),
            f'<rect width="{width}" height="{_HEIGHT}" fill="#ffffff"/>',
            _text(_LEFT, 28, "Share of claims about the sound that are true", 17, weight="600"),
            *_legend(width - _GAP, len(decay) > 1),
            *(line for panel in panels for line in panel),
            "</svg>\n",
        ]
    )


def _legend(right: int, dashed: bool) -> Iterator[str]:  # noqa: FBT001 - one drawing's own switch
    entries = [("as counted", "dot"), ("difficulty held, 95 % band", "line")]
    entries += [("tags off, difficulty held", "dashed")] if dashed else []
    x = right - sum(46 + 6.3 * len(name) for name, _ in entries)
    for name, kind in entries:
        if kind == "dot":
            yield _circle(x + 12, 24, 5)
        elif kind == "line":
            yield f'<rect x="{x:.1f}" y="18" width="24" height="12" fill="{_BAND}" opacity="0.18"/>'
            yield _stroke([(x, 24), (x + 24, 24)], _LINE)
        else:
            yield _stroke([(x, 24), (x + 24, 24)], _DASHED, dashes=True)
        yield _text(x + 30, 28, name, 12, colour=_SOFT)
        x += 46 + 6.3 * len(name)


def _panel(at: int, curve: Curve, others: Sequence[Curve]) -> Iterator[str]:
    left = _LEFT + at * (_PANEL + _GAP)
    labels = _labels(curve, others)
    xs = {label: left + _PANEL * (n + 0.5) / len(labels) for n, label in enumerate(labels)}
    yield _text(left, 62, _TITLES.get(curve.axis, curve.axis), 13, weight="600")
    yield from _grid(left, numbered=at == 0)
    yield from _drawn(curve, xs)
    for other in others:
        dots = [(xs[one.label], _y(one.held)) for one in other.bins if one.held is not None]
        yield _stroke(dots, _DASHED, dashes=True)
    claims = {one.label: one.claims for one in curve.bins}
    for label, x in xs.items():
        yield _text(x, _FLOOR + 18, label, 10, anchor="middle")
        yield _text(x, _FLOOR + 33, f"n = {claims.get(label, 0)}", 10, _SOFT, anchor="middle")
    yield _text(left, _FLOOR + 60, _slope(curve), 12)
    held = "held: the question itself" if curve.held == "question" else f"held: {curve.held}"
    yield _text(left, _FLOOR + 78, held, 11, _SOFT)


def _labels(curve: Curve, others: Sequence[Curve]) -> list[str]:
    """List the bins of all readings; each reading has its own in order."""
    labels = [one.label for one in curve.bins]
    for other in others:
        for n, one in enumerate(other.bins):
            if one.label not in labels:
                before = [other.bins[m].label for m in range(n) if other.bins[m].label in labels]
                labels.insert(labels.index(before[-1]) + 1 if before else 0, one.label)
    return labels


def _grid(left: int, *, numbered: bool) -> Iterator[str]:
    for percent in (0, 25, 50, 75, 100):
        y = _y(percent / 100)
        yield (
            f'<line x1="{left}" y1="{y:.1f}" x2="{left + _PANEL}" y2="{y:.1f}"'
            f' stroke="{_INK if not percent else _GRID}" stroke-width="1"/>'
        )
        if numbered:
            yield _text(left - 8, y + 4, f"{percent} %", 11, _SOFT, anchor="end")


def _drawn(curve: Curve, xs: dict[str, float]) -> Iterator[str]:
    held = [(xs[one.label], one) for one in curve.bins if one.held is not None]
    banded = [
        (x, one.low, one.high) for x, one in held if one.low is not None and one.high is not None
    ]
    if len(banded) > 1:
        edge = [(x, _y(high)) for x, _, high in banded]
        edge += [(x, _y(low)) for x, low, _ in reversed(banded)]
        yield f'<polygon points="{_points(edge)}" fill="{_BAND}" opacity="0.18"/>'
    yield _stroke([(x, _y(one.held)) for x, one in held if one.held is not None], _LINE)
    most = max((one.claims for one in curve.bins), default=1)
    for one in curve.bins:
        if one.true is not None:
            yield _circle(xs[one.label], _y(one.true), _radius(one, most))


def _radius(one: Bin, most: int) -> float:
    return max(2.0, _WIDEST * sqrt(one.claims / most))


def _slope(curve: Curve) -> str:
    found = curve.slope
    if found.value is None:
        return "no slope: too little to compare"
    between = ""
    if found.low is not None and found.high is not None:
        between = f" ({100 * found.low:+.1f} to {100 * found.high:+.1f})"
    told = f"{100 * found.value:+.1f} points over {curve.unit}{between}"
    return told.replace("-", "\u2212")


def _y(share: float | None) -> float:
    return _FLOOR - (_FLOOR - _TOP) * (share or 0.0)


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _stroke(places: Sequence[tuple[float, float]], colour: str, *, dashes: bool = False) -> str:
    dashed = ' stroke-dasharray="5 4"' if dashes else ""
    return (
        f'<polyline points="{_points(places)}" fill="none" stroke="{colour}" stroke-width="2.2"'
        f' stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
    )


def _circle(x: float, y: float, radius: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#ffffff" fill-opacity="0.65"'
        f' stroke="{_SOFT}" stroke-width="1.3"/>'
    )


def _text(
    x: float, y: float, text: str, size: int, colour: str = _INK, *,
    anchor: str = "start", weight: str = "400",
) -> str:  # fmt: skip
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"'
        f' text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'
    )
