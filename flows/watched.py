"""A worker process as its watcher sees it: started, heard, held to its limits, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING

from synth import extractors as room
from synth.thresholds import threshold

if TYPE_CHECKING:
    import threading

    from flows.worker import Job, Message

_GLANCE_S = 0.1  # a loop that allocates takes about a tenth of a second for 200 MB
_DYING_S = 10.0  # from a closed pipe to the end of its process: at once, but for a busy machine
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
_START = (
    "import sys; sys.path[:] = {path!r}; from flows.worker import work; "
    "work({pipe}, {parent}, {rooms!r})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each step of a worker may take, and how much memory a worker."""

    start_s: float = threshold("crew", "start")
    decoding_s: float = threshold("crew", "decoding")
    """of one window"""
    looking_s: float = threshold("crew", "looking")
    """of one extractor, and so much more for each second that it looks at:"""
    looking_per_s: float = threshold("crew", "looking_per_second")
    memory_mb: float = threshold("crew", "memory")
    fit_mb: float = threshold("crew", "fit_memory")
    """beyond which a worker is replaced before the next recording"""
    fit_long_mb: float = threshold("crew", "fit_memory_long")
    """beyond which it is replaced before the next extractor looks at a window"""


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker is gone."""

    reason: str


class Worker:
    """One process, as its watcher sees it."""

    def __init__(self, limits: Limits, stopped: threading.Event) -> None:
        self._limits, self._stopped = limits, stopped
        self._pipe, theirs = Pipe()
        with theirs:
            told = {"path": sys.path, "pipe": theirs.fileno(), "parent": os.getpid()}
            start = _START.format(**told, rooms=list(room.__path__))
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-c", start],
                env=os.environ | ONE_THREAD,
                stdin=subprocess.DEVNULL,
                stdout=2,  # what libraries print is never a result
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C reaches the parent alone
            )

    def order(self, job: Job) -> None:
        """Hand it a job; that it died meanwhile, `hear` tells."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._pipe.send(job)

    def hear(self, limit_s: float, what: str) -> Message | Lost:
        """Wait for its next message, while it keeps within time and memory."""
        since = time.monotonic()
        while not self._pipe.poll(_GLANCE_S):
            took_s, held_mb = time.monotonic() - since, self._held_mb()
            if took_s > limit_s:
                return self._kill(f"killed after {took_s:.0f} s: limit {limit_s:.0f} s {what}")
            if held_mb > self._limits.memory_mb:
                limit = f"limit {self._limits.memory_mb / 1000:.1f} GB"
                return self._kill(f"memory: {held_mb / 1000:.1f} GB, {limit}")
            if self._stopped.is_set():
                return self._kill("stopped")
        try:
            return self._pipe.recv()  # type: ignore[no-any-return]
        except (EOFError, OSError):
            return Lost(self._death())

    def is_fit(self, most_mb: float) -> bool:
        """Whether it lives, and has not grown so that a fresh one should take over."""
        return self._process.poll() is None and self._held_mb() < most_mb

    def end(self) -> None:
        """Have it gone."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()

    def _kill(self, reason: str) -> Lost:
        self._process.kill()
        self._process.wait()
        return Lost(reason)

    def _death(self) -> str:
        try:
            code = self._process.wait(_DYING_S)
        except subprocess.TimeoutExpired:
            return self._kill("it closed its pipe").reason
        return f"died: signal {signal.Signals(-code).name}" if code < 0 else f"died: exit {code}"

    def _held_mb(self) -> float:
        """Resident memory; 0 where the system does not tell."""
        try:
            pages = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]
        except OSError:
            return 0.0
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def affordable(each_mb: float) -> int:
    """One worker a core that we may use, and no more than memory holds of that size."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(cores, int(_free_mb() / each_mb)))


def _free_mb() -> float:
    """Memory that is free to take, of the machine and of our control group."""
    free = [float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))]
    with suppress(OSError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free += [float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")]
    with suppress(OSError, ValueError):  # control groups, version 2; "max" is no limit
        group = Path("/sys/fs/cgroup")
        limit, used = (float((group / f"memory.{name}").read_text()) for name in ("max", "current"))
        free.append(limit - used)
    return min(free) / 1e6
