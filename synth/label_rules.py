"""What a sentence says of the sounds that the checks know: how often, when, in which order.

A mention of a sound claims nothing by itself; what stands around it does. Whether it is heard at
all is for `synth.presence_rules`. Standard library only.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from synth import presence_rules
from synth.denials import Found, asserted, reported
from synth.prose import MARKS, NUMBERS, last, lead, one_of, places
from synth.sounding import Mention
from synth.spelling import NUMBER_WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synth.lexicon import Lexicon
    from synth.prose import Words


def labelled(low: str, its_words: Words, known: Lexicon) -> list[Found]:
    """Find what a sentence, in small letters, claims of the sounds that it mentions."""
    mentions = _mentions(low, its_words, known)
    if not mentions:
        return []
    found = list(_counts(low, its_words, mentions))
    if not _ONSETS.isdisjoint(its_words):
        found += _onsets(low, mentions)
    if not _ORDERS.isdisjoint(its_words) or "->" in low:
        found += _orders(low, mentions)
    if found:
        found = [one for one in found if asserted(low, its_words, one.start, one.end)]
        told = {part for one in found for part in (one.subject or one.said).split(" then ")}
        mentions = [one for one in mentions if one.name not in told]
    if mentions:
        found += presence_rules.presences(low, its_words, mentions)
    return [one for one in found if not reported(low, its_words, one.start)]


def _mentions(low: str, its_words: Words, known: Lexicon) -> list[Mention]:
    """Find the known sounds, the longest name at each place."""
    mentions: list[Mention] = []
    past = 0
    found = [at for begun in known.begins & its_words for at in places(low, begun)]
    for at in sorted(found) if len(found) > 1 else found:
        if at >= past and (match := known.pattern.match(low, at)) and low[at - 1 : at] != "-":
            past = match.end()
            mentions.append(_new(Mention, (known.named(match[0]), at, past)))
    return mentions


_new = tuple.__new__  # a third of the time of Mention(...)

# Counts ------------------------------------------------------------------------------------------

_EVENTS = one_of("""
    knock knocking beep bleep bark slam cough shot gunshot gunfire ring click clap clank chime
    sneeze step footstep blast honk horn whistle bang thud hit meow chirp squeak scream laugh thump
    buzz tone note ding dong snap explosion crash pop splash gasp hiccup sigh""")
"""What happens, as opposed to what makes it happen: three dogs are not three barks"""
_KINDS = one_of("loud quiet short long clear separate distinct different soft sharp")
_SOME_OF = one_of("""
    the first last next these those other another following previous every each all both between
    to or""")
_ONLY = one_of("only just exactly")
_OFTEN = one_of("times twice thrice once")
_AS_OFTEN = re.compile(
    r" (?:as|the|more|less|faster|slower|louder|longer|per|an?|every|in a row)\b"
)
_STRUCK = one_of("hit struck rung barks rings meows coughs sneezes beeps honks knocks sounds")
_JOINS = one_of("and then but while whereas before after as when")
_AGAIN = one_of("play played replay replayed listen listened listening check checked")


def _counts(low: str, its_words: Words, mentions: list[Mention]) -> Iterator[Found]:
    for one in mentions:
        if _happens(low[one.start : one.end]):
            yield from _counted(low, one)
    if not _OFTEN.isdisjoint(its_words):
        for often in _OFTEN & its_words:
            for at in places(low, often):
                yield from _repeated(low, mentions, often, at)


@lru_cache(maxsize=1024)
def _happens(said: str) -> bool:
    noun = said.replace("-", " ").rpartition(" ")[2]
    return not _EVENTS.isdisjoint((noun, noun[:-1], noun[:-2]))


def _counted(low: str, one: Mention) -> Iterator[Found]:
    """Find "three short beeps": a number directly before what happens."""
    before = lead(low, one.start)
    total = _TOTAL.match(low, one.end)
    if total and (before[-2:] == ["number", "of"] or not low[: one.start].strip("-*# ")):
        yield Found("event_count", one.name, f"{total[1]} times", one.start, total.end())
        return
    if last(before) in _KINDS:
        before.pop()
    number = before.pop().strip(MARKS) if before else ""
    nearest = last(before)
    if not (number.isdigit() or number in NUMBERS) or nearest in _SOME_OF or nearest in NUMBERS:
        return
    if number not in ("one", "1") or nearest in _ONLY:
        told = "one" if number == "single" else number
        yield Found("event_count", one.name, f"{told} times", low.rindex(number, 0, one.start),
                    one.end)  # fmt: skip


_TOTAL = re.compile(rf"(?: count)?\**(?::\**| is| was) ([0-9]{{1,3}}|{NUMBER_WORD})(?=[.,;)*\s]*$)")


def _repeated(low: str, mentions: list[Mention], often: str, at: int) -> Iterator[Found]:
    """Find "the bell rings twice": of the one sound that the count's own clause names."""
    end = at + len(often)
    before = lead(low, at)
    if _AS_OFTEN.match(low, end) or low[end : end + 1].isalnum():
        return
    ends = low[end : end + 1] in (",", ".", "") and last(before) in _STRUCK
    if often == "once" and last(before) not in _ONLY and not ends:
        return
    said = "one time" if often == "once" else often
    if often == "times":
        number: list[str] = []
        while before and (before[-1].isdigit() or before[-1] in NUMBERS):
            number.insert(0, before.pop())
        if not number or last(before) in _SOME_OF:
            return
        said = " ".join((*number, often))
    clause: list[str] = []
    for word in reversed(before):
        if word[-1] in ",;:" or word in _JOINS:
            break
        clause.append(word)
    start = max(0, low.rfind(said, 0, end)) if often == "times" else at
    since = start - sum(map(len, clause)) - len(clause)
    named = {one.name for one in mentions if since <= one.start < start}
    if len(named) == 1 and _AGAIN.isdisjoint(clause):
        yield Found("event_count", named.pop(), said, start, end)


# Onsets and order --------------------------------------------------------------------------------

_ONSETS = one_of("""
    starts start begins begin enters enter sets come comes kicks first onset fades appears""")
_TIME = (
    r"([0-9]{1,4}(?:\.[0-9]{1,3})?[ -]?(?:s|sec|seconds?)\b|[0-9]{1,2}:[0-9]{2}(?:\.[0-9]{1,3})?\b"
    rf"|{NUMBER_WORD}(?:[ -]{NUMBER_WORD})?[ -]seconds?\b)"
)
_BEGINS = (
    r"(?:first )?(?:starts?(?: up)?|begins?|enters?|comes? in|kicks? in|sets? in|fades in|is first"
    r" heard|first (?:occurs|appears|sounds|enters))(?: [a-z]+ing)?"
)
_STARTS_AT = re.compile(
    rf" {_BEGINS} (?:at|after|around|about|roughly|approximately|at about|at around|at roughly"
    rf"|at approximately)(?: about)?(?: the)? {_TIME}"
    rf"| {_BEGINS} (?:about |around )?{_TIME} in(?:to)?\b"
)
_IS_AT = re.compile(rf" (?:is|occurs|comes|happens|is heard|starts|begins) (?:at|around) {_TIME}")
_ONSET_KEY = re.compile(rf" (?:onset|start)(?: time)?\**(?::\**| is| at| is at) {_TIME}")
_STARTS = re.compile(rf" {_BEGINS}\b(?! to\b)")
_AT = re.compile(
    rf"(?:\b(?:at|around) (?:about |around |the |approximately )?|^[\s*\[(#>•-]*){_TIME}"
    r"(?: mark)?[\])]?\**(?:,|:|\s?[-–—])? (?:(?:a|an|the) )?(?:[a-z]+ )?$"
)


def _onsets(low: str, mentions: list[Mention]) -> Iterator[Found]:
    for one in mentions:
        before = lead(low, one.start)[-3:]
        match = _STARTS_AT.match(low, one.end) or _ONSET_KEY.match(low, one.end)
        if match is None and ("onset" in before or last(before) == "first"):
            match = _IS_AT.match(low, one.end)
        if match:
            yield Found("onset", one.name, match[match.lastindex or 1], one.start, match.end())
        elif _STARTS.match(low, one.end) and (
            at := _AT.search(low, max(0, one.start - 40) if one.start > 40 else 0, one.start)
        ):
            yield Found("onset", one.name, at[1], at.start(1), one.end)


_THEN = one_of("then afterwards afterward subsequently → ->")
_REVERSED = one_of("after follows preceded")
_ORDERS = _THEN | _REVERSED | one_of("before followed precedes order sequence")
_NO_ORDER = one_of("invented not no and or but may might could can would does if")
_SOUND_OF = one_of("a an the some by sound sounds of")
_COMMA = re.compile(r"(?: [a-z]+)?, (?:(?:a|an|the|some) )?")


def _orders(low: str, mentions: list[Mention]) -> Iterator[Found]:
    """Find what follows what; "bell, then door, then crow" is one claim, denied as a whole."""
    first = mentions[0].start
    listed = _IN_ORDER.search(low, max(0, first - 50), first) is not None
    chain = mentions[:1]
    for one, other in pairwise(mentions):
        how = _joined(low, one, other)
        if how == "on" or (listed and _COMMA.fullmatch(low, one.end, other.start)):
            chain.append(other)
            continue
        yield from _in_a_row(chain)
        chain = [other]
        if how == "back":
            yield from _in_a_row([other, one])
    yield from _in_a_row(chain)


def _in_a_row(chain: list[Mention]) -> Iterator[Found]:
    names = [one.name for one in chain]
    if len(set(names)) > 1:
        start, end = min(one.start for one in chain), max(one.end for one in chain)
        yield Found("event_order", "", " then ".join(names), start, end)


def _joined(low: str, one: Mention, other: Mention) -> str:
    """Say how two sounds follow each other: "on" in the order of their mention, or "back"."""
    if other.start - one.end > 60:
        return ""
    if how := _how(low[one.end : other.start].replace(",", "").split()):
        return "back" if how in _REVERSED else "on"
    after = one.start <= len("after some ") and low.startswith("after ")
    return "on" if after and _COMMA.fullmatch(low, one.end, other.start) else ""


_IN_ORDER = re.compile(
    r"\b(?:order|sequence)(?: of (?:the )?(?:events|sounds))?(?: is)?\**:?\**(?: an?| the)? $"
)


def _how(between: list[str]) -> str:
    """Give the word that orders two sounds, if the words between them do no more than that."""
    for at, order in enumerate(between[:6]):
        if order not in _ORDERS:
            continue
        rest, of_it = between[:at], between[at + 1 :]
        which = order == "after" and of_it[:1] == ["which"]
        word, of_it = ("then", of_it[1:]) if which else (order, of_it)
        while word in _THEN and last(rest) in _JUST:
            rest.pop()
        of_it = [one for one in of_it if one not in _SOUND_OF]
        return word if len(of_it) < 2 and _NO_ORDER.isdisjoint(rest) else ""
    return ""


_JUST = one_of("and only finally shortly immediately just soon right")
