"""What holds of every check: symmetry, monotonicity, spelling and unit, and round trips."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas import Check, GroundCheck, GroundTruth, Item, Value, Weights
from schemas.perception import GROUND_TRUTH_VERSION
from synth import ground_truth
from synth.checks import error, grade, judge, passes
from synth.key_relations import GUESS
from synth.spelling import spelt
from warehouse.codec import from_json, from_row, polars_schema, to_json, to_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}
KEYS = [f"{tonic} {mode}" for tonic in TONICS for mode in ("major", "minor")]
SOUNDS = ("door", "bell", "dog bark", "siren", "glass", "car horn", "rain")


def number(target: float, unit: str, tolerance: float = 0.0, *, relative: bool = False) -> Check:
    return Check(
        kind="within", target=Value(number=target), accepted=(), unit=unit, tolerance=tolerance,
        relative=relative, zero_at=None, source="the test",
    )  # fmt: skip


def text(target: str) -> Check:
    return replace(number(0.0, ""), kind="equals", target=Value(text=target))


def listing(kind: str, items: Sequence[str | tuple[float, float]], tolerance: float = 0.0) -> Check:
    made = [
        Item(label=one) if isinstance(one, str) else Item(label="", start_s=one[0], end_s=one[1])
        for one in items
    ]
    return replace(
        number(0.0, "", tolerance), kind=kind, target=Value(items=tuple(made))  # type: ignore[arg-type]
    )  # fmt: skip


def told(spans: Sequence[tuple[float, float]]) -> str:
    return ", ".join(f"{start!r}-{end!r} s" for start, end in spans)


tenths = st.integers(0, 600).map(lambda tenth: tenth / 10)
keys = st.sampled_from(KEYS)
sounds = st.lists(st.sampled_from(SOUNDS), min_size=1, max_size=5)
spans = st.lists(tenths, min_size=2, max_size=8, unique=True).map(
    lambda edges: list(zip(*[iter(sorted(edges)[: len(edges) // 2 * 2])] * 2, strict=True))
)

# Symmetry ----------------------------------------------------------------------------------------


@given(tenths, tenths, st.floats(0, 5))
def test_two_numbers_are_as_far_apart_either_way(one: float, other: float, allowed: float) -> None:
    there = judge(f"{one} s", number(other, "s", allowed))
    assert there == judge(f"{other} s", number(one, "s", allowed))


@given(keys, keys)
def test_two_keys_are_as_far_apart_either_way(one: str, other: str) -> None:
    assert judge(one, text(other)) is judge(other, text(one)) is (one == other)
    assert grade(one, text(other)) == grade(other, text(one))


@given(sounds, sounds)
def test_two_sets_and_two_orders_are_as_far_apart_either_way(
    one: list[str], other: list[str]
) -> None:
    for kind, joint in (("set_match", ", "), ("order", ", then ")):
        there = joint.join(one), listing(kind, other)
        back = joint.join(other), listing(kind, one)
        assert judge(*there) == judge(*back)
        assert error(*there) == error(*back)


@given(spans, spans)
def test_two_sets_of_stretches_are_as_far_apart_either_way(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> None:
    there = error(told(one), listing("overlaps", other, 0.25))
    back = error(told(other), listing("overlaps", one, 0.25))
    assert there is not None
    assert back is not None
    assert abs(there - back) < 1e-9


@given(sounds, sounds)
def test_transcripts_need_as_many_edits_either_way(one: list[str], other: list[str]) -> None:
    first, second = " ".join(one).split(), " ".join(other).split()
    there = error(" ".join(first), listing("words", second))
    back = error(" ".join(second), listing("words", first))
    assert there is not None
    assert back is not None
    if max(len(first), len(second)) <= 2 * min(len(first), len(second)):
        assert round(there * len(second)) == round(back * len(first))


# Monotonicity ------------------------------------------------------------------------------------


@given(
    st.sampled_from(["s", "bpm", "LUFS", "times"]), st.floats(-300, 300), st.floats(-300, 300),
    st.tuples(st.floats(0, 2), st.floats(0, 2)).map(sorted), st.sampled_from(["share", "unit"]),
    st.lists(st.floats(1, 300), max_size=2),
)  # fmt: skip
def test_a_looser_tolerance_never_refutes_what_a_tighter_one_passed(
    unit: str, target: float, said: float, tolerances: list[float], terms: str,
    undecided: list[float],
) -> None:  # fmt: skip
    tight, loose = tolerances
    answer = f"{said:.6f} {unit}"
    tighter = replace(
        number(target, unit, tight, relative=terms == "share"), undecided=tuple(undecided)
    )
    if passes(answer, tighter):
        assert passes(answer, replace(tighter, tolerance=loose))
    if judge(answer, replace(tighter, tolerance=loose)) is False:
        assert judge(answer, tighter) is False


@given(spans, spans, st.floats(0, 3), st.floats(0, 3))
def test_a_wider_collar_never_refutes_stretches_that_a_narrower_one_passed(
    wanted: list[tuple[float, float]], said: list[tuple[float, float]], one: float, other: float
) -> None:
    tight, loose = sorted((one, other))
    if passes(told(said), listing("overlaps", wanted, tight)):
        assert passes(told(said), listing("overlaps", wanted, loose))


@given(
    st.floats(20, 300), st.floats(0, 0.2), st.floats(0.21, 2), st.floats(0, 4), st.floats(0, 4),
    st.sampled_from(["above", "below"]),
)  # fmt: skip
def test_what_is_further_off_never_earns_more(
    target: float, tolerance: float, zero: float, one: float, other: float, side: str
) -> None:
    nearer, farther = sorted((one, other))
    check = replace(number(target, "bpm", tolerance, relative=True), zero_at=zero)
    said = [
        target * (1 + off) if side == "above" else target / (1 + off) for off in (nearer, farther)
    ]
    assert grade(f"{said[1]:.9f} bpm", check) <= grade(f"{said[0]:.9f} bpm", check)
    absolute = replace(number(target, "s", tolerance), zero_at=zero)
    said = [target + off if side == "above" else target - off for off in (nearer, farther)]
    assert grade(f"{said[1]:.9f} s", absolute) <= grade(f"{said[0]:.9f} s", absolute)


@given(tenths, st.floats(0, 3), st.floats(0, 3), st.floats(1, 9))
def test_a_stretch_that_is_moved_further_never_earns_more(
    start: float, one: float, other: float, length: float
) -> None:
    nearer, farther = sorted((one, other))
    check = listing("overlaps", [(start, start + length)], 0.25)
    grades = [
        grade(f"{start + by:.9f}-{start + length + by:.9f} s", check) for by in (nearer, farther)
    ]
    assert grades[1] <= grades[0]


@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=8, unique=True), st.data())
def test_a_word_more_that_is_wrong_never_earns_more(words: list[str], data: st.DataObject) -> None:
    wrong = data.draw(st.permutations(range(len(words))))
    check = listing("words", words)
    said, before = list(words), 1.0
    for place in wrong:
        said[place] = "zither"
        assert grade(" ".join(said), check) <= before
        before = grade(" ".join(said), check)
    assert before == 0.0


# Keys, by MIREX's score --------------------------------------------------------------------------


def test_keys_earn_by_how_they_relate() -> None:
    asked = text("A minor")
    fifth, relative, parallel, far = (
        grade(said, asked) for said in ("E minor", "C major", "A major", "D# major")
    )
    assert grade("Am", asked) == 1.0
    assert 1 > fifth > relative > parallel > far == 0.0
    assert grade("D minor", asked) == fifth


@given(keys, keys)
def test_a_key_earns_nothing_where_it_is_a_wrong_answer_or_no_nearer_than_one(
    target: str, wrong: str
) -> None:
    assume(target != wrong)
    off = error(wrong, text(target))
    assert off is not None
    check = replace(text(target), zero_at=off * (1 - 1e-9))
    for said in KEYS:
        assert (grade(said, check) > 0) == ((error(said, text(target)) or 0.0) < off)
    assert grade(target, check) == 1.0


def test_one_and_the_same_key_earns_on_average_what_a_guess_is_corrected_by() -> None:
    scores = [1 - (error("C major", text(key)) or 0.0) for key in KEYS]
    assert abs(sum(scores) / len(scores) - GUESS) < 1e-12


# Spelling and unit -------------------------------------------------------------------------------


@given(keys, keys)
def test_sharps_and_flats_are_one_note(target: str, said: str) -> None:
    tonic, mode = said.split()
    flat = FLATS.get(tonic, tonic)
    ways = [f"{name}{end}" for name in (tonic, flat) for end in (f" {mode}", f" {mode[:3]}")]
    ways += [way.replace("#", "♯") for way in ways]
    ways += [way.replace("#", " sharp") for way in ways if "#" in way]
    ways += [f"{flat[0]} flat {mode}", f"{flat[0]}♭ {mode}"] if len(flat) == 2 else []
    assert {judge(way, text(target)) for way in ways} == {judge(said, text(target))}
    assert {grade(way, text(target)) for way in ways} == {grade(said, text(target))}


@given(st.integers(0, 3599), st.integers(0, 3599))
def test_a_time_is_the_same_in_every_unit(target: int, said: int) -> None:
    check = replace(number(float(target), "s", 0.2), zero_at=5.0)
    minutes, seconds = divmod(said, 60)
    ways = [
        f"{said} s", f"{said} seconds", f"{said}s", f"{said * 1000} ms", f"{said}.0 sec",
        f"{minutes}:{seconds:02d}", f"{minutes:02d}:{seconds:02d}",
        f"0:{minutes:02d}:{seconds:02d}",
        f"{minutes} min {seconds} s", f"{minutes} minutes and {seconds} seconds",
        f"{minutes}m{seconds}s", f"{' '.join(spelt(said))} seconds",
    ]  # fmt: skip
    assert {grade(way, check) for way in ways} == {grade(f"{said} s", check)}
    assert judge(str(said), check) is None


@given(st.integers(0, 999), st.integers(0, 999))
def test_a_count_is_the_same_in_words_and_in_digits(target: int, said: int) -> None:
    check = number(float(target), "times")
    words = " ".join(spelt(said))
    ways = [str(said), f"{said} times", words, f"{words} times", words.title(), f"**{said}**",
            f"\\boxed{{{said}}}", f"{said} ({words})", f"{words} ({said})"]  # fmt: skip
    assert {judge(way, check) for way in ways} == {said == target}


@given(st.floats(30, 20_000))
def test_a_frequency_is_the_same_in_hertz_and_kilohertz(hertz: float) -> None:
    said = round(hertz)
    check = number(hertz, "Hz", 0.03, relative=True)
    assert judge(f"{said} Hz", check) == judge(f"{said / 1000} kHz", check)


# Round trips -------------------------------------------------------------------------------------

finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
items = st.builds(
    Item, label=plain, start_s=st.none() | finite, end_s=st.none() | finite
)  # fmt: skip
values = st.one_of(
    st.builds(Value, number=finite),
    st.builds(Value, text=plain),
    st.builds(Value, items=st.lists(items, max_size=4).map(tuple)),
)
checks = st.builds(
    Check,
    kind=st.sampled_from(["equals", "one_of", "within", "overlaps", "order", "set_match", "words"]),
    target=values, accepted=st.lists(plain, max_size=3).map(tuple), unit=plain, tolerance=finite,
    relative=st.booleans(), zero_at=st.none() | finite, source=plain,
    undecided=st.lists(finite, max_size=3).map(tuple),
)  # fmt: skip


def truth(check: Check) -> GroundTruth:
    ground = GroundCheck(
        id="c", property="tempo", subject="", audio=1, recording="r", span=None, exclusive=True,
        prior=0.1, need="required", state="known", check=check,
    )  # fmt: skip
    return GroundTruth(
        version=GROUND_TRUTH_VERSION, answer=None, choices=(), weights=Weights(), checks=(ground,)
    )


@given(checks)
def test_every_check_survives_the_json_of_a_ground_truth(check: Check) -> None:
    written = ground_truth.to_json(truth(check))
    read = ground_truth.from_json(written)
    assert read.checks[0].check == check
    assert ground_truth.to_json(read) == written
    assert json.loads(written)["checks"][0]["check"]["kind"] == check.kind


@given(checks)
def test_every_check_survives_the_codec(check: Check) -> None:
    assert from_json(Check, to_json(check)) == check
    assert from_row(Check, to_row(check)) == check


@settings(max_examples=40)
@given(st.lists(checks, min_size=1, max_size=20))
def test_every_check_survives_arrow_parquet_and_duckdb(
    tmp_path_factory: object, many: list[Check]
) -> None:
    frame = pl.DataFrame([to_row(check) for check in many], schema=polars_schema(Check))
    assert [from_row(Check, row) for row in frame.to_dicts()] == many
    folder: Path = tmp_path_factory.mktemp("checks")  # type: ignore[attr-defined]
    frame.write_parquet(folder / "checks.parquet")
    read = pl.read_parquet(folder / "checks.parquet")
    assert [from_row(Check, row) for row in read.to_dicts()] == many
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute("CREATE TABLE kept AS SELECT row_number() OVER () AS n, * FROM frame")
        kept = connection.execute("SELECT * EXCLUDE (n) FROM kept ORDER BY n")
        names = [str(column[0]) for column in kept.description or ()]
        stored = [dict(zip(names, row, strict=True)) for row in kept.fetchall()]
    assert [from_row(Check, row) for row in stored] == many


@given(checks, plain)
def test_a_check_judges_the_same_after_a_round_trip(check: Check, answer: str) -> None:
    again = ground_truth.from_json(ground_truth.to_json(truth(check))).checks[0].check
    assert again is not None
    assert judge(answer, again) == judge(answer, check)
    assert grade(answer, again) == grade(answer, check)
    assert (grade(answer, check) == 1.0) == passes(answer, check)
