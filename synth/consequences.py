"""What follows from findings: counts of whole lists, and what silence leaves nothing to ask of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from schemas import Value
from synth.construction import speech_rate
from synth.finding import Finding, alike, key_of, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Observation, Tier

# ITU-R BS.1770-5: blocks below -70 LKFS are gated out; nothing quieter has a loudness at all.
_ABSOLUTE_GATE_LUFS = -70.0

_NOT_OF_SILENCE = ("tempo", "key", "pitch", "loudness", "words", "speech_rate", "language")
_NOT_WITHOUT_SPEECH = ("words", "speech_rate", "language", "speaker_count")
_SURE: tuple[Tier, ...] = ("constructed", "corroborated")


def not_applicable(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Find what silence, or the absence of speech or music, leaves nothing to ask of."""
    return (*_of_silence(found), *_of_absence(found))


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
    """Contest measured tempo and key where the witnesses of music hear none.

    Estimators of tempo and key answer for any sound, noise included, and two of them may agree
    by chance; that there is music to measure is for others to say.
    """
    music = _presence(found, "music")
    if music is None or music.state != "absent":
        return tuple(found)
    note = f"no music to measure, by {', '.join(music.witnesses)}"
    return tuple(
        replace(one, tier="contested", note=note)
        if one.property in {"tempo", "key"} and one.tier not in {"constructed", "contested"}
        else one
        for one in found
    )


def _presence(found: Sequence[Finding], subject: str) -> Finding | None:
    """Say whether a sound is in the recording, None where nobody says or it is contested."""
    said = [
        one for one in found if key_of(one) == ("presence", subject, "") and one.tier != "contested"
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
        if not any(key_of(one) == ("presence", subject, "") for one in found):
            yield replace(basis, subject=subject)


def _of_absence(found: Sequence[Finding]) -> Iterator[Finding]:
    """Without speech nothing is spoken, without music nothing has a key; singing has both."""
    singing = _presence(found, "singing")
    if singing is None or singing.state != "absent":
        return
    for subject, names in (("speech", _NOT_WITHOUT_SPEECH), ("music", ("key",))):
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
