"""Reason: the teacher writes a trajectory from facts, and is probed with, without and against them.

It sees the question, its choices and the observed answers; never the gold answer.
"""

from __future__ import annotations

import html
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from schemas import Probe, Step, Trajectory, identity
from schemas.errors import BadReply
from synth.paired import favours
from synth.phrasing import unprintable
from synth.prompting import prompt, quoted
from synth.requests import Message, Request, Wrong, asked_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Question, Span, Subquestion
    from schemas.reasoning import Dependence, Sufficiency

    Facts = Literal["given", "withheld", "corrupted"]

VERSION = "1"
STEP_CHARACTERS = 200
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
    observed = [_observation(question, sub, sub.answer) for sub in subquestions]
    messages = (
        Message(role="system", content=text.system),
        Message(role="user", content=text.example_user),
        Message(role="assistant", content=text.example_assistant),
        Message(role="user", content=_task(question, question.choices, observed)),
    )
    request = Request(
        purpose="reason",
        record=question.id,
        messages=messages,
        schema=json.dumps(_schema(question, len(subquestions))),
        max_tokens=320 + 2 * _longest(question),
        prompt=text.name,
        prompt_sha256=text.sha256,
        temperature=ROLLOUT_TEMPERATURE if rollout else 0.0,
        seed=rollout,
        rollout=rollout,
    )
    return asked_again(request, wrong)


def _observation(question: Question, sub: Subquestion, said: str) -> str:
    of = f" of {sub.subject}" if sub.subject else ""
    span = f" in {_seconds(sub.span)} s" if sub.span else ""
    several = len(question.recordings) > 1
    audio = f" in audio {question.recordings.index(sub.recording) + 1}" if several else ""
    return f"{quoted(sub.property + of + span + audio)[1:-1]}: {quoted(said, 600)}"


def _task(question: Question, choices: Sequence[str], observed: Sequence[str]) -> str:
    lines = [f"Question: {quoted(question.text)}"]
    if choices:
        lines.append("Choices: " + " | ".join(quoted(choice, 300) for choice in choices))
    if observed:
        lines.append("Observations:")
        lines += [f"o{number} {line}" for number, line in enumerate(observed, 1)]
    return "\n".join(lines)


def _answer_schema(question: Question) -> dict[str, Any]:
    if question.choices:
        return {"type": "string", "enum": list(question.choices)}
    return {"type": "string", "maxLength": STEP_CHARACTERS}


def _longest(question: Question) -> int:
    """Tokens that the longest choice may take: no tokenizer writes more than one a character."""
    return max((len(choice) for choice in question.choices), default=STEP_CHARACTERS)


def _schema(question: Question, observations: int) -> dict[str, Any]:
    ids = [f"o{number}" for number in range(1, observations + 1)]
    uses = {"type": "array", "items": {"type": "string", "enum": ids}, "minItems": 1,
            "maxItems": len(ids)}  # fmt: skip
    sentence = {"type": "string", "maxLength": STEP_CHARACTERS}
    step = _object(text=sentence, uses=uses)
    answer = _answer_schema(question)
    return _object(
        steps={"type": "array", "items": step, "minItems": 1, "maxItems": 3},
        draft=answer,
        review=sentence,
        answer=answer,
    )


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties),
            "additionalProperties": False}  # fmt: skip


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
        draft, answer = _chosen(row["draft"], question), _chosen(row["answer"], question)
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
    if unprintable(said) or len(said) > 2 * STEP_CHARACTERS:
        message = f"{what} is no plain sentence of at most {STEP_CHARACTERS} characters"
        raise BadReply(message)
    return said


def _chosen(text: str, question: Question) -> str:
    """Find the choice that a text names, letter for letter or up to case and spaces."""
    if not question.choices:
        return _sentence_or_word(text)
    wanted = " ".join(text.split()).casefold()
    alike = [c for c in question.choices if " ".join(c.split()).casefold() == wanted]
    found = text if text in question.choices else alike[0] if len(alike) == 1 else None
    if found is None:
        message = f"{text[:80]!r} is none of the choices"
        raise BadReply(message)
    return found


def _sentence_or_word(text: str) -> str:
    said = text.strip()
    if not said or "..." in said or unprintable(said):
        message = f"{text[:80]!r} is no answer"
        raise BadReply(message)
    return said


def render(question: Question, subquestions: Sequence[Subquestion], draft: Draft) -> str:
    """Write a trajectory in the completion format; every text is escaped once."""
    lines = ["<perception>"]
    for number, sub in enumerate(subquestions, 1):
        attributes = {"id": f"o{number}", "property": sub.property, "of": sub.subject}
        if sub.span:
            attributes["span"] = _seconds(sub.span)
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


def _seconds(span: Span) -> str:
    ends = (f"{second:.2f}".rstrip("0").rstrip(".") for second in (span.start_s, span.end_s))
    return "-".join(ends)


def _cited(step: Step) -> str:
    missing = [f"[{use}]" for use in step.uses if f"[{use}]" not in step.text]
    return " ".join([step.text, "".join(missing)]).strip()


def probe_request(
    question: Question, subquestions: Sequence[Subquestion], facts: Facts, order: int
) -> Request:
    """Ask for the bare answer, with true facts, with none, or with each fact's first distractor.

    A fact without distractors is left out where facts are corrupted.

    Args:
        question: with its choices in the benchmark's order.
        subquestions: whose answers are the facts.
        facts: which facts the teacher is shown.
        order: which shuffle of the choices, from 0; the right one stands elsewhere in each.
    """
    text = prompt("probe")
    said = {
        "given": [(sub, sub.answer) for sub in subquestions],
        "withheld": [],
        "corrupted": [(sub, sub.distractors[0]) for sub in subquestions if sub.distractors],
    }[facts]
    observed = [_observation(question, sub, answer) for sub, answer in said]
    task = _task(question, _shuffled(question, order), observed)
    return Request(
        purpose="probe",
        record=question.id,
        messages=(
            Message(role="system", content=text.system),
            Message(role="user", content=task),
        ),
        schema=json.dumps(_object(answer=_answer_schema(question))),
        max_tokens=24 + _longest(question),
        prompt=text.name,
        prompt_sha256=text.sha256,
        variant=f"{facts}-{order}",
    )


def _shuffled(question: Question, order: int) -> tuple[str, ...]:
    """Shuffle the choices; each next order turns them by one, then shuffles anew."""
    turns, turn = divmod(order, max(1, len(question.choices)))
    choices = list(question.choices)
    random.Random(f"{question.id}:{turns}").shuffle(choices)
    return (*choices[turn:], *choices[:turn])


def read_probe(reply: str, question: Question, facts: Facts, order: int) -> Probe:
    """Read a bare answer and hold it against the gold answer.

    Raises:
        BadReply: it names none of the choices.
    """
    try:
        answer = _chosen(json.loads(reply)["answer"], question)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f'it is not JSON of the form {{"answer":"..."}} ({type(error).__name__})'
        raise BadReply(message) from error
    return Probe(facts=facts, order=order, answer=answer, right=answer == question.answer)


def unusable_probe(facts: Facts, order: int) -> Probe:
    """Record that a probe got no usable reply; it counts for nothing."""
    return Probe(facts=facts, order=order, answer="", right=False)


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


def sufficiency(probes: Sequence[Probe]) -> Sufficiency:
    """Judge whether the facts are what answers the question, over shuffled choices.

    Paired by order, with an exact 95 % interval for how often the facts decide an order for the
    better: sufficient where it lies above one half and corrupted facts change the answer;
    insufficient where it lies below. Fewer than six decided orders never suffice for either.
    """
    shown, hidden, wrong = (_answered(probes, kind) for kind in ("given", "withheld", "corrupted"))
    both = shown.keys() & hidden.keys()
    better = sum(shown[order].right and not hidden[order].right for order in both)
    worse = sum(hidden[order].right and not shown[order].right for order in both)
    low, high = favours(better, worse)
    compared = wrong.keys() & shown.keys()
    changed = bool(compared) and all(wrong[o].answer != shown[o].answer for o in compared)
    if low > 0.5 and changed:
        return "sufficient"
    return "insufficient" if high < 0.5 else "undecided"


def audio_dependence(probes: Sequence[Probe]) -> Dependence:
    """Judge whether the text alone gives the answer away, over the orders that were probed.

    Weak: right without facts in every order. Strong: right in none. A probe without a usable
    reply leaves it undecided, and so does a single order.
    """
    hidden = [probe for probe in probes if probe.facts == "withheld"]
    if len(hidden) < 2 or any(not probe.answer for probe in hidden):
        return "undecided"
    if all(probe.right for probe in hidden):
        return "weak"
    return "undecided" if any(probe.right for probe in hidden) else "strong"


def _answered(probes: Sequence[Probe], facts: str) -> dict[int, Probe]:
    return {probe.order: probe for probe in probes if probe.facts == facts and probe.answer}
