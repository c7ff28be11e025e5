"""The embedded engine: llama.cpp in a process of its own, serving OpenAI's protocol on loopback.

A process of its own, because a native engine that crashes, or is killed, must not take the run
with it, and because it writes to standard output, which belongs to the command line.
Run as `python -m synth.engine`: settings come as one JSON line on standard input, the address goes
out as one line on standard output, and when standard input ends the engine ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from schemas.errors import MissingExtra, TeacherDown

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the engine loads and how much it does at once."""

    path: str
    """GGUF file"""
    slots: int
    """requests answered side by side"""
    context_tokens: int
    """room of each slot, prompt and reply together"""
    threads: int
    api_key: str
    """the engine answers nobody else on this machine"""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine."""

    child: subprocess.Popen[str]
    address: str
    """e.g. "http://127.0.0.1:43210" """
    log: IO[str]

    def gone(self) -> str | None:
        """Say how the process ended; None while it runs."""
        try:
            # A killed process closes its connections a moment before it can be waited for.
            code = self.child.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return None
        return _ending(code, self.log)


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Engine]:
    """Start an engine and stop it at the end, whatever happens between.

    Raises:
        MissingExtra: xllamacpp is not installed.
        TeacherDown: it ended before it could answer, e.g. because the file is no GGUF.
    """
    # -P: a folder named "schemas" where the user happens to stand must not shadow ours.
    command = [sys.executable, "-P", "-m", "synth.engine"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))
        child = stack.enter_context(
            subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        )
        # Popen's own exit would wait for ever: kill comes first, as it was pushed last.
        stack.callback(child.kill)
        if child.stdin is None or child.stdout is None:
            raise TeacherDown("the engine's process has no pipes")
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(json.dumps(asdict(settings)) + "\n")
            child.stdin.flush()
        address = child.stdout.readline().strip()
        if not address:
            raise _not_started(child, log, settings.path)
        yield Engine(child=child, address=address, log=log)


def _not_started(
    child: subprocess.Popen[str], log: IO[str], path: str
) -> MissingExtra | TeacherDown:
    ending = _ending(child.wait(), log)
    if "No module named 'xllamacpp'" in ending:
        return MissingExtra("the embedded teacher needs xllamacpp: the extra `embedded`")
    return TeacherDown(f"the embedded engine could not load {path}: {ending}")


def _ending(code: int, log: IO[str]) -> str:
    log.seek(0)
    last = [line for line in log.read().splitlines() if line.strip()][-3:]
    how = f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"its process was {how}" + (f" ({' | '.join(last)[:600]})" if last else "")


def serve() -> None:
    """Run as the child: load the model, say where it answers, stay until the parent is gone."""
    parent = os.getppid()
    # Ctrl-C is the parent's to handle: it closes our standard input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Standard output is the engine's to chatter on; the address goes out by a copy that is ours.
    announce = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    settings = Settings(**json.loads(sys.stdin.readline()))
    server = _load(settings)
    announce.write(f"{server.listening_address}\n")
    announce.close()
    # A forked sibling may hold our pipe open after the parent is killed: so its id is watched too.
    while os.getppid() == parent and not select.select([sys.stdin], [], [], 1.0)[0]:
        pass
    # The engine's own threads may be deep in a batch: there is nothing to save, so no goodbyes.
    os._exit(0)


def _load(settings: Settings) -> Any:
    import xllamacpp  # noqa: PLC0415 - only the child loads it

    params = xllamacpp.CommonParams()
    params.model.path = settings.path
    params.n_parallel = settings.slots
    params.n_ctx = settings.slots * settings.context_tokens
    params.cpuparams.n_threads = settings.threads
    params.cpuparams_batch.n_threads = settings.threads
    params.api_keys = [settings.api_key]
    params.cache_ram_mib = 0  # its default may take 8 GiB of memory for prompts gone by
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 1  # errors only; they end up in the parent's log file
    return xllamacpp.Server(params)


if __name__ == "__main__":
    serve()
