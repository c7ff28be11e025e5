"""Ask a teacher until a reply can be used: again with what was wrong, then give up, saying why."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from schemas.errors import BadReply
from synth.requests import Reply, Request, Teacher, Wrong, request_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

Read = TypeVar("Read")

RETRIES = 2
"""How often one job is asked again; a small model that fails three times rarely mends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[Read]):
    """One thing wanted of the teacher: how to ask for it, and how to read it from the reply."""

    record: str
    """id of the Question that it is about"""
    request: Callable[[Wrong | None], Request]
    """builds the request; given the last reply where that could not be used"""
    read: Callable[[str], Read]
    """raises BadReply, saying what was wrong in words that the teacher can act on"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A job that no reply could settle."""

    reason: str
    answered: bool
    """False: the teacher never said anything, so that a later run may ask again"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Replies of earlier runs: a reply that is recalled is not asked for."""

    recall: Callable[[str], Reply | None] = lambda _key: None
    record: Callable[[str, Reply], None] = lambda _key, _reply: None


@dataclass(slots=True)
class _Conversations(Generic[Read]):
    """The jobs in flight, and the requests that wait to be sent."""

    model: str
    memory: Memory
    retries: int
    jobs: dict[str, Job[Read]] = field(default_factory=dict)
    """by the key of the request that is out for it"""
    waiting: asyncio.Queue[Request | None] = field(default_factory=asyncio.Queue)

    def ask(self, job: Job[Read], wrong: Wrong | None) -> tuple[Job[Read], Read | Rejected] | None:
        """Ask for a job, or settle it at once from what memory holds."""
        request = job.request(wrong)
        key = request_key(request, self.model)
        known = self.memory.recall(key)
        if known is not None:
            return self.hear(job, request, known)
        if key in self.jobs:
            message = f"two jobs ask the same {request.purpose} of {request.record}"
            raise ValueError(message)
        self.jobs[key] = job
        self.waiting.put_nowait(request)
        return None

    async def requests(self) -> AsyncIterator[Request]:
        """Give out what is to be sent, until every job is settled."""
        while self.jobs:
            request = await self.waiting.get()
            if request is None:
                return
            yield request

    def answered(self, request: Request, reply: Reply) -> tuple[Job[Read], Read | Rejected] | None:
        """Take a fresh reply in: remember it, read it, perhaps ask again."""
        key = request_key(request, self.model)
        job = self.jobs.pop(key)
        if reply.finish_reason != "error":
            self.memory.record(key, reply)
        settled = self.hear(job, request, reply)
        if not self.jobs:
            self.waiting.put_nowait(None)
        return settled

    def hear(
        self, job: Job[Read], request: Request, reply: Reply
    ) -> tuple[Job[Read], Read | Rejected] | None:
        """Read a reply: the job's result, or None where it is asked again."""
        try:
            return job, _read(job, request, reply)
        except BadReply as bad:
            answered = reply.finish_reason != "error"
            if request.attempt < self.retries:
                reason = bad.message if answered else ""
                return self.ask(job, Wrong(reason=reason, attempt=request.attempt))
            return job, Rejected(reason=bad.message, answered=answered)


async def converse(
    teacher: Teacher,
    jobs: Iterable[Job[Read]],
    *,
    memory: Memory | None = None,
    retries: int = RETRIES,
) -> AsyncIterator[tuple[Job[Read], Read | Rejected]]:
    """Yield each job with what was read, or why nothing could be, as they finish.

    Asking again joins the same stream: nothing waits for the slowest of a batch.

    Raises:
        TeacherDown: from the teacher; what was settled before has been yielded and recorded.
    """
    talk = _Conversations[Read](teacher.model, memory or Memory(), retries)
    for job in jobs:
        if (settled := talk.ask(job, None)) is not None:
            yield settled
    if not talk.jobs:
        return
    answers = teacher.generate(talk.requests())
    async with contextlib.aclosing(answers):
        async for request, reply in answers:
            if (settled := talk.answered(request, reply)) is not None:
                yield settled


def _read(job: Job[Read], request: Request, reply: Reply) -> Read:
    if reply.finish_reason == "error":
        message = f"the teacher gave no reply: {reply.error}"
        raise BadReply(message)
    if not reply.text.strip():
        raise BadReply("the reply is empty")
    if reply.finish_reason == "length":
        message = f"the reply was cut at {request.max_tokens} tokens: be brief"
        raise BadReply(message)
    return job.read(reply.text)
