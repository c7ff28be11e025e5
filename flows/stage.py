"""What every stage does alike: subtract what is done, batch the rest, one shard a batch."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from flows.progress import Progress
from warehouse import shards
from warehouse.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from warehouse.home import Home
    from warehouse.tables import Record

Row = TypeVar("Row")
Noun = TypeVar("Noun", bound="Record")

_WRITE_EVERY_S = 5.0  # a shard a few seconds: a kill costs little, and shards stay few
_PUBLISH_EVERY_S = 20.0  # a snapshot is a copy of the file: fresh enough to watch, rare enough


class Batch(Protocol):
    """Does one batch of a stage: at once, or as a task of an orchestrator."""

    def __call__(self, stage: str, label: str, work: Callable[[], None]) -> None:
        """Do the work; what it made is in a shard when this returns."""


def directly(stage: str, label: str, work: Callable[[], None]) -> None:  # noqa: ARG001 - a Batch
    """Do a batch here and now."""
    work()


@dataclass(slots=True)
class Stage:
    """Where stages write, and how their batches are run."""

    home: Home
    batch: Batch
    _published: float = field(default_factory=time.monotonic)

    def each(
        self,
        name: str,
        rows: Mapping[str, Row],
        work: Callable[[Sequence[tuple[str, Row]]], Iterable[shards.Finished]],
        size: int,
    ) -> None:
        """Work through the rows, given by their done keys, that this stage has not finished.

        `work` gets some (key, row) and gives a Finished for each that is done; what it leaves out
        is tried again by the next run. What it gives slowly is written as it comes: a kill costs
        at most a few seconds' rows and those that were in work.
        """
        done = shards.done_keys(self.home, name)
        pending = iter([(key, row) for key, row in rows.items() if key not in done])
        progress = Progress(name, total=len(rows))
        progress.advance(sum(key in done for key in rows), "done before")
        while some := list(islice(pending, size)):

            def one_batch(some: Sequence[tuple[str, Row]] = some) -> None:
                for portion in _as_they_come(work(some)):
                    shards.write(self.home, name, portion)
                    progress.advance(len(portion))
                    self.publish()

            self.batch(name, f"{name} {progress.done + 1}-{progress.done + len(some)}", one_batch)

    def made(self, name: str, noun: type[Noun], keys: Iterable[str]) -> list[Noun]:
        """Read back what a stage made of the rows of these keys, in their order."""
        return shards.read(self.home, noun, keys=list(keys), stage=name)

    def publish(self) -> None:
        """Let readers see what there is so far, now and then."""
        if time.monotonic() - self._published >= _PUBLISH_EVERY_S:
            ingest(self.home)
            self._published = time.monotonic()


def _as_they_come(rows: Iterable[shards.Finished]) -> Iterator[list[shards.Finished]]:
    """Gather what comes within a few seconds."""
    portion: list[shards.Finished] = []
    since = time.monotonic()
    for row in rows:
        portion.append(row)
        if time.monotonic() - since >= _WRITE_EVERY_S:
            yield portion
            portion, since = [], time.monotonic()
    if portion:
        yield portion
