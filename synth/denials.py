"""What a sentence says without claiming it: denied, supposed, hedged, weighed, or told of others.

Sentences are in small letters. All doubts are words: where a sentence holds none of them, there is
little left to look at. Standard library only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from synth.prose import MARKS, lead, one_of

if TYPE_CHECKING:
    from synth.prose import Words


class Found(NamedTuple):
    """What a rule found in a sentence, with its place in it."""

    property: str
    subject: str
    said: str
    start: int
    end: int


_DENIALS = one_of("""
    not no never neither nor none nobody nothing without unlike than isn't aren't wasn't weren't
    don't doesn't didn't can't cannot won't haven't hasn't hadn't shouldn't exclude excludes
    excluded excluding eliminate eliminates eliminated eliminating reject rejects rejected
    rejecting discard discarded rule rules ruled ruling deny denies denied false wrong incorrect
    incorrectly versus vs least most over under above below exceeds exceeding less more fewer up
    closer closest nearer nearest far option choice such many hardly barely scarcely doubling
    halving half double doubled rises speeds slows drops accelerates increases decreases""")
"""Deny what follows in their phrase"""
_HEDGES = one_of("""
    if whether unless initially might may would could should couldn't wouldn't perhaps maybe
    possibly probably potentially presumably apparently supposedly likely unlikely unclear
    unsure almost nearly either or seem seems seemed seemingly appear appears appeared suggest
    suggests suggested suggesting suppose supposed suspect suspected guess guessed assume
    assumes assumed assuming doubt doubts doubtful expect expects expected thought think imagine
    imagined typical typically usual usually generally normally commonly often sometimes instead
    hypothetical possible plausible conceivable sampled normalise normalised normalises
    normalize normalized normalizes caption metadata listen listening target targets""")
"""Take back what follows in their clause"""
_REPORTS = one_of("""
    says said saying say tells told telling tell mentions mentioned mentioning mention claims
    claimed explains explained talks talking talk recalls recalling describes asks asked asking
    reports like resemble resembles resembling similar reminiscent mimics imitates imitating""")
_DOUBTS = _DENIALS | _HEDGES | {"t", "between", "first"}  # "isn't" is two words to `words`
_ENDS_A_CLAUSE = one_of("but so therefore thus hence yet because since")
_TALK = one_of("conversation dialogue discussion exchange debate place interview argument")
_DENIED_AFTER = re.compile(
    r"[\"')*]{0,3}(?:/|\+|[\s,(]{0,3}(?:or (?!so\b)|nor |at (?:most|least)\b|and (?:above|more)\b"
    r"|plus\b|(?:and |or )?(?:perhaps|maybe|possibly|probably|presumably|i (?:guess|think))\b"
    r"(?! (?:an?|the|from)\b))"
    r"| in (?:many|most|any|other|such)\b| of (?:option|choice)\b|(?:,? which)?(?: (?:is|are|was"
    r"|were|does|do|did|has|can|could|would|might|may|seems?|sounds?|being|as))? (?:too (?:slow"
    r"|fast|high|low|many|few|loud|quiet)|not|wrong|incorrect|false|(?:more |most |less )?"
    r"(?:un)?likely|im(?:possible|plausible)|possible|ruled out|excluded|eliminated|rejected"
    r"|inconsistent|cannot|contradicts?|expected|unclear|uncertain|questionable|could|would|might"
    r"|may|[a-z]{2,6}n't)\b)"
)


def asserted(low: str, words: Words, start: int, end: int, *, absent: bool = False) -> bool:
    """Say whether what stands at a place is said as so: neither denied nor hedged nor an option.

    Of what is said to be absent, only that it is hedged matters.
    """
    if not absent and _DENIED_AFTER.match(low, end):
        return False
    if low[start - 2 : start - 1] in _LETTERING and _LETTERED.search(low, max(0, start - 5), start):
        return False
    return _DOUBTS.isdisjoint(words) or not _doubted(lead(low, start), absent=absent)


_LETTERING = frozenset(").:(")
_LETTERED = re.compile(r"(?:^|(?<!speaker)(?<!person)(?<!voice)\s)\(?[a-h][).:]\s?\(?$")


def _doubted(before: list[str], *, absent: bool) -> bool:
    """Say whether the words before a claim, back to its clause's beginning, take it back."""
    near = not absent
    for word in reversed(before):
        plain = word.strip(MARKS)
        if plain in _HEDGES and not (absent and plain == "or"):
            return True
        if (near and plain in _DENIALS) or (plain == "first" and "at" in before):
            return True
        if plain == "between":
            return _TALK.isdisjoint(before)
        if word[-1] in ",;:!?)" or plain in _ENDS_A_CLAUSE:
            return False
        near = near and plain != "and"
    return False


def reported(low: str, words: Words, start: int) -> bool:
    """Say whether somebody in the recording says what stands at a place, or it is a likeness."""
    if _REPORTS.isdisjoint(words):
        return False
    before = lead(low, start)[-8:]
    told = not _REPORTS.isdisjoint(before) and any(
        word in _REPORTS and before[max(0, at - 1) : at] not in _I for at, word in enumerate(before)
    )
    return told or (_SAID_AFTER.search(low, start, start + 120) is not None)


_I = (["i"], ["i'd"], ["can"])
_SAID_AFTER = re.compile(r", (?:he|she|they|the \w{1,12}) (?:says?|said|tells?|explains|claims)\b")


# Whole sentences ---------------------------------------------------------------------------------

_SUPPOSING = one_of("""
    if whether suppose supposing assuming imagine had were unless could let eliminate compare
    consider look""")
_OTHERS = one_of("other previous earlier original next second another third full")
_RECORDINGS = one_of("recording clip version take song audio track excerpt one file sample")
_TASK = one_of("question user prompt labels list")
_WEIGHED = one_of("""
    possible candidate candidates potential options choices alternatives likely expected""")
_ASKS = one_of("asks asked asking list labels wants")
_OPENS_A_SUPPOSITION = _SUPPOSING | _WEIGHED
_LOOSE = _OPENS_A_SUPPOSITION | _OTHERS | _ASKS | {"would", "first"}
_FIRST_OF_SEVERAL = re.compile(r"\b(?:in|of) the first (?:clip|recording|sample|file)\b")


def supposes(low: str, words: Words) -> bool:
    """Say whether a whole sentence asks, supposes, retells the task, or speaks of another clip."""
    if low.endswith("?") or low.rstrip(" \"')*").endswith("?"):
        return True
    if _LOOSE.isdisjoint(words):
        return False
    if "would" in words or ("first" in words and _FIRST_OF_SEVERAL.search(low)):
        return True
    if not _OPENS_A_SUPPOSITION.isdisjoint(words):
        first = [word.strip(MARKS) for word in low.split(maxsplit=4)[:4] if word[0] not in "-*"]
        first = first[1:] if first[:1] == ["the"] else first
        if not _OPENS_A_SUPPOSITION.isdisjoint(first[:1]):
            return True
    if not _ASKS.isdisjoint(words) and not _TASK.isdisjoint(words):
        return True
    others = _OTHERS & words
    return bool(others) and any(_elsewhere(low, other) for other in others)


def _elsewhere(low: str, other: str) -> bool:
    """Say whether a word makes it another recording: "the other clip", "of the original"."""
    before, _, after = f" {low}".partition(f" {other}")
    if other == "original" and before.endswith(" of the"):
        return True
    follows = after.split(maxsplit=1)
    return bool(follows) and after[0] == " " and follows[0].strip(MARKS) in _RECORDINGS
