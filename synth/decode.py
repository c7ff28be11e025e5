"""Bytes on disk → samples in memory: decoded once, by content, never by file name.

A long recording comes in windows, one at a time: memory does not grow with its length.
"""

from __future__ import annotations

from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING

from schemas import Recording, Span
from schemas.errors import UnreadableAudio
from synth.audio import Audio, Window
from synth.promised import mp3_counts_frames, ogg_is_whole, wav_duration_s
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any, BinaryIO

    from schemas import Edit
    from synth.audio import Samples

CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,avi,eac3,flac,flv,matroska,webm,mov,mp4,m4a,mp3,mpegts,ogg,tta,wav,wv"
)
"""The demuxers that may look at hostile bytes: none of them opens other files, as playlists do."""

MIN_DURATION_S = 0.05
"""Two frames of 25 ms, the shortest that any instrument of ours looks through."""

WINDOW_S = threshold("decode", "window")
"""What is measured as one. The last window has between half and one and a half of it."""

MAX_DURATION_S = threshold("decode", "longest")

MAX_WHOLE_S = 1800.0
"""What `decode` holds in memory at once: of 48 kHz stereo, 691 MB as float32."""

WINDOW_VALUES_PER_S = 48_000 * 2
"""A second of 48 kHz stereo: where a second has more values, windows are shorter by as much."""

MAX_VALUES_PER_S = 16 * WINDOW_VALUES_PER_S
"""32 channels of 48 kHz, 8 of 192 kHz: more channels or faster ones are a broken header."""

SAMPLE_RATES_HZ = (4_000, 384_000)
"""From half the telephone's 8 kHz to the highest studio rate: beyond is a broken header."""

MAX_PEAK = 4.0
"""12 dB over full scale. Lossy codecs overshoot by a few dB; more means another scale."""

MAX_MISSING_SHARE = 0.05
MAX_MISSING_S = 0.5
"""A file that lacks more than either of what its header promises is refused as truncated."""


def decode(path: Path, recording: str) -> Audio:
    """Decode a file's first audio stream, as a whole, as `windows` does.

    Raises:
        UnreadableAudio: it cannot be used, or is longer than half an hour.
    """
    (first, *more) = islice(windows(path, recording, MAX_WHOLE_S / 1.5), 2)
    if more:
        message = f"longer than {MAX_WHOLE_S:g} s: decode it in windows"
        raise UnreadableAudio(message, record_id=recording)
    return first.audio


def windows(path: Path, recording: str, window_s: float = WINDOW_S) -> Iterator[Window]:
    """Decode a file's first audio stream at its own sample rate, with all its channels.

    Samples come as float32 of shape (channels, n); overshoots of lossy codecs are clipped to
    -1..1, as every player does. A recording of up to one and a half windows comes as a whole; of
    a longer one, drop what was measured when the last window is not followed by a regular end.

    Raises:
        UnreadableAudio: no file, no sound in it, corrupt, truncated, too short, too long, or
            samples that are no sound (NaN, infinite, far beyond full scale).
    """
    if not path.is_file():
        raise UnreadableAudio("there is no such file", record_id=recording)
    if path.stat().st_size == 0:
        raise UnreadableAudio("the file is empty: 0 bytes", record_id=recording)
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableAudio(_plain(error), record_id=recording) from error
    start = 0
    with file:
        for samples, sample_rate_hz, is_last in _cuts(file, recording, window_s):
            end = start + samples.shape[1]
            _check_samples(samples, sample_rate_hz, recording)
            span = Span(start_s=start / sample_rate_hz, end_s=end / sample_rate_hz)
            audio = Audio(recording, samples.clip(-1.0, 1.0, out=samples), sample_rate_hz)
            del samples  # the next window is decoded while the reader may still hold this one
            yield Window(audio, None if is_last and start == 0 else span)
            del audio
            start = end


def describe(last: Window, locator: str, edit: Edit | None) -> Recording:
    """Make the Recording whose last window, or whole, this is."""
    audio = last.audio
    return Recording(
        id=audio.recording,
        locator=locator,
        sample_rate_hz=audio.sample_rate_hz,
        channels=audio.samples.shape[0],
        duration_s=last.span.end_s if last.span else audio.duration_s,
        decoder=decoder(),
        edit=edit,
    )


def is_one_window(recording: Recording) -> bool:
    """Whether a recording is decoded and measured as a whole."""
    rate_hz = recording.sample_rate_hz
    length = _window_length(rate_hz, recording.channels, WINDOW_S)
    return recording.duration_s * rate_hz < 1.5 * length


def decoder() -> str:
    """Name the library that decodes, and its version: codecs move timestamps."""
    return f"pyav {version('av')}"


def _cuts(file: BinaryIO, recording: str, window_s: float) -> Iterator[tuple[Samples, int, bool]]:
    """Cut the stream into windows: samples, their rate, and whether they are the last."""
    import numpy as np

    parts: list[Samples] = []
    held = 0
    rate = 0
    for part, rate in _frames(file, recording):
        parts.append(part)
        held += part.shape[1]
        length = _window_length(rate, part.shape[0], window_s)
        if held >= 1.5 * length:
            joined = np.concatenate(parts, axis=1)
            parts[:] = (joined[:, length:].copy(),)
            held -= length
            window = joined[:, :length].copy()
            del joined
            yield window, rate, False
            del window
    yield np.concatenate(parts, axis=1), rate, True


def _window_length(rate_hz: int, channels: int, window_s: float) -> int:
    return int(window_s * min(rate_hz, WINDOW_VALUES_PER_S / channels))


def _frames(file: BinaryIO, recording: str) -> Iterator[tuple[Samples, int]]:
    """Decode frame by frame: samples and their rate; at the end, hold it to what was promised."""
    import av

    try:
        # An open file, not a name: a name could be a URL or a playlist of other files.
        container = av.open(file, options={"format_whitelist": CONTAINERS})
    except (av.FFmpegError, ValueError, OSError) as error:
        message = f"not a whole sound file of a kind that we know: {_plain(error)}"
        raise UnreadableAudio(message, record_id=recording) from error
    with container:
        if not container.streams.audio:
            raise UnreadableAudio("the file holds no audio stream", record_id=recording)
        frames = container.decode(container.streams.audio[0])
        problem, shape, decoded = "", (0, 0), 0
        while True:
            try:
                frame = next(frames, None)
            except (av.FFmpegError, ValueError, OSError) as error:
                problem, frame = f"corrupt: {_plain(error)}", None
            if frame is None:
                break
            decoded += frame.samples
            shape = _shape(frame, shape, decoded, recording)
            yield _as_float(frame), shape[0]
        if not decoded:
            reason = problem or "the file holds no samples: zero length"
            raise UnreadableAudio(reason, record_id=recording)
        _check_whole(file, container, decoded / shape[0], problem, recording)


def _shape(frame: Any, before: tuple[int, int], decoded: int, recording: str) -> tuple[int, int]:
    """Sample rate and channels of a frame; refuses early what changes or unpacks without end."""
    rate, channels = shape = (frame.sample_rate, frame.layout.nb_channels)
    lowest, highest = SAMPLE_RATES_HZ
    if not lowest <= rate <= highest:
        message = f"sample rate {rate} Hz: expected {lowest} to {highest}"
        raise UnreadableAudio(message, record_id=recording)
    if rate * channels > MAX_VALUES_PER_S:
        message = f"{channels} channels of {rate} Hz: expected at most {MAX_VALUES_PER_S} values/s"
        raise UnreadableAudio(message, record_id=recording)
    if before not in {(0, 0), shape}:
        message = (
            f"the stream changes from {before[0]} Hz, {before[1]} channels "
            f"to {rate} Hz, {channels} channels"
        )
        raise UnreadableAudio(message, record_id=recording)
    if decoded > MAX_DURATION_S * rate:
        message = f"longer than {MAX_DURATION_S:g} s: cut it first"
        raise UnreadableAudio(message, record_id=recording)
    return shape


def _as_float(frame: Any) -> Samples:
    """Scale a frame to -1..1, shape (channels, n): integers by their type's own range."""
    import numpy as np

    raw = frame.to_ndarray()
    if not frame.format.is_planar:
        raw = raw.reshape(-1, frame.layout.nb_channels).T
    if raw.dtype == np.uint8:
        return np.asarray((raw.astype(np.float32) - 128.0) / 128.0, dtype=np.float32)
    if np.issubdtype(raw.dtype, np.integer):
        return np.asarray(raw / -float(np.iinfo(raw.dtype).min), dtype=np.float32)
    with np.errstate(over="ignore"):  # doubles beyond float32 become inf, which is refused
        return np.asarray(raw, dtype=np.float32)


def _check_whole(
    file: BinaryIO, container: Any, decoded_s: float, problem: str, recording: str
) -> None:
    """Compare what came out with what the header promises, where it promises anything."""
    kind = container.format.name
    promised_s = None if container.duration is None else container.duration / 1_000_000
    if kind == "wav":
        promised_s = wav_duration_s(file) or promised_s
    elif kind == "mp3" and not mp3_counts_frames(file):
        promised_s = None
    elif kind == "ogg" and not ogg_is_whole(file):
        message = f"truncated after {decoded_s:.2f} s: the stream's last page is missing"
        raise UnreadableAudio(message, record_id=recording)
    if promised_s is None:
        if problem:
            message = f"{problem}, after {decoded_s:.2f} s"
            raise UnreadableAudio(message, record_id=recording)
        return
    missing_s = promised_s - decoded_s
    if missing_s > min(MAX_MISSING_S, MAX_MISSING_SHARE * promised_s):
        message = (
            f"{problem or 'truncated'}: the header promises {promised_s:.2f} s, "
            f"{decoded_s:.2f} s could be decoded"
        )
        raise UnreadableAudio(message, record_id=recording)


def _check_samples(samples: Samples, sample_rate_hz: int, recording: str) -> None:
    import numpy as np

    duration_s = samples.shape[1] / sample_rate_hz
    if duration_s < MIN_DURATION_S:
        message = f"too short: {duration_s:.3f} s, expected at least {MIN_DURATION_S} s"
        raise UnreadableAudio(message, record_id=recording)
    if not np.isfinite(samples).all():
        share = float(np.mean(~np.isfinite(samples)))
        message = f"{share:.1%} of the samples are NaN or infinite"
        raise UnreadableAudio(message, record_id=recording)
    peak = max(float(samples.max()), -float(samples.min()))
    if peak > MAX_PEAK:
        message = f"samples reach {peak:g}: expected -1 to 1, as float audio is scaled"
        raise UnreadableAudio(message, record_id=recording)


def _plain(error: Exception) -> str:
    """Give FFmpeg's own words, without the name that PyAV made up for the open file."""
    return str(getattr(error, "strerror", None) or error)
