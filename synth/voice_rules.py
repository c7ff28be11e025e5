"""Whether a sentence says that the voice is a man's or a woman's, and which language is spoken.

A sex is claimed of *the* voice alone: "a male voice says" leaves room for others, "a single male
voice", "Gender: male" and "the lead vocals are male" do not. Standard library only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from synth.denials import Found
from synth.prose import MARKS, last, lead, one_of, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synth.prose import Words

SEXES = one_of("male female man woman")
LANGUAGES = one_of("""
    english german french spanish italian portuguese mandarin chinese cantonese japanese korean
    hindi arabic russian dutch turkish swedish greek polish vietnamese thai indonesian hebrew
    ukrainian urdu bengali tamil persian farsi danish norwegian finnish czech hungarian latin""")

_VOICES = one_of("""
    speaker voice narrator vocalist singer lead vocal vocals narration announcer presenter
    rapper""")
_KEYS = one_of("gender sex speaker voice vocals vocal vocalist singer narrator")
_SOLE = one_of("the singer's speaker's narrator's vocalist's lead main sole lone only single")
_QUALIFIES = one_of("""
    a an clearly definitely adult young younger older old elderly mature deep native single
    middle-aged unmistakably distinctly""")
_DELIVERED = one_of("spoken sung delivered narrated voiced performed read narration recited rapped")
_BELONGS = one_of("belongs belonging")
_THIS = (["it", "is"], ["it's"], ["this", "is"], ["that", "is"])
_ALONE = re.compile(
    r" (?:adult )?(?:speaker|voice|vocalist|singer|narrator|performer|announcer|presenter|vocal)\b"
    r"(?!s| (?:and|or)\b)"
)
_LEADS = re.compile(r" (?:lead|singing|solo) (?:vocals?|voice|vocalist|singer)\b")
_SINGS = re.compile(r" (?:(?:lead )?vocalist|singer|narrator|lead vocals?)\b(?!'s? (?:and|or)\b)")


def voice(sentence: str, low: str, its_words: Words) -> Iterator[Found]:
    """Find of which sex the voice is said to be."""
    both = not its_words.isdisjoint(("male", "man")) and not its_words.isdisjoint(
        ("female", "woman")
    )
    for sex in SEXES & its_words:
        for start in places(low, sex):
            end = start + len(sex)
            if low[end : end + 1].isalnum() or low[end : end + 1] == "-":
                continue
            before = lead(low, start)
            if _is_said(before, low, end) or (not both and _is_alone(before, low, end)):
                yield Found("voice_sex", "", sentence[start:end], start, end)


def _is_said(before: list[str], low: str, end: int) -> bool:
    """Say whether a sex is what the voice is said to be: "the voice is clearly male"."""
    near = [word for word in before if word not in _QUALIFIES and word != "who"]
    nearest, second = last(near), last(near, 2)
    if nearest[-1:] in "*:" and ":" in nearest:
        return nearest.strip(MARKS) in _KEYS and not any(
            word.strip(MARKS) in ("speakers", "if") for word in near[-3:]
        )
    if near in _THIS:
        return low.startswith("'s voice", end) or _ALONE.match(low, end) is not None
    if nearest in ("is", "are", "sounds"):
        if second in ("gender", "sex"):
            return last(near, 3) in _SOLE
        return second.strip(",") in _VOICES and last(near, 3) in _SOLE
    if nearest == "to":
        return second in _BELONGS and last(near, 3) in _VOICES
    aside = nearest[-1:] == "," and nearest[:-1] in _VOICES and second in _SOLE
    return aside and before[-1] != nearest and not low.startswith(" and ", end)


def _is_alone(before: list[str], low: str, end: int) -> bool:
    """Say whether a sex qualifies a voice that has no other beside it: "the male vocalist"."""
    back = next((at for at, word in enumerate(reversed(before)) if word not in _QUALIFIES), 0)
    nearest = last(before, back + 1)
    if "single" in before[-2:] or nearest in ("solo", "lone", "sole"):
        return _ALONE.match(low, end) is not None
    if nearest == "by":
        return back > 0 and not _DELIVERED.isdisjoint(before[-back - 3 :])
    if _LEADS.match(low, end):
        return True
    if nearest == "lead":
        return low.startswith((" vocal", " singer", " voice"), end)
    return last(before) in ("the", "one") and _SINGS.match(low, end) is not None


# Languages ---------------------------------------------------------------------------------------

_SPEAK = one_of("""
    speaks speak speaking spoke sings sing singing talks talk talking raps rapping says say saying
    said asks asking announces announcing converse converses conversing conversation dialogue
    discussion speech lyrics vocals lyric sung spoken narration narrates narrating narrated reads
    reading recites reciting delivered delivers delivering performed performs lecture monologue
    song sermon interview announcement shouts shouting whispers whispering chants chanting argue
    arguing chat chatting chats speaker""")
_IN_PERSON = one_of("speaks speak speaking uses sings sing singing using talks talk")
_WHO = one_of("""
    he she they speaker speakers voice voices singer narrator vocalist man woman people person both
    is are while and someone""")
_MANNER = one_of("clear fluent standard rapid fast american british australian brazilian mexican"
                 " indian modern native accented heavily fluently clearly")  # fmt: skip
_ENDS = re.compile(r"(?: chinese)?\**\s*(?:$|[.,;!)(\"'])| (?:throughout|with|here)\b")
_GOES_ON = re.compile(
    r"(?: chinese)?(?:\**\s*(?:$|[-.,;:!)(\"'–—])| (?:throughout|with|here|over|while|about|to|at"
    r"|as|for|from|in|on|is|are|then|which|and then|before|during|accompanied|saying|by|against"
    r"|alongside|into|delivers?"
    r"|and (?!(?:" + "|".join(sorted(LANGUAGES)) + r")\b))\b)"
)
_SPEECH_AFTER = re.compile(
    r"(?:(?: chinese)? (?:speech|lyrics?|vocals?|dialogue|conversation|narration|song|announcement)"
    r"\b|[- ]language (?:\w+ )?(?:speech|song|lyrics|vocals|track|pop|rap|dialogue|broadcast"
    r"|conversation|narration|audio|recording)\b)(?! (?:class|course|teacher|lesson|folk)\b)"
)
_OTHERS = one_of("or not like learn learned learns taught studied that can")
_OTHER = re.compile(r"(?: chinese)?(?:/| or )")


def language(sentence: str, low: str, its_words: Words) -> Iterator[Found]:
    """Find the language that is spoken or sung."""
    names = LANGUAGES & its_words
    if len(names - {"chinese"}) > 1:  # "English to the clerk and French to his wife"
        return
    for name in names:
        for start in places(low, name):
            end = start + len(name)
            if low[end : end + 1].isalnum() or (name == "chinese" and _mandarin(low, start)):
                continue
            if _OTHER.match(low, end):
                continue
            before = lead(low, start)
            while last(before) in _MANNER:
                before.pop()
            if _spoken(before, low, end):
                end += len(" chinese") if low.startswith(" chinese", end) else 0
                yield Found("language", "", sentence[start:end], start, end)


def _mandarin(low: str, start: int) -> bool:
    return low.endswith("mandarin ", 0, start)


def _spoken(before: list[str], low: str, end: int) -> bool:
    """Say whether a language's name is that of what is spoken, by the words around it."""
    nearest = last(before)
    if _SPEECH_AFTER.match(low, end):
        return nearest not in ("of", "or", "not", "like", "an")
    if not _OTHERS.isdisjoint(before[-5:]):
        return False
    if ":" in nearest and nearest.strip(MARKS) in ("language", "languages", "lyrics"):
        return _ENDS.match(low, end) is not None
    if nearest in ("is", "was"):
        return "language" in before[-4:] and _ENDS.match(low, end) is not None
    if nearest == "in":
        near = [word.strip(MARKS) for word in before[-8:-1]]
        return not _SPEAK.isdisjoint(near) and _GOES_ON.match(low, end) is not None
    return (
        nearest in _IN_PERSON
        and last(before, 2).strip(MARKS) in _WHO
        and _GOES_ON.match(low, end) is not None
    )
