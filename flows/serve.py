"""Start a Prefect server and the runner of our deployments, and stop both when told to.

Nothing leaves the machine: the server listens on loopback, and analytics are off.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from flows.progress import say
from schemas.errors import BadOption, PerceptsynthError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PORT = 4242
_START_S = 180.0  # a cold server on two busy cores was seen to need half a minute
_STOP_S = 15.0


def free_port() -> int:
    """Find a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prefect_environment(home: Path, port: int) -> dict[str, str]:
    """Make the environment in which Prefect's server, runner and commands find each other."""
    return {
        **os.environ,
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "PREFECT_CLI_PROMPT": "false",
        "SYNTH_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


@contextmanager
def server(home: Path, port: int) -> Iterator[str]:
    """Run a Prefect server on a loopback port; yields its API address.

    Raises:
        BadOption: the port is taken.
        PerceptsynthError: the server ended, or did not answer in time; its log is named.
    """
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            message = f"port {port} is taken; give another with --port"
            raise BadOption(message)
    home.mkdir(parents=True, exist_ok=True)
    log = home / "prefect-server.log"
    command = [sys.executable, "-m", "prefect", "server", "start"]
    with log.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and fixed words
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env=prefect_environment(home, port),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one call into libc, no lock taken
        )
    try:
        api = f"http://127.0.0.1:{port}/api"
        _wait_until_healthy(api, process, log)
        yield api
    finally:
        stop(process)


def _wait_until_healthy(api: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            message = f"Prefect's server ended with code {process.returncode}; see {log}"
            raise PerceptsynthError(message)
        try:
            with urllib.request.urlopen(f"{api}/health", timeout=2) as answer:  # noqa: S310 - http on loopback
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    message = f"Prefect's server did not answer within {_START_S:.0f} s; see {log}"
    raise PerceptsynthError(message)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal unwind, so that all we started is stopped.

    Ctrl-C too: a shell that starts us in the background has us ignore it.
    """

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(kind, interrupt) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


def _end_with_parent() -> None:
    """In a child, before it runs: be told to end when the parent is killed (Linux)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1  # linux/prctl.h
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything it started: politely, then for certain."""
    for kind, patience_s in ((signal.SIGTERM, _STOP_S), (signal.SIGKILL, _STOP_S)):
        try:
            os.killpg(process.pid, kind)
        except ProcessLookupError:
            break
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def run_deployments(home: Path) -> None:
    """Serve the deployments until told to stop; Prefect's settings come from the environment."""
    import prefect

    from flows.synth import bury_the_dead, deployments

    bury_the_dead()
    prefect.serve(*deployments(home), pause_on_shutdown=False, limit=1)


@contextmanager
def runner(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the deployments in a child of its own; what they print goes to `runs.log`."""
    with (home / "runs.log").open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and fixed words
            [sys.executable, "-m", "flows.serve", str(home)],
            env=prefect_environment(home, port),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one call into libc, no lock taken
        )
    try:
        yield process
    finally:
        stop(process)


def serve(home: Path, port: int = PORT) -> None:
    """Server and runner until Ctrl-C or SIGTERM; what runs print goes to `runs.log`.

    Raises:
        ModuleNotFoundError: Prefect is not installed.
        PerceptsynthError: the server or the runner ended by itself; its log is named.
    """
    if find_spec("prefect") is None:
        raise ModuleNotFoundError(name="prefect")
    with stopped_by_signals(), server(home, port) as api, runner(home, port) as running:
        say(f"Prefect answers at {api.removesuffix('/api')}; the home is {home}")
        say("in this project's folder: prefect deployment run synth/sample --watch")
        say(f"elsewhere, first:         export PREFECT_API_URL={api} DO_NOT_TRACK=1")
        say(f"what runs print:          {home / 'runs.log'}")
        code = running.wait()
    message = f"the runner ended with code {code}; see {home / 'runs.log'}"
    raise PerceptsynthError(message)


if __name__ == "__main__":
    from pathlib import Path

    run_deployments(Path(sys.argv[1]))
