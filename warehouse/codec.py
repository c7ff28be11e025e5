"""Records to JSON and Arrow rows and back, by pydantic; unknown and mistyped fields are refused."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, TypeVar, Union

import polars as pl
import pydantic
from pydantic_core import PydanticSerializationError

from schemas.errors import BadRecord

if TYPE_CHECKING:
    from polars.datatypes import DataType, DataTypeClass

Noun = TypeVar("Noun")
Made = TypeVar("Made")

# Set from outside, so that schemas stay standard library. An instance is validated again on its
# way out: a dataclass does not hold a writer to its own annotations.
_CONFIG = pydantic.ConfigDict(
    extra="forbid", strict=True, allow_inf_nan=False, revalidate_instances="always"
)
_SCALARS: Mapping[type, DataTypeClass] = types.MappingProxyType(
    {str: pl.String, float: pl.Float64, int: pl.Int64, bool: pl.Boolean}
)
_ERRORS_SHOWN = 3
_INT64 = 2**63  # Arrow and DuckDB whole numbers are signed, of 64 bits


def _once(make: Callable[[type], Made]) -> Callable[[type], Made]:
    """Cache by class; the standard cache's types do not know that classes are hashable."""
    return typing.cast("Callable[[type], Made]", functools.cache(make))


def to_json(record: object) -> str:
    """Write a record as one line of JSON.

    Raises:
        BadRecord: a field does not hold what its annotation says.
    """
    cls = type(record)
    try:
        return _adapter(cls).dump_json(_checked(record)).decode()
    except PydanticSerializationError as error:
        raise _unwritable(record, error) from error


def from_json(cls: type[Noun], text: str | bytes) -> Noun:
    """Read a record of a noun from JSON, strictly.

    Raises:
        BadRecord: not JSON, or unknown, missing or mistyped fields.
    """
    try:
        return typing.cast("Noun", _adapter(cls).validate_json(text))
    except pydantic.ValidationError as error:
        raise _bad(cls, error, None) from error


def to_row(record: object) -> dict[str, object]:
    """Turn a record into plain mappings and lists, as Arrow takes them (see `polars_schema`).

    Raises:
        BadRecord: a field does not hold what its annotation says.
    """
    cls = type(record)
    row = _adapter(cls).dump_python(_checked(record), mode="json")
    for where, value in _scalars(row, cls.__name__):
        _refuse_unstorable(where, value, _id(row))
    return typing.cast("dict[str, object]", row)


def from_row(cls: type[Noun], row: Mapping[str, object]) -> Noun:
    """Read a record of a noun from an Arrow row: lists become tuples, structs become records.

    Arrow knows no missing field. Where a shard is older than a field, the field comes back null,
    and if it may not be null its default stands in.

    Raises:
        BadRecord: unknown, missing or mistyped fields.
    """
    adapter = _adapter(cls)
    try:
        return typing.cast("Noun", adapter.validate_python(row, strict=False))
    except pydantic.ValidationError:
        filled = _with_defaults(cls, row)
    try:
        return typing.cast("Noun", adapter.validate_python(filled, strict=False))
    except pydantic.ValidationError as error:
        raise _bad(cls, error, _id(row)) from error


@_once
def polars_schema(cls: type) -> pl.Schema:
    """Derive a noun's Arrow columns from its annotations."""
    return pl.Schema({name: _column(hint) for name, hint in _fields(cls).items()})


def _column(hint: object) -> DataType | DataTypeClass:
    hint = _required(hint)
    if typing.get_origin(hint) is Literal:
        return pl.String
    if typing.get_origin(hint) is tuple:
        item, rest = typing.get_args(hint)
        if rest is Ellipsis:
            return pl.List(_column(item))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return pl.Struct(polars_schema(hint))
    if isinstance(hint, type) and hint in _SCALARS:
        return _SCALARS[hint]
    message = f"no Arrow type for the annotation {hint!r}"
    raise TypeError(message)


@_once
def _fields(cls: type) -> Mapping[str, object]:
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def _required(hint: object) -> object:
    """X of `X | None`."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        (hint,) = (part for part in typing.get_args(hint) if part is not types.NoneType)
    return hint


@_once
def _adapter(cls: type) -> pydantic.TypeAdapter[object]:
    for noun in {cls, *_nested(cls)}:
        pydantic.with_config(_CONFIG)(noun)
    return pydantic.TypeAdapter(cls)


def _nested(cls: type) -> Iterator[type]:
    for hint in _fields(cls).values():
        part = _required(hint)
        if typing.get_origin(part) is tuple:
            part = typing.get_args(part)[0]
        if isinstance(part, type) and dataclasses.is_dataclass(part):
            yield part
            yield from _nested(part)


def _checked(record: object) -> object:
    try:
        return _adapter(type(record)).validate_python(record)
    except pydantic.ValidationError as error:
        raise _bad(type(record), error, _id(record)) from error


def _with_defaults(cls: type, row: Mapping[str, object]) -> dict[str, object]:
    """Leave out nulls whose field has a default and no place for null, in nested records too."""
    defaults = {
        field.name
        for field in dataclasses.fields(cls)
        if field.default is not dataclasses.MISSING
        and _required(_fields(cls)[field.name]) is _fields(cls)[field.name]
    }
    return {
        name: _nested_with_defaults(_fields(cls).get(name), value)
        for name, value in row.items()
        if value is not None or name not in defaults
    }


def _nested_with_defaults(hint: object, value: object) -> object:
    part = _required(hint)
    if isinstance(value, list) and typing.get_origin(part) is tuple:
        return [_nested_with_defaults(typing.get_args(part)[0], item) for item in value]
    if isinstance(value, Mapping) and isinstance(part, type) and dataclasses.is_dataclass(part):
        return _with_defaults(part, value)
    return value


def _scalars(value: object, where: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _scalars(part, f"{where}.{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _scalars(part, f"{where}.{place}")
    else:
        yield where, value


def _refuse_unstorable(where: str, value: object, record_id: str | None) -> None:
    if isinstance(value, str) and not _is_utf8(value):
        message = f"{where}: expected text that UTF-8 can hold, got {value!r:.80}"
        raise BadRecord(message, record_id=record_id)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        message = f"{where}: expected a whole number of 64 bits, got {value}"
        raise BadRecord(message, record_id=record_id)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _id(record: object) -> str | None:
    found = record.get("id") if isinstance(record, Mapping) else getattr(record, "id", None)
    return found if isinstance(found, str) and _is_utf8(found) else None


def _bad(cls: type, error: pydantic.ValidationError, record_id: str | None) -> BadRecord:
    problems = error.errors(include_url=False)
    told = [
        f"{'.'.join((cls.__name__, *map(str, problem['loc'])))}: {problem['msg']},"
        f" got {problem['input']!r:.80}"
        for problem in problems[:_ERRORS_SHOWN]
    ]
    more = len(problems) - len(told)
    return BadRecord("; ".join(told) + (f"; and {more} more" if more else ""), record_id=record_id)


def _unwritable(record: object, error: PydanticSerializationError) -> BadRecord:
    to_row(record)  # names the field that is not UTF-8
    return BadRecord(f"{type(record).__name__}: {error}", record_id=_id(record))
