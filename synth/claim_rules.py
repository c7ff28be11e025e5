"""The rules that find claims in prose, sentence by sentence. Standard library only.

Each rule yields what it found as (property, subject, said, start, end), places within the
sentence. Windows are short and repetitions bounded, so that a rule is linear in the sentence.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from synth.spelling import NUMBER_WORD, NUMBER_WORDS, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synth.lexicon import Lexicon

_NUMBER = (
    r"(?<![\w.,:/])(?:[-+]?\d{1,7}(?:,\d{3}){0,3}(?:\.\d{1,6})?"
    rf"|{NUMBER_WORD}(?:[ -](?:and )?{NUMBER_WORD}){{0,6}})"
)
_I = re.IGNORECASE

_UNITS = {
    "bpm": "tempo", "b.p.m": "tempo", "beats per minute": "tempo", "beats a minute": "tempo",
    "lufs": "loudness", "lkfs": "loudness", "db lufs": "loudness",
    "wpm": "speech_rate", "words per minute": "speech_rate", "words a minute": "speech_rate",
    "hz": "frequency", "hertz": "frequency", "khz": "frequency",
    "db": "level", "dbfs": "level", "decibels": "level",
}  # fmt: skip
"""Unit to property; `frequency` and `level` are outside the vocabulary: nothing verifies them."""
_MEASURED = re.compile(
    rf"({_NUMBER})[\s-]{{0,3}}({'|'.join(sorted(_UNITS, key=len, reverse=True))})\b", _I
)
_BARE_TEMPO = re.compile(
    rf"\btempo\s(?:of|is|=|was)\s(?:about |around |approximately )?({_NUMBER})"
    r"(?=\s*[.,;)]\D|\s*\.?$)",
    _I,
)
_PITCH = re.compile(r"\b(?:pitch|fundamental|f0)\b", _I)
_ONLY = r"(?:only one|just one|exactly one|a single|one single)"
_PEOPLE = re.compile(
    rf"({_NUMBER}|{_ONLY}) (?:different |distinct |separate |unique )?"
    r"(speakers?|people|persons?|voices?|talkers?)\b(?! (?:at|per)\b)",
    _I,
)
_WORD_COUNT = re.compile(rf"({_NUMBER}) (?:spoken )?words\b(?! (?:per|a|later)\b)", _I)
_TIMES = re.compile(
    rf"({_NUMBER}) times\b(?! (?:as|more|less|faster|slower|louder|longer|per)\b)|\btwice\b"
    r"(?! (?:as|the)\b)|\b(?:only|exactly|just) once\b",
    _I,
)
_SOME_OF = re.compile(
    r"\b(?:first|last|next|these|those|other|another|following|previous|every|each|all"
    r"|in between|between)(?: the)? ?$",
    _I,
)
_KEY = re.compile(
    r"(?<![\w#-])([A-G])[ -]?(#|♯|b|♭|[sS]harp|[fF]lat)?[ -]?(?i:(?<=[ -])(major|minor|maj|min))\b"
    r"(?![ -](?:chord|triad|arpeggio|seventh|third|second|sixth|7|9|pentatonic|detail|problem"
    r"|issue|part|role|point))"
)
_ABOUT_KEY = re.compile(r"\b(?:key|tonality|tonal|tonic)\b|\bin $", _I)
_CHORDS = re.compile(r"\b(?:chords?|triads?|progression|modulat\w+|cadence)\b", _I)
_SIGNATURE = re.compile(
    r"(?<![\w/.])([2-9]/4)(?= (?:time|met(?:re|er))\b)"
    r"|\btime signature (?:of|is) ([2-9]/4)(?![\w/])",
    _I,
)
_LASTS = re.compile(
    r"\b(?:recording|clip|audio|excerpt) (?:lasts (?:for )?|runs for |is (?=[^.,;]{2,20} long\b))"
    rf"(?:about |around |approximately )?({_NUMBER} ?(?:s|sec|seconds?|minutes?))"
    r"(?= long\b|\s*[.,;]|\s*$)",
    _I,
)
_ONE_WORD = re.compile(
    r"(?<!'s )(?<!\bhis )(?<!\bher )(?<!their )\b(first|last|final) word"
    r"(?: (?:that is )?(?:spoken|said|heard))? (?:is|was) "
    r"(?:\"([^\"\n ]{1,40})\"|'([^'\n ]{1,40})'(?!\w))",
    _I,
)
_QUOTED = re.compile(r'"([^"\n]{2,300})"|(?<!\w)\'([^\'\n]{3,200})\'(?!\w)')
_SPEAKS = re.compile(
    r"\b(?:say(?:s|ing)?|said|spoken|speaks?|phrase|words?|hears?|heard|asks?|asked|shouts?"
    r"|whispers?|sings?|sung|lyrics?|utters?|utterance|transcript\w*|repl(?:y|ies|ied))\b",
    _I,
)
_HEARD = r"(?:heard|present|audible|detected|detectable|noticeable)"
_BE = r"(?:is|are|was|were|can be|could be)"
_DET = r"(?:(?:a|an|the|any|some) )?"


class Found(NamedTuple):
    """One claim found in a sentence, with its place in it."""

    property: str
    subject: str
    said: str
    start: int
    end: int


def find(sentence: str, words: frozenset[str] | set[str], known: Lexicon) -> list[Found]:
    """Find what a sentence asserts; what it denies, supposes or weighs is left out.

    Args:
        sentence: as it is written.
        words: the sentence's words, as `synth.lexicon.words` reads them.
        known: the labels and choices of the question.
    """
    found = list(_all(sentence, words, known))
    if not found or _SUPPOSED.search(sentence) or sentence.rstrip(" \"')").endswith("?"):
        return []
    if _WEIGHS.search(sentence):
        found = [one for one in found if not _restates(one, sentence, known)]
    return [one for one in found if not _denied(sentence, one.start, one.end)]


def _all(sentence: str, words: frozenset[str] | set[str], known: Lexicon) -> Iterator[Found]:
    """Try the rules of which the sentence holds a cue."""
    counted = not _NUMBERS.isdisjoint(words) or _DIGIT.search(sentence) is not None
    if counted:
        if not _UNIT_CUES.isdisjoint(words):
            yield from _measured(sentence)
        if not _PEOPLE_CUES.isdisjoint(words):
            yield from _counted(sentence)
        if not _TOLD_CUES.isdisjoint(words):
            yield from _told(sentence)
    if not _KEY_CUES.isdisjoint(words):
        yield from _keys(sentence)
    if '"' in sentence or "'" in sentence:
        yield from _quoted(sentence)
    if known.pattern and not known.begins.isdisjoint(words):
        rules = _label_rules(known.pattern)
        if counted:
            yield from _label_counts(sentence, words, known, rules)
        yield from _of_labels(sentence, words, known, rules)


_DIGIT = re.compile(r"\d")
_NUMBERS = frozenset(NUMBER_WORDS) | {"single", "once", "twice", "one"}
_UNIT_CUES = frozenset(
    ("bpm", "b", "beats", "lufs", "lkfs", "wpm", "words", "hz", "hertz", "khz", "db", "dbfs",
     "decibels", "tempo")
)  # fmt: skip
_PEOPLE_CUES = frozenset(
    ("speaker", "speakers", "people", "person", "persons", "voice", "voices", "talker", "talkers",
     "words")
)  # fmt: skip
_TOLD_CUES = frozenset(("time", "metre", "meter", "signature", "lasts", "runs", "long"))
_KEY_CUES = frozenset(("major", "minor", "maj", "min"))
_TIMES_CUES = frozenset(("times", "twice", "once"))
_PRESENCE_CUES = frozenset(
    ("there", "hear", "heard", "present", "audible", "detected", "detectable", "noticeable")
)
_ABSENCE_CUES = frozenset(
    ("no", "not", "don", "cannot", "can", "didn", "absent", "inaudible")  # do n't, ca n't
)
_ONSET_CUES = frozenset(("starts", "begins", "occurs", "heard", "sets"))
_ORDER_CUES = frozenset(("before", "after", "followed", "then"))
CUES = _UNIT_CUES | _PEOPLE_CUES | _TOLD_CUES | _KEY_CUES
"""Words without which, and without a quotation or a known label, a sentence claims nothing."""


def _measured(sentence: str) -> Iterator[Found]:
    pitched = None
    for match in _MEASURED.finditer(sentence):
        name = _UNITS[match[2].casefold()]
        if name == "frequency":
            pitched = bool(_PITCH.search(sentence)) if pitched is None else pitched
            name = "pitch" if pitched else name
        yield Found(name, "", match[0], *match.span())
    for match in _BARE_TEMPO.finditer(sentence):
        yield Found("tempo", "", f"{match[1]} bpm", *match.span(1))


def _counted(sentence: str) -> Iterator[Found]:
    for match in _PEOPLE.finditer(sentence):
        before = sentence[max(0, match.start() - 24) : match.start()]
        there_is = re.search(r"\bthere (?:is|are|'s) $", before, _I)
        if (match[1].casefold() in ("one", "1") and not there_is) or _SOME_OF.search(before):
            continue  # "one speaker ... the other"
        said = re.sub(_ONLY, "one", match[0], flags=_I)
        yield Found("speaker_count", "", said, *match.span())
    for match in _WORD_COUNT.finditer(sentence):
        if not _SOME_OF.search(sentence[max(0, match.start() - 24) : match.start()]):
            yield Found("word_count", "", match[0], *match.span())


def _told(sentence: str) -> Iterator[Found]:
    """Find a time signature, and how long the recording is said to last."""
    for match in _SIGNATURE.finditer(sentence):
        yield Found("metre", "", match[1] or match[2], *match.span())
    for match in _LASTS.finditer(sentence):
        yield Found("duration", "", match[1], *match.span(1))


def _keys(sentence: str) -> Iterator[Found]:
    chords = _CHORDS.search(sentence) is not None
    for match in _KEY.finditer(sentence):
        before = sentence[max(0, match.start() - 40) : match.start()]
        after = sentence[match.end() : match.end() + 12]
        told = _ABOUT_KEY.search(before) or re.match(r"[ -](?:key|tonality)\b", after)
        if told and not chords:
            yield Found("key", "", match[0], *match.span())


def _quoted(sentence: str) -> Iterator[Found]:
    if '"' not in sentence and "'" not in sentence:
        return
    for match in _ONE_WORD.finditer(sentence):
        name = "first_word" if match[1].casefold() == "first" else "last_word"
        yield Found(name, "", match[2] or match[3], *match.span())
    for match in _QUOTED.finditer(sentence):
        around = sentence[max(0, match.start() - 60) : match.start()]
        after = sentence[match.end() : match.end() + 40]
        if _SPEAKS.search(around) or _SPEAKS.search(after):
            yield Found("words", "", match[1] or match[2], *match.span())


# Labels ------------------------------------------------------------------------------------------


Rules = dict[str, re.Pattern[str]]


@lru_cache(maxsize=512)
def _label_rules(pattern: str) -> Rules:
    def named(group: str) -> str:
        return rf"(?<![\w-])(?P<{group}>{pattern})(?![\w-])"

    one, adverb = named("label"), r"(?:clearly |also |distinctly |faintly )?"
    return {
        "mention": re.compile(one, _I),
        "count": re.compile(rf"(?P<count>{_NUMBER}|{_ONLY}) (?:(?:loud|quiet|short|long|clear"
                            rf"|separate|distinct|different) )?{one}", _I),
        "present": re.compile(rf"\bthere {_BE} {adverb}{_DET}{one}"
                              rf"|\b(?:I|we) (?:can )?{adverb}hear {_DET}{named('heard')}"
                              rf"|{named('subject')} {_BE} {adverb}{_HEARD}\b", _I),
        "absent": re.compile(rf"\bthere {_BE} no {one}"
                             rf"|\bno {named('none')} {_BE} {_HEARD}\b"
                             rf"|\b(?:do not|don't|cannot|can't|did not|didn't) hear {_DET}"
                             rf"{named('unheard')}"
                             rf"|{named('gone')} (?:is|are|was|were) "
                             rf"(?:absent|inaudible|not {_HEARD})\b", _I),
        "onset": re.compile(rf"{one} (?:first )?(?:starts|begins|is first heard|first occurs"
                            rf"|sets in) (?:at|after|around) (?P<time>{_NUMBER} ?"
                            r"(?:s|sec|seconds?)\b|\d{1,2}:\d\d\b)", _I),
        "order": re.compile(rf"{one} (?:(?:comes?|is heard|are heard|occurs?|happens?|sounds?"
                            rf"|plays?) )?(?P<how>before|after|followed by|and then|then) "
                            rf"{_DET}{named('other')}", _I),
    }  # fmt: skip


def _of_labels(
    sentence: str, words: frozenset[str] | set[str], known: Lexicon, rules: Rules
) -> Iterator[Found]:
    for rule, said, cues in (
        ("present", "yes", _PRESENCE_CUES),
        ("absent", "no", _ABSENCE_CUES),
    ):
        for match in rules[rule].finditer(sentence) if not cues.isdisjoint(words) else ():
            written = next(part for part in match.groups() if part)
            denied = sentence[max(0, match.start() - 3) : match.start()].casefold() == "no "
            if rule == "absent" or not denied:
                yield Found("presence", known.named(written), said, *match.span())
    if not _ONSET_CUES.isdisjoint(words):
        for match in rules["onset"].finditer(sentence):
            yield Found("onset", known.named(match["label"]), match["time"], *match.span())
    for match in rules["order"].finditer(sentence) if not _ORDER_CUES.isdisjoint(words) else ():
        pair = [known.named(match["label"]), known.named(match["other"])]
        if pair[0] != pair[1]:
            said = " then ".join(reversed(pair) if match["how"].casefold() == "after" else pair)
            yield Found("event_order", "", said, *match.span())


def _label_counts(
    sentence: str, words: frozenset[str] | set[str], known: Lexicon, rules: Rules
) -> Iterator[Found]:
    for match in rules["count"].finditer(sentence):
        said = re.sub(_ONLY, "one", match["count"], flags=_I)
        before = sentence[max(0, match.start() - 24) : match.start()]
        if match["count"].casefold() not in ("one", "1") and not _SOME_OF.search(before):
            yield Found("event_count", known.named(match["label"]), f"{said} times", *match.span())
    for match in _TIMES.finditer(sentence) if not _TIMES_CUES.isdisjoint(words) else ():
        # The count's own clause: "the door closes and somebody knocks twice" counts no doors.
        around = _JOINED.split(sentence[max(0, match.start() - 60) : match.end()])[-1]
        named = {known.named(one["label"]) for one in rules["mention"].finditer(around)}
        if len(named) == 1:
            said = "one time" if "once" in match[0].casefold() else match[0]
            yield Found("event_count", named.pop(), said, *match.span())


_JOINED = re.compile(r"[,;:]|\b(?:and|then|but|while|whereas|before|after|as|when)\b", _I)

# What is said without being claimed --------------------------------------------------------------

_SUPPOSED = re.compile(
    r"^\W*(?:if|even if|whether|suppose|supposing|assuming|imagine|were it|had it|let's say)\b"
    r"|\b(?:would (?:be|have|mean|sound|require|need|suggest)|is asked|the question asks)\b",
    _I,
)
_WEIGHS = re.compile(
    r"\b(?:options?|choices?|candidates?|alternatives?|distractors?)\b|\([A-H]\)|\b[B-H][).:]", _I
)
_DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|none|without|rather than|instead of|unlike|than|option|choice"
    r"|if|whether|would|could|might|may|perhaps|maybe|possibly|probably|either|or|least|most"
    r"|over|under|above|below|between|exceed\w*|less|more|fewer|up to|closer|closest|nearer"
    r"|nearest|expect\w*|eliminat\w*|exclud\w*|reject\w*|discard\w*|rul(?:e|es|ed|ing) out|thought"
    r"|seem\w*|assum\w*|guess\w*|doubt\w*|den(?:y|ies|ied)|typical\w*|usual\w*|false|wrong"
    r"|incorrect\w*|as opposed to|far from|\w+n't|cannot|suppos\w*|versus|vs)\b"
    r"|(?:^|\s)\(?[A-H][).:]\s?\(?$",
    _I,
)
_CLAUSE = re.compile(
    r"[,;:!?()]|\.\s|\b(?:but|so|therefore|thus|hence|yet|because|since|and)\b", _I
)
_DENIED_AFTER = re.compile(
    r"^[\"')\s,]{0,3}(?:or (?!so\b)|nor |(?:is|are|was|were|does|do|did|has|can|could|would"
    r"|seems?|sounds?|which is|being|as)?\s?(?:too (?:slow|fast|high|low|many|few|loud|quiet)|not\b"
    r"|wrong|incorrect|false|unlikely|impossible|implausible|ruled out|excluded|eliminated|\w*n't\b"
    r"|inconsistent|cannot|contradict))",
    _I,
)
_LOOK_BACK, _LOOK_AHEAD = 60, 40


def _denied(sentence: str, start: int, end: int) -> bool:
    before = sentence[max(0, start - _LOOK_BACK) : start]
    cuts = [match.end() for match in _CLAUSE.finditer(before)]
    # "(A) 120 bpm": the bracket belongs to the letter, not to a new clause.
    lettered = re.search(r"(?:^|\s)\(?[A-H][).:]\s?$", before)
    clause = before[cuts[-1] :] if cuts and not lettered else before
    if re.search(r"\bbetween\b", before, _I):
        return True
    return bool(_DENIES.search(clause) or _DENIED_AFTER.match(sentence[end : end + _LOOK_AHEAD]))


def _restates(found: Found, sentence: str, known: Lexicon) -> bool:
    """Say whether a claim in a sentence about the options only repeats one of them."""
    said = normalise(sentence[found.start : found.end])
    return any(said in choice or (choice and choice in said) for choice in known.choices)
