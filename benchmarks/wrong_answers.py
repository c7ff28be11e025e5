"""Wrong answers to a question with choices, by kind, and right ones where none is looked for."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from benchmarks import frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.material import Sample


def wrong_answers(sample: Sample) -> Iterator[tuple[str, str, str]]:
    """Yield completions that answer wrongly: the kind, the whole text, and what was changed."""
    gold, choices = sample.truth.answer, sample.truth.choices
    tag = re.search(r"<answer>(.*?)</answer>", sample.completion, re.DOTALL)
    if gold is None or not choices or tag is None:
        return
    for kind, said in _said(gold, choices, sample.question):
        raw = f"<answer>{html.escape(said, quote=False)}</answer>"
        yield kind, sample.completion.replace(tag[0], raw), f"answer {gold!r} -> {said!r}"
    right = html.escape(gold, quote=False)
    for wrong in (html.escape(one, quote=False) for one in choices if one != gold):
        for raw in (frame.format(x=right, y=wrong) for frame in frames.ANSWER_FORMATTED):
            if raw != tag[0]:
                text = sample.completion.replace(tag[0], raw)
                yield "answer in stolen formatting", text, f"answer {gold!r} -> {raw!r}"
        step = f"<step><answer>{right}</answer></step></reasoning>"
        hidden = sample.completion.replace("</reasoning>", step, 1)
        text = f"<answer>{wrong}</answer>".join(hidden.rsplit(tag[0], 1))
        yield "answer hidden in a step", text, f"{gold!r} in a step, {wrong!r} as the answer"
        yield "answer out of place", "".join(hidden.rsplit(tag[0], 1)), f"{gold!r} in a step"


def _said(gold: str, choices: Sequence[str], question: str) -> Iterator[tuple[str, str]]:
    letter = {one: chr(ord("A") + at) for at, one in enumerate(choices)}
    lettered = all(len(one) > 1 for one in choices)
    # Of notes as choices, "E (C)" may be E with its own letter.
    twins = {gold.casefold(), letter[gold].casefold()}
    for wrong in [one for one in choices if one.casefold() not in twins]:
        named = {"x": gold, "y": wrong, "a": letter[gold], "b": letter[wrong]}
        for frame in frames.OTHER_CHOICE + (frames.OTHER_LETTER if lettered else ()):
            yield "another choice", frame.format(**named)
        for said in (frame.format(**named) for frame in frames.TWO_CHOICES):
            if said not in choices:
                yield "answer: two", said
    for frame in frames.UNCHOSEN:
        yield "answer: negated or hedged", frame.format(x=gold, a=letter[gold])
    listed = " ".join(f"({letter[one]}) {one}" for one in choices)
    for said in (
        ", ".join(choices), " ".join(choices), listed, question, f"{question} {listed}",
        f"{question} {gold}", "all of the above", "none of the above", "?", "the right one",
        "A, B, C, D", "ABCD", "A-D", "-", ".", "[]", "{}", "I do not know", "the answer",
        f"{gold} is one of the choices, but I do not choose it",
        f"The question asks whether it is {gold}",
    ):  # fmt: skip
        yield "answer: echo or list", said
