"""`make demo` cleans up after itself, whenever it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.weights, pytest.mark.slow]

PATIENCE_S = 180


def processes_of(home: Path) -> list[str]:
    """Command lines of all processes that know this home, by argument or environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in known and int(process.name) != os.getpid():
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_a_demo_that_is_stopped_leaves_no_process_behind(
    tmp_path: Path, kind: signal.Signals
) -> None:
    home = tmp_path / "home"
    log = tmp_path / "log"
    with log.open("wb") as sink:
        demo = subprocess.Popen(
            [sys.executable, "-m", "flows.demo", "--home", str(home)], stdout=sink, stderr=sink
        )
    deadline = time.monotonic() + PATIENCE_S
    while "observe" not in log.read_text() and time.monotonic() < deadline:
        assert demo.poll() is None, log.read_text()
        time.sleep(0.1)
    assert len(processes_of(home)) >= 3
    demo.send_signal(kind)
    assert demo.wait(PATIENCE_S) == 130
    assert "every process is ended" in log.read_text()
    assert processes_of(home) == []
