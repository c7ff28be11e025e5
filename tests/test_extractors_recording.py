"""What a recording itself tells, on sounds and real clips whose truth is their construction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemas import Recording
from schemas.errors import Abstained, MissingWeights
from synth.plugins import load

np = pytest.importorskip("numpy")
for library in ("essentia", "librosa", "pyloudnorm", "scipy", "soundfile", "soxr"):
    pytest.importorskip(library)

import soundfile  # noqa: E402 - after the skips
import soxr  # noqa: E402

from synth.audio import Audio  # noqa: E402
from synth.observe import observe  # noqa: E402
from synth.settle import settle  # noqa: E402
from synth.trend import tau  # noqa: E402

if TYPE_CHECKING:
    from schemas import Fact

RATE_HZ = 22_050
CLIPS = Path(__file__).parents[1] / "synth" / "benchmarks" / "sample_files"
LEVEL = ("level_rms", "level_essentia", "loudness_essentia")
LOUDNESS = ("loudness_essentia", "loudness_pyloudnorm")
BANDWIDTH = ("bandwidth_scipy", "bandwidth_librosa")
REPETITION = ("repetition_librosa", "repetition_essentia")
PITCH = ("pitch_librosa", "pitch_essentia", "pitch_crepe")


def clip(name: str, rate_hz: int = RATE_HZ) -> Any:
    """Read a clip of the sample as one channel, shape (n,)."""
    samples, own_hz = soundfile.read(CLIPS / name, always_2d=True)
    return soxr.resample(samples.mean(axis=1), own_hz, rate_hz)


def audio(samples: Any, rate_hz: int = RATE_HZ) -> Audio:
    return Audio("rec", np.atleast_2d(samples).clip(-1, 1).astype(np.float32), rate_hz)


def facts(sound: Audio, *extractors: str) -> dict[str, Fact]:
    """Settle what extractors say of the whole recording; contested facts are left out."""
    recording = Recording(
        id="rec", locator="made", sample_rate_hz=sound.sample_rate_hz,
        channels=len(sound.samples), duration_s=sound.duration_s, decoder="made",
    )  # fmt: skip
    observed = observe(sound, extractors)
    assert not [one for one in observed.extractions if one.outcome == "failed"]
    settled = settle(recording, observed.observations)
    return {
        fact.property: fact for fact in settled if fact.span is None and fact.tier != "contested"
    }


def corroborated(sound: Audio, name: str, *extractors: str) -> Any:
    """Give the value that two witnesses agree on: a number, a text or a list of stretches."""
    fact = facts(sound, *extractors)[name]
    assert (fact.tier, len(fact.witnesses)) == ("corroborated", 2)
    if fact.value is None:
        return fact.state
    items = [(item.start_s, item.end_s) for item in fact.value.items or ()]
    return items or fact.value.text or fact.value.number


def noise(seconds: float, dbfs: float = -20.0, seed: int = 0) -> Any:
    made = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))
    return made * 10 ** (dbfs / 20)


def sine(hertz: Any, seconds: float) -> Any:
    """Five harmonics of a pitch that may change sample by sample."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, round(seconds * RATE_HZ))) / RATE_HZ
    return 0.2 * sum(np.sin(k * phase) / k for k in range(1, 6))


def gap(seconds: float) -> Any:
    return np.zeros(round(seconds * RATE_HZ))


LOOP, SPEECH = "audio/music_loop_mika.ogg", "audio/speech_john_dashwood.flac"


def test_a_recording_lasts_as_long_as_its_samples() -> None:
    assert facts(audio(noise(2.5)), "duration")["duration"].value.number == pytest.approx(2.5)


@pytest.mark.parametrize("name", [LOOP, SPEECH, "sources/vinyl_hiss.flac"])
@pytest.mark.parametrize("way", ["rising", "falling"])
def test_a_fade_over_the_whole_recording_is_a_trend(name: str, way: str) -> None:
    samples = clip(name)
    fade = 10 ** (np.linspace(-36, 0, len(samples)) / 20)
    faded = samples * (fade if way == "rising" else fade[::-1])

    assert corroborated(audio(faded), "loudness_trend", *LEVEL) == way


def test_a_loop_is_steady_and_speech_has_no_trend() -> None:
    assert corroborated(audio(clip(LOOP)), "loudness_trend", *LEVEL) == "steady"
    assert "loudness_trend" not in facts(audio(clip(SPEECH)), *LEVEL)


@pytest.mark.parametrize("name", [LOOP, SPEECH])
def test_what_swells_and_sinks_again_has_no_trend(name: str) -> None:
    samples = clip(name)
    swell = 10 ** (-30 * np.abs(np.linspace(-1, 1, len(samples))) / 20)

    assert "loudness_trend" not in facts(audio(samples * swell), *LEVEL)


def test_a_sound_that_ends_is_followed_by_silence_and_is_no_trend() -> None:
    ends = np.concatenate([clip(LOOP)[: 3 * RATE_HZ], gap(2.0)])

    assert "loudness_trend" not in facts(audio(ends), *LEVEL)


def test_ranks_tell_order_from_noise() -> None:
    assert tau([1, 2, 3, 4]) == 1
    assert tau([4, 3, 2, 1]) == -1
    assert tau([1, 1, 1]) == 0
    assert tau([1, 3, 2, 4]) == pytest.approx(4 / 6)


def test_silence_is_where_it_was_put() -> None:
    sound = clip(LOOP)[: 3 * RATE_HZ]
    joined = np.concatenate([sound, gap(1.5), sound, gap(2.0)])

    found = corroborated(audio(joined), "silence", *LEVEL)

    assert found == [pytest.approx((3.0, 4.5), abs=0.1), pytest.approx((7.5, 9.5), abs=0.1)]


def test_music_without_a_pause_has_no_silence() -> None:
    assert corroborated(audio(clip(LOOP)), "silence", *LEVEL) == "absent"


@pytest.mark.parametrize("between", [noise(1.5, -45.0), gap(0.7)])
def test_a_pause_in_room_noise_and_a_short_one_are_neither_silence_nor_none(between: Any) -> None:
    sound = clip(LOOP)[: 3 * RATE_HZ]

    assert "silence" not in facts(audio(np.concatenate([sound, between, sound])), *LEVEL)


def test_hum_that_nobody_hears_divides_the_witnesses() -> None:
    sound = clip(LOOP)[: 3 * RATE_HZ]
    hum = 0.02 * np.sin(2 * np.pi * 25 * np.arange(6 * RATE_HZ) / RATE_HZ)
    joined = np.concatenate([sound, gap(1.5), sound, gap(1.5)])[: len(hum)] + hum

    found = facts(audio(joined), *LEVEL)

    assert "silence" not in found or found["silence"].tier == "single"


@pytest.mark.parametrize(("low_dbfs", "span_lu"), [(-30, 10), (-25, 5), (-40, 20)])
def test_loudness_range_of_the_signals_of_tech_3342(low_dbfs: int, span_lu: int) -> None:
    # EBU Tech 3342, test cases 1 to 3: a stereo tone of 1 kHz at two levels, 20 s each.
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 1000 * t)
    both = np.concatenate([tone * 10 ** (level / 20) for level in (-20, low_dbfs)])

    span = corroborated(audio(np.stack([both, both])), "loudness_range", *LOUDNESS)

    assert span == pytest.approx(span_lu, abs=1.0)


def test_each_half_has_its_loudness() -> None:
    samples = clip(LOOP)
    half = len(samples) // 2
    louder = np.concatenate([samples[:half] * 0.1, samples[half:]])

    for extractor in LOUDNESS:
        observed = observe(audio(louder), [extractor]).observations
        first, second = (
            seen.value.number
            for seen in observed
            if seen.property == "loudness" and seen.span is not None
        )
        assert second - first == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize(("highest_hz", "name"), [(4000, SPEECH), (5512, LOOP), (4000, LOOP)])
def test_a_recording_made_narrow_and_widened_again_ends_where_it_was_cut(
    highest_hz: int, name: str
) -> None:
    narrow = soxr.resample(clip(name), RATE_HZ, 2 * highest_hz)
    widened = soxr.resample(narrow, 2 * highest_hz, RATE_HZ)

    highest = corroborated(audio(widened), "bandwidth", *BANDWIDTH)

    assert highest == pytest.approx(highest_hz, rel=0.122)


def test_white_noise_fills_its_band_and_a_gentle_slope_has_no_end() -> None:
    from scipy.signal import butter, sosfilt

    white = noise(4.0)
    slope = sosfilt(butter(1, 1500, fs=RATE_HZ, output="sos"), white)

    assert corroborated(audio(white), "bandwidth", *BANDWIDTH) == RATE_HZ / 2
    found = facts(audio(slope), *BANDWIDTH).get("bandwidth")
    assert found is None or found.value.number > 0.85 * RATE_HZ / 2


@pytest.mark.parametrize("dbfs", [-60.0, -50.0, -42.0])
def test_noise_beneath_sounds_has_its_level(dbfs: float) -> None:
    bark = clip("sources/misc_crow.flac")
    sounds = np.concatenate([part for _ in range(4) for part in (bark, gap(0.8))])

    found = facts(audio(sounds + noise(len(sounds) / RATE_HZ, dbfs)), "noise_floor")

    assert found["noise_level"].value.number == pytest.approx(dbfs, abs=1.0)


@pytest.mark.parametrize("name", [LOOP, "audio/music_djembe.ogg", "sources/perc_bell.flac"])
def test_music_and_what_rings_on_have_no_floor_of_noise(name: str) -> None:
    assert "noise_level" not in facts(audio(clip(name)), "noise_floor")


@pytest.mark.parametrize(
    ("left_db", "right_db", "place"),
    [(0, -20, "left"), (-12, 0, "right"), (0, 0, "centre"), (0, -5, None)],
)
@pytest.mark.parametrize("name", [LOOP, SPEECH])
def test_a_panned_sound_is_where_it_was_panned(
    name: str, left_db: float, right_db: float, place: str | None
) -> None:
    samples = clip(name)
    panned = np.stack([samples * 10 ** (left_db / 20), samples * 10 ** (right_db / 20)])

    found = facts(audio(panned), "stereo").get("stereo_position")

    assert (found.value.text if found else None) == place


def test_two_sounds_on_two_sides_have_no_one_place() -> None:
    speech = clip(SPEECH)
    both = np.stack([speech, clip(LOOP)[: len(speech)]])

    assert "stereo_position" not in facts(audio(both), "stereo")


@pytest.mark.parametrize("name", [LOOP, SPEECH])
def test_a_sound_that_wanders_moves_and_one_that_jumps_to_and_fro_does_not(name: str) -> None:
    samples = clip(name)
    angle = np.linspace(0.05, 0.95, len(samples)) * np.pi / 2
    wandering = np.stack([samples * np.cos(angle), samples * np.sin(angle)])
    side = np.arange(len(samples)) // (RATE_HZ // 2) % 2

    moves = facts(audio(wandering), "stereo")["stereo_movement"]
    back = facts(audio(wandering[::-1]), "stereo")["stereo_movement"]
    jumping = facts(audio(np.stack([samples * side, samples * (1 - side)])), "stereo")

    assert moves.value.text == "left to right"
    assert back.value.text == "right to left"
    assert "stereo_movement" not in jumping


def test_one_channel_has_neither_left_nor_right() -> None:
    (extraction,) = observe(audio(clip(SPEECH)), ["stereo"]).extractions[-1:]

    assert extraction.outcome == "abstained"
    assert "1 channels" in extraction.reason


def row(*names: str, seed: int = 0) -> Audio:
    """Join clips with gaps of half a second, each a little louder or quieter, in faint noise."""
    chance = np.random.default_rng(seed)
    parts = [gap(0.3)]
    for name in names:
        sound = clip(f"sources/{name}.flac")
        parts += [0.5 * sound / np.abs(sound).max() * chance.uniform(0.8, 1.2), gap(0.5)]
    joined = np.concatenate(parts)
    return audio(joined + noise(len(joined) / RATE_HZ, -60.0))


@pytest.mark.parametrize("name", ["misc_crow", "drum_cowbell", "drum_snare_hard", "misc_burp"])
@pytest.mark.parametrize("times", [2, 5])
def test_a_repeated_sound_is_counted(name: str, times: int) -> None:
    assert corroborated(row(*[name] * times), "repetitions", *REPETITION) == times


@pytest.mark.parametrize(("place", "word"), [(0, "first"), (2, "third"), (3, "fourth")])
def test_the_odd_one_out_is_named(place: int, word: str) -> None:
    names = ["drum_snare_hard"] * 4
    names[place] = "misc_crow"
    sound = row(*names)

    assert corroborated(sound, "odd_one_out", *REPETITION) == word
    assert "repetitions" not in facts(sound, *REPETITION)


def test_different_sounds_and_sentences_are_no_repetition() -> None:
    different = row("misc_crow", "drum_snare_hard", "misc_burp", "drum_cowbell")

    for sound in (different, audio(clip(SPEECH)), audio(clip(LOOP))):
        assert not {"repetitions", "odd_one_out"} & set(facts(sound, *REPETITION))


@pytest.mark.weights
@pytest.mark.parametrize("hertz", [98.0, 220.0, 440.0, 1046.5])
def test_crepe_and_yin_agree_on_a_tone(hertz: float) -> None:
    found = facts(audio(sine(hertz, 3.0)), *PITCH)

    assert found["pitch"].tier == "corroborated"
    assert found["pitch"].value.number == pytest.approx(hertz, rel=0.0293)
    assert found["pitch_range"].value.number == pytest.approx(0, abs=1)
    assert found["pitch_contour"].value.text == "level"


@pytest.mark.weights
@pytest.mark.parametrize(("ends", "way"), [((150, 300), "rising"), ((400, 200), "falling")])
def test_a_glide_has_its_range_and_contour(ends: tuple[float, float], way: str) -> None:
    glide = np.geomspace(*ends, round(4.0 * RATE_HZ))

    found = facts(audio(sine(glide, 4.0)), *PITCH)

    assert found["pitch_contour"].tier == "corroborated"
    assert found["pitch_contour"].value.text == way
    # From the 5th to the 95th percentile: nine tenths of an octave.
    assert found["pitch_range"].value.number == pytest.approx(10.8, abs=1)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["audio/drum_loop_amen.ogg", "audio/music_taiko.ogg", LOOP])
def test_no_two_witnesses_hear_one_voice_in_drums_and_bands(name: str) -> None:
    found = facts(audio(clip(name)), *PITCH)

    assert "pitch_contour" not in found
    assert "pitch" not in found or found["pitch"].tier == "single"


@pytest.mark.weights
def test_a_sentence_has_no_contour() -> None:
    assert "pitch_contour" not in facts(audio(clip(SPEECH)), *PITCH)


@pytest.mark.weights
def test_crepe_follows_a_change_of_speed() -> None:
    name = "sources/sonnet_1.flac"
    plain = facts(audio(clip(name)), "pitch_crepe")["pitch"].value.number
    faster = Audio("rec", audio(clip(name, round(RATE_HZ / 1.2))).samples, RATE_HZ)

    assert facts(faster, "pitch_crepe")["pitch"].value.number == pytest.approx(
        1.2 * plain, rel=0.0293
    )


@pytest.mark.weights
def test_crepe_without_its_weights_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load("extractors", "pitch_crepe")
    module._network.cache_clear()
    monkeypatch.setenv("PERCEPTSYNTH_MODELS", str(tmp_path))

    with pytest.raises((MissingWeights, Abstained), match="crepe-tiny"):
        module._network()
