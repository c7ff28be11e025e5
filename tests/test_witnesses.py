"""The page on witnesses names every witness of every property that an instrument measures."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from synth.plugins import load, names

PAGE = Path(__file__).resolve().parents[1] / "docs" / "witnesses.md"
ALONE = {"samples", "channels", "quietest"}
"""what the page calls "one each" """


def witnesses_by_property() -> dict[str, set[str]]:
    rows = [line.split("|") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    named: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name in re.findall(r"\b[a-z_]+\b", row[1] if len(row) > 3 else ""):
            named[name] |= set(re.findall(r"`([\w-]+)`", row[2])) | ALONE
    return named


@pytest.mark.parametrize("extractor", [name for name in names("extractors") if name != "listener"])
def test_the_page_names_each_property_with_all_of_its_witnesses(extractor: str) -> None:
    named, module = witnesses_by_property(), load("extractors", extractor)

    for measured in module.PROPERTIES:
        assert module.WITNESS in named[measured], (measured, module.WITNESS)
