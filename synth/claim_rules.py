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
from synth.number_rules import NUMBERED, SIGNED, numbered, signature
from synth.prose import MARKS, last, lead, one_of, places, words
from synth.quotations import quotations, quoted, unquoted
from synth.spelling import normalise

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
    for begun, rule in _RULES if not CUES.isdisjoint(cues) else ():
        if not begun.isdisjoint(cues):
            found += rule(sentence, low, its_words)
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


def _claimed(found: Found, low: str, its_words: Words) -> bool:
    """Say whether what is found is asserted, and not by somebody in the recording."""
    if not asserted(low, its_words, found.start, found.end):
        return False
    if found.property in _OF_PARTS and _PART.match(low, found.end):
        return False
    return found.property in _SPOKEN or not reported(low, its_words, found.start)


_OF_PARTS = one_of("tempo key metre")
_PART = re.compile(r" (?:in|during|for|at) the (?:chorus|verse|bridge|intro|outro|end|beginning)\b")
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
_TONIC = re.compile(r"(?:^|[^\w#/-])([A-G](?:[ -]?(?:#|b|[sS]harp|[fF]lat))?)[ -]$")
_TONIC_SMALL = re.compile(r"(?:^|[^\w#-])([a-g](?:#|b| sharp| flat)?) $")
_OTHERWISE_MINOR = re.compile(
    r"[ -](?:chord|triad|arpeggio|seventh|third|second|sixth|7|9|pentatonic|scale|detail|problem"
    r"|issue|part|role|point|way|sense|respect|fashion|hurry|degree)"
)
_ABOUT_KEY = one_of("key tonality tonal tonic")
_OF_A_PART = one_of("""
    begin begins beginning start starts starting open opens opening move moves moving shift shifts
    shifting modulates modulating modulation modulations transition transitions passes turns verse
    chorus bridge intro outro section chord chords new relative parallel ends ending change changes
    changing from""")


def _keys(sentence: str, low: str, its_words: Words) -> Iterator[Found]:
    for mode in _MODES:
        for at in places(low, mode) if mode in its_words else ():
            end = at + len(mode)
            near = sentence[max(0, at - 9) : at]
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
            told = told or low.startswith((" key", " tonality"), end)
            if told and _OF_A_PART.isdisjoint(before):
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
    r"(?:progression|chords) (?:is|are|runs?|goes)[: ]+"
    rf"({_CHORD}(?:(?:\s*[,-]\s*(?:and )?|\s+and\s+|\s+then\s+){_CHORD}){{1,11}})(?![\w#])"
)


def _chords(sentence: str, _low: str, _words: Words) -> Iterator[Found]:
    for match in _PROGRESSION.finditer(sentence):
        yield Found("chords", "", match[1], *match.span(1))


# The voice ---------------------------------------------------------------------------------------

_SEXES = one_of("male female man woman")
_VOICES = one_of("speaker voice narrator vocalist singer lead vocal vocals")
_SOLE = one_of("the singer's speaker's narrator's lead main sole lone")
_SURELY = one_of("a an clearly definitely")


def _voice(sentence: str, low: str, its_words: Words) -> Iterator[Found]:
    for sex in _SEXES & its_words:
        for start in places(low, sex):
            end = start + len(sex)
            before = [word for word in lead(low, start) if word not in _SURELY]
            told = last(before) in ("is", "are", "sounds") and last(before, 2) in _VOICES
            if not (told and last(before, 3) in _SOLE):
                told = before == ["it", "is"] and low.startswith("'s voice", end)
            if told and not low[end : end + 1].isalnum():
                yield Found("voice_sex", "", sentence[start:end], start, end)


_LANGUAGES = one_of("""
    english german french spanish italian portuguese mandarin chinese cantonese japanese korean
    hindi arabic russian dutch turkish swedish greek""")
_SPEAK = one_of("speaks speak sings sing talks talk raps")
_SPEAKING = one_of("he she they speaker speakers voice voices singer narrator vocalist")
_SPEECH = one_of("speech song lyrics vocals conversation dialogue")
_ENDS = re.compile(r"\s*(?:$|[.,;!)])| (?:throughout|with|here)\b")


def _language(sentence: str, low: str, its_words: Words) -> Iterator[Found]:
    for name in _LANGUAGES & its_words:
        for start in places(low, name):
            end = start + len(name)
            before = lead(low, start)
            spoken_in = last(before) == "in"
            before = before[:-1] if spoken_in else before
            doing, who = last(before), last(before, 2)
            if (
                (doing in _SPEAK and who in _SPEAKING)
                or (spoken_in and doing in ("is", "are") and who in _SPEECH)
                or (doing == "is" and "language" in before[-3:])
            ) and _ENDS.match(low, end):
                yield Found("language", "", sentence[start:end], start, end)


_RULES = (
    (NUMBERED, numbered),
    (SIGNED, signature),
    (frozenset(_MODES), _keys),
    (one_of("progression chords"), _chords),
    (_SEXES, _voice),
    (_LANGUAGES, _language),
)
CUES = frozenset[str]().union(*(begun for begun, _ in _RULES))
"""Words without which, and without a quotation or a known label, a sentence claims nothing."""
