"""Keep a bounded number of requests in flight, without batches and without barriers."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
)
from typing import Any, TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


async def in_flight(
    source: Iterable[Asked] | AsyncIterable[Asked],
    send: Callable[[Asked], Awaitable[Answered]],
    limit: int,
) -> AsyncGenerator[tuple[Asked, Answered], None]:
    """Yield each (request, reply) as it finishes, with up to `limit` being sent at once.

    The source is read only as places fall free, and waiting for it never holds a reply back: it
    may itself wait for what is yielded here. An error of `send` is raised after the replies that
    finished beside it; what is still in flight is then cancelled.
    """
    upcoming = each(source)
    pull: asyncio.Future[Asked] | None = asyncio.ensure_future(anext(upcoming))
    sending: dict[asyncio.Future[Answered], Asked] = {}
    try:
        while pull is not None or sending:
            waiting: set[asyncio.Future[Any]] = {*sending}
            if pull is not None and len(sending) < limit:
                waiting.add(pull)
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if pull is not None and pull in done:
                done.remove(pull)
                if isinstance(pull.exception(), StopAsyncIteration):
                    pull = None
                else:
                    asked = pull.result()
                    sending[asyncio.ensure_future(send(asked))] = asked
                    pull = asyncio.ensure_future(anext(upcoming))
            for finished in sorted(done, key=lambda one: one.exception() is not None):
                yield sending.pop(finished), finished.result()
    finally:
        unfinished: list[asyncio.Future[Any]] = [*sending, *([] if pull is None else [pull])]
        for one in unfinished:
            one.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await upcoming.aclose()


async def each(source: Iterable[Asked] | AsyncIterable[Asked]) -> AsyncGenerator[Asked, None]:
    """Read any source the same way."""
    if isinstance(source, AsyncIterable):
        async for asked in source:
            yield asked
    else:
        for asked in source:
            yield asked
