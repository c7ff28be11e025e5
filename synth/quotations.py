"""Quoted words that a sentence says are spoken in the recording. Standard library only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from synth.denials import Found
from synth.prose import last, one_of, words

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOUBLE = re.compile(r'"[^"\n]{2,300}"')
_SINGLE = re.compile(r"'(?:[^'\n]|(?<=\w)'(?=\w)){3,200}'(?!\w)")
_SPEAKS = one_of("""
    say says said saying speaks speak spoken phrase phrases word words hear hears heard ask asks
    asked asking shout shouts shouted whisper whispers sing sings sung lyrics lyric utters uttered
    utterance transcript transcription reply replies replied states stated stating statement
    exclaims exclaiming exclaimed declares announces announcing announcer repeats repeating
    mentions mentioning responds responding expresses greets greeting questions speech content
    agree chant chants yells yelling yelled answers murmurs screams calls calling called begins
    opens concludes ends line lines mutters muttering murmuring remarks adds continues insists
    warns warning tells telling told cries quote quotes recites reciting reads transcribed
    transcribes sentence sentences raps apologizes thanks interjects""")
_NAMES_WORDS = one_of("""
    phrase phrases word words lyrics lyric line lines transcript transcription speech content
    sentence sentences questions answers opens begins ends quote quotes called""")
_SPEAKS_AFTER = _SPEAKS - _NAMES_WORDS
_OF_THE_TASK = one_of("""
    question user users prompt option options choice choices label labels title task answer
    description metadata sign text""")
_SPEAKER = re.compile(r"[\s*-]*(?:speaker|person) \w{1,6}\b")
_NOT_SPOKEN = one_of("""
    a an so-called called titled named labelled labeled tagged term genre category style song track
    album film show as described""")
"""Words directly before a quotation that make it a name, a kind or a noise"""
_A_KIND = re.compile(
    r"[- ]?(?:like|sound|sounds|noise|noises|effect|style|feel|vibe|genre|rhythm|pattern|character"
    r"|quality|mood|category|label|tag|option|answer|song|track|album|section|type"
    r"|in the (?:question|title|prompt|options?))\b"
)
_CHAINED = re.compile(r"[\s,.]*(?:and|then)?\s*")
_ONE_WORD = re.compile(
    r"(?<!'s )(?<!\bhis )(?<!\bher )(?<!their )\b(first|last|final) word"
    r"(?: (?:that is )?(?:spoken|said|heard))? (?:is|was) $"
)
_LOOK_BACK, _LOOK_AHEAD = 60, 40


def quoted(sentence: str) -> list[tuple[int, int]]:
    """Find where a sentence quotes, the quotation marks included."""
    found = [match.span() for match in _DOUBLE.finditer(sentence)]
    if " '" in sentence or sentence.startswith("'"):
        rest = unquoted(sentence, found)
        for match in _SINGLE.finditer(rest):
            start = match.start()
            if not rest[start - 1 : start].isalnum():
                found.append(match.span())
        found.sort()
    return found


def unquoted(text: str, places: list[tuple[int, int]]) -> str:
    """Blank what is quoted: a text does not itself say that."""
    parts: list[str] = []
    past = 0
    for start, end in places:
        parts += (text[past:start], " " * (end - start))
        past = end
    return "".join([*parts, text[past:]])


def quotations(sentence: str, places: list[tuple[int, int]]) -> Iterator[Found]:
    """Find what is quoted as spoken; of the first and the last word, which they are."""
    low = sentence.lower()
    chain = -1
    speaker = _SPEAKER.match(low) is not None
    for start, end in places:
        before = low[max(0, start - _LOOK_BACK) : start]
        around = words(before).split()
        if not _OF_THE_TASK.isdisjoint(around) or last(before.split()) in _NOT_SPOKEN:
            continue
        if _A_KIND.match(low, end):
            continue
        spoken = speaker or not _SPEAKS.isdisjoint(around)
        spoken = spoken or (chain >= 0 and _CHAINED.fullmatch(low, chain, start) is not None)
        if spoken or not _SPEAKS_AFTER.isdisjoint(words(low[end : end + _LOOK_AHEAD]).split()):
            chain = end
            said = sentence[start + 1 : end - 1]
            yield Found("words", "", said, start, end)
            if "word" in around and " " not in said and (which := _ONE_WORD.search(before)):
                name = "first_word" if which[1] == "first" else "last_word"
                yield Found(name, "", said, start, end)
