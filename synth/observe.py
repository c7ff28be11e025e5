"""observe: let the instruments look at a recording, each after those whose word it needs."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from schemas import Extraction, Observation, identity
from schemas.errors import Abstained, BadRecord, MissingExtra, MissingWeights
from synth.plugins import load, not_installed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Outcome
    from synth.audio import Audio, Measurement

ABSENT = "absent"
"""The version of an extractor whose library or weights are not there: a later run looks again."""


@dataclass(frozen=True, slots=True)
class Observed:
    """How it went with each extractor, and what the extractors saw."""

    extractions: tuple[Extraction, ...]
    observations: tuple[Observation, ...]


def observe(audio: Audio, extractors: Sequence[str]) -> Observed:
    """Run extractors, and those that they need, on one recording.

    Nothing that an extractor does stops the others: an honest "cannot tell" is recorded as
    abstained, any other exception as failed, each with its reason.

    Raises:
        UnknownPlugin: there is no extractor of that name.
    """
    extractions: list[Extraction] = []
    observations: list[Observation] = []
    for name in in_order(extractors):
        extraction, seen = _look(name, audio, observations)
        extractions.append(extraction)
        observations.extend(seen)
    return Observed(tuple(extractions), tuple(observations))


def in_order(extractors: Sequence[str]) -> tuple[str, ...]:
    """List extractors and all that they need, each after those that it needs."""
    graph: dict[str, tuple[str, ...]] = {}
    waiting = list(extractors)
    while waiting:
        name = waiting.pop(0)
        if name not in graph:
            # One whose library is absent only records that: it needs nobody.
            graph[name] = () if missing_package(name) else load("extractors", name).NEEDS
            waiting.extend(graph[name])
    return tuple(TopologicalSorter(graph).static_order())


@cache
def extractor_version(name: str) -> str:
    """Give the version that an extractor's records carry: "absent" where its library is."""
    return ABSENT if missing_package(name) else str(load("extractors", name).VERSION)


@cache
def missing_package(name: str) -> str | None:
    """Name the first package that an extractor says it uses and that is not installed."""
    try:
        module = load("extractors", name)
    except MissingExtra as error:
        cause = error.__cause__
        return str(cause.name) if isinstance(cause, ModuleNotFoundError) else error.message
    used: tuple[str, ...] = module.PACKAGES
    return next((one for one in used if importlib.util.find_spec(one) is None), None)


def _look(
    name: str, audio: Audio, so_far: Sequence[Observation]
) -> tuple[Extraction, tuple[Observation, ...]]:
    """Let one extractor look, and say how that went."""
    missing = missing_package(name)
    if missing:
        return _extraction(audio, name, ABSENT, "abstained", not_installed(missing)), ()
    module = load("extractors", name)
    version = extractor_version(name)
    given = tuple(seen for seen in so_far if seen.extractor in module.NEEDS)
    try:
        measured: tuple[Measurement, ...] = module.measure(audio, given)
        seen = tuple(_observation(audio, name, *pair) for pair in enumerate(measured))
    except Abstained as error:
        return _extraction(audio, name, version, "abstained", error.message), ()
    except (MissingExtra, MissingWeights) as error:
        return _extraction(audio, name, ABSENT, "abstained", error.message), ()
    except Exception as error:  # noqa: BLE001 - one broken instrument must not silence the others
        reason = f"{type(error).__name__}: {error}"
        return _extraction(audio, name, version, "failed", reason), ()
    return _extraction(audio, name, version, "measured", ""), seen


def _extraction(audio: Audio, name: str, version: str, outcome: Outcome, reason: str) -> Extraction:
    return Extraction(
        id=identity("extraction", audio.recording, name, version),
        recording=audio.recording,
        extractor=name,
        version=version,
        outcome=outcome,
        reason=reason,
    )


def _observation(audio: Audio, name: str, ordinal: int, measured: Measurement) -> Observation:
    module = load("extractors", name)
    if measured.property not in module.PROPERTIES:
        declared = ", ".join(module.PROPERTIES)
        message = f"{name} measured {measured.property!r}, but declares {declared}"
        raise BadRecord(message, record_id=audio.recording)
    version = extractor_version(name)
    return Observation(
        id=identity("observation", audio.recording, name, version, ordinal),
        recording=audio.recording,
        property=measured.property,
        subject=measured.subject,
        span=measured.span,
        value=measured.value,
        confidence=measured.confidence,
        extractor=name,
        version=version,
        witness=module.WITNESS,
    )
