"""Whether a sentence says that a sound is heard, or that it is not.

What stands before a mention is read backwards, word by word, to what opens the phrase ("there is",
"I hear", "the sound of"); what stands behind it is matched at its end. Standard library only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from synth import listing
from synth.denials import Found, asserted
from synth.prose import MARKS, last, lead, one_of
from synth.sounding import (
    ARTICLES,
    OF_WORDS,
    STOPS,
    SUBORDINATE,
    Mention,
    opens,
    sounds,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synth.prose import Words


_IS = one_of("is are was were there's")
_IS_NOT = one_of("isn't aren't wasn't weren't")
_NO = one_of("no neither nor")
_NOT = one_of("not never don't cannot can't didn't couldn't")
_HEAR = one_of("""
    hear heard notice noticed detect detected identify identified recognise recognize recognised
    recognized out distinguish perceive hearing""")
_US = one_of("i we you one i'm we're")
_SOUNDS = one_of("""
    sound sounds noise noises presence ticking rumble rumbling roar chirping ringing barking hum
    clatter wail crackle crackling patter strumming drone tinkling hiss howl rustle rustling murmur
    squeal blare crash chime""")
_WITH_NO = one_of("contains features has includes but with and")
_LACKS = one_of("without lacks lacking")
_OPENERS = _IS | _IS_NOT | _HEAR | _WITH_NO | _LACKS | {"of", "only"}
_GOES_ON = re.compile(
    r"\s*(?:$|[.,;:!)*\"'])| (?:in(?! (?:the|a|his|her|their|this) (?:joke|story|question|lyrics"
    r"|title|options?|list|poem|book|film|movie|prompt|name)\b)|on|at|from|with|without|throughout|during|near"
    r"|behind|under|and|but|or|nor|that|which|who|here|also|is|are|was|then|sounds?|noises?|audible|heard|present"
    r"|coming|voices?|beats?|music|despite|every|anywhere|nearby|somewhere|over|beneath|while|as"
    r"|[a-z]{3,}(?:ing|ly|ed))\b"
)
_HEARD = re.compile(
    r"(?: sounds?| noises?| (?:and|n?or) (?:an? )?[a-z]+(?: [a-z]+)?)?"
    r" (?:(?:is|are|was|were|can be) (?P<not>not )?(?:(?!hardly)[a-z]+ly |also )?"
    r"(?:heard|present|audible|detected|detectable|noticeable|unmistakable)\b"
    r"(?! in (?:many|most|any|other|such)\b)"
    r"|(?:is|are|was|were) (?:[a-z]+ly )?(?P<gone>absent|inaudible|missing)\b)"
)
_FOR_A_WHILE = re.compile(
    r" (?:until|together|clearly|again|any ?more|yet|longer|before|after|during|except|besides"
    r"|apart|(?:other|more|less|louder) than|(?:at|in|for|from) the (?:first|second|last|middle"
    r"|beginning|start|end|intro|verse|chorus|list)|at first)\b"
)
_WHEN = one_of("during until half towards after before once first last")
_AND = re.compile(
    r"(?:,|,? (?:and|or|nor))(?: (?:a|an|the|any|some))?"
    r"(?: (?!(?:no|not|then|only|just)\b)[a-z]+){0,2} "
)
_POLAR = re.compile(r"\**:\**\s*(?:(yes|present|heard)|(no|none|absent|not (?:present|heard)))\b")
_NOT_WITH = one_of("""
    consistent associated compared confused compatible familiar together fits matches deal agree
    aligns aligned typical coincides ends comes starts begins work works interview man woman person
    people he she someone argue argues talk talks""")
_SET = re.compile(
    r"(?: [a-z]+)? [a-z]+ing\b| (?:in the (?:background|distance)|behind|underneath|throughout"
    r"|audible|sounds?)\b"
)
_BACKGROUND = re.compile(r"[^.;]{0,50} in the (?:background|distance)\b")
_MUSICAL = one_of("""
    music track song piece melody arrangement instrumental ballad sings singing vocalist vocals
    groove rhythm jazz rock pop solo beat""")
_PERFORMED = _MUSICAL | one_of("speaks sung lyrics carries carried plays playing reads raps")
_OVER = one_of("over atop above beneath under against")
_LASTS = re.compile(
    r"(?:^|[\s*])(first|last|final) ((?:sound|event|thing|noise)(?: (?:that )?"
    r"(?:is |can be |i |we )?"
    r"(?:heard|hear))? )?(?:is|was) (?:that of |the sound of )?(?:(?:a|an|the) )?$"
)
_EDGES = one_of("first last final")
_AUDIBLE = one_of("audible heard present noticeable")
_WHAT = one_of("what sound instrument noise source out")


def presences(low: str, its_words: Words, mentions: list[Mention]) -> Iterator[Found]:
    """Find which sounds are said to be heard, or absent; what is listed shares its first's lot."""
    lists = listing.listed(low, its_words)
    says = [""] * len(mentions)
    starts = [one.start for one in mentions]
    past, was = 0, ""
    for at, one in enumerate(mentions):
        told = ""
        of = next((of for of in lists if of.begun <= one.start < of.ended), None)
        if of and listing.surely(low, of.begun, one.start):
            told, starts[at] = "yes", of.at
        if not told and was and (joined := _AND.fullmatch(low, past, one.start)):
            unlike = was == "yes" and (" or " in joined[0] or not _GOES_ON.match(low, one.end))
            told = "" if unlike else was
        says[at] = was = told or _says(low, its_words, one)
        past = one.end
    for at in range(len(mentions) - 2, -1, -1):  # "piano and strings play"
        one, other = mentions[at : at + 2]
        if says[at] == "" and says[at + 1] == "yes" and opens(lead(low, one.start)):
            joined = _AND.fullmatch(low, one.end, other.start)
            says[at] = "yes" if joined and " or " not in joined[0] else ""
    for one, lot, start in zip(mentions, says, starts, strict=True):
        absent = lot == "no"
        if absent and _for_a_while(low, one):
            continue
        since = low.rfind("over", 0, one.start) if lot == "over" else start
        if lot and asserted(low, its_words, since, one.end, absent=absent):
            told = "no" if absent else "yes"
            yield Found("presence", one.name, told, one.start, one.end)
            if which := _first_or_last(low, its_words, one):
                yield Found(which, "", one.name, one.start, one.end)


def _first_or_last(low: str, its_words: Words, one: Mention) -> str:
    """Say which property tells that a sound is the first, or the last, that is heard."""
    if _EDGES.isdisjoint(its_words):
        return ""
    which = _LASTS.search(low, max(0, one.start - 70), one.start)
    if which is None or not (which[2] or "first sound" in low):
        return ""
    return "first_event" if which[1] == "first" else "last_event"


def _for_a_while(low: str, one: Mention) -> bool:
    """Say whether a sound is absent, but not from the whole recording."""
    after = _FOR_A_WHILE.search(low, one.end, one.end + 50)
    return after is not None or not _WHEN.isdisjoint(lead(low, one.start))


def _says(low: str, its_words: Words, one: Mention) -> str:
    """Say "yes" or "no" by what stands around a mention; "": it says neither."""
    before = lead(low, one.start)
    if low[one.end : one.end + 1] in ("*", ":") and (polar := _POLAR.match(low, one.end)):
        return "yes" if polar[1] else "no"
    if _first_or_last(low, its_words, one):
        return "yes"
    if follows := _HEARD.match(low, one.end):
        if follows["gone"] or follows["not"] or not _NO.isdisjoint(before[-3:]):
            return "no"
        return "yes" if SUBORDINATE.isdisjoint(before[-4:]) else ""
    return _phrased(before, low, its_words, one)


def _phrased(before: list[str], low: str, its_words: Words, one: Mention) -> str:
    """Read the words before a mention backwards to what opens its phrase."""
    absent = False
    for back, word in enumerate(reversed(before[-6:]), start=1):
        if word in _NO or word in _NOT:
            absent = True
        elif word in _OPENERS:
            says = _opened(word, before[:-back], low, one, absent=absent)
            if word == "with" and not absent and _is_set(before[:-back], low, its_words, one):
                says = "yes"
            if says:
                return says
            if word not in _IS and word not in _IS_NOT:
                break
        elif says := _added(word, before, back):
            return "" if absent else says
        elif word in STOPS or word[-1] in ",;:" or (back > 3 and word not in ARTICLES):
            break
    return "yes" if not absent and sounds(before, low, one) else ""


def _added(word: str, before: list[str], back: int) -> str:
    """Say whether a sound is added to what sounds: "doubled by a flute", "sings over strings"."""
    if word == "by":
        done = last(before, back + 1)
        return "yes" if done[-2:] in ("ed", "en") and done not in OF_WORDS else ""
    if word in _OVER and not _PERFORMED.isdisjoint(before):
        return "over" if word == "over" else "yes"
    return ""


def _is_set(rest: list[str], low: str, its_words: Words, one: Mention) -> bool:
    """Say whether "with" adds a sound to a scene or to music: "with a siren in the background"."""
    if last(rest).strip(MARKS) in _NOT_WITH:
        return False
    if last(rest)[-1:] == "," and _GOES_ON.match(low, one.end):
        return True
    if _SET.match(low, one.end) or _BACKGROUND.match(low, one.end):
        return True
    return not _MUSICAL.isdisjoint(its_words) and _GOES_ON.match(low, one.end) is not None


def _opened(word: str, rest: list[str], low: str, one: Mention, *, absent: bool) -> str:
    """Say what a phrase claims that a word opens: "there is a", "I hear a", "the sound of"."""
    nearest = last(rest)
    if word == "of":
        heard = nearest in _SOUNDS or (nearest == "that" and "sound" in rest)
        heard = heard and not absent and _NO.isdisjoint(rest[-3:])
        return "yes" if heard else ("no" if nearest == "absence" else "")
    if word == "only":
        opens = nearest in _IS or nearest[-1:] == ","
        return "yes" if opens and not absent and _GOES_ON.match(low, one.end) else ""
    if word in _LACKS or word in _WITH_NO:
        return "no" if absent or word in _LACKS else ""
    if word in _HEAR:
        opens = not _US.isdisjoint(rest[-4:]) and (word != "out" or nearest in ("make", "made"))
        denied = absent or not _NOT.isdisjoint(rest[-3:])
    else:
        opens = word == "there's" or "there" in rest[-2:] or not _WHAT.isdisjoint(rest[-3:])
        opens = opens or nearest in _AUDIBLE
        denied = absent or word in _IS_NOT or nearest in _NOT
    if not opens or not _GOES_ON.match(low, one.end):
        return ""
    return "no" if denied else "yes"
