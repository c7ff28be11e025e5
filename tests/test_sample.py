"""The bundled benchmark: complete, honest about its sources, and rebuilt from them."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from schemas import Edit
from synth.benchmarks import sample
from synth.benchmarks.sample import SAMPLE
from synth.questions import Row

TOOL = Path(__file__).resolve().parents[1] / "tools" / "make_sample.py"
MMAU_KEYS = {
    "id",
    "audio_id",
    "question",
    "choices",
    "answer",
    "dataset",
    "task",
    "split",
    "category",
    "sub-category",
    "difficulty",
}


def keep(_content: bytes, _suffix: str) -> Path:
    pytest.fail("the bundled recordings are files")


def rows() -> dict[str, Row]:
    read = list(sample.read(None, keep))
    assert all(isinstance(row, Row) for row in read), read
    return {row.question.source_id: row for row in read if isinstance(row, Row)}


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


def questions() -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads((SAMPLE / "sample.json").read_text("utf-8"))
    return content


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("make_sample", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_as_large_as_promised_and_in_mmau_s_own_format() -> None:
    asked = questions()
    assert len(asked) >= 26
    assert 12 <= len({row["audio_id"] for row in asked}) <= 20
    assert all(set(row) == MMAU_KEYS for row in asked)
    assert {row["task"] for row in asked} == {"music", "sound", "speech"}
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*")) < 6_000_000


def test_every_recording_is_asked_about_and_described_by_its_hash() -> None:
    described = {row["path"]: row for row in lines("recordings.jsonl")}
    assert {row["audio_id"].removeprefix("./") for row in questions()} == set(described)
    assert {f"audio/{path.name}" for path in (SAMPLE / "audio").iterdir()} == set(described)
    for path, row in described.items():
        assert hashlib.sha256((SAMPLE / path).read_bytes()).hexdigest() == row["sha256"]
        assert row["attribution"]
        assert row["licence"] in {"CC0-1.0", "public domain", "CC0-1.0 and public domain"}


def test_every_clip_says_who_made_it_and_why_it_may_be_shipped() -> None:
    written = (SAMPLE / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for row in lines("sources.jsonl"):
        assert hashlib.sha256((SAMPLE / row["path"]).read_bytes()).hexdigest() == row["sha256"]
        assert row["licence"] in {"CC0-1.0", "public domain"}
        for part in (row["path"], row["attribution"], row["origin"], row["evidence"]):
            assert part in written


def test_every_gold_answer_cites_where_it_comes_from() -> None:
    cited = {row["id"]: row["source"] for row in lines("gold_sources.jsonl")}
    assert set(cited) == {row["id"] for row in questions()}
    assert all("label" in source or "by construction" in source for source in cited.values())


def test_the_right_choice_stands_at_no_favourite_place() -> None:
    places = Counter(row["choices"].index(row["answer"]) for row in questions())
    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) <= len(questions()) * 0.3


def test_a_made_recording_brings_the_edit_that_made_it() -> None:
    read = rows()
    edit = read["crow-count"].sources[0].edit
    assert isinstance(edit, Edit)
    assert edit.name == "arrange"
    assert read["key-em9"].sources[0].edit is None


def events(row: Row) -> list[tuple[str, float]]:
    (source,) = row.sources
    assert source.edit is not None
    (value,) = [one.value for one in source.edit.truths if one.property == "event"]
    assert value is not None
    assert value.items is not None
    return [(item.label, item.start_s or 0.0) for item in value.items]


COUNTED = {
    "crow-count": "crow",
    "after-door-count": "crow",
    "door-count": "door",
    "cowbell-count": "cowbell",
    "last-drum-count": "snare drum",
    "doors-after-speech": "door",
}


@pytest.mark.parametrize(("source_id", "label"), COUNTED.items())
def test_counts_in_gold_are_those_of_the_clips_placed(source_id: str, label: str) -> None:
    row = rows()[source_id]
    count = sum(heard == label for heard, _ in events(row))
    assert row.question.answer == str(count)
    assert label in " ".join([row.question.text, *row.question.choices])


@pytest.mark.parametrize("source_id", ["order-door-crow-till", "order-bell-burp"])
def test_orders_in_gold_are_those_of_the_clips_placed(source_id: str) -> None:
    row = rows()[source_id]
    first = dict.fromkeys(label for label, _ in events(row))
    assert row.question.answer == ", ".join(first)


@pytest.mark.parametrize(
    ("source_id", "label"), [("door-onset", "door"), ("till-onset", "cash register")]
)
def test_seconds_in_gold_are_those_of_the_clips_placed(source_id: str, label: str) -> None:
    row = rows()[source_id]
    start = dict(reversed(events(row)))[label]
    assert row.question.answer == f"at about {start:.0f} seconds"


@pytest.mark.parametrize("source_id", ["second-turn-words", "between-bell-and-till"])
def test_words_in_gold_are_part_of_those_spoken(source_id: str) -> None:
    row = rows()[source_id]
    (edit,) = [source.edit for source in row.sources]
    assert edit is not None
    (value,) = [one.value for one in edit.truths if one.property == "words"]
    assert value is not None
    spoken = " ".join(item.label for item in value.items or ())
    assert (row.question.answer or "?") in spoken


def test_the_tool_rebuilds_every_made_recording_from_its_sources(tool: Any) -> None:
    described = {row["path"]: row for row in lines("recordings.jsonl")}
    plans = tool.plans()
    assert set(plans) == {path for path, row in described.items() if row["edit"] is not None}
    for path, plan in plans.items():
        rebuilt = tool.built(plan)
        bundled, rate = soundfile.read(SAMPLE / path, dtype="float32", always_2d=True)
        assert rate == rebuilt.sample_rate_hz
        # One step of 16 bits: another processor may round a resampled clip otherwise.
        assert np.abs(bundled.T - rebuilt.samples).max() <= 1 / tool.FULL_SCALE
        assert json.loads(json.dumps(tool.asdict(rebuilt.edit))) == described[path]["edit"]


def test_what_the_tool_writes_is_what_is_bundled(tool: Any) -> None:
    known = tool.sources()
    assert tool.attribution(known) == (SAMPLE / "ATTRIBUTION.md").read_text(encoding="utf-8")
    plain = [row for row in lines("recordings.jsonl") if row["edit"] is None]
    assert plain == [tool.recording(row["path"], (row["path"],), None) for row in plain]


def test_every_recording_comes_with_its_licence_and_whom_to_name() -> None:
    for row in rows().values():
        assert row.sources[0].licence
        assert row.sources[0].attribution
