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
    from collections.abc import Callable, Hashable

_Record = TypeVar("_Record")


def to_json(truth: GroundTruth) -> str:
    """Write a ground truth; fields as declared, so that equal truths are equal bytes.

    Raises:
        BadRecord: a field holds what its type does not allow; better here than in a trainer.
    """
    # Read back: a span's 1 becomes 1.0, and what could not be read is never written.
    return _dumps(_truth(json.loads(_dumps(truth))))


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
    return _truth(raw)


def _no_number(name: str) -> float:
    message = f"{name} is no number"
    raise ValueError(message)


# Readers, one a type, made once ------------------------------------------------------------------


class _Misfit(Exception):
    """What a value should have been, and the way to it, gathered as the error climbs."""

    def __init__(self, problem: str, way: str = "") -> None:
        self.problem = problem
        self.way = way

    def inside(self, step: str) -> _Misfit:
        return _Misfit(self.problem, step + self.way)


@cache
def _reader(hint: Hashable) -> Callable[[object], object]:
    """Make the reader of a field's type: the types that a ground truth is made of, no others."""
    origin, arguments = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint):
        return _record_reader(cast("type[object]", hint))
    if origin in (types.UnionType, Union):
        present = _reader(next(part for part in arguments if part is not type(None)))
        return lambda raw: None if raw is None else present(raw)
    if origin is tuple:
        return _tuple_reader(_reader(arguments[0]))
    plain = hint if isinstance(hint, type) else None
    expected = plain.__name__ if plain else str(hint)
    allowed = frozenset(arguments) if origin is Literal else None

    def read(raw: object) -> object:
        if type(raw) is plain or (allowed is not None and type(raw) is str and raw in allowed):
            return raw
        if plain is float and type(raw) is int:
            return float(raw)
        message = f"expected {expected}, found {raw!r:.80}"
        raise _Misfit(message)

    return read


def _tuple_reader(part: Callable[[object], object]) -> Callable[[object], object]:
    def read(raw: object) -> object:
        if type(raw) is not list:
            message = f"expected a list, found {raw!r:.80}"
            raise _Misfit(message)
        at = 0
        found = []
        try:
            for at, one in enumerate(raw):  # noqa: B007 - where it broke
                found.append(part(one))
        except _Misfit as misfit:
            step = f"[{at}]"
            raise misfit.inside(step) from None
        return tuple(found)

    return read


def _record_reader(kind: type[_Record]) -> Callable[[object], _Record]:
    readers = {name: _reader(cast("Hashable", hint)) for name, hint in get_type_hints(kind).items()}

    def read(raw: object) -> _Record:
        if type(raw) is not dict:
            message = f"expected the fields of {kind.__name__}, found {raw!r:.80}"
            raise _Misfit(message)
        if raw.keys() != readers.keys():
            unknown, missing = sorted(raw.keys() - readers), sorted(readers.keys() - raw.keys())
            message = f"unknown fields {unknown}, missing fields {missing}"
            raise _Misfit(message)
        name, fields = "", {}
        try:
            for name, reader in readers.items():
                fields[name] = reader(raw[name])
        except _Misfit as misfit:
            step = f".{name}"
            raise misfit.inside(step) from None
        try:
            return kind(**fields)
        except ValueError as error:
            raise _Misfit(str(error)) from error

    return read


def _truth(raw: object) -> GroundTruth:
    try:
        return cast("GroundTruth", _reader(GroundTruth)(raw))
    except _Misfit as misfit:
        message = f"ground truth{misfit.way}: {misfit.problem}"
        raise BadRecord(message) from misfit
