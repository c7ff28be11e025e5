"""Checks whose target is a list: sets and orders of labels, stretches of time, spoken words.

Labels are compared as `synth.spelling.label` gives them. A label of the target may hold a comma
or the word "or"; what else an answer says may not, or it is a hedge. Standard library only.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

from synth.harmony import chords, is_chord
from synth.spelling import HEDGE, bare, clean, label, normalise, quantity
from synth.stretches import moments, stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Check

_LONGEST_ORDER = 200  # labels: pairs are compared, and no recording has more to order
_ROUNDING = 1e-9
_THEN = re.compile(
    r"\s*(?:,?\s*(?:and then|followed by|and finally|then|before|finally|next)\b|->|→|>|,|;)\s*"
)
_THE_WORD = re.compile(r"^(?:the )?word (?:is )?(?=\S)", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:a|an|the|some) ")
_ORDINAL = re.compile(r"^(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|last(?:ly)?|starts with)[,:]? ")


def labels(check: Check) -> list[str]:
    """Give a target's labels, in its order."""
    if _of_chords(check):
        return [item.label for item in check.target.items or ()]
    if check.target.items is not None:
        return [label(item.label) for item in check.target.items]
    return [label(check.target.text or "")]


def _of_chords(check: Check) -> bool:
    items = check.target.items
    return bool(items) and all(is_chord(item.label) for item in items or ())


def listed(answer: str, check: Check) -> list[str] | None:
    """Read a list of labels; the target's own may hold commas and "or", others may not."""
    rest = f" {_parted(bare(answer))} "
    found: list[str] = []
    for item in sorted(check.target.items or (), key=lambda item: -len(item.label)):
        written = _parted(item.label)
        if written and re.search(rf"(?<!\w){re.escape(written)}(?!\w)", rest):
            rest = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", ",", rest)
            found.append(label(item.label))
    others = [part for part in re.split(r"[,;&]|\band\b|\bplus\b", rest) if label(part)]
    if any(HEDGE.search(part) for part in others):
        return None
    return [*found, *(label(part) for part in others)]


def ordered(answer: str, check: Check) -> list[str] | None:
    """Read labels in the order in which they are said to be heard; "B after A" is A, B."""
    if _of_chords(check):
        return chords(answer)
    plain = bare(answer).casefold()
    known = sorted({item.label for item in check.target.items or ()}, key=len, reverse=True)
    names: dict[str, str] = {}
    for number, name in enumerate(known):
        # A label may hold a comma; while the text is cut it goes by a private letter.
        names[chr(0xE000 + number)] = label(name)
        plain = re.sub(
            rf"(?<!\w){re.escape(clean(name).casefold())}(?!\w)", chr(0xE000 + number), plain
        )
    if plain.startswith(("before ", "after ")):
        return None
    if plain.count(" after ") == 1:
        late, early = plain.split(" after ")
        if _THEN.search(late) or _THEN.search(early):
            return None
        plain = f"{early} then {late}"
    parts = [_ORDINAL.sub("", part.strip()) for part in _THEN.split(plain) if part.strip()]
    if len(parts) > _LONGEST_ORDER or any(
        HEDGE.search(part) or re.search(r"\b(?:and|after)\b", part) for part in parts
    ):
        return None
    return [names.get(_ARTICLE.sub("", part.strip(" .")), label(part)) for part in parts]


def _parted(text: str) -> str:
    """`label`, with the commas that part a list kept."""
    parts = re.split(r"[,;&]|\band\b", clean(text).casefold())
    return " , ".join(label(part) for part in parts if label(part))


def f1(said: set[str], wanted: set[str]) -> float:
    """Give the harmonic mean of precision and recall of two sets; 1 where both are empty."""
    return 2 * len(said & wanted) / (len(said) + len(wanted)) if said or wanted else 1.0


def concordance(said: Sequence[str], wanted: Sequence[str]) -> float:
    """Give the share of pairs, of all labels said or wanted, that both hold in the same order."""
    said_at, wanted_at = _occurrences(said), _occurrences(wanted)
    everyone = sorted(said_at.keys() | wanted_at.keys())
    pairs = list(combinations(everyone, 2))
    if not pairs:
        return 1.0 if said_at == wanted_at else 0.0
    shared = [pair for pair in pairs if all(one in said_at and one in wanted_at for one in pair)]
    same = sum((said_at[a] < said_at[b]) == (wanted_at[a] < wanted_at[b]) for a, b in shared)
    return same / len(pairs)


def _occurrences(names: Sequence[str]) -> dict[tuple[str, int], int]:
    seen: dict[str, int] = {}
    places: dict[tuple[str, int], int] = {}
    for place, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        places[name, seen[name]] = place
    return places


# Stretches of time -------------------------------------------------------------------------------


def target_stretches(check: Check) -> list[tuple[float, float]]:
    """Give a target's stretches in seconds, sorted; items without times have none."""
    return sorted(
        (item.start_s, item.end_s)
        for item in check.target.items or ()
        if item.start_s is not None and item.end_s is not None
    )


def said_stretches(answer: str, check: Check) -> tuple[tuple[float, float], ...] | None:
    """Read an answer as stretches, or as moments where the target's are without length."""
    return moments(answer) if _of_moments(check) else stretches(answer)


def _of_moments(check: Check) -> bool:
    wanted = target_stretches(check)
    return bool(wanted) and all(start == end for start, end in wanted)


def apart(said: Sequence[tuple[float, float]], check: Check) -> float:
    """Say how far two sets of stretches are from each other: 1 - IoU; of moments, 1 - F-measure.

    Moments are matched in order, each once, within the tolerance (mir_eval.beat.f_measure).
    """
    wanted = target_stretches(check)
    if not _of_moments(check):
        return 1 - iou(said, check)
    free, matched = list(wanted), 0
    for one in said:
        near = next((at for at, other in enumerate(free) if close(one, other, check)), None)
        if near is not None:
            del free[: near + 1]
            matched += 1
    return 1 - 2 * matched / (len(said) + len(wanted))


def close(one: tuple[float, float], other: tuple[float, float], check: Check) -> bool:
    """Say whether two stretches begin and end within the tolerance of each other."""
    allowed = check.tolerance + _ROUNDING
    return abs(one[0] - other[0]) <= allowed and abs(one[1] - other[1]) <= allowed


def same_stretches(answer: str, check: Check) -> bool | None:
    """Say whether an answer lists the target's stretches, all of them and no other."""
    said, wanted = said_stretches(answer, check), target_stretches(check)
    if said is None or not wanted:
        return None
    return len(said) == len(wanted) and all(
        close(one, other, check) for one, other in zip(said, wanted, strict=True)
    )


def iou(said: Sequence[tuple[float, float]], check: Check) -> float:
    """Intersection over union of two sets of stretches, by one sweep over their edges."""
    edges = sorted(
        (at, step, whose)
        for whose, spans in enumerate((said, target_stretches(check)))
        for start, end in spans
        for at, step in ((start, 1), (end, -1))
    )
    inside = [0, 0]
    both = either = last = 0.0
    for at, step, whose in edges:
        both += (at - last) * (min(inside) > 0)
        either += (at - last) * (max(inside) > 0)
        inside[whose] += step
        last = at
    return both / either if either else 0.0


# Words -------------------------------------------------------------------------------------------


def spoken(text: str) -> list[str]:
    """Words as they are compared: case and punctuation gone, numbers in digits."""
    words = normalise(text).replace(",", " ").split()
    return [_digits(word) for word in words]


def _digits(word: str) -> str:
    read = quantity(word)
    return f"{read.value:g}" if read is not None and not read.unit else word


def transcript(check: Check) -> str:
    """Give a target's words as one text."""
    return check.target.text or " ".join(item.label for item in check.target.items or ())


def word_error(answer: str, check: Check) -> float | None:
    """Word error rate: edits a word of the target; 1 or more is as good as nothing."""
    wanted = spoken(transcript(check))
    said = _one_word(answer) if check.target.text else spoken(answer.strip(" \"'“”"))
    if not said or not wanted:
        return None
    if len(said) > 2 * len(wanted):
        return 1.0  # it takes more insertions than the target has words
    row = list(range(len(wanted) + 1))
    for at, word in enumerate(said, start=1):
        before, row[0] = row[0], at
        for to, target in enumerate(wanted, start=1):
            before, row[to] = (
                row[to],
                min(row[to] + 1, row[to - 1] + 1, before + (word != target)),
            )
    return row[-1] / len(wanted)


def _one_word(answer: str) -> list[str]:
    """Read an answer that names a word: 'It is the word "no".' -> no."""
    return spoken(_THE_WORD.sub("", bare(answer)).strip(" \"'“”"))


def stretches_held(said: Sequence[tuple[float, float]], check: Check) -> bool:
    """Say whether each stretch is one of the target's, within the tolerance."""
    wanted = target_stretches(check)
    return all(any(close(one, other, check) for other in wanted) for one in said)


def phrase_places(said: str, check: Check) -> set[int]:
    """Find the places in the target's words at which a phrase stands, word for word."""
    phrase, words = spoken(said), spoken(transcript(check))
    width = len(phrase)
    starts = [at for at in range(len(words) - width + 1) if words[at : at + width] == phrase]
    return {place for at in starts for place in range(at, at + width)} if phrase else set()


def coverage(answers: Sequence[str], check: Check) -> float:
    """Give the share of a list target that true answers name between them; 1 for no list."""
    wanted = set(labels(check))
    if check.kind == "words":
        places = set[int]().union(*(phrase_places(answer, check) for answer in answers))
        return len(places) / max(1, len(spoken(transcript(check))))
    if check.kind == "overlaps":
        found = [one for answer in answers for one in said_stretches(answer, check) or ()]
        known = target_stretches(check)
        told = [one for one in known if any(close(one, other, check) for other in found)]
        return len(told) / max(1, len(known))
    if check.kind == "set_match":
        said = set[str]().union(*(listed(answer, check) or () for answer in answers))
        return len(said & wanted) / max(1, len(wanted))
    if check.kind == "order":
        named = set[str]().union(*(ordered(answer, check) or () for answer in answers))
        return len(named & wanted) / max(1, len(wanted))
    return 1.0
