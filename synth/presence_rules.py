"""Whether a sentence says that a sound is heard, or that it is not.

What stands before a mention is read backwards, word by word, to what opens the phrase ("there is",
"I hear", "the sound of"); what stands behind it is matched at its end. Standard library only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from synth.denials import Found, asserted
from synth.prose import NUMBERS, last, lead, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synth.prose import Words


class Mention(NamedTuple):
    """A known sound where a sentence names it."""

    name: str
    start: int
    end: int


ARTICLES = one_of("a an the some any both")
_IS = one_of("is are was were there's")
_IS_NOT = one_of("isn't aren't wasn't weren't")
_NO = one_of("no neither nor")
_NOT = one_of("not never don't cannot can't didn't couldn't")
_HEAR = one_of("hear heard")
_US = one_of("i we")
_SOUNDS = one_of("sound sounds noise presence")
_WITH_NO = one_of("contains features has includes but with and")
_OPENERS = _IS | _IS_NOT | _HEAR | _WITH_NO | {"of", "without"}
_STOPS = one_of("""
    if when while as because whether that which who like about for in on at to from by into over or
    then than before after until unlike per between such similar resembles much lot lack
    longer mention except besides apart""")
_GOES_ON = re.compile(
    r"\s*(?:$|[.,;:!)*\"'])| (?:in|on|at|from|with|without|throughout|during|near|behind|under|and"
    r"|but|or|nor|that|which|who|here|also|is|are|was|then|sounds?|noises?|audible|heard|present"
    r"|coming|voices?|beats?|music|despite|[a-z]{3,}(?:ing|ly|ed))\b"
)
_HEARD = re.compile(
    r"(?: sounds?| noises?| (?:and|n?or) (?:an? )?[a-z]+(?: [a-z]+)?)?"
    r" (?:(?:is|are|was|were|can be) (?P<not>not )?(?:(?!hardly)[a-z]+ly |also )?"
    r"(?:heard|present|audible|detected|detectable|noticeable|unmistakable)\b"
    r"(?! in (?:many|most|any|other|such)\b)"
    r"|(?:is|are|was|were) (?P<gone>absent|inaudible|missing)\b)"
)
_FOR_A_WHILE = re.compile(
    r" (?:until|together|clearly|again|any ?more|yet|longer|before|after|during|except|besides"
    r"|apart|(?:other|more|less|louder) than|(?:at|in|for|from) the (?:first|second|last|middle"
    r"|beginning|start|end|intro|verse|chorus|list)|at first)\b"
)
_WHEN = one_of("during until half towards after before once first last")
_VERBS = one_of("""
    bark barks ring rings chirp chirps meow meows blare blares wail wails rumble rumbles
    slam slams knock knocks honk honks beep beeps buzz buzzes hum hums cough coughs sneeze sneezes
    laugh laughs cry cries scream screams clap claps chime chimes click clicks crackle crackles
    growl growls howl howls roar roars whistle whistles play plays pass passes overlap
    start starts begin begins follow follows sing sings crow crows tick ticks""")
_STEMS = frozenset(word.rstrip("e") for word in _VERBS)
_DOING = re.compile(r" (?:(?:is|are) ([a-z]+)ing|([a-z]+))\b")
_SUBORDINATE = one_of("if when while as because whether until before after since though")
_LISTING = {
    "features": "features", "featuring": "featuring", "contains": "contains",
    "includes": "includes", "including": "including", "both": "both",
    "dominated": "dominated by", "consists": "consists of", "recording": "is of", "audio": "is of",
}  # fmt: skip
"""word by which a list is noticed -> what opens it"""
_WHOLE = one_of("audio recording clip music track piece song instrumentation excerpt hear")
_LIST_ENDS = one_of("""
    which that about as rather instead without but while not no creating giving adding for to who
    where when from than""")
_INFERS = ("suggest", "indicat", "contribut", "creat")
_UNSURE = one_of("possibly likely perhaps maybe or no probably like either word words title name")
_AND = re.compile(
    r"(?:,|,? (?:and|or|nor))(?: (?:a|an|the|any|some))?"
    r"(?: (?!(?:no|not|then|only|just)\b)[a-z]+)? "
)
CUES = _HEAR | _SOUNDS | _VERBS | _LISTING.keys() | one_of("""
    there present audible detected detectable noticeable unmistakable absent inaudible missing no
    without neither absence""") | {f"{stem}ing" for stem in _STEMS}  # fmt: skip
"""Words without one of which a mention claims no presence"""


def presences(low: str, its_words: Words, cues: Words, mentions: list[Mention]) -> Iterator[Found]:
    """Find which sounds are said to be heard, or absent; what is listed shares its first's lot."""
    begun, ended = _listed(low, cues)
    past, was = 0, ""
    for one in mentions:
        says = ""
        if begun <= one.start < ended:
            unsure = low[begun : one.start].rpartition(",")[2].split()
            says = "yes" if _UNSURE.isdisjoint(unsure) else ""
        else:
            if was and (joined := _AND.fullmatch(low, past, one.start)):
                unlike = was == "yes" and (" or " in joined[0] or not _GOES_ON.match(low, one.end))
                says = "" if unlike else was
            says = says or _says(low, one)
        past, was = one.end, says
        absent = says == "no"
        if absent and _for_a_while(low, one):
            continue
        if says and asserted(low, its_words, one.start, one.end, absent=absent):
            yield Found("presence", one.name, says, one.start, one.end)


def _for_a_while(low: str, one: Mention) -> bool:
    """Say whether a sound is absent, but not from the whole recording."""
    after = _FOR_A_WHILE.search(low, one.end, one.end + 50)
    return after is not None or not _WHEN.isdisjoint(lead(low, one.start))


def _listed(low: str, cues: Words) -> tuple[int, int]:
    """Give where the list stands of what the recording is said to contain."""
    for noticed in sorted(cues & _LISTING.keys()):
        at = low.find(f" {_LISTING[noticed]} ") + 1
        begun = at + len(_LISTING[noticed])
        if not at or low.startswith((" no ", " neither "), begun):
            continue
        if _WHOLE.isdisjoint(lead(low, at)[-6:]):
            continue
        ended = begun
        for word in low[begun : begun + 160].split(" "):
            if word in _LIST_ENDS or word.startswith(_INFERS):
                break
            ended += len(word) + 1
            if word[-1:] in (".", ";"):
                break
        return begun, ended
    return 0, 0


def _says(low: str, one: Mention) -> str:
    """Say "yes" or "no" by what stands around a mention; "": it says neither."""
    before = lead(low, one.start)
    if follows := _HEARD.match(low, one.end):
        if follows["gone"] or follows["not"] or not _NO.isdisjoint(before[-3:]):
            return "no"
        return "yes" if _SUBORDINATE.isdisjoint(before[-4:]) else ""
    absent = False
    for back, word in enumerate(reversed(before[-6:]), start=1):
        if word in _NO or word in _NOT:
            absent = True
        elif word in _OPENERS:
            if says := _opened(word, before[:-back], low, one, absent=absent):
                return says
            if word not in _IS and word not in _IS_NOT:
                break
        elif word in _STOPS or word[-1] in ",;:" or (back > 3 and word not in ARTICLES):
            break
    return "yes" if not absent and _sounds(before, low, one) else ""


def _opened(word: str, rest: list[str], low: str, one: Mention, *, absent: bool) -> str:
    """Say what a phrase claims that a word opens: "there is a", "I hear a", "the sound of"."""
    nearest = last(rest)
    if word == "of":
        heard = nearest in _SOUNDS and not absent and _NO.isdisjoint(rest[-3:])
        return "yes" if heard else ("no" if nearest == "absence" else "")
    if word == "without" or word in _WITH_NO:
        return "no" if absent or word == "without" else ""
    if word in _HEAR:
        opens = not _US.isdisjoint(rest[-4:])
        denied = absent or not _NOT.isdisjoint(rest[-3:])
    else:
        opens = word == "there's" or "there" in rest[-2:]
        denied = absent or word in _IS_NOT or nearest in _NOT
    if not opens or not _GOES_ON.match(low, one.end):
        return ""
    return "no" if denied else "yes"


def _sounds(before: list[str], low: str, one: Mention) -> bool:
    """Say whether a sound is the subject of a main clause, of a verb of sounding."""
    doing = _DOING.match(low, one.end)
    if doing is None or (doing[1] or doing[2]) not in (_STEMS if doing[1] else _VERBS):
        return False
    noun = doing[2] and doing[2][-1] != "s" and low[one.end - 1] != "s"  # "a dog whistle"
    if noun or not _SUBORDINATE.isdisjoint(before):
        return False
    for back in (1, 2, 3):  # "a dog", "a small dog", "three small dogs"
        word = last(before, back)
        if not word or word[-1] in ",;:":
            break
        if word in ARTICLES or word in NUMBERS:
            before = before[:-back]
            break
    opens = last(before)
    return not opens or opens[-1] in ",;:" or opens[-1].isdigit() or opens in _OPENS


_OPENS = one_of("and but then s seconds")
