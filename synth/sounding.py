"""Whether a known sound is the subject of a clause that says it sounds. Standard library only."""

from __future__ import annotations

import re
from typing import NamedTuple

from synth.prose import NUMBERS, last, one_of


class Mention(NamedTuple):
    """A known sound where a sentence names it."""

    name: str
    start: int
    end: int


ARTICLES = one_of("a an the some any both")
STOPS = one_of("""
    if when while as because whether that which who like about for in on at to from by into over or
    then than before after until unlike per between such similar resembles much lot lack
    longer mention except besides apart""")
SUBORDINATE = one_of("if when because whether until before after since though")
_AT_TIME = re.compile(r"[0-9]:[0-9]{2}(?:\.[0-9]+)?[\])]*\**\s*[-–—:]*\s*(?:(?:a|an|the) )?$")

_BASES = one_of("""
    bark ring chirp meow blare wail rumble slam knock honk beep buzz hum cough sneeze laugh cry
    scream clap chime click crackle growl howl roar whistle play pass overlap start begin follow
    sing crow tick fall fell roll approach creak splash idle rev blow sound carry take cheer erupt
    open close shatter fly drone drip enter fade continue accompany provide support lead drive add
    keep join echo rustle clatter clink sizzle bubble rattle squeak squeal screech hiss thud bang
    boom explode hoot squawk quack moo bleat neigh croak pour gush trickle flow lap run swell
    underpin dominate punctuate answer interject sustain strum pulse pound patter whir whirr toll
    jingle tinkle clang strike repeat linger resonate interrupt intensify recede murmur chatter
    applaud grunt snore gallop trot trill tweet flush puff chug drift whoosh crunch thump
    sputter
    create form blend combine contribute weave trade""")
VERBS = _BASES | {
    f"{verb[:-1]}ies"
    if verb.endswith("y") and verb[-2] not in "aeo"
    else f"{verb}es"
    if verb.endswith(("s", "sh", "ch", "x", "z"))
    else f"{verb}s"
    for verb in _BASES
}
DOINGS = {f"{verb.removesuffix('e')}ing" for verb in _BASES} | {
    f"{verb}{verb[-1]}ing" for verb in _BASES
}
DOING = re.compile(
    r" (?:(?:is|are|was|were|can be heard) )?(?:also |loudly |softly |quietly |briefly |faintly "
    r"|repeatedly |suddenly |gently |again )?(?:([a-z]+ing)|(in the (?:background|distance"
    r"|foreground)|(?:is|are|was|were) (?:being )?(?:played|struck|plucked|strummed|hit|blown|rung"
    r"|opened|closed|slammed|used))|([a-z]+))\b(?! an? (?:[a-z]+ )?(?:role|part)\b)"
)

_NOISES = one_of("""
    bark meow knock beep bleep slam cough ring click clap clank chime sneeze honk whistle bang thud
    chirp squeak scream laugh thump buzz snap explode crash splash gasp hiccup sigh tick flush sniff
    snore growl howl cry crow tap hum rumble squeal screech hiss rustle clink sizzle roar wail whirr
    croak purr moo oink bleat neigh quack hoot cluck cheer chatter shout yell whisper giggle chuckle
    burp fart sob hammer saw drip gurgle splatter crackle jingle rattle squawk caw yip bay""")
"""Verbs whose "-ing" names the same sound"""


def doing(name: str) -> str:
    """Give the other name of a sound by its verb: "door slam", "door slamming"; "" of none."""
    before, _, verb = name.rpartition(" ")
    if verb not in _NOISES:
        return ""
    stem = verb.removesuffix("e")
    stem += stem[-1] if verb in _DOUBLED else ""
    return f"{before} {stem}ing".lstrip()


_DOUBLED = one_of("slam clap snap hum drip sob tap chug thud") - {"thud"}


# Clauses -----------------------------------------------------------------------------------------


def sounds(before: list[str], low: str, one: Mention) -> bool:
    """Say whether a sound is the subject of a main clause, of a verb of sounding."""
    if low.endswith((" ", "*", ":", "]", ")"), 0, one.start) and _AT_TIME.search(
        low, max(0, one.start - 16), one.start
    ):
        return True
    said = low[one.start : one.end].rpartition(" ")
    if said[0] and said[2][-1] == "s" and said[2] in VERBS and last(before) in ARTICLES:
        return opens(before)  # "a door slams"
    doing = DOING.match(low, one.end)
    if doing is None or not SUBORDINATE.isdisjoint(before):
        return False
    if not (doing[2] or doing[1] in DOINGS or doing[3] in VERBS):
        some = not ARTICLES.isdisjoint(before[-3:])
        return some and opens(before) and _does(low, one, doing[3] or "")
    if doing[3] and doing[3][-1] != "s" and low[one.end - 1] != "s":  # "a dog whistle"
        return False
    bare = low[one.end - 1] == "s" and not before  # "dogs bark when strangers come"
    return opens(before) and not (bare and _CONDITION.search(low, one.end, one.end + 60))


_CONDITION = re.compile(r" (?:when|if|whenever) ")


def _does(low: str, one: Mention, verb: str) -> bool:
    """Say whether a sound is said to do or to have undergone something, whatever it is."""
    if done := _DONE.match(low, one.end):
        return done[1] not in OF_WORDS
    return (
        verb[-1:] == "s" and verb[-2:] != "ss" and low[one.end - 1] != "s" and verb not in _STATES
    )


_DONE = re.compile(r" (?:is|are) (?:[a-z]+ly )?([a-z]+ed)\b")
OF_WORDS = one_of("""
    mentioned listed asked described suggested implied needed expected required excluded rejected
    ruled eliminated considered called named labelled labeled indicated replaced explained supposed
    caused confused written denied contradicted supported based associated related classified
    categorized defined included limited""")
"""What a text does with a word, rather than somebody with a sound"""
_STATES = one_of("""
    is was has does as its this differs resembles belongs fits matches means refers implies suggests
    indicates seems appears looks needs requires points rules makes gives produces uses tends ranges
    likes thinks eliminates sounds noises comes goes counts lacks helps works represents contains
    includes features consists plus versus usually always perhaps sometimes times remains stays wins
    ranks scores equals deserves originates exists dates wants covers""")
_AUDIBLE = one_of("audible heard present noticeable")
_WHAT = one_of("what sound instrument noise source out")


def opens(before: list[str]) -> bool:
    """Say whether a phrase begins a clause here: "a dog", "heavy rain", "three small dogs"."""
    for back in range(1, 5):
        word = last(before, back)
        if _begins(word):
            return True
        if word in ARTICLES or word in NUMBERS:
            return _begins(last(before, back + 1))
        if word in _NO_MODIFIER or not word.replace("-", "").isalpha():
            return False
    return False


def _begins(word: str) -> bool:
    return not word or word[-1] in ",;:-–•*])" or word[-1].isdigit() or word in _OPENS


_OPENS = one_of("and but then s seconds while as where meanwhile whereas background")
_NO_MODIFIER = STOPS | one_of("""
    is are was were there's isn't aren't wasn't weren't hear heard notice contains features has
    includes with of only without lacks lacking no neither nor not never don't cannot can't my his
    her their its our your this that these those be been under over behind every each he she they it
    said says dogs""")
