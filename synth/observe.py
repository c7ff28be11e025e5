"""observe: let the instruments look at a recording, each after those whose word it needs."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from schemas import Extraction, Observation, identity
from schemas.errors import (
    Abstained,
    BadRecord,
    ListenerDown,
    MissingExtra,
    MissingWeights,
    UnknownPlugin,
)
from synth.plugins import load, not_installed
from synth.thresholds import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Outcome
    from synth.audio import Audio, Measurement

ABSENT = "absent"
"""The version of an extractor whose library, weights or server are not there: a later run looks
again."""


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
        extraction, seen = look(name, audio, observations)
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
            graph[name] = needed(name)
            waiting.extend(graph[name])
    return tuple(TopologicalSorter(graph).static_order())


def needed(name: str) -> tuple[str, ...]:
    """List whose word an extractor needs; one whose library is absent only records that."""
    return () if missing_package(name) else tuple(instrument(name).NEEDS)


def instrument(name: str) -> Any:
    """Load an extractor; "listener:ADDRESS" is what `at` of its module makes of the address.

    Raises:
        UnknownPlugin: there is no extractor of that name, or it has no addresses.
        BadOption: the address cannot be used.
    """
    head, colon, address = name.partition(":")
    module = load("extractors", head)
    if not colon:
        return module
    if not hasattr(module, "at"):
        message = f"{head} looks by itself: it takes no address, such as {address!r}"
        raise UnknownPlugin(message)
    return module.at(address)


@cache
def extractor_version(name: str) -> str:
    """Give the version that an extractor's records carry; "absent" where its library is.

    It covers its thresholds, and the versions of those on whose word it relies.
    """
    if missing_package(name):
        return ABSENT
    needs = [f"{need} {extractor_version(need)}" for need in needed(name)]
    relied_on = hashlib.sha256("\n".join(needs).encode()).hexdigest()[:8] if needs else ""
    parts = (instrument(name).VERSION, digest(name.partition(":")[0]), relied_on)
    return " ".join(filter(None, parts))


def witness(name: str) -> str:
    """Name an extractor's independence group, and its licence where that forbids commerce."""
    module = instrument(name)
    return f"{module.WITNESS} ({module.LICENCE})" if is_restricted(name) else str(module.WITNESS)


def is_restricted(name: str) -> bool:
    """Whether what an extractor says may not be used commercially."""
    return "NC" in instrument(name).LICENCE.split("-")


@cache
def missing_package(name: str) -> str | None:
    """Name the first package that an extractor says it uses and that is not installed."""
    try:
        module = instrument(name)
    except MissingExtra as error:
        cause = error.__cause__
        return str(cause.name) if isinstance(cause, ModuleNotFoundError) else error.message
    used: tuple[str, ...] = module.PACKAGES
    return next((one for one in used if importlib.util.find_spec(one) is None), None)


def look(
    name: str, audio: Audio, so_far: Sequence[Observation]
) -> tuple[Extraction, tuple[Observation, ...]]:
    """Let one extractor look, and say how that went."""
    missing = missing_package(name)
    if missing:
        return tell(audio.recording, name, ABSENT, "abstained", not_installed(missing)), ()
    module = instrument(name)
    version = extractor_version(name)
    given = tuple(seen for seen in so_far if seen.extractor in module.NEEDS)
    try:
        measured: tuple[Measurement, ...] = module.measure(audio, given)
        seen = tuple(_observation(audio, name, *pair) for pair in enumerate(measured))
    except Abstained as error:
        return tell(audio.recording, name, version, "abstained", error.message), ()
    except (MissingExtra, MissingWeights, ListenerDown) as error:
        return tell(audio.recording, name, ABSENT, "abstained", error.message), ()
    except Exception as error:  # noqa: BLE001 - one broken instrument must not silence the others
        reason = f"{type(error).__name__}: {error}"
        return tell(audio.recording, name, version, "failed", reason), ()
    return tell(audio.recording, name, version, "measured", ""), seen


def tell(recording: str, name: str, version: str, outcome: Outcome, reason: str) -> Extraction:
    """Record how it went with one extractor."""
    return Extraction(
        id=identity("extraction", recording, name, version),
        recording=recording,
        extractor=name,
        version=version,
        outcome=outcome,
        reason=reason,
    )


def _observation(audio: Audio, name: str, ordinal: int, measured: Measurement) -> Observation:
    module = instrument(name)
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
        witness=witness(name),
    )
