"""The accuracy table: from facts and labels, and by the command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.accuracy_page import Told, page
from schemas import Fact, Item, Observation, Tier, Value
from synth.accuracy import Clip, Row, Table, read_clip, table, two_witnesses
from synth.labels import read_labels
from synth.truth import interval, lower_bound

SAMPLES = Path(__file__).resolve().parents[1] / "synth" / "benchmarks" / "sample_files" / "audio"
BOTH = frozenset(("tempo", "presence", "words"))


def fact(name: str, value: Value | None, tier: Tier = "corroborated", subject: str = "") -> Fact:
    return Fact(
        id="fact", recording="", property=name, subject=subject, span=None,
        state="known" if value else "absent", value=value, margin=None, tier=tier,
        witnesses=("one", "other"), observations=(), version="1",
    )  # fmt: skip


def seen(name: str, value: Value, witness: str, subject: str = "") -> Observation:
    return Observation(
        id=witness, recording="", property=name, subject=subject, span=None, value=value,
        confidence=0.5, extractor=witness, version="1", witness=witness,
    )  # fmt: skip


def clip(name: str, facts: tuple[Fact, ...], *observations: Observation, **labels: Any) -> Clip:
    return Clip(path=f"{name}.wav", recording=name, labels=read_labels({"labels": labels}),
                facts=facts, observations=observations)  # fmt: skip


def bpm(number: float) -> Value:
    return Value(number=number)


def words(text: str) -> Value:
    return Value(items=tuple(Item(label=word) for word in text.split()))


def row(found: Table, name: str) -> Row:
    return next(one for one in found.rows if one.property == name)


def test_precision_and_coverage_are_of_labelled_clips() -> None:
    clips = [
        clip("right", (fact("tempo", bpm(120.0)),), tempo_bpm=120),
        clip("wrong", (fact("tempo", bpm(100.0)),), tempo_bpm=120),
        clip("single", (fact("tempo", bpm(90.0), "single"),), tempo_bpm=90),
        clip("nothing", (), tempo_bpm=90),
        clip("not labelled", (fact("tempo", bpm(1.0)),), events=["dog"]),
    ]
    found = table(clips, BOTH)
    tempo = row(found, "tempo")
    assert (tempo.labelled, tempo.coverage) == (4, 0.5)
    assert tempo.tiers["corroborated"].n == 2
    assert tempo.tiers["corroborated"].precision == 0.5
    assert tempo.tiers["single"].precision == 1.0
    assert [one.path for one in tempo.errors] == ["wrong.wav"]
    assert found.overall.n == 2


def test_overall_counts_only_what_two_witnesses_measure_and_each_fact_once() -> None:
    clips = [
        clip("read", (fact("words", words("one two three nine")),), transcript="one two three"),
        clip("tune", (fact("tempo", bpm(120.0)),), tempo_bpm=120),
        clip("key", (fact("key", Value(text="C major")),), key="A minor"),
    ]
    found = table(clips, BOTH)
    assert found.overall.n == 2
    assert found.overall.precision == pytest.approx((3 / 4 + 1) / 2)
    assert row(found, "words").tiers["corroborated"].n == 4
    assert not row(found, "key").two_witnesses
    assert found.labelled == 2
    assert found.coverage == 1.0


def test_two_witnesses_are_two_groups_or_a_corroborated_fact() -> None:
    pytest.importorskip("essentia")
    confirmed = clip("said", (fact("language", Value(text="english")),))
    silent = clip("silent", (fact("speaker_count", None),))
    extractors = ("tempo_librosa", "tempo_essentia", "words_faster_whisper", "speakers_campplus")
    assert "tempo" in two_witnesses(extractors, [])
    assert "tempo" not in two_witnesses(extractors[:1], [])
    assert "language" not in two_witnesses(extractors, [])
    assert "language" in two_witnesses(extractors, [confirmed])
    assert "speaker_count" not in two_witnesses(extractors, [silent])


def test_a_property_that_nothing_measures_stands_in_the_table() -> None:
    found = table([clip("song", (), genre="rock", tempo_bpm=90)], BOTH)
    genre = row(found, "genre")
    assert (genre.labelled, genre.coverage, dict(genre.tiers)) == (1, 0.0, {})
    assert found.overall.precision is None
    assert found.coverage == 0.0


def test_presence_is_asked_of_what_two_witnesses_tell() -> None:
    yes = Value(text="yes")
    heard = [seen("presence", yes, one, "speech") for one in ("one", "other")]
    clips = [
        clip("voice", (fact("presence", yes, subject="speech"),), *heard, transcript="hello"),
        clip("deaf", (fact("presence", None, subject="speech"),), transcript="hello"),
        clip("cow", (), events=["moo"]),
    ]
    presence = row(table(clips, BOTH), "presence")
    assert presence.labelled == 2
    assert presence.tiers["corroborated"].precision == 0.5
    assert presence.errors[0].said == "absent"


def test_claims_that_no_label_judges_are_listed_and_not_counted() -> None:
    told = Value(items=(Item(label="dog"), Item(label="car")))
    found = table([clip("bark", (fact("event", told, "single"),), events=["bark"])], BOTH)
    event = row(found, "event")
    assert event.tiers["single"].n == 1
    assert event.unjudged == {"car": 1}
    assert event.metrics["unjudged"] == 1
    assert "car (1)" in page(found, Told())


def test_metrics_are_of_single_extractors() -> None:
    clips = [
        clip("half", (), seen("tempo", bpm(60.0), "a"), seen("tempo", bpm(120.0), "b"),
             tempo_bpm=120),
        clip("right", (), seen("tempo", bpm(90.0), "a"), tempo_bpm=90),
        clip("count", (), seen("speaker_count", bpm(3.0), "a"), num_speakers=2),
    ]  # fmt: skip
    found = table(clips, BOTH)
    assert row(found, "tempo").metrics["accuracy1_by_extractor"] == {
        "a": {"value": 0.5, "clips": 2}, "b": {"value": 1.0, "clips": 1},
    }  # fmt: skip
    assert row(found, "tempo").metrics["accuracy2"] == 1.0
    half = table([clip("half", (fact("tempo", bpm(60.0)),), tempo_bpm=120)], BOTH)
    assert row(half, "tempo").metrics["corroborated_accuracy1"] == {"value": 0.0, "clips": 1}
    assert row(found, "speaker_count").metrics["exact"] == 0.0
    assert row(found, "speaker_count").metrics["mean_absolute_error"] == 1.0


def test_word_error_rate_is_after_whispers_normalizer() -> None:
    pytest.importorskip("whisper.normalizers")
    spoken = seen("words", words("mr smith has fifty five"), "a")
    told = {"transcript": "Mister Smith had 55", "language": "en", "num_speakers": 1}
    metrics = row(table([clip("said", (), spoken, **told)], BOTH), "words").metrics
    assert metrics["wer"] == pytest.approx(1 / 4)
    assert metrics["wer_by_language"] == {"a": {"english": {"value": 0.25, "clips": 1}}}


def test_a_label_without_a_fact_is_a_reading_too() -> None:
    readings = read_clip(clip("nothing", (), tempo_bpm=90))
    assert [(one.property, one.subject, one.tier) for one in readings] == [
        ("tempo", "", None), ("presence", "music", None),
    ]  # fmt: skip


def test_the_page_names_the_worst_errors_by_clip() -> None:
    clips = [
        clip(f"off-{by}", (fact("tempo", bpm(120.0 * by)),), tempo_bpm=120)
        for by in (1.1, 1.5, 1.2)
    ]
    told = page(table(clips, BOTH), Told(
        unknown={"mood": "is not known"}, problems=("x.wav: there is no such file",),
        instruments=("tempo_one 1",),
    ))  # fmt: skip
    assert told.index("off-1.5.wav") < told.index("off-1.1.wav")
    assert "0.000 [0.00, 0.56] of 3" in told
    assert "label `mood`: is not known" in told
    assert "x.wav: there is no such file" in told


def test_intervals_are_wilsons() -> None:
    low, high = interval(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert interval(10, 10)[1] == pytest.approx(1.0)
    assert lower_bound(8, 10) == low
    with pytest.raises(ValueError, match="expected 0 <= right <= total"):
        interval(3, 2)


# The command -------------------------------------------------------------------------------------


def synth(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", "accuracy", *arguments],
        capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip


def written(folder: Path, lines: list[object]) -> Path:
    manifest = folder / "manifest.jsonl"
    told = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    manifest.write_text("\n".join(told), encoding="utf-8")
    return manifest


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "empty"),
        ([{"path": "none.wav", "labels": {"key": "E minor"}}], "none.wav: there is no such file"),
        ([{"path": "../up.wav", "labels": {"key": "E minor"}}], "leads out of the root"),
        ([{"path": "m.txt", "labels": {}}], "m.txt: has no labels"),
        ([{"path": "m.txt", "labels": {"tempo_bpm": "fast"}}], "not 'fast'"),
        ([{"path": "m.txt", "labels": 3}], "expected an object, not 3"),
        (["not json"], 'line 1: expected a JSON object with a text "path"'),
    ],
)
def test_a_manifest_without_a_usable_clip_says_why(
    tmp_path: Path, lines: list[object], said: str
) -> None:
    (tmp_path / "m.txt").write_text("no sound", encoding="utf-8")
    home = tmp_path / "home"
    done = synth(str(written(tmp_path, lines)), "--json", "--home", str(home))
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_labels_that_nothing_judges_are_reported_and_not_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("never opened", encoding="utf-8")
    manifest = written(tmp_path, [{"path": "a.wav", "labels": {"mood": "calm"}}])
    done = synth(str(manifest), "--json", "--home", str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["overall"]["precision"] is None
    assert told["properties"] == {}
    assert "mood" in told["unknown_labels"]
    assert "labels.mood" in done.stderr


def test_a_place_that_cannot_be_written_is_refused_before_measuring(tmp_path: Path) -> None:
    manifest = written(tmp_path, [{"path": "a.wav", "labels": {"key": "E minor"}}])
    done = synth(str(manifest), "--out", str(tmp_path), "--home", str(tmp_path / "home"))
    assert done.returncode == 2
    assert "expected the name of a file" in done.stderr


@pytest.mark.weights
@pytest.mark.slow
def test_the_command_prints_one_line_and_measures_once(tmp_path: Path) -> None:
    for name in ("guitar_em9.ogg", "speech_amiable.flac"):
        shutil.copy(SAMPLES / name, tmp_path / name)
    manifest = written(tmp_path, [
        {"path": "guitar_em9.ogg", "labels": {"key": "E minor", "events": ["guitar"], "mood": 1}},
        {"path": "speech_amiable.flac", "labels": {
            "transcript": "had he married a more amiable woman he might have been made still more"
                          " respectable than he was",
            "language": "en", "num_speakers": 1, "events": ["speech"]}},
        {"path": "guitar_em9.ogg", "labels": {"key": "C major"}},
        {"path": "none.wav", "labels": {"key": "C major"}},
    ])  # fmt: skip
    out, home = tmp_path / "readings.parquet", tmp_path / "home"
    arguments = (str(manifest), "--json", "--out", str(out), "--home", str(home))
    done = synth(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    told = json.loads(done.stdout)
    assert set(told["overall"]) == {"labelled", "coverage", "precision", "low", "high"}
    for one in told["properties"].values():
        assert set(one) == {"labelled", "coverage", "tiers", "metrics"}
        assert all(set(tier) == {"n", "precision", "low", "high"} for tier in one["tiers"].values())
    assert told["properties"]["key"]["labelled"] == 1
    assert told["properties"]["words"]["labelled"] == 1
    assert "mood" in told["unknown_labels"]
    assert any("the same recording" in problem for problem in told["not_used"])
    assert any("none.wav" in problem for problem in told["not_used"])
    read = pl.read_parquet(out)
    assert set(read["path"]) == {"guitar_em9.ogg", "speech_amiable.flac"}
    assert read.filter(pl.col("property") == "words")["labelled"][0].startswith("had he married")

    again = synth(str(manifest), "--home", str(home), "--markdown", str(tmp_path / "page.md"))
    assert again.returncode == 0, again.stderr
    assert "observe    2/2" in again.stderr
    assert "| key" in again.stdout
    assert (tmp_path / "page.md").read_text(encoding="utf-8").startswith("# Accuracy")
