"""What follows from findings: counts of whole lists, and what silence leaves nothing to ask of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import Value
from synth.construction import speech_rate
from synth.finding import Finding, alike, span_key, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Observation, Tier

# ITU-R BS.1770-5: blocks below -70 LKFS are gated out; nothing quieter has a loudness at all.
_ABSOLUTE_GATE_LUFS = -70.0

_OF_MUSIC = (
    "tempo",
    "tempo_change",
    "beats",
    "downbeats",
    "metre",
    "key",
    "tonic",
    "mode",
    "chords",
)
_OF_SPEECH = (
    "words", "speech_rate", "language", "first_word", "last_word", "stressed_word",
    "voice_sex", "voice_age",
)  # fmt: skip
_OF_SIGNAL = ("pitch", "pitch_range", "pitch_contour", "loudness", "loudness_range")
_NOT_OF_SILENCE = (*_OF_MUSIC, *_OF_SIGNAL, *_OF_SPEECH)
_NOT_WITHOUT_SPEECH = (*_OF_SPEECH, "speaker_count", "turns", "pause_count", "longest_pause")
_NOT_WITHOUT_MUSIC = ("key", "tonic", "mode", "chords")
_SURE: tuple[Tier, ...] = ("constructed", "corroborated")


def not_applicable(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Find what silence, or the absence of speech or music, leaves nothing to ask of.

    Of the whole recording and of each stretch that was looked at by itself.
    """
    stretches = {span_key(one.span): one.span for one in found if one.property == "presence"}
    return tuple(
        nothing
        for key in sorted(stretches)
        for some in [[one for one in found if span_key(one.span) == key]]
        for nothing in (*_of_silence(some), *_of_absence(some))
    )


def counts(found: Sequence[Finding], observations: Sequence[Observation]) -> Iterator[Finding]:
    """Count words where two decoders agree on all of them, and their rate where both time it so."""
    lists = {seen.id: seen.value.items or () for seen in observations}
    for one in found:
        items = one.value.items if one.value else None
        measured = one.tier in {"corroborated", "single"} and len(one.observations) > 1
        if one.property != "words" or not items or not measured or one.margin is not None:
            continue
        yield replace(one, property="word_count", value=Value(number=float(len(items))))
        rates = [speech_rate(spoken(lists[name])) for name in one.observations]
        known = [Value(number=rate) for rate in rates if rate is not None]
        if len(known) == len(rates) and all(alike("speech_rate", known[0], rate) for rate in known):
            yield replace(one, property="speech_rate", value=known[0])


def heard_as_music(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Contest measured tempo, key and their kin where the witnesses of music hear none.

    Estimators of tempo and key answer for any sound, noise included, and two of them may agree
    by chance; that there is music to measure is for others to say.
    """
    return tuple(
        replace(one, tier="contested", note=f"no music to measure, by {', '.join(none.witnesses)}")
        if one.property in _OF_MUSIC
        and one.tier not in {"constructed", "contested"}
        and (none := _no_music(found, one)) is not None
        else one
        for one in found
    )


def _no_music(found: Sequence[Finding], one: Finding) -> Finding | None:
    """Find who hears no music in the stretch that a finding is of."""
    there = [other for other in found if span_key(other.span) == span_key(one.span)]
    whole = [other for other in found if other.span is None]
    music = _presence(there, "music") or _presence(whole, "music")
    return music if music is not None and music.state == "absent" else None


def _presence(found: Sequence[Finding], subject: str) -> Finding | None:
    """Say whether a sound is in the recording, None where nobody says or it is contested."""
    said = [
        one
        for one in found
        if (one.property, one.subject) == ("presence", subject) and one.tier != "contested"
    ]
    return min(said, key=lambda one: one.tier != "constructed", default=None)


def _of_silence(found: Sequence[Finding]) -> Iterator[Finding]:
    signal = _presence(found, "signal")
    if signal is None or signal.state != "absent":
        return
    quiet = [
        one
        for one in found
        if one.property == "loudness"
        and one.tier != "contested"
        and one.value is not None
        and one.value.number is not None
        and one.value.number <= _ABSOLUTE_GATE_LUFS
    ]
    agreed = {witness for one in quiet for witness in one.witnesses} - set(signal.witnesses)
    basis = replace(
        signal,
        tier="corroborated" if agreed and signal.tier == "single" else signal.tier,
        witnesses=tuple(sorted({*signal.witnesses, *agreed})),
        observations=(*signal.observations, *(seen for one in quiet for seen in one.observations)),
        note="the recording is silent",
    )
    for name in _NOT_OF_SILENCE:
        yield replace(basis, property=name, subject="", state="not_applicable")
    for subject in ("speech", "music", "singing"):
        if not any((one.property, one.subject) == ("presence", subject) for one in found):
            yield replace(basis, subject=subject)


def _of_absence(found: Sequence[Finding]) -> Iterator[Finding]:
    """Without speech nothing is spoken, without music nothing has a key; singing has both."""
    singing = _presence(found, "singing")
    if singing is None or singing.state != "absent":
        return
    for subject, names in (("speech", _NOT_WITHOUT_SPEECH), ("music", _NOT_WITHOUT_MUSIC)):
        missing = _presence(found, subject)
        if missing is None or missing.state != "absent" or missing.tier not in _SURE:
            continue
        for name in names:
            yield replace(
                missing,
                property=name,
                subject="",
                state="not_applicable",
                note=f"there is neither {subject} nor singing",
            )
