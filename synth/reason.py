"""Reason: the teacher writes a trajectory from facts; probes show whether it rests on them.

It sees the question, its choices and the observed answers; never the gold answer.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas import Step, Trajectory, identity
from schemas.errors import BadReply
from synth.phrasing import unprintable
from synth.posing import (
    SENTENCE_CHARACTERS,
    answer_schema,
    chosen,
    json_object,
    longest,
    observation,
    seconds,
    task,
)
from synth.probing import (
    audio_dependence,
    probe_request,
    read_probe,
    sufficiency,
    unusable_probe,
)
from synth.prompting import prompt
from synth.requests import Message, Request, Wrong, asked_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Probe, Question, Subquestion

__all__ = [
    "ROLLOUT_TEMPERATURE",
    "VERSION",
    "Draft",
    "Rollout",
    "audio_dependence",
    "probe_request",
    "read_probe",
    "read_reasoning",
    "reason_request",
    "render",
    "sufficiency",
    "trajectory",
    "unusable_probe",
]

VERSION = "1"
ROLLOUT_TEMPERATURE = 0.7
"""of every rollout but the first, which is greedy; Qwen2.5's own generation_config.json"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one reply of the teacher says: its steps, draft, review and answer."""

    steps: tuple[Step, ...]
    draft: str
    review: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """Which sample of which teacher in which run a trajectory is."""

    run: str
    number: int
    teacher: str
    sampling: str
    """the sampling parameters as JSON"""


def reason_request(
    question: Question,
    subquestions: Sequence[Subquestion],
    rollout: int = 0,
    wrong: Wrong | None = None,
) -> Request:
    """Ask for a trajectory from the answers of the sub-questions.

    Raises:
        ValueError: there is no sub-question to reason from.
    """
    if not subquestions:
        message = f"{question.id}: nothing was observed to reason from"
        raise ValueError(message)
    text = prompt("reason")
    observed = [observation(question, sub, sub.answer) for sub in subquestions]
    messages = (
        Message(role="system", content=text.system),
        Message(role="user", content=text.example_user),
        Message(role="assistant", content=text.example_assistant),
        Message(role="user", content=task(question, question.choices, observed)),
    )
    request = Request(
        purpose="reason",
        record=question.id,
        messages=messages,
        schema=json.dumps(_schema(question, len(subquestions))),
        max_tokens=320 + 2 * longest(question),
        prompt=text.name,
        prompt_sha256=text.sha256,
        temperature=ROLLOUT_TEMPERATURE if rollout else 0.0,
        seed=rollout,
        rollout=rollout,
    )
    return asked_again(request, wrong)


def _schema(question: Question, observations: int) -> dict[str, Any]:
    ids = [f"o{number}" for number in range(1, observations + 1)]
    uses = {"type": "array", "items": {"type": "string", "enum": ids}, "minItems": 1,
            "maxItems": len(ids)}  # fmt: skip
    sentence = {"type": "string", "maxLength": SENTENCE_CHARACTERS}
    step = json_object(text=sentence, uses=uses)
    answer = answer_schema(question)
    return json_object(
        steps={"type": "array", "items": step, "minItems": 1, "maxItems": 3},
        draft=answer,
        review=sentence,
        answer=answer,
    )


def read_reasoning(reply: str, question: Question, subquestions: Sequence[Subquestion]) -> Draft:
    """Read a trajectory, and refuse one that cannot be rendered or followed.

    Raises:
        BadReply: with what was wrong, in words that the teacher can act on.
    """
    try:
        row = json.loads(reply)
        steps = tuple(
            Step(text=_sentence(step["text"], "a step"), uses=tuple(dict.fromkeys(step["uses"])))
            for step in row["steps"]
        )
        draft, answer = chosen(row["draft"], question), chosen(row["answer"], question)
        review = _sentence(row["review"], "the review")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f'it is not JSON with "steps", "draft", "review", "answer" ({error!r:.80})'
        raise BadReply(message) from error
    known = {f"o{number}" for number in range(1, len(subquestions) + 1)}
    strange = [use for step in steps for use in step.uses if use not in known]
    if strange:
        message = f"a step uses {strange[0]!r}: there are only {', '.join(sorted(known))}"
        raise BadReply(message)
    if not steps or not any(step.uses for step in steps):
        raise BadReply("no step uses an observation")
    if len({step.text for step in steps}) < len(steps):
        raise BadReply("two steps say the same")
    return Draft(steps=steps, draft=draft, review=review, answer=answer)


def _sentence(text: str, what: str) -> str:
    said = " ".join(text.split(" ")).strip()
    if len(said) < 10 or "..." in said or "…" in said:
        message = f"{what} says nothing: {said!r}"
        raise BadReply(message)
    if unprintable(said) or len(said) > 2 * SENTENCE_CHARACTERS:
        message = f"{what} is no plain sentence of at most {SENTENCE_CHARACTERS} characters"
        raise BadReply(message)
    return said


def render(question: Question, subquestions: Sequence[Subquestion], draft: Draft) -> str:
    """Write a trajectory in the completion format; every text is escaped once."""
    lines = ["<perception>"]
    for number, sub in enumerate(subquestions, 1):
        attributes = {"id": f"o{number}", "property": sub.property, "of": sub.subject}
        if sub.span:
            attributes["span"] = seconds(sub.span)
        if len(question.recordings) > 1:
            attributes["audio"] = str(question.recordings.index(sub.recording) + 1)
        named = " ".join(f'{n}="{html.escape(v)}"' for n, v in attributes.items() if v)
        lines.append(f"<observe {named}>{_escaped(sub.answer)}</observe>")
    lines.append("</perception>")
    steps = "".join(f"<step>{_escaped(_cited(step))}</step>" for step in draft.steps)
    lines.append(f"<reasoning>{steps}</reasoning>")
    for tag, text in (("draft", draft.draft), ("review", draft.review), ("answer", draft.answer)):
        lines.append(f"<{tag}>{_escaped(text)}</{tag}>")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    # Quotes mean nothing between tags, and a policy should not learn to write &#x27;.
    return html.escape(text, quote=False)


def _cited(step: Step) -> str:
    missing = [f"[{use}]" for use in step.uses if f"[{use}]" not in step.text]
    return " ".join([step.text, "".join(missing)]).strip()


def trajectory(
    question: Question,
    subquestions: Sequence[Subquestion],
    draft: Draft,
    probes: Sequence[Probe],
    rollout: Rollout,
) -> Trajectory:
    """Put a trajectory together; whether it is kept is for the filters to say."""
    asked = tuple(sub.id for sub in subquestions)
    made_by = (rollout.run, question.id, asked, VERSION, rollout.number)
    known = question.answer is not None
    return Trajectory(
        id=identity("trajectory", *made_by),
        question=question.id,
        run=rollout.run,
        rollout=rollout.number,
        subquestions=asked,
        steps=draft.steps,
        draft=draft.draft,
        review=draft.review,
        answer=draft.answer,
        completion=render(question, subquestions, draft),
        teacher=rollout.teacher,
        sampling=rollout.sampling,
        probes=tuple(probes),
        sufficiency=sufficiency(probes) if known else "undecided",
        audio_dependence=audio_dependence(probes) if known else "undecided",
        kept=False,
    )
