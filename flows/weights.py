"""Fetch and verify the weights that a job needs."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from flows.progress import say
from schemas.errors import MissingWeights
from synth import models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.plan import Plan

EMBEDDED = "qwen2.5-coder-1.5b"
"""the embedded teacher's own default"""

# Which extractors' packages make which weights worth having.
_READERS = {
    "whisper-base": ("faster_whisper", "whisper_timestamped"),
    "yamnet": ("onnxruntime",),
    "basic-pitch": ("onnxruntime",),
    "campplus": ("torch",),
    "pyannote-segmentation": ("torch",),
    "ge2e": ("torch",),
    "musicnn": ("torch",),
    "birdnet": ("ai_edge_litert",),
    "crepe-tiny": ("h5py",),
}


def for_extractors() -> list[str]:
    """Name the weights that the installed extractors read."""
    return [name for name, readers in _READERS.items() if any(map(find_spec, readers))]


def for_plan(plan: Plan) -> list[str]:
    """Name the weights that a run of this plan reads."""
    known = {model.name for model in models.models()}
    teacher = plan.model or EMBEDDED
    own = [teacher] if plan.teacher_name == "embedded" and teacher in known else []
    return [*for_extractors(), *own]


def fetch(names: Sequence[str] | None = None) -> None:
    """Fetch models that the cache lacks; without names, all that the main job needs.

    Raises:
        MissingWeights: no source could be reached.
        RefusedWeights: what came is not what the manifest says.
    """
    for name in [*for_extractors(), EMBEDDED] if names is None else names:
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
