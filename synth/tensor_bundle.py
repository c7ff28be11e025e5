"""Read tensors out of a TensorFlow checkpoint, without TensorFlow.

A checkpoint is two files. `.index` is a sorted table in LevelDB's format (table_format.md of
google/leveldb): blocks of key and value with shared prefixes, then a footer that says where the
index block lies. Its values are BundleEntryProto messages (tensor_bundle.proto of
tensorflow/tensorflow): type, shape, and where in `.data-00000-of-00001` the bytes of the tensor
lie. Each length is checked against the file, so a truncated file is refused, never guessed at.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from schemas.errors import RefusedWeights

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_MAGIC = 0xDB4775248B80FB57  # table_format.md
_FOOTER_BYTES = 48
_TRAILER_BYTES = 5  # after each block: its compression and a checksum
_FLOAT = 1  # types.proto: DT_FLOAT
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types of protocol buffers


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    shape: tuple[int, ...]
    offset: int
    size: int


def read_tensors(index: Path, data: Path) -> dict[str, NDArray[np.float32]]:
    """Read every float32 tensor of a checkpoint with one data file, by the variable's name.

    Raises:
        RefusedWeights: not a checkpoint, compressed, truncated, or a tensor outside its file.
    """
    table, raw = index.read_bytes(), data.read_bytes()
    try:
        entries = {key: _entry(value) for key, value in _table(table) if key}
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        message = f"{index.name}: not the index of a checkpoint: {error}"
        raise RefusedWeights(message) from error
    return {key: _tensor(key, entry, raw) for key, entry in entries.items() if entry.kind == _FLOAT}


def _tensor(key: str, entry: _Entry, raw: bytes) -> NDArray[np.float32]:
    count = int(np.prod(entry.shape, dtype=np.int64))
    if entry.size != 4 * count or not 0 <= entry.offset <= len(raw) - entry.size:
        message = (
            f"{key}: {entry.size} bytes at {entry.offset} of {len(raw)} are no "
            f"float32 tensor of shape {entry.shape}"
        )
        raise RefusedWeights(message)
    return np.frombuffer(raw, "<f4", count, entry.offset).reshape(entry.shape)


def _table(table: bytes) -> Iterator[tuple[str, bytes]]:
    footer = table[-_FOOTER_BYTES:]
    if len(footer) < _FOOTER_BYTES or struct.unpack("<Q", footer[-8:])[0] != _MAGIC:
        message = f"no sorted table: expected the magic number {_MAGIC:#x} at its end"
        raise RefusedWeights(message)
    _, at = _handle(footer, 0)  # of the metaindex, which is empty
    of_index, _ = _handle(footer, at)
    for _, handle in _block(table, *of_index):
        for key, value in _block(table, *_handle(handle, 0)[0]):
            yield key.decode(), value


def _handle(raw: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Offset and size of a block, and where the next field begins."""
    offset, at = _varint(raw, at)
    size, at = _varint(raw, at)
    return (offset, size), at


def _block(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    block = table[offset : offset + size + _TRAILER_BYTES]
    if len(block) != size + _TRAILER_BYTES or block[size] != 0:
        message = f"the block at {offset} is truncated or compressed"
        raise RefusedWeights(message)
    restarts = struct.unpack("<I", block[size - 4 : size])[0]
    end = size - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        at += fresh
        yield key, block[at : at + length]
        at += length


def _entry(message: bytes) -> _Entry:
    kind = offset = size = 0
    shape: tuple[int, ...] = ()
    for field, value in _fields(message):
        match field, value:
            case 1, int():
                kind = value
            case 2, bytes():
                shape = tuple(_size(dim) for number, dim in _fields(value) if number == 2)
            case 4, int():
                offset = value
            case 5, int():
                size = value
    return _Entry(kind, shape, offset, size)


def _size(dim: int | bytes) -> int:
    """Length of one dimension: a message whose first field it is; left out where it is 0."""
    fields = _fields(dim) if isinstance(dim, bytes) else iter(())
    return next((size for number, size in fields if number == 1 and isinstance(size, int)), 0)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Read number and value of each field of a protocol buffer message."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        wire = tag & 7
        if wire == _VARINT:
            number, at = _varint(message, at)
            yield tag >> 3, number
        elif wire == _BYTES:
            length, at = _varint(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        elif wire in {_FIXED32, _FIXED64}:
            at += 4 if wire == _FIXED32 else 8
        else:
            text = f"no wire type {wire} in a BundleEntryProto"
            raise RefusedWeights(text)


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
