"""The rules that find claims in prose, sentence by sentence. Standard library only.

A rule has words without which it is not tried. It looks at places only: at a number, a key's mode,
a word of its own; what stands before is read word by word, what follows is matched there.
Windows are short and repetitions bounded: a rule is linear in the sentence. Numbers, labels and
quotations have modules of their own.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING

from synth.denials import Found, asserted, reported, supposes
from synth.label_rules import labelled
from synth.number_rules import NUMBERED, numbered, signature
from synth.prose import MARKS, last, lead, one_of, places, words
from synth.quotations import quotations, quoted, unquoted
from synth.spelling import normalise
from synth.voice_rules import LANGUAGES, SEXES, language, voice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synth.lexicon import Lexicon
    from synth.prose import Words


def find(sentence: str, its_words: Words, known: Lexicon) -> list[Found]:
    """Find what a sentence asserts; what it denies, supposes or weighs is left out.

    Args:
        sentence: as it is written.
        its_words: as `synth.prose.words` reads them.
        known: the labels and choices of the question.
    """
    found: list[Found] = []
    if '"' in sentence or "'" in sentence:
        spoken = quoted(sentence)
        if spoken:
            found += quotations(sentence, spoken)
            sentence = unquoted(sentence, spoken)
            its_words = set(words(sentence).split())
    low = sentence.lower()
    if len(low) != len(sentence):  # "İ" is two small letters
        low = sentence.replace("İ", "I").lower()
    cues = its_words & known.cues
    found += _valued(sentence, low, its_words, cues)
    mentioned = not known.begins.isdisjoint(cues)
    if not (found or mentioned) or supposes(low, its_words):
        return []
    if found:
        found = [one for one in found if _claimed(one, low, its_words)]
    if mentioned:
        found += labelled(low, its_words, known)
    if found and known.choices and (not _WEIGHING.isdisjoint(its_words) or _lettered(low)):
        found = [one for one in found if one.property in _SPOKEN or not _restates(one, low, known)]
    return sorted(found, key=_PLACE) if len(found) > 1 else found


_PLACE = itemgetter(3, 4, 0)  # start, end, property


def _valued(sentence: str, low: str, its_words: Words, cues: Words) -> list[Found]:
    """Find values that need no label of the question's: each rule where a word of its stands."""
    found: list[Found] = []
    if not CUES.isdisjoint(cues):
        for begun, rule in _RULES:
            if not begun.isdisjoint(cues):
                found += rule(sentence, low, its_words)
    if "/4" in low or "/8" in low:
        found += signature(low)
    return found


def _claimed(found: Found, low: str, its_words: Words) -> bool:
    """Say whether what is found is asserted, and not by somebody in the recording."""
    if not asserted(low, its_words, found.start, found.end):
        return False
    if found.property in _OF_PARTS and (
        _PART.match(low, found.end) or not _GOING.isdisjoint(lead(low, found.start)[-4:])
    ):
        return False
    return found.property in _SPOKEN or not reported(low, its_words, found.start)


_OF_PARTS = one_of("tempo key metre")
_PART = re.compile(
    r" (?:in|during|for|at) the (?:chorus|verse|bridge|intro|outro|end|beginning|climax)\b"
)
_GOING = one_of("reaches reaching climbs rises starts begins starting beginning peaks")
_SPOKEN = one_of("words first_word last_word word_count speech_rate language")
_WEIGHING = one_of("""
    option options choice choices candidate candidates alternative alternatives distractor
    distractors answer answers choose select pick""")
_LETTER = re.compile(r"\b[a-h][).](?![\w.])|\b[b-h]:")


def _lettered(low: str) -> bool:
    signed = ")" in low or ":" in low or ". " in low
    return signed and _LETTER.search(low) is not None


def _restates(found: Found, low: str, known: Lexicon) -> bool:
    """Say whether a claim in a sentence about the options only repeats one of them."""
    said = normalise(low[found.start : found.end])
    return any(said in choice or (choice and choice in said) for choice in known.choices)


# Keys and chords ---------------------------------------------------------------------------------

_MODES = ("major", "minor", "maj", "min")
_KIND = r"(?:natural |harmonic |melodic )?"
_TONIC = re.compile(rf"(?:^|[^\w#/-])([A-G](?:[ -]?(?:#|b|[sS]harp|[fF]lat))?)[ -]{_KIND}$")
_TONIC_SMALL = re.compile(r"(?:^|[^\w#-])([b-g](?:#|b| sharp| flat)?|a(?:#|b| sharp| flat)) $")
_PIECE = re.compile(
    r" (?:waltz|piece|song|track|ballad|blues|jam|groove|composition|melody|march|tonality|tune)\b"
)
_OTHERWISE_MINOR = re.compile(
    r"[ -](?:chord|triad|arpeggio|seventh|third|second|sixth|7|9|pentatonic|scale|detail|problem"
    r"|issue|part|role|point|way|sense|respect|fashion|hurry|degree)"
)
_ABOUT_KEY = one_of("key tonality tonal tonic signature")
_OF_A_PART = one_of("""
    begin begins beginning start starts starting open opens opening move moves moving shift shifts
    shifting modulates modulating modulation modulations transition transitions passes turns verse
    chorus bridge intro outro section chord chords new relative parallel ends ending change changes
    changing from theme half movement middle""")


_TOLD_ELSEWHERE = one_of("given listed stated notated tagged printed sheet caption")
_CENTRED = one_of("""
    centers centered centres centred revolves based built resolves rests settles rooted grounded""")


def _keys(sentence: str, low: str, its_words: Words) -> Iterator[Found]:
    for mode in _MODES:
        for at in places(low, mode) if mode in its_words else ():
            end = at + len(mode)
            near = sentence[max(0, at - 18) : at]
            tonic = _TONIC.search(near) or (
                low.endswith(("is ", "of "), 0, max(0, at - 2)) and _TONIC_SMALL.search(near)
            )
            if not tonic or low[end : end + 1].isalpha() or _OTHERWISE_MINOR.match(low, end):
                continue
            start = at - len(near) + tonic.start(1)
            before = _clause(low, start)
            told = (last(before) == "in" and start > len("in ")) or not _ABOUT_KEY.isdisjoint(
                before
            )
            told = told or (last(before) in ("around", "on") and not _CENTRED.isdisjoint(before))
            if low.startswith((" key", " tonality", " it is", " as the tonal", " as the key"), end):
                told = told or bool(before) or low[start] != "a"  # "A minor key makes it sad"
            told = told or (last(before, 2) == "is" and _PIECE.match(low, end) is not None)
            if told and _OF_A_PART.isdisjoint(before) and _TOLD_ELSEWHERE.isdisjoint(before):
                yield Found("key", "", sentence[start:end], start, end)


def _clause(low: str, start: int) -> list[str]:
    """Give the words before a place up to the clause's beginning; "Key:" begins none."""
    clause: list[str] = []
    for word in reversed(lead(low, start)):
        plain = word.strip(MARKS)
        if plain in ("but", "and") or (word[-1] in ",;:(" and plain not in _ABOUT_KEY):
            break
        clause.append(plain)
    return clause[::-1]


_CHORD = r"(?:[A-G][#b]?(?:m|maj|min|dim|aug|sus)?\d?)"
_PROGRESSION = re.compile(
    r"(?:[pP]rogression|[cC]hords)(?:\*{0,2}:| (?:is|are|runs?|goes"
    r"|cycles? through|moves? through))"
    r"[:* ]+"
    rf"({_CHORD}(?:(?:\s*[,-]\s*(?:and )?|\s+and\s+|\s+then\s+){_CHORD}){{1,11}})(?![\w#])"
)


def _chords(sentence: str, _low: str, _words: Words) -> Iterator[Found]:
    for match in _PROGRESSION.finditer(sentence):
        yield Found("chords", "", match[1], *match.span(1))


_RULES = (
    (NUMBERED, numbered),
    (frozenset(_MODES), _keys),
    (one_of("progression chords"), _chords),
    (SEXES, voice),
    (LANGUAGES, language),
)
CUES = frozenset[str]().union(*(begun for begun, _ in _RULES))
"""Words without which, and without a quotation or a known label, a sentence claims nothing."""
