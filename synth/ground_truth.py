"""The ground truth of a reward as one JSON string. Standard library only.

The string travels inside every exported row, so it refuses what it does not know: another
version, an unknown or a missing field, a value of the wrong type.
"""

from __future__ import annotations

import dataclasses
import json
import types
from functools import cache
from typing import (
    TYPE_CHECKING,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from schemas.errors import BadRecord
from schemas.perception import GROUND_TRUTH_VERSION, GroundTruth

if TYPE_CHECKING:
    from collections.abc import Hashable

_Record = TypeVar("_Record")


def to_json(truth: GroundTruth) -> str:
    """Write a ground truth; fields as declared, so that equal truths are equal bytes.

    Raises:
        BadRecord: a field holds what its type does not allow; better here than in a trainer.
    """
    # Read back: a span's 1 becomes 1.0, and what could not be read is never written.
    whole = _record(GroundTruth, json.loads(_dumps(truth)), "ground truth")
    return _dumps(whole)


def _dumps(truth: GroundTruth) -> str:
    return json.dumps(
        dataclasses.asdict(truth), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def from_json(text: str) -> GroundTruth:
    """Read a ground truth.

    Raises:
        BadRecord: not JSON, another version, or a field unknown, missing or mistyped.
    """
    try:
        raw = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        message = f"ground truth is not JSON: {error}"
        raise BadRecord(message) from error
    if not isinstance(raw, dict) or raw.get("version") != GROUND_TRUTH_VERSION:
        said = raw.get("version") if isinstance(raw, dict) else raw
        message = (
            f"ground truth of version {said!r}: this release reads "
            f"{GROUND_TRUTH_VERSION!r}; export the rows again"
        )
        raise BadRecord(message)
    return _record(GroundTruth, raw, "ground truth")


def _no_number(name: str) -> float:
    message = f"{name} is no number"
    raise ValueError(message)


@cache
def _hints(kind: Hashable) -> dict[str, object]:
    return get_type_hints(cast("type", kind))


def _record(kind: type[_Record], raw: object, where: str) -> _Record:
    if not isinstance(raw, dict):
        message = f"{where}: expected the fields of {kind.__name__}, found {raw!r:.80}"
        raise BadRecord(message)
    hints = _hints(cast("Hashable", kind))
    if raw.keys() != hints.keys():
        unknown, missing = sorted(raw.keys() - hints.keys()), sorted(hints.keys() - raw.keys())
        message = f"{where}: unknown fields {unknown}, missing fields {missing}"
        raise BadRecord(message)
    fields = {name: _value(hint, raw[name], f"{where}.{name}") for name, hint in hints.items()}
    try:
        return kind(**fields)
    except ValueError as error:
        message = f"{where}: {error}"
        raise BadRecord(message) from error


def _value(hint: object, raw: object, where: str) -> object:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        present = next(part for part in arguments if part is not type(None))
        return None if raw is None else _value(present, raw, where)
    if origin is tuple and isinstance(raw, list):
        return tuple(_value(arguments[0], part, f"{where}[{n}]") for n, part in enumerate(raw))
    if origin is Literal and raw in arguments:
        return raw
    if dataclasses.is_dataclass(hint):
        return _record(cast("type[object]", hint), raw, where)
    if hint is float and isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    if hint in (str, bool, int) and type(raw) is hint:
        return raw
    expected = hint.__name__ if isinstance(hint, type) else str(hint)
    message = f"{where}: expected {expected}, found {raw!r:.80}"
    raise BadRecord(message)
