"""Who speaks, and what voice it is: on readers joined and laid over each other, and made tones.

Truth: how the sound was put together from two LibriVox readers, a woman and a man.
"""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("librosa")

import synth.benchmarks  # noqa: E402 - after the skip
from schemas import Item, Observation, Value  # noqa: E402
from schemas.errors import Abstained, MissingWeights  # noqa: E402
from synth import models, plugins  # noqa: E402
from synth.audio import Audio, Measurement  # noqa: E402
from synth.decode import decode  # noqa: E402
from synth.observe import missing_package  # noqa: E402

RATE_HZ = 16_000
SOURCES = Path(synth.benchmarks.__file__).with_name("sample_files") / "sources"
PAUSE = np.zeros(RATE_HZ // 2, dtype=np.float32)
NOISE = np.random.default_rng(7).standard_normal(5 * RATE_HZ).astype(np.float32) * 0.1
WEIGHTS = {
    "speakers_campplus": ["campplus"],
    "speakers_pyannote": ["pyannote-segmentation", "ge2e"],
    "voice_ge2e": ["ge2e"],
}
SPEAKERS = [
    pytest.param(name, marks=pytest.mark.weights)
    for name in ("speakers_campplus", "speakers_pyannote")
]
SEXES = [pytest.param(name, marks=pytest.mark.weights) for name in ("voice_pitch", "voice_ge2e")]


def read(*names: str) -> list[np.ndarray]:
    return [decode(SOURCES / f"{name}.flac", name).mono(RATE_HZ) for name in names]


def in_turn(*parts: np.ndarray) -> np.ndarray:
    return np.concatenate([sound for part in parts for sound in (part, PAUSE)])


def measured(name: str, samples: np.ndarray) -> tuple[Measurement, ...]:
    """Measure as a run does: what it needs first, abstentions of those counted as silence."""
    audio = Audio("made", samples[None], RATE_HZ)
    return tuple(loaded(name).measure(audio, given_to(name, audio)))


def given_to(name: str, audio: Audio) -> tuple[Observation, ...]:
    given: list[Observation] = []
    for needed in loaded(name).NEEDS:
        with contextlib.suppress(Abstained):
            seen = loaded(needed).measure(audio, given_to(needed, audio))
            given += [observed(needed, one) for one in seen]
    return tuple(given)


def loaded(name: str) -> Any:
    for weights in WEIGHTS.get(name, []):
        try:
            models.path(weights)
        except MissingWeights as error:
            pytest.skip(error.message)
    extractor = plugins.load("extractors", name)
    if missing := missing_package(name):
        pytest.skip(f"{missing} is not installed")
    return extractor


def observed(name: str, seen: Measurement) -> Observation:
    return Observation(
        id=f"{name} {seen.property} {seen.subject}",
        recording="made",
        property=seen.property,
        subject=seen.subject,
        span=seen.span,
        value=seen.value,
        confidence=seen.confidence,
        extractor=name,
        version="1",
        witness=name,
    )


def value_of(seen: tuple[Measurement, ...], name: str) -> Value:
    return next(one.value for one in seen if one.property == name)


def all_spoken(samples: np.ndarray) -> tuple[Observation, ...]:
    """What is said of a recording in which one person speaks from end to end."""
    whole = Item(label="speech", start_s=0.0, end_s=len(samples) / RATE_HZ)
    speech = Measurement(property="speech_segments", value=Value(items=(whole,)))
    one = Measurement(property="speaker_count", value=Value(number=1.0))
    return observed("activity_silero", speech), observed("speakers_campplus", one)


def hum(hertz: float) -> np.ndarray:
    """Three seconds of a voice-like tone: harmonics that fall off, as a glottis makes them."""
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * k * hertz * t) / k for k in range(1, int(4000 / hertz)))
    return np.asarray(0.1 * tone, dtype=np.float32)


# Speakers


@pytest.mark.parametrize("name", SPEAKERS)
def test_two_readers_in_turn_are_told_apart(name: str) -> None:
    parts = read("austen_0890", "sonnet_1", "austen_0930")

    seen = measured(name, in_turn(*parts))

    turns = value_of(seen, "turns").items or ()
    borders_s = list(itertools.accumulate(len(part) / RATE_HZ + 0.5 for part in parts))[:-1]
    assert value_of(seen, "speaker_count").number == 2
    assert [turn.label for turn in turns] == ["A", "B", "A"]
    for turn, border_s in zip(turns[1:], borders_s, strict=True):
        assert abs((turn.start_s or 0) - border_s) <= 0.6


@pytest.mark.parametrize("name", SPEAKERS)
def test_one_reader_is_one_speaker(name: str) -> None:
    reading = in_turn(*read("sonnet_1", "sonnet_3"))

    seen = measured(name, reading)

    (turn,) = value_of(seen, "turns").items or ()
    assert value_of(seen, "speaker_count").number == 1
    assert turn.label == "A"
    assert (turn.start_s or 0) <= 0.6
    assert (turn.end_s or 0) >= len(reading) / RATE_HZ - 1.2


@pytest.mark.parametrize("name", SPEAKERS)
def test_three_seconds_of_one_voice_are_one_speaker(name: str) -> None:
    seen = measured(name, *read("austen_0880"))

    assert value_of(seen, "speaker_count").number == 1


@pytest.mark.weights
def test_three_seconds_of_two_voices_are_too_little_to_count() -> None:
    woman, man = read("sonnet_1", "austen_0890")
    both = np.concatenate([woman[: int(1.7 * RATE_HZ)], man[RATE_HZ : int(2.6 * RATE_HZ)]])

    with pytest.raises(Abstained, match="not all alike: too little to count voices in"):
        measured("speakers_campplus", both)


@pytest.mark.parametrize("name", SPEAKERS)
def test_nobody_is_counted_where_nobody_speaks(name: str) -> None:
    with pytest.raises(Abstained, match="no speech heard by activity_"):
        measured(name, NOISE)


@pytest.mark.weights
def test_readers_who_speak_at_once_overlap() -> None:
    man, woman = read("austen_0890", "sonnet_1")
    start = 3 * RATE_HZ
    both = np.zeros(start + len(woman), dtype=np.float32)
    both[: len(man)] += man
    both[start:] += woman

    overlaps = value_of(measured("speakers_pyannote", both), "overlapped_speech").items or ()

    spoken_s = sum((one.end_s or 0) - (one.start_s or 0) for one in overlaps)
    assert min(one.start_s or 0 for one in overlaps) >= 3.0
    assert max(one.end_s or 0 for one in overlaps) <= len(man) / RATE_HZ
    assert spoken_s >= 1.0


@pytest.mark.weights
def test_readers_in_turn_do_not_overlap() -> None:
    seen = measured("speakers_pyannote", in_turn(*read("austen_0890", "sonnet_1")))

    assert value_of(seen, "overlapped_speech").items == ()


@pytest.mark.weights
def test_a_long_recording_counts_a_voice_that_returns_once() -> None:
    parts = read("austen_0890", "sonnet_1", "sonnet_3", "austen_0930", "sonnet_13")

    seen = measured("speakers_pyannote", in_turn(*parts))

    assert [turn.label for turn in value_of(seen, "turns").items or ()] == ["A", "B", "A", "B"]


# Voice


@pytest.mark.parametrize("name", SEXES)
@pytest.mark.parametrize(
    ("reading", "sex"),
    [("sonnet_1", "female"), ("sonnet_3", "female"), ("austen_0890", "male"),
     ("austen_0880", "male")],
)  # fmt: skip
def test_a_reader_is_told_for_a_woman_or_a_man(name: str, reading: str, sex: str) -> None:
    seen = measured(name, *read(reading))

    assert value_of(seen, "voice_sex").text == sex


@pytest.mark.parametrize("name", SEXES)
def test_only_a_broken_voice_is_told_for_an_adults(name: str) -> None:
    assert value_of(measured(name, *read("austen_0890")), "voice_age").text == "adult"
    assert "voice_age" not in {one.property for one in measured(name, *read("sonnet_1"))}


@pytest.mark.parametrize("name", SEXES)
def test_a_dialogue_has_no_one_voice(name: str) -> None:
    with pytest.raises(Abstained, match="2 speakers: no one voice"):
        measured(name, in_turn(*read("austen_0890", "sonnet_1")))


@pytest.mark.parametrize(("hertz", "sex"), [(90, "male"), (120, "male"), (210, "female")])
def test_the_pitch_of_a_voice_tells_its_sex(hertz: float, sex: str) -> None:
    tone = hum(hertz)

    seen = loaded("voice_pitch").measure(Audio("made", tone[None], RATE_HZ), all_spoken(tone))

    assert value_of(seen, "voice_sex").text == sex


@pytest.mark.parametrize(
    ("hertz", "why"), [(160, "a high man's pitch or a low woman's"), (340, "a child's pitch")]
)
def test_a_pitch_of_both_sexes_or_of_children_tells_nothing(hertz: float, why: str) -> None:
    tone = hum(hertz)

    with pytest.raises(Abstained, match=why):
        loaded("voice_pitch").measure(Audio("made", tone[None], RATE_HZ), all_spoken(tone))


def test_noise_taken_for_speech_has_no_pitch() -> None:
    with pytest.raises(Abstained, match="s are voiced, needs"):
        loaded("voice_pitch").measure(Audio("made", NOISE[None], RATE_HZ), all_spoken(NOISE))


@pytest.mark.parametrize("name", SEXES)
def test_a_syllable_is_too_little_to_tell_a_voice_by(name: str) -> None:
    (reading,) = read("austen_0890")
    syllable = np.concatenate([PAUSE, reading[RATE_HZ : int(1.7 * RATE_HZ)], PAUSE])

    with pytest.raises(Abstained, match=r"s of speech, needs 1 s|no speech heard"):
        measured(name, syllable)
