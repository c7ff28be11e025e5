"""How a question, its choices and observations are put to a teacher, and a choice read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.errors import BadReply
from synth.phrasing import unprintable
from synth.prompting import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Question, Span, Subquestion

SENTENCE_CHARACTERS = 200
"""longest sentence that a teacher may write: about 50 tokens"""


def observation(question: Question, sub: Subquestion, said: str) -> str:
    """Write one observation: what was observed, of what, and the value as quoted text."""
    of = f" of {sub.subject}" if sub.subject else ""
    span = f" in {seconds(sub.span)} s" if sub.span else ""
    several = len(question.recordings) > 1
    audio = f" in audio {question.recordings.index(sub.recording) + 1}" if several else ""
    return f"{quoted(sub.property + of + span + audio)[1:-1]}: {quoted(said, 600)}"


def task(question: Question, choices: Sequence[str], observed: Sequence[str]) -> str:
    """Put a question with these choices, in this order, and these observations as o1, o2, ..."""
    lines = [f"Question: {quoted(question.text)}"]
    if choices:
        lines.append("Choices: " + " | ".join(quoted(choice, 300) for choice in choices))
    if observed:
        lines.append("Observations:")
        lines += [f"o{number} {line}" for number, line in enumerate(observed, 1)]
    return "\n".join(lines)


def answer_schema(question: Question) -> dict[str, Any]:
    """Bind an answer to the question's choices, where it has any."""
    if question.choices:
        return {"type": "string", "enum": list(question.choices)}
    return {"type": "string", "maxLength": SENTENCE_CHARACTERS}


def longest(question: Question) -> int:
    """Tokens that the longest choice may take: no tokenizer writes more than one a byte."""
    sizes = (len(choice.encode("utf-8", "surrogatepass")) for choice in question.choices)
    return max(sizes, default=SENTENCE_CHARACTERS)


def json_object(**properties: dict[str, Any]) -> dict[str, Any]:
    """Write the JSON schema of an object with exactly these properties."""
    return {"type": "object", "properties": properties, "required": list(properties),
            "additionalProperties": False}  # fmt: skip


def chosen(text: str, question: Question) -> str:
    """Find the choice that a text names, letter for letter or up to case and spaces.

    Raises:
        BadReply: it names none, or more than one.
    """
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


def seconds(span: Span) -> str:
    """Write a span as the completion format does: "3-4.25"."""
    ends = (f"{second:.2f}".rstrip("0").rstrip(".") for second in (span.start_s, span.end_s))
    return "-".join(ends)
