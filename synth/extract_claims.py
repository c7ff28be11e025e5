"""Have a teacher copy claims out of prose into the closed vocabulary; code checks every copy.

The teacher never judges. A copy counts only where its quote stands in the text, its value and its
subject stand in the quote, and the text neither denies nor doubts it; what fails is told with why.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas import VOCABULARY, Claim, identity, property_named
from schemas.errors import BadReply
from synth.prompting import prompt, quoted
from synth.requests import Message, Request, asked_again
from synth.spelling import label, parts, polarity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synth.requests import Wrong

VERSION = "1"

PIECE = 1200
"""characters of text a request: some 300 tokens"""
_REPLY = 600  # tokens, some 45 a claim
CONTEXT = 4096
"""tokens of one request: the vocabulary takes some 1,500, the text 300, the reply at most 600"""
_MOST_CLAIMS = 12  # of one piece: more is a model that repeats itself
_SENTENCE_END = re.compile(r"[.!?\n]+\s+")
_DENIES = re.compile(r"\b(?:not|no|never|neither|nor|none|without|\w+n't|cannot)\b", re.IGNORECASE)
_DOUBTS = re.compile(
    r"\b(?:or|maybe|perhaps|possibly|probably|either|unclear|unsure|might|could|may|if|whether)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.!?;:,\n]\s|\b(?:but|and)\b")
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+[#♯♭]?")
_SMALL = frozenset(("a", "an", "the", "of", "is", "are", "at", "in", "about", "and", "then"))
_WHETHER = frozenset(one.name for one in VOCABULARY if "yes or no" in one.description)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text that one request is about."""

    text: str
    start: int
    """its place in the whole text"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a teacher copied out of one piece of text."""

    claims: tuple[Claim, ...]
    refused: tuple[str, ...]
    """copies that the text does not bear out, each with why"""


def pieces(text: str) -> Iterator[Piece]:
    """Cut a text at sentence ends into pieces that fit one request."""
    start = 0
    while start < len(text):
        end = min(len(text), start + PIECE)
        if end < len(text):
            cuts = [found.end() for found in _SENTENCE_END.finditer(text, start, end)]
            end = cuts[-1] if cuts else end
        if text[start:end].strip():
            yield Piece(text=text[start:end], start=start)
        start = end


def extract_request(question: str, piece: Piece, wrong: Wrong | None) -> Request:
    """Ask for the claims in a piece of text; the question and its answer are not shown.

    Args:
        question: id of the question, to know the reply again by.
        piece: the text.
        wrong: why the last reply could not be used.
    """
    text = prompt("extract_claims")
    rows = "\n".join(f"- {one.name}: {one.description}" for one in VOCABULARY)
    request = Request(
        purpose="extract",
        record=question,
        messages=(
            Message(role="system", content=text.system.replace("{{properties}}", rows)),
            Message(role="user", content=text.example_user),
            Message(role="assistant", content=text.example_assistant),
            Message(role="user", content=f"Text: {quoted(piece.text, PIECE)}"),
        ),
        schema=json.dumps(_SCHEMA),
        max_tokens=_REPLY,
        prompt=text.name,
        prompt_sha256=text.sha256,
        variant=identity("piece", piece.text),
    )
    return asked_again(request, wrong)


_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": _MOST_CLAIMS,
            "items": {
                "type": "object",
                "properties": {
                    "property": {"enum": [one.name for one in VOCABULARY]},
                    **{name: {"type": "string"} for name in ("of", "value", "quote")},
                },
                "required": ["property", "of", "value", "quote"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["claims"],
    "additionalProperties": False,
}


def read_claims(reply: str, piece: Piece) -> Copied:
    """Read copied claims and hold each against the text.

    Raises:
        BadReply: it is not the JSON that was asked for.
    """
    try:
        copies = json.loads(reply)["claims"]
        rows = [tuple(str(one[name]) for name in ("property", "of", "value", "quote"))
                for one in copies]  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        message = f'it is not JSON of the form {{"claims":[...]}} ({type(error).__name__})'
        raise BadReply(message) from error
    claims: list[Claim] = []
    refused: list[str] = []
    for name, of, value, quote in dict.fromkeys(rows):
        place = _find(quote, piece.text)
        why = _unfit(name, of, value, quote) or _unsaid(name, value, place, piece.text)
        if why or place is None:
            refused.append(f"{name} {of} {value!r}: {why}")
            continue
        claims.append(_claim(name, of, value, piece, place))
    return Copied(claims=tuple(claims), refused=tuple(refused))


def _claim(name: str, of: str, value: str, piece: Piece, place: tuple[int, int]) -> Claim:
    start, end = place
    inner = piece.text.find(value, start, end)
    if inner >= 0:
        start, end = inner, inner + len(value)
    return Claim(
        id=identity("claim", "", f"extracted {VERSION}", piece.text, name, of, value, start),
        trajectory="",
        property=name,
        subject=of,
        audio=1,
        span=None,
        said=value,
        start=piece.start + start,
        end=piece.start + end,
        tagged=False,
    )


def _find(quote: str, text: str) -> tuple[int, int] | None:
    """Find a quote in the text; the text was shown with its spaces made one."""
    words = quote.translate({ord("‹"): "<", ord("›"): ">"}).split()
    if not words:
        return None
    wanted = r"\s+".join(re.escape(word) for word in words)
    found = re.search(wanted, text) or re.search(wanted, text, re.IGNORECASE)
    return found.span() if found else None


def _unfit(name: str, of: str, value: str, quote: str) -> str:
    """Say why a copy is none: outside the vocabulary, or not the quote's own words."""
    known = next((one for one in VOCABULARY if one.name == name), None)
    if known is None:
        return "no property of the vocabulary"
    if known.subjects and not of.strip():
        return "does not say of what"
    there = _tokens(quote)
    foreign = sorted({token for part in parts(of) for token in _tokens(part)} - there)
    if foreign:
        return f"its subject's {foreign[0]!r} is not in the quote"
    return _unasked(value, quote) if name in _WHETHER else _misquoted(name, value, there)


def _unasked(value: str, quote: str) -> str:
    """Say why a yes or no is not what the quote says."""
    says = polarity(value)
    if says is None:
        return "is neither yes nor no"
    return "the quote says the opposite" if says is bool(_DENIES.search(quote)) else ""


def _misquoted(name: str, value: str, there: frozenset[str]) -> str:
    """Say which word or number of a value its quote lacks; the property's own unit may be."""
    if not value.strip():
        return "has no value"
    missing = sorted(_tokens(value) - there - _tokens(property_named(name).unit))
    return f"its value's {missing[0]!r} is not in the quote" if missing else ""


def _unsaid(name: str, value: str, place: tuple[int, int] | None, text: str) -> str:
    """Say why the text does not claim what stands in it: denied, or doubted."""
    if place is None:
        return "the quote is not in the text"
    start, end = place
    cuts = [found.end() for found in _CLAUSE.finditer(text, 0, start)]
    clause = text[cuts[-1] if cuts else 0 : end]
    if _DOUBTS.search(clause):
        return "the text doubts it"
    if name not in _WHETHER and _DENIES.search(clause) and not _DENIES.search(value):
        return "the text denies it"
    return ""


def _tokens(text: str) -> frozenset[str]:
    found = (token.casefold() for token in _TOKEN.findall(text))
    return frozenset(label(one) or one for one in found if one not in _SMALL)
