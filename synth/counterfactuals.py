"""Counterfactuals: a kept trajectory with one claim that its checks support left out or made false.

Each is made from the trajectory's own text and then held to the same checks as anything else: what
was left out is told nowhere any more, what was made false is refuted, and nothing else has changed
its verdict. What cannot be shown to be so is not made. Standard library only.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from synth.checks import judge
from synth.claims import claims
from synth.completion import parse
from synth.lists import labels
from synth.rewriting import as_written, put, resting_on, sentence, without_citations
from synth.spelling import label, normalise, polarity
from synth.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas import Check, Claim, Contrast, GroundTruth, Verdict
    from synth.completion import Completion

# What is said of a property is wrong in time where it is a place in time or an order; in number
# where it is a number; else in what it names. Orders are told apart by `_kind`.
_IN_TIME = frozenset(
    ("first_event", "last_event", "onset", "offset", "before", "longer_than", "word_onset",
     "first_word", "last_word", "beats", "downbeats", "turns", "speech_segments", "silence",
     "overlapped_speech", "splices", "tempo_change", "loudness_trend", "pitch_contour",
     "stereo_movement")
)  # fmt: skip
_IN_NUMBER = frozenset(("louder_than",))
_EMPTY_STEP = re.compile(r"<step>\s*</step>")
_EMPTY_REVIEW = re.compile(r"<review>\s*</review>")
# What is written where leaving out leaves nothing: reasoning that does not say what is heard.
_STEP, _REVIEW = "This points to one of the choices.", "Nothing speaks against the draft."


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A completion in which one claim is missing or false."""

    kind: Contrast
    claim: Claim
    said: str
    """the false value, "" where the claim is missing"""
    completion: str
    check: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmade:
    """A variant that ought to exist and could not be made."""

    claim: Claim
    filter: str
    reason: str


class _Told(NamedTuple):
    """One check that a completion tells rightly: the claim that does it best, and its echoes."""

    claim: Claim
    check: str
    echoes: tuple[Claim, ...]
    """other claims that the same check supports, in the prose"""


class _Read(NamedTuple):
    completion: Completion
    claims: Sequence[Claim]
    verdicts: Sequence[Verdict]


def counterfactuals(
    completion: str, truth: GroundTruth, wrong: Mapping[str, Sequence[str]], trajectory: str = ""
) -> Iterator[Variant | Unmade]:
    """Make the variants of each supported claim: without it, and with each kind of wrong value.

    Args:
        completion: of a kept trajectory.
        truth: all checks of its question.
        wrong: hard wrong values by the check's id, as `synth.distractors` writes them.
        trajectory: its id, for the ids of its claims.
    """
    read = _read(completion, truth, trajectory)
    known = {one.id: one.check for one in truth.checks}
    for told in _supported(read):
        yield from _left_out(read, told, truth)
        check = known.get(told.check)
        if check is not None:
            candidates = [*wrong.get(told.check, ()), *_with_absent(told, check, truth)]
            yield from _made_false(read, told, truth, candidates)


def _read(text: str, truth: GroundTruth, trajectory: str = "") -> _Read:
    completion = parse(text)
    found = claims(completion, truth, trajectory)
    return _Read(completion, found, verify(found, truth))


def _supported(read: _Read) -> Iterator[_Told]:
    """Yield what is told rightly, check by check; a tag tells it better than the prose."""
    by_check: dict[str, list[Claim]] = {}
    for claim, verdict in zip(read.claims, read.verdicts, strict=True):
        if verdict.judgement == "supported":
            by_check.setdefault(verdict.check, []).append(claim)
    for check, told in by_check.items():
        first, *others = told
        yield _Told(first, check, tuple(one for one in others if not one.tagged))


# Left out ----------------------------------------------------------------------------------------


def _left_out(read: _Read, told: _Told, truth: GroundTruth) -> Iterator[Variant | Unmade]:
    """Leave an observation out, its citations, and the sentences that tell it again.

    Only what the question requires is missed: leaving out more than that is no fault.
    """
    needed = any(one.id == told.check and one.need == "required" for one in truth.checks)
    if not (needed and told.claim.tagged):
        return
    text = _without(read, told)
    reason = _why_not_left_out(_read(text, truth), told)
    if reason:
        yield Unmade(claim=told.claim, filter="still_told", reason=reason)
        return
    yield Variant(
        kind="omitted", claim=told.claim, said="", completion=text, check=told.check,
        reason=f"{told.claim.property} is required and not told",
    )  # fmt: skip


def _why_not_left_out(after: _Read, told: _Told) -> str:
    if after.completion.problems:
        return f"without it the format breaks: {after.completion.problems[0]}"
    for claim, verdict in zip(after.claims, after.verdicts, strict=True):
        if verdict.check == told.check and verdict.judgement == "supported":
            return f"it is told all the same: {claim.said[:60]!r}"
        if verdict.judgement == "refuted":
            return f"without it {claim.said[:60]!r} is refuted"
    return ""


def _without(read: _Read, told: _Told) -> str:
    text = read.completion.text
    opened = text.rfind("<observe", 0, told.claim.start)
    closed = text.find("</observe>", told.claim.end) + len("</observe>")
    if text[closed : closed + 1] == "\n":
        closed += 1
    name = next(one.id for one in read.completion.observes if one.start == told.claim.start)
    again = [one.start for one in told.echoes] + [start for start, _ in _repeats(read, told.claim)]
    again += resting_on(read.completion, name)
    spots = {(opened, closed), *(sentence(read.completion, at) for at in again)}
    cut = put(text, [(start, end, "") for start, end in spots])
    cut = without_citations(cut, name)
    cut = _EMPTY_REVIEW.sub(f"<review>{_REVIEW}</review>", _EMPTY_STEP.sub("", cut))
    return re.sub(r"<reasoning>\s*</reasoning>",
                  f"<reasoning><step>{_STEP}</step></reasoning>", cut)  # fmt: skip


def _repeats(read: _Read, claim: Claim) -> list[tuple[int, int]]:
    """Find where the prose repeats a claim's value word for word; yes and no are no repeats."""
    if polarity(claim.said) is not None:
        return []
    said = re.escape(html.escape(claim.said, quote=False))
    repeated = re.compile(rf"(?<![\w.]){said}(?!\w)", re.IGNORECASE)
    return [
        found.span()
        for piece in read.completion.prose
        for found in repeated.finditer(read.completion.text, piece.start, piece.end)
    ]


# Made false --------------------------------------------------------------------------------------


def _made_false(
    read: _Read, told: _Told, truth: GroundTruth, candidates: Sequence[str]
) -> Iterator[Variant | Unmade]:
    """Put a wrong value in the claim's place, the first of each kind that is refuted."""
    check = next(one.check for one in truth.checks if one.id == told.check)
    made: set[str] = set()
    for wrong in dict.fromkeys(candidates):
        if check is None or judge(wrong, check) is not False:
            continue
        kind = _kind(told.claim.property, wrong, check)
        if kind in made:
            continue
        for everywhere in (True, False):
            text = put(read.completion.text, _spots(read, told, wrong, everywhere=everywhere))
            ruling = _refuted(_read(text, truth), told, wrong)
            if ruling is not None:
                made.add(kind)
                yield Variant(
                    kind=kind, claim=told.claim, said=wrong, completion=text,
                    check=ruling.check, reason=ruling.reason,
                )  # fmt: skip
                break
    if not made and told.claim.tagged:
        reason = f"no wrong {told.claim.property} is known to be refuted"
        yield Unmade(claim=told.claim, filter="not_refuted", reason=reason)


def _kind(name: str, wrong: str, check: Check) -> Contrast:
    if name in _IN_TIME:
        return "temporal_relation"
    if check.target.number is not None or name in _IN_NUMBER:
        return "quantity"
    if check.kind == "order":
        same = sorted(map(label, labels(check))) == sorted(map(label, wrong.split(", then ")))
        return "temporal_relation" if same else "false_identity"
    return "false_identity"


def _refuted(after: _Read, told: _Told, wrong: str) -> Verdict | None:
    """Give the verdict that refutes the changed claim, if that alone is refuted in its text."""
    ours = told.claim
    found: Verdict | None = None
    if after.completion.problems:
        return None
    for claim, verdict in zip(after.claims, after.verdicts, strict=True):
        if verdict.judgement != "refuted":
            continue
        same = (claim.property, label(claim.subject), claim.audio) == (
            ours.property, label(ours.subject), ours.audio)  # fmt: skip
        if not same:
            return None
        changed = claim.tagged == ours.tagged and normalise(claim.said) == normalise(wrong)
        if changed and claim.span == ours.span and found is None:
            found = verdict
    return found


def _with_absent(told: _Told, check: Check, truth: GroundTruth) -> Iterator[str]:
    """Of a set, which may hold more than was measured, name instead what is known to be absent."""
    if check.kind != "set_match":
        return
    for one in truth.checks:
        denied = one.check is not None and polarity(one.check.target.text or "") is False
        here = one.property == "presence" and one.audio == told.claim.audio and one.span is None
        if here and (denied or one.state == "absent"):
            yield ", ".join([*labels(check)[:-1], one.subject.split(",", maxsplit=1)[0]])


def _spots(read: _Read, told: _Told, wrong: str, *, everywhere: bool) -> list[tuple[int, int, str]]:
    """List where the claim's value stands in the text, with what to put there.

    Everywhere: also where the prose tells it in its own words, or repeats it word for word; unless
    another observation speaks of the same, for then the prose may mean that one.
    """
    text, written = read.completion.text, html.escape(wrong, quote=False)
    spots = _values(text, told.claim)
    if everywhere:
        spots += [spot for echo in told.echoes for spot in _values(text, echo)]
        spots += [] if _shared(read, told.claim) else _repeats(read, told.claim)
    return [(start, end, as_written(written, text[start:end])) for start, end in set(spots)]


def _shared(read: _Read, claim: Claim) -> bool:
    said = f" {normalise(claim.said)} "
    return any(
        said in f" {normalise(one.said)} {normalise(one.of)} "
        for one in read.completion.observes
        if one.start != claim.start
    )


def _values(text: str, claim: Claim) -> list[tuple[int, int]]:
    """Find the place of a claim's value: a tag's whole content, in prose the words said."""
    if claim.tagged:
        return [(claim.start, claim.end)]
    said = re.escape(html.escape(claim.said, quote=False))
    found = re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE).search(text, claim.start, claim.end)
    return [found.span()] if found and polarity(claim.said) is None else []
