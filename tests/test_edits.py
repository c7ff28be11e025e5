"""Edits: what they state of a recording is what is heard in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from schemas.errors import BadOption
from synth import plugins
from synth.audio import Audio
from synth.benchmarks.sample import SAMPLE
from synth.edits.arrange import (
    Arrangement,
    Bed,
    Edited,
    Placement,
    apply,
    audible,
    repeated,
)

if TYPE_CHECKING:
    from schemas import Item, Truth

RATE = 16000


def clip(samples: np.ndarray, name: str = "clip", rate: int = RATE) -> Audio:
    return Audio(name, np.atleast_2d(samples).astype(np.float32), rate)


def burst(length_s: float = 0.2, before_s: float = 0.0, level: float = 0.5) -> np.ndarray:
    """A 1 kHz tone that starts at once, after silence."""
    times = np.arange(round(length_s * RATE)) / RATE
    tone = level * np.cos(2 * np.pi * 1000 * times)
    return np.concatenate([np.zeros(round(before_s * RATE)), tone])


def placed(start_s: float, label: str = "beep", source: int = 0, **more: object) -> Placement:
    return Placement(source=source, start_s=start_s, label=label, **more)  # type: ignore[arg-type]


def arrangement(*placements: Placement, duration_s: float = 4.0, **more: object) -> Arrangement:
    return Arrangement(
        placements=placements,
        duration_s=duration_s,
        sample_rate_hz=RATE,
        **more,  # type: ignore[arg-type]
    )


def truth(edited: Edited, name: str) -> Truth:
    return next(stated for stated in edited.edit.truths if stated.property == name)


def items(edited: Edited, name: str) -> tuple[Item, ...]:
    value = truth(edited, name).value
    assert value is not None
    assert value.items is not None
    return value.items


def energy_onsets(samples: np.ndarray, rate: int, starts: list[float]) -> list[float]:
    """Where energy rises near each start: the first 2 ms within 30 dB of the loudest 2 ms."""
    hop = round(0.002 * rate)
    power = np.square(samples[: len(samples) // hop * hop].astype(np.float64)).reshape(-1, hop)
    loud = np.flatnonzero(power.mean(axis=1) > power.mean(axis=1).max() * 1e-3) * hop / rate
    return [float(loud[loud >= start - 0.1][0]) for start in starts]


@pytest.mark.parametrize("name", plugins.names("edits"))
def test_an_edit_has_a_version_and_a_verb(name: str) -> None:
    edit = plugins.load("edits", name)
    assert edit.VERSION
    assert callable(edit.apply)


@pytest.mark.parametrize("before_s", [0.0, 0.01, 0.3, 1.0])
def test_a_clip_becomes_audible_at_the_second_that_is_stated(before_s: float) -> None:
    edited = apply([clip(burst(before_s=before_s))], arrangement(placed(0.0), placed(1.25)), 1)
    assert [item.start_s for item in items(edited, "event")] == [0.0, 1.25]
    loud = np.flatnonzero(np.abs(edited.samples[0]) > 0.1) / RATE
    assert loud[0] == pytest.approx(0.0, abs=0.01)
    assert loud[loud > 1][0] == pytest.approx(1.25, abs=0.01)


@pytest.mark.parametrize(
    "name",
    [
        "misc_crow",
        "perc_door",
        "perc_till",
        "misc_burp",
        "perc_bell",
        "drum_cowbell",
        "austen_0890",
    ],
)
@pytest.mark.parametrize("rate", [16000, 44100])
def test_real_clips_too_become_audible_when_it_is_stated(name: str, rate: int) -> None:
    import soundfile

    samples, own_rate = soundfile.read(SAMPLE / "sources" / f"{name}.flac", dtype="float32")
    arranged = Arrangement(
        placements=(placed(1.0), placed(8.0)), duration_s=16.0, sample_rate_hz=rate
    )
    edited = apply([clip(samples, rate=own_rate)], arranged, 0)
    onsets = energy_onsets(edited.samples[0], rate, [1.0, 8.0])
    assert onsets == pytest.approx([1.0, 8.0], abs=0.01)


def test_the_end_is_where_the_clip_stops_being_heard() -> None:
    tail = np.concatenate([burst(0.2), np.zeros(RATE)])
    edited = apply([clip(tail)], arrangement(placed(0.5)), 0)
    assert items(edited, "event")[0].end_s == pytest.approx(0.7, abs=0.01)


def test_events_are_listed_in_order_of_hearing_whatever_the_order_of_placing() -> None:
    params = arrangement(
        placed(3.0, "till"), *repeated(placed(1.0, "crow"), 2, 0.5), placed(0, "door")
    )
    edited = apply([clip(burst())], params, 0)
    heard = [(item.label, item.start_s) for item in items(edited, "event")]
    assert heard == [("door", 0.0), ("crow", 1.0), ("crow", 1.5), ("till", 3.0)]


def test_a_bed_sounds_from_first_to_last_second_and_starts_again_where_too_short() -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, RATE)
    params = arrangement(placed(1.0), bed=Bed(source=1, label="hiss"))
    edited = apply([clip(burst()), clip(noise, "bed")], params, 0)
    bed = items(edited, "event")[0]
    assert (bed.label, bed.start_s, bed.end_s) == ("hiss", 0.0, 4.0)
    quiet = edited.samples[0, 2 * RATE :].reshape(4, -1)
    assert np.all(np.sqrt(np.square(quiet).mean(axis=1)) > 0.005)


def test_speakers_are_counted_and_their_turns_lettered_by_appearance() -> None:
    params = arrangement(
        placed(0.1, "speech", speaker="zoe", words="one two"),
        placed(1.0, "speech", speaker="zoe", words="three"),
        placed(2.0, "door"),
        placed(2.5, "speech", speaker="ann", words="four"),
        placed(3.2, "speech", speaker="zoe", words="five"),
    )
    edited = apply([clip(burst())], params, 0)
    assert truth(edited, "speaker_count").value.number == 2  # type: ignore[union-attr]
    turns = [(item.label, item.start_s) for item in items(edited, "turns")]
    assert turns == [("A", 0.1), ("B", 2.5), ("A", 3.2)]
    assert [item.label for item in items(edited, "words")] == [
        "one",
        "two",
        "three",
        "four",
        "five",
    ]


def test_words_are_not_stated_where_one_transcript_is_unknown() -> None:
    params = arrangement(
        placed(0.1, "speech", speaker="ann", words="one"), placed(1.0, "speech", speaker="ann")
    )
    stated = {one.property for one in apply([clip(burst())], params, 0).edit.truths}
    assert stated == {"event", "speaker_count", "turns"}


def test_who_speaks_at_once_has_no_order_of_turns() -> None:
    params = arrangement(
        placed(0.1, "speech", speaker="ann", words="one"),
        placed(0.2, "speech", speaker="bob", words="two"),
    )
    stated = {one.property for one in apply([clip(burst())], params, 0).edit.truths}
    assert stated == {"event", "speaker_count"}


def test_where_nobody_speaks_nothing_is_stated_of_speakers() -> None:
    stated = {one.property for one in apply([clip(burst())], arrangement(placed(0)), 0).edit.truths}
    assert stated == {"event"}


def test_the_same_inputs_make_the_same_recording_and_the_record_says_how() -> None:
    params = arrangement(placed(0.5), placed(1.5, gain_db=-6.0))
    sources = [clip(burst())]
    one, again, other = (apply(sources, params, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.samples, again.samples)
    assert one.edit == again.edit
    assert not np.array_equal(one.samples, other.samples)
    assert (one.edit.name, one.edit.sources, one.edit.seed) == ("arrange", ("clip",), 1)
    assert json.loads(one.edit.params)["placements"][1]["gain_db"] == -6.0


def test_sixteen_bits_hold_a_mix_exactly() -> None:
    samples = apply([clip(burst())], arrangement(placed(0.5)), 3).samples
    assert samples.dtype == np.float32
    assert np.array_equal(np.round(samples * 32768), samples * 32768)


def test_loud_clips_on_top_of_each_other_do_not_clip() -> None:
    loud = clip(burst(level=0.99))
    samples = apply([loud], arrangement(*[placed(1.0)] * 5), 0).samples
    assert np.abs(samples).max() == pytest.approx(10 ** (-1 / 20), abs=1e-3)


def test_a_join_does_not_click() -> None:
    cut = np.ones(RATE // 2) * 0.5  # starts and ends at full height
    samples = apply([clip(cut)], arrangement(placed(1.0)), 0).samples[0]
    assert np.abs(np.diff(samples)).max() < 0.01


def test_a_clip_at_another_rate_and_in_stereo_keeps_its_time() -> None:
    times = np.arange(44100 // 5) / 44100
    tone = 0.5 * np.cos(2 * np.pi * 1000 * times)
    edited = apply([clip(np.stack([tone, tone]), rate=44100)], arrangement(placed(1.0)), 0)
    assert edited.samples.shape == (1, 4 * RATE)
    (event,) = items(edited, "event")
    assert event.end_s == pytest.approx(1.2, abs=0.01)


@pytest.mark.parametrize(
    ("params", "what"),
    [
        (arrangement(placed(0.5, source=3)), "no source 3"),
        (arrangement(placed(3.9)), "outside the mix"),
        (arrangement(placed(-1.0)), "outside the mix"),
    ],
)
def test_what_cannot_be_arranged_is_told(params: Arrangement, what: str) -> None:
    with pytest.raises(BadOption, match=what):
        apply([clip(burst())], params, 0)


def test_a_silent_clip_cannot_be_placed() -> None:
    with pytest.raises(BadOption, match="without any sound"):
        audible(np.zeros(RATE, dtype=np.float32), RATE)
