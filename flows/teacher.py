"""Which teacher a plan means, and who exactly that is."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import BadOption
from synth import plugins
from synth.requests import TeacherOptions

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from flows.plan import Plan
    from synth.requests import Teacher

_KEY = "OPENAI_API_KEY"


@dataclass(frozen=True, slots=True)
class Identity:
    """A teacher's model, told apart from any other that could answer differently."""

    model: str
    revision: str


def open_teacher(
    plan: Plan, context_tokens: int | None = None
) -> AbstractAsyncContextManager[Teacher]:
    """Open the teacher that a plan names, with room for so many tokens where it is ours to start.

    Raises:
        UnknownPlugin: there is no such teacher.
        BadOption: what stands after the colon does not fit it.
    """
    options = _options(plan)
    if context_tokens is not None:
        options = replace(options, context_tokens=context_tokens)
    opened: AbstractAsyncContextManager[Teacher] = plugins.load(
        "teachers", plan.teacher_name
    ).open_teacher(options)
    return opened


def identify(plan: Plan) -> Identity:
    """Ask the teacher who it is; no request is sent and no engine started for that."""

    async def ask() -> Identity:
        async with open_teacher(plan) as teacher:
            return Identity(teacher.model, teacher.revision)

    return asyncio.run(ask())


def _options(plan: Plan) -> TeacherOptions:
    detail = plan.teacher.partition(":")[2]
    if plan.teacher_name == "replay" and not detail:
        raise BadOption("replay plays a file back: --teacher replay:FILE")
    if plan.teacher_name == "embedded" and detail:
        raise BadOption("the embedded teacher takes its model by --model")
    return TeacherOptions(
        model=plan.model,
        base_url=detail if plan.teacher_name == "openai" and detail else None,
        api_key_env=_KEY if os.environ.get(_KEY) else "none",
        replies=Path(detail) if plan.teacher_name == "replay" else None,
    )
