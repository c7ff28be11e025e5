"""Instruments look in order, and whatever happens to one of them is told and stops no other."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from schemas import identity
from schemas.errors import UnknownPlugin

np = pytest.importorskip("numpy")

import synth.extractors  # noqa: E402 - after the skip
from synth.audio import Audio  # noqa: E402
from synth.decode import decode  # noqa: E402
from synth.observe import (  # noqa: E402
    extractor_version,
    in_order,
    missing_package,
    not_installed,
    observe,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = """
from schemas import Value
from schemas.errors import Abstained, MissingWeights
from synth.audio import Measurement

VERSION, WITNESS, NEEDS, PROPERTIES = "3", "told", {needs}, ("pitch",)
LICENCE = "MIT"
PACKAGES = {packages}

def measure(audio, given):
    {body}
"""


def tone(seconds: float = 2.0) -> Audio:
    t = np.arange(int(seconds * 22_050)) / 22_050
    return Audio("rec", (0.5 * np.sin(2 * np.pi * 440 * t))[None].astype(np.float32), 22_050)


@pytest.fixture
def extractors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A second folder of real extractors beside our own: `add(name, body)` writes one more."""

    def add(name: str, body: str, needs: tuple[str, ...] = ()) -> None:
        packages = tuple(re.findall(r"import (\w+)", body))
        source = HEAD.format(body=body, needs=needs, packages=packages)
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")

    path = [*synth.extractors.__path__, str(tmp_path)]
    monkeypatch.setattr(synth.extractors, "__path__", path)
    yield add
    for module in [name for name in sys.modules if name.startswith("synth.extractors.fake_")]:
        del sys.modules[module]
    extractor_version.cache_clear()
    missing_package.cache_clear()


def test_a_measurement_becomes_an_observation_with_a_name_that_rests_on_no_number() -> None:
    observed = observe(tone(), ["signal"])

    (extraction,) = observed.extractions
    (seen,) = observed.observations
    version = extractor_version("signal")
    assert (extraction.outcome, extraction.reason) == ("measured", "")
    assert extraction.id == identity("extraction", "rec", "signal", version)
    assert seen.id == identity("observation", "rec", "signal", version, 0)
    assert (seen.property, seen.subject, seen.value.text) == ("presence", "signal", "yes")
    assert (seen.extractor, seen.version, seen.witness) == ("signal", version, "samples")


def test_the_same_recording_is_observed_the_same_twice() -> None:
    assert observe(tone(), ["signal"]) == observe(tone(), ["signal"])


def test_an_extractor_brings_those_that_it_needs_and_comes_after_them(extractors: Any) -> None:
    extractors("fake_last", "return ()", needs=("fake_middle", "signal"))
    extractors("fake_middle", "return ()", needs=("signal",))

    assert in_order(["fake_last"]) == ("signal", "fake_middle", "fake_last")
    assert [one.extractor for one in observe(tone(), ["fake_last"]).extractions] == [
        "signal",
        "fake_middle",
        "fake_last",
    ]


def test_an_extractor_is_given_what_it_needs_and_nothing_else(extractors: Any) -> None:
    told = 'raise Abstained(" ".join(sorted({seen.extractor for seen in given})))'
    extractors("fake_number", 'return (Measurement(property="pitch", value=Value(number=1)),)')
    extractors("fake_reader", told, needs=("fake_number",))

    observed = observe(tone(), ["signal", "fake_number", "fake_reader"])

    assert observed.extractions[-1].reason == "fake_number"


def test_cannot_tell_is_an_outcome_with_its_reason(extractors: Any) -> None:
    extractors("fake_humble", 'raise Abstained("too faint")')

    observed = observe(tone(), ["fake_humble"])

    assert observed.observations == ()
    assert observed.extractions[0].outcome == "abstained"
    assert observed.extractions[0].reason == "too faint"
    assert observed.extractions[0].version == "3"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('raise RuntimeError("array is empty")', "RuntimeError: array is empty"),
        ("return (1 / 0,)", "ZeroDivisionError: division by zero"),
        ('return (Measurement(property="key", value=Value(text="C major")),)', "declares pitch"),
        ('return (Measurement(property="pitch", value=Value(number=float("nan"))),)', "finite"),
    ],
)
def test_a_broken_extractor_is_recorded_and_the_others_go_on(
    extractors: Any, body: str, reason: str
) -> None:
    extractors("fake_broken", body)

    observed = observe(tone(), ["fake_broken", "signal"])

    broken, healthy = observed.extractions
    assert broken.outcome == "failed"
    assert reason in broken.reason
    assert healthy.outcome == "measured"
    assert [seen.extractor for seen in observed.observations] == ["signal"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import no_such_library", "no_such_library is not installed"),
        ('raise MissingWeights("run `synth models fetch yamnet`")', "synth models fetch yamnet"),
    ],
)
def test_what_is_not_installed_is_said_and_looked_for_again(
    extractors: Any, body: str, reason: str
) -> None:
    extractors("fake_absent", body)

    (extraction,) = observe(tone(), ["fake_absent"]).extractions

    assert (extraction.outcome, extraction.version) == ("abstained", "absent")
    assert reason in extraction.reason


def test_an_absent_library_shows_before_anything_is_decoded(extractors: Any) -> None:
    extractors("fake_absent", "import no_such_library")

    assert extractor_version("fake_absent") == "absent"
    assert extractor_version("signal") != "absent"


@pytest.mark.parametrize(
    ("package", "extra"),
    [
        ("essentia", "essentia"),
        ("librosa", "audio"),
        ("faster_whisper", "whisper"),
        ("whisper_timestamped", "whisper-timestamped"),
    ],
)
def test_a_missing_library_names_the_extra_that_brings_it(package: str, extra: str) -> None:
    assert not_installed(package) == (
        f'{package} is not installed; pip install "perceptsynth[{extra}]"'
    )


def test_an_unknown_extractor_is_refused() -> None:
    with pytest.raises(UnknownPlugin, match="no 'tempo_tea_leaves' in synth/extractors"):
        observe(tone(), ["tempo_tea_leaves"])


@pytest.mark.weights
@pytest.mark.parametrize(
    ("clip", "bpm"),
    [
        ("tempo/sonicpi_loop_mika.ogg", 120.0),
        ("tempo/lmms_909beat01.ogg", 122.0),
        ("speech/jfk.flac", None),
        ("events/blanket_storm.ogg", None),
    ],
)
def test_real_loops_have_a_tempo_and_speech_and_thunder_have_none(
    shared: Path, clip: str, bpm: float | None
) -> None:
    audio = decode(shared / "audio" / "public" / clip, "rec")

    observed = observe(audio, ["tempo_essentia", "tempo_librosa"])

    outcomes = {one.extractor: one for one in observed.extractions}
    if outcomes["events_yamnet"].version == "absent":
        pytest.skip(outcomes["events_yamnet"].reason)
    tempos = [seen.value.number for seen in observed.observations if seen.property == "tempo"]
    assert tempos == ([pytest.approx(bpm, rel=0.04)] * 2 if bpm else [])
    if bpm is None:
        assert outcomes["tempo_essentia"].reason.startswith("no music heard")
