"""A teacher behind any server that speaks OpenAI's chat protocol: vLLM, llama.cpp, a paid API."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from schemas.errors import BadOption
from synth.chat import ChatTeacher, Endpoint, open_client, served, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from synth.requests import Teacher, TeacherOptions

DEFAULT_URL = "https://api.openai.com/v1"
DEFAULT_CONCURRENCY = 32


@contextlib.asynccontextmanager
async def open_teacher(options: TeacherOptions) -> AsyncIterator[Teacher]:
    """Open a teacher at `base_url`; without a model named, its server is asked which it serves.

    Raises:
        BadOption: no model named and not exactly one there, or no key in the environment.
        TeacherDown: the server was asked and cannot be reached.
    """
    endpoint = _endpoint(options)
    async with open_client(endpoint) as client:
        model = options.model or _only(await served(client, endpoint), endpoint)
        yield ChatTeacher(
            model=model,
            revision=f"as served by {shown(endpoint)}",
            endpoint=dataclasses.replace(endpoint, served_model=model),
            client=client,
        )


def _endpoint(options: TeacherOptions) -> Endpoint:
    url = options.base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
    if urlsplit(url).scheme not in {"http", "https"}:
        message = f"the teacher's address starts with http:// or https://, not {url!r}"
        raise BadOption(message)
    return Endpoint(
        base_url=url,
        api_key=_key(options.api_key_env),
        served_model=options.model or "",
        concurrency=options.concurrency or DEFAULT_CONCURRENCY,
        timeout_s=options.timeout_s,
        max_retries=options.max_retries,
        limit_field="max_completion_tokens" if url == DEFAULT_URL else "max_tokens",
    )


def _key(variable: str) -> str:
    if variable == "none":
        return "none"
    key = os.environ.get(variable)
    if not key:
        message = f'no key in the environment variable {variable}; "none" if the server needs none'
        raise BadOption(message)
    return key


def _only(there: tuple[str, ...], endpoint: Endpoint) -> str:
    if len(there) != 1:
        listed = ", ".join(there[:20]) or "it lists none"
        message = f"name one of the models of {shown(endpoint)}: {listed}"
        raise BadOption(message)
    return there[0]
