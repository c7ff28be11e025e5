"""What every exporter shares: its inputs and results, the prompt, refusals, the target folder."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import GROUND_TRUTH_VERSION, VOCABULARY, Run
from schemas.errors import BadInput, BadOption, UnreadableAudio
from synth.prompting import prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from schemas import Question

MANIFEST = "manifest.json"
_MADE_BY = "perceptsynth"

# The first bytes of the containers that recordings come in; a name is a courtesy to readers,
# decoders look at the bytes themselves.
_SUFFIXES = (
    (b"RIFF", ".wav"),
    (b"fLaC", ".flac"),
    (b"OggS", ".ogg"),
    (b"ID3", ".mp3"),
    (b"\xff\xfb", ".mp3"),
    (b"\xff\xf3", ".mp3"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """How many records one stage kept and dropped."""

    stage: str
    kept: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where an export's rows come from, for its card and manifest."""

    runs: tuple[Run, ...] = ()
    models: tuple[str, ...] = ()
    """the instruments: name, version and licence of each, one line each"""
    attribution: tuple[str, ...] = ()
    """what the recordings' licences ask to be said, one line each"""
    yields: tuple[Yield, ...] = ()
    """in the order of the stages"""
    allow_eval: tuple[str, ...] = ()
    """evaluation benchmarks that the user named as wanted all the same"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows one configuration of an export holds."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file of an export."""

    name: str
    """path below the export's folder, with forward slashes"""
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an exporter wrote."""

    path: Path
    counts: tuple[Count, ...]
    files: tuple[ExportedFile, ...]


def policy_prompt(text: str, choices: Sequence[str]) -> str:
    """Write what a policy reads beside the audio: question, choices, completion format."""
    properties = ", ".join(row.name for row in VOCABULARY)
    instruction = prompt("policy").system.replace("{{properties}}", properties)
    options = "".join(f"- {' '.join(choice.split())}\n" for choice in choices)
    asked = f"{text.strip()}\n\nChoices:\n{options}" if options else f"{text.strip()}\n"
    return f"{asked}\n{instruction}"


def refuse_evaluation(question: Question, provenance: Provenance) -> None:
    """Keep evaluation data out of training sets, unless the user named its benchmark.

    Raises:
        BadInput: the question is for evaluation only and its benchmark is not in `allow_eval`.
    """
    if question.eval_only and question.benchmark not in provenance.allow_eval:
        message = (
            f"this question is evaluation data of {question.benchmark!r}: a model trained on it"
            " can no longer be measured on it; filter it out, or allow the benchmark by name"
        )
        raise BadInput(message, record_id=question.id)


def audio_of(recordings: Sequence[str], audio: Callable[[str], bytes]) -> dict[str, bytes]:
    """Fetch a question's recordings, each once, and hold each to its id.

    Raises:
        UnreadableAudio: the bytes are none, or their sha256 is not the recording's id.
    """
    fetched = {}
    for recording in dict.fromkeys(recordings):
        content = audio(recording)
        found = hashlib.sha256(content).hexdigest()
        if not content or found != recording:
            what = f"have sha256 {found}" if content else "are none"
            message = (
                f"the recording's bytes {what}, but its id is the sha256 they must have:"
                " the file has changed since it was read; restore it, or read the source anew"
            )
            raise UnreadableAudio(message, record_id=recording)
        fetched[recording] = content
    return fetched


def file_name(recording: str, content: bytes) -> str:
    """Name embedded audio after its recording, with the suffix of its container."""
    suffixes = (suffix for magic, suffix in _SUFFIXES if content.startswith(magic))
    return recording + next(suffixes, "")


@contextmanager
def fresh_folder(path: Path) -> Iterator[Path]:
    """Lend an empty folder beside `path` that takes its place once the block ends well.

    What a killed export left behind is swept away; an earlier export of ours is replaced, and
    nothing else ever is.

    Raises:
        BadOption: `path` exists and is not an untouched export of ours.
    """
    refuse_foreign(path)
    path = path.resolve()
    part, old = path.with_name(f".{path.name}.part"), path.with_name(f".{path.name}.old")
    path.parent.mkdir(parents=True, exist_ok=True)
    if old.exists() and not path.exists():
        old.rename(path)  # an export was killed between its two renames
    _sweep(part)
    part.mkdir()
    try:
        yield part
        _sweep(old)
        if path.exists():
            path.rename(old)
        part.rename(path)
    finally:
        _sweep(part)
    _sweep(old)


def write_manifest(
    folder: Path, exporter: str, counts: Sequence[Count], provenance: Provenance
) -> tuple[ExportedFile, ...]:
    """Write manifest.json over all files of a folder: rows, sizes, hashes, versions, runs.

    `exporter` is its name and version, as in "huggingface 1".
    """
    files = tuple(_listed(file, folder) for file in _files(folder))
    written = {
        "made_by": _MADE_BY,
        "exporter": exporter,
        "rows": {count.name: count.rows for count in counts},
        "ground_truth": GROUND_TRUTH_VERSION,
        "runs": [{"id": run.id, "code_version": run.code_version} for run in provenance.runs],
        "evaluation_allowed": sorted(provenance.allow_eval),
        "files": [
            {"name": file.name, "bytes": file.size_bytes, "sha256": file.sha256} for file in files
        ],
    }
    text = json.dumps(written, indent=2, ensure_ascii=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    return (*files, _listed(folder / MANIFEST, folder))


def _listed(file: Path, folder: Path) -> ExportedFile:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    name = file.relative_to(folder).as_posix()
    return ExportedFile(name=name, size_bytes=file.stat().st_size, sha256=digest)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if not file.is_dir())


def refuse_foreign(path: Path) -> None:
    """Refuse a target that holds anything but an untouched export of ours.

    Raises:
        BadOption: it is no folder, or files lie in it that no export wrote.
    """
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or not path.is_dir():
        message = f"{path} is not a folder: name a new folder for the export"
        raise BadOption(message)
    present = {file.relative_to(path).as_posix() for file in _files(path)}
    foreign = sorted(present - _ours(path))
    if foreign:
        message = (
            f"{path} holds {foreign[0]!r}, which no export wrote: name a new or empty folder;"
            " only an earlier export is ever replaced"
        )
        raise BadOption(message)


def _ours(path: Path) -> set[str]:
    """Names of the files that an export of ours wrote into a folder, none if it is not ours."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        if manifest["made_by"] != _MADE_BY:
            return set()
        return {MANIFEST, *(file["name"] for file in manifest["files"])}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return set()  # not a manifest of ours, so neither is what lies beside it


def _sweep(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
