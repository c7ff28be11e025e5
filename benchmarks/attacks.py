"""Wrong completions, made from right ones by one change of a known kind.

That a change is wrong is known from how it was made, never from the judge under attack. An attack
is *accepted* where the changed observation is judged supported, where a wrong answer counts as the
answer, or where it pays: the total does not fall (of what is changed for the worse) or rises (of
talk, which may change nothing).
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from benchmarks import frames
from benchmarks.talk import left_out, talked
from benchmarks.wrong_answers import wrong_answers
from benchmarks.wrong_values import formatted, half_and_double, is_part, wrong_values
from schemas import VOCABULARY, property_named

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.material import Sample, Slot, Told

Must = Literal["fall", "not_rise"]
Level = Literal["claim", "prose", "answer", "total"]
"""What must not be accepted: the observation at `place`; a claim of `property` in the prose from
`place` to `end`; the answer. Of all, the total counts too."""

_SENTENCES = {
    "tempo": ("The tempo is {}.", "It runs at {}."),
    "key": ("It is in the key of {}.", "The key is {}."),
    "speaker_count": ("There are {}.", "I hear {}."), "loudness": ("It measures {}.",),
    "pitch": ("The pitch of the voice is {}.",), "speech_rate": ("They talk at {}.",),
    "event_count": ("The {of} sounds {}.",), "onset": ("The {of} starts at {}.",),
    "words": ('Somebody says "{}".',), "speaker_words": ('Somebody says "{}".',),
    "first_word": ('The first word is "{}".',), "last_word": ('The last word is "{}".',),
    "event_order": ("{}.",), "duration": ("The recording lasts {}.",),
    "word_count": ("There are {}.",), "metre": ("It has {}.",),
}  # fmt: skip
_THERE = ("There is a {}.", "I hear the {}.", "The {} is audible.")
_GONE = ("There is no {}.", "I cannot hear any {}.", "The {} is not heard.", "No {} is audible.")
_OF_SOUNDS = frozenset(("event_count", "onset", "offset", "event_duration"))
_TURNED = frozenset(("before", "longer_than", "louder_than", "ratio"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A wrong completion; `place` is where the changed observation's value begins."""

    kind: str
    sample: Sample
    text: str
    change: str
    """what was changed, as a reader should see it"""
    level: Level = "claim"
    place: int = -1
    end: int = -1
    property: str = ""
    must: Must = "fall"
    base: str = ""
    """the completion whose total it is held to, where that is not the sample's own"""
    silent: str = ""
    """the completion with nothing said where the change is: if that costs nothing (the same is told
    elsewhere), neither need the change"""


def attacks(sample: Sample, others: Sequence[Told], draw: random.Random) -> Iterator[Attack]:
    """Yield every attack on a completion; `others` are facts of other recordings."""
    for slot in sample.slots:
        for kind, said in wrong_values(slot.told, others, draw):
            yield _changed(kind, sample, slot, html.escape(said, quote=False))
        for raw in formatted(slot.told):
            yield _changed("stolen formatting", sample, slot, raw)
        yield from _two_tags(sample, slot)
        yield from _elsewhere(sample, slot)
        yield from _trivia(sample, slot)
        yield from _prose(sample, slot)
    for kind, text, change in wrong_answers(sample):
        # An answer out of place, and no other, is still the answer: it costs the format.
        level: Level = "total" if kind == "answer out of place" else "answer"
        yield Attack(kind=kind, sample=sample, text=text, change=change, level=level)
    yield from _talk(sample)


def pool(sampled: Iterable[Sample]) -> list[Told]:
    """Gather what is told of every recording, for facts to be taken to another."""
    return [one for sample in sampled for one in sample.told]


def _put(sample: Sample, slot: Slot, raw: str) -> str:
    return sample.completion[: slot.start] + raw + sample.completion[slot.end :]


def _changed(kind: str, sample: Sample, slot: Slot, raw: str) -> Attack:
    change = f"{slot.told.check.property}: {slot.told.said!r} -> {raw!r}"
    return Attack(kind=kind, sample=sample, text=_put(sample, slot, raw), change=change,
                  place=slot.start, silent=_put(sample, slot, "unknown"))  # fmt: skip


def _tag(slot: Slot, number: int = 1, **other: str) -> str:
    """Write the opening tag of an observation like a slot's, with other attributes."""
    check = slot.told.check
    span = f"{check.span.start_s}-{check.span.end_s}" if check.span else ""
    audio = str(check.audio) if check.audio != 1 else ""
    own = {"property": check.property, "of": check.subject, "span": span, "audio": audio} | other
    written = "".join(f' {name}="{html.escape(text)}"' for name, text in own.items() if text)
    return f'<observe id="o{number}"{written}>'


def _two_tags(sample: Sample, slot: Slot) -> Iterator[Attack]:
    """Say two values of one thing, each in a tag of its own, whole, nested or reopened.

    Of what may have many values, the second may be true as well for all that is known.
    """
    told, check = slot.told, slot.told.check
    right, inner = html.escape(told.said, quote=False), _tag(slot, 77)
    rivals = [one for one in told.wrong[:2] if not is_part(one, told)]
    rivals += [*half_and_double(check.check)][:2] if check.check else []
    for wrong in (html.escape(rival, quote=False) for rival in rivals):
        for raw in (
            f"{wrong}{inner}{right}</observe>", f"{inner}{wrong}</observe>{right}",
            f"{wrong}</observe>{inner}{right}", f"{right}</observe>{inner}{wrong}",
            f"{wrong}</observe></perception><perception>{inner}{right}",
            f"{wrong}</observe><review>{inner}{right}</observe></review><x>",
            f"{right}</observe><step>{wrong}</step>{inner}{wrong}",
        ):  # fmt: skip
            made = _changed("two answers in two tags", sample, slot, raw)
            must: Must = "fall" if check.exclusive else "not_rise"
            yield replace(made, level="total", must=must, silent="")


def _elsewhere(sample: Sample, slot: Slot) -> Iterator[Attack]:
    """Say the right thing of another sound, stretch, recording or property."""
    before = sample.completion.rfind("<observe", 0, slot.start)
    for tag in _other_tags(sample, slot):
        text = sample.completion[:before] + tag + sample.completion[slot.start :]
        change = f"{slot.told.check.property} {slot.told.check.subject!r}: {tag}{slot.told.said}"
        yield Attack(kind="said of another", sample=sample, text=text, change=change,
                     place=before + len(tag), silent=_put(sample, slot, "unknown"))  # fmt: skip


def _other_tags(sample: Sample, slot: Slot) -> Iterator[str]:
    check = slot.told.check
    if subject := check.subject:
        others = ("zebra", f"{subject} factory", "", f"not {subject}", "everything")
        yield from (_tag(slot, of=one) for one in others)
        if check.property in _TURNED and slot.told.said != "1 times as much":
            yield _tag(slot, of=" / ".join(reversed(subject.split(" / "))))
    if all((one.property, one.audio) != (check.property, 9) for one in sample.truth.checks):
        yield _tag(slot, audio="9")
    if check.property != "presence":  # what is absent is absent from every part
        yield _tag(slot, span="9000-9001")
    form, known = property_named(check.property).form, {one.property for one in sample.truth.checks}
    rows = [row.name for row in VOCABULARY if row.form == form and row.name not in known]
    yield from (_tag(slot, property=name) for name in rows)


def _trivia(sample: Sample, slot: Slot) -> Iterator[Attack]:
    """Say that it is heard, instead of when, how often or how long: true, and no answer."""
    if slot.told.check.property not in _OF_SOUNDS:
        return
    before = sample.completion.rfind("<observe", 0, slot.start)
    tag = _tag(slot, property="presence")
    text = f"{sample.completion[:before]}{tag}yes{sample.completion[slot.end :]}"
    yield Attack(kind="presence for a value", sample=sample, text=text, change=f"{tag}yes",
                 level="total", silent=_put(sample, slot, "unknown"))  # fmt: skip


def _prose(sample: Sample, slot: Slot) -> Iterator[Attack]:
    """Say nothing in the tag, and in prose another value, or the right one unsaid."""
    silent, name = _put(sample, slot, "unknown"), slot.told.check.property
    place = silent.find("</step>")
    for kind, sentence in _sentences(slot.told):
        raw = f" {html.escape(sentence, quote=False)}"
        attack = Attack(
            kind=kind, sample=sample, text=silent[:place] + raw + silent[place:],
            change=f"{name} {slot.told.said!r}: {sentence}", level="prose", place=place,
            end=place + len(raw), property=name, silent=silent,
        )  # fmt: skip
        if kind == "unsaid in prose":
            attack = replace(attack, must="not_rise", base=silent)
        yield attack


def _sentences(told: Told) -> Iterator[tuple[str, str]]:
    of = told.check.subject.split(",")[0].casefold()
    for frame in _SENTENCES.get(told.check.property, ()):
        rivals = [one for one in told.wrong if not is_part(one, told)]
        yield from (("a lie in prose", frame.format(one, of=of)) for one in rivals)
        true = frame.format(told.said, of=of)
        held = true[0].lower() + true[1:]
        for unsaid in frames.UNSAID:
            yield "unsaid in prose", unsaid.format(held[:-1] if "?" in unsaid else held)
        yield "unsaid in prose", f"{true[:-1]}? No."
        # "It sounds twice or three times" leaves its count open, but says that it is heard.
        for wrong in rivals[:1] if told.check.property != "event_count" else ():
            yield "unsaid in prose", f"{true[:-1]} or {wrong}."
    if told.check.property == "presence":
        lies = _GONE if told.said == "yes" else _THERE
        yield from (("a lie in prose", one.format(of)) for one in lies)


def _talk(sample: Sample) -> Iterator[Attack]:
    """Add talk to a right completion and to ones with a wrong claim: none may gain by it."""
    said = [slot.told for slot in sample.slots]
    bases = [(sample.completion, said)] + [
        (_put(sample, slot, html.escape(slot.told.wrong[0], quote=False)),
         [one for one in said if one != slot.told])
        for slot in sample.slots[:2] if slot.told.wrong
    ]  # fmt: skip
    for base, told in bases:
        for kind, text in talked(sample, base, told):
            yield Attack(kind=f"talk: {kind}", sample=sample, text=text, change=kind,
                         level="total", must="not_rise", base=base)  # fmt: skip
    if any(one.check.prior < 0.99 for one in sample.told):
        for kind, text in left_out(sample):
            yield Attack(kind=f"left out: {kind}", sample=sample, text=text, change=kind,
                         level="total")  # fmt: skip
