"""A fixed-seed part of `python -m benchmarks.reward_attack`, which tries far more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks import reward_attack
from benchmarks.attacks import Attack
from benchmarks.material import Sample, samples, written
from benchmarks.wordings import Reworded
from schemas import GROUND_TRUTH_VERSION, VOCABULARY
from synth.completion import parse
from synth.reward import score

if TYPE_CHECKING:
    from benchmarks.reward_attack import Tally

STEP = 23


@pytest.fixture(scope="module")
def sampled() -> list[Sample]:
    return list(samples(reward_attack.MADE, reward_attack.SEED))


@pytest.fixture(scope="module")
def tallies(sampled: list[Sample]) -> tuple[Tally, Tally]:
    return reward_attack.tally(sampled, seed=1, step=STEP)


def test_no_wrong_completion_is_accepted(tallies: tuple[Tally, Tally]) -> None:
    fooled, _ = tallies
    assert fooled.tried.total() > 6_000
    assert fooled.failed == {}


def test_fewer_than_one_in_two_hundred_right_completions_is_rejected(
    tallies: tuple[Tally, Tally],
) -> None:
    _, unjust = tallies
    assert unjust.tried.total() > 800
    assert unjust.failures() < 0.005 * unjust.tried.total(), unjust.failed


def test_every_property_of_the_vocabulary_is_attacked(sampled: list[Sample]) -> None:
    attacked = {slot.told.check.property for sample in sampled for slot in sample.slots}
    assert attacked == {row.name for row in VOCABULARY}
    kinds = {
        slot.told.check.check.kind for one in sampled for slot in one.slots if slot.told.check.check
    }
    assert kinds == {row.check for row in VOCABULARY}


def test_what_is_attacked_is_right_and_keeps_the_format(sampled: list[Sample]) -> None:
    for sample in sampled:
        assert sample.truth.version == GROUND_TRUTH_VERSION
        assert parse(sample.completion).problems == ()
        assert score(sample.completion, sample.ground).total == pytest.approx(1.0), (
            sample.completion
        )
    assert sum(sample.completion != written(sample.told, sample.truth.answer or "")
               for sample in sampled) > 5, "none was written by the recorded teacher"  # fmt: skip


def test_the_attack_notices_what_should_not_be(sampled: list[Sample]) -> None:
    sample = sampled[0]
    right, slot = sample.completion, sample.slots[0]
    harmless = Attack(kind="", sample=sample, text=right, change="", place=slot.start)
    assert reward_attack.accepted(harmless) == (0.0, "supported: ")
    no_worse = Attack(kind="", sample=sample, text=right, change="", level="total")
    assert reward_attack.accepted(no_worse) == (0.0, "1.000 -> 1.000: ")
    talk = Attack(kind="", sample=sample, text=right, change="", level="total", must="not_rise")
    assert reward_attack.accepted(talk) is None
    answered = Attack(kind="", sample=sample, text=right, change="", level="answer")
    assert reward_attack.accepted(answered) == (0.0, "counts: ")
    spoilt = right[: slot.start] + "unknown" + right[slot.end :]
    lost = reward_attack.rejected(
        Reworded(kind="", sample=sample, text=spoilt, change="", place=slot.start)
    )
    assert lost is not None
    assert lost[1] == "unverifiable: "


def test_the_benchmark_ends_with_its_figures_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["reward_attack", "--made", "2", "--step", "61"])
    reward_attack.main()
    lines = capsys.readouterr().out.splitlines()
    figures = json.loads(lines[-1])
    assert figures["wrong"] > figures["right"] > 0
    assert set(figures) >= {"false_accept", "false_reject"}
    assert lines[0].split() == ["wrong", "completions", "tried", "failed"]
