"""Whether a sub-question's wording asks for what its property answers.

The answer comes from an instrument, so a question that asks for something else makes a false label.
Each check here is a function from the wording to what is wrong with it, or None; strict on purpose,
since the teacher can be asked again.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from synth.answers import YES_OR_NO
from synth.cues import COMPARED, CUES, OWN
from synth.plain_questions import PLAIN, WORDS
from synth.spelling import parts
from synth.wording import speaker

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_CHARACTERS = 160
NEAR_COPY = 0.8
"""share of words in common from which on two questions say the same; set by eye"""

_STOP = frozenset(
    {"a", "an", "and", "are", "at", "audio", "be", "been", "by", "can", "clip", "could", "did",
     "do", "does", "following", "for", "from", "given", "hear", "heard", "how", "in", "is", "it",
     "its", "many", "much", "of", "on", "or", "provided", "recording", "sound", "sounds", "that",
     "the", "there", "these", "this", "those", "to", "track", "was", "were", "what", "when",
     "where", "which", "who", "with", "you"}
)  # fmt: skip
_YES_NO = re.compile(
    r"^(is|are|was|were|do|does|did|can|could|has|have|will|would)\b", re.IGNORECASE
)
_WHOLE = re.compile(
    r"\b(in|during|throughout|of|over) (the|this) (entire |whole |full )?"
    r"(recording|audio|clip|track|piece|song|music|excerpt|conversation|file|scene|speech)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(after|before|during|while|until|between|within|"
    r"(in|at|by|near|towards?) the (very )?(start|beginning|middle|end|first|second|last|final)|"
    r"(first|second|last|final) (half|part|seconds?|minutes?|section))\b",
    re.IGNORECASE,
)
_WHICH_AUDIO = re.compile(
    r"\b((in|of|during|on) )?(the )?"
    r"(audio \d+|(first|second|third|fourth) (recording|audio|clip))\b",
    re.IGNORECASE,
)
_ONE_OF_MANY = re.compile(
    r"\b((first|second|third|other|last|main) (speaker|person|voice|man|woman|one|talker|song)|"
    r"(loud|quiet|long|short|fast|slow|high|low)est|most|least)\b",
    re.IGNORECASE,
)
_GENDERED = re.compile(
    r"\b((fe)?male|(wo)?m[ae]n|boys?|girls?|child(ren)?|adults?)('s)?\b", re.IGNORECASE
)
_OF_SPEECH = frozenset(
    {"tempo", "key", "words", "word_count", "speech_rate", "pitch", "language", "first_word",
     "last_word",     "word_onset", "stressed_word", "pause_count", "longest_pause", "pitch_range"}
)  # fmt: skip
_ORDERED = frozenset({"event_order", "turns", "first_event", "last_event"})
_PLAIN = frozenset(
    {"after", "appear", "begin", "chronological", "come", "different", "event", "final", "first",
     "follow", "happen", "initial", "last", "main", "nois", "noise", "occur", "one", "order",
     "other", "people", "person", "place", "play", "sequence", "speak", "speaker", "start", "tak",
     "take", "talk", "temporal", "turn", "various"}
)  # fmt: skip
"""words, stemmed, that ask for an order of whatever is heard"""
_EVERYTHING = "overall whole entire total all any"
_ALIASES = {"speech": ("speech", "speak", "spoken", "talk", "voice"), "music": ("music", "musical")}


def content_words(text: str) -> tuple[str, ...]:
    """Lower-case words of a text that carry its meaning, crudely stemmed, in order."""
    return tuple(_stem(word) for word in _words(text) if word not in _STOP)


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def unprintable(text: str) -> bool:
    """Tell whether a text holds control, format, private or surrogate characters."""
    return any(unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs"} for letter in text)


def not_a_question(text: str) -> str | None:
    """Refuse what is not one short, plain question."""
    if unprintable(text):
        return "it holds control characters"
    if "..." in text or "…" in text or set(text) & set("<>{}[]|`"):
        return "it holds a placeholder or markup instead of plain words"
    if len(_words(text)) < 3:
        return "it is too short to be a question"
    if len(text) > MAX_CHARACTERS:
        return f"it is longer than {MAX_CHARACTERS} characters"
    if not text.endswith("?") or text.count("?") > 1:
        return 'it is not one question that ends with "?"'
    return None


def copies(text: str, original: str) -> bool:
    """Tell whether two questions are (nearly) the same words, in whatever order."""
    ours, theirs = set(_words(text)), set(_words(original))
    return bool(ours | theirs) and len(ours & theirs) / len(ours | theirs) >= NEAR_COPY


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


def names_answer(text: str, choices: Sequence[str], allowed: str) -> str | None:
    """Find the one choice that a leading question names; what `allowed` names itself is no leak.

    A question that names several choices asks between them and leads to none.
    """
    said = _padded(text)
    named = [
        choice
        for choice in choices
        if content_words(choice)
        and _padded(choice) in said
        and _padded(choice) not in _padded(allowed)
    ]
    return named[0] if len(named) == 1 else None


def _padded(text: str) -> str:
    return f" {' '.join(content_words(text))} "


def asks_another_thing(text: str, name: str, subject: str) -> str | None:
    """Refuse a wording that does not ask for this property of this subject.

    Args:
        text: the sub-question.
        name: property of the vocabulary.
        subject: what it is asked of, e.g. "door slam"; alternatives are parted by commas.
    """
    must, must_not = CUES[name]
    if not re.search(must, text, re.IGNORECASE):
        return f"it does not plainly ask for {name}"
    if must_not and (found := re.search(must_not, _without(text, name, subject), re.IGNORECASE)):
        return f'"{found[0]}" asks for something else than {name}'
    if bool(_YES_NO.match(text)) != (name in YES_OR_NO):
        wanted = "a yes-or-no question" if name in YES_OR_NO else "no yes-or-no question"
        return f"{name} wants {wanted}"
    if subject and not _names_all(text, name, subject):
        return f'it does not name "{subject}"' + (" in this order" if name in COMPARED else "")
    return None


def _names_all(text: str, name: str, subject: str) -> bool:
    """Tell whether a text names a subject; the two of a relation each on its own side."""
    called = speaker(name, subject)
    if name == "word_onset" or called:
        said = f" {' '.join(_words(text))} "
        return any(f" {' '.join(_words(one))} " in said for one in called or (subject,))
    both = parts(subject)
    if name not in COMPARED or len(both) != 2:
        return all(_names(text, part) for part in both)
    between = re.search(COMPARED[name], text, re.IGNORECASE)
    if not between:
        return False
    sides = text[: between.start()], text[between.end() :]
    return all(
        _names(side, mine) and not (_names(side, other) and not _names(mine, other))
        for side, mine, other in zip(sides, both, reversed(both), strict=True)
    )


def _names(text: str, subject: str) -> bool:
    """Tell whether a text names a subject: one of its names with all its words."""
    said = set(content_words(text))
    names = _ALIASES.get(subject.casefold(), tuple(subject.split(",")))
    return any(set(content_words(name)) <= said for name in names if content_words(name))


def _without(text: str, name: str, subject: str) -> str:
    """Take a subject's names out of a text: what is left is what is asked of it."""
    names = [one.strip() for part in parts(subject) for one in part.split(",")]
    for one in (*speaker(name, subject), *names):
        if len(one) > 1:
            text = re.sub(rf"\b{re.escape(one)}(?:e?s)?\b", " ", text, flags=re.IGNORECASE)
    return text


def plainly(name: str, subject: str) -> str:
    """Word a question after a property of a subject as plainly as can be."""
    text = PLAIN[name]
    for part in parts(subject):
        called = (*speaker(name, part), part.split(",")[0])[0]
        shown = called if name == "word_onset" else f"the {called}"
        text = text.replace("{}", shown if called else "it", 1)
    return text


def asks_of_a_part(text: str, name: str, subject: str) -> str | None:
    """Refuse a wording that narrows the question to a stretch or a person: the fact is of all."""
    whole = _WHICH_AUDIO.sub(" ", _WHOLE.sub(" ", _without(text, name, subject)))
    whole = re.sub(OWN[name], " ", whole, flags=re.IGNORECASE) if name in OWN else whole
    if name not in _ORDERED and (found := _PART.search(whole)):
        return f'it asks about a part of the recording ("{found[0]}")'
    if found := _ONE_OF_MANY.search(whole):
        return f'it asks about one of several ("{found[0]}")'
    if name in _OF_SPEECH and (found := _GENDERED.search(whole)):
        return f'it asks about some speaker ("{found[0]}"), not about all speech'
    if re.search(r"\d", whole) and not re.search(r"\d", subject):
        return "it names a number"
    return None


def names_stranger(text: str, name: str, subject: str, known: str) -> str | None:
    """Refuse a word that could ask for less than the fact tells, or for something else.

    "Is a female voice heard?" is not what an instrument that hears speech has answered. Only an
    order may name what question and choices speak of: it asks of all that is heard; tempo and key
    may say what music it is.

    Args:
        text: the sub-question.
        name: property of the vocabulary.
        subject: what it is asked of.
        known: question and choices.
    """
    if name in _ORDERED:
        allowed = {*content_words(known), *_PLAIN}
    elif name in WORDS:
        aliases = _ALIASES.get(subject.casefold(), ())
        told = f"{WORDS[name]} {_EVERYTHING} {' '.join(aliases)}".split()
        forms = (form for one in told for form in (one, f"{one}s", f"{one}d", f"{one}ing"))
        allowed = set(content_words(f"{' '.join(forms)} {subject}"))
    else:
        return None
    whole = _WHICH_AUDIO.sub(" ", _WHOLE.sub(" ", _without(text, name, subject)))
    strange = [word for word in content_words(whole) if word not in allowed]
    return f'"{strange[0]}" could ask for something else than {name}' if strange else None


def names_no_audio(text: str, audio: int) -> str | None:
    """Of several recordings, refuse a wording that leaves open or mistakes which one is meant."""
    ordinal = {1: "first", 2: "second", 3: "third", 4: "fourth"}.get(audio, "")
    found = [one[0].casefold() for one in _WHICH_AUDIO.finditer(text)]
    meant = [one for one in found if f"audio {audio}" in one or (ordinal and ordinal in one)]
    return None if meant and len(meant) == len(found) else f'it does not say "in audio {audio}"'
