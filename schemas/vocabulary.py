"""The closed vocabulary: every property that can be asked, claimed and checked.

Tolerances are the field's own; each row names its source. A property with `subjects` is asked of
something named: `event_count` of "door", `presence` of "speech". Without a subject it is asked
of the whole recording.
"""

from __future__ import annotations

from schemas.errors import UnknownProperty
from schemas.evidence import Property

_MIREX_TEMPO = "MIREX audio tempo estimation, Accuracy1: within 4 %"
_RAW_PITCH = "mir_eval.melody.raw_pitch_accuracy: 50 cents, 2**(50/1200) - 1"
_EBU = "EBU R 128 (2023): +-1.0 LU where the target cannot be met exactly"
_ONSET = "sed_eval event-based metrics, DCASE: onset collar 200 ms"
_QUENE = "Quene 2007, J. Phonetics 35(3): just noticeable difference of speech tempo, 5 %"
_EXACT = "exact: the value is a name or a whole number"
_NIST = "NIST RT-09 md-eval: 250 ms collar"

VOCABULARY: tuple[Property, ...] = (
    Property(name="tempo", unit="bpm", exclusive=True, check="within", tolerance=0.04,
             relative=True, source=_MIREX_TEMPO,
             description="the tempo of the music in beats per minute"),
    Property(name="key", unit="", exclusive=True, check="equals", tolerance=0.0,
             relative=False, source=_EXACT,
             description="the musical key: tonic and mode"),
    Property(name="instrument", unit="", exclusive=False, check="set_match", tolerance=0.0,
             relative=False, source=_EXACT,
             description="which musical instruments play"),
    Property(name="pitch", unit="Hz", exclusive=True, check="within", tolerance=0.0293,
             relative=True, source=_RAW_PITCH,
             description="the median pitch of the voice or melody in hertz"),
    Property(name="loudness", unit="LUFS", exclusive=True, check="within", tolerance=1.0,
             relative=False, source=_EBU,
             description="the integrated loudness of the recording"),
    Property(name="presence", unit="", exclusive=True, check="equals", tolerance=0.0,
             relative=False, source=_EXACT, subjects=True,
             description="whether it is heard at all: yes or no"),
    Property(name="event", unit="", exclusive=False, check="set_match", tolerance=0.0,
             relative=False, source=_EXACT,
             description="which sounds are heard"),
    Property(name="event_count", unit="times", exclusive=True, check="within", tolerance=0.0,
             relative=False, source=_EXACT, subjects=True,
             description="how many times it is heard"),
    Property(name="event_order", unit="", exclusive=True, check="order", tolerance=0.0,
             relative=False, source=_EXACT,
             description="the order in which the sounds are heard"),
    Property(name="first_event", unit="", exclusive=True, check="equals", tolerance=0.0,
             relative=False, source=_EXACT,
             description="which sound is heard first"),
    Property(name="last_event", unit="", exclusive=True, check="equals", tolerance=0.0,
             relative=False, source=_EXACT,
             description="which sound is heard last"),
    Property(name="onset", unit="s", exclusive=True, check="within", tolerance=0.2,
             relative=False, source=_ONSET, subjects=True,
             description="the second at which it is first heard"),
    Property(name="speech_segments", unit="", exclusive=False, check="overlaps", tolerance=0.25,
             relative=False, source=_NIST,
             description="from when to when somebody speaks"),
    Property(name="words", unit="", exclusive=False, check="words", tolerance=0.0,
             relative=False, source=_EXACT,
             description="the words that are spoken"),
    Property(name="word_count", unit="words", exclusive=True, check="within", tolerance=0.0,
             relative=False, source=_EXACT,
             description="how many words are spoken"),
    Property(name="speech_rate", unit="words per minute", exclusive=True, check="within",
             tolerance=0.05, relative=True, source=_QUENE,
             description="how fast the speaker talks, in words per minute"),
    Property(name="language", unit="", exclusive=True, check="equals", tolerance=0.0,
             relative=False, source=_EXACT,
             description="the language that is spoken"),
    Property(name="speaker_count", unit="speakers", exclusive=True, check="within", tolerance=0.0,
             relative=False, source=_EXACT,
             description="how many different people speak"),
    Property(name="turns", unit="", exclusive=True, check="order", tolerance=0.25,
             relative=False, source=_NIST,
             description="who speaks after whom"),
)  # fmt: skip

_BY_NAME = {row.name: row for row in VOCABULARY}


def property_named(name: str) -> Property:
    """Look a property up in the closed vocabulary.

    Raises:
        UnknownProperty: the vocabulary has no such property.
    """
    if name not in _BY_NAME:
        known = ", ".join(_BY_NAME)
        message = f"no property {name!r} in the vocabulary; there are {known}"
        raise UnknownProperty(message)
    return _BY_NAME[name]
