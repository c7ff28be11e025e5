"""Tempo, beats, keys and chords, on music whose truth is its construction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from schemas import Item, Observation, Value
from schemas.errors import Abstained, MissingWeights

np = pytest.importorskip("numpy")
for library in ("essentia", "librosa", "soxr", "onnxruntime"):
    pytest.importorskip(library)

from synth import models  # noqa: E402 - after the skips
from synth.audio import Audio  # noqa: E402
from synth.chords import chords_heard  # noqa: E402
from synth.keys import ALBRECHT, BGATE, TONICS, Profile, key_heard, tonic_heard  # noqa: E402
from synth.plugins import load  # noqa: E402

if TYPE_CHECKING:
    from synth.audio import Measurement

RATE_HZ = 44_100
TEMPO = ("tempo_essentia", "tempo_percival", "tempo_librosa")
BEATS = ("tempo_essentia", "tempo_librosa")
KEY = (
    "key_essentia",
    "key_librosa",
    pytest.param("key_basic_pitch", marks=pytest.mark.weights),
)
CHORDS = ("key_essentia", pytest.param("key_basic_pitch", marks=pytest.mark.weights))
NO_KEY = r"no tonality|no key fits|two keys fit|profiles disagree"


def audio(samples: Any) -> Audio:
    """Make a recording of samples, shape (n,) or (channels, n)."""
    return Audio("rec", np.atleast_2d(samples).clip(-1, 1).astype(np.float32), RATE_HZ)


def heard(sound: Audio, *, music: str | None = "yes", until_s: float | None = None) -> Any:
    """Say what `signal` and `events_yamnet` would: sound there is, and music as told."""

    def say(extractor: str, name: str, subject: str, value: Value) -> Observation:
        return Observation(
            id=f"{extractor} {name}", recording="rec", property=name, subject=subject, span=None,
            value=value, confidence=None, extractor=extractor, version="1", witness=extractor,
        )  # fmt: skip

    end_s = sound.duration_s if until_s is None else until_s
    told = [say("signal", "presence", "signal", Value(text="yes"))]
    if music:
        told.append(say("events_yamnet", "presence", "music", Value(text=music)))
        items = (Item(label="music", start_s=0.0, end_s=end_s),)
        told.append(say("events_yamnet", "event", "", Value(items=items)))
    return tuple(told)


def measured(extractor: str, samples: Any) -> dict[str, Measurement]:
    """Measure all that can be, music taken for granted."""
    if extractor == "key_basic_pitch":
        try:
            models.path("basic-pitch")
        except MissingWeights as error:
            pytest.skip(error.message)
    sound = audio(samples)
    told = load("extractors", extractor).measure(sound, heard(sound))
    return {one.property: one for one in told}


def strokes(times_s: Any, seconds: float, hertz: float = 1000) -> Any:
    """Short tones at given times over faint noise."""
    n = int(seconds * RATE_HZ)
    samples = 0.002 * np.random.default_rng(0).standard_normal(n)
    t = np.arange(int(0.1 * RATE_HZ)) / RATE_HZ
    stroke = 0.8 * np.sin(2 * np.pi * hertz * t) * np.exp(-60 * t)
    for time in times_s:
        at = int(time * RATE_HZ)
        samples[at : at + len(stroke)] += stroke[: max(0, n - at)]
    return samples


def clicks(bpm: float, seconds: float = 12.0) -> Any:
    return strokes(np.arange(0.1, seconds - 0.2, 60 / bpm), seconds)


def accelerating(start_bpm: float, end_bpm: float, seconds: float = 20.0) -> Any:
    """Clicks whose tempo goes evenly from one to the other."""
    times, now = [], 0.1
    while now < seconds - 0.2:
        times.append(now)
        now += 60 / (start_bpm + (end_bpm - start_bpm) * now / seconds)
    return strokes(times, seconds)


def note(midi: float, seconds: float) -> Any:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    hertz = 440 * 2 ** ((midi - 69) / 12)
    return sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 6)) * np.exp(-2 * t)


def played(chords: Any, chord_s: float) -> Any:
    """Play chords, each a root in MIDI and whether it is major, with a bass."""
    sounds = []
    for root, is_major in chords:
        tones = (root, root + (4 if is_major else 3), root + 7, root + 12)
        chord = sum(0.15 * note(tone, chord_s) for tone in tones)
        sounds.append(chord + 0.2 * note(root - 12, chord_s))
    samples = np.concatenate(sounds)
    return 0.8 * samples / np.abs(samples).max()


def cadence(tonic: float, *, minor: bool, chord_s: float = 0.75) -> Any:
    """I-vi-IV-V-I-IV-V-I, or i-VI-iv-V-i-iv-V-i, twice, with bass: there is one key for it."""
    major_steps = [(0, 1), (9, 0), (5, 1), (7, 1), (0, 1), (5, 1), (7, 1), (0, 1)]
    minor_steps = [(0, 0), (8, 1), (5, 0), (7, 1), (0, 0), (5, 0), (7, 1), (0, 0)]
    steps = (minor_steps if minor else major_steps) * 2
    return played([(48 + tonic + degree, is_major) for degree, is_major in steps], chord_s)


def drums(seconds: float = 12.0) -> Any:
    n = int(0.2 * RATE_HZ)
    hit = np.random.default_rng(1).standard_normal(n) * np.exp(-30 * np.arange(n) / RATE_HZ)
    loop = np.concatenate([0.4 * hit, np.zeros(int(0.3 * RATE_HZ))])
    return np.tile(loop, int(seconds / 0.5))


def white(seconds: float = 12.0) -> Any:
    return 0.1 * np.random.default_rng(3).standard_normal(int(seconds * RATE_HZ))


# Tempo -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", [75.0, 96.0, 120.0, 140.0])
@pytest.mark.parametrize("extractor", TEMPO)
def test_a_click_track_has_its_tempo(extractor: str, bpm: float) -> None:
    tempo = measured(extractor, clicks(bpm))["tempo"]

    assert tempo.value.number == pytest.approx(bpm, rel=0.01)
    assert tempo.confidence is not None
    assert 0 < tempo.confidence <= 1


@pytest.mark.parametrize("extractor", BEATS)
def test_the_beats_of_a_click_track_are_its_clicks(extractor: str) -> None:
    beats = measured(extractor, clicks(120))["beats"].value.items

    assert beats is not None
    assert len(beats) == pytest.approx(24, abs=2)
    assert all(one.label == "beat" and one.start_s == one.end_s for one in beats)
    off = [abs((one.start_s - 0.1 + 0.25) % 0.5 - 0.25) for one in beats]
    assert sum(each >= 0.07 for each in off) <= 1  # mir_eval's window; one may fall after the last


@pytest.mark.parametrize(
    ("start_bpm", "end_bpm", "change"),
    [(100, 130, "faster"), (130, 100, "slower"), (110, 110, "steady")],
)
@pytest.mark.parametrize("extractor", BEATS)
def test_a_ramp_of_tempo_is_a_change_and_no_tempo(
    extractor: str, start_bpm: float, end_bpm: float, change: str
) -> None:
    told = measured(extractor, accelerating(start_bpm, end_bpm))

    assert told["tempo_change"].value.text == change
    assert ("tempo" in told) == (change == "steady")


@pytest.mark.parametrize("extractor", TEMPO)
def test_the_dotted_quarters_of_a_tresillo_are_not_its_beat(extractor: str) -> None:
    # 3+3+2 eighths at 150 bpm: of the strokes two in three are a beat and a half apart.
    eighth_s = 60 / 150 / 2
    times = [0.1 + bar * 8 * eighth_s + at * eighth_s for bar in range(10) for at in (0, 3, 6)]

    try:
        told = measured(extractor, strokes(times, 16.0))
    except Abstained:
        return
    if "tempo" in told:
        assert told["tempo"].value.number != pytest.approx(100, rel=0.04)


@pytest.mark.parametrize("extractor", TEMPO)
def test_white_noise_has_no_tempo(extractor: str) -> None:
    with pytest.raises(Abstained, match=r"no steady|no clear pulse|no one tempo"):
        measured(extractor, white())


@pytest.mark.parametrize("extractor", TEMPO)
def test_strokes_at_random_have_no_tempo(extractor: str) -> None:
    times = np.sort(np.random.default_rng(5).uniform(0.1, 14.5, 30))

    try:
        told = measured(extractor, strokes(times, 15.0))
    except Abstained:
        return
    assert "tempo" not in told


# Key ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tonic", "mode"),
    [(0, "major"), (4, "minor"), (6, "major"), (10, "major"), (9, "minor"), (3, "minor")],
)
@pytest.mark.parametrize("extractor", KEY)
def test_a_cadence_has_its_key_spelled_with_sharps(extractor: str, tonic: int, mode: str) -> None:
    told = measured(extractor, cadence(tonic, minor=mode == "minor"))

    assert told["key"].value.text == f"{TONICS[tonic]} {mode}"
    assert told["tonic"].value.text == TONICS[tonic]


@pytest.mark.parametrize("extractor", KEY)
@pytest.mark.parametrize("harm", ["20 cents sharp", "drums"])
def test_mistuning_and_drums_hide_a_key_or_leave_it_as_it_is(extractor: str, harm: str) -> None:
    music = cadence(4.2 if harm == "20 cents sharp" else 4, minor=True)
    if harm == "drums":
        music = music + 0.5 * drums(len(music) / RATE_HZ + 1)[: len(music)]

    try:
        told = measured(extractor, music)
    except Abstained as error:
        assert re.search(NO_KEY, error.message)  # noqa: PT017 - either is honest
        return
    names = [told[name].value.text for name in ("key", "tonic") if name in told]
    assert names in ([], ["E"], ["E minor", "E"])


@pytest.mark.parametrize("extractor", KEY)
@pytest.mark.parametrize("sound", ["noise", "drums", "one tone"])
def test_what_has_no_tonality_has_no_key(extractor: str, sound: str) -> None:
    t = np.arange(12 * RATE_HZ) / RATE_HZ
    made = {"noise": white(), "drums": drums(), "one tone": 0.3 * np.sin(2 * np.pi * 440 * t)}

    try:
        told = measured(extractor, made[sound])
    except Abstained as error:
        assert error.message  # noqa: PT017 - nothing at all is the usual answer
        return
    assert not {"key", "tonic"} & told.keys()


@pytest.mark.parametrize("profile", [BGATE, ALBRECHT])
def test_where_both_thirds_are_heard_there_is_a_tonic_and_no_mode(profile: Profile) -> None:
    blues = np.mean([profile.major, profile.minor], axis=0)

    assert tonic_heard(blues, (profile,)).value.text == "C"
    with pytest.raises(Abstained, match="two keys fit: C"):
        key_heard(blues, (profile,))


def test_a_stack_of_fifths_has_no_tonic() -> None:
    fifths = np.zeros(12)
    fifths[[4, 11, 6]] = 1.0, 0.9, 0.4  # E, B, F sharp

    with pytest.raises(Abstained, match=r"no tonic|two keys fit"):
        tonic_heard(fifths, (BGATE,))


def test_where_all_pitch_classes_sound_alike_or_too_few_there_is_no_tonality() -> None:
    flat, fifth = np.linspace(0.6, 1.0, 12), np.zeros(12)
    fifth[[0, 7]] = 1

    for heard_classes in (flat, fifth, np.zeros(12)):
        with pytest.raises(Abstained, match="no tonality"):
            key_heard(heard_classes, (BGATE,))


def test_profiles_that_disagree_tell_no_key() -> None:
    minor_by_one = Profile(major=BGATE.minor, minor=BGATE.major)

    with pytest.raises(Abstained, match="the key profiles disagree: C major or C minor"):
        key_heard(np.array(BGATE.major), (BGATE, minor_by_one))


# Chords ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extractor", CHORDS)
def test_a_progression_has_its_chords_at_their_times(extractor: str) -> None:
    progression = [(48, 1), (57, 0), (53, 1), (55, 1)]
    expected = ["C major", "A minor", "F major", "G major"]

    chords = measured(extractor, played(progression, 2.5))["chords"].value.items

    assert chords is not None
    assert [one.label for one in chords] == expected
    for place, one in enumerate(chords):
        assert one.start_s == pytest.approx(2.5 * place, abs=0.25)
        assert one.end_s == pytest.approx(2.5 * (place + 1), abs=0.25)


def test_a_chord_needs_its_third_and_some_time() -> None:
    fifth, triad = np.zeros(12), np.zeros(12)
    fifth[[0, 7]], triad[[0, 4, 7]] = 1, 1

    with pytest.raises(Abstained, match="no chord is clear"):
        chords_heard(np.tile(fifth, (100, 1)), 20.0, 5.0)
    with pytest.raises(Abstained, match="no chord is clear"):
        chords_heard(np.tile(triad, (6, 1)), 20.0, 0.3)
    (only,) = chords_heard(np.tile(triad, (40, 1)), 20.0, 2.0).value.items or ()
    assert (only.label, only.start_s, only.end_s) == ("C major", 0.0, 2.0)


# Gates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extractor", [*TEMPO, *KEY])
@pytest.mark.parametrize(
    ("music", "until_s", "reason"),
    [
        ("no", None, "no music heard: events_yamnet says no"),
        (None, None, "says neither yes nor no"),
        ("yes", 3.0, "music is heard during 25%"),
    ],
)
def test_tempo_and_key_want_music_during_most_of_the_recording(
    extractor: str, music: str | None, until_s: float | None, reason: str
) -> None:
    sound = audio(clicks(120))

    with pytest.raises(Abstained, match=reason):
        load("extractors", extractor).measure(sound, heard(sound, music=music, until_s=until_s))


@pytest.mark.parametrize("extractor", [*TEMPO, *KEY])
def test_tempo_and_key_want_time(extractor: str) -> None:
    sound = audio(clicks(120, 5.0))

    with pytest.raises(Abstained, match=r"too short: 5\.00 s"):
        load("extractors", extractor).measure(sound, heard(sound))


@pytest.mark.parametrize("extractor", [*TEMPO, *KEY])
def test_channels_that_cancel_each_other_are_silence(extractor: str) -> None:
    tone = clicks(120)
    sound = audio(np.stack([tone, -tone]))

    with pytest.raises(Abstained, match="cancel"):
        load("extractors", extractor).measure(sound, heard(sound))


def test_essentia_keeps_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    measured("tempo_essentia", clicks(120))
    measured("tempo_percival", clicks(120))
    measured("key_essentia", cadence(0, minor=False))

    assert capfd.readouterr() == ("", "")
