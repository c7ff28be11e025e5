"""The home: the one folder that holds all that a warehouse remembers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schemas.errors import BadOption


@dataclass(frozen=True)
class Home:
    """A folder and what lies where in it; opening it creates the folders that are missing.

    Raises:
        BadOption: the path, or a folder's place below it, is a file or cannot be created.
    """

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path).expanduser().absolute())
        for folder in (self.path, self.shards, self.replies, self.audio, self.exports):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                message = f"{folder}: expected a folder that can be written ({error.strerror})"
                raise BadOption(message) from error

    @property
    def shards(self) -> Path:
        """Parquet shards, one folder a stage: the truth."""
        return self.path / "shards"

    @property
    def replies(self) -> Path:
        """The teachers' replies, append-only."""
        return self.path / "replies"

    @property
    def audio(self) -> Path:
        """Recordings that came without a file path, each under its hash."""
        return self.path / "audio"

    @property
    def exports(self) -> Path:
        """What trainers are given."""
        return self.path / "exports"

    @property
    def warehouse(self) -> Path:
        """The ingester's own DuckDB file: nobody else opens it, shards can rebuild it."""
        return self.path / "warehouse.duckdb"

    @property
    def snapshot(self) -> Path:
        """The published DuckDB file: read-only, replaced whole by each ingestion."""
        return self.path / "perceptsynth.duckdb"

    @property
    def ingester_lock(self) -> Path:
        """Held by the one ingester."""
        return self.path / "ingester.lock"
