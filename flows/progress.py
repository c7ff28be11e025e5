"""Progress on stderr: one short line at a time, whoever reads it, a person or a log."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

MARK = "synth |"
"""what each line begins with, so that a follower of a mixed log can pick them out"""
_EVERY_S = 2.0


@dataclass(slots=True)
class Progress:
    """How far one stage has come."""

    stage: str
    total: int
    done: int = 0
    _started: float = field(default_factory=time.monotonic)
    _said: float = 0.0

    def advance(self, count: int, note: str = "") -> None:
        """Count rows that are finished, and say so, at most every two seconds."""
        self.done += count
        now = time.monotonic()
        if self.done >= self.total or now - self._said >= _EVERY_S:
            self._said = now
            say(f"{self.stage:<10} {self.done}/{self.total}  {now - self._started:.0f} s  {note}")


def say(text: str) -> None:
    """Write one line for a person."""
    print(MARK, text.rstrip(), file=sys.stderr, flush=True)  # noqa: T201 - stderr is for people
