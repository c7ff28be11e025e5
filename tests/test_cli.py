"""The command line as a person meets it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli import app
from synth.set_filters import OPTIONAL

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Made

COMMANDS = (
    ["run"], ["serve"], ["observe"], ["accuracy"], ["evaluate"], ["status"], ["sql"], ["trace"],
    ["export"], ["export", "huggingface"], ["models"], ["models", "list"], ["models", "fetch"],
    ["models", "verify"],
)  # fmt: skip


def synth(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert "Usage" in shown.output
    assert len(shown.output.split("\n\n")) >= 3


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for command in COMMANDS:
        assert command[0] in shown


def test_help_names_every_filter_that_can_be_asked_for() -> None:
    shown = CliRunner().invoke(app, ["run", "--help"]).output
    assert all(name in shown for name in OPTIONAL)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "nope"], "there are: mmar, mmau, sample"),
        (["run", "mmau", "--root", "does-not-exist"], "does-not-exist"),
        (["run", "sample", "--limit", "0"], "--limit"),
        (["run", "sample", "--drop", "nope"], "there are difficulty_band, noncommercial_licence"),
        (["run"], "benchmark"),
        (["runn"], "runn"),
        (["run", "sample", "--teacher", "oracle"], "embedded, openai, replay"),
        (["sql", "SELECT 1"], "nothing here yet"),
        (["trace", "x"], "nothing here yet"),
        (["status"], "nothing here yet"),
        (["observe", "no-manifest.jsonl", "--out", "x.parquet"], "no-manifest.jsonl"),
        (["accuracy", "no-manifest.jsonl"], "no-manifest.jsonl"),
        (["models", "fetch", "gpt-9"], "gpt-9"),
        (["export", "huggingface", "--out", "exported"], "run"),
    ],
    ids=" ".join,
)
def test_wrong_input_gets_one_clear_line_and_exit_code_2(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = synth(*arguments, SYNTH_HOME=str(tmp_path / "home"))
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.startswith("synth: ")
    assert done.stderr.count("\n") == 1


def test_a_teacher_that_cannot_be_reached_says_so(made: Made, tmp_path: Path) -> None:
    made.tones(1)
    done = synth(
        "run", "mmau", "--root", str(made.root), "--teacher", "openai:http://127.0.0.1:9/v1",
        "--model", "m", SYNTH_HOME=str(tmp_path / "home"),
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.weights
def test_run_then_sql_to_a_pipe_is_csv_and_trace_tells_the_way(made: Made, tmp_path: Path) -> None:
    made.tones(1)
    home = {"SYNTH_HOME": str(tmp_path / "home")}
    ran = synth(
        "run", "mmau", "--root", str(made.root), "--teacher", f"replay:{made.replies}", **home
    )
    assert ran.returncode == 0, ran.stderr
    asked = synth("sql", "SELECT text, answer FROM subquestions", **home)
    assert list(csv.DictReader(io.StringIO(asked.stdout))) == [
        {"text": "Can a voice be heard at any moment?", "answer": "no"}
    ]
    way = synth("trace", "tone-0", **home).stdout
    for part in ("recordings", "extractions", "facts", "sub-questions", "trajectory", "claims"):
        assert part in way
    assert "presence of speech" in way
    assert "supported" in way
    wrong = synth("sql", "SELECT nothing FROM nowhere", **home)
    assert wrong.returncode == 2
    assert "nowhere" in wrong.stderr
    assert "mmau" in synth("status", **home).stdout


@pytest.mark.weights
def test_observe_writes_observations_facts_and_what_could_not_be_used(
    made: Made, tmp_path: Path
) -> None:
    made.tone("fine", 440.0)
    (made.root / "audio" / "broken.wav").write_text("no sound")
    manifest = made.root / "manifest.jsonl"
    lines = [{"path": "audio/fine.wav", "note": "more fields are welcome"},
             {"path": "audio/broken.wav"}, {"path": "../replies.jsonl"}, {"file": "x"},
             {"path": "audio/absent.wav"}]  # fmt: skip
    manifest.write_text("\n".join(map(json.dumps, lines)) + "\nnot json\n")
    out = tmp_path / "seen.parquet"
    done = synth("observe", str(manifest), "--out", str(out), SYNTH_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr
    table = pl.read_parquet(out)
    counts = dict(table["row"].value_counts().iter_rows())
    assert counts["rejection"] == 5
    assert counts["observation"] > 3
    fine = table.filter(pl.col("path") == "audio/fine.wav")
    loud = fine.filter(pl.col("fact").struct.field("property") == "loudness")
    assert loud["is_truth"].to_list() == [True]
    # A sine of peak 0.14 has an RMS of -20.1 dBFS; R 128 reads a 440 Hz mono sine as RMS - 0.7.
    assert loud["fact"][0]["value"]["number"] == pytest.approx(-20.8, abs=0.5)


def test_the_light_install_names_the_extra_that_is_missing() -> None:
    code = (
        "import sys; sys.modules['prefect'] = None\n"
        "from flows.cli import main\n"
        "sys.argv = ['synth', 'serve', '--port', '1']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "perceptsynth[flows]" in done.stderr
