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
    length second seconds minute""")
"""Words without one of which a number claims nothing"""

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
    r"|(?P<speaker_count>(?:(?:different|distinct|separate|unique|main|human|individual|adult) )?"
    r"(?:speakers?|people|persons?|individuals|voices?|talkers?)|(?<=single )(?:fe)?male"
    r" (?:speaker|voice|person))\b(?! (?:at|per|each|of)\b)"
    r"|(?P<word_count>(?:spoken )?words)\b(?! (?:per|a|later|or|and)\b)"
    r"|(?P<metre>beats (?:in a|per|to the|a) (?:bar|measure))\b"
    r"|(?P<duration>seconds?|secs?|s|minutes?"
    r"(?:(?: and|,(?: and)?)? [a-z0-9-]{1,12}[ -]seconds?)?)\b)"
)
_PITCH = one_of("pitch fundamental f0 f0:")
_TONES = one_of("hum tone whistle sine beep buzz drone whine frequency resonance")
_LEVELS = one_of("floor peak peaks level rms average")
_AS_DEFINED = one_of("concert tuned tuning standard reference defined")


def numbered(sentence: str, low: str, its_words: Words) -> Iterator[Found]:
    """Find what each number counts or measures, by what follows it."""
    for start, end in numbers(low, its_words):
        match = _FOLLOWS.match(low, end)
        if match is None:
            if not _BARE.isdisjoint(its_words) and _ends_bare(low, end):
                yield from _bare(sentence, low, start, end)
            continue
        if ranges(low, start, end):
            continue
        name, past = match.lastgroup or "", match.end()
        if name == "unit":
            name = _UNITS[match["unit"]]
            if name in ("frequency", "level"):
                name = _measures(name, low, start, past)
            if not name:
                continue
        elif not _OF_THE_WHOLE[name](low, lead(low, start), start, past):
            continue
        said = sentence[start:past]
        if name == "speaker_count":
            said = said.replace("single", "one", 1)
        yield Found(name, "", said, start, past)


def _measures(name: str, low: str, start: int, past: int) -> str:
    """Say of what hertz or decibels are: of what is heard, or of a file, a filter; ""."""
    before = [word.strip(MARKS) for word in lead(low, start)[-8:]]
    if name == "level":
        told = not _LEVELS.isdisjoint(before) and _DIFFERENCE.match(low, past) is None
        return name if told else ""
    if not _AS_DEFINED.isdisjoint(before) or not _NO_SOUND.isdisjoint(before):
        return ""
    if not _PITCH.isdisjoint(before):
        return "pitch"
    return name if not _TONES.isdisjoint(before) or _TONE.match(low, past) else ""


_NO_SOUND = one_of("""
    sample sampled sampling filter filtered cutoff cut-off low-pass high-pass boost boosted band
    bandwidth response rate range modes mode eq shelf resolution crossover""")
_DIFFERENCE = re.compile(r" (?:boost|cut|louder|quieter|higher|lower|above|below|more|less|than)\b")
_TONE = re.compile(r" (?:sine|tone|hum|beep|buzz|whistle|drone|whine)\b")

_BARE = one_of("tempo bpm number speakers speaker duration length")
_BARE_END = re.compile(r"\**\s*(?:[.,;)](?!\d)|\(|$)")
_CLOCK = re.compile(r"[0-9]{0,3}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]{1,3})?(?=\**\s*(?:[.,;)(]|$))")
_ROUGHLY = one_of("about around approximately roughly exactly")


def _ends_bare(low: str, end: int) -> bool:
    return low[end : end + 1] == ":" or _BARE_END.match(low, end) is not None


def _bare(sentence: str, low: str, start: int, end: int) -> Iterator[Found]:
    """Find a tempo, a number of speakers or a length that a number without a unit is said to be."""
    if ranges(low, start, end):
        return
    before = [word for word in lead(low, start) if word not in _ROUGHLY]
    if last(before) == "number":
        return
    key = last(before).strip(MARKS) if ":" in last(before) else ""
    number = sentence[start:end]
    if clock := _CLOCK.match(low, end):
        if key in ("duration", "length") and _PART_OF.isdisjoint(before):
            yield Found("duration", "", sentence[start : clock.end()], start, clock.end())
        return
    if not _BARE_END.match(low, end):
        return
    told = last(before, 2) in ("tempo", "bpm") and last(before) in ("of", "is", "was", "=")
    if told or key in ("tempo", "bpm"):
        yield Found("tempo", "", f"{number} bpm", start, end)
    of_people = last(before, 2) in ("speakers", "people", "voices") and last(before) == "is"
    if of_people and before[-4:-2] == ["number", "of"]:
        yield Found("speaker_count", "", f"{number} speakers", start, end)
    if key in ("speakers", "voices") or (
        key == "count" and last(before, 2).strip(MARKS) == "speaker"
    ):
        yield Found("speaker_count", "", f"{number} speakers", start, end)


_PART_OF = one_of("intro outro verse chorus bridge solo pause silence longest note event")
_SOME_OF = one_of("""
    the first last next these those other another following previous every each all both his her
    their its my of primary main remaining same any some no""")
_THEIRS = one_of("he she they his her their who")
_ONLY = one_of("only just exactly")
_KILLED = re.compile(
    r" (?:who |that )?(?:was|were|had|got|died)\b(?! (?:heard|identified|detected|present|speaking"
    r"|talking|recorded|involved))"
)


_PERSONS = one_of("people person persons individuals")
_TOGETHER = re.compile(
    r" (?:laugh|clap|cheer|sing|overlap|whistle|walk|at once|in counterpoint|at the same time"
    r"|simultaneously|(?:are )?(?:laughing|clapping|cheering|singing|overlapping|walking|running"
    r"|dancing|watching|in harmony))\b"
)
_SPEAK = re.compile(
    r"(?: who| that)?(?: (?:is|are|was|were|can be|actively|clearly|talk|speak))*(?: (?:speak|talk"
    r"|heard|having|have|has|had an?|convers|argu|discuss|chat|debat|exchang|take part|take turns"
    r"|took part|taking part|involved|participat|engag|in (?:the|a|this) (?:conversation|recording"
    r"|audio|clip|dialogue|discussion)|present|identified|detected|interview))"
)
_TOLD = one_of("""
    there are there's hear heard hears identify identified count counted distinguish distinguished
    between of by involves involve involving features featuring contains detect detected conclude
    only just exactly total with is""")


def _of_all_people(low: str, before: list[str], start: int, end: int) -> bool:
    clause = before[-4:]
    for at, word in enumerate(clause):
        if word[-1] in ",;:":
            clause = before[-4:][at + 1 :]
    if not _THEIRS.isdisjoint(clause):  # "he has two people waiting"
        return False
    nearest = last(before).strip(MARKS)
    if low.startswith(("one", "1 ", "single"), start):  # "one speaker ... the other"
        alone = nearest in _ONLY or (nearest == "a" and low[start] == "s")
        there = nearest == "there's" or (last(before, 2) == "there" and nearest in ("is", "are"))
        if not alone and not there:
            return False
    elif _TOGETHER.match(low, end):
        return False
    noun = low[start:end].rpartition(" ")[2]
    told = nearest != "for" and not _TOLD.isdisjoint(before[-4:])
    if noun in _PERSONS and not told and (nearest == "for" or _SPEAK.match(low, end) is None):
        return False
    return nearest not in _SOME_OF and not _KILLED.match(low, end)


def _of_all_words(_low: str, before: list[str], _start: int, _end: int) -> bool:
    return last(before) not in _SOME_OF


def _of_the_bar(_low: str, before: list[str], _start: int, _end: int) -> bool:
    return before[-2:] == ["there", "are"]


_WHOLE = one_of("recording clip audio excerpt piece track song music file sample snippet segment")
_WHOLE_AFTER = re.compile(
    r"(?: long)?(?: (?:audio|sound|music|musical|speech|short|single))?"
    r" (?:recording|clip|audio|excerpt|piece|track|snippet|file|sample)\b(?! of\b)"
)
_ANY = one_of("average typical most usual before after into at")
_JUST = _ROUGHLY | {"just", "only", "precisely", "total", "a", "for"}


def _of_the_recording(low: str, before: list[str], start: int, end: int) -> bool:
    """Say whether a stretch of time is how long the recording lasts."""
    told = [one.strip("*:~").removesuffix("'s") for one in before]
    told = [word for word in told if word and word not in _JUST]
    if told[-3:-1] == ["running", "time"]:
        told[-3:-1] = ["duration"]
    nearest, second = last(told), last(told, 2)
    whole = not _WHOLE.isdisjoint(told) and _ANY.isdisjoint(told) and _PART_OF.isdisjoint(told)
    if nearest in ("lasts", "lasting", "runs"):
        return whole
    if "-" in low[start:end] or low.startswith(" long", end):
        here = nearest in ("the", "this") or (last(before) == "a" and _THIS.issuperset(told))
        if here and _WHOLE_AFTER.match(low, end):
            return True
    named = second in _LENGTHS and (whole or last(told, 3) in _OWNERS)
    long = not _LENGTHS.isdisjoint(told) and _PART_OF.isdisjoint(told)
    if nearest in ("is", "of"):
        if second in _WHOLE and nearest == "is":
            return whole and (long or low.startswith((" long", " in length", " in duration"), end))
        if second in _WHOLE:  # "it is a short recording of five seconds"
            return not _THIS.isdisjoint(told) and _STOPS.match(low, end) is not None
        return long and (whole or named)
    key = [word for word in before if word.strip("*:~")]
    keyed = last(key)[-1:] in "*:~" or (second in _WHOLE and len(told) < 4)
    return nearest in _LENGTHS and keyed and _PART_OF.isdisjoint(told)


_LENGTHS = one_of("duration length")
_OWNERS = {"", "the", "total", "overall", "full", "exact", "audio", "clip", "recording", "audio's"}
_THIS = one_of("this it is")
_STOPS = re.compile(r"\**\s*(?:[.,;)]|$)")

_OF_THE_WHOLE = {
    "speaker_count": _of_all_people,
    "word_count": _of_all_words,
    "metre": _of_the_bar,
    "duration": _of_the_recording,
}

_SIGNATURE = re.compile(
    r"(?<![\d/.,])(?:[2-9]|12)/[48](?![\d/%])(?!(?:th|ths)\b| (?:of|through|into|as|the|full"
    r"|is (?:the|an?|more|most|very)"
    r"|stars)\b"
    r"| ?(?:and|to|-|or) \d)"
)
_METRICAL = one_of("""
    time signature metre meter beat beats rhythm groove feel waltz pattern pulse bar bars count
    counting counted measure measures ballad swing lilting shuffle piece song music track tempo bpm
    key march jig common compound duple triple odd""")
_ONE_PART = one_of("""
    briefly switches switching changes shifts shifting bridge intro outro verse chorus date fraction
    rate rating score page are""")


def signature(low: str) -> Iterator[Found]:
    """Find the metre: "in 3/4 time"."""
    for match in _SIGNATURE.finditer(low):
        before = [word.strip(MARKS) for word in lead(low, match.start())]
        after = [word.strip(MARKS) for word in low[match.end() : match.end() + 40].split()[:4]]
        near = before[-9:]
        if _ONE_PART.isdisjoint(near) and not _METRICAL.isdisjoint((*near, *after)):
            yield Found("metre", "", match[0], *match.span())
