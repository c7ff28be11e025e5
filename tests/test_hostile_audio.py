"""Whatever a file holds, it is refused or measured: nothing hangs, nothing dies, no gate fails."""

from __future__ import annotations

import functools
import hashlib
import io
import random
import struct
from typing import TYPE_CHECKING, Any

import pytest

np = pytest.importorskip("numpy")
av = pytest.importorskip("av")
soundfile = pytest.importorskip("soundfile")
pytest.importorskip("hypothesis")

from hypothesis import HealthCheck, given, settings  # noqa: E402 - after the skips
from hypothesis import strategies as st  # noqa: E402

from flows import crew  # noqa: E402
from schemas.errors import UnreadableAudio  # noqa: E402
from synth.decode import decode  # noqa: E402
from synth.plugins import names  # noqa: E402
from synth.promised import mp3_counts_frames, ogg_is_whole, wav_duration_s  # noqa: E402
from synth.questions import Source  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

    from flows.crew import Seen

RATE_HZ = 16_000
FORMATS = {
    "wav": ("wav", "pcm_s16le"),
    "flac": ("flac", "flac"),
    "ogg": ("ogg", ""),  # Vorbis, by soundfile: PyAV brings no encoder that is any good
    "opus": ("ogg", "libopus"),
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("ipod", "aac"),
}
FLIPPED, CUT, HEADERS = 25, 10, 25
"""cases a format, each seeded by its number"""


@functools.cache
def encoded(kind: str) -> bytes:
    """One second of a tone over noise."""
    container, codec = FORMATS[kind]
    rate_hz = 48_000 if kind == "opus" else RATE_HZ
    noise = 0.1 * np.random.default_rng(0).standard_normal(rate_hz)
    samples = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz) + noise
    file = io.BytesIO()
    if not codec:
        soundfile.write(file, samples, rate_hz, format="OGG")
        return file.getvalue()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate_hz, layout="mono")
        whole = (samples[None] * 32767).astype("<i2")
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
        frame.sample_rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    return file.getvalue()


def corrupted(whole: bytes, seed: int) -> dict[str, bytes]:
    """Flip bytes anywhere, or in the header, or cut the end: one case each."""
    chance = random.Random(seed)
    cases = {}
    for number in range(FLIPPED + HEADERS + CUT):
        broken = bytearray(whole)
        if number < FLIPPED:
            for _ in range(chance.choice((1, 3, 30, 300))):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            name = f"flipped {number}"
        elif number < FLIPPED + HEADERS:
            at = chance.randrange(min(64, len(broken)))
            broken[at : at + 4] = chance.choice((bytes(4), b"\xff" * 4, chance.randbytes(4)))
            name = f"header {number}"
        else:
            del broken[chance.randrange(len(broken)) :]
            name = f"cut {number}"
        cases[name] = bytes(broken)
    return cases


def wav(rate_hz: int, channels: int, promised: int, payload: bytes, bits: int = 16) -> bytes:
    """A WAV header that promises what it likes."""
    block = min(channels * bits // 8, 0xFFFF)
    told = struct.pack(
        "<HHIIHH", 3 if bits == 32 else 1, channels, rate_hz, min(rate_hz * block, 2**32 - 1),
        block, bits,
    )  # fmt: skip
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + told + b"data" + struct.pack("<I", promised)
    return b"RIFF" + struct.pack("<I", 36 + len(payload)) + chunks + payload


def lies() -> dict[str, bytes]:
    """Headers that promise too much or what cannot be, and samples that are none."""
    second = bytes(RATE_HZ * 2)
    flac = bytearray(encoded("flac"))
    flac[21:26] = bytes([flac[21] & 0xF0, *struct.pack(">I", 10 * 3600 * RATE_HZ)])
    rates = {f"{rate} Hz": wav(rate, 1, len(second), second) for rate in (0, 1, 768_000, 2**32 - 1)}
    counts = {
        f"{count} channels": wav(RATE_HZ, count, len(second), second)
        for count in (0, 33, 64, 255, 65_535)
    }
    floats = np.full(RATE_HZ, np.nan, np.float32).tobytes()
    return rates | counts | {
        "ten hours of wav": wav(RATE_HZ, 1, 10 * 3600 * RATE_HZ * 2, second),
        "ten hours of flac": bytes(flac),
        "one sample": wav(RATE_HZ, 1, 2, b"\x01\x7f"),
        "no sample": wav(RATE_HZ, 1, 0, b""),
        "half a sample": wav(RATE_HZ, 1, 1, b"\x01"),
        "not a number": wav(RATE_HZ, 1, len(floats), floats, bits=32),
        "two files in one": encoded("mp3") + encoded("flac"),
    }  # fmt: skip


def observed(folder: Path, files: dict[str, bytes], extractors: tuple[str, ...]) -> dict[str, Seen]:
    sources = {}
    for name, content in files.items():
        path = folder / name.replace(" ", "_")
        path.write_bytes(content)
        sha256 = hashlib.sha256(name.encode() + content).hexdigest()
        sources[name] = Source(path=path, sha256=sha256, locator=path.name)
    return dict(crew.observe(sources, extractors))


def check_refused_or_measured(seen: dict[str, Seen]) -> None:
    for name, one in seen.items():
        assert not one.refusal.startswith("decoding it was given up"), (name, one.refusal)
        assert one.recording or one.refusal, name
        for extraction in one.extractions:
            assert extraction.outcome != "failed", (name, extraction.extractor, extraction.reason)
            assert extraction.outcome == "measured" or extraction.reason


@pytest.mark.parametrize("kind", FORMATS)
def test_a_corrupt_file_is_refused_or_measured(tmp_path: Path, kind: str) -> None:
    whole = encoded(kind)

    seen = observed(tmp_path, {"whole": whole} | corrupted(whole, 7), ("signal",))

    assert len(seen) == 1 + FLIPPED + HEADERS + CUT
    assert seen["whole"].recording is not None
    assert any(one.refusal for one in seen.values())
    check_refused_or_measured(seen)


def test_a_header_that_lies_is_refused(tmp_path: Path) -> None:
    seen = observed(tmp_path, lies(), ("signal",))

    check_refused_or_measured(seen)
    assert {name for name, one in seen.items() if one.recording} <= {"two files in one"}
    for name in ("ten hours of wav", "ten hours of flac"):
        assert "promises 36000.00 s" in seen[name].refusal
    assert "too short" in seen["one sample"].refusal
    assert "NaN" in seen["not a number"].refusal


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"RIFF\0\0\0\0WAVE", b"OggS\0", b"ID3\4\0\0"])
)
@settings(max_examples=100, deadline=None)
def test_no_bytes_break_the_readers_of_headers(tail: bytes, head: bytes) -> None:
    file = io.BytesIO(head + tail)

    seconds = wav_duration_s(file)

    assert seconds is None or seconds > 0
    assert mp3_counts_frames(file) in {True, False}
    assert ogg_is_whole(file) in {True, False}


@given(st.binary(max_size=2000), st.sampled_from(sorted(FORMATS)), st.integers(0, 400))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_patch_of_any_bytes_is_decoded_or_refused(
    tmp_path: Path, patch: bytes, kind: str, at: int
) -> None:
    whole = encoded(kind)
    path = tmp_path / "patched"
    path.write_bytes(whole[:at] + patch + whole[at + len(patch) :])

    try:
        audio = decode(path, "rec")
    except UnreadableAudio:
        return
    assert np.isfinite(audio.samples).all()
    assert np.abs(audio.samples).max() <= 1.0


def absurd_sounds() -> dict[str, tuple[Any, int]]:
    """Samples (n, channels) that decode, and that no instrument was made for."""
    chance = np.random.default_rng(1)
    n = 3 * RATE_HZ
    time_s = np.arange(n) / RATE_HZ
    tone = np.sin(2 * np.pi * 330 * time_s)
    noise = chance.standard_normal(10 * RATE_HZ)
    click = np.zeros(n)
    click[n // 2] = 1.0
    return {
        "blink": (noise[: RATE_HZ // 20], RATE_HZ),
        "silence": (np.zeros(n), RATE_HZ),
        "constant": (np.full(n, 0.9), RATE_HZ),
        "constant of twelve seconds": (np.full(12 * RATE_HZ, -1.0), RATE_HZ),
        "clipped": (np.sign(tone), RATE_HZ),
        "clipped noise": (np.clip(9 * noise, -1, 1), RATE_HZ),
        "one click": (click, RATE_HZ),
        "alternating": (np.tile([1.0, -1.0], n // 2), RATE_HZ),
        "hardly anything": (1e-30 * noise[:n], RATE_HZ),
        "cancelling": (np.stack([tone, -tone], axis=1), RATE_HZ),
        "one side": (np.stack([tone, 0 * tone], axis=1), RATE_HZ),
        "many channels": (np.tile(0.5 * tone[:, None], (1, 16)), RATE_HZ),
        "slow": (0.5 * noise[: 4 * 4000].clip(-1, 1), 4_000),
        "fast": (0.5 * np.tile(tone, 4), 384_000),
        "rising square": (np.sign(tone) * np.linspace(0, 1, n), RATE_HZ),
    }


@pytest.mark.weights
@pytest.mark.slow
def test_every_extractor_bears_every_absurd_sound(tmp_path: Path) -> None:
    files = {}
    for name, (samples, rate_hz) in absurd_sounds().items():
        file = io.BytesIO()
        soundfile.write(file, samples, rate_hz, subtype="FLOAT", format="WAV")
        files[name] = file.getvalue()

    seen = observed(tmp_path, files, names("extractors"))

    assert all(one.recording for one in seen.values())
    check_refused_or_measured(seen)
