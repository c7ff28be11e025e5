"""A teacher that plays recorded replies back: the same run again, without a model.

A line of the file is what a run's reply log holds, {"key": request key, "reply": {...}}, or,
written by hand, {"reply": {"text": ...}} with any of purpose, record, variant, rollout and attempt:
it then answers every request that has these; of several such lines the most particular answers.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas.errors import BadOption, BadRecord
from synth.requests import Reply, Request, reply_from, request_key
from synth.streaming import each

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
    from pathlib import Path

    from synth.requests import Teacher, TeacherOptions

_NAMED = ("purpose", "record", "variant", "rollout", "attempt")

Naming = tuple[tuple[str, str | int], ...]


@dataclass(frozen=True, slots=True)
class _Recording:
    """Replies by request key, and by what else a line may name."""

    keyed: dict[str, Reply]
    named: dict[Naming, Reply]
    shapes: tuple[tuple[str, ...], ...]
    """which fields lines name, the most first"""
    models: tuple[str, ...]

    def reply(self, request: Request) -> Reply | None:
        for model in self.models:
            if found := self.keyed.get(request_key(request, model)):
                return found
        for shape in self.shapes:
            if found := self.named.get(tuple((name, getattr(request, name)) for name in shape)):
                return found
        return None


@dataclass(frozen=True, slots=True)
class _Replay:
    model: str
    revision: str
    recording: _Recording

    async def generate(
        self, requests: Iterable[Request] | AsyncIterable[Request]
    ) -> AsyncGenerator[tuple[Request, Reply], None]:
        async for request in each(requests):
            key = request_key(request, self.model)
            found = self.recording.reply(request)
            if found is None:
                found = Reply(request_key=key, text="", finish_reason="error", model=self.model,
                              error="no recorded reply")  # fmt: skip
            yield request, dataclasses.replace(found, request_key=key, model=self.model)


@contextlib.asynccontextmanager
async def open_teacher(options: TeacherOptions) -> AsyncIterator[Teacher]:
    """Open a file of recorded replies; it answers as the model that it was recorded from.

    Raises:
        BadOption: no file named, not there, or a line of it that cannot be read.
    """
    if options.replies is None or not options.replies.is_file():
        message = f"replay needs a file of recorded replies, not {options.replies}"
        raise BadOption(message)
    recording = _read(options.replies)
    model = recording.models[0] if recording.models else "replay"
    yield _Replay(model=model, revision=f"recorded in {options.replies.name}", recording=recording)


def _read(path: Path) -> _Recording:
    keyed: dict[str, Reply] = {}
    named: dict[Naming, Reply] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        # A run that is killed while it writes leaves a line without its end, and goes on below it.
        if not line.rstrip().endswith("}"):
            continue
        try:
            _keep(json.loads(line), keyed, named)
        except (BadRecord, ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"{path}:{number}: no recorded reply: {error}"
            raise BadOption(message) from error
    replies = [*keyed.values(), *named.values()]
    shapes = {tuple(name for name, _ in naming) for naming in named}
    return _Recording(
        keyed=keyed,
        named=named,
        shapes=tuple(sorted(shapes, key=lambda shape: (-len(shape), shape))),
        models=tuple(dict.fromkeys(reply.model for reply in replies if reply.model)),
    )


def _keep(row: dict[str, Any], keyed: dict[str, Reply], named: dict[Naming, Reply]) -> None:
    unknown = set(row) - {"key", "reply", *_NAMED}
    if unknown:
        message = f"a line has reply and key, or reply and some of {_NAMED}, not {sorted(unknown)}"
        raise BadRecord(message)
    reply = reply_from(row["reply"])
    if "key" in row:
        keyed[row["key"]] = reply
    else:
        named[tuple((name, row[name]) for name in _NAMED if name in row)] = reply
