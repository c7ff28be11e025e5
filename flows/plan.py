"""What a run is asked to do, and the identity that follows from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from flows.instruments import FREE, Instruments

DEFAULT_HOME = Path(platformdirs.user_data_dir("perceptsynth", appauthor=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The parameters of one run, as the command line and the deployments give them."""

    benchmark: str
    home: str
    root: str | None = None
    """folder that holds the upstream question file; None: bundled, or the hub"""
    limit: int | None = None
    """at most this many questions, the file's first"""
    teacher: str = "embedded"
    """a teacher's name, with what it needs after a colon: "openai:URL", "replay:FILE" """
    model: str | None = None
    rollouts: int = 1
    orders: int = 2
    """shuffles of the choices in which each probe is asked"""
    seed: int = 0
    instruments: Instruments = FREE
    drop: tuple[str, ...] = ()
    """filters that drop only if asked; the run is the same with and without them"""

    @property
    def teacher_name(self) -> str:
        """The plug-in in synth/teachers."""
        return self.teacher.partition(":")[0]

    def config(self) -> str:
        """Write the parameters that change what comes out as JSON; a Run is told apart by them."""
        return json.dumps(
            {"rollouts": self.rollouts, "orders": self.orders, "seed": self.seed}, sort_keys=True
        )
