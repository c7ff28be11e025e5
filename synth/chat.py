"""Talk OpenAI's chat protocol with any server: bounded, patient, and clear about what failed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletion

from schemas.errors import TeacherDown
from synth.requests import Reply, Request, request_key
from synth.streaming import in_flight

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Headers by which the client library tells a server about this machine; nobody needs them.
_TELLTALE = ("Lang", "Package-Version", "OS", "Arch", "Runtime", "Runtime-Version", "Async")
_SILENT = {f"X-Stainless-{name}": openai.omit for name in _TELLTALE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a server is and how hard it may be pressed."""

    base_url: str
    """up to and with "/v1" """
    api_key: str
    served_model: str
    """the name that the server knows the model by"""
    concurrency: int
    timeout_s: float
    max_retries: int = 0
    send_seed: bool = False
    """False: vLLM 0.32 on a CPU dies of a seed in a request"""
    limit_field: str = "max_tokens"
    """OpenAI's own reasoning models know it as max_completion_tokens; most servers do not"""


@dataclass(slots=True)
class ChatTeacher:
    """A teacher behind an OpenAI-compatible server."""

    model: str
    revision: str
    endpoint: Endpoint
    client: openai.AsyncOpenAI
    gone: Callable[[], str | None] = field(default=lambda: None)
    """says how the server's process ended, where it is ours; None while it runs"""
    _failures: int = field(default=0)
    """requests in a row that got no reply at all"""

    async def generate(
        self, requests: Iterable[Request] | AsyncIterator[Request]
    ) -> AsyncGenerator[tuple[Request, Reply], None]:
        """Answer requests, `endpoint.concurrency` at a time, each as it finishes.

        Raises:
            TeacherDown: the server cannot be reached, refuses us, or fails at everything.
        """
        answers = in_flight(requests, self._answer, self.endpoint.concurrency)
        async with contextlib.aclosing(answers):
            async for request, reply in answers:
                yield request, reply

    async def _answer(self, request: Request) -> Reply:
        try:
            async with asyncio.timeout(self.endpoint.timeout_s):
                completion = await self._complete(request)
        except TimeoutError:
            return self._no_reply(request, f"no whole reply within {self.endpoint.timeout_s:g} s")
        except _ERRORS as error:
            if why := down_because(error, self.endpoint):
                raise self._down(why) from error
            return self._no_reply(request, f"{type(error).__name__}: {error}")
        return self._reply(request, completion)

    async def _complete(self, request: Request) -> Any:
        # Not "strict": OpenAI's strict mode refuses length limits, and code checks every reply.
        schema = {"name": request.purpose, "schema": json.loads(request.schema)}
        body = {
            "model": self.endpoint.served_model,
            "messages": [{"role": turn.role, "content": turn.content} for turn in request.messages],
            "response_format": {"type": "json_schema", "json_schema": schema},
            "temperature": request.temperature,
            self.endpoint.limit_field: request.max_tokens,
        }
        if self.endpoint.send_seed and request.seed is not None:
            body["seed"] = request.seed
        return await self.client.post(
            "/chat/completions", cast_to=ChatCompletion, body=body, options={"headers": _SILENT}
        )

    def _reply(self, request: Request, completion: Any) -> Reply:
        choices = getattr(completion, "choices", None)
        if not choices or getattr(choices[0], "message", None) is None:
            return self._no_reply(request, f"not the chat protocol: {str(completion)[:200]!r}")
        self._failures = 0
        usage = completion.usage
        return Reply(
            request_key=request_key(request, self.model),
            text=choices[0].message.content or "",
            finish_reason="length" if choices[0].finish_reason == "length" else "stop",
            model=self.model,
            prompt_tokens=usage.prompt_tokens if usage else None,
            completion_tokens=usage.completion_tokens if usage else None,
        )

    def _no_reply(self, request: Request, error: str) -> Reply:
        """One request failed; when nothing but failures come, the teacher is down."""
        self._failures += 1
        if self._failures >= max(8, 2 * self.endpoint.concurrency):
            why = f"failed at {self._failures} requests in a row, the last: {error}"
            raise self._down(why)
        return Reply(
            request_key=request_key(request, self.model),
            text="",
            finish_reason="error",
            model=self.model,
            error=error[:500],
        )

    def _down(self, why: str) -> TeacherDown:
        ended = self.gone()
        told = f"; {ended}" if ended else ""
        return TeacherDown(f"the teacher {self.model} at {shown(self.endpoint)} {why}{told}")


_ERRORS = (openai.OpenAIError, ValueError)  # a body that is not JSON comes out as ValueError


def down_because(error: Exception, endpoint: Endpoint) -> str:
    """Say why nothing more can come from a server; "" where only this one request failed."""
    match error:
        case openai.APIConnectionError():
            return f"cannot be reached: {_cause(error)}"
        case openai.RateLimitError():
            tries = endpoint.max_retries + 1
            return f"refuses more requests (429) after {tries} tries: {error.message}"
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return f"refuses the key ({error.status_code}): {error.message}"
        case openai.NotFoundError():
            return f"has no {endpoint.served_model!r} (404): {error.message}"
    return ""


def shown(endpoint: Endpoint) -> str:
    """Write a server's address without the name and password that may stand in it."""
    parts = urlsplit(endpoint.base_url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _cause(error: Exception) -> str:
    """Say what lies under a library's "Connection error."."""
    deepest: BaseException = error
    while deepest.__cause__ is not None:
        deepest = deepest.__cause__
    return str(deepest) or type(deepest).__name__


@contextlib.asynccontextmanager
async def open_client(endpoint: Endpoint) -> AsyncIterator[openai.AsyncOpenAI]:
    """Open a client for a server; it tells nobody anything but what is asked."""
    # A proxy of the environment must not see what stays on this machine.
    direct = urlsplit(endpoint.base_url).hostname in _LOOPBACK
    async with (
        openai.DefaultAsyncHttpxClient(trust_env=not direct) as wire,
        openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key,
            max_retries=endpoint.max_retries,
            timeout=endpoint.timeout_s,
            http_client=wire,
        ) as opened,
    ):
        yield opened


async def served(client: openai.AsyncOpenAI, endpoint: Endpoint) -> tuple[str, ...]:
    """Ask a server which models it serves; empty where it does not say.

    Raises:
        TeacherDown: it cannot be reached or refuses the key.
    """
    try:
        async with asyncio.timeout(endpoint.timeout_s):
            return tuple([model.id async for model in client.models.list(extra_headers=_SILENT)])
    except openai.NotFoundError:
        return ()
    except TimeoutError as error:
        message = f"the teacher at {shown(endpoint)} said nothing for {endpoint.timeout_s:g} s"
        raise TeacherDown(message) from error
    except _ERRORS as error:
        why = down_because(error, endpoint) or f"cannot be used: {error}"
        message = f"the teacher at {shown(endpoint)} {why}"
        raise TeacherDown(message) from error
