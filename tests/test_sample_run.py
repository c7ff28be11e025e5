"""The main job on the bundled recordings: real extractors, a recorded teacher, what people see."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import soundfile

from flows import show
from flows.evaluate import evaluate
from flows.export import export
from flows.instruments import FREE
from flows.pipeline import pipeline
from flows.plan import Plan
from schemas import Extraction, Fact, Observation, Question, Subquestion, Trajectory
from synth.benchmarks.sample import SAMPLE
from synth.checks import judge
from synth.reward import score
from synth.truth import is_truth
from warehouse import shards
from warehouse.home import Home
from warehouse.query import named, query

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.weights, pytest.mark.slow]

REPLIES = Path(__file__).parent / "replies" / "sample.jsonl"
README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("sample") / "home"
    pipeline(Plan(benchmark="sample", home=str(folder), teacher=f"replay:{REPLIES}"))
    return folder


@pytest.fixture(scope="module")
def exported(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("exported") / "sample"
    export("huggingface", out, home, benchmark="sample")
    return out


def labels() -> dict[str, dict[str, object]]:
    lines = (SAMPLE / "recordings.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["sha256"]: row["labels"] for row in map(json.loads, lines)}


def truths(home: Path, name: str) -> Iterator[tuple[Fact, dict[str, object]]]:
    known = labels()
    for fact in shards.read(Home(home), Fact):
        if fact.property == name and fact.state == "known" and is_truth(fact):
            yield fact, known[fact.recording]


def test_every_tempo_that_counts_as_truth_is_the_labelled_one(home: Path) -> None:
    found = [(fact, of["tempo_bpm"]) for fact, of in truths(home, "tempo") if "tempo_bpm" in of]
    assert len(found) >= 2
    for fact, labelled in found:
        assert fact.tier == "corroborated"
        assert fact.value is not None
        assert fact.value.number == pytest.approx(labelled, rel=0.04)


def test_no_key_that_counts_as_truth_is_wrong(home: Path) -> None:
    for fact, of in truths(home, "key"):
        if "key" in of and not of.get("key_tonic_only"):
            assert fact.value is not None
            assert fact.value.text == of["key"]


def test_every_extractor_measured_something_or_says_why_not_and_none_failed(home: Path) -> None:
    looked = shards.read(Home(home), Extraction)
    assert {one.extractor for one in looked} == set(FREE.names())
    assert not [one for one in looked if one.outcome == "failed"]
    assert all(one.reason for one in looked if one.outcome == "abstained")
    measured = {one.extractor for one in looked if one.outcome == "measured"}
    assert len(measured) > 0.9 * len(FREE.names())
    assert {one.extractor for one in shards.read(Home(home), Observation)} == measured


def test_every_subquestion_is_bound_to_a_truth_and_its_distractors_are_wrong(home: Path) -> None:
    facts = {one.id: one for one in shards.read(Home(home), Fact)}
    asked = shards.read(Home(home), Subquestion)
    assert len(asked) >= 30
    for one in asked:
        assert is_truth(facts[one.fact])
        assert judge(one.answer, one.check) is True
        assert all(judge(wrong, one.check) is False for wrong in one.distractors)


def test_what_is_kept_reaches_gold_and_nothing_it_says_is_refuted(home: Path) -> None:
    gold = {one.id: one.answer for one in shards.read(Home(home), Question)}
    kept = [one for one in shards.read(Home(home), Trajectory) if one.kept]
    assert len(kept) >= 5
    assert all(one.answer == gold[one.question] for one in kept)
    sql = (
        "SELECT count(*) FROM verdicts v JOIN claims c ON v.claim = c.id"
        " JOIN trajectories t ON c.trajectory = t.id WHERE t.kept AND v.judgement = 'refuted'"
    )
    assert query(Home(home), sql).rows == ((0,),)


def test_every_question_is_accounted_for(home: Path) -> None:
    sql = (
        "SELECT count(*) FROM questions q WHERE NOT EXISTS"
        " (SELECT 1 FROM subquestions s WHERE s.question = q.id) AND NOT EXISTS"
        " (SELECT 1 FROM rejections r WHERE r.question = q.id)"
    )
    assert query(Home(home), sql).rows == ((0,),)
    table = named(Home(home), "yield")
    filters = {row[table.columns.index("filter")] for row in table.rows}
    assert "no_fact_of_use" in filters


def test_the_export_loads_as_audio_and_its_rewards_tell_right_from_wrong(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    load = {"split": "train", "cache_dir": str(tmp_path)}
    rl = datasets.load_dataset(str(exported), "rl", **load)
    assert isinstance(rl.features["audio"], datasets.Audio)
    rl = rl.cast_column("audio", datasets.Audio(decode=False))
    rl = rl.cast_column("more_audio", datasets.List(datasets.Audio(decode=False)))
    for row in rl:
        samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]))
        assert len(samples) > rate / 2
    truths = {row["question_id"]: row["ground_truth"] for row in rl}
    sft = datasets.load_dataset(str(exported), "sft", **load).remove_columns(
        ["audio", "more_audio"]
    )
    for row in sft:
        truth = truths[row["question_id"]]
        right = score(row["completion"], truth)
        assert (right.format, right.answer) == (1.0, 1.0)
        wrong = next(one for one in json.loads(truth)["choices"] if one != row["answer"])
        spoilt = re.sub("<answer>.*</answer>", f"<answer>{wrong}</answer>", row["completion"])
        assert score(spoilt, truth).total < right.total


def test_each_kept_trajectory_is_paired_with_what_earns_less(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    def load(config: str) -> datasets.Dataset:
        whole = datasets.load_dataset(str(exported), config, split="train", cache_dir=str(tmp_path))
        return whole.remove_columns(["audio", "more_audio"])

    truths = {row["question_id"]: row["ground_truth"] for row in load("rl")}
    pairs = list(load("preference"))
    kinds = {"omitted", "false_identity", "temporal_relation", "quantity"}
    assert {row["kind"] for row in pairs} == kinds
    assert {row["trajectory"] for row in pairs} == {row["id"] for row in load("sft")}
    for row in pairs:
        truth = truths[row["question_id"]]
        assert score(row["chosen"], truth).total > score(row["rejected"], truth).total


def test_evaluating_the_recorded_trajectories_finds_what_the_run_found(
    home: Path, tmp_path: Path
) -> None:
    written = shards.read(Home(home), Trajectory)
    responses = tmp_path / "responses.jsonl"
    lines = [{"question": one.question, "completion": one.completion} for one in written]
    responses.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    gold = {one.id: one.answer for one in shards.read(Home(home), Question)}
    right = sum(one.answer == gold[one.question] for one in written)
    found = evaluate(responses, home).report
    assert found.accuracy[0].ours.value == right / len(written)
    as_written, tags_off = found.perception
    assert (as_written.hallucinated, as_written.missed) == (0, 0)
    assert as_written.matched >= as_written.required >= 30
    assert tags_off.matched > 0
    assert tags_off.hallucinated == 0
    assert found.teaching.without_nontrivial < found.teaching.questions


def test_the_readme_shows_what_trace_prints(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = README.read_text(encoding="utf-8")
    shown = re.search(r"`synth trace (\S+)` prints:\n\n```\n(.*?)\n```", readme, re.DOTALL)
    assert shown
    show.trace(home, shown[1])
    printed = "\n".join(line.rstrip() for line in capsys.readouterr().out.strip().splitlines())
    assert _measured(printed) == _measured(shown[2])


def _measured(text: str) -> str:
    """Leave out the sounds that a network hears: near its threshold, CPUs round apart."""
    lines = text.splitlines()
    return "\n".join(one for one in lines if not one.startswith(("  event ", "  instrument ")))
