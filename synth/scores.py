"""The field's own metrics: word errors, diarization error, weighted keys, metrical levels."""

from __future__ import annotations

import difflib
import functools
import itertools
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth.finding import plain
from synth.harmony import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from schemas import Item

METRICAL_LEVELS = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)
"""MIREX audio tempo estimation, Accuracy2: the levels that count as the labelled tempo"""

COLLAR_S = 0.25
"""NIST RT-09 md-eval: what lies so near a boundary of the reference is not scored"""

_LARGEST_TABLE = 4_000_000  # cells: two thousand words by two thousand
_LONGEST_COMPOUND = 3  # words that one word may be written as
# Radford et al. 2022, appendix C: languages without blanks between words, scored by characters.
_BY_CHARACTER = frozenset(("chinese", "japanese", "thai", "lao", "myanmar", "cantonese", "khmer"))


# Tempo and key -----------------------------------------------------------------------------------


def tempo_error(said: float, true: float, levels: Sequence[float] = (1.0,)) -> float:
    """How far a tempo is from the nearest level of the true one, as a share of that level."""
    if said <= 0:
        return math.inf
    return min(abs(said / (true * level) - 1) for level in levels)


def key_weight(said: str, true: str) -> float:
    """Weigh a key as MIREX does: fifth above .5, relative .3, parallel .2, others nothing.

    As mir_eval.key.weighted_score; 0 where one of the two is no key.
    """
    one, other = key(said), key(true)
    if one is None or other is None:
        return 0.0
    steps = (one[0] - other[0]) % 12
    if one[1] == other[1]:
        return {0: 1.0, 7: 0.5}.get(steps, 0.0)
    if steps == (3 if one[1] == "major" else 9):
        return 0.3
    return 0.2 if steps == 0 else 0.0


# Words -------------------------------------------------------------------------------------------


def word_errors(said: Sequence[str], true: Sequence[str]) -> int:
    """Count the insertions, deletions and substitutions that part two texts (Levenshtein)."""
    row = list(range(len(true) + 1))
    for at, word in enumerate(said, start=1):
        before, row[0] = row[0], at
        for to, target in enumerate(true, start=1):
            before, row[to] = (
                row[to], min(row[to] + 1, row[to - 1] + 1, before + (word != target)),
            )  # fmt: skip
    return row[-1]


def words_of(text: str, language: str) -> list[str]:
    """Words as Whisper's normalizer leaves them; of languages without blanks, characters.

    Without openai-whisper: letters and digits in lower case.
    """
    return _normalizer(language)(text).split()


def has_normalizer() -> bool:
    """Whether Whisper's normalizer is installed (extra `whisper-timestamped`)."""
    return _whisper_normalizers() is not None


@functools.cache
def _normalizer(language: str) -> Callable[[str], str]:
    found = _whisper_normalizers()
    if found is None:
        return lambda text: " ".join(filter(None, (plain(word) for word in text.split())))
    english, basic = found
    if language in {"", "english"}:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it leaves its word list open
            return english()
    return basic(split_letters=language in _BY_CHARACTER)


@functools.cache
def _whisper_normalizers() -> (
    tuple[Callable[[], Callable[[str], str]], Callable[..., Callable[[str], str]]] | None
):
    try:
        from whisper.normalizers import (  # noqa: PLC0415 - it brings torch
            BasicTextNormalizer,
            EnglishTextNormalizer,
        )
    except ModuleNotFoundError:
        return None
    return EnglishTextNormalizer, BasicTextNormalizer


def heard_in_order(said: Sequence[str], true: Sequence[str]) -> list[bool]:
    """Tell which words occur in the true text in their order: a longest common subsequence.

    Between two that do, words that are written together or apart are the same: "wood cutters".
    """
    pairs = [(-1, -1), *_matched(said, true), (len(said), len(true))]
    held = [False] * len(said)
    for (at, to), (next_at, next_to) in itertools.pairwise(pairs):
        if next_at < len(said):
            held[next_at] = True
        runs = {"".join(run) for _, run in _runs(true[to + 1 : next_to])}
        for start, run in _runs(said[at + 1 : next_at]):
            if "".join(run) in runs:
                first = at + 1 + start
                held[first : first + len(run)] = [True] * len(run)
    return held


def _runs(words: Sequence[str]) -> list[tuple[int, Sequence[str]]]:
    """Give all runs of a few words, each with its place."""
    return [
        (start, words[start : start + length])
        for start in range(len(words))
        for length in range(1, min(_LONGEST_COMPOUND, len(words) - start) + 1)
    ]


def _matched(said: Sequence[str], true: Sequence[str]) -> list[tuple[int, int]]:
    """Give the places in both of a longest common subsequence; for an hour's words, a long one."""
    if len(said) * len(true) > _LARGEST_TABLE:
        blocks = difflib.SequenceMatcher(None, said, true, autojunk=False).get_matching_blocks()
        return [(at + by, to + by) for at, to, length in blocks for by in range(length)]
    table = [[0] * (len(true) + 1) for _ in range(len(said) + 1)]
    for at in range(len(said) - 1, -1, -1):
        for to in range(len(true) - 1, -1, -1):
            same = said[at] == true[to]
            table[at][to] = (
                table[at + 1][to + 1] + 1 if same else max(table[at + 1][to], table[at][to + 1])
            )
    pairs = []
    at = to = 0
    while at < len(said) and to < len(true):
        if said[at] == true[to]:
            pairs.append((at, to))
            at, to = at + 1, to + 1
        elif table[at + 1][to] >= table[at][to + 1]:
            at += 1
        else:
            to += 1
    return pairs


# Speakers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Diarization:
    """Seconds of speaker time, scored and in error."""

    error_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class _Moment:
    """A stretch in which nobody begins or ends."""

    length_s: float
    said: frozenset[str]
    true: frozenset[str]


def diarization_error(said: Iterable[Item], true: Sequence[Item]) -> Diarization:
    """Score turns against labelled ones: missed, false and confused speaker time.

    As NIST md-eval: overlap is scored, COLLAR_S to either side of a labelled boundary is not,
    and the speakers are named as fits best.
    """
    collars = [(edge - COLLAR_S, edge + COLLAR_S) for item in true for edge in _edges(item)]
    moments = _moments(list(said), true, collars)
    named = _named(moments)
    error = total = 0.0
    for one in moments:
        right = sum(named.get(speaker) in one.true for speaker in one.said)
        error += one.length_s * (max(len(one.said), len(one.true)) - right)
        total += one.length_s * len(one.true)
    return Diarization(error, total)


def segment_f1(said: Sequence[Item], true: Sequence[Item]) -> tuple[int, int, int]:
    """Count seconds in which both, the said alone and the true alone have an item of a label.

    sed_eval's segment-based metric at its own resolution of one second.
    """
    one, other = _seconds(said), _seconds(true)
    return len(one & other), len(one - other), len(other - one)


def _seconds(items: Sequence[Item]) -> set[tuple[str, int]]:
    return {
        (item.label, second)
        for item in items
        for second in range(math.floor(_edges(item)[0]), math.ceil(_edges(item)[1]))
    }


def speakers_named(said: Sequence[Item], true: Sequence[Item]) -> Mapping[str, str]:
    """Name found speakers by labelled ones so that they share most time."""
    return _named(_moments(said, true, []))


def _edges(item: Item) -> tuple[float, float]:
    start = item.start_s or 0.0
    return start, start if item.end_s is None else item.end_s


def _moments(
    said: Sequence[Item], true: Sequence[Item], left_out: Sequence[tuple[float, float]]
) -> list[_Moment]:
    edges = sorted({edge for item in (*said, *true) for edge in _edges(item)}
                   | {edge for pair in left_out for edge in pair})  # fmt: skip
    moments = []
    for start, end in itertools.pairwise(edges):
        middle = (start + end) / 2
        if any(first < middle < last for first, last in left_out):
            continue
        moments.append(_Moment(end - start, _at(said, middle), _at(true, middle)))
    return moments


def _at(turns: Sequence[Item], second: float) -> frozenset[str]:
    return frozenset(item.label for item in turns if _edges(item)[0] <= second < _edges(item)[1])


def _named(moments: Sequence[_Moment]) -> dict[str, str]:
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - it belongs to an extra

    said = sorted({speaker for one in moments for speaker in one.said})
    true = sorted({speaker for one in moments for speaker in one.true})
    shared = [
        [sum(one.length_s for one in moments if mine in one.said and theirs in one.true)
         for theirs in true]
        for mine in said
    ]  # fmt: skip
    if not said or not true:
        return {}
    rows, columns = linear_sum_assignment(shared, maximize=True)
    return {said[row]: true[column] for row, column in zip(rows, columns, strict=True)
            if shared[row][column] > 0}  # fmt: skip
