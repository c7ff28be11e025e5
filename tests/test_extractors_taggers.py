"""Instruments, singing, beats, chords and birds: what networks out of packages hear.

Truth: how a sound or a file was made, and what the real clips of the sample are known to be.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from schemas import Item, Observation, Recording
from schemas.errors import RefusedWeights
from synth import benchmarks, models, ontology, plugins
from synth.audio import Audio
from synth.decode import decode
from synth.observe import is_restricted, observe, witness
from synth.settle import settle
from synth.tensor_bundle import read_tensors

SAMPLE = Path(benchmarks.__file__).parent / "sample_files"
RATE_HZ = 44_100
RESTRICTED = ("beats_madmom", "chords_madmom", "events_birdnet")


def made(samples: np.ndarray, rate_hz: int = RATE_HZ) -> Audio:
    return Audio("made", samples[None].astype(np.float32), rate_hz)


def clip(name: str) -> Audio:
    return decode(SAMPLE / name, name)


def heard(audio: Audio, *names: str) -> tuple[Observation, ...]:
    """What extractors observe, and what they need before; fails where one of them failed."""
    observed = observe(audio, [*names])
    for extraction in observed.extractions:
        assert extraction.outcome != "failed", extraction.reason
    return tuple(seen for seen in observed.observations if seen.extractor in names)


def abstained(audio: Audio, name: str) -> str:
    observed = observe(audio, [name])
    (told,) = [one for one in observed.extractions if one.extractor == name]
    assert told.outcome == "abstained", [seen.value for seen in observed.observations]
    return told.reason


def items(seen: tuple[Observation, ...], name: str) -> tuple[Item, ...]:
    return next((one.value.items or () for one in seen if one.property == name), ())


def labels(seen: tuple[Observation, ...], name: str) -> set[str]:
    return {item.label for item in items(seen, name)}


def present(seen: tuple[Observation, ...], subject: str) -> str | None:
    return next(
        (one.value.text for one in seen if (one.property, one.subject) == ("presence", subject)),
        None,
    )


def recording_of(audio: Audio) -> Recording:
    return Recording(
        id=audio.recording, locator="made.wav", sample_rate_hz=audio.sample_rate_hz,
        channels=1, duration_s=audio.duration_s, decoder="made",
    )  # fmt: skip


# A checkpoint, written by hand after LevelDB's and TensorFlow's formats


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def entry(shape: tuple[int, ...], offset: int, size: int) -> bytes:
    dims = b"".join(b"\x12" + varint(1 + len(varint(n))) + b"\x08" + varint(n) for n in shape)
    return (b"\x08\x01\x12" + varint(len(dims)) + dims + b"\x20" + varint(offset)
            + b"\x28" + varint(size) + b"\x35" + bytes(4))  # fmt: skip


def block(*rows: tuple[str, bytes]) -> bytes:
    """Keys share what they can with the key before, as LevelDB writes them."""
    out, last = b"", ""
    for key, value in rows:
        shared = next(
            (i for i, (a, b) in enumerate(zip(last, key, strict=False)) if a != b),
            min(len(last), len(key)),
        )
        fresh = key[shared:].encode()
        out += varint(shared) + varint(len(fresh)) + varint(len(value)) + fresh + value
        last = key
    return out + struct.pack("<II", 0, 1)


def checkpoint(folder: Path, tensors: dict[str, np.ndarray]) -> tuple[Path, Path]:
    offsets = np.cumsum([0, *(value.nbytes for value in tensors.values())]).tolist()
    rows = [
        (name, entry(value.shape, offset, value.nbytes))
        for (name, value), offset in zip(tensors.items(), offsets[:-1], strict=True)
    ]
    held = block(("", b"\x08\x01"), *rows)
    of_index = block((rows[-1][0], varint(0) + varint(len(held))))
    table = held + bytes(5) + of_index + bytes(5)
    handles = varint(0) * 2 + varint(len(held) + 5) + varint(len(of_index))
    footer = handles.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    (folder / "model.index").write_bytes(table + footer)
    (folder / "model.data").write_bytes(b"".join(value.tobytes() for value in tensors.values()))
    return folder / "model.index", folder / "model.data"


TENSORS = {
    "conv/bias": np.arange(5, dtype="<f4"),
    "conv/kernel": np.linspace(-1, 1, 600, dtype="<f4").reshape(300, 2),
    "step": np.float32(7).reshape(()),
}


def test_a_checkpoint_gives_back_what_was_written(tmp_path: Path) -> None:
    read = read_tensors(*checkpoint(tmp_path, TENSORS))

    assert list(read) == list(TENSORS)
    for name, value in TENSORS.items():
        np.testing.assert_array_equal(read[name], value)


def test_a_truncated_or_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    index, data = checkpoint(tmp_path, TENSORS)
    whole = data.read_bytes()

    data.write_bytes(whole[:-1])
    with pytest.raises(RefusedWeights, match=r"step: 4 bytes at 2420 of 2423 are no float32"):
        read_tensors(index, data)

    data.write_bytes(whole)
    for broken in (b"", b"PK" * 100, index.read_bytes()[:-1]):
        index.write_bytes(broken)
        with pytest.raises(RefusedWeights, match="no sorted table: expected the magic number"):
            read_tensors(index, data)


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_damaged_index_is_refused_and_never_read_as_something_else(
    cut: int, tmp_path: Path
) -> None:
    index, data = checkpoint(tmp_path, TENSORS)
    footer = index.read_bytes()[-48:]
    index.write_bytes(index.read_bytes()[cut + 1 : -48] + footer)

    with pytest.raises(RefusedWeights):
        read_tensors(index, data)


# musicnn


@pytest.mark.weights
def test_musicnn_computes_what_its_own_graph_computes() -> None:
    from synth.musicnn import PATCH_FRAMES, Musicnn

    folder = models.path("musicnn")
    patches = np.random.default_rng(0).uniform(0, 4, (2, PATCH_FRAMES, 96)).astype(np.float32)

    probabilities = Musicnn(folder)(patches)

    # The graph of the package's own `.meta` file, evaluated operation by operation in numpy.
    expected = [1.06088282e-04, 6.30824183e-04, 9.87076116e-05, 2.78403110e-01, 4.40476753e-03]
    assert probabilities.shape == (2, 50)
    np.testing.assert_allclose(probabilities[0, :5], expected, rtol=1e-4)


@pytest.mark.weights
def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    from synth.musicnn import PATCH_FRAMES, Musicnn

    checkpoint(tmp_path, TENSORS)

    with pytest.raises(RefusedWeights, match=r"no tensor 'batch_normalization/moving_mean'"):
        Musicnn(tmp_path)(np.zeros((1, PATCH_FRAMES, 96), np.float32))


@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "instrument"),
    [
        ("audio/drum_loop_amen.ogg", "drum"),
        ("audio/music_djembe.ogg", "drum"),
    ],
)
def test_both_taggers_name_an_instrument_alike_and_so_corroborate_it(
    name: str, instrument: str
) -> None:
    audio = clip(name)
    seen = heard(audio, "events_yamnet", "instrument_musicnn")

    said = [one for one in seen if one.property == "instrument"]
    facts = settle(recording_of(audio), seen)

    assert [one.extractor for one in said] == ["events_yamnet", "instrument_musicnn"]
    agreed = [
        fact for fact in facts if (fact.property, fact.tier) == ("instrument", "corroborated")
    ]
    assert [item.label for fact in agreed for item in fact.value.items] == [instrument]


@pytest.mark.weights
def test_musicnn_is_asked_of_nothing_but_music() -> None:
    assert "no music heard" in abstained(clip("audio/speech_amiable.flac"), "instrument_musicnn")
    assert "silence" in abstained(made(np.zeros(4 * RATE_HZ)), "instrument_musicnn")


@pytest.mark.weights
def test_nobody_sings_in_drums() -> None:
    seen = heard(clip("audio/music_djembe.ogg"), "events_yamnet", "instrument_musicnn")

    assert {one.value.text for one in seen if one.subject == "singing"} == {"no"}


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("acoustic guitar", ("guitar",)),
        ("electric piano", ("piano",)),
        ("drum machine", ("drum",)),
        ("snare drum", ("drum",)),
        ("violin, fiddle", ("violin, fiddle", "bowed string instrument")),
        ("trumpet", ("trumpet",)),
        ("musical instrument", ()),
        ("orchestra", ()),
        ("choir", ()),
        ("speech", ()),
    ],
)
def test_instruments_go_by_the_names_that_both_taggers_know(
    label: str, names: tuple[str, ...]
) -> None:
    assert plugins.load("extractors", "events_yamnet")._instrument_names(label) == names


def test_what_musicnn_names_yamnet_can_name() -> None:
    theirs = plugins.load("extractors", "instrument_musicnn")._INSTRUMENTS.values()
    yamnet = plugins.load("extractors", "events_yamnet")

    assert all(name in yamnet._instrument_names(name) for name in theirs)
    assert all(ontology.known(name) for name in theirs)


# YAMNet's word on what is not there


@pytest.mark.weights
def test_vocal_acts_that_no_patch_may_hold_are_absent_from_read_speech() -> None:
    seen = heard(clip("audio/speech_amiable.flac"), "events_yamnet")

    assert present(seen, "speech") == "yes"
    for act in ("laughter", "screaming", "applause", "singing", "sneeze"):
        assert present(seen, act) == "no", act


@pytest.mark.weights
def test_singing_is_never_ruled_out_where_music_may_hide_it() -> None:
    seen = heard(clip("audio/music_djembe.ogg"), "events_yamnet")

    assert present(seen, "music") == "yes"
    assert present(seen, "singing") is None


@pytest.mark.weights
def test_what_may_be_a_kind_of_it_is_not_called_absent() -> None:
    crow = heard(clip("sources/misc_crow.flac"), "events_yamnet")

    assert present(crow, "bird") != "no"
    assert present(crow, "dog") != "yes"


# Restricted witnesses


@pytest.mark.parametrize("name", RESTRICTED)
def test_weights_that_forbid_commerce_are_said_so_in_every_witness(name: str) -> None:
    assert is_restricted(name)
    assert witness(name).endswith("(CC-BY-NC-SA-4.0)")


def band(bpm: float, beats_a_bar: int, seconds: float = 16.0) -> Audio:
    """Bass drum and a low chord on the first beat, hi-hat and a high chord on the others."""
    rng = np.random.default_rng(1)
    period = 60 / bpm
    out = np.zeros(round((seconds + 1) * RATE_HZ))
    t = np.arange(round(0.4 * RATE_HZ)) / RATE_HZ
    kick = np.sin(2 * np.pi * (50 * t + 8 * (1 - np.exp(-30 * t)))) * np.exp(-9 * t)
    hat = rng.standard_normal(len(t)) * np.exp(-60 * t)
    for beat in range(int(seconds / period)):
        root = (0, 5, 7, 0)[beat // beats_a_bar % 4]
        first = beat % beats_a_bar == 0
        tones = (36, 48, 52, 55) if first else (60, 64, 67)
        hertz = [440 * 2 ** ((tone + root - 69) / 12) for tone in tones]
        chord = sum(np.sin(2 * np.pi * f * k * t) / k for f in hertz for k in (1, 2, 3))
        sound = 0.12 * chord * np.exp(-5 * t) + (0.9 * kick if first else 0.25 * hat)
        at = round(beat * period * RATE_HZ)
        out[at : at + len(t)] += sound
    return made(0.5 * out[: round(seconds * RATE_HZ)] / np.abs(out).max())


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize(("bpm", "beats_a_bar"), [(100.0, 4), (132.0, 3)])
def test_tempo_beats_and_bars_are_those_that_were_played(bpm: float, beats_a_bar: int) -> None:
    audio = band(bpm, beats_a_bar)

    seen = heard(audio, "beats_madmom")

    (tempo,) = [one.value.number for one in seen if one.property == "tempo"]
    (metre,) = [one.value.number for one in seen if one.property == "metre"]
    assert tempo == pytest.approx(bpm, rel=0.01)
    assert metre == beats_a_bar
    for name, step in (("beats", 1), ("downbeats", beats_a_bar)):
        found = [item.start_s for item in items(seen, name)]
        period = 60 / bpm * step
        off = [abs(time - period * round(time / period)) for time in found if time is not None]
        assert len(found) >= 0.8 * audio.duration_s / period
        assert max(off) <= 0.07  # the vocabulary's tolerance


@pytest.mark.weights
@pytest.mark.slow
def test_bars_of_five_are_not_called_bars_of_four() -> None:
    seen = heard(band(110.0, 5), "beats_madmom")

    assert [one.value.number for one in seen if one.property == "tempo"] == [
        pytest.approx(110.0, rel=0.01)
    ]
    assert not [one for one in seen if one.property in {"metre", "downbeats"}]


@pytest.mark.weights
def test_madmom_finds_no_beat_where_there_is_none() -> None:
    for name in ("beats_madmom", "chords_madmom"):
        assert "no music heard" in abstained(clip("audio/speech_amiable.flac"), name)
        assert "silence" in abstained(made(np.zeros(9 * RATE_HZ)), name)


@pytest.mark.weights
@pytest.mark.slow
def test_chords_are_named_as_they_were_played() -> None:
    played = [("C major", (48, 52, 55)), ("A minor", (45, 48, 52)),
              ("F major", (41, 45, 48)), ("G major", (43, 47, 50))]  # fmt: skip
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    bars = [
        sum(
            np.sin(2 * np.pi * 440 * 2 ** ((tone + octave - 69) / 12) * k * t) / k**1.5
            for tone in tones for octave in (0, 12) for k in (1, 2, 3, 4)
        ) * np.exp(-0.8 * t)
        for _, tones in played * 2
    ]  # fmt: skip

    chords = items(heard(made(0.05 * np.concatenate(bars)), "chords_madmom"), "chords")

    assert [chord.label for chord in chords] == [name for name, _ in played * 2]
    for number, chord in enumerate(chords):
        assert chord.start_s == pytest.approx(2 * number, abs=0.3)
        assert chord.end_s == pytest.approx(2 * number + 2, abs=0.3)


@pytest.mark.weights
def test_a_model_that_is_not_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from synth import madmom

    models_of = madmom.library().models
    monkeypatch.setattr(models_of, "CHORDS_CNN_FEAT", models_of.KEY_CNN)
    madmom.library.cache_clear()

    with pytest.raises(RefusedWeights, match="madmom's CHORDS_CNN_FEAT: expected sha256"):
        madmom.library("CHORDS_CNN_FEAT")


@pytest.mark.weights
def test_a_crow_is_a_bird_to_both_witnesses() -> None:
    audio = clip("audio/crows_in_hiss.flac")
    seen = heard(audio, "events_birdnet", "events_yamnet")

    agreed = [fact for fact in settle(recording_of(audio), seen) if fact.tier == "corroborated"]

    birdnet = tuple(one for one in seen if one.extractor == "events_birdnet")
    assert {"bird", "crow"} == labels(birdnet, "event")
    assert present(birdnet, "bird") == "yes"
    assert [(fact.property, fact.subject) for fact in agreed if fact.subject] == [
        ("presence", "bird")
    ]


@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("audio/speech_amiable.flac", "no class that AudioSet knows reaches"),
        ("sources/perc_door.flac", "no class that AudioSet knows reaches"),
        ("audio/drum_loop_amen.ogg", "music is heard by events_yamnet"),
    ],
)
def test_birdnet_hears_no_bird_where_there_is_none(name: str, reason: str) -> None:
    assert reason in abstained(clip(name), "events_birdnet")


@pytest.mark.weights
def test_no_frog_cricket_or_engine_is_a_bird() -> None:
    names = plugins.load("extractors", "events_birdnet")._names()
    listed = (models.path("birdnet") / "labels.txt").read_text(encoding="utf-8").splitlines()
    said = dict(zip((line.split("_")[1] for line in listed), names, strict=True))

    assert said["Engine"] == ("engine",)
    assert said["Dog"] == ("dog",)
    assert said["Human vocal"] == said["Noise"] == said["Siren"] == ()
    assert said["Spring Peeper"] == said["Coyote"] == said["Red Squirrel"] == ()
    assert said["European Robin"] == ("bird",)
    assert said["Great Horned Owl"] == ("bird", "owl")
    assert said["Common Raven"] == ("bird", "crow")


def test_who_lacks_the_restricted_libraries_is_told_which_extra_brings_them() -> None:
    for package in ("madmom", "ai_edge_litert"):
        assert plugins.not_installed(package).endswith('pip install "perceptsynth[noncommercial]"')
