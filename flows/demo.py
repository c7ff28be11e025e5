"""`make demo`: the main job on real recordings, as its users run it, from nothing.

Starts Prefect's server and our runner on a free loopback port, runs the deployment
`synth/sample`, shows what came of it, and stops every process it started.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from flows import export, serve, show, weights
from flows.progress import MARK, say
from schemas.errors import PerceptsynthError

_REGISTER_S = 120.0
_LOOK_S = 0.5


def demo(home: Path) -> None:
    """Run synth/sample through a real deployment, export it, and show one question's way."""
    started = time.monotonic()
    weights.fetch()
    port = serve.free_port()
    say("starting Prefect's server and the runner of our deployments")
    with serve.server(home, port) as api, serve.runner(home, port) as runner:
        wait_for_deployment(api, runner, home)
        say("prefect deployment run synth/sample")
        _run_deployment(home, port)
    out = home / "exports" / "sample"
    export.export("huggingface", out, home, benchmark="sample")
    show.summary(home)
    show.example(home, "sample")
    show.places(home, out)
    say(f"done in {time.monotonic() - started:.0f} s; a second run redoes nothing")


def wait_for_deployment(api: str, runner: subprocess.Popen[bytes], home: Path) -> None:
    """Wait until the runner has registered the deployments.

    Raises:
        PerceptsynthError: it ended, or took too long; its log is named.
    """
    deadline = time.monotonic() + _REGISTER_S
    while time.monotonic() < deadline:
        if runner.poll() is not None:
            message = f"the runner ended with code {runner.returncode}; see {home / 'runs.log'}"
            raise PerceptsynthError(message)
        try:
            with urllib.request.urlopen(f"{api}/deployments/name/synth/sample", timeout=5):  # noqa: S310 - http on loopback
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(_LOOK_S)
    message = f"the runner registered no deployment in {_REGISTER_S:.0f} s; see {home / 'runs.log'}"
    raise PerceptsynthError(message)


def _run_deployment(home: Path, port: int) -> None:
    """Run the deployment and wait, passing on the progress lines that its process writes."""
    log = home / "deployment-run.log"
    with log.open("wb") as sink, (home / "runs.log").open("rb") as runs:
        runs.seek(0, 2)
        watching = subprocess.Popen(
            [sys.executable, "-m", "prefect", "deployment", "run", "synth/sample", "--watch"],
            env=serve.prefect_environment(home, port),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
        try:
            rest = b""
            while watching.poll() is None:
                rest = _pass_on(rest + runs.read())
                time.sleep(_LOOK_S)
            _pass_on(rest + runs.read() + b"\n")
        finally:
            serve.stop(watching)
    if watching.returncode != 0:
        message = f"the run did not complete; see {home / 'runs.log'} and {log}"
        raise PerceptsynthError(message)


def _pass_on(output: bytes) -> bytes:
    """Say the progress lines in a log's new bytes; returns the line that is not whole yet."""
    *lines, rest = output.split(b"\n")
    for line in lines:
        text = line.decode("utf-8", "replace")
        if text.startswith(MARK):
            say(text.removeprefix(MARK).strip())
    return rest


def main() -> int:
    """Parse the command line, run, and end with a code that a shell understands."""
    parser = argparse.ArgumentParser(prog="python -m flows.demo", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("demo"), help="folder for all it makes")
    home = parser.parse_args().home.resolve()
    try:
        with serve.stopped_by_signals():
            demo(home)
    except KeyboardInterrupt:
        say("stopped; every process is ended, and the same command goes on from here")
        return 130
    except PerceptsynthError as error:
        say(f"failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
