"""Each teacher's own ways: servers that behave badly, an engine that dies, files played back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from schemas.errors import BadOption, MissingWeights, TeacherDown
from synth import engine, models, plugins
from synth.requests import Message, Reply, Request, TeacherOptions, request_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "enum": ["yes", "no"]}},
    "required": ["answer"],
    "additionalProperties": False,
}
REQUEST = Request(
    purpose="probe",
    record="q1",
    messages=(Message(role="user", content="Is water wet? Answer as JSON."),),
    schema=json.dumps(SCHEMA),
    max_tokens=20,
    prompt="probe",
    prompt_sha256="0" * 64,
)
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """A real HTTP server on loopback: what it shall do, and what it was asked."""

    answer: Callable[[int], Answer | None]
    """how many requests came before -> status, headers, body; None: trickle for ever"""
    models: tuple[str, ...] = ("tiny",)
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)


def completion(text: str | None, finish: str = "stop") -> Answer:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": finish, "message": message}
    usage = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "tiny",
            "choices": [choice], "usage": usage}  # fmt: skip
    return 200, {}, json.dumps(body).encode()


class Handler(BaseHTTPRequestHandler):
    """The chat protocol, as far as a script wants it kept."""

    protocol_version = "HTTP/1.1"
    script: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        listed = [
            {"id": name, "object": "model", "created": 1, "owned_by": "x"}
            for name in self.script.models
        ]
        self.send(200, {}, json.dumps({"object": "list", "data": listed}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.script.lock:
            before = len(self.script.asked)
            self.script.asked.append(body)
            self.script.headers.append({key.lower(): val for key, val in self.headers.items()})
        answer = self.script.answer(before)
        if answer is None:
            self.trickle()
        else:
            self.send(*answer)

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def trickle(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while not self.script.over.is_set():
                self.wfile.write(b" ")
                time.sleep(0.02)


@contextlib.contextmanager
def serving(answer: Callable[[int], Answer | None], *there: str) -> Iterator[Server]:
    script = Server(answer, there or ("tiny",))
    handler = type("Scripted", (Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield script
    finally:
        script.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def ask(
    name: str, options: TeacherOptions, requests: Sequence[Request] = (REQUEST,)
) -> list[Reply]:
    async def gather() -> list[Reply]:
        async with plugins.load("teachers", name).open_teacher(options) as teacher:
            return [reply async for _, reply in teacher.generate(requests)]

    return asyncio.run(gather())


def options_for(server: Server, **more: Any) -> TeacherOptions:
    return TeacherOptions(base_url=server.url, api_key_env="none", **more)


def only_reply(answer: Callable[[int], Answer | None], **more: Any) -> Reply:
    with serving(answer) as server:
        return ask("openai", options_for(server, **more))[0]


def test_a_server_is_asked_for_json_of_the_schema_within_the_limit() -> None:
    with serving(lambda _: completion('{"answer":"yes"}')) as server:
        reply = ask("openai", options_for(server))[0]

    assert reply == Reply(
        request_key=request_key(REQUEST, "tiny"),
        text='{"answer":"yes"}',
        finish_reason="stop",
        model="tiny",
        prompt_tokens=5,
        completion_tokens=7,
    )
    (body,) = server.asked
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("tiny", 20, 0.0)


def test_no_seed_is_sent_for_vllm_dies_of_it_on_a_cpu() -> None:
    with serving(lambda _: completion("{}")) as server:
        ask("openai", options_for(server), [replace(REQUEST, seed=7)])

    assert "seed" not in server.asked[0]


def test_a_server_is_told_nothing_about_this_machine() -> None:
    with serving(lambda _: completion("{}")) as server:
        ask("openai", options_for(server))

    told = set(server.headers[0])
    assert not {"x-stainless-os", "x-stainless-arch", "x-stainless-runtime-version"} & told


@pytest.mark.parametrize(
    ("text", "finish", "said", "finished"),
    [
        ("Sure! Water is wet.", "stop", "Sure! Water is wet.", "stop"),
        ('{"answer":', "stop", '{"answer":', "stop"),
        ("word " * 20, "length", "word " * 20, "length"),
        ("", "stop", "", "stop"),
        (None, "stop", "", "stop"),
    ],
)
def test_prose_broken_json_cut_and_empty_replies_come_as_they_are(
    text: str | None, finish: str, said: str, finished: str
) -> None:
    reply = only_reply(lambda _: completion(text, finish))

    assert (reply.text, reply.finish_reason) == (said, finished)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"{}"),
        (200, {}, b'{"choices":[]}'),
        (200, {}, b'{"choices":null}'),
        (200, {}, b'{"choices":[{"index":0}]}'),
        (200, {}, b"null"),
        (200, {}, b"[1]"),
        (200, {}, b'{"choices":'),
        (200, {}, b""),
        (200, {"Content-Type": "text/html"}, b"<html>a proxy's login page</html>"),
        (400, {}, b'{"error":{"message":"context length exceeded"}}'),
        (500, {}, b'{"error":{"message":"grammar failed"}}'),
    ],
)
def test_a_server_that_gives_no_reply_fails_that_request_only(answer: Answer) -> None:
    with serving(lambda n: answer if n == 0 else completion('{"answer":"no"}')) as server:
        options = options_for(server, max_retries=0, concurrency=1)
        first, second = ask("openai", options, [REQUEST, replace(REQUEST, attempt=1)])

    assert (first.finish_reason, first.text) == ("error", "")
    assert first.error
    assert second.text == '{"answer":"no"}'


def test_an_endless_reply_is_cut_off() -> None:
    reply = only_reply(lambda _: None, timeout_s=0.5)

    assert reply.finish_reason == "error"
    assert "no whole reply within 0.5 s" in reply.error


def test_too_many_requests_are_waited_out_as_the_server_says() -> None:
    patience = (429, {"Retry-After": "0.01"}, b'{"error":{"message":"slow down"}}')

    reply = only_reply(lambda n: patience if n < 2 else completion('{"answer":"yes"}'))

    assert reply.text == '{"answer":"yes"}'


def test_a_failing_server_is_asked_again() -> None:
    failing = (503, {"Retry-After": "0.01"}, b"loading model")

    assert only_reply(lambda n: failing if n < 2 else completion("{}")).text == "{}"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (429, r"refuses more requests \(429\) after 2 tries: .*no quota"),
        (401, r"refuses the key \(401\)"),
        (403, r"refuses the key \(403\)"),
        (404, r"has no 'tiny' \(404\)"),
    ],
)
def test_a_server_that_refuses_everything_is_down(status: int, reason: str) -> None:
    body = b'{"error":{"message":"no quota"}}'
    with (
        serving(lambda _: (status, {"Retry-After": "0.01"}, body)) as server,
        pytest.raises(TeacherDown, match=reason),
    ):
        ask("openai", options_for(server, max_retries=1))


def test_a_server_that_fails_at_everything_is_down() -> None:
    with (
        serving(lambda _: (500, {}, b"broken")) as server,
        pytest.raises(TeacherDown, match=r"failed at \d+ requests in a row, the last: .*500"),
    ):
        ask(
            "openai",
            options_for(server, max_retries=0, concurrency=2),
            [replace(REQUEST, attempt=number) for number in range(50)],
        )


def test_nobody_at_the_address_is_a_teacher_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    options = TeacherOptions(base_url=url, model="m", api_key_env="none", max_retries=0)

    with pytest.raises(TeacherDown, match="cannot be reached"):
        ask("openai", options)
    with pytest.raises(TeacherDown, match="cannot be reached"):
        ask("openai", replace(options, model=None))


def test_a_password_in_the_address_is_not_shown() -> None:
    with serving(lambda _: (401, {}, b"{}")) as server:
        url = server.url.replace("http://", "http://me:hidden@")
        options = TeacherOptions(base_url=url, model="m", api_key_env="none")
        with pytest.raises(TeacherDown, match="refuses the key") as caught:
            ask("openai", options)

    assert "hidden" not in str(caught.value)


def test_the_only_model_of_a_server_needs_no_name() -> None:
    with serving(lambda _: completion("{}"), "the-one") as server:
        assert ask("openai", options_for(server))[0].model == "the-one"


def test_of_several_models_one_is_to_be_named() -> None:
    with serving(lambda _: completion("{}"), "a", "b") as server:
        with pytest.raises(BadOption, match=r"name one of the models .*: a, b"):
            ask("openai", options_for(server))
        assert ask("openai", options_for(server, model="b"))[0].model == "b"


def test_a_key_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: completion("{}")) as server:
        options = TeacherOptions(base_url=server.url, api_key_env="MY_TEACHER_KEY")
        monkeypatch.delenv("MY_TEACHER_KEY", raising=False)
        with pytest.raises(BadOption, match="no key in the environment variable MY_TEACHER_KEY"):
            ask("openai", options)
        monkeypatch.setenv("MY_TEACHER_KEY", "k3y")
        ask("openai", options)

    assert server.headers[-1]["authorization"] == "Bearer k3y"


def test_an_address_is_a_web_address() -> None:
    with pytest.raises(BadOption, match="starts with http"):
        ask("openai", TeacherOptions(base_url="file:///etc/passwd", api_key_env="none"))


def test_a_proxy_of_the_environment_never_sees_what_stays_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the discard port: nobody listens

    assert only_reply(lambda _: completion("{}")).text == "{}"


def replayed(tmp_path: Path, *lines: Any, request: Request = REQUEST) -> Reply:
    path = tmp_path / "replies.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return ask("replay", TeacherOptions(replies=path), [request])[0]


def test_replay_answers_by_key_as_the_model_that_was_recorded(tmp_path: Path) -> None:
    key = request_key(REQUEST, "tiny")
    line = {"key": key, "reply": {"text": "said", "model": "tiny", "finish_reason": "length"}}

    reply = replayed(tmp_path, line)

    assert (reply.text, reply.model, reply.finish_reason) == ("said", "tiny", "length")
    assert reply.request_key == key


def test_replay_answers_by_what_a_line_names_the_most_particular_first(tmp_path: Path) -> None:
    lines = (
        {"reply": {"text": "anything"}},
        {"purpose": "probe", "reply": {"text": "a probe"}},
        {"purpose": "probe", "record": "q1", "variant": "given-0", "reply": {"text": "this one"}},
    )

    assert (
        replayed(tmp_path, *lines, request=replace(REQUEST, variant="given-0")).text == "this one"
    )
    assert replayed(tmp_path, *lines).text == "a probe"
    assert replayed(tmp_path, *lines, request=replace(REQUEST, purpose="reason")).text == "anything"


def test_replay_says_where_nothing_was_recorded(tmp_path: Path) -> None:
    reply = replayed(tmp_path, {"record": "q2", "reply": {"text": "other"}})

    assert (reply.finish_reason, reply.error) == ("error", "no recorded reply")


def test_replay_takes_a_log_whose_writer_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text('{"record":"q1","reply":{"text":"whole"}}\n{"key":"ab","reply":{"te')

    assert ask("replay", TeacherOptions(replies=path))[0].text == "whole"


@pytest.mark.parametrize(
    "line", ["{oops}", '{"text":"no reply"}', '{"reply":{"txt":"typo"}}', '{"replies":{}}', '["}"}']
)
def test_replay_refuses_a_line_that_is_no_reply_and_says_which(tmp_path: Path, line: str) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text(f'{{"reply":{{"text":"fine"}}}}\n{line}\n')

    with pytest.raises(BadOption, match=r"replies\.jsonl:2: no recorded reply"):
        ask("replay", TeacherOptions(replies=path))


def test_replay_needs_its_file(tmp_path: Path) -> None:
    for path in (None, tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(BadOption, match="needs a file of recorded replies"):
            ask("replay", TeacherOptions(replies=path))


def test_a_file_that_is_no_model_ends_clearly(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    fake = tmp_path / "fake.gguf"
    fake.write_text("I am no model")

    with pytest.raises(TeacherDown, match=r"could not load .*fake\.gguf"):
        ask("embedded", TeacherOptions(model=str(fake)))


def test_an_engine_is_named_by_its_file_and_starts_only_when_asked(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    named = []

    async def name(file: Path) -> str:
        options = TeacherOptions(model=str(file))
        async with plugins.load("teachers", "embedded").open_teacher(options) as teacher:
            assert _engines() == []
            return str(teacher.model)

    for text in ("one", "two"):
        file = tmp_path / "same.gguf"
        file.write_text(text)
        named.append(asyncio.run(name(file)))

    assert all(one.startswith("same@") for one in named)
    assert named[0] != named[1]


def test_a_model_that_is_neither_listed_nor_a_file_is_refused() -> None:
    with pytest.raises(BadOption, match=r"no GGUF file 'gpt-9'.*qwen2\.5-coder-1\.5b"):
        ask("embedded", TeacherOptions(model="gpt-9"))


@pytest.fixture(scope="module")
def weights() -> str:
    pytest.importorskip("xllamacpp")
    try:
        return str(models.path("qwen2.5-coder-1.5b"))
    except MissingWeights as missing:
        pytest.skip(missing.message)


@pytest.mark.slow
@pytest.mark.weights
def test_the_embedded_engine_writes_json_of_the_schema_and_dies_clearly(weights: str) -> None:
    options = TeacherOptions(model=weights, concurrency=2)

    async def talk() -> list[Reply]:
        async with plugins.load("teachers", "embedded").open_teacher(options) as teacher:
            again = [replace(REQUEST, variant=str(number)) for number in range(3)]
            replies = [reply async for _, reply in teacher.generate(again)]
            (child,) = _engines()
            endless = [
                replace(REQUEST, schema="{}", max_tokens=1500, variant=str(number))
                for number in range(4)
            ]
            killer = threading.Timer(1.0, os.kill, (child, signal.SIGKILL))
            killer.start()
            with pytest.raises(TeacherDown, match=r"cannot be reached: .*killed by signal 9"):
                _ = [reply async for _, reply in teacher.generate(endless)]
            killer.join()
            return replies

    replies = asyncio.run(talk())

    assert {json.loads(reply.text)["answer"] for reply in replies} <= {"yes", "no"}
    assert len({reply.text for reply in replies}) == 1  # greedy: the same question, the same reply
    assert all(reply.completion_tokens for reply in replies)
    assert _engines() == []


def _engines() -> list[int]:
    """Ids of this process's engines."""
    rows = [line.split(maxsplit=1) for line in _ps("pid=,args=", "--ppid", os.getpid())]
    return [int(pid) for pid, command in rows if "synth.engine" in command]


def _alive(pid: int) -> bool:
    return any(not state.strip().startswith("Z") for state in _ps("stat=", "-p", pid))


def _ps(columns: str, by: str, pid: int) -> list[str]:
    ps = shutil.which("ps") or "ps"
    listed = subprocess.run([ps, "-o", columns, by, str(pid)], capture_output=True, check=False)
    return listed.stdout.decode().splitlines()


@pytest.mark.slow
@pytest.mark.weights
def test_the_engine_serves_openai_and_ends_with_a_killed_parent(
    weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import sys, time\n"
        "from synth.engine import Settings, running\n"
        "with running(Settings(path=sys.argv[1], slots=1, context_tokens=512, threads=2,"
        " api_key='k')) as engine:\n"
        "    print(engine.child.pid, engine.address, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, weights], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child, address = parent.stdout.readline().split()
        options = TeacherOptions(base_url=f"{address}/v1", model="any", api_key_env="none")
        with pytest.raises(TeacherDown, match="refuses the key"):
            ask("openai", options)
        monkeypatch.setenv("ENGINE_TEST_KEY", "k")
        said = ask("openai", replace(options, api_key_env="ENGINE_TEST_KEY"))[0]
        parent.kill()

    assert json.loads(said.text)["answer"] in {"yes", "no"}
    for _ in range(100):
        if not _alive(int(child)):
            break
        time.sleep(0.1)
    assert not _alive(int(child))


def test_an_engine_says_how_it_ended(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    settings = engine.Settings(
        path=str(tmp_path / "none.gguf"), slots=1, context_tokens=64, threads=1, api_key="k"
    )

    with pytest.raises(TeacherDown, match="ended with code 1"), engine.running(settings):
        pass
