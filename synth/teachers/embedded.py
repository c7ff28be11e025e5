"""A teacher that needs no server: a GGUF model in llama.cpp, in a process of its own."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import BadOption
from synth import models
from synth.chat import ChatTeacher, Endpoint, open_client
from synth.engine import Settings, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from synth.requests import Teacher, TeacherOptions

DEFAULT_MODEL = "qwen2.5-coder-1.5b"
DEFAULT_SLOTS = 4
"""Two cores decode four side by side about as fast as one; more only divides the cache."""


@contextlib.asynccontextmanager
async def open_teacher(options: TeacherOptions) -> AsyncIterator[Teacher]:
    """Start an engine on a model of the manifest, or on any GGUF file, and stop it at the end.

    Raises:
        MissingWeights: the model is not in the cache.
        BadOption: neither a model of the manifest nor a file.
        TeacherDown: the engine could not load the file.
        MissingExtra: xllamacpp or openai is not installed.
    """
    name, path, sha256 = _weights(options.model or DEFAULT_MODEL)
    slots = options.concurrency or DEFAULT_SLOTS
    settings = Settings(
        path=str(path),
        slots=slots,
        context_tokens=options.context_tokens,
        threads=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        api_key=secrets.token_urlsafe(),
    )
    with running(settings) as engine:
        endpoint = Endpoint(
            base_url=f"{engine.address}/v1",
            api_key=settings.api_key,
            served_model=name,
            concurrency=slots,
            timeout_s=options.timeout_s,
            send_seed=True,
        )
        async with open_client(endpoint) as client:
            # The hash tells apart two files of one name, in a Run and in the reply log.
            yield ChatTeacher(
                model=f"{name}@{sha256[:12]}",
                revision=sha256,
                endpoint=endpoint,
                client=client,
                gone=engine.gone,
            )


def _weights(model: str) -> tuple[str, Path, str]:
    """Find a model's name, file and sha256."""
    for known in models.models():
        if known.name == model and known.files[0].name.endswith(".gguf"):
            return model, models.path(model), known.files[0].sha256
    file = Path(model)
    if not file.is_file():
        ggufs = [known.name for known in models.models() if known.files[0].name.endswith(".gguf")]
        message = f"no GGUF file {model!r}, and no such model among {', '.join(ggufs)}"
        raise BadOption(message)
    with file.open("rb") as opened:
        return file.stem, file, hashlib.file_digest(opened, "sha256").hexdigest()
