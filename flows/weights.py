"""Fetch and verify the weights that the main job needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.progress import say
from schemas.errors import MissingWeights
from synth import models

if TYPE_CHECKING:
    from collections.abc import Sequence

MAIN_JOB = ("whisper-base", "yamnet", "campplus")
"""what the extractors need; a teacher's own model comes on top"""


def fetch(names: Sequence[str] | None = None) -> None:
    """Fetch models that the cache lacks; without names, all that the main job needs."""
    for name in names or (*MAIN_JOB, "qwen2.5-coder-1.5b"):
        models.fetch(name, progress=say)


def held(name: str) -> bool:
    """Tell whether the cache holds a model."""
    try:
        models.path(name)
    except MissingWeights:
        return False
    return True


def verify(names: Sequence[str] | None = None) -> None:
    """Hash cached models again; without names, all that the cache holds.

    Raises:
        RefusedWeights: a file is not what the manifest says.
        MissingWeights: a named model is not in the cache.
    """
    for name in names or [model.name for model in models.models() if held(model.name)]:
        models.verify(name)
        say(f"{name}: as the manifest says")
