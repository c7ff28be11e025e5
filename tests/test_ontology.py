from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from synth import models, ontology

ROOT = Path(__file__).resolve().parents[1]


def test_the_tree_is_whole() -> None:
    roots = {name.casefold() for name in _classes() if not ontology.ancestors(name)}
    assert len(_classes()) == 632
    assert roots == {
        "human sounds", "animal", "music", "natural sounds", "sounds of things",
        "source-ambiguous sounds", "channel, environment and background",
    }  # fmt: skip


@pytest.mark.weights
def test_every_class_of_yamnet_is_known() -> None:
    with (models.path("yamnet") / "yamnet_class_map.csv").open(encoding="utf-8") as rows:
        told = [row["display_name"] for row in csv.DictReader(rows)]
    assert len(told) == 521
    assert [name for name in told if not ontology.known(name)] == []


def test_a_bark_is_a_dog_and_an_animal() -> None:
    assert ontology.is_a("Bark", "dog")
    assert ontology.is_a("bark", "Animal")
    assert ontology.is_a("dog", "dog")
    assert not ontology.is_a("dog", "bark")
    assert not ontology.is_a("no such sound", "no such sound")
    assert "bark" in ontology.descendants("animal")


def test_what_has_several_parents_entails_only_what_all_share() -> None:
    assert ontology.entailed("growling") == {"growling", "animal"}
    assert ontology.entailed("moo") >= {"cattle, bovinae", "animal"}
    assert ontology.entailed("no such sound") == frozenset()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("moo", "moo"),
        ("Dogs", "dog"),
        ("the gunfire", "gunshot, gunfire"),
        ("rooster", "chicken, rooster"),
        ("lion", "roaring cats (lions, tigers)"),
        ("ambulance", "ambulance (siren)"),
        ("restaurant chatter", "chatter"),
        ("dog barking", "bark"),
        ("water dripping", "drip"),
        ("car door", "door"),
        ("whale vocalization", "whale vocalization"),
        ("maracas", "maraca"),
        ("baby crying", "crying, sobbing"),
        ("man whispering", "whispering"),
        ("coughing", "cough"),
        ("electric guitar", "electric guitar"),
    ],
)
def test_free_text_names_a_class(text: str, name: str) -> None:
    assert ontology.matching(text) == {name}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pig grunting",
        "monkey screaming",
        "dog whimper",
        "elephant",
        "sea lion",
        "whale song",
        "phone ringing",
        "inside",
        "strings",
        "?",
    ],
)
def test_what_is_not_sure_names_nothing(text: str) -> None:
    assert ontology.matching(text) == frozenset()


def test_the_table_is_made_from_the_ontology(tmp_path: Path) -> None:
    parents = _classes()
    upstream = [
        {"id": f"/m/{place}", "name": name,
         "child_ids": [f"/m/{at}" for at, below in enumerate(parents) if name in parents[below]]}
        for place, name in enumerate(parents)
    ]  # fmt: skip
    told = tmp_path / "ontology.json"
    told.write_text(json.dumps(upstream), encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "tools/ontology_table.py", str(told), "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "as the ontology says" in checked.stdout, checked.stderr


def _classes() -> dict[str, list[str]]:
    table = ROOT / "synth" / "audioset_ontology.csv"
    with table.open(encoding="utf-8") as rows:
        return {row["name"]: row["parents"].split("|") for row in csv.DictReader(rows)}
