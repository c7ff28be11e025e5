"""Nothing that was measured is measured again, unless what it rests on has changed."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

import pytest

np = pytest.importorskip("numpy")
soundfile = pytest.importorskip("soundfile")
pytest.importorskip("av")

import synth.extractors  # noqa: E402 - after the skips
from flows import observing  # noqa: E402
from flows.stage import Stage, directly  # noqa: E402
from synth.observe import extractor_version, missing_package  # noqa: E402
from synth.questions import Source  # noqa: E402
from warehouse.home import Home  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemas import Observation

SOURCE = """
from pathlib import Path
from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement

VERSION, WITNESS, LICENCE, NEEDS, PACKAGES = {version!r}, "told", "MIT", {needs!r}, ()
PROPERTIES = ("pitch",)

def measure(audio, given):
    with Path({note!r}).open("a") as note:
        note.write({name!r} + " ")
    {body}
"""
PITCH = 'return (Measurement(property="pitch", value=Value(number=440)),)'


class Room:
    """A folder of extractors that note each time when they look."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.note = folder, folder / "note"

    def add(
        self, name: str, version: str = "1", needs: tuple[str, ...] = (), body: str = PITCH
    ) -> None:
        told = {"name": name, "version": version, "needs": needs, "body": body}
        source = SOURCE.format(**told, note=str(self.note))
        (self.folder / f"{name}.py").write_text(source, encoding="utf-8")
        self.forget()

    def forget(self) -> None:
        """Have this process read the folder anew, as the next command would."""
        for module in [name for name in sys.modules if name.startswith("synth.extractors.fake_")]:
            del sys.modules[module]
        extractor_version.cache_clear()
        missing_package.cache_clear()

    def looked(self) -> list[str]:
        """Who looked since this was last asked, sorted."""
        names = sorted(self.note.read_text().split()) if self.note.exists() else []
        self.note.unlink(missing_ok=True)
        return names


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    folder = tmp_path / "room"
    folder.mkdir()
    # Each version of a module is written within the same second: no stale byte code, please.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(synth.extractors, "__path__", [str(folder)])
    made = Room(folder)
    yield made
    made.forget()


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(np.arange(16_000) * 0.2), 16_000)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Source(path=path, sha256=sha256, locator="tone.wav")


def observe(source: Source, home: Path) -> list[Observation]:
    stage = Stage(home=Home(home), batch=directly)
    observed = observing.observe((source,), stage)
    return list(observed.observations[source.sha256])


def test_a_new_extractor_looks_alone(room: Room, source: Source, tmp_path: Path) -> None:
    room.add("fake_old")
    first = observe(source, tmp_path / "home")
    assert room.looked() == ["fake_old"]
    room.add("fake_new", needs=("fake_old",), body="raise Abstained(given[0].id)")

    second = observe(source, tmp_path / "home")

    assert room.looked() == ["fake_new"]
    assert second == first
    assert observe(source, tmp_path / "home") == first
    assert room.looked() == []


def test_a_new_version_looks_again_and_all_that_rests_on_it(
    room: Room, source: Source, tmp_path: Path
) -> None:
    room.add("fake_base")
    room.add("fake_middle", needs=("fake_base",))
    room.add("fake_top", needs=("fake_middle",))
    room.add("fake_beside")
    observe(source, tmp_path / "home")
    assert len(room.looked()) == 4
    room.add("fake_base", version="2")

    seen = observe(source, tmp_path / "home")

    assert room.looked() == ["fake_base", "fake_middle", "fake_top"]
    assert len(seen) == 4
    assert {one.version for one in seen if one.extractor == "fake_base"} == {"2"}


def test_what_failed_is_tried_again(room: Room, source: Source, tmp_path: Path) -> None:
    room.add("fake_broken", body="raise RuntimeError")
    room.add("fake_whole")
    observe(source, tmp_path / "home")
    assert room.looked() == ["fake_broken", "fake_whole"]
    room.add("fake_third")

    observe(source, tmp_path / "home")

    assert room.looked() == ["fake_broken", "fake_third"]


def test_another_decoder_has_all_of_them_look_again(
    room: Room, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.add("fake_one")
    observe(source, tmp_path / "home")
    assert room.looked() == ["fake_one"]
    monkeypatch.setattr("synth.decode.version", lambda _package: "99.0")

    observe(source, tmp_path / "home")

    assert room.looked() == ["fake_one"]
