"""observe and settle: recordings → observations → facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemas import Extraction, Fact, Observation, Recording, Rejection, identity
from schemas.errors import UnreadableAudio
from synth import plugins
from synth import settle as settling
from synth.decode import examine
from synth.observe import extractor_version
from synth.observe import observe as observe_audio
from warehouse.codec import to_json
from warehouse.shards import Finished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.stage import Stage
    from schemas import Edit
    from synth.questions import Source

VERSION = "1"
_RECORDINGS_A_BATCH = 4  # about a minute of work on two cores: what a kill costs at most
_SETTLED_A_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Recordings, what was observed of them, and why some could not be used."""

    recordings: Mapping[str, Recording]
    observations: Mapping[str, Sequence[Observation]]
    rejected: Mapping[str, Rejection]
    """by the sha256 of the file that could not be used"""


def observe(sources: Sequence[Source], stage: Stage) -> Observed:
    """Decode each recording once and let every extractor measure it."""
    extractors = plugins.names("extractors")
    versions = [f"{name} {extractor_version(name)}" for name in extractors]
    keyed = {_observed_key(source, versions): source for source in sources}

    def work(some: Sequence[tuple[str, Source]]) -> Iterator[Finished]:
        for key, source in some:
            yield Finished(key, tuple(_records(source, extractors)))

    stage.each("observe", keyed, work, size=_RECORDINGS_A_BATCH)
    observations: dict[str, list[Observation]] = {source.sha256: [] for source in sources}
    for one in stage.made("observe", Observation, keyed):
        observations[one.recording].append(one)
    return Observed(
        recordings={one.id: one for one in stage.made("observe", Recording, keyed)},
        observations=observations,
        rejected={one.record: one for one in stage.made("observe", Rejection, keyed)},
    )


def _observed_key(source: Source, versions: Sequence[str]) -> str:
    told = (source.licence, source.attribution)
    return identity("observe", VERSION, source.sha256, _made(source.edit), told, versions)


def _records(
    source: Source, extractors: Sequence[str]
) -> Iterator[Recording | Extraction | Observation | Rejection]:
    try:
        recording, audio = examine(source.path, source.sha256, source.locator, source.edit)
    except UnreadableAudio as error:
        yield Rejection(
            id=identity("rejection", "", "observe", "recording", source.sha256, "unreadable"),
            run="",
            stage="observe",
            kind="recording",
            record=source.sha256,
            question="",
            filter="unreadable_audio",
            reason=f"{source.path.name}: {error.message}",
        )
        return
    yield replace(recording, licence=source.licence, attribution=source.attribution)
    seen = observe_audio(audio, extractors)
    yield from seen.extractions
    yield from seen.observations


def settle(observed: Observed, stage: Stage) -> dict[str, list[Fact]]:
    """Settle what was observed into facts, by recording."""
    keyed = {
        identity("settle", settling.VERSION, one.id, _made(one.edit), _ids(observed, one)): one
        for one in observed.recordings.values()
    }

    def work(some: Sequence[tuple[str, Recording]]) -> Iterator[Finished]:
        for key, recording in some:
            found = settling.settle(recording, observed.observations[recording.id])
            yield Finished(key, tuple(found))

    stage.each("settle", keyed, work, size=_SETTLED_A_BATCH)
    facts: dict[str, list[Fact]] = {one: [] for one in observed.recordings}
    for fact in stage.made("settle", Fact, keyed):
        facts[fact.recording].append(fact)
    return facts


def _ids(observed: Observed, recording: Recording) -> list[str]:
    return sorted(one.id for one in observed.observations[recording.id])


def _made(edit: Edit | None) -> str:
    return "" if edit is None else to_json(edit)
