"""The real Prefect server, runner and deployment, as `synth serve` starts them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows import serve
from flows.demo import wait_for_deployment
from schemas import Trajectory
from warehouse import shards
from warehouse.home import Home
from warehouse.query import query

if TYPE_CHECKING:
    from conftest import Made

pytestmark = [pytest.mark.weights, pytest.mark.slow]

PATIENCE_S = 240


def deployment_run(made: Made, home: Path, port: int) -> subprocess.Popen[str]:
    """`prefect deployment run synth/mmau --watch`, as a person types it."""
    return subprocess.Popen(
        [
            sys.executable, "-m", "prefect", "deployment", "run", "synth/mmau", "--watch",
            "--param", f"root={made.root}", "--param", f"teacher=replay:{made.replies}",
        ],
        env=serve.prefect_environment(home, port),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def states(api: str) -> list[str]:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{api}/flow_runs/filter", data=b"{}", headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        return sorted(str(one["state_type"]) for one in json.load(answer))


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def kill_the_flow(runner: int, home: Path) -> None:
    """Kill -9 the runner's child, which runs the flow, once it has written its first shards."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if children_of(runner) and list(home.glob("shards/observe/*.parquet")):
            for child in children_of(runner):
                os.kill(child, signal.SIGKILL)
            return
        time.sleep(0.02)
    pytest.fail("the flow wrote no shard")


def test_a_deployment_runs_is_killed_and_goes_on_and_every_process_ends(
    made: Made, tmp_path: Path
) -> None:
    made.tones(16)
    home = tmp_path / "home"
    port = serve.free_port()
    with serve.server(home, port) as api:
        with serve.runner(home, port) as runner:
            wait_for_deployment(api, runner, home)
            first = deployment_run(made, home, port)
            kill_the_flow(runner.pid, home)
            first.communicate(timeout=PATIENCE_S)
            assert first.returncode != 0
            second = deployment_run(made, home, port)
            told, _ = second.communicate(timeout=PATIENCE_S)
            assert second.returncode == 0, told
            assert states(api).count("COMPLETED") == 1
        assert runner.poll() is not None
    kept = shards.read(Home(home), Trajectory)
    assert len(kept) == 16
    assert all(one.kept for one in kept)
    sql = "SELECT count(*), count(DISTINCT id) FROM observations"
    rows, ids = query(Home(home), sql).rows[0]
    assert rows == ids
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5)


def test_a_taken_port_is_told() -> None:

    from schemas.errors import BadOption

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadOption, match=f"port {port} is taken"), serve.server(Path(), port):
            pass


def served(port: int) -> bool:
    """Wait until `synth serve` has registered its deployments."""
    address = f"http://127.0.0.1:{port}/api/deployments/name/synth/sample"
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return True
        except OSError:
            time.sleep(0.3)
    return False


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_serve_that_is_killed_leaves_its_port_free_and_starts_again(tmp_path: Path) -> None:
    port = serve.free_port()
    command = [sys.executable, "-m", "flows.cli", "serve", "--port", str(port)]
    repository = str(Path(__file__).parents[1])
    environment = {**os.environ, "SYNTH_HOME": str(tmp_path / "home"), "PYTHONPATH": repository}
    for ending in (signal.SIGKILL, signal.SIGINT):
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
        )
        assert served(port)
        process.send_signal(ending)
        process.wait(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while listening(port) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert not listening(port)
