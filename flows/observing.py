"""observe and settle: recordings → observations → facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows import crew
from flows.instruments import FREE
from flows.known import known
from schemas import Fact, Observation, Recording, Rejection, Settlement, identity
from synth import settle as settling
from synth.decode import decoder
from synth.observe import ABSENT, extractor_version
from synth.thresholds import digest
from warehouse.codec import to_json
from warehouse.shards import Finished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.instruments import Instruments
    from flows.stage import Stage
    from schemas import Edit
    from synth.questions import Source
    from warehouse.tables import Record

VERSION = "1"
_RECORDINGS_A_BATCH = 500  # workers run dry once a batch, while the last recording is measured
_SETTLED_A_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Recordings, what was observed of them, and why some could not be used."""

    recordings: Mapping[str, Recording]
    observations: Mapping[str, Sequence[Observation]]
    rejected: Mapping[str, Rejection]
    """by the sha256 of the file that could not be used"""
    instruments: tuple[str, ...]
    """the extractors that looked, each with its version"""


def observe(sources: Sequence[Source], stage: Stage, instruments: Instruments = FREE) -> Observed:
    """Decode each recording once and let every extractor measure it, in worker processes."""
    extractors = instruments.names()
    versions = instruments.versions()
    makers = (f"{decoder()} {digest('decode')}", *versions)
    keyed = {_observed_key(source, makers): source for source in sources}

    def work(some: Sequence[tuple[str, Source]]) -> Iterator[Finished]:
        largest_first = dict(sorted(some, key=_size, reverse=True))
        measured = known(stage.home, [source.sha256 for _, source in some], extractors)
        for key, seen in crew.observe(largest_first, extractors, known=measured):
            done = _unfinished(key) if _is_to_be_tried_again(seen) else key
            yield Finished(done, tuple(_records(largest_first[key], seen)))

    stage.each("observe", keyed, work, size=_RECORDINGS_A_BATCH)
    told = (*keyed, *map(_unfinished, keyed))
    observations: dict[str, list[Observation]] = {source.sha256: [] for source in sources}
    for one in stage.made("observe", Observation, told):
        observations[one.recording].append(one)
    return Observed(
        recordings={one.id: one for one in stage.made("observe", Recording, told)},
        observations=observations,
        rejected={one.record: one for one in stage.made("observe", Rejection, told)},
        instruments=versions,
    )


def _observed_key(source: Source, makers: Sequence[str]) -> str:
    told = (source.licence, source.attribution)
    return identity("observe", VERSION, source.sha256, _made(source.edit), told, makers)


def _unfinished(key: str) -> str:
    """Key of what was seen while an instrument was out of reach; the row itself stays to do."""
    return identity("observe", "unfinished", key)


def _is_to_be_tried_again(seen: crew.Seen) -> bool:
    """Whether an installed instrument lacked its weights or its server: another run may find it."""
    return any(
        one.version == ABSENT and extractor_version(one.extractor) != ABSENT
        for one in seen.extractions
    )


def _size(keyed: tuple[str, Source]) -> int:
    """Bytes of a file, about what it costs: a long recording begun last leaves a core idle."""
    path = keyed[1].path
    return path.stat().st_size if path.is_file() else 0


def _records(source: Source, seen: crew.Seen) -> Iterator[Record]:
    if seen.recording is None:
        yield Rejection(
            id=identity("rejection", "", "observe", "recording", source.sha256, "unreadable"),
            run="",
            stage="observe",
            kind="recording",
            record=source.sha256,
            question="",
            filter="unreadable_audio",
            reason=f"{source.path.name}: {seen.refusal}",
        )
        return
    yield replace(seen.recording, licence=source.licence, attribution=source.attribution)
    yield from seen.extractions
    yield from seen.observations


def settle(observed: Observed, stage: Stage) -> dict[str, list[Fact]]:
    """Settle what was observed into facts, by recording."""
    keyed = {
        identity(
            "settle", settling.VERSION, one.id, _made(one.edit), observed.instruments,
            _ids(observed, one),
        ): one
        for one in observed.recordings.values()
    }  # fmt: skip

    def work(some: Sequence[tuple[str, Recording]]) -> Iterator[Finished]:
        for key, recording in some:
            found = settling.settle(recording, observed.observations[recording.id])
            settlement = Settlement(
                id=key,
                recording=recording.id,
                instruments=observed.instruments,
                rules=settling.VERSION,
                facts=tuple(fact.id for fact in found),
                settled_at=datetime.now(UTC).isoformat(),
            )
            yield Finished(key, (*found, settlement))

    stage.each("settle", keyed, work, size=_SETTLED_A_BATCH)
    facts: dict[str, list[Fact]] = {one: [] for one in observed.recordings}
    for fact in stage.made("settle", Fact, keyed):
        facts[fact.recording].append(fact)
    return facts


def _ids(observed: Observed, recording: Recording) -> list[str]:
    return sorted(one.id for one in observed.observations[recording.id])


def _made(edit: Edit | None) -> str:
    return "" if edit is None else to_json(edit)
