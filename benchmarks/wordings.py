"""Right completions in other words, as listeners and models write them: each must be accepted.

Written from how people write, not from the tables that the checks read.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.material import NOTES
from benchmarks.number_words import numbers

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from benchmarks.material import Sample, Slot, Told
    from schemas import Check

_FRAMES = ("{}.", "It is {}.", "it's {}", "There are {}", "I hear {}", "the answer is {}",
           "**{}**", '"{}"',
           "The answer is {}.", " {} ", "{}\n", "Answer: {}", "This is {}",
           "exactly {}")  # fmt: skip
_NAMED = {
    "tempo": ("The tempo is {}.", "the tempo is about {}", "Tempo: {}", "a tempo of {}"),
    "pitch": ("The pitch is {}", "the median pitch is around {}"),
    "loudness": ("The loudness is {}", "the integrated loudness is about {}"),
    "speech_rate": ("The speech rate is {}", "the speaking rate is about {}"),
    "duration": ("The duration is {}", "{} long"), "longest_pause": ("The longest pause is {}",),
    "onset": ("at {}", "at about {}", "it starts at {}", "It begins at {}", "after {}", "{} in"),
    "offset": ("at {}", "at about {}", "it ends at {}"),
    "word_onset": ("at {}", "at about {}", "at around {}"),
    "event_duration": ("it lasts {}", "for {}", "{} long"),
    "key": ("The key is {}.", "in {}", "the key of {}", "It is in {}", "{} key",
            "The musical key is {}"),
    "tonic": ("The tonic is {}", "the note {}"), "mode": ("The mode is {}", "in a {} key"),
    "language": ("The language is {}", "The spoken language is {}", "in {}", "{} language"),
    "speaker_count": ("There are {}", "the number of speakers is {}", "{} in total"),
    "event_count": ("it is heard {}", "the count is {}", "{} in total", "a total of {}"),
    "words": ('"{}"', "{}.", "The transcript is: {}", "“{}”"),
    "first_word": ('the word "{}"', "The first word is {}", '"{}"'),
    "last_word": ('the word "{}"', "The last word is {}", "'{}'"),
}  # fmt: skip
_CLOSED: dict[tuple[str, str], tuple[str, ...]] = {
    ("tempo_change", "faster"): ("gets faster", "it gets faster", "speeds up",
                                 "The music speeds up",
                                 "it accelerates", "increasing", "the tempo increases",
                                 "becomes faster"),
    ("tempo_change", "slower"): ("gets slower", "slows down", "the music slows down",
                                 "it decelerates",
                                 "decreasing", "becomes slower", "the tempo decreases"),
    ("tempo_change", "steady"): ("keeps its tempo", "constant", "stays the same",
                                 "it stays steady", "stable",
                                 "the tempo stays the same", "unchanged", "does not change",
                                 "no change"),
    ("loudness_trend", "louder"): ("gets louder", "it becomes louder", "increasing", "crescendo",
                                   "rises",
                                   "the volume increases", "grows louder", "the sound gets louder"),
    ("loudness_trend", "quieter"): ("gets quieter", "it fades out", "decreasing", "decrescendo",
                                    "softer",
                                    "it gets softer", "the volume decreases", "becomes quieter"),
    ("loudness_trend", "stays as loud"): ("stays the same", "constant", "it stays as loud",
                                          "steady", "level"),
    ("pitch_contour", "rises"): ("rising", "it rises", "goes up", "ascending", "the pitch rises",
                                 "upward"),
    ("pitch_contour", "falls"): ("falling", "it falls", "goes down", "descending",
                                 "the pitch falls"),
    ("pitch_contour", "stays level"): ("level", "flat", "it stays level", "steady",
                                       "stays the same"),
    ("stereo_position", "left"): ("on the left", "from the left", "the left", "left side",
                                  "left channel"),
    ("stereo_position", "right"): ("on the right", "from the right", "the right side",
                                   "right channel"),
    ("stereo_position", "centre"): ("center", "in the middle", "the centre", "in the center",
                                    "middle"),
    ("stereo_movement", "left to right"): ("from left to right", "it moves from left to right",
                                           "moves left to right"),
    ("stereo_movement", "right to left"): ("from right to left", "it moves from right to left",
                                           "moves right to left"),
    ("stereo_movement", "does not move"): ("not at all", "it does not move", "stationary",
                                           "no movement",
                                           "it stays still", "doesn't move", "static"),
    ("voice_sex", "man"): ("a man", "male", "a male voice", "a man's voice", "It is a man",
                           "Man's"),
    ("voice_sex", "woman"): ("a woman", "female", "a female voice", "a woman's voice",
                             "It is a woman"),
    ("voice_age", "adult"): ("an adult", "an adult's", "adult voice", "It is an adult",
                             "an adult's voice"),
    ("voice_age", "child"): ("a child", "a child's", "child's voice", "It is a child", "a kid"),
    ("mode", "major"): ("a major key", "major mode", "in major", "Major", "maj"),
    ("mode", "minor"): ("a minor key", "minor mode", "in minor", "Minor", "min"),
    ("", "yes"): ("Yes", "Yes.", "yes, it is", "true", "Yes, it does", "yeah", "yes!", "YES"),
    ("", "no"): ("No", "No.", "no, it is not", "false", "No, it does not", "nope", "no!", "NO",
                 "no, it isn't", "No, it doesn't"),
    ("presence", "yes"): ("present", "it is heard", "heard", "audible", "it is present",
                          "yes, it is heard",
                          "Yes, there is", "yes, it is audible", "it is audible",
                          "It can be heard"),
    ("presence", "no"): ("absent", "not heard", "not present", "it is not heard", "it is absent",
                         "inaudible",
                         "No, there is not", "none", "no, it is not heard", "It is not present"),
}  # fmt: skip
_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """A right completion in other words; `place` is where the changed value begins."""

    kind: str
    sample: Sample
    text: str
    change: str
    place: int = -1
    """-1: the answer is reworded"""


def reworded(sample: Sample, draw: random.Random) -> Iterator[Reworded]:
    """Yield a completion in every other wording of each of its values and of its answer."""
    for slot in sample.slots:
        for kind, said in _values(slot.told, draw):
            yield _changed(kind, sample, slot, html.escape(said, quote=False))
            if said.isascii() and kind == "number in other words":
                spaced = said.replace(" ", "&#32;").replace("0", "&#48;")
                yield _changed("entities", sample, slot, spaced)
    yield from _answers(sample)


def _changed(kind: str, sample: Sample, slot: Slot, raw: str) -> Reworded:
    text = sample.completion[: slot.start] + raw + sample.completion[slot.end :]
    change = f"{slot.told.check.property}: {slot.told.said!r} -> {raw!r}"
    return Reworded(kind=kind, sample=sample, text=text, change=change, place=slot.start)


def _values(told: Told, draw: random.Random) -> Iterator[tuple[str, str]]:
    check, name, said = told.check.check, told.check.property, told.said
    if check is None:
        return
    frames = [*_FRAMES, *_NAMED.get(name, ())]
    if check.target.number is not None:
        yield from numbers(told, check, check.target.number, frames, draw)
        return
    if name not in ("words", "speaker_words"):
        yield from (("case and frames", frame.format(said)) for frame in _plain_frames(name))
    if name in ("key", "tonic") or name == "chords":
        yield from (("enharmonic and short", one) for one in _spelt(name, said))
    yield from (("closed answer", one) for one in _closed(name, said))
    if check.kind in ("set_match", "order") and name != "chords":
        yield from (("list in other words", one) for one in _lists(told, check))
    if check.kind == "overlaps":
        yield from (("times in other words", one) for one in _times(check))
    if name in ("first_event", "last_event", "foreground", "background"):
        yield from (("label in other words", one) for one in _labels(said))
    if check.kind == "words":
        ways = (
            said.upper(),
            said.capitalize() + ".",
            f'"{said}"',
            f"“{said.capitalize()}.”",
            f"'{said}'",
        )
        yield from (("words in other writing", one) for one in ways)


def _plain_frames(name: str) -> Sequence[str]:
    if name in ("first_word", "last_word", "stressed_word"):
        return ("{}.", '"{}"', 'the word "{}"', " {} ", "'{}'")
    return ("{}.", "It is {}.", "**{}**", '"{}"', " {} ", "{}\n", "the answer is {}", "Answer: {}",
            "The answer is: {}", "I think it is {}", "It's {}", "`{}`")  # fmt: skip


# Names and lists ---------------------------------------------------------------------------------


def _spelt(name: str, said: str) -> Iterator[str]:
    if name == "chords":
        short = [_short(one) for one in re.split(r",? then ", said)]
        yield from (" - ".join(short), ", ".join(short), " -> ".join(short), " ".join(short))
        yield ", then ".join(short)
        return
    tonic, _, mode = said.partition(" ")
    names = [
        tonic,
        tonic.replace("#", "♯"),
        tonic.replace("#", " sharp"),
        tonic.replace("#", "-sharp"),
    ]
    if "#" in tonic:
        flat = NOTES[(NOTES.index(tonic) + 1) % 12]
        names += [f"{flat}b", f"{flat}♭", f"{flat} flat", f"{flat}-flat"]
    for one in dict.fromkeys(names):
        yield f"{one} {mode}".strip()
        if name == "key":
            yield f"{one} {mode.capitalize()}"
            yield f"{one} {mode[:3]}"
            yield f"in the key of {one} {mode}"
            yield f"The key is {one} {mode}."
        else:
            yield f"the note {one}"
    if name == "key" and mode == "minor":
        yield f"{tonic}m"
        yield f"{tonic.lower()} minor"
    if name == "key":
        yield f"{tonic}-{mode}"
        yield f"It is in {tonic} {mode}"


def _short(chord: str) -> str:
    return chord.replace(" minor", "m").replace(" major", "")


def _closed(name: str, said: str) -> Iterator[str]:
    yield from _CLOSED.get((name, said), ())
    if said in ("yes", "no"):
        yield from _CLOSED["", said]
    if name == "odd_one_out" and said in _ORDINALS:
        place = _ORDINALS.index(said) + 1
        yield from (
            f"the {said}",
            f"the {said} one",
            f"number {place}",
            f"the {said} sound",
            f"It is the {said}",
        )
    if name == "language":
        yield from (said.capitalize(), f"in {said.capitalize()}", f"It is {said.capitalize()}.",
                    f"The language is {said.capitalize()}",
                    f"{said.capitalize()} is spoken")  # fmt: skip


def _lists(told: Told, check: Check) -> Iterator[str]:
    if told.check.property == "turns":
        names = [one.label for one in check.target.items or ()]
        yield from (
            "; ".join(names),
            " then ".join(names),
            ", ".join(names),
            " -> ".join(names),
            "-".join(names),
        )
        return
    names = [one.strip() for one in re.split(r",? then |, ", told.said)]
    if check.kind == "order":
        yield from (" then ".join(names), ", ".join(names), " -> ".join(names), " > ".join(names),
                    ", followed by ".join(names), " and then ".join(names),
                    " → ".join(names))  # fmt: skip
        yield ", then ".join(f"a {one.casefold()}" for one in names)
        yield "The order is " + ", ".join(names)
        yield "First " + ", then ".join(f"the {one.casefold()}" for one in names)
        if len(names) == 2:
            yield f"{names[0]} before {names[1]}"
            yield f"the {names[1].casefold()} after the {names[0].casefold()}"
        return
    yield ", ".join(reversed(names))
    yield " and ".join(names)
    yield ", ".join(names[:-1]) + f" and {names[-1]}"
    yield ", ".join(names[:-1]) + f", and {names[-1]}"
    yield ", ".join(one.casefold() for one in names)
    yield " and ".join(f"a {one.casefold()}" for one in names)
    yield "; ".join(names)
    yield "I hear " + ", ".join(names)
    yield "There are " + ", ".join(names[:-1]) + f" and {names[-1]}"


def _times(check: Check) -> Iterator[str]:
    times = [(one.start_s or 0.0, one.end_s if one.end_s is not None else one.start_s or 0.0)
             for one in check.target.items or ()]  # fmt: skip
    if all(start == end for start, end in times):
        yield ", ".join(f"{start:.2f} s" for start, _ in times)
        yield ", ".join(f"{start:.3f}" for start, _ in times) + " seconds"
        yield "at " + ", ".join(f"{start:.2f} s" for start, _ in times)
        yield ", ".join(f"{start:.2f}" for start, _ in times[:-1]) + f" and {times[-1][0]:.2f} s"
        return
    yield ", ".join(f"{start:.2f}-{end:.2f} s" for start, end in times)
    yield ", ".join(f"from {start:.1f} to {end:.1f} s" for start, end in times)
    yield ", ".join(f"{start:.1f} s to {end:.1f} s" for start, end in times)
    yield " and ".join(f"{start:.1f}-{end:.1f} s" for start, end in times)
    yield ", ".join(f"{start:.1f} – {end:.1f} seconds" for start, end in times)
    yield "; ".join(f"{start:.1f}s-{end:.1f}s" for start, end in times)
    yield ", ".join(f"0:{start:05.2f}-0:{end:05.2f}" for start, end in times)


def _labels(said: str) -> Iterator[str]:
    small = said.casefold()
    yield from (
        said.upper(),
        small,
        f"the {small}",
        f"a {small}",
        f"It is the {small}.",
        f"{said}!",
        f"The {small}",
    )
    if " " not in small and not small.endswith("s"):
        yield f"{small}s"


# Answers -----------------------------------------------------------------------------------------


def _answers(sample: Sample) -> Iterator[Reworded]:
    gold, choices = sample.truth.answer, sample.truth.choices
    tag = re.search(r"<answer>.*?</answer>", sample.completion, re.DOTALL)
    if gold is None or not choices or tag is None:
        return
    letter = chr(ord("A") + choices.index(gold))
    frames = ["{x}", "{x}.", " {x} ", "{x}\n", '"{x}"', "**{x}**", "The answer is {x}.",
              "The answer is: {x}",
              "Answer: {x}", "the correct answer is {x}", "So the answer is {x}",
              "I think the answer is {x}",
              "({a}) {x}", "{a}. {x}", "{a}) {x}", "{a}: {x}", "option {a}: {x}", "\\boxed{{{x}}}",
              "It is {x}",
              "Option ({a}) {x}", "The correct answer is ({a}) {x}.", "`{x}`", "{x}!",
              "Therefore, {x}"]  # fmt: skip
    if all(len(one.strip()) > 1 for one in choices):
        frames += ["{a}", "({a})", "{a}.", "{a})", "option {a}", "The answer is {a}.",
                   "The correct option is ({a}).",
                   "Choice {a}", "Answer: {a}", "\\boxed{{{a}}}", "The answer is ({a})", "[{a}]",
                   "Option ({a})"]  # fmt: skip
        if "a" not in (one.casefold() for one in choices):
            frames += ["({b})", "{b})"]
    said = {
        ("answer in other words", frame.format(x=gold, a=letter, b=letter.casefold()))
        for frame in frames
    }
    said |= {
        ("answer in other writing", one)
        for one in (gold.casefold(), gold.upper(), gold.replace(" ", "  "))
    }
    if "m" not in gold.split():  # "A m" and "A M" are not one key
        said |= {("answer in other writing", gold.capitalize())}
    for kind, one in sorted(said):
        made = f"<answer>{html.escape(one, quote=False)}</answer>"
        text = sample.completion.replace(tag[0], made)
        yield Reworded(kind=kind, sample=sample, text=text, change=f"answer {gold!r} -> {one!r}")
