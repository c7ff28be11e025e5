"""A teacher that needs no server: a GGUF model in llama.cpp, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import BadOption
from synth import models
from synth.chat import ChatTeacher, Endpoint, open_client
from synth.engine import Settings, running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable

    from synth.requests import Reply, Request, Teacher, TeacherOptions

DEFAULT_MODEL = "qwen2.5-coder-1.5b"


@contextlib.asynccontextmanager
async def open_teacher(options: TeacherOptions) -> AsyncIterator[Teacher]:
    """Name a model of the manifest, or any GGUF file; its engine starts when first asked.

    So a run whose replies are all remembered loads no model. The engine stops at the end.

    Raises:
        MissingWeights: the model is not in the cache.
        BadOption: neither a model of the manifest nor a file.
    """
    name, path, sha256 = _weights(options.model or DEFAULT_MODEL)
    async with contextlib.AsyncExitStack() as stack:
        # The hash tells apart two files of one name, in a Run and in the reply log.
        model = f"{name}@{sha256[:12]}"
        yield _Embedded(model=model, revision=sha256, path=path, options=options, stack=stack)


@dataclass(slots=True)
class _Embedded:
    model: str
    revision: str
    path: Path
    options: TeacherOptions
    stack: contextlib.AsyncExitStack
    chat: ChatTeacher | None = None

    async def generate(
        self, requests: Iterable[Request] | AsyncIterator[Request]
    ) -> AsyncGenerator[tuple[Request, Reply], None]:
        """Answer requests; the first call starts the engine.

        Raises:
            TeacherDown: the engine could not load the file, or its process is gone.
            MissingExtra: xllamacpp is not installed.
        """
        if self.chat is None:
            self.chat = await self._start()
        async with contextlib.aclosing(self.chat.generate(requests)) as answers:
            async for request, reply in answers:
                yield request, reply

    async def _start(self) -> ChatTeacher:
        cores = _cores()
        settings = Settings(
            path=str(self.path),
            # Decoding is bound by arithmetic on few cores: two slots on two cores were 1.6 times
            # as fast as four, whose prompts have to be read four times over.
            slots=self.options.concurrency or min(4, cores),
            context_tokens=self.options.context_tokens,
            threads=cores,
            api_key=secrets.token_urlsafe(),
        )
        engine = await asyncio.to_thread(self.stack.enter_context, running(settings))
        endpoint = Endpoint(
            base_url=f"{engine.address}/v1",
            api_key=settings.api_key,
            served_model=self.model,
            concurrency=settings.slots,
            timeout_s=self.options.timeout_s,
            send_seed=True,
        )
        client = await self.stack.enter_async_context(open_client(endpoint))
        return ChatTeacher(
            model=self.model,
            revision=self.revision,
            endpoint=endpoint,
            client=client,
            gone=engine.gone,
        )


def _cores() -> int:
    """Count the cores that this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
