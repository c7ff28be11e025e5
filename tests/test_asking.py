"""Asking until a reply can be used, against a teacher that plays a file back."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from schemas.errors import BadReply
from synth import plugins
from synth.asking import Job, Memory, Rejected, converse
from synth.requests import Message, Reply, Request, TeacherOptions, Wrong, asked_again

if TYPE_CHECKING:
    from pathlib import Path

SAID = "it is not a number"


def request(record: str, wrong: Wrong | None) -> Request:
    first = Request(
        purpose="probe",
        record=record,
        messages=(Message(role="user", content="how many?"),),
        schema="{}",
        max_tokens=10,
        prompt="probe",
        prompt_sha256="0" * 64,
    )
    return asked_again(first, wrong)


def read(text: str) -> int:
    if not text.isdigit():
        raise BadReply(SAID)
    return int(text)


def job(record: str) -> Job[int]:
    return Job(record=record, request=partial(request, record), read=read)


def settled(
    path: Path, lines: list[dict[str, Any]], records: list[str], memory: Memory | None = None
) -> dict[str, int | Rejected]:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    async def talk() -> dict[str, int | Rejected]:
        options = TeacherOptions(replies=path)
        async with plugins.load("teachers", "replay").open_teacher(options) as teacher:
            jobs = [job(record) for record in records]
            return {one.record: got async for one, got in converse(teacher, jobs, memory=memory)}

    return asyncio.run(talk())


def line(record: str, text: str, attempt: int | None = None, **more: str) -> dict[str, Any]:
    named = {"record": record} | ({} if attempt is None else {"attempt": attempt})
    return {**named, "reply": {"text": text, **more}}


def test_a_usable_reply_is_read(tmp_path: Path) -> None:
    assert settled(tmp_path / "r.jsonl", [line("a", "3"), line("b", "4")], ["a", "b"]) == {
        "a": 3,
        "b": 4,
    }


def test_an_unusable_reply_is_asked_again_and_the_second_is_read(tmp_path: Path) -> None:
    lines = [line("a", "three", 0), line("a", "3", 1)]

    assert settled(tmp_path / "r.jsonl", lines, ["a"]) == {"a": 3}


def test_a_teacher_that_never_gives_a_usable_reply_ends_in_a_rejection(tmp_path: Path) -> None:
    got = settled(tmp_path / "r.jsonl", [line("a", "prose"), line("b", "3")], ["a", "b"])

    assert got == {"a": Rejected(reason=SAID, answered=True), "b": 3}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ({"text": ""}, "the reply is empty"),
        ({"text": " \n"}, "the reply is empty"),
        ({"text": "3", "finish_reason": "length"}, "cut at 10 tokens"),
    ],
)
def test_nothing_and_half_a_reply_cannot_be_used(
    tmp_path: Path, reply: dict[str, str], reason: str
) -> None:
    got = settled(tmp_path / "r.jsonl", [{"record": "a", "reply": reply}], ["a"])["a"]

    assert isinstance(got, Rejected)
    assert reason in got.reason
    assert got.answered


def test_a_job_that_was_never_answered_says_so(tmp_path: Path) -> None:
    got = settled(tmp_path / "r.jsonl", [], ["a"])["a"]

    assert got == Rejected(reason="the teacher gave no reply: no recorded reply", answered=False)


def test_no_jobs_ask_nothing(tmp_path: Path) -> None:
    assert settled(tmp_path / "r.jsonl", [], []) == {}


def test_what_is_remembered_is_not_asked_again(tmp_path: Path) -> None:
    kept: dict[str, Reply] = {}
    memory = Memory(recall=kept.get, record=kept.__setitem__)
    lines = [line("a", "three", 0), line("a", "3", 1), line("b", "4")]

    first = settled(tmp_path / "r.jsonl", lines, ["a", "b"], memory)
    second = settled(tmp_path / "empty.jsonl", [], ["a", "b"], memory)

    assert first == second == {"a": 3, "b": 4}
    assert len(kept) == 3


def test_no_reply_is_not_remembered(tmp_path: Path) -> None:
    kept: dict[str, Reply] = {}

    settled(tmp_path / "r.jsonl", [], ["a"], Memory(recall=kept.get, record=kept.__setitem__))

    assert kept == {}


def test_a_reply_log_plays_the_same_run_back(tmp_path: Path) -> None:
    kept: dict[str, Reply] = {}
    memory = Memory(recall=kept.get, record=kept.__setitem__)
    lines = [line("a", "three", 0, model="m"), line("a", "3", 1, model="m")]
    first = settled(tmp_path / "r.jsonl", lines, ["a"], memory)
    log = [
        {"key": key, "reply": {"text": one.text, "model": one.model}} for key, one in kept.items()
    ]

    assert settled(tmp_path / "log.jsonl", log, ["a"]) == first == {"a": 3}


def test_two_jobs_that_ask_the_same_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two jobs ask the same probe of a"):
        settled(tmp_path / "r.jsonl", [line("a", "3")], ["a", "a"])
