"""How many completions a second the reward judges on one core: `python -m benchmarks.reward`.

A completion has 2 kB and makes 8 claims; sixteen rollouts answer one question, as in GRPO, and no
two are the same text. Beside it, on the same completions in the same run: MMAU's own matching rule
and math-verify over the whole text, and one bare regex that looks for the answer.

JSON: `per_second` (8 tagged claims), `per_second_mixed` (5 tagged, 3 in the prose),
`per_second_broken` (the format is broken), `per_second_first` (each question's first rollout, its
ground truth read anew), `times_mmau` (per_second over MMAU's rule), and `linear`: seconds a
character at 20 kB over 2 kB.
"""

from __future__ import annotations

import json
import math
import random
import re
import time
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from schemas import (
    GROUND_TRUTH_VERSION,
    Check,
    GroundCheck,
    GroundTruth,
    Item,
    Value,
    Weights,
    property_named,
)
from synth import reward, rollouts
from synth.ground_truth import to_json
from synth.official import string_match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemas import Need

QUESTIONS, ROLLOUTS, SIZE, REPEATS = 48, 16, 2048, 7
_ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
_CHOICES = ("A lively dance", "A slow march", "A lullaby & a hymn", "A fanfare")
_SOUNDS = ("door", "bell", "dog", "siren", "crow", "clap", "engine", "rain")
_KEYS = ("A minor", "C major", "E minor", "G major", "D minor", "F# minor")

# What a policy writes around its observations: it reasons, and claims nothing new.
_TALK = (
    "The pulse is easy to follow and it hardly ever lets up, which keeps the mood bright.",
    "I went back to the opening and the balance between the parts stays much as it was.",
    "That points to a studio take rather than to something caught in the street.",
    "Each stroke is short and dry, and the space around it sounds small.",
    "So the first option fits better than those that remain.",
    "The texture thins out near the middle and fills up again towards the close.",
    "Nothing behind it pulls the ear away from what stands in front.",
    "It follows that the mood is lively and the answer should say so.",
    "The phrases are broad and the tone is warm, as one would expect of such a piece.",
    "This agrees with what was noted above and leaves little room for another reading.",
    "Every entry is clean, and the ending comes without a fade.",
    "Taken together, these observations support only one of the answers.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's ground truth as JSON, and what a policy may claim of it, right and wrong."""

    ground_truth: str
    claims: tuple[tuple[str, str, tuple[str, ...]], ...]
    """property, subject, and the value that is right before those that are wrong"""


def asked(number: int) -> Asked:
    """Make one question: eight required checks among two dozen."""
    rng = random.Random(number)
    tempo, count, people = rng.randint(70, 180), rng.randint(2, 5), rng.randint(1, 4)
    first, second, *others = rng.sample(_SOUNDS, k=6)
    key, other = rng.sample(_KEYS, k=2)
    loudness = rng.randint(-30, -10)
    items = tuple(Item(label=one, start_s=float(at), end_s=at + 0.5)
                  for at, one in enumerate((first, second, *others[:2])))  # fmt: skip
    told = (
        ("tempo", "", Value(number=float(tempo)), (f"{tempo} bpm", f"{tempo * 2} bpm", "60 bpm")),
        ("key", "", Value(text=key), (key, other)),
        ("event_count", first, Value(number=float(count)),
         (f"{count} times", f"{count + 1} times")),
        ("speaker_count", "", Value(number=float(people)),
         (f"{people} speakers", f"{people + 1} speakers")),
        ("event", "", Value(items=items), (first, second, "a whistle")),
        ("event_order", "", Value(items=items[:2]),
         (f"{first}, then {second}", f"{second}, then {first}")),
        ("loudness", "", Value(number=float(loudness)),
         (f"{loudness} LUFS", f"{loudness - 6} LUFS")),
        ("onset", second, Value(number=3.25), ("3.2 s", "7.5 s", "0:03")),
    )  # fmt: skip
    context = [("presence", one, Value(text="yes")) for one in (first, second, *others)]
    context += [("event_count", one, Value(number=2.0)) for one in others]
    context += [("onset", one, Value(number=1.0)) for one in others]
    checks = [_check(name, of, value, "required") for name, of, value, _ in told]
    checks += [_check(name, of, value, "context") for name, of, value in context]
    truth = GroundTruth(version=GROUND_TRUTH_VERSION, answer=_CHOICES[0], choices=_CHOICES,
                        weights=Weights(), checks=tuple(checks))  # fmt: skip
    return Asked(to_json(truth), tuple((name, of, said) for name, of, _, said in told))


def _check(name: str, subject: str, value: Value, need: Need) -> GroundCheck:
    row = property_named(name)
    check = Check(
        kind=row.check, target=value, accepted=(), unit=row.unit, tolerance=row.tolerance,
        relative=row.relative, zero_at=None, source=row.source,
    )  # fmt: skip
    return GroundCheck(
        id=f"{name} {subject}", property=name, subject=subject, audio=1, recording="r", span=None,
        exclusive=row.exclusive, prior=0.1, need=need, state="known", check=check,
    )  # fmt: skip


def completion(one: Asked, seed: int, *, untagged: int = 0, size: int = SIZE) -> str:
    """Write one rollout: each of its claims is right seven times of ten."""
    rng = random.Random(f"{one.ground_truth[:200]} {seed}")
    claims = [
        (name, of, said[0] if rng.random() < 0.7 else rng.choice(said))
        for name, of, said in one.claims
    ]
    prose = [_sentence(*claim) for claim in claims[:untagged]]
    tags = "\n".join(
        f'<observe id="o{at}" property="{name}"{of and f" of={of!r}"}>{escape(said)}</observe>'
        for at, (name, of, said) in enumerate(claims[untagged:], start=1)
    )
    answer = escape(rng.choice((_CHOICES[0], _CHOICES[0], *_CHOICES)))
    frame = (f"<perception>\n{tags}\n</perception>\n<reasoning>\n{{}}\n</reasoning>\n"
             f"<draft>{answer}</draft>\n<review>What was heard bears the draft out, so it stands."
             f"</review>\n<answer>{answer}</answer>")  # fmt: skip
    while sum(map(len, prose)) + len(frame) + 90 < size:
        prose.append(rng.choice(_TALK))
    rng.shuffle(prose)
    parts = [prose[at : at + 4] for at in range(0, len(prose), 4)]
    cited = len(claims) - untagged
    steps = (f"<step>{' '.join(part)} [o{rng.randint(1, cited)}]</step>" for part in parts)
    return frame.format("\n".join(steps))


def _sentence(name: str, of: str, said: str) -> str:
    return {
        "tempo": f"The beat settles at {said}.",
        "key": f"The piece is in the key of {said}.",
        "event_count": f"I hear the {of} {said}.",
    }[name]


def rate(judge: Callable[[str, Asked], object], pairs: Sequence[tuple[str, Asked]]) -> float:
    """Completions a second of CPU time; of each few completions the best of several passes."""
    best = dict.fromkeys(range(0, len(pairs), ROLLOUTS), math.inf)
    for at in list(best) * REPEATS:
        started = time.thread_time()
        for text, one in pairs[at : at + ROLLOUTS]:
            judge(text, one)
        best[at] = min(best[at], time.thread_time() - started)
    return len(pairs) / sum(best.values())


def _ours(text: str, one: Asked) -> object:
    return reward.score(text, one.ground_truth)


def _math_verify() -> Callable[[str, Asked], object]:
    from math_verify import parse, verify

    gold = parse(_CHOICES[0])
    return lambda text, _: verify(gold, parse(text))


def _anew(text: str, one: Asked) -> object:
    rollouts.case_of.cache_clear()
    return _ours(text, one)


def main() -> None:
    """Time all rows in one run and print them."""
    questions = [asked(number) for number in range(QUESTIONS)]

    def rollouts(**how: int) -> list[tuple[str, Asked]]:
        return [(completion(one, seed, **how), one) for one in questions
                for seed in range(ROLLOUTS)]  # fmt: skip

    tagged, mixed, long = rollouts(), rollouts(untagged=3), rollouts(size=10 * SIZE)[::ROLLOUTS]
    broken = [(text.replace("</step>", "", 1), one) for text, one in tagged]
    rows = {
        "ours, 8 tagged claims": rate(_ours, tagged),
        "ours, 5 tagged and 3 in the prose": rate(_ours, mixed),
        "ours, the format broken": rate(_ours, broken),
        "ours, the first rollout of a question": rate(_anew, tagged[::ROLLOUTS]),
        "MMAU's rule": rate(lambda text, _: string_match(_CHOICES[0], text, _CHOICES), tagged),
        "math-verify": rate(_math_verify(), tagged[:: ROLLOUTS // 2]),
        "one bare regex": rate(lambda text, _: _ANSWER.search(text), tagged),
    }
    sizes = [len(text) for text, _ in tagged]
    print(
        f"{len(tagged)} completions of {sum(sizes) / len(sizes):.0f} characters, one core, CPU time"
    )
    for name, speed in rows.items():
        print(f"{name:<40} {speed:>12,.0f} a second")
    short_s, long_s = 1 / rows["ours, 8 tagged claims"], 1 / rate(_ours, long)
    linear = (long_s / len(long[0][0])) / (short_s / len(tagged[0][0]))
    print(f"a character of 20 kB takes {linear:.2f} times what one of 2 kB takes")
    ours, with_prose, malformed, first, mmau, *_ = rows.values()
    figures = {
        "per_second": round(ours),
        "per_second_mixed": round(with_prose),
        "per_second_broken": round(malformed),
        "per_second_first": round(first),
        "times_mmau": round(ours / mmau, 2),
        "linear": round(linear, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
