"""What the documentation says is what the code does."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import schemas
from schemas import Weights
from synth.completion import parse
from synth.exporting import policy_prompt
from synth.filters import SUBQUESTION_FILTERS, TRAJECTORY_FILTERS
from synth.reward import Score
from synth.set_filters import OPTIONAL, used

ROOT = Path(__file__).resolve().parents[1]


def _example(text: str) -> str:
    return text[text.index("<perception>") : text.index("</answer>") + len("</answer>")]


@pytest.mark.parametrize("tool_name", ["schema_docs.py", "threshold_docs.py"])
def test_the_generated_pages_are_up_to_date(tool_name: str) -> None:
    tool = [sys.executable, str(ROOT / "tools" / tool_name), "--check"]

    done = subprocess.run(tool, check=False, capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_page_names_every_noun_and_field() -> None:
    page = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    nouns = {
        name: noun
        for name in schemas.__all__
        if dataclasses.is_dataclass(noun := getattr(schemas, name))
    }

    assert set(nouns) == set(sections)
    for name, noun in nouns.items():
        documented = re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE)
        assert documented == [field.name for field in dataclasses.fields(noun)]


def test_the_schema_page_names_every_property() -> None:
    page = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")

    assert all(f"| `{one.name}`" in page for one in schemas.VOCABULARY)


def test_the_example_of_the_completion_format_keeps_it() -> None:
    page = (ROOT / "docs" / "completion-format.md").read_text(encoding="utf-8")

    read = parse(_example(page))

    assert read.problems == ()
    assert read.answer == "A conversation that one person leaves"
    assert [one.of for one in read.observes] == ["", "door slam", ""]
    assert all(schemas.property_named(one.property) for one in read.observes)


def test_what_a_policy_is_told_keeps_the_format() -> None:
    told = policy_prompt("How fast is it?", ("90 bpm", "120 bpm"))

    assert parse(_example(told)).problems == ()
    assert all(one.name in told for one in schemas.VOCABULARY)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#([^)]*))?\)", page.read_text(encoding="utf-8"))

    for target, anchor in targets:
        text = (page.parent / target).read_text(encoding="utf-8")
        heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        assert not anchor or anchor in {head.lower().replace(" ", "-") for head in heads}


def test_the_filters_page_names_every_filter_and_every_kind_of_pair() -> None:
    page = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")
    of_records = (*TRAJECTORY_FILTERS, *SUBQUESTION_FILTERS)
    names = {one.__name__ for one in of_records} | {name for _, name in used(OPTIONAL)}

    assert all(f"`{name}`" in page for name in names)
    optional = set(re.findall(r"\| `(\w+)` \|[^|]*\| if asked", page))
    assert optional == set(OPTIONAL)
    assert all(f"| `{kind}` |" in page for kind in get_args(schemas.Contrast))


def test_the_reward_page_tells_every_part_with_its_weight() -> None:
    page = (ROOT / "docs" / "reward.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", page, re.MULTILINE))
    assert told == {name: str(weight) for name, weight in dataclasses.asdict(Weights()).items()}
    assert Score._fields == ("total", *told)
