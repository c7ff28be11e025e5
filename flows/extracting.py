"""The claim extractor: a teacher that copies claims out of prose, asked once for each text."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from flows.progress import Progress
from flows.teacher import open_teacher
from flows.teaching import remembering
from synth.asking import Job, Rejected, converse
from synth.extract_claims import CONTEXT, Copied, Piece, extract_request, pieces, read_claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flows.plan import Plan
    from schemas import Claim
    from warehouse.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What a teacher copied out of one text."""

    claims: tuple[Claim, ...] = ()
    refused: tuple[str, ...] = ()
    """copies that the text does not bear out"""
    failed: tuple[str, ...] = ()
    """pieces of which no reply could be used, each with why"""


def extract(texts: Mapping[str, str], plan: Plan, home: Home) -> dict[str, Extracted]:
    """Have the claims of each text copied out; every reply is remembered in the home.

    Args:
        texts: by text, the id of the question that it answers.
        plan: names the teacher and its model.
        home: where replies are kept.

    Raises:
        TeacherDown: the teacher is gone; what it said is remembered, the same command goes on.
    """
    jobs: dict[Job[Copied], tuple[str, Piece]] = {}
    same: defaultdict[tuple[str, str], list[tuple[str, Piece]]] = defaultdict(list)
    for text, question in texts.items():
        for piece in pieces(text):
            same[question, piece.text].append((text, piece))
    for (question, _), wanted in same.items():
        piece = wanted[0][1]
        job = Job(
            record=question,
            request=partial(extract_request, question, piece),
            read=partial(read_claims, piece=piece),
        )
        jobs[job] = wanted[0]
    found = {text: Extracted() for text in texts}
    for job, read in asyncio.run(_converse(jobs, plan, home)):
        first = jobs[job][1]
        for text, piece in same[job.record, first.text]:
            found[text] = _joined(found[text], read, piece.start - first.start)
    return found


async def _converse(
    jobs: Iterable[Job[Copied]], plan: Plan, home: Home
) -> list[tuple[Job[Copied], Copied | Rejected]]:
    wanted = list(jobs)
    progress = Progress("  extract", total=len(wanted))
    answered = {}
    with remembering(home, plan.teacher_name) as memory:
        async with open_teacher(plan, CONTEXT) as teacher:
            async for job, read in converse(teacher, wanted, memory=memory):
                answered[job] = read
                progress.advance(1, "replies")
    return [(job, answered[job]) for job in wanted if job in answered]


def _joined(before: Extracted, read: Copied | Rejected, moved: int) -> Extracted:
    if isinstance(read, Rejected):
        return replace(before, failed=(*before.failed, read.reason))
    claims = (replace(one, start=one.start + moved, end=one.end + moved) for one in read.claims)
    return replace(
        before, claims=(*before.claims, *claims), refused=(*before.refused, *read.refused)
    )
