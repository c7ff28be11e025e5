"""Bytes on disk → samples in memory: decoded once, by content, never by file name."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from schemas import Recording
from schemas.errors import UnreadableAudio
from synth.audio import Audio
from synth.promised import mp3_counts_frames, ogg_is_whole, wav_duration_s

if TYPE_CHECKING:
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

MAX_DURATION_S = 1800.0
"""MMAU and MMAR clips last seconds; half an hour is far beyond them and still fits in memory."""

MAX_VALUES = 1800 * 48_000 * 2
"""Samples over all channels: half an hour of 48 kHz stereo, 691 MB as float32."""

SAMPLE_RATES_HZ = (4_000, 384_000)
"""From half the telephone's 8 kHz to the highest studio rate: beyond is a broken header."""

MAX_PEAK = 4.0
"""12 dB over full scale. Lossy codecs overshoot by a few dB; more means another scale."""

MAX_MISSING_SHARE = 0.05
MAX_MISSING_S = 0.5
"""A file that lacks more than either of what its header promises is refused as truncated."""


def decode(path: Path, recording: str) -> Audio:
    """Decode a file's first audio stream at its own sample rate, with all its channels.

    Samples come as float32 of shape (channels, n); overshoots of lossy codecs are clipped to
    -1..1, as every player does.

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
    with file:
        samples, sample_rate_hz = _decoded(file, recording)
    _check_samples(samples, sample_rate_hz, recording)
    return Audio(recording, samples.clip(-1.0, 1.0), sample_rate_hz)


def examine(path: Path, sha256: str, locator: str, edit: Edit | None) -> tuple[Recording, Audio]:
    """Decode a file once and make its Recording; raises UnreadableAudio as `decode` does."""
    audio = decode(path, sha256)
    recording = Recording(
        id=sha256,
        locator=locator,
        sample_rate_hz=audio.sample_rate_hz,
        channels=audio.samples.shape[0],
        duration_s=audio.duration_s,
        decoder=f"pyav {version('av')}",
        edit=edit,
    )
    return recording, audio


def _decoded(file: BinaryIO, recording: str) -> tuple[Samples, int]:
    import av
    import numpy as np

    problem = ""
    try:
        # An open file, not a name: a name could be a URL or a playlist of other files.
        container = av.open(file, options={"format_whitelist": CONTAINERS})
    except (av.FFmpegError, ValueError, OSError) as error:
        message = f"not a whole sound file of a kind that we know: {_plain(error)}"
        raise UnreadableAudio(message, record_id=recording) from error
    with container:
        if not container.streams.audio:
            raise UnreadableAudio("the file holds no audio stream", record_id=recording)
        parts: list[Samples] = []
        shape = (0, 0)
        decoded = 0
        try:
            for frame in container.decode(container.streams.audio[0]):
                decoded += frame.samples
                shape = _shape(frame, shape, decoded, recording)
                parts.append(_as_float(frame))
        except (av.FFmpegError, ValueError, OSError) as error:
            problem = f"corrupt: {_plain(error)}"
        if not parts:
            reason = problem or "the file holds no samples: zero length"
            raise UnreadableAudio(reason, record_id=recording)
        samples = np.concatenate(parts, axis=1)
        _check_whole(file, container, decoded / shape[0], problem, recording)
    return samples, shape[0]


def _shape(frame: Any, before: tuple[int, int], decoded: int, recording: str) -> tuple[int, int]:
    """Sample rate and channels of a frame; refuses early what changes or unpacks without end."""
    rate, channels = shape = (frame.sample_rate, frame.layout.nb_channels)
    lowest, highest = SAMPLE_RATES_HZ
    if not lowest <= rate <= highest:
        message = f"sample rate {rate} Hz: expected {lowest} to {highest}"
        raise UnreadableAudio(message, record_id=recording)
    if before not in {(0, 0), shape}:
        message = (
            f"the stream changes from {before[0]} Hz, {before[1]} channels "
            f"to {rate} Hz, {channels} channels"
        )
        raise UnreadableAudio(message, record_id=recording)
    if decoded > MAX_DURATION_S * rate or decoded * channels > MAX_VALUES:
        message = (
            f"longer than {MAX_DURATION_S:g} s or than {MAX_VALUES} samples over all channels: "
            "cut it first"
        )
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
    peak = float(np.abs(samples).max())
    if peak > MAX_PEAK:
        message = f"samples reach {peak:g}: expected -1 to 1, as float audio is scaled"
        raise UnreadableAudio(message, record_id=recording)


def _plain(error: Exception) -> str:
    """Give FFmpeg's own words, without the name that PyAV made up for the open file."""
    return str(getattr(error, "strerror", None) or error)
