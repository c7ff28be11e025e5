"""Kill the run at any moment; the same command goes on, nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from schemas import (
    Claim,
    Extraction,
    Fact,
    Observation,
    Question,
    Recording,
    Subquestion,
    Trajectory,
    Verdict,
)
from warehouse import shards
from warehouse.home import Home
from warehouse.query import query

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Made

pytestmark = [pytest.mark.weights, pytest.mark.slow]

NOUNS = (
    Recording,
    Question,
    Extraction,
    Observation,
    Fact,
    Subquestion,
    Trajectory,
    Claim,
    Verdict,
)
KILLS = 4


def start(made: Made, home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "flows.cli", "run", "mmau", "--root", str(made.root)]
    return subprocess.Popen(
        [*command, "--teacher", f"replay:{made.replies}", "--home", str(home)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def count(home: Path) -> int:
    return len(list(home.glob("shards/*/*.parquet")))


def kill_after_shards(process: subprocess.Popen[bytes], home: Path, wanted: int) -> bool:
    """Kill -9 once so many shards are there, a random moment later; whether that came in time."""
    deadline = time.monotonic() + 120
    while process.poll() is None and count(home) < wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(random.Random(wanted).uniform(0.0, 0.3))
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def records(home: Path) -> dict[str, list[str]]:
    return {
        noun.__name__: [str(one) for one in shards.read(Home(home), noun)]  # type: ignore[type-var]
        for noun in NOUNS
    }


def test_a_run_that_is_killed_again_and_again_ends_like_one_that_never_was(
    made: Made, tmp_path: Path
) -> None:
    made.tones(10)
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    landed = [
        kill_after_shards(start(made, killed), killed, count(killed) + 1 + number % 2)
        for number in range(KILLS)
    ]
    assert landed[0]
    assert sum(landed) >= 2
    assert start(made, killed).wait() == 0
    assert start(made, whole).wait() == 0
    assert records(killed) == records(whole)
    assert len(records(whole)["Trajectory"]) == 10
    for table in ("recordings", "questions", "observations", "facts", "subquestions", "claims"):
        sql = f"SELECT count(*), count(DISTINCT id) FROM {table}"
        assert query(Home(killed), sql) == query(Home(whole), sql)
        (rows, ids) = query(Home(killed), sql).rows[0]
        assert rows == ids


def test_people_read_while_a_run_writes(made: Made, tmp_path: Path) -> None:
    made.tones(8)
    home = tmp_path / "home"
    first = start(made, home)
    assert first.wait() == 0
    for number in range(8, 20):
        made.tone(f"tone-{number}", 300.0 + 50.0 * number)
    made.write([made.row(f"tone-{number}") for number in range(20)])
    process = start(made, home)
    answers = 0
    while process.poll() is None:
        for command in (
            ["sql", "SELECT count(*) AS n FROM trajectories"],
            ["trace", "tone-1"],
            ["status"],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "flows.cli", *command, "--home", str(home)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            answers += 1
    assert process.returncode == 0
    assert answers >= 2
    assert query(Home(home), "SELECT count(*) FROM trajectories").rows == ((20,),)
