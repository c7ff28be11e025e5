"""Which instruments look at recordings: all that are free to use, and those asked for by name."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.errors import MissingExtra
from synth import observe, plugins

LISTENER = "listener"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """The choice that a person has: licences, and audio language models to listen."""

    noncommercial: bool = False
    """also those whose weights forbid commercial use; facts that rest on them say so"""
    listeners: tuple[str, ...] = ()
    """audio language models, each "URL#MODEL"; two different ones must agree"""

    def names(self) -> tuple[str, ...]:
        """List the extractors, sorted, listeners last."""
        return (
            *(name for name in plugins.names("extractors") if self._is_wanted(name)),
            *(f"{LISTENER}:{listener}" for listener in self.listeners),
        )

    def versions(self) -> tuple[str, ...]:
        """List the extractors, each with its version."""
        return tuple(f"{name} {observe.extractor_version(name)}" for name in self.names())

    def _is_wanted(self, name: str) -> bool:
        if name == LISTENER:
            return False
        try:
            return self.noncommercial or not observe.is_restricted(name)
        except MissingExtra:
            return True  # it records that its library is absent


FREE = Instruments()
