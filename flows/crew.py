"""The crew: worker processes that observe recordings, each under the eye of a thread.

A worker that crashes, hangs or eats memory is lost; what it had seen is not. The extractor that was
looking gets a failed Extraction that tells the cause, and a fresh worker goes on with the next.
"""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows import worker as workers
from flows.known import Known
from flows.watched import Limits, Lost, Worker, affordable
from schemas.errors import PerceptsynthError
from synth.observe import extractor_version, in_order, tell
from synth.windows import placed, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas import Extraction, Observation, Recording, Span
    from synth.questions import Source


_WAKE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of a recording: all that was seen of it, or why it cannot be used."""

    recording: Recording | None
    extractions: tuple[Extraction, ...] = ()
    observations: tuple[Observation, ...] = ()
    refusal: str = ""


def observe(
    sources: Mapping[str, Source],
    extractors: Sequence[str],
    *,
    known: Mapping[str, Known] | None = None,
    size: int | None = None,
    limits: Limits | None = None,
) -> Iterator[tuple[str, Seen]]:
    """Observe recordings, given by any keys, in worker processes; each comes as it is done.

    What is `known` of a recording, by its sha256, is taken as it is and not measured again;
    `size` is the number of workers, else one a core, as far as memory goes.

    Raises:
        UnknownPlugin: there is no extractor of that name.
        PerceptsynthError: a worker could not even start.
    """
    bounds = limits or Limits()
    crew = _Crew(in_order(extractors), bounds, known or {})
    for pair in sources.items():
        crew.waiting.put(pair)
    count = min(size or affordable(bounds.fit_mb), len(sources))
    threads = [threading.Thread(target=crew.watch_one, daemon=True) for _ in range(count)]
    try:
        for thread in threads:
            thread.start()
        for _ in sources:
            done = crew.next_done()
            if isinstance(done, BaseException):
                raise done
            yield done
    finally:
        crew.stopped.set()
        for thread in threads:
            thread.join()


@dataclass(slots=True)
class _Crew:
    """What the watching threads share."""

    extractors: tuple[str, ...]
    limits: Limits
    known: Mapping[str, Known]
    waiting: queue.SimpleQueue[tuple[str, Source]] = field(default_factory=queue.SimpleQueue)
    done: queue.SimpleQueue[tuple[str, Seen] | BaseException] = field(
        default_factory=queue.SimpleQueue
    )
    stopped: threading.Event = field(default_factory=threading.Event)

    def next_done(self) -> tuple[str, Seen] | BaseException:
        """Wait for a recording, and wake now and then: Ctrl-C may have reached another thread."""
        while True:
            with suppress(queue.Empty):
                return self.done.get(timeout=_WAKE_S)

    def watch_one(self) -> None:
        """Keep one worker busy until nothing waits, replacing it when it is lost."""
        worker = None
        try:
            while not self.stopped.is_set():
                key, source = self.waiting.get_nowait()
                before = self.known.get(source.sha256, Known())
                progress = _Progress(
                    source, looked=list(before.extractions), seen=list(before.observations)
                )
                while not progress.outcome:
                    if worker is None or not worker.is_fit(progress.fit_mb(self.limits)):
                        worker = self._fresh(worker)
                    worker.order(progress.job(self.extractors))
                    self._follow(worker, progress)
                    if self.stopped.is_set():
                        return
                self.done.put((key, progress.outcome))
        except queue.Empty:
            pass
        except BaseException as error:  # noqa: BLE001 - raised anew by whoever waits for results
            self.done.put(error)
        finally:
            if worker is not None:
                worker.end()

    def _fresh(self, old: Worker | None) -> Worker:
        if old is not None:
            old.end()
        worker = Worker(self.limits, self.stopped)
        first = worker.hear(self.limits.start_s, "to start")
        if isinstance(first, Lost) and not self.stopped.is_set():
            worker.end()
            message = f"a worker process could not start: {first.reason}"
            raise PerceptsynthError(message)
        return worker

    def _follow(self, worker: Worker, progress: _Progress) -> None:
        """Note all that a worker says of a recording until it is done, lost or has grown."""
        message: workers.Message | Lost | None = None
        while not progress.outcome and not isinstance(message, Lost):
            message = worker.hear(*progress.limit(self.limits))
            progress.note(message)
            grown = progress.span and not worker.is_fit(progress.fit_mb(self.limits))
            if grown and isinstance(message, workers.Looked):
                return


@dataclass(slots=True)
class _Progress:
    """What is known of a recording so far, whatever becomes of the worker."""

    source: Source
    outcome: Seen | None = None
    extractions: list[Extraction] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    window: int = 0
    """the one that is being decoded or looked at; all below are of it, in its own time"""
    span: Span | None = None
    duration_s: float = 0.0
    looking: str = ""
    looked: list[Extraction] = field(default_factory=list)
    seen: list[Observation] = field(default_factory=list)

    def job(self, extractors: tuple[str, ...]) -> workers.Job:
        """Say what is left to do."""
        return workers.Job(
            source=self.source,
            extractors=extractors,
            window=self.window,
            looked=frozenset(one.extractor for one in self.looked),
            seen=tuple(self.seen),
        )

    def limit(self, limits: Limits) -> tuple[float, str]:
        """Say how many seconds the present step may take, and what for."""
        if not self.looking:
            return limits.decoding_s, "to decode a window"
        limit_s = limits.looking_s + limits.looking_per_s * self.duration_s
        return limit_s, f"for {self.duration_s:.0f} s of audio"

    def fit_mb(self, limits: Limits) -> float:
        """Say how much memory a worker may hold and be given more to do."""
        return limits.fit_long_mb if self.span else limits.fit_mb

    def note(self, message: workers.Message | Lost) -> None:
        """Enter what the worker says, or that it is lost."""
        match message:
            case workers.Decoded(span, duration_s):
                self.span, self.duration_s = span, duration_s
            case workers.Looking(name):
                self.looking = name
            case workers.Looked(extraction, observations):
                self.looking = ""
                self.looked.append(extraction)
                self.seen.extend(observations)
            case workers.Measured():
                self.extractions.extend(told(one, self.span) for one in self.looked)
                self.observations.extend(placed(one, self.span) for one in self.seen)
                self.window += 1
                self.looked, self.seen = [], []
            case workers.Whole(recording):
                self.outcome = Seen(
                    recording=recording,
                    extractions=tuple(self.extractions),
                    observations=tuple(self.observations),
                )
            case workers.Refused(reason):
                self.outcome = Seen(recording=None, refusal=reason)
            case Lost(reason):
                self._lose(reason)

    def _lose(self, reason: str) -> None:
        """Blame the extractor that was looking; where none was, the file that was decoded."""
        if not self.looking:
            self.outcome = Seen(recording=None, refusal=f"decoding it was given up: {reason}")
            return
        version = extractor_version(self.looking)
        failed = tell(self.source.sha256, self.looking, version, "failed", reason)
        self.note(workers.Looked(failed, ()))
