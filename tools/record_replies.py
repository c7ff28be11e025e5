"""Turn a run's reply log into a file that `replay` plays back whatever the measurements say.

    python tools/record_replies.py HOME_OF_THE_RUN tests/replies/sample.jsonl

A reply log knows requests by their hash, and a request holds measured values, which may differ in
the last digit from machine to machine. So the run is played back here, and each reply is written
down under what it was asked for: purpose, question, variant, rollout and attempt.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows import teaching
from flows.pipeline import pipeline
from flows.plan import Plan
from flows.teacher import open_teacher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from synth.requests import Reply, Request, Teacher


class Recorder:
    """A teacher that writes down what another one says."""

    def __init__(self, teacher: Teacher, lines: list[str]) -> None:
        """Speak for `teacher`; what it says goes to `lines`."""
        self.teacher, self.lines = teacher, lines
        self.model, self.revision = teacher.model, teacher.revision

    async def generate(
        self, requests: AsyncIterator[Request]
    ) -> AsyncIterator[tuple[Request, Reply]]:
        """Pass requests on, and replies back."""
        async for request, reply in self.teacher.generate(requests):
            named = {
                name: getattr(request, name)
                for name in ("purpose", "record", "variant", "rollout", "attempt")
            }
            said = {"text": reply.text, "finish_reason": reply.finish_reason, "model": reply.model}
            self.lines.append(json.dumps({**named, "reply": said}, ensure_ascii=False))
            yield request, reply


def main(home: Path, out: Path) -> None:
    """Play the run of `home` back into a home of its own, and write down who said what."""
    lines: list[str] = []

    @asynccontextmanager
    async def recording(plan: Plan) -> AsyncIterator[Recorder]:
        async with open_teacher(plan) as teacher:
            yield Recorder(teacher, lines)

    teaching.open_teacher = recording  # type: ignore[assignment] - a tool may look under the lid
    log = home / "replies" / "embedded.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        pipeline(Plan(benchmark="sample", home=folder, teacher=f"replay:{log}"))
    out.write_text("".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8")
    print(f"{len(lines)} replies in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
