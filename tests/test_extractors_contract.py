"""What every extractor owes: one test, parametrized over the folder, covers a new one at once."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemas import property_named
from schemas.errors import MissingExtra
from synth.plugins import load, names

np = pytest.importorskip("numpy")

from synth.thresholds import digest, thresholds  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

from synth.audio import Audio  # noqa: E402 - after the skip
from synth.observe import (  # noqa: E402
    ABSENT,
    extractor_version,
    in_order,
    missing_package,
    observe,
    witness,
)

RATE_HZ = 22_050
EXTRACTORS = names("extractors")
WEIGHTLESS = (
    "signal", "tempo", "key", "loudness", "pitch", "activity", "duration", "level", "noise_floor",
    "stereo", "bandwidth", "repetition",
)  # fmt: skip


def needs_weights(name: str) -> bool:
    """Weights from the cache: by an extractor itself; a gate that lacks them only abstains."""
    return not name.startswith(WEIGHTLESS)


ALL = [
    pytest.param(name, marks=pytest.mark.weights) if needs_weights(name) else name
    for name in EXTRACTORS
]


def loaded(name: str) -> Any:
    """Load an extractor, or skip: its library comes with an extra."""
    try:
        module = load("extractors", name)
    except MissingExtra as error:
        pytest.skip(str(error))
    if missing := missing_package(name):
        pytest.skip(f"{missing} is not installed")
    return module


def busy_clip() -> Audio:
    """Twelve seconds with something for everybody: chords on a beat, a gliding voice, noise."""
    n = 12 * RATE_HZ
    t = np.arange(n) / RATE_HZ
    beat = np.exp(-6 * (t % 0.5))
    chords = sum(np.sin(2 * np.pi * hertz * t) for hertz in (220.0, 277.18, 329.63)) * beat
    glide = np.cumsum(150 * 2 ** (0.3 * np.sin(2 * np.pi * 0.7 * t))) / RATE_HZ
    voice = sum(np.sin(2 * np.pi * k * glide) / k for k in range(1, 8)) * (t > 6)
    noise = np.random.default_rng(0).standard_normal(n)
    return Audio(
        "rec", (0.1 * chords + 0.1 * voice + 0.01 * noise)[None].astype(np.float32), RATE_HZ
    )


@pytest.mark.parametrize("name", EXTRACTORS)
def test_an_extractor_is_a_module_with_seven_names(name: str) -> None:
    module = loaded(name)

    assert module.__doc__
    assert isinstance(module.VERSION, str)
    assert module.VERSION not in {"", "absent"}
    assert isinstance(module.WITNESS, str)
    assert module.WITNESS
    assert isinstance(module.LICENCE, str)
    assert module.LICENCE
    assert all(isinstance(package, str) for package in module.PACKAGES)
    assert isinstance(module.NEEDS, tuple)
    assert isinstance(module.PROPERTIES, tuple)
    assert callable(module.measure)


@pytest.mark.parametrize("name", EXTRACTORS)
def test_what_it_needs_exists_and_what_it_measures_is_in_the_vocabulary(name: str) -> None:
    module = loaded(name)

    assert set(module.NEEDS) <= set(EXTRACTORS)
    assert [property_named(one).name for one in module.PROPERTIES] == list(module.PROPERTIES)
    assert in_order([name])[-1] == name


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("sound", "seconds", "level"),
    [("silence", 3.0, 0.0), ("a blink", 0.1, 0.3), ("hiss", 1.0, 1e-5)],
)
def test_silence_and_a_blink_are_no_failure(
    name: str, sound: str, seconds: float, level: float
) -> None:
    loaded(name)
    noise = np.random.default_rng(0).standard_normal((1, int(seconds * RATE_HZ)))
    audio = Audio("rec", (level * noise).clip(-1, 1).astype(np.float32), RATE_HZ)

    observed = observe(audio, [name])

    for extraction in observed.extractions:
        assert extraction.outcome != "failed", (sound, extraction.extractor, extraction.reason)
    for seen in observed.observations:
        # Of nothing, only that it is not there may be said, and how long it lasts.
        if sound == "silence" and seen.property != "duration":
            assert (seen.property, seen.value.text) == ("presence", "no")


@pytest.mark.parametrize("name", ALL)
def test_it_measures_only_what_it_declares(name: str) -> None:
    module = loaded(name)
    observed = observe(busy_clip(), [name])

    extraction = observed.extractions[-1]
    if extraction.version == ABSENT:
        pytest.skip(extraction.reason)
    assert (extraction.extractor, extraction.version) == (name, extractor_version(name))
    assert extraction.outcome != "failed", extraction.reason
    assert extraction.reason or extraction.outcome == "measured"
    for seen in observed.observations:
        if seen.extractor == name:
            assert seen.property in module.PROPERTIES
            assert seen.witness == witness(name)
            assert bool(seen.subject) == property_named(seen.property).subjects
            assert seen.confidence is None or 0 <= seen.confidence <= 1
            for item in seen.value.items or ():
                assert item.label == item.label.strip() != ""
                if item.start_s is None:  # told of the whole recording
                    assert item.end_s is None
                    assert seen.property in {"event", "instrument"}
                    continue
                assert item.end_s is not None
                assert 0 <= item.start_s <= item.end_s <= busy_clip().duration_s + 0.02


def imported(module: ModuleType) -> Iterator[ModuleType]:
    """Give a module and all of synth that it imports, directly or not."""
    seen, waiting = set(), [module]
    while waiting:
        one = waiting.pop()
        if one.__name__ in seen:
            continue
        seen.add(one.__name__)
        yield one
        source = Path(str(one.__file__)).read_text(encoding="utf-8")
        names_ = re.findall(r"^from synth\.(\w+) import", source, re.MULTILINE)
        names_ += re.findall(r"^from synth import (.+)$", source, re.MULTILINE)
        told = filter(None, ", ".join(names_).split(", "))
        waiting += [importlib.import_module(f"synth.{name}") for name in told]


@pytest.mark.parametrize("name", EXTRACTORS)
def test_every_number_that_decides_is_in_its_version(name: str) -> None:
    owners = {row.owner for row in thresholds()}
    read = {
        owner
        for module in imported(loaded(name))
        for owner in re.findall(
            r"(?:threshold\(\s*|_OWNER = )\"(\w+)\"",
            Path(str(module.__file__)).read_text(encoding="utf-8"),
        )
    }
    version = load("extractors", name).VERSION + digest(name)

    assert all(digest(owner) in version for owner in read & owners), read
