"""The instruments that need no weights, on sounds whose truth is their construction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from schemas import Observation, Value
from schemas.errors import Abstained

np = pytest.importorskip("numpy")
for library in ("essentia", "librosa", "pyloudnorm", "soxr"):
    pytest.importorskip(library)

from synth.audio import Audio  # noqa: E402 - after the skips
from synth.plugins import load  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from synth.audio import Measurement

RATE_HZ = 44_100
LOUDNESS = ("loudness_essentia", "loudness_pyloudnorm")
PITCH = ("pitch_essentia", "pitch_librosa")


def audio(samples: Any, rate_hz: int = RATE_HZ) -> Audio:
    """Make a recording of samples, shape (n,) or (channels, n)."""
    return Audio("rec", np.atleast_2d(samples).clip(-1, 1).astype(np.float32), rate_hz)


def heard() -> tuple[Observation, ...]:
    """Say what the extractor `signal` would: sound there is."""
    there_is = Observation(
        id="signal", recording="rec", property="presence", subject="signal", span=None,
        value=Value(text="yes"), confidence=None, extractor="signal", version="1", witness="signal",
    )  # fmt: skip
    return (there_is,)


def measured(extractor: str, sound: Audio) -> Measurement:
    """Measure what an extractor says first, music taken for granted."""
    first, *_ = load("extractors", extractor).measure(sound, heard())
    return first


def note(midi: float, seconds: float, harmonics: int = 5) -> Any:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    hertz = 440 * 2 ** ((midi - 69) / 12)
    tones = [np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, harmonics + 1)]
    return sum(tones) * np.exp(-2 * t)


def white(seconds: float = 12.0) -> Any:
    return 0.1 * np.random.default_rng(3).standard_normal(int(seconds * RATE_HZ))


def sine(hertz: float, seconds: float = 3.0, rate_hz: int = RATE_HZ) -> Any:
    return 0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate_hz)) / rate_hz)


@pytest.mark.parametrize("extractor", LOUDNESS)
def test_the_ebu_reference_tone_is_at_minus_23_lufs(extractor: str) -> None:
    # EBU Tech 3341, test case 1: stereo sine of 1 kHz, peak -23 dBFS: -23.0 +-0.1 LUFS.
    tone = sine(1000, 20.0, 48_000) / 0.3 * 10 ** (-23 / 20)

    loudness = measured(extractor, audio(np.stack([tone, tone]), 48_000))

    assert loudness.value.number == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000, 96_000, 192_000])
def test_both_loudness_meters_agree_at_any_rate_and_on_one_channel(rate_hz: int) -> None:
    sound = audio(sine(1000, 3.0, rate_hz), rate_hz)

    readings = [measured(extractor, sound).value.number for extractor in LOUDNESS]

    assert readings[0] == pytest.approx(readings[1], abs=0.2)
    # One channel has half the power of two: 3.01 LU below the same tone in stereo.
    assert readings[0] == pytest.approx(20 * np.log10(0.3) - 3.01, abs=0.3)


@pytest.mark.parametrize("extractor", LOUDNESS)
def test_loudness_of_eight_channels_is_not_guessed(extractor: str) -> None:
    with pytest.raises(Abstained, match="8 channels"):
        measured(extractor, audio(np.tile(sine(1000), (8, 1))))


@pytest.mark.parametrize("hertz", [110.0, 220.0, 440.0, 1000.0])
@pytest.mark.parametrize("extractor", PITCH)
def test_a_tone_has_its_pitch_within_50_cents(extractor: str, hertz: float) -> None:
    pitch = measured(extractor, audio(sine(hertz)))

    assert pitch.value.number == pytest.approx(hertz, rel=2 ** (50 / 1200) - 1)


@pytest.mark.parametrize("rate_hz", [8_000, 96_000])
@pytest.mark.parametrize("extractor", PITCH)
def test_pitch_is_the_same_at_any_rate_and_with_eight_channels(
    extractor: str, rate_hz: int
) -> None:
    sound = audio(np.tile(sine(440, 1.0, rate_hz), (8, 1)), rate_hz)

    assert measured(extractor, sound).value.number == pytest.approx(440, rel=0.01)


@pytest.mark.parametrize("extractor", PITCH)
def test_white_noise_has_no_pitch(extractor: str) -> None:
    with pytest.raises(Abstained, match="not pitch"):
        measured(extractor, audio(white()))


@pytest.mark.parametrize("extractor", PITCH)
def test_a_chord_has_no_single_pitch(extractor: str) -> None:
    chord = sum(0.1 * note(midi, 3.0) for midi in (48, 52, 55))

    with pytest.raises(Abstained, match="not pitched"):
        measured(extractor, audio(chord))


@pytest.mark.parametrize(("extractor", "seconds"), [*((one, 0.1) for one in (*LOUDNESS, *PITCH))])
def test_loudness_and_pitch_want_a_window(extractor: str, seconds: float) -> None:
    with pytest.raises(Abstained, match="too short"):
        measured(extractor, audio(sine(440, seconds)))


@pytest.mark.parametrize("extractor", PITCH)
def test_channels_that_cancel_each_other_are_silence(extractor: str) -> None:
    tone = sine(440)

    with pytest.raises(Abstained, match="cancel"):
        measured(extractor, audio(np.stack([tone, -tone])))


def faint(dbfs: float) -> Any:
    return white(1.0) / 0.1 * 10 ** (dbfs / 20)


@pytest.mark.parametrize(
    ("make", "answer"),
    [
        (lambda: np.zeros(RATE_HZ), "no"),
        (lambda: np.full(RATE_HZ, 0.5), "no"),  # a constant is no sound
        (lambda: faint(-75), "no"),
        (lambda: faint(-65), "yes"),
        (lambda: np.concatenate([np.zeros(20 * RATE_HZ), sine(440, 0.5)]), "yes"),
        (lambda: np.stack([np.zeros(RATE_HZ), sine(440, 1.0)]), "yes"),
        (lambda: sine(440, 0.05), "yes"),
    ],
)
def test_there_is_a_signal_where_any_block_is_above_70_dbfs(
    make: Callable[[], Any], answer: str
) -> None:
    (seen,) = load("extractors", "signal").measure(audio(make()), ())

    assert (seen.property, seen.subject, seen.value.text) == ("presence", "signal", answer)
