"""How often the reward is fooled, and how often it is unjust: `python -m benchmarks.reward_attack`.

Wrong completions are made from right ones (benchmarks/attacks.py), right ones put in other words
(benchmarks/wordings.py); both from a recorded run of the sample and from questions made over the
whole vocabulary (benchmarks/material.py). Prints both by kind with their worst examples, and last
one line of JSON: `false_accept`, how many of the wrong were accepted, and `false_reject`, the share
of the right that was not.

Accepted is a wrong completion whose changed observation is judged supported; whose wrong answer
counts; whose total is no lower than that of the right one (or higher, where it only talks more);
or which earns more than one that says nothing there. Rejected is a right one whose reworded
observation is not supported, whose answer does not count, or whose total is lower.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from benchmarks.attacks import attacks, pool
from benchmarks.material import samples
from benchmarks.wordings import reworded
from synth.claims import claims
from synth.completion import parse
from synth.reward import score
from synth.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.attacks import Attack
    from benchmarks.material import Sample
    from benchmarks.wordings import Reworded
    from schemas import GroundTruth

MADE = 51  # three times round the vocabulary
SEED = 6
_HAIR = 1e-9
_Case = TypeVar("_Case", "Attack", "Reworded")


@dataclass(slots=True)
class Tally:
    """How many of each kind there were, and those that went wrong."""

    tried: Counter[str] = field(default_factory=Counter)
    failed: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    """by kind: by how much the total is off, and what was changed"""

    def add(self, kind: str, failure: tuple[float, str] | None) -> None:
        """Count one."""
        self.tried[kind] += 1
        if failure is not None:
            self.failed.setdefault(kind, []).append(failure)

    def failures(self) -> int:
        """Count what went wrong."""
        return sum(map(len, self.failed.values()))


def wrong(sampled: Sequence[Sample], draw: random.Random) -> Iterator[Attack]:
    """Yield every attack on every sample."""
    others = pool(sampled)
    for sample in sampled:
        yield from attacks(sample, others, draw)


def right(sampled: Sequence[Sample], draw: random.Random) -> Iterator[Reworded]:
    """Yield every sample in all its other words."""
    for sample in sampled:
        yield from reworded(sample, draw)


def accepted(attack: Attack) -> tuple[float, str] | None:
    """Say by what a wrong completion is accepted; None: it is refused, as it should be."""
    ground = attack.sample.ground
    got, before = (
        score(attack.text, ground),
        _total(attack.base or attack.sample.completion, ground),
    )
    by = got.total - before
    costly = attack.must == "fall" and (not attack.silent or _total(attack.silent, ground) < before)
    if (
        attack.level == "claim"
        and _judged(attack.text, attack.place, attack.sample.truth) == "supported"
    ):
        return by, f"supported: {attack.change}"
    if attack.level == "prose" and _supported_prose(attack):
        return by, f"supported: {attack.change}"
    if attack.level == "answer" and got.answer > 0:
        return by, f"counts: {attack.change}"
    if by > _HAIR or (costly and by >= -_HAIR):
        return by, f"{before:.3f} -> {got.total:.3f}: {attack.change}"
    return None


def rejected(one: Reworded) -> tuple[float, str] | None:
    """Say how a right completion is rejected; None: it is accepted, as it should be."""
    ground = one.sample.ground
    got, before = score(one.text, ground), _total(one.sample.completion, ground)
    by = got.total - before
    if one.place >= 0:
        judgement = _judged(one.text, one.place, one.sample.truth)
        if judgement != "supported":
            return by, f"{judgement}: {one.change}"
    elif got.answer < 1:
        return by, f"does not count: {one.change}"
    return (by, f"{before:.3f} -> {got.total:.3f}: {one.change}") if by < -_HAIR else None


@lru_cache(maxsize=4096)
def _total(text: str, ground: str) -> float:
    return score(text, ground).total


def _judged(text: str, place: int, truth: GroundTruth) -> str:
    """Give the judgement of the observation whose value begins at a place."""
    found = claims(parse(text), truth)
    verdicts = zip(found, verify(found, truth), strict=True)
    return next((one.judgement for claim, one in verdicts if claim.tagged and claim.start == place),
                "no claim")  # fmt: skip


def _supported_prose(attack: Attack) -> bool:
    """Say whether the sentence is supported: a claim of it is, and none is refuted."""
    found = claims(parse(attack.text), attack.sample.truth)
    judged = {
        one.judgement
        for claim, one in zip(found, verify(found, attack.sample.truth), strict=True)
        if not claim.tagged
        and attack.place <= claim.start < attack.end
        and claim.property == attack.property
    }
    return "supported" in judged and "refuted" not in judged


def tally(sampled: Sequence[Sample], seed: int, step: int = 1) -> tuple[Tally, Tally]:
    """Try every attack and every wording, or of each kind about one in `step`."""
    fooled, unjust = Tally(), Tally()
    for attack in _thinned(wrong(sampled, random.Random(seed)), step):
        fooled.add(attack.kind, accepted(attack))
    for one in _thinned(right(sampled, random.Random(seed)), step):
        unjust.add(one.kind, rejected(one))
    return fooled, unjust


def _thinned(cases: Iterator[_Case], step: int) -> Iterator[_Case]:
    """Take one in `step` of each kind, and more of a kind that has few."""
    seen: Counter[str] = Counter()
    for case in cases:
        at = seen[case.kind]
        seen[case.kind] += 1
        if at % min(step, 1 + at // 12) == 0:
            yield case


def table(title: str, counted: Tally, most: int) -> Iterator[str]:
    """Write a tally as lines: kinds with their counts, the worst examples beneath."""
    yield f"{title:<44}{'tried':>9}{'failed':>8}"
    for kind, tried in counted.tried.items():
        failed = counted.failed.get(kind, [])
        yield f"{kind:<44}{tried:>9}{len(failed):>8}"
        yield from (f"    {by:+.3f}  {_short(what)}" for by, what in _worst(failed, most, title))
    yield f"{'all':<44}{counted.tried.total():>9}{counted.failures():>8}"
    yield ""


def _worst(failed: Iterable[tuple[float, str]], most: int, title: str) -> list[tuple[float, str]]:
    """Pick the worst: what pays most, or costs most; the shortest of these, no two alike."""
    sign = -1 if title.startswith("wrong") else 1
    return sorted(set(failed), key=lambda one: (sign * round(one[0], 2), len(one[1]), one[1]))[
        :most
    ]


def _short(text: str) -> str:
    plain = text.encode("unicode_escape").decode().replace("\\\\", "\\")
    return plain if len(plain) <= 150 else f"{plain[:147]}..."


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--made", type=int, default=MADE, help="questions made beside the recorded"
    )
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--step", type=int, default=1, help="try about one of so many")
    options.add_argument("--examples", type=int, default=1, help="worst examples of a kind")
    given = options.parse_args()
    started = time.perf_counter()
    sampled = list(samples(given.made, given.seed))
    fooled, unjust = tally(sampled, given.seed, given.step)
    for title, counted in (
        ("wrong completions", fooled),
        ("right completions in other words", unjust),
    ):
        print(*table(title, counted, given.examples), sep="\n")
    print(json.dumps({
        "wrong": fooled.tried.total(),
        "false_accept": fooled.failures(),
        "right": unjust.tried.total(),
        "false_reject": round(unjust.failures() / max(1, unjust.tried.total()), 6),
        "seconds": round(time.perf_counter() - started, 1),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
