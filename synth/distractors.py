"""Wrong answers that are hard: what a listener who half hears would say, outside the tolerance."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

from schemas import Check, Item, property_named
from synth.answers import closed
from synth.checks import judge
from synth.near_numbers import near_numbers
from synth.spelling import label
from synth.wording import (
    A_WORD,
    are_moments,
    brief,
    target,
    written,
    written_items,
    written_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from schemas import Fact

    _Change = Callable[[Sequence[str]], list[str]]

MOST = 3

_TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

# Sounds and instruments that are told apart by ear, each with words of its kin: where one of these
# is heard, the sound is no wrong answer ("thunder" beside "storm"). Names as in AudioSet.
_SOUNDS = {
    "dog bark": "dog puppy hound howl animal pet yip",
    "cat meow": "cat kitten purr animal pet",
    "car horn": "car horn honk vehicle traffic beep alarm",
    "thunder": "storm rumble explosion lightning boom",
    "siren": "siren alarm ambulance police emergency",
    "applause": "clap applause audience crowd cheer",
    "helicopter": "helicopter aircraft plane engine rotor propeller",
    "telephone": "phone telephone ring ringtone dial bell",
    "rooster": "rooster chicken hen bird crow animal",
    "glass breaking": "glass shatter crash break smash",
}
_INSTRUMENTS = {
    "piano": "piano keyboard harpsichord",
    "violin": "violin fiddle string viola cello orchestra",
    "trumpet": "trumpet brass horn cornet trombone orchestra",
    "flute": "flute woodwind wind recorder piccolo orchestra",
    "acoustic guitar": "guitar ukulele string banjo",
    "drums": "drum percussion snare cymbal kick beat",
    "organ": "organ keyboard accordion harmonium",
    "harp": "harp string lyre orchestra",
    "saxophone": "saxophone sax woodwind wind brass",
}
# The languages of most recorded speech, as Whisper names them.
_LANGUAGES = ("english", "spanish", "french", "german", "russian", "chinese", "italian", "arabic")
# Frequent English words that sound like no other, to mishear a word as.
_WORDS = ("people", "never", "again", "house", "morning", "window", "little", "under")


def distractors(fact: Fact, check: Check, seed: str, others: Sequence[str] = ()) -> tuple[str, ...]:
    """Write up to three wrong answers, one where the answer is yes or no; none ever passes.

    What the witnesses cannot tell from the answer is no wrong answer: half a measured tempo.
    `others` are labels of sounds that make good wrong answers: heard too, or offered as choices.
    The seed decides which of the hard ones are taken, so that the answer has no fixed place
    among them.
    """
    draw = random.Random(seed)
    kept: list[str] = []
    for candidate in _candidates(fact, others, draw):
        taken = {" ".join(one.casefold().split()) for one in (*kept, written(fact))}
        if " ".join(candidate.casefold().split()) not in taken and judge(candidate, check) is False:
            kept.append(candidate)
        if len(kept) == MOST:
            break
    return tuple(kept)


def _candidates(fact: Fact, others: Sequence[str], draw: random.Random) -> Iterator[str]:
    value = target(fact)
    if closed(fact.property):
        yield from _others_closed(fact.property, written(fact), draw)
        return
    if value.number is not None:
        numbers = list(near_numbers(fact.property, value.number))
        yield from (written_number(fact.property, rival) for rival in _mixed(numbers, draw))
    elif fact.property == "key":
        yield from _shuffled(_keys(value.text or ""), draw)
    elif fact.property == "language":
        yield from _shuffled(_LANGUAGES, draw)
    elif fact.property in A_WORD:
        yield from _shuffled(sorted({*others}), draw)
        yield from _shuffled(_WORDS, draw)
    elif value.text is not None:
        yield from _names(value.text, others, draw)
    else:
        yield from _lists(fact.property, value.items or (), others, draw)


def _others_closed(name: str, answer: str, draw: random.Random) -> list[str]:
    """Give a closed property's other answers; of an order, those next to the right one."""
    answers = closed(name)
    if answer not in answers:
        return []
    if name != "odd_one_out":
        return _shuffled((one for one in answers if one != answer), draw)
    place = answers.index(answer)
    near = range(max(0, place - 2), min(len(answers), place + 3))
    return _shuffled((answers[at] for at in near if at != place), draw)


def _shuffled(options: Iterable[str], draw: random.Random) -> list[str]:
    given = list(options)
    return draw.sample(given, len(given))


def _mixed(numbers: Sequence[float], draw: random.Random) -> list[float]:
    """Keep the nearest or second in front, mix the rest: the answer is not always in the middle."""
    first = draw.randrange(min(2, len(numbers))) if numbers else 0
    rest = [*numbers[:first], *numbers[first + 1 :]]
    return [*numbers[first : first + 1], *draw.sample(rest, len(rest))]


# Names -------------------------------------------------------------------------------------------


def _keys(key: str) -> Iterator[str]:
    """Relative, parallel, fifth above and below: the errors that MIREX scores in part."""
    tonic, _, mode = key.partition(" ")
    if tonic not in _TONICS or mode not in {"major", "minor"}:
        return
    place, other = _TONICS.index(tonic), "minor" if mode == "major" else "major"
    yield f"{_TONICS[(place + (9 if mode == 'major' else 3)) % 12]} {other}"
    yield f"{tonic} {other}"
    yield f"{_TONICS[(place + 7) % 12]} {mode}"
    yield f"{_TONICS[(place + 5) % 12]} {mode}"


def _names(name: str, others: Sequence[str], draw: random.Random) -> Iterator[str]:
    yield from _unlike([name], _shuffled(sorted({brief(one) for one in others}), draw))
    yield from _unlike([name], _shuffled(_SOUNDS, draw))


def _unlike(heard: Iterable[str], options: Iterable[str]) -> list[str]:
    """Keep names of other things than are heard: "car" is no wrong answer to "car horn"."""
    words = [word for name in heard for word in label(name).split()]
    return [one for one in options if not any(_akin(word, one) for word in words)]


def _akin(word: str, option: str) -> bool:
    """Whether a word names the option or its kin, also inside a longer word: "doorbell"."""
    kin = label(f"{option} {_SOUNDS.get(option, '')} {_INSTRUMENTS.get(option, '')}").split()
    # Three letters: shorter words lie in others by chance.
    return any(word == one or (len(min(word, one, key=len)) > 3 and (word in one or one in word))
               for one in kin)  # fmt: skip


# Lists -------------------------------------------------------------------------------------------


def _lists(
    name: str, items: Sequence[Item], others: Sequence[str], draw: random.Random
) -> Iterator[str]:
    kind = property_named(name).check
    if kind == "words":
        yield from _misheard([item.label for item in items], draw)
    elif kind == "overlaps":
        moved = _moved_moments(items) if all(are_moments(items)) else _moved(items)
        yield from (written_items(name, one) for one in moved)
    elif name == "chords":
        yield from _other_chords([item.label for item in items], draw)
    elif name == "turns":
        yield from _other_turns([item.label for item in items], draw)
    elif name == "event_order":
        yield from _other_orders([item.label for item in items], others, draw)
    else:
        yield from _other_sets(name, list(dict.fromkeys(item.label for item in items)), draw)


def _joined(name: str, labels: Iterable[str]) -> str:
    return written_items(name, [Item(label=label) for label in labels])


def _crossed(labels: Sequence[str], one: _Change, other: _Change) -> list[list[str]]:
    """Make one change, the other, and both: so the answer is not what most of the choices share."""
    return [one(labels), other(labels), other(one(labels))]


def _put(at: int, stranger: str) -> _Change:
    return lambda labels: [*labels[:at], stranger, *labels[at + 1 :]]


def _swap(at: int) -> _Change:
    return lambda labels: [*labels[:at], labels[at + 1], labels[at], *labels[at + 2 :]]


def _swaps(labels: Sequence[str], draw: random.Random) -> list[_Change]:
    """List the swaps of neighbours that make a difference, in any order."""
    differ = [at for at in range(len(labels) - 1) if label(labels[at]) != label(labels[at + 1])]
    return [_swap(at) for at in draw.sample(differ, len(differ))]


def _other_orders(
    labels: Sequence[str], others: Sequence[str], draw: random.Random
) -> Iterator[str]:
    """Swap neighbours, put one sound for another, turn the whole round."""
    rest = [*_shuffled(sorted({*others}), draw), *_shuffled(_SOUNDS, draw)]
    strangers = [_put(draw.randrange(len(labels)), one) for one in _unlike(labels, rest)]
    changes = [*_swaps(labels, draw)[:2], *strangers]
    orders = _crossed(labels, *changes[:2]) if len(changes) > 1 else []
    for order in (*orders, list(reversed(labels)), *(change(labels) for change in strangers)):
        yield _joined("event_order", order)


def _other_chords(labels: Sequence[str], draw: random.Random) -> Iterator[str]:
    """Swap neighbours, and put for a chord its relative, parallel or a fifth above or below."""
    places = draw.sample(range(len(labels)), len(labels))
    rivals = [(at, _shuffled(_keys(labels[at]), draw)) for at in places]
    puts = [_put(at, near[0]) for at, near in rivals if near]
    changes = [*_swaps(labels, draw)[:1], *puts]
    wrong = _crossed(labels, *changes[:2]) if len(changes) > 1 else []
    yield from (_joined("chords", one) for one in (*wrong, *(change(labels) for change in changes)))


def _other_turns(labels: Sequence[str], draw: random.Random) -> Iterator[str]:
    """One turn more or fewer, or one given to another speaker; named by first appearance."""
    people = sorted(set(labels))
    newcomer = chr(ord("A") + len(people)) if len(people) < 26 else people[-1]
    changed = [
        [*labels[:at], person, *labels[at + 1 :]]
        for at in range(1, len(labels))
        for person in (*people, newcomer)
    ]
    options = [[*labels, person] for person in (*people, newcomer)] + [list(labels[:-1]), *changed]
    for option in draw.sample(options, len(options)):
        letters: dict[str, str] = {}
        named = [letters.setdefault(one, chr(ord("A") + len(letters))) for one in option]
        if named and all(one != after for one, after in itertools.pairwise(named)):
            yield _joined("turns", named)


def _other_sets(name: str, labels: Sequence[str], draw: random.Random) -> Iterator[str]:
    """Put one for another that is not there, add one, leave one out."""
    pool = _INSTRUMENTS if name == "instrument" else _SOUNDS
    foreign = _unlike(labels, _shuffled(pool, draw))
    places = draw.sample(range(len(labels)), len(labels))
    changes = [_put(at, one) for at, one in zip(places, foreign, strict=False)]
    wrong = _crossed(labels, *changes[:2]) if len(changes) > 1 else []
    wrong += [change(labels) for change in changes]
    wrong += [[one] if len(labels) == 1 else [*labels, one] for one in foreign[len(labels) :]]
    if len(labels) > 1:
        wrong += [[*labels[:at], *labels[at + 1 :]] for at in places]
    yield from (_joined(name, one) for one in wrong)


def _misheard(words: Sequence[str], draw: random.Random) -> Iterator[str]:
    """Swap two neighbours, put one word for another, leave one out: a word is always wrong."""
    places = draw.sample(range(len(words)), len(words))
    puts = [_put(at, one) for at, one in zip(places, _shuffled(_WORDS, draw), strict=False)]
    changes = [*_swaps(words, draw)[:1], *puts]
    wrong = _crossed(words, *changes[:2]) if len(changes) > 1 else []
    wrong += [change(words) for change in changes]
    wrong += [[*words[:at], *words[at + 1 :]] for at in places if len(words) > 1]
    wrong += [[one] for one in _WORDS if len(words) == 1]
    yield from (" ".join(one) for one in wrong)


def _moved(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Later, earlier, longer: by a second, four times the collar."""
    for start_by, end_by in ((1.0, 1.0), (-1.0, -1.0), (0.0, 1.0), (2.0, 2.0)):
        moved = [
            Item(label=item.label, start_s=item.start_s + start_by, end_s=item.end_s + end_by)
            for item in items
            if item.start_s is not None and item.end_s is not None
        ]
        if moved and all((item.start_s or 0.0) >= 0 for item in moved):
            yield moved


def _moved_moments(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Between the moments, every other one, half a step early or late; of one moment, by seconds.

    Beats half a beat off and at half the rate are what trackers get wrong.
    """
    at = [item.start_s or 0.0 for item in items]
    steps = sorted(after - before for before, after in itertools.pairwise(at))
    step = steps[len(steps) // 2] / 2 if steps else 1.0
    for by in (step, -step, 2 * step):
        yield [Item(label="", start_s=one + by) for one in at if one + by >= 0]
    if len(at) > 1:
        yield [Item(label="", start_s=one) for one in at[::2]]
