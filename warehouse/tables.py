"""Which noun each table holds."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from schemas import (
    Claim,
    Extraction,
    Fact,
    HardNegative,
    Observation,
    Question,
    Recording,
    Rejection,
    Run,
    Selection,
    Settlement,
    Subquestion,
    Trajectory,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Record: TypeAlias = (
    Recording
    | Question
    | Extraction
    | Observation
    | Fact
    | Settlement
    | Subquestion
    | Trajectory
    | Claim
    | Verdict
    | HardNegative
    | Rejection
    | Selection
    | Run
)
"""Whatever has an id and a table."""

TABLES: Mapping[str, type[Record]] = MappingProxyType(
    {
        "recordings": Recording,
        "questions": Question,
        "extractions": Extraction,
        "observations": Observation,
        "facts": Fact,
        "settlements": Settlement,
        "subquestions": Subquestion,
        "trajectories": Trajectory,
        "claims": Claim,
        "verdicts": Verdict,
        "hard_negatives": HardNegative,
        "rejections": Rejection,
        "selections": Selection,
        "runs": Run,
    }
)
_NAMES = {noun: name for name, noun in TABLES.items()}


def table_of(noun: type) -> str:
    """Name the table that holds a noun.

    Raises:
        TypeError: no table holds it.
    """
    if noun not in _NAMES:
        message = f"no table holds {noun.__name__}; there are {', '.join(TABLES)}"
        raise TypeError(message)
    return _NAMES[noun]
