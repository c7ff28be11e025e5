"""What every teacher keeps to: each file of synth/teachers, whatever is behind it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from schemas.errors import MissingWeights
from synth import models, plugins
from synth.requests import Message, Reply, Request, TeacherOptions, request_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from synth.requests import Teacher

SAID = '{"answer":"yes"}'
SCHEMA = (
    '{"type":"object","properties":{"answer":{"type":"string","enum":["yes","no"]}},'
    '"required":["answer"],"additionalProperties":false}'
)
REQUESTS = [
    Request(
        purpose="probe",
        record=f"q{number}",
        messages=(Message(role="user", content="Is water wet? Answer as JSON."),),
        schema=SCHEMA,
        max_tokens=20,
        prompt="probe",
        prompt_sha256="0" * 64,
    )
    for number in range(6)
]


class Agreeable(BaseHTTPRequestHandler):
    """Speaks OpenAI's chat protocol and always says yes."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send({"object": "list", "data": [{"id": "agreeable", "object": "model"}]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        message = {"role": "assistant", "content": SAID}
        self.send({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]})

    def send(self, body: object) -> None:
        written = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Agreeable)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def _named() -> list[object]:
    """Every teacher; the embedded one loads real weights."""
    heavy = [pytest.mark.slow, pytest.mark.weights]
    return [
        pytest.param(name, marks=heavy if name == "embedded" else [])
        for name in plugins.names("teachers")
    ]


@pytest.fixture(params=_named())
def opened(
    request: pytest.FixtureRequest, url: str, tmp_path: Path
) -> AbstractAsyncContextManager[Teacher]:
    name = request.param
    replies = tmp_path / "replies.jsonl"
    replies.write_text(json.dumps({"purpose": "probe", "reply": {"text": SAID}}) + "\n")
    options = TeacherOptions(base_url=url, api_key_env="none", replies=replies, concurrency=2)
    if name == "embedded":
        pytest.importorskip("xllamacpp")
        try:
            models.path("qwen2.5-coder-1.5b")
        except MissingWeights as missing:
            pytest.skip(missing.message)
    teacher: AbstractAsyncContextManager[Teacher] = plugins.load("teachers", name).open_teacher(
        options
    )
    return teacher


def test_there_are_teachers_to_hold_to_the_contract() -> None:
    assert {"embedded", "openai", "replay"} <= set(plugins.names("teachers"))


@pytest.mark.parametrize("name", plugins.names("teachers"))
def test_a_teacher_says_what_it_is_and_how_it_fails(name: str) -> None:
    module = plugins.load("teachers", name)

    assert module.__doc__
    assert "Raises:" in (inspect.getdoc(module.open_teacher) or "")


def test_every_request_is_answered_once_under_its_own_key(
    opened: AbstractAsyncContextManager[Teacher],
) -> None:
    async def talk() -> tuple[str, str, list[tuple[Request, Reply]]]:
        async with opened as teacher:
            pairs = [pair async for pair in teacher.generate(REQUESTS)]
            return teacher.model, teacher.revision, pairs

    model, revision, pairs = asyncio.run(talk())

    assert model
    assert revision
    assert sorted(request.record for request, _ in pairs) == [one.record for one in REQUESTS]
    assert all(reply.request_key == request_key(request, model) for request, reply in pairs)
    assert all(reply.model == model for _, reply in pairs)
    assert all(json.loads(reply.text)["answer"] in {"yes", "no"} for _, reply in pairs)


def test_a_source_may_wait_for_replies_and_a_teacher_be_left_and_asked_again(
    opened: AbstractAsyncContextManager[Teacher],
) -> None:
    async def talk() -> tuple[list[str], list[str]]:
        answered: asyncio.Queue[int] = asyncio.Queue()

        async def source() -> AsyncIterator[Request]:
            yield REQUESTS[0]
            for one in REQUESTS[1:3]:
                await answered.get()
                yield replace(one, attempt=1)

        async with opened as teacher:
            async with contextlib.aclosing(teacher.generate(REQUESTS)) as left:
                await anext(left)
            seen = []
            async for request, _ in teacher.generate(source()):
                seen.append(request.record)
                answered.put_nowait(1)
            rest = [request.record async for request, _ in teacher.generate([])]
        return seen, rest

    assert asyncio.run(talk()) == (["q0", "q1", "q2"], [])
