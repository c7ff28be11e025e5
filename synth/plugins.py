"""The folder is the registry: a plug-in is a module in its room, found by its file's name."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
import re
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
        message = f"{name}: {not_installed(error.name or str(error))}"
        raise MissingExtra(message) from error


def not_installed(package: str) -> str:
    """Say what to install, naming the extra that brings a package, from our own metadata."""
    try:
        required = importlib.metadata.requires("perceptsynth") or []
    except importlib.metadata.PackageNotFoundError:
        required = []  # run from a bare folder: only the package's own name is known
    wanted = package.replace("_", "-").lower()
    for line in required:
        found = re.match(r"([A-Za-z0-9._-]+).*extra == [\"']([\w-]+)[\"']", line)
        carriers = {wanted, f"{wanted}-prebuilt"}  # a rebuilt package keeps its import name
        if found and found[1].lower() in carriers and found[2] != "all":
            return f'{package} is not installed; pip install "perceptsynth[{found[2]}]"'
    return f'{package} is not installed; pip install "perceptsynth[all]"'
