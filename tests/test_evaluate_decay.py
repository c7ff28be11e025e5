"""Intervals and the decay curve, on points whose truth is known because we made them so."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from synth.decay import Point, curves
from synth.decay_picture import decay_picture
from synth.evaluated import Decay
from synth.resampling import ratio, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from synth.decay import Curve

SVG = "{http://www.w3.org/2000/svg}"


def made(true: Callable[[float, float, float], float], rollouts: int = 4) -> Iterator[Point]:
    """Make claims; `true` gives their chance from hardness, place and hundreds of words.

    Hard questions have long answers, so that length and truth hang together without either causing
    the other.
    """
    chance = random.Random(4)
    for question in range(150):
        hard = chance.random() * 0.6
        for _ in range(rollouts):
            words = int(60 + 400 * hard + 100 * chance.random())
            for _ in range(8):
                place = chance.random()
                yield Point(
                    question=f"q{question}",
                    stratum="s",
                    true=chance.random() < true(hard, place, words / 100),
                    position=place,
                    step=int(place * 6),
                    words=words,
                )


def curve(points: Iterator[Point], axis: str) -> Curve:
    return next(one for one in curves(list(points)) if one.axis == axis)


def bounds(found: Curve) -> tuple[float, float, float]:
    one = found.slope
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    return one.low, one.value, one.high


def test_a_decay_that_is_there_is_found() -> None:
    found = curve(made(lambda hard, place, _words: 0.95 - hard - 0.3 * place), "position")
    low, value, high = bounds(found)
    assert low < -0.3 < high < 0
    assert value == pytest.approx(-0.3, abs=0.08)
    held = [one.held for one in found.bins]
    assert all(one is not None for one in held)
    assert held[0] is not None
    assert held[-1] is not None
    assert held[0] - held[-1] == pytest.approx(0.24, abs=0.08)


def test_length_that_only_goes_with_difficulty_is_no_decay() -> None:
    found = curve(made(lambda hard, _place, _words: 0.95 - hard), "length")
    raw = [one.true for one in found.bins]
    assert raw[0] is not None
    assert raw[-1] is not None
    assert raw[0] - raw[-1] > 0.25  # as counted, long texts look far worse
    low, _, high = bounds(found)
    assert found.held == "question"
    assert low < 0 < high


def test_length_that_does_harm_is_found_with_difficulty_held() -> None:
    found = curve(made(lambda hard, _place, words: 0.95 - hard / 2 - 0.12 * words), "length")
    assert bounds(found)[2] < 0


def test_one_answer_a_question_is_compared_within_the_benchmark_s_difficulty() -> None:
    points = [
        one._replace(stratum="hard" if int(one.question[1:]) % 2 else "easy")
        for one in made(lambda *_: 0.7, rollouts=1)
    ]
    by_axis = {one.axis: one.held for one in curves(points)}
    assert by_axis["length"] == "difficulty, task and skill"
    assert by_axis["position"] == "question"
    assert curve(made(lambda *_: 0.7, rollouts=1), "length").held == "nothing"


def test_the_curve_s_levels_average_to_the_share_as_counted() -> None:
    points = list(made(lambda hard, place, _words: 0.9 - hard - 0.2 * place))
    for found in curves(points):
        held = sum(one.claims * (one.held or 0.0) for one in found.bins)
        assert held / len(points) == pytest.approx(
            sum(p.true for p in points) / len(points), abs=0.01
        )


def test_what_has_nothing_to_compare_has_no_slope_and_no_level() -> None:
    point = Point(question="q", stratum="", true=True, position=0.1, step=1, words=10)
    for found in curves([point]):
        assert found.slope.value is None
        assert [one.held for one in found.bins] == [None]
        assert [one.true for one in found.bins] == [1.0]


def test_claims_in_the_review_have_no_step() -> None:
    points = [one._replace(step=None) for one in made(lambda *_: 0.7, rollouts=1)]
    by_axis = {one.axis: one for one in curves(points)}
    assert by_axis["step"].bins == ()
    assert by_axis["position"].bins


def test_the_picture_shows_every_bin_and_the_same_numbers_give_the_same_bytes() -> None:
    points = list(made(lambda hard, place, _words: 0.9 - hard - 0.2 * place))
    decay = [
        Decay(reading="as written", curves=curves(points)),
        Decay(reading="tags off", curves=curves(points[::2])),
    ]
    picture = decay_picture(decay)
    assert picture == decay_picture(decay)
    drawn = ET.fromstring(picture)  # noqa: S314 - drawn here
    said = " ".join(one.text or "" for one in drawn.iter(f"{SVG}text"))
    for found in decay[0].curves:
        for one in found.bins:
            assert one.label in said
            assert f"n = {one.claims}" in said
    bins = sum(len(found.bins) for found in decay[0].curves)
    assert len(list(drawn.iter(f"{SVG}circle"))) == bins + 1  # and the legend's
    assert decay_picture([]) == ""


def test_a_share_s_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    chance, held = random.Random(1), 0
    for _ in range(100):
        parts = [(float(sum(chance.random() < 0.7 for _ in range(3))), 3.0) for _ in range(60)]
        found = share(parts)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.7 <= found.high
    assert 88 <= held <= 100


def test_questions_are_drawn_whole_so_that_rollouts_that_agree_do_not_narrow_the_interval() -> None:
    alone = share([(1.0, 1.0), (0.0, 1.0)] * 20)
    rolled = share([(8.0, 8.0), (0.0, 8.0)] * 20)
    assert (alone.low, alone.high) == (rolled.low, rolled.high)


def test_all_right_leaves_room_for_doubt_and_one_question_gives_no_interval() -> None:
    right = share([(1.0, 1.0)] * 20)
    assert right.value == right.high == 1.0
    assert right.low == pytest.approx(0.8389, abs=1e-4)  # Wilson 1927
    one = ratio([(1.0, 2.0)])
    assert (one.value, one.low, one.high) == (0.5, None, None)
    assert share([]).value is None
    assert share([(0.0, 0.0)]).value is None
