"""Probe: does the answer rest on the facts? Asked with them, without, and with wrong ones."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Literal

from schemas import Probe
from schemas.errors import BadReply
from synth.paired import favours
from synth.posing import answer_schema, chosen, json_object, longest, observation, task
from synth.prompting import prompt
from synth.requests import Message, Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Question, Subquestion
    from schemas.reasoning import Dependence, Sufficiency

    Facts = Literal["given", "withheld", "corrupted"]


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
    observed = [observation(question, sub, answer) for sub, answer in said]
    posed = task(question, _shuffled(question, order), observed)
    return Request(
        purpose="probe",
        record=question.id,
        messages=(
            Message(role="system", content=text.system),
            Message(role="user", content=posed),
        ),
        schema=json.dumps(json_object(answer=answer_schema(question))),
        max_tokens=24 + longest(question),
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
        answer = chosen(json.loads(reply)["answer"], question)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f'it is not JSON of the form {{"answer":"..."}} ({type(error).__name__})'
        raise BadReply(message) from error
    return Probe(facts=facts, order=order, answer=answer, right=answer == question.answer)


def unusable_probe(facts: Facts, order: int) -> Probe:
    """Record that a probe got no usable reply; it counts for nothing."""
    return Probe(facts=facts, order=order, answer="", right=False)


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
