"""Right completions to attack: those of a recorded run, and made ones for the whole vocabulary.

Made questions go through the real `bind`, `check_for` and `distractors`; what is true of them is
known because it was written here.
"""

from __future__ import annotations

import html
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemas import VOCABULARY, Fact, Item, Property, Question, Span, Subquestion, Value
from synth.answers import closed
from synth.assemble import ground_truth
from synth.bind import Asked, bind, check_for
from synth.completion import parse
from synth.ground_truth import from_json, to_json
from synth.menu import MenuEntry
from synth.reward import score

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import GroundCheck, GroundTruth, Tier

RECORDED = Path(__file__).with_name("recorded.jsonl")

SOUNDS = ("door", "Dog", "bell", "Gunshot, gunfire", "cash register", "glass", "crow", "Speech",
          "train horn", "footsteps", "rain", "Church bell", "engine", "baby cry",
          "whistle")  # fmt: skip
INSTRUMENTS = ("piano", "violin", "acoustic guitar", "tabla", "flute", "drums", "Electric guitar",
               "Cowbell", "organ")  # fmt: skip
SENTENCES = (
    "shall i compare thee to a summer's day", "there is no place like home when the night is cold",
    "meet me at the station at seven tomorrow", "she sells sea shells by the sea shore",
    "thank you very much for coming today", "i do not think that we should wait any longer",
    "two or three people left the room before noon", "he said that nobody had ever seen it",
)  # fmt: skip
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NAMES = {
    "language": ("english", "spanish", "french", "german", "russian", "italian"),
    "emotion": ("happy", "sad", "angry", "surprised"),
    "scene": ("kitchen", "railway station", "park", "office"),
    "genre": ("jazz", "hip hop", "classical", "country"),
    "timbre": ("warm", "bright", "hollow"), "texture": ("monophonic", "polyphonic"),
    "accent": ("british", "american", "indian"),
}  # fmt: skip
_NUMBERS = {
    "tempo": (60, 180), "metre": (2, 5), "event_count": (1, 9), "onset": (0.3, 28),
    "offset": (1, 30), "event_duration": (0.4, 12), "repetitions": (2, 8), "word_onset": (0.4, 20),
    "word_count": (4, 90), "speech_rate": (90, 230), "pause_count": (1, 6),
    "longest_pause": (0.6, 4), "speaker_count": (1, 5), "loudness": (-35, -8),
    "loudness_range": (2, 18), "duration": (3, 29), "pitch": (80, 900), "pitch_range": (3, 30),
    "bandwidth": (4000, 20000), "reverberation": (0.3, 4), "playback_speed": (0.5, 2),
    "noise_level": (-80, -30), "ratio": (0.5, 3),
}  # fmt: skip
WHOLE = frozenset(
    ("metre", "event_count", "repetitions", "word_count", "pause_count", "speaker_count")
)
_CONTENT = (
    ("What is going on in this recording?",
     ("A meeting ends", "A train arrives", "A concert starts", "A storm begins")),
    ("How fast is the music?", ("60 bpm", "90 bpm", "120 bpm", "150 bpm")),
    ("Is somebody singing?", ("yes", "no")),
    ("Which key is the piece in?", ("A minor", "C major", "E minor", "F# major")),
    ("Which statement fits?", ("No one speaks", "Two people or more speak",
                               "Neither speech nor music is heard", "One person speaks")),
    ("How many claps are heard?", ("two", "three", "four", "none")),
    ("Who is angrier?", ("the first speaker", "the second speaker", "both are equally angry")),
    ("Which genre is it?", ("Rock & roll", "Rhythm and blues", "Drum 'n' bass", "Ballad")),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A required check with its answer as a listener writes it, and its distractors."""

    check: GroundCheck
    said: str
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """An observation of a completion that tells a required check; where its value stands."""

    told: Told
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A right completion of a question."""

    question: str
    ground: str
    truth: GroundTruth
    completion: str
    slots: tuple[Slot, ...]
    told: tuple[Told, ...]


def samples(made: int, seed: int, recorded: Path = RECORDED) -> Iterator[Sample]:
    """Yield the recorded run's completions, and one of ours for each recorded and made question."""
    rows = [json.loads(line) for line in recorded.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        truth = from_json(row["ground_truth"])
        known = {one["id"]: one for one in row["asked"]}
        told = tuple(
            Told(check=one, said=known[one.id]["answer"], wrong=tuple(known[one.id]["distractors"]))
            for one in truth.checks
            if one.id in known
        )
        # The recorded teacher erred once in prose, and the claim finder has learnt to see it.
        faultless = [
            one for one in row["completions"] if score(one, row["ground_truth"]).total >= 1
        ]
        for text in (*faultless, written(told, truth.answer or "")):
            yield _sample(row["question"], truth, told, text)
    draw = random.Random(seed)
    for number in range(made):
        yield _made(number, draw)


def written(told: Sequence[Told], answer: str, *, more: str = "", step: str = "") -> str:
    """Write a completion that observes each, and answers; `more` stands in the perception."""
    tags = "".join(observed(number, one, one.said) for number, one in enumerate(told, start=1))
    cited = "".join(f"[o{number}]" for number in range(1, len(told) + 1))
    said = html.escape(answer, quote=False)
    return (
        f"<perception>{tags}{more}</perception>\n"
        f"<reasoning><step>This is what I go by {cited}.{step}</step></reasoning>\n"
        f"<draft>{said}</draft><review>It agrees with what is heard.</review>"
        f"<answer>{said}</answer>"
    )


def observed(number: int, one: Told, said: str) -> str:
    """Write one observation."""
    check = one.check
    of = f' of="{html.escape(check.subject)}"' if check.subject else ""
    span = f' span="{check.span.start_s}-{check.span.end_s}"' if check.span else ""
    audio = f' audio="{check.audio}"' if check.audio != 1 else ""
    text = html.escape(said, quote=False)
    return f'<observe id="o{number}" property="{check.property}"{of}{span}{audio}>{text}</observe>'


def _sample(question: str, truth: GroundTruth, told: tuple[Told, ...], text: str) -> Sample:
    slots = []
    for one in parse(text).observes:
        same = [
            each for each in told
            if (each.check.property, each.check.subject, each.check.audio, each.check.span)
            == (one.property, one.of, one.audio, one.span) and each.said == one.said
        ]  # fmt: skip
        # Where two of one property and subject stand apart by stretch alone, one is as good.
        slots += [Slot(told=each, start=one.start, end=one.end) for each in same[:1]]
    return Sample(question=question, ground=to_json(truth), truth=truth, completion=text,
                  slots=tuple(slots), told=told)  # fmt: skip


# Made questions ----------------------------------------------------------------------------------


def _made(number: int, draw: random.Random) -> Sample:
    text, choices = draw.choice(_CONTENT)
    question = Question(
        id=f"made-{number}", benchmark="made", release="1", split="test", source_id=str(number),
        recordings=("r",), text=text, choices=choices, answer=draw.choice(choices), licence="CC0",
        eval_only=False,
    )  # fmt: skip
    first = number * 4 % len(VOCABULARY)
    rows = [VOCABULARY[(first + at) % len(VOCABULARY)] for at in range(4)]
    facts = [_fact(row, f"fact-{number}-{at}", draw) for at, row in enumerate(rows)]
    asked = [
        Asked(entry=MenuEntry(key=one.property, fact=one, audio=1, description="",
                              heard=tuple(draw.sample(SOUNDS, 2))),
              text=f"What is the {one.property}?")
        for one in facts
    ]  # fmt: skip
    bound = [one for one in bind(question, asked, "run") if isinstance(one, Subquestion)]
    used = {one.property for one in facts}
    silent = [
        row for row in VOCABULARY if row.name not in used and not row.subjects and row.exclusive
    ]
    context = [
        _plain("presence", f"absent-{number}", "absent", subject="accordion"),
        _plain(draw.choice(silent).name, f"moot-{number}", "not_applicable"),
        _fact(draw.choice([row for row in silent if row.form == "number"]), f"also-{number}", draw),
    ]
    also = [(1, one, check_for(one) if one.state == "known" else None) for one in context]
    also = [
        one
        for at, one in enumerate(also)
        if one[1].property not in {o[1].property for o in also[:at]}
    ]
    truth = ground_truth(question, bound, also)
    by_id = {one.id: one for one in bound}
    told = tuple(
        Told(check=one, said=by_id[one.id].answer, wrong=by_id[one.id].distractors)
        for one in truth.checks
        if one.id in by_id
    )
    return _sample(text, truth, told, written(told, question.answer or ""))


def _plain(name: str, place: str, state: str, subject: str = "") -> Fact:
    return Fact(
        id=place, recording="r", property=name, subject=subject, span=None, state=state,
        # type: ignore[arg-type]
        value=None, margin=None, tier="corroborated", witnesses=("a", "b"), observations=(),
        version="1",
    )  # fmt: skip


def _fact(row: Property, place: str, draw: random.Random) -> Fact:
    tier: Tier = draw.choice(("constructed", "corroborated"))
    start = draw.randrange(20)
    # A list holds its own times; a number or a name may be that of a stretch.
    part = row.form != "items" and draw.random() < 0.15
    span = Span(start_s=start, end_s=start + draw.randrange(2, 9)) if part else None
    return Fact(
        id=place, recording="r", property=row.name, subject=_subject(row, draw), span=span,
        state="known", value=_value(row, draw), margin=None, tier=tier, witnesses=("a", "b"),
        observations=(), version="1",
    )  # fmt: skip


def _subject(row: Property, draw: random.Random) -> str:
    if not row.subjects:
        return ""
    if row.name == "same_speaker":
        return "first voice / last voice"
    if row.name == "louder_than":
        return "first half / second half"
    if row.name in ("before", "longer_than", "ratio"):
        return " / ".join(draw.sample(SOUNDS, 2))
    if row.name == "word_onset":
        return draw.choice(SENTENCES).split()[-1]
    return draw.choice("AB") if row.name == "speaker_words" else draw.choice(SOUNDS)


def _value(row: Property, draw: random.Random) -> Value:
    if row.form == "number":
        low, high = _NUMBERS[row.name]
        number = draw.uniform(low, high)
        return Value(number=float(round(number)) if row.name in WHOLE else round(number, 3))
    if row.form == "text":
        return Value(text=_text(row.name, draw))
    return Value(items=tuple(_items(row, draw)))


def _text(name: str, draw: random.Random) -> str:
    if name == "key":
        return f"{draw.choice(NOTES)} {draw.choice(('major', 'minor'))}"
    if answers := closed(name):
        return draw.choice(answers)
    if name in _NAMES:
        return draw.choice(_NAMES[name])
    if name in ("first_word", "last_word", "stressed_word"):
        return draw.choice(draw.choice(SENTENCES).split())
    return draw.choice(SOUNDS)


def _items(row: Property, draw: random.Random) -> Iterator[Item]:
    if row.name == "chords":
        yield from (Item(label=f"{one} {draw.choice(('major', 'minor'))}")
                    for one in draw.sample(NOTES, draw.randrange(2, 5)))  # fmt: skip
    elif row.name == "turns":
        yield from (Item(label="AB"[at % 2]) for at in range(draw.randrange(2, 6)))
    elif row.check == "words":
        yield from (Item(label=word) for word in draw.choice(SENTENCES).split())
    elif row.name in ("beats", "downbeats", "splices"):
        at, step = draw.uniform(0.1, 1), draw.uniform(0.4, 2)
        yield from (
            Item(label="", start_s=round(at + step * n, 3)) for n in range(draw.randrange(2, 7))
        )
    elif row.check == "overlaps":
        at = 0.0
        for _ in range(draw.randrange(1, 4)):
            start = round(at + draw.uniform(0.4, 3), 2)
            at = round(start + draw.uniform(0.6, 4), 2)
            yield Item(label="", start_s=start, end_s=at)
    else:
        pool = INSTRUMENTS if row.name == "instrument" else SOUNDS
        yield from (Item(label=one) for one in draw.sample(pool, draw.randrange(2, 5)))
