"""Bytes to samples: every common format decodes by content, everything else is refused clearly."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from schemas.errors import UnreadableAudio

np = pytest.importorskip("numpy")
av = pytest.importorskip("av")
soundfile = pytest.importorskip("soundfile")

from synth.decode import decode, describe, windows  # noqa: E402 - after the skips

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE_HZ = 44_100


def tone(seconds: float, rate_hz: int = RATE_HZ, channels: int = 1) -> Any:
    """A tone of 440 Hz at half of full scale over faint noise, shape (n, channels)."""
    n = int(seconds * rate_hz)
    noise = 0.01 * np.random.default_rng(0).standard_normal((n, channels))
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(n) / rate_hz)[:, None] + noise


def encode(path: Path, container: str, codec: str, rate_hz: int) -> Path:
    """Write five seconds of the tone with one of FFmpeg's encoders."""
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate_hz, layout="mono")
        samples = (tone(5.0, rate_hz).T * 32767).astype("<i2")
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    return path


def written(folder: Path, kind: str) -> Path:
    """Five seconds of the tone in one of the formats that people send."""
    path = folder / f"tone.{kind}"
    if kind == "m4a":
        return encode(path, "ipod", "aac", RATE_HZ)
    if kind == "mkv":
        return encode(path, "matroska", "aac", RATE_HZ)
    if kind == "opus":
        return encode(path, "ogg", "libopus", 48_000)
    soundfile.write(path, tone(5.0), RATE_HZ)
    return path


KINDS = ("wav", "flac", "ogg", "mp3", "opus", "m4a", "mkv", "aiff")


@pytest.mark.parametrize("kind", KINDS)
def test_every_common_format_decodes_to_the_sound_that_went_in(tmp_path: Path, kind: str) -> None:
    audio = decode(written(tmp_path, kind), "rec")

    assert audio.samples.shape[0] == 1
    assert audio.samples.dtype == np.float32
    assert audio.duration_s == pytest.approx(5.0, abs=0.05)
    spectrum = np.abs(np.fft.rfft(audio.samples[0]))
    assert spectrum.argmax() / audio.duration_s == pytest.approx(440, abs=1)
    assert np.sqrt(np.mean(audio.samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_every_sample_type_of_a_wav_has_the_same_scale(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(0.5), RATE_HZ, subtype=subtype)

    samples = decode(path, "rec").samples[0]

    assert np.abs(samples - tone(0.5)[:, 0]).max() < 1 / 127


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (96_000, 2), (48_000, 8)])
def test_rate_and_channels_stay_as_they_are(tmp_path: Path, rate_hz: int, channels: int) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(0.5, rate_hz, channels), rate_hz)

    audio = decode(path, "rec")

    assert audio.samples.shape == (channels, rate_hz // 2)
    assert audio.sample_rate_hz == rate_hz


def test_channels_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "levels.wav"
    soundfile.write(path, np.tile(np.arange(8) / 10, (RATE_HZ, 1)), RATE_HZ, subtype="FLOAT")

    assert decode(path, "rec").samples[:, 100] == pytest.approx(np.arange(8) / 10)


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    path = written(tmp_path, "mp3").rename(tmp_path / "really_an_mp3.wav")

    assert decode(path, "rec").duration_s == pytest.approx(5.0, abs=0.05)


def test_overshoots_are_clipped_as_players_do(tmp_path: Path) -> None:
    path = tmp_path / "hot.wav"
    soundfile.write(path, tone(0.5) * 3, RATE_HZ, subtype="FLOAT")

    samples = decode(path, "rec").samples

    assert samples.max() == 1.0
    assert samples.min() == -1.0


def test_the_noun_is_made_from_one_decoding(tmp_path: Path) -> None:
    path = tmp_path / "tone.flac"
    soundfile.write(path, tone(1.5, 22_050, 2), 22_050)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    [window] = windows(path, sha256)
    recording = describe(window, "clips/tone.flac", None)

    assert recording.id == window.audio.recording == sha256
    assert recording.locator == "clips/tone.flac"
    assert (recording.sample_rate_hz, recording.channels) == (22_050, 2)
    assert recording.duration_s == window.audio.duration_s == 1.5
    assert recording.decoder == f"pyav {av.__version__}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_lost_its_end_is_refused(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.6)])

    with pytest.raises(UnreadableAudio, match=r"truncated|corrupt|not a whole sound file"):
        decode(path, "rec")


def test_a_truncated_file_says_how_much_is_there(tmp_path: Path) -> None:
    path = written(tmp_path, "wav")
    path.write_bytes(path.read_bytes()[: 44 + 2 * RATE_HZ * 2])

    with pytest.raises(UnreadableAudio, match=r"rec: truncated: .* 5\.00 s, 2\.00 s"):
        decode(path, "rec")


def test_a_wav_from_a_pipe_does_not_know_its_size_and_decodes(tmp_path: Path) -> None:
    path = written(tmp_path, "wav")
    whole = bytearray(path.read_bytes())
    at = whole.index(b"data") + 4
    whole[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(whole)

    assert decode(path, "rec").duration_s == pytest.approx(5.0)


@pytest.mark.parametrize("kind", ["mp3", "m4a", "opus", "mkv"])
def test_a_hole_in_the_stream_is_refused(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind)
    whole = path.read_bytes()
    third = len(whole) // 3
    path.write_bytes(whole[:third] + bytes(third) + whole[2 * third :])

    with pytest.raises(UnreadableAudio, match=r"corrupt|truncated"):
        decode(path, "rec")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("This is not a sound.\n" * 200)


def garbage(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(50_000))


def header_only(path: Path) -> None:
    soundfile.write(path, np.zeros((0, 1)), RATE_HZ)


def blink(path: Path) -> None:
    soundfile.write(path, tone(0.03), RATE_HZ)


def not_a_number(path: Path) -> None:
    samples = tone(0.5)
    samples[1000:2000] = np.nan
    soundfile.write(path, samples, RATE_HZ, subtype="FLOAT")


def infinite(path: Path) -> None:
    samples = tone(0.5)
    samples[7] = np.inf
    soundfile.write(path, samples, RATE_HZ, subtype="FLOAT")


def beyond_float32(path: Path) -> None:
    soundfile.write(path, tone(0.5) * 1e300, RATE_HZ, subtype="DOUBLE")


def other_scale(path: Path) -> None:
    soundfile.write(path, tone(0.5) * 32768, RATE_HZ, subtype="FLOAT")


def too_slow(path: Path) -> None:
    soundfile.write(path, tone(1.0, 1000), 1000)


def too_long(path: Path) -> None:
    soundfile.write(path, np.zeros((1801 * 4000, 1)), 4000, subtype="PCM_U8", format="WAV")


def playlist(path: Path) -> None:
    soundfile.write(path.with_name("secret.wav"), tone(1.0), RATE_HZ)
    path.write_text("ffconcat version 1.0\nfile secret.wav\n")


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (nothing, "empty: 0 bytes"),
        (text, "not a whole sound file"),
        (garbage, "not a whole sound file|corrupt|truncated"),
        (header_only, "no samples"),
        (blink, "too short: 0.030 s"),
        (not_a_number, "NaN or infinite"),
        (infinite, "NaN or infinite"),
        (beyond_float32, "NaN or infinite"),
        (other_scale, "expected -1 to 1"),
        (too_slow, "sample rate 1000 Hz"),
        (too_long, "longer than 1800 s"),
        (playlist, "not a whole sound file"),
        (folder, "no such file"),
    ],
)
def test_what_is_no_usable_sound_is_refused_with_its_reason(
    tmp_path: Path, made: Callable[[Path], None], reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "clip.wav"
    made(path)

    with pytest.raises(UnreadableAudio, match=reason) as refused:
        decode(path, "rec-7")

    assert refused.value.record_id == "rec-7"
    assert str(tmp_path) not in str(refused.value)
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudio, match="no such file"):
        decode(tmp_path / "nowhere.wav", "rec")


def test_a_picture_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "clip.wav"
    with av.open(str(path), "w", format="matroska") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)

    with pytest.raises(UnreadableAudio, match="no audio stream"):
        decode(path, "rec")


def test_real_recordings_decode_as_long_as_their_labels_say(shared: Path) -> None:
    folder = shared / "audio" / "public"
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    for clip in map(json.loads, lines):
        [window] = windows(folder / clip["path"], clip["id"])
        recording = describe(window, clip["path"], None)
        assert recording.duration_s == pytest.approx(clip["duration_s"], abs=0.03), clip["id"]
        assert recording.sample_rate_hz == clip["sample_rate"]
        assert recording.channels == clip["channels"]
