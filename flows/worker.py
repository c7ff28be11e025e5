"""One worker process: decodes a recording, lets the extractors look, says each step on its pipe.

It holds its libraries to one thread; `flows.crew` starts, watches and ends it.
"""

from __future__ import annotations

import ctypes
import fcntl
import itertools
import os
import resource
import signal
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from schemas.errors import UnreadableAudio
from synth import extractors as room
from synth.decode import describe, windows
from synth.observe import look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas import Extraction, Observation, Recording, Span
    from synth.audio import Audio
    from synth.questions import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A recording to observe; where a worker was lost, from its window and with what was seen."""

    source: Source
    extractors: tuple[str, ...]
    """in the order in which they look"""
    window: int = 0
    looked: frozenset[str] = frozenset()
    """extractors that are done with this window"""
    seen: tuple[Observation, ...] = ()
    """in this window, in its own time"""


@dataclass(frozen=True, slots=True)
class Ready:
    """It is up, and waits for jobs."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A window is decoded; also of those that were measured before, as a sign of life."""

    span: Span | None
    duration_s: float


@dataclass(frozen=True, slots=True)
class Looking:
    """An extractor begins."""

    extractor: str


@dataclass(frozen=True, slots=True)
class Looked:
    """An extractor ended."""

    extraction: Extraction
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """All extractors are done with the window."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The recording came to its regular end."""

    recording: Recording


@dataclass(frozen=True, slots=True)
class Refused:
    """The recording cannot be used."""

    reason: str


Message = Ready | Decoded | Looking | Looked | Measured | Whole | Refused


def work(pipe: int, parent: int, rooms: list[str]) -> None:
    """Take jobs from a pipe until it closes.

    Args:
        pipe: file descriptor of a duplex pipe of `multiprocessing`.
        parent: process id; when that process dies, so does this one.
        rooms: folders in which extractors lie.
    """
    _live_and_die_quietly(parent)
    room.__path__ = rooms
    with _compiled_code_apart(), Connection(pipe) as connection:
        connection.send(Ready())
        while True:
            try:
                job = connection.recv()
            except EOFError:
                return
            _observe(job, connection)


def _cache() -> Path:
    """Name the user's cache, or where it cannot be written a folder that goes with the machine."""
    ours = Path(platformdirs.user_cache_dir("perceptsynth"))
    try:
        ours.mkdir(parents=True, exist_ok=True)
        writable = os.access(ours, os.W_OK)
    except OSError:
        writable = False
    return ours if writable else Path(tempfile.gettempdir()) / f"perceptsynth-{os.getuid()}"


@contextmanager
def _compiled_code_apart() -> Iterator[None]:
    """Claim a folder for what numba compiles, one that no other living process has.

    Two processes that compile the same functions into one folder leave code there that crashes
    whoever loads it next (numba issue 10128).
    """
    for number in itertools.count():
        folder = _cache() / "numba" / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            os.environ["NUMBA_CACHE_DIR"] = str(folder)
            yield
            return


def _observe(job: Job, connection: Connection) -> None:
    source = job.source
    coming = windows(source.path, source.sha256)
    try:
        for number, window in enumerate(coming):
            connection.send(Decoded(window.span, window.audio.duration_s))
            if number >= job.window:
                _look(window.audio, job, connection, is_resumed=number == job.window)
                connection.send(Measured())
            recording = describe(window, source.locator, source.edit)
            del window  # before the next one is decoded
    except UnreadableAudio as error:
        connection.send(Refused(error.message))
        return
    connection.send(Whole(recording))


def _look(audio: Audio, job: Job, connection: Connection, *, is_resumed: bool) -> None:
    seen = list(job.seen) if is_resumed else []
    for name in job.extractors:
        if is_resumed and name in job.looked:
            continue
        connection.send(Looking(name))
        extraction, observations = look(name, audio, seen)
        seen.extend(observations)
        connection.send(Looked(extraction, observations))
        _give_back_memory()


def _give_back_memory() -> None:
    """Have the C library return what was freed; it keeps hundreds of MB of a long window."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # glibc's own
            ctypes.CDLL(None).malloc_trim(0)


def _live_and_die_quietly(parent: int) -> None:
    """Ctrl-C is the parent's to handle; die with it; leave no core; go first if memory ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        pr_set_pdeathsig = 1  # linux/prctl.h
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if os.getppid() != parent:
        sys.exit("the parent is gone")
