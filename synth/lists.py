"""Checks whose target is a list: sets and orders of labels, and stretches of time.

Labels are compared as `synth.spelling.label` gives them. A label of the target may hold a comma
or the word "or"; what else an answer says may not, or it is a hedge. Standard library only.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from synth.frames import HEDGE, KEPT, LONGEST_KEPT, bare, clean
from synth.harmony import chords, is_chord
from synth.spelling import label
from synth.spoken_words import phrase_places, spoken, transcript, word_error
from synth.stretches import moments, stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Check

_LONGEST_ORDER = 200  # labels: pairs are compared, and no recording has more to order
_ROUNDING = 1e-9
_THEN = re.compile(
    r"\s*(?:,?\s*(?:and then|followed by|and finally|then|before|finally|next|after that"
    r"|afterwards)\b|->|→|>|,|;|\s-\s)\s*"
)
_LAST_AND = re.compile(r",? and (?=[^,]*$)")
_ARTICLE = re.compile(r"^(?:a|an|the|some) ")
_ORDINAL = re.compile(
    r"^(?:(first|second|third|fourth|fifth|last)(?:ly)?(?: comes| is)?|starts with)[,:]? "
)
_PLACES = ("first", "second", "third", "fourth", "fifth", "last")
_AND = re.compile(
    r"[,;&+]|\b(?:and|plus|as well as|along with|together with|with)\b|^ *both\b|\n *[-*•] "
)
_NUMBERED = re.compile(r"(?:^|(?<=[\s,;]))\(?(\d{1,2})[.)]\s+")
_MARKED = re.compile(r"(?:^|\n) *[-*•] +|\n")


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


def _unmarked(answer: str) -> str | None:
    """Take the marks of a list away: brackets, bullets, numbers; None where these are no order."""
    text = answer.strip()
    if text[:1] + text[-1:] in ("[]", "()"):
        text = text[1:-1].replace('"', "")
        text = re.sub(r"(?:^|(?<=,))\s*'|'(?=\s*(?:,|$))", "", text)
    numbers = [int(number) for number in _NUMBERED.findall(text)]
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return None
    if len(numbers) > 1:
        text = _NUMBERED.sub(",", text)
    if "\n" in text or text[:2] in ("- ", "* ", "• "):
        text = _MARKED.sub(",", text)
    return text.strip(" ,;")


@lru_cache(maxsize=1024)
def _ways(known: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Find each label in a text as `_parted` gives it, the longest first."""
    return tuple(
        (re.compile(rf"(?<!\w){re.escape(_parted(one))}(?!\w)"), label(one))
        for one in sorted(known, key=lambda one: -len(one))
        if _parted(one)
    )


def _known(check: Check) -> tuple[str, ...]:
    return tuple(item.label for item in check.target.items or ())


def listed(answer: str, check: Check) -> list[str] | None:
    """Read a list of labels; the target's own may hold commas and "or", others may not."""
    kept = _listed if len(answer) <= LONGEST_KEPT else _listed.__wrapped__
    found = kept(answer, _known(check))
    return None if found is None else list(found)


@lru_cache(maxsize=KEPT)
def _listed(answer: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
    plain = _unmarked(answer)
    if plain is None:
        return None
    rest = f" {_parted(bare(plain))} "
    found: list[str] = []
    for way, name in _ways(known):
        if way.search(rest):
            rest = way.sub(",", rest)
            found.append(name)
    others = [part for part in _AND.split(rest) if label(part)]
    if any(HEDGE.search(part) for part in others):
        return None
    return (*found, *(label(part) for part in others))


def ordered(answer: str, check: Check) -> list[str] | None:
    """Read labels in the order in which they are said to be heard; "B after A" is A, B."""
    if _of_chords(check):
        unmarked = _unmarked(answer)
        return None if unmarked is None else chords(unmarked)
    kept = _ordered if len(answer) <= LONGEST_KEPT else _ordered.__wrapped__
    found = kept(answer, _known(check))
    return None if found is None else list(found)


@lru_cache(maxsize=KEPT)
def _ordered(answer: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
    unmarked = _unmarked(answer)
    if unmarked is None:
        return None
    plain, names = _private(bare(unmarked).casefold(), known)
    if plain.startswith(("before ", "after ")):
        return None
    if plain.count(" after ") == 1:
        late, early = plain.split(" after ")
        if _THEN.search(late) or _THEN.search(early):
            return None
        plain = f"{early} then {late}"
    if "," in plain and "then" not in plain and plain.count(" and ") == 1:
        plain = _LAST_AND.sub(", ", plain)  # "A, B and C"; what "A and B" does, nobody knows
    parts = [part.strip() for part in _THEN.split(plain) if part.strip()]
    placed = [(_ORDINAL.match(part), part) for part in parts]
    places = [_PLACES.index(found[1]) for found, _ in placed if found and found[1]]
    named = [part[found.end() :] if found else part for found, part in placed]
    if (
        places != sorted(set(places))
        or len(parts) > _LONGEST_ORDER
        or any(HEDGE.search(part) or re.search(r"\b(?:and|after|last)\b", part) for part in named)
    ):
        return None
    plain_names = [_ARTICLE.sub("", part.strip(" .'")) for part in named]
    said = tuple(names.get(one, label(one)) for one in plain_names)
    unknown = [one for one in plain_names if one not in names]
    return None if any(_half_named(one, set(names.values())) for one in unknown) else said


def _half_named(said: str, heard: set[str]) -> bool:
    """Say whether a name is less or more than a known one: "dog" of "dog bark", no other sound."""
    return any("\ue000" <= sign <= "\uf8ff" for sign in said) or any(
        f" {label(said)} " in f" {name} " and label(said) != name for name in heard
    )


def _private(plain: str, known: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Let the target's labels go by private letters while a text is cut: one may hold a comma."""
    names: dict[str, str] = {}
    for number, name in enumerate(sorted(set(known), key=len, reverse=True)):
        names[chr(0xE000 + number)] = label(name)
        plain = re.sub(
            rf"(?<!\w){re.escape(clean(name).casefold())}(?!\w)", chr(0xE000 + number), plain
        )
    return plain, names


def _parted(text: str) -> str:
    """`label`, with the commas that part a list kept."""
    return " , ".join(label(part) for part in _AND.split(clean(text).casefold()) if label(part))


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
    return moments(answer) if of_moments(check) else stretches(answer)


def of_moments(check: Check) -> bool:
    """Whether a target's stretches have no length: beats, cuts."""
    wanted = target_stretches(check)
    return bool(wanted) and all(start == end for start, end in wanted)


def apart(said: Sequence[tuple[float, float]], check: Check) -> float:
    """Say how far two sets of stretches are from each other: 1 - IoU; of moments, 1 - F-measure.

    Moments are matched in order, each once, within the tolerance (mir_eval.beat.f_measure).
    """
    if not of_moments(check):
        return 1 - iou(said, check)
    wanted = target_stretches(check)
    said_at = at = matched = 0
    while said_at < len(said) and at < len(wanted):
        if close(said[said_at], wanted[at], check):
            matched, said_at, at = matched + 1, said_at + 1, at + 1
        elif said[said_at] < wanted[at]:
            said_at += 1
        else:
            at += 1
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


def stretches_held(said: Sequence[tuple[float, float]], check: Check) -> bool:
    """Say whether each stretch is one of the target's, within the tolerance."""
    wanted = target_stretches(check)
    return all(any(close(one, other, check) for other in wanted) for one in said)


def _places(answer: str, check: Check) -> set[int]:
    """Find the places in an order's target that an answer tells, the first that fit."""
    wanted, at, told = labels(check), 0, set()
    for name in ordered(answer, check) or ():
        if name in wanted[at:]:
            at = wanted.index(name, at) + 1
            told.add(at)
    return told


def coverage(answers: Sequence[str], check: Check) -> float:
    """Give the share of a list target that true answers name between them; 1 for no list."""
    wanted = set(labels(check))
    if any(word_error(answer, check) == 0 for answer in answers if check.kind == "words"):
        return 1.0  # 'the word "no"' is the whole of one word, and no phrase of it
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
        at = set[int]().union(*(_places(answer, check) for answer in answers))
        return len(at) / max(1, len(labels(check)))
    return 1.0
