"""What numbers in prose count or measure: tempo, levels, speakers, words, metre, duration.

A number claims by what follows it; what stands before it tells whether it is of the whole.
Standard library only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from synth.denials import Found
from synth.prose import MARKS, last, lead, numbers, one_of, ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synth.prose import Words

NUMBERED = one_of("""
    bpm b beats lufs lkfs wpm words hz hertz khz db dbfs decibels tempo number speaker speakers
    people person persons individuals voice voices talker talkers lasts lasting runs long duration
    second minute""")
"""Words without one of which a number claims nothing"""
SIGNED = one_of("time metre meter signature beat rhythm groove song piece track music")
"""Words without one of which 4/4 is no metre"""

_UNITS = {
    "bpm": "tempo", "b.p.m": "tempo", "beats per minute": "tempo", "beats a minute": "tempo",
    "lufs": "loudness", "lkfs": "loudness", "db lufs": "loudness",
    "wpm": "speech_rate", "words per minute": "speech_rate", "words a minute": "speech_rate",
    "hz": "frequency", "hertz": "frequency", "khz": "frequency",
    "db": "level", "dbfs": "level", "decibels": "level",
}  # fmt: skip
"""Unit to property; `frequency` and `level` are outside the vocabulary: nothing verifies them."""
_FOLLOWS = re.compile(
    rf"[\s-]{{0,3}}(?:(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b"
    r"|(?P<speaker_count>(?:(?:different|distinct|separate|unique|main|human|individual) )?"
    r"(?:speakers?|people|persons?|individuals|voices?|talkers?))\b(?! (?:at|per|each|of)\b)"
    r"|(?P<word_count>(?:spoken )?words)\b(?! (?:per|a|later|or|and)\b)"
    r"|(?P<metre>beats (?:in a|per|to the|a) (?:bar|measure))\b"
    r"|(?P<duration>seconds?|secs?|s|minutes?)\b)"
)
_PITCH = one_of("pitch fundamental f")


def numbered(sentence: str, low: str, its_words: Words) -> Iterator[Found]:
    """Find what each number counts or measures, by what follows it."""
    for start, end in numbers(low, its_words):
        match = _FOLLOWS.match(low, end)
        if match is None:
            if not _BARE.isdisjoint(its_words) and _BARE_END.match(low, end):
                yield from _bare(sentence, low, start, end)
            continue
        if ranges(low, start, end):
            continue
        name, past = match.lastgroup or "", match.end()
        if name == "unit":
            name = _UNITS[match["unit"]]
            if name == "frequency" and not _PITCH.isdisjoint(its_words):
                name = "pitch"
        elif not _OF_THE_WHOLE[name](low, lead(low, start), start, past):
            continue
        said = sentence[start:past]
        if name == "speaker_count":
            said = said.replace("single", "one", 1)
        yield Found(name, "", said, start, past)


_BARE = one_of("tempo bpm number")
_BARE_END = re.compile(r"\s*(?:[.,;)](?!\d)|$)")
_ROUGHLY = one_of("about around approximately roughly exactly")


def _bare(sentence: str, low: str, start: int, end: int) -> Iterator[Found]:
    """Find a tempo, or a number of speakers, that a number without a unit is said to be."""
    if ranges(low, start, end):
        return
    before = [word for word in lead(low, start) if word not in _ROUGHLY]
    if last(before, 2) in ("tempo", "bpm") and last(before) in ("of", "is", "was", "="):
        yield Found("tempo", "", f"{sentence[start:end]} bpm", start, end)
    of_people = last(before, 2) in ("speakers", "people", "voices") and last(before) == "is"
    if of_people and before[-4:-2] == ["number", "of"]:
        yield Found("speaker_count", "", f"{sentence[start:end]} speakers", start, end)


_SOME_OF = one_of("""
    the first last next these those other another following previous every each all both his her
    their its my of primary main remaining same any some no""")
_THEIRS = one_of("he she they his her their who")
_ONLY = one_of("only just exactly")
_KILLED = re.compile(
    r" (?:who |that )?(?:was|were|had|got|died)\b(?! (?:heard|identified|detected|present|speaking"
    r"|talking|recorded|involved))"
)


def _of_all_people(low: str, before: list[str], start: int, end: int) -> bool:
    if not _THEIRS.isdisjoint(before[-4:]):  # "he has two people waiting"
        return False
    nearest = last(before).strip(MARKS)
    if low.startswith(("one", "1 ", "single"), start):  # "one speaker ... the other"
        alone = nearest in _ONLY or (nearest == "a" and low[start] == "s")
        there = nearest == "there's" or (last(before, 2) == "there" and nearest in ("is", "are"))
        if not alone and not there:
            return False
    return nearest not in _SOME_OF and not _KILLED.match(low, end)


def _of_all_words(_low: str, before: list[str], _start: int, _end: int) -> bool:
    return last(before) not in _SOME_OF


def _of_the_bar(_low: str, before: list[str], _start: int, _end: int) -> bool:
    return before[-2:] == ["there", "are"]


_WHOLE = one_of("recording clip audio excerpt piece track song music file")
_WHOLE_AFTER = re.compile(r" (?:recording|clip|audio|excerpt|piece|track)\b(?! of\b)")


def _of_the_recording(low: str, before: list[str], start: int, end: int) -> bool:
    """Say whether a stretch of time is how long the recording lasts."""
    told = [word.strip("*:") for word in before if word not in _ROUGHLY and word != "for"]
    nearest, second = last(told), last(told, 2)
    whole = not _WHOLE.isdisjoint(told)
    if nearest in ("lasts", "lasting", "runs"):
        return whole
    if nearest == "is":
        long = second in _WHOLE and low.startswith((" long", " in length"), end)
        return long or second == "duration" or (whole and "duration" in told)
    if nearest in ("the", "this", "a") and "-" in low[start:end]:
        here = nearest != "a" or (second == "is" and last(told, 3) == "this")
        return here and _WHOLE_AFTER.match(low, end) is not None
    return nearest == "duration" and last(before)[-1] in "*:"


_OF_THE_WHOLE = {
    "speaker_count": _of_all_people,
    "word_count": _of_all_words,
    "metre": _of_the_bar,
    "duration": _of_the_recording,
}

_SIGNATURE = re.compile(
    r"(?:[2-9]|12)/[48](?=(?:\*\*)? (?:time|metre|meter|beat|rhythm|groove|feel|signature"
    r"|throughout)\b|(?:\*\*)?\s*(?:[.,;)]|$))"
)
_SIGNED = one_of("in of is a an signature: steady standard moderate simple common meter: metre:")


def signature(_sentence: str, low: str, _words: Words) -> Iterator[Found]:
    """Find the metre: "in 3/4 time"."""
    if "/4" not in low and "/8" not in low:
        return
    for match in _SIGNATURE.finditer(low):
        before = lead(low, match.start())
        if last(before).strip("*") in _SIGNED and last(before, 2) != "are":  # "waltzes are in"
            yield Found("metre", "", match[0], *match.span())
