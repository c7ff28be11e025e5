"""What is asked of a teacher, what it says, and how a request is known again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from schemas.errors import BadRecord

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
    from pathlib import Path

Purpose = Literal["decompose", "reason", "probe", "extract"]
Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length", "error"]

RETRY_TEMPERATURE = 0.5
"""half-way to the models' own sampling, which strays from a schema's meaning more often"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing asked of a teacher, with all that decides its reply but the model."""

    purpose: Purpose
    record: str
    """id of the Question that it is about"""
    messages: tuple[Message, ...]
    schema: str
    """JSON schema of the reply, as JSON"""
    max_tokens: int
    prompt: str
    """name of the prompt file"""
    prompt_sha256: str
    temperature: float = 0.0
    seed: int | None = None
    rollout: int = 0
    """which sample of the same question, from 0"""
    variant: str = ""
    """what tells two requests of one purpose apart, e.g. a probe's "withheld-1" """
    attempt: int = 0
    """how often it was asked before because the reply could not be used"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back for one request."""

    request_key: str
    text: str
    """"" where the teacher said nothing"""
    finish_reason: Finish
    """"length": cut at max_tokens; "error": the teacher gave no reply at all"""
    model: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    error: str = ""
    """what went wrong, where finish_reason is "error" """


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Why a reply could not be used, for asking again."""

    reason: str
    """"" where there was no reply"""
    attempt: int
    """of the request that got this reply"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherOptions:
    """How to reach a teacher; each teacher reads what it needs."""

    model: str | None = None
    """a name its server knows, a model of the manifest, or a path to a GGUF file"""
    base_url: str | None = None
    api_key_env: str = "OPENAI_API_KEY"
    """environment variable that holds the key; "none" for a server that wants none"""
    replies: Path | None = None
    """file of recorded replies, for `replay`"""
    concurrency: int | None = None
    """requests in flight at once; None: the teacher's own default"""
    context_tokens: int = 2048
    """room for prompt and reply of one request, where the teacher is ours to start"""
    timeout_s: float = 300.0
    """longest wait for one reply, retries and the server's own Retry-After included"""
    max_retries: int = 4
    """of requests refused with 429, 5xx or a dropped connection, with growing pauses"""


class Teacher(Protocol):
    """What `open_teacher` of each file in synth/teachers yields."""

    @property
    def model(self) -> str:
        """Which model answers, told apart from any other that could answer differently."""

    @property
    def revision(self) -> str:
        """The model's exact version as far as it can be known, e.g. the sha256 of its file."""

    def generate(
        self, requests: Iterable[Request] | AsyncIterator[Request]
    ) -> AsyncGenerator[tuple[Request, Reply], None]:
        """Answer requests as they come, yielding each reply as it finishes, in any order.

        Raises:
            TeacherDown: the teacher can answer nothing any more.
        """


def request_key(request: Request, model: str) -> str:
    """Name a request by all that could change its reply: sha256, 64 hex digits."""
    canonical = json.dumps([model, asdict(request)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def asked_again(request: Request, wrong: Wrong | None) -> Request:
    """Ask once more, saying what was wrong with the last reply, so that it is not made again.

    The reply itself is not shown, and the next is sampled, not greedy: in trials a small model
    that saw its own reply wrote it again, whatever it was told.
    """
    if wrong is None:
        return request
    *before, task = request.messages
    told = f"\nAn earlier answer could not be used: {wrong.reason}." if wrong.reason else ""
    return replace(
        request,
        messages=(*before, replace(task, content=task.content + told)),
        temperature=max(request.temperature, RETRY_TEMPERATURE),
        seed=100 * request.rollout + wrong.attempt + 1,
        attempt=wrong.attempt + 1,
    )


def reply_from(row: Mapping[str, Any]) -> Reply:
    """Read a reply back from its JSON object.

    Raises:
        BadRecord: unknown or missing fields, or a finish reason that no teacher gives.
    """
    unknown = set(row) - {field.name for field in fields(Reply)}
    if unknown or not isinstance(row.get("text"), str):
        message = f"a reply has a text and {[f.name for f in fields(Reply)]}, not {sorted(row)}"
        raise BadRecord(message)
    if row.get("finish_reason", "stop") not in {"stop", "length", "error"}:
        message = f"finish_reason is stop, length or error, not {row['finish_reason']!r}"
        raise BadRecord(message)
    return Reply(**{"request_key": "", "finish_reason": "stop", "model": "", **row})
