"""Files that appear whole or not at all, and locks for one writer at a time."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POLL_S = 0.05


def publish(temporary: Path, target: Path) -> None:
    """Give a finished temporary file of the same folder its name, so that power loss keeps it."""
    _sync(temporary)
    temporary.replace(target)
    _sync(target.parent)


@contextmanager
def only_one(path: Path, wait_s: float) -> Iterator[bool]:
    """Hold a lock file, waiting for it at most `wait_s` seconds; tell whether it is held.

    The kernel lets go of it when the process dies, however it dies.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield try_lock(descriptor, wait_s)
    finally:
        os.close(descriptor)


def try_lock(descriptor: int, wait_s: float = 0.0) -> bool:
    """Lock an open file for this process alone; False if another still holds it after `wait_s`."""
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL_S)
        else:
            return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
