"""Make rollouts whose decay is known: a home's trajectories, spoilt more the longer they go on.

    python tools/spoilt_rollouts.py HOME > spoilt.jsonl
    synth evaluate spoilt.jsonl --home HOME --out spoilt

Five rollouts a question: the trajectory as recorded; three with two, four and six steps more, each
of which observes one of its sub-questions again, wrongly with a chance of 10 % and 13 points more
at each step; and one that claims a stretch, a turned order and a sound that nobody heard, with a
wrong answer. Seeded: the same home gives the same lines.
"""

from __future__ import annotations

import html
import json
import random
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from schemas import Question, Subquestion, Trajectory
from warehouse import shards
from warehouse.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 6
FIRST, MORE = 0.10, 0.13
"""chance that the first step more is wrong, and how much each next one adds"""


def main() -> None:
    """Write the rollouts of a home to stdout."""
    home = Home(Path(sys.argv[1]))
    asked = {one.id: one for one in shards.read(home, Subquestion)}
    questions = {one.id: one for one in shards.read(home, Question)}
    chance = random.Random(SEED)
    for one in sorted(shards.read(home, Trajectory), key=lambda one: one.id):
        mine = [asked[name] for name in one.subquestions]
        rollouts = (
            one.completion,
            *(_longer(one, mine, 2 * times, chance) for times in (1, 2, 3)),
            _misused(one, mine[0], questions[one.question]),
        )
        for completion in rollouts:
            print(json.dumps({"question": one.question, "completion": completion}))


def _longer(one: Trajectory, asked: list[Subquestion], steps: int, chance: random.Random) -> str:
    def said() -> Iterator[str]:
        for number in range(steps):
            sub = chance.choice(asked)
            wrong = chance.random() < FIRST + MORE * number and sub.distractors
            value = chance.choice(sub.distractors) if wrong else sub.answer
            yield f"<step>I listen again: {_tag(f'x{number}', sub, value)}.</step>"

    return one.completion.replace("</reasoning>", "".join(said()) + "</reasoning>")


def _misused(one: Trajectory, sub: Subquestion, question: Question) -> str:
    siren = '<observe id="y2" property="presence" of="siren">yes</observe>'
    stretch = ' span="0.0-0.1"'
    more = f"<step>At once {_tag('y1', sub, sub.answer, stretch)} and {siren}.</step>"
    if sub.property == "event_order":
        turned = " then ".join(reversed(re.split(r", then ", sub.answer)))
        more += f"<step>So {_tag('y3', sub, turned)}.</step>"
    wrong = next(choice for choice in question.choices if choice != one.answer)
    longer = one.completion.replace("</reasoning>", f"{more}</reasoning>")
    return re.sub(
        "<answer>.*</answer>", f"<answer>{html.escape(wrong, quote=False)}</answer>", longer
    )


def _tag(name: str, sub: Subquestion, said: str, more: str = "") -> str:
    of = f' of="{html.escape(sub.subject)}"' if sub.subject else ""
    value = html.escape(said, quote=False)
    return f'<observe id="{name}" property="{sub.property}"{of}{more}>{value}</observe>'


if __name__ == "__main__":
    main()
