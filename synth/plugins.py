"""The folder is the registry: a plug-in is a module in its room, found by its file's name."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Literal

from schemas.errors import MissingExtra, UnknownPlugin

if TYPE_CHECKING:
    from types import ModuleType

Room = Literal["benchmarks", "edits", "extractors", "teachers", "exporters"]


def names(room: Room) -> tuple[str, ...]:
    """List a room's plug-ins, sorted."""
    package = importlib.import_module(f"synth.{room}")
    return tuple(sorted(found.name for found in pkgutil.iter_modules(package.__path__)))


def load(room: Room, name: str) -> ModuleType:
    """Import one plug-in of a room.

    Raises:
        UnknownPlugin: the room has no such file.
        MissingExtra: the plug-in's library is not installed.
    """
    if name not in names(room):
        known = ", ".join(names(room))
        message = f"no {name!r} in synth/{room}; there are: {known}"
        raise UnknownPlugin(message)
    try:
        return importlib.import_module(f"synth.{room}.{name}")
    except ModuleNotFoundError as error:
        message = f"{name} needs the package {error.name!r}: install the extra that brings it"
        raise MissingExtra(message) from error
