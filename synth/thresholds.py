"""The one table of thresholds and gates: `thresholds.toml`, each number with its source.

An extractor's version covers its rows: a number that changes has recordings measured anew.
"""

from __future__ import annotations

import functools
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path(__file__).with_name("thresholds.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One number that decides something."""

    owner: str
    """the extractor or the rule that reads it"""
    name: str
    value: float
    unit: str
    source: str
    """a standard, a paper, a package's default, or how it was calibrated, on what"""


@functools.cache
def thresholds() -> tuple[Threshold, ...]:
    """Read the whole table, in its order."""
    told = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(
        Threshold(
            owner=owner,
            name=name,
            value=float(row["value"]),
            unit=row.get("unit", ""),
            source=row["source"],
        )
        for owner, rows in told.items()
        for name, row in rows.items()
    )


def threshold(owner: str, name: str) -> float:
    """Look one number up.

    Raises:
        KeyError: the table has no such row.
    """
    return _by_name()[owner, name]


def digest(owner: str) -> str:
    """Tell the state of an owner's rows in eight letters, "" where it has none."""
    rows = [f"{row.name}={row.value!r}" for row in thresholds() if row.owner == owner]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:8] if rows else ""


@functools.cache
def _by_name() -> dict[tuple[str, str], float]:
    return {(row.owner, row.name): row.value for row in thresholds()}
