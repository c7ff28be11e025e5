"""What may stand around an answer and says nothing: frames, marks, typography. Standard library."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    _Read = TypeVar("_Read")

KEPT = 16_384
"""readings kept a reader: what a group of rollouts says, many times over"""
LONGEST_KEPT = 200  # characters: longer text is seldom said twice, and would fill the memory

_SIGNS = str.maketrans(
    {"♯": "#", "♭": "b", "♮": "", "’": "'", "‘": "'", "“": '"', "”": '"', "−": "-", "–": "-",
     "—": "-"}
)  # fmt: skip


def remembered(read: Callable[[str], _Read]) -> Callable[[str], _Read]:
    """Keep what a reader made of short texts: rollouts say the same things again and again."""
    kept = lru_cache(maxsize=KEPT)(read)

    @wraps(read)
    def reader(text: str) -> _Read:
        return kept(text) if len(text) <= LONGEST_KEPT else read(text)

    return reader


def clean(text: str) -> str:
    """Undo what typography and hiding do to text: NFKC, one kind of sign, no invisible letters."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    return "".join(sign for sign in composed if unicodedata.category(sign) != "Cf")


def letter_by_letter(text: str) -> str | None:
    """Give what `clean` gives where every letter keeps its place, else None."""
    if text.isascii():
        return text
    signs = text.translate(_SIGNS)
    # No invisible letter is printable; nor is a line end, which `clean` keeps.
    visible = signs.replace("\n", " ").isprintable() and len(signs) == len(text)
    return signs if visible and unicodedata.is_normalized("NFKC", signs) else None


STRUCK = "~~"
"""Markdown's mark of what is struck out, and so not said"""
HEDGE = re.compile(
    r"\b(?:or|maybe|perhaps|possibly|probably|either|neither|nor|not|no|never|none|cannot|unclear"
    r"|unknown|unsure|might|could|may|if|unless|whether|but|except|without|\w+n't|rather|instead"
    r"|versus|vs|and/or|likely|unlikely|presumably|apparently|supposedly|guess|doubt|hardly|barely"
    r"|almost|anything)\b"
)
_MUSIC = r"(?:the|this) (?:music|song|piece|track|recording|clip|audio|melody|sound|voice|speech)"
_FRAME = re.compile(
    r"(?:so|therefore|thus|hence|clearly|certainly|definitely|(?:there is )?no doubt|without doubt)"
    r"(?: that)?[,:]? "
    r"|(?:i think|i believe|i would say|i'd say)(?: that)?[,:]? "
    r"|(?:(?:the|my|its) )?(?:(?:correct|final|right|best|estimated|overall|median|integrated"
    r"|musical|spoken) )*(?:answer|tempo|key|pitch|loudness|speech rate|speaking rate|language"
    r"|number of [a-z]+|count|onset|order|sequence|(?:first|last) (?:event|sound|word)|transcript"
    r"|words|met(?:re|er)|time signature|tonic|mode|chords?|chord (?:progression|sequence)"
    r"|(?:stressed|emphasi[sz]ed) word|loudness range|(?:reverberation|reverb) time|bandwidth"
    r"|pitch (?:range|contour)|(?:playback )?speed|noise (?:level|floor)|longest pause|ratio"
    rf"|duration|option|choice)(?: of {_MUSIC})?"
    r"(?: (?:is|was|are|would be):?(?= )| ?[:=]) ?"
    rf"|(?:(?:it|{_MUSIC}) has )?an? (?:tempo|pitch|loudness|duration|length|speech rate) of "
    r"|it (?:is heard|can be heard|happens|occurs|starts|begins|ends|stops|lasts) (?=\S)"
    r"|(?:for|after) (?=\d)|in (?=[a-z]+$)"
    r"|(?:it is|it's|this is|there (?:is|are|was|were)|(?:i|we)(?: can)? hear|at) (?=\S)"
    rf"|{_MUSIC} is (?=(?:in|at) )"
    r"|(?:the |an? )?sounds? of (?=\S)"
    r"|(?:they|he|she|the (?:speakers?|man|woman|voice)) (?:speaks?|(?:is|are) speaking)(?: in)? "
    r"(?=\S)"
    r"|(?:it|the (?:music|tempo|sound|pitch|volume|loudness|voice|melody|recording)) (?:gradually |"
    r"steadily |slowly )?(?=(?:gets|becomes|grows|stays|remains|keeps|rises|falls|goes|speeds|slows"
    r"|accelerates|decelerates|increases|decreases|ascends|descends|moves|swells|fades) ?"
    r"|does not (?:change|move))",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r",? (?:in total|in all|altogether)"
    r"| is spoken|(?<=\d s) long|(?<=seconds) long"
    r"|(?: is|,) (?:(?:the|my) )?(?:correct|right|best|final) (?:answer|option|choice)"
    r"|(?<!answer) is correct",
    re.IGNORECASE,
)
_LATEX = re.compile(
    r"\\(?:boxed|text|textbf|textit|mathrm|mathbf|mathit) ?\{([^{}]*)\}|\\\(([^\\]*)\\\)"
    r"|\$(?! )([^$]*)(?<! )\$(?!\d)|\\(?= )"
)
_AROUND = " \"'*`"


def peeled(text: str) -> Iterator[str]:
    """Take the frames that say nothing from an answer one by one, from the whole to the bare."""
    plain = " ".join(clean(text).split())
    if "\\" in plain or "$" in plain:
        plain = _unset(plain)
    plain = _trimmed(plain)
    yield plain
    if tail := _tail(plain):
        plain = _trimmed(plain[: tail.start()])
        yield plain
    for _ in range(4):  # "So I think that the answer is: it is X" has four frames
        if not (frame := _FRAME.match(plain)):
            break
        plain = _trimmed(plain[frame.end() :])
        yield plain


def _trimmed(plain: str) -> str:
    return plain.replace("**", "").strip(_AROUND).rstrip(".!").rstrip(_AROUND)


def _tail(plain: str) -> re.Match[str] | None:
    """Find the tail of an answer: "B is the correct answer"."""
    found = next(_TAIL.finditer(plain), None) if " " in plain else None
    return found if found and found.end() == len(plain) and found.start() else None


def _unset(plain: str) -> str:
    r"""Undo what LaTeX sets: "$\boxed{\text{E}}$" -> "E"."""
    if plain.startswith("$") and plain.endswith("$"):
        plain = plain[1:-1]
    for _ in range(3):  # the innermost first
        plain = _LATEX.sub(lambda found: "".join(filter(None, found.groups())), plain)
    return plain.strip()


@remembered
def bare(text: str) -> str:
    """Give an answer without its frame: "The tempo is 120 bpm." -> "120 bpm"."""
    return list(peeled(text))[-1]
