"""Decompose: the teacher writes which listening questions a benchmark question needs.

It sees the question, its choices and the menu of what instruments can answer; never a value, never
the gold answer. Code binds each of its questions to a fact afterwards.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from schemas.errors import BadReply
from synth.bind import Asked
from synth.phrasing import (
    MAX_CHARACTERS,
    asks_another_thing,
    asks_of_a_part,
    copies,
    names_answer,
    names_no_audio,
    names_stranger,
    not_a_question,
    plainly,
)
from synth.prompting import prompt, quoted
from synth.requests import Message, Request, Wrong, asked_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Question
    from synth.menu import MenuEntry

VERSION = "1"
MOST = 4
"""sub-questions of one question: DESIGN's trajectories stay short enough to be followed"""


def decompose_request(
    question: Question, menu: Sequence[MenuEntry], wrong: Wrong | None = None
) -> Request:
    """Ask which properties of the menu this question needs, and how to put them as questions.

    Raises:
        ValueError: the menu is empty; there is nothing that could be asked.
    """
    if not menu:
        message = f"{question.id}: no menu to decompose with"
        raise ValueError(message)
    text = prompt("decompose")
    messages = (
        Message(role="system", content=text.system),
        Message(role="user", content=text.example_user),
        Message(role="assistant", content=text.example_assistant),
        Message(role="user", content=_task(question, menu)),
    )
    request = Request(
        purpose="decompose",
        record=question.id,
        messages=messages,
        schema=json.dumps(_schema(menu)),
        max_tokens=320,  # four questions of at most 160 characters take about 250
        prompt=text.name,
        prompt_sha256=text.sha256,
    )
    return asked_again(request, wrong)


def _task(question: Question, menu: Sequence[MenuEntry]) -> str:
    lines = [f"Question: {quoted(question.text)}"]
    if question.choices:
        lines.append("Choices: " + " | ".join(quoted(choice, 300) for choice in question.choices))
    lines.append("Menu:")
    lines += [f"- {quoted(entry.key)[1:-1]}: {quoted(entry.description)[1:-1]}" for entry in menu]
    return "\n".join(lines)


def _schema(menu: Sequence[MenuEntry]) -> dict[str, Any]:
    # No uniqueItems and no pattern: xgrammar would hand the request to a slower backend.
    entry = {
        "type": "object",
        "properties": {
            "property": {"type": "string", "enum": [entry.key for entry in menu]},
            "question": {"type": "string", "maxLength": MAX_CHARACTERS},
        },
        "required": ["property", "question"],
        "additionalProperties": False,
    }
    listed = {"type": "array", "items": entry, "minItems": 1, "maxItems": min(MOST, len(menu))}
    return {
        "type": "object",
        "properties": {"subquestions": listed},
        "required": ["subquestions"],
        "additionalProperties": False,
    }


def read_decomposition(
    reply: str, question: Question, menu: Sequence[MenuEntry]
) -> tuple[Asked, ...]:
    """Read the sub-questions, in listening order, and refuse any that cannot be asked so.

    Raises:
        BadReply: with what was wrong, in words that the teacher can act on.
    """
    entries = {entry.key: entry for entry in menu}
    asked: dict[str, Asked] = {}
    for key, text in _rows(reply):
        if key not in entries:
            message = f"{key!r} is not on the menu"
            raise BadReply(message)
        if key in asked:
            message = f'two questions ask for "{key}": ask for each property once'
            raise BadReply(message)
        if fault := _fault(text, question, entries[key]):
            plainly = _plainly(entries[key], several=len(question.recordings) > 1)
            # The faulty wording itself is not quoted: a small model would copy it.
            message = f'for "{key}" ask plainly, such as "{plainly}"; what was wrong: {fault}'
            raise BadReply(message)
        asked[key] = Asked(entry=entries[key], text=text)
    return tuple(asked.values())


def _rows(reply: str) -> list[tuple[str, str]]:
    """Take the reply's JSON apart; a schema-bound server cannot err here, others can."""
    try:
        rows = json.loads(reply)["subquestions"]
        pairs = [(row["property"], " ".join(row["question"].split(" "))) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f'it is not JSON of the form {{"subquestions":[...]}} ({type(error).__name__})'
        raise BadReply(message) from error
    if not 1 <= len(pairs) <= MOST or not all(isinstance(key, str) for key, _ in pairs):
        message = f"there are {len(pairs)} sub-questions: expected 1 to {MOST}"
        raise BadReply(message)
    return pairs


def _fault(text: str, question: Question, entry: MenuEntry) -> str | None:
    """Say what is wrong with one sub-question, None where it can be asked."""
    name, subject = entry.fact.property, entry.fact.subject
    if copies(text, question.text):
        return "it repeats the question that is to be split: use other words"
    if any(copies(text, copied) for copied in _example_questions()):
        return "it copies the example"
    if leak := names_answer(text, question.choices, f"{subject} {question.text}"):
        return f'it names the choice "{leak[:80]}"'
    several = len(question.recordings) > 1
    return (
        not_a_question(text)
        or asks_another_thing(text, name, subject)
        or asks_of_a_part(text, name, subject)
        or names_stranger(text, name, subject, " ".join((question.text, *question.choices)))
        or (names_no_audio(text, entry.audio) if several else None)
    )


def _plainly(entry: MenuEntry, *, several: bool) -> str:
    """Word a sub-question as plainly as can be, for a teacher that could not."""
    text = plainly(entry.fact.property, entry.fact.subject)
    return text.replace("?", f" in audio {entry.audio}?") if several else text


@functools.cache
def _example_questions() -> tuple[str, ...]:
    example = json.loads(prompt("decompose").example_assistant)
    return tuple(row["question"] for row in example["subquestions"])
