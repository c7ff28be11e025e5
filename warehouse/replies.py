"""The append-only log of what teachers replied, so that nothing is asked and paid for twice."""

from __future__ import annotations

import json
import os
import re
import threading
from types import MappingProxyType
from typing import TYPE_CHECKING, Self, TypeAlias

from schemas.errors import BadOption, BadRecord
from warehouse.durable import try_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Scalar: TypeAlias = str | int | float | bool | None

_SYNC_AFTER_S = 0.5  # DESIGN: flushed by time as well as size
_SYNC_AFTER_BYTES = 1 << 20
# How `append` writes a line, so that loading needs to read keys only.
_LINE = re.compile(rb'\{"key":("(?:[^"\\]|\\.)*"),"reply":\{.*\}\}', re.DOTALL)


class ReplyLog:
    r"""One JSON line a reply, `{"key": ..., "reply": {...}}`; a later line of a key replaces it.

    Every line is handed to the kernel at once, so that killing the process loses none, and synced
    to the disk half a second or a MiB later. One process at a time writes a log.

    Raises:
        BadOption: another process holds the log.
        BadRecord: a line other than the last is damaged; a torn last line is cut off.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._places: dict[str, tuple[int, int]] = {}
        self._guard = threading.Lock()
        self._timer: threading.Timer | None = None
        self._failure: OSError | None = None
        self._unsynced = 0
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            self._lock()
            self._end = self._load()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def get(self, key: str) -> Mapping[str, Scalar] | None:
        """Look a reply up by its request's key; None if it was never given.

        Raises:
            BadRecord: its line is damaged.
        """
        if key not in self._places:
            return None
        start, length = self._places[key]
        line = os.pread(self._file, length, start)
        found, reply = _parsed(line, f"{self.path}, byte {start}")
        if found != key:
            message = f"{self.path}, byte {start}: expected the reply {key!r}, found {found!r}"
            raise BadRecord(message, record_id=key)
        return MappingProxyType(reply)

    def append(self, key: str, reply: Mapping[str, Scalar]) -> None:
        """Keep a reply.

        Raises:
            BadRecord: a value is not a JSON scalar.
            OSError: the disk refuses it, or refused an earlier one.
        """
        line = _written(key, reply)
        with self._guard:
            self._raise_failure()
            self._write(line)
            self._places[key] = (self._end - len(line), len(line) - 1)
            self._unsynced += len(line)
            if self._unsynced >= _SYNC_AFTER_BYTES:
                self._sync()
            elif self._timer is None:
                self._timer = threading.Timer(_SYNC_AFTER_S, self._sync_in_time)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Return when all that was appended is on the disk."""
        with self._guard:
            self._raise_failure()
            self._sync()

    def close(self) -> None:
        """Flush, and let another process write."""
        with self._guard:
            if self._file < 0:
                return
            try:
                self._raise_failure()
                self._sync()
            finally:
                os.close(self._file)
                self._file = -1

    def _lock(self) -> None:
        if not try_lock(self._file):
            message = f"{self.path}: another run is writing here; wait for it or use another home"
            raise BadOption(message)

    def _load(self) -> int:
        """Find where each reply stands; cut a torn last line off; return the end."""
        start = 0
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                key = _key(line, f"{self.path}, byte {start}")
                self._places[key] = (start, len(line) - 1)
                start += len(line)
        if start != os.fstat(self._file).st_size:
            os.ftruncate(self._file, start)
        return start

    def _write(self, line: bytes) -> None:
        left = memoryview(line)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            os.ftruncate(self._file, self._end)  # half a line would spoil the next
            raise
        self._end += len(line)

    def _sync(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._unsynced:
            os.fsync(self._file)
            self._unsynced = 0

    def _sync_in_time(self) -> None:
        with self._guard:
            if self._file < 0:
                return
            try:
                self._sync()
            except OSError as error:  # told by the next call, in the thread that appends
                self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def _written(key: str, reply: Mapping[str, object]) -> bytes:
    for name, value in reply.items():
        if not isinstance(value, str | int | float | bool | None):
            message = f"reply.{name}: expected a JSON scalar, got {value!r:.80}"
            raise BadRecord(message, record_id=key)
    try:
        # ASCII on purpose: it holds whatever text a model emits, lone surrogates included.
        text = json.dumps(
            {"key": key, "reply": dict(reply)}, allow_nan=False, separators=(",", ":")
        )
    except ValueError as error:
        message = f"reply: expected JSON scalars ({error})"
        raise BadRecord(message, record_id=key) from error
    return text.encode("ascii") + b"\n"


def _key(line: bytes, where: str) -> str:
    match = _LINE.fullmatch(line.rstrip(b"\n"))
    if match is None:
        return _parsed(line, where)[0]
    return str(json.loads(match[1]))


def _parsed(line: bytes, where: str) -> tuple[str, dict[str, Scalar]]:
    try:
        match json.loads(line):
            case {"key": str(key), "reply": dict(reply), **rest} if not rest:
                return key, reply
    except ValueError as error:
        raise BadRecord(_damaged(where, str(error))) from error
    raise BadRecord(_damaged(where, "not a key and a reply"))


def _damaged(where: str, problem: str) -> str:
    return (
        f"{where}: damaged line ({problem}); expected"
        ' {"key": "...", "reply": {...}}; delete the line and run the same command again'
    )
