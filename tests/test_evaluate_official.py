"""The official rule, and where it parts from ours, on every question of MMAU and MMAR."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from synth.choices import choice_of
from synth.official import string_match
from synth.question_files import choices_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def rows(shared: Path, name: str) -> list[dict[str, Any]]:
    folder = shared / "benchmarks" / name
    if name == "mmau":
        found: list[dict[str, Any]] = json.loads(
            (folder / "mmau-test-mini.json").read_text("utf-8")
        )
        return found
    lines = (folder / "MMAR-meta.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def wrong_choices(found: list[dict[str, Any]]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for row in found:
        choices = choices_in(row["choices"])
        gold = choice_of(row["answer"], choices)
        for at, choice in enumerate(choices):
            if choice_of(choice, choices) not in {None, gold} and at != gold:
                yield row["answer"], choice, choices


@pytest.mark.parametrize(
    ("answer", "prediction", "choices", "said"),
    [
        ("120 bpm", "It is not 120 bpm", ("120 bpm", "90 bpm"), True),
        ("120 bpm", "120.4 bpm", ("120 bpm", "90 bpm"), True),
        ("A minor", "a minor detail, cannot tell", ("A minor", "C major"), True),
        ("Dog barking", "barking dog", ("Dog barking", "Cat"), True),
        ("", "anything", ("yes", "no"), True),
        ("", "yes", ("yes", "no"), False),
        ("120 bpm", "90 is too slow so 120 bpm", ("120 bpm", "90 bpm"), False),
        ("cat", "A", ("cat", "dog"), False),
        ("two", "2", ("two", "three"), False),
        ("yes", "There is no doubt: yes", ("yes", "no"), False),
        ("yes", "", ("yes", "no"), False),
        ("yes", "?!", ("yes", "no"), False),
    ],
)
def test_the_official_rule_is_kept_with_its_defects(
    answer: str, prediction: str, choices: tuple[str, ...], *, said: bool
) -> None:
    assert string_match(answer, prediction, choices) is said


@pytest.mark.parametrize(("name", "lettered"), [("mmau", 33), ("mmar", 15)])
def test_gold_with_its_letter_is_wrong_where_the_letter_is_a_word_of_another_choice(
    name: str, lettered: int, shared: Path
) -> None:
    missed = 0
    for row in rows(shared, name):
        choices = choices_in(row["choices"])
        gold = choice_of(row["answer"], choices)
        assert gold is not None
        said = f"({'ABCDEFGH'[gold]}) {row['answer']}"
        assert string_match(row["answer"], row["answer"], row["choices"])
        assert choice_of(said, choices) == gold
        missed += not string_match(row["answer"], said, row["choices"])
    assert missed == lettered


@pytest.mark.parametrize(("name", "blind"), [("mmau", 12), ("mmar", 28)])
def test_wrong_choices_that_the_official_rule_takes_for_right_are_wrong_by_ours(
    name: str, blind: int, shared: Path
) -> None:
    taken = [
        (answer, choice)
        for answer, choice, choices in wrong_choices(rows(shared, name))
        if string_match(answer, choice, choices)
    ]
    assert len(taken) == blind
