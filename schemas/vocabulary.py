"""The closed vocabulary: every property that can be asked, claimed and checked.

Tolerances are the field's own; each row names its source. A property with `subjects` is asked of
something named: `event_count` of "door", `presence` of "speech", `before` of "door / bell".
Without a subject it is asked of the whole recording, or of the span that a fact names: a key in
one stretch is the local key, a loudness in another is how loud it is there.
"""

from __future__ import annotations

from schemas.errors import UnknownProperty
from schemas.evidence import CheckKind, Form, Property

_EXACT = "exact: the value is a name or a whole number"
_MIREX_TEMPO = "MIREX audio tempo estimation, Accuracy1: within 4 %"
_MIREX_KEY = "MIREX audio key detection: a key is right or a fifth, relative or parallel off"
_BEAT = "mir_eval.beat.f_measure: beats within 70 ms"
_CHORD = "mir_eval.chord.majmin: the 24 major and minor triads and no chord"
_RAW_PITCH = "mir_eval.melody.raw_pitch_accuracy: 50 cents, 2**(50/1200) - 1"
_SEMITONE = "one semitone: mir_eval's 50 cents at either end of the range"
_EBU = "EBU R 128 (2023): +-1.0 LU where the target cannot be met exactly"
_EBU_RANGE = "EBU Tech 3342: loudness range of the test signals within +-1 LU"
_LEVEL = "Zwicker and Fastl, Psychoacoustics: just noticeable difference of level, 1 dB"
_ONSET = "sed_eval event-based metrics, DCASE: onset collar 200 ms"
_OFFSET = "DCASE task 4: offset collar 200 ms or 20 % of the length"
_QUENE = "Quene 2007, J. Phonetics 35(3): just noticeable difference of speech tempo, 5 %"
_NIST = "NIST RT-09 md-eval: 250 ms collar"
_RT60 = "ISO 3382-1: just noticeable difference of reverberation time, 5 %; four of them"
_THIRD_OCTAVE = "IEC 61260-1: a third-octave band, 2**(1/6) - 1 to either side"
_DURATION = "ours: what codecs pad and containers round stays beneath 0.1 s"
_ATEMPO = "just noticeable difference of tempo: Quene 2007, 5 %"
_JUDGED = "audio language models agree; no signal measures it"


def _row(
    name: str, form: Form, check: CheckKind, source: str, description: str, *,
    unit: str = "", tolerance: float = 0.0, relative: bool = False,
    exclusive: bool = True, subjects: bool = False,
) -> Property:  # fmt: skip
    return Property(
        name=name, unit=unit, form=form, exclusive=exclusive, check=check, tolerance=tolerance,
        relative=relative, source=source, description=description, subjects=subjects,
    )  # fmt: skip


_MUSIC = (
    _row("tempo", "number", "within", _MIREX_TEMPO,
         "the tempo of the music in beats per minute", unit="bpm", tolerance=0.04, relative=True),
    _row("tempo_change", "text", "equals", _EXACT,
         "whether the music gets faster, gets slower or keeps its tempo"),
    _row("beats", "items", "overlaps", _BEAT,
         "the seconds at which the beats fall", tolerance=0.07),
    _row("downbeats", "items", "overlaps", _BEAT,
         "the seconds at which the bars begin", tolerance=0.07),
    _row("metre", "number", "within", _EXACT,
         "how many beats there are in a bar", unit="beats per bar"),
    _row("key", "text", "equals", _MIREX_KEY, "the musical key: tonic and mode"),
    _row("tonic", "text", "equals", _MIREX_KEY, "the note that the music's key is built on"),
    _row("mode", "text", "equals", _MIREX_KEY, "whether the music is in major or in minor"),
    _row("chords", "items", "order", _CHORD, "the chords in the order in which they are played"),
    _row("instrument", "items", "set_match", _EXACT,
         "which musical instruments play", exclusive=False),
)  # fmt: skip

_SOUND = (
    _row("presence", "text", "equals", _EXACT,
         "whether it is heard at all: yes or no", subjects=True),
    _row("event", "items", "set_match", _EXACT, "which sounds are heard", exclusive=False),
    _row("event_count", "number", "within", _EXACT,
         "how many times it is heard", unit="times", subjects=True),
    _row("event_order", "items", "order", _EXACT, "the order in which the sounds are heard"),
    _row("first_event", "text", "equals", _EXACT, "which sound is heard first"),
    _row("last_event", "text", "equals", _EXACT, "which sound is heard last"),
    _row("onset", "number", "within", _ONSET,
         "the second at which it is first heard", unit="s", tolerance=0.2, subjects=True),
    _row("offset", "number", "within", _OFFSET,
         "the second at which it is last heard", unit="s", tolerance=0.2, subjects=True),
    _row("event_duration", "number", "within", _OFFSET,
         "how many seconds it lasts", unit="s", tolerance=0.2, relative=True, subjects=True),
    _row("repetitions", "number", "within", _EXACT,
         "how many times the same sound is heard in a row", unit="times"),
    _row("odd_one_out", "text", "equals", _EXACT,
         "which one of the repeated sounds differs from the others"),
    _row("foreground", "text", "equals", _EXACT, "which sound is in the foreground"),
    _row("background", "text", "equals", _EXACT, "which sound is in the background"),
    _row("stereo_position", "text", "equals", _EXACT,
         "whether the sound comes from the left, the right or the centre"),
    _row("stereo_movement", "text", "equals", _EXACT,
         "whether the sound moves from left to right, from right to left or not at all"),
)  # fmt: skip

_SPEECH = (
    _row("speech_segments", "items", "overlaps", _NIST,
         "from when to when somebody speaks", tolerance=0.25, exclusive=False),
    _row("words", "items", "words", _EXACT, "the words that are spoken", exclusive=False),
    _row("first_word", "text", "words", _EXACT, "the first word that is spoken"),
    _row("last_word", "text", "words", _EXACT, "the last word that is spoken"),
    _row("word_onset", "number", "within", _NIST,
         "the second at which the word is spoken", unit="s", tolerance=0.25, subjects=True),
    _row("stressed_word", "text", "words", _EXACT,
         "the word that is spoken with the most emphasis"),
    _row("word_count", "number", "within", _EXACT, "how many words are spoken", unit="words"),
    _row("speech_rate", "number", "within", _QUENE,
         "how fast the speaker talks, in words per minute",
         unit="words per minute", tolerance=0.05, relative=True),
    _row("pause_count", "number", "within", _NIST,
         "how many pauses there are between stretches of speech", unit="pauses"),
    _row("longest_pause", "number", "within", _NIST,
         "how many seconds the longest pause in the speech lasts", unit="s", tolerance=0.25),
    _row("language", "text", "equals", _EXACT, "the language that is spoken"),
    _row("speaker_count", "number", "within", _EXACT,
         "how many different people speak", unit="speakers"),
    _row("turns", "items", "order", _NIST, "who speaks after whom", tolerance=0.25),
    _row("speaker_words", "items", "words", _EXACT,
         "the words that the speaker says", exclusive=False, subjects=True),
    _row("overlapped_speech", "items", "overlaps", _NIST,
         "from when to when people speak at the same time", tolerance=0.25, exclusive=False),
    _row("voice_sex", "text", "equals", _EXACT, "whether the voice is a man's or a woman's"),
    _row("voice_age", "text", "equals", _EXACT, "whether the voice is a child's or an adult's"),
)  # fmt: skip

_RECORDING = (
    _row("loudness", "number", "within", _EBU,
         "the integrated loudness of the recording", unit="LUFS", tolerance=1.0),
    _row("loudness_range", "number", "within", _EBU_RANGE,
         "how far apart the loud and the quiet parts are", unit="LU", tolerance=1.0),
    _row("loudness_trend", "text", "equals", _EXACT,
         "whether the sound gets louder, gets quieter or stays as loud"),
    _row("duration", "number", "within", _DURATION,
         "how many seconds the recording lasts", unit="s", tolerance=0.1),
    _row("silence", "items", "overlaps", _NIST,
         "from when to when there is silence", tolerance=0.25, exclusive=False),
    _row("pitch", "number", "within", _RAW_PITCH,
         "the median pitch of the voice or melody in hertz",
         unit="Hz", tolerance=0.0293, relative=True),
    _row("pitch_range", "number", "within", _SEMITONE,
         "how many semitones the voice or melody spans", unit="semitones", tolerance=1.0),
    _row("pitch_contour", "text", "equals", _EXACT,
         "whether the pitch rises, falls or stays level"),
    _row("bandwidth", "number", "within", _THIRD_OCTAVE,
         "the highest frequency that the recording holds", unit="Hz", tolerance=0.122,
         relative=True),
    _row("reverberation", "number", "within", _RT60,
         "how many seconds a sound takes to die away in the room", unit="s", tolerance=0.2,
         relative=True),
    _row("splices", "items", "overlaps", _ONSET,
         "the seconds at which the recording was cut and joined", tolerance=0.2),
    _row("playback_speed", "number", "within", _ATEMPO,
         "how many times faster than it was made the recording is played", unit="times as fast",
         tolerance=0.05, relative=True),
    _row("noise_level", "number", "within", _LEVEL,
         "how loud the noise beneath the sound is", unit="dBFS", tolerance=1.0),
)  # fmt: skip

# Between two facts of one kind, named "one / other"; derived by code, never measured.
_RELATIONS = (
    _row("before", "text", "equals", _ONSET,
         "whether the one is heard before the other: yes or no", subjects=True),
    _row("longer_than", "text", "equals", _OFFSET,
         "whether the one lasts longer than the other: yes or no", subjects=True),
    _row("louder_than", "text", "equals", _EBU,
         "whether the one is louder than the other: yes or no", subjects=True),
    _row("same_speaker", "text", "equals", _EXACT,
         "whether the same person speaks in both: yes or no", subjects=True),
    _row("ratio", "number", "within", _ATEMPO,
         "how many times as fast, long or often the one is as the other", unit="times as much",
         tolerance=0.05, relative=True, subjects=True),
)  # fmt: skip

# What no signal tool hears: told by audio language models alone, at a tier of their own.
_LISTENED = (
    _row("emotion", "text", "equals", _JUDGED, "the emotion in the voice"),
    _row("scene", "text", "equals", _JUDGED, "the place in which the recording was made"),
    _row("genre", "text", "equals", _JUDGED, "the genre of the music"),
    _row("timbre", "text", "equals", _JUDGED, "the character of the sound"),
    _row("texture", "text", "equals", _JUDGED, "how many layers the music has"),
    _row("accent", "text", "equals", _JUDGED, "the accent of the speaker"),
    _row("sarcasm", "text", "equals", _JUDGED, "whether the speaker is sarcastic: yes or no"),
)

LISTENED = frozenset(row.name for row in _LISTENED)
"""Properties that only listeners answer."""

VOCABULARY: tuple[Property, ...] = (
    *_MUSIC, *_SOUND, *_SPEECH, *_RECORDING, *_RELATIONS, *_LISTENED,
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
