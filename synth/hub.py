"""Questions in the columns of the Hugging Face hub: from the hub, or from Parquet in a folder."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import BadQuestionFile, HubUnreachable, UnsafePath
from synth.questions import Keep, Rejected, Source, inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KNOCK_S = 10.0  # one question to the hub; without it `datasets` 5.2.0 retries for 23 s (measured)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
_SHARD = re.compile(r"(.+?)-\d+-of-\d+")


@dataclass(frozen=True, slots=True)
class Table:
    """The splits of a data set, audio columns undecoded."""

    splits: Mapping[str, Any]
    folder: Path
    """audio that is named by its path instead of its bytes must lie in here"""

    def rows(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield (place, split, row) in the data set's order.

        Raises:
            BadQuestionFile: a file is damaged further in.
        """
        import pyarrow as pa  # noqa: PLC0415 - comes with `datasets`

        try:
            for split, rows in self.splits.items():
                for number, row in enumerate(rows, 1):
                    yield f"{split} row {number}", split, dict(row)
        except (OSError, ValueError, pa.ArrowException) as error:
            message = f"{self.folder}: the data set cannot be read on: {error}"
            raise BadQuestionFile(message) from error


def from_hub(dataset: str, instead: str) -> Table:
    """Load a data set from the hub, or from its cache where HF_HUB_OFFLINE is set.

    `instead` says what a person can do where no hub answers.

    Raises:
        HubUnreachable: no hub answers, or it does not give the data set.
    """
    datasets = _datasets()
    import httpx2  # noqa: PLC0415 - what huggingface-hub speaks with; belongs to the extra `hub`
    import huggingface_hub  # noqa: PLC0415

    try:
        if not datasets.config.HF_HUB_OFFLINE:
            huggingface_hub.HfApi().dataset_info(dataset, timeout=_KNOCK_S)
        splits = datasets.load_dataset(dataset)
    except (OSError, httpx2.HTTPError, datasets.exceptions.DatasetsError) as error:
        message = f"{dataset}: no hub gives it ({type(error).__name__}). {instead}"
        raise HubUnreachable(message) from error
    return Table(_undecoded(splits), Path(datasets.config.HF_CACHE_HOME))


def from_folder(folder: Path) -> Table | None:
    """Open the Parquet files of a data set that lie in a folder or in its `data`; None: no such.

    Raises:
        BadQuestionFile: they cannot be read.
    """
    files: dict[str, list[str]] = {}
    for path in sorted([*folder.glob("*.parquet"), *folder.glob("data/*.parquet")]):
        shard = _SHARD.fullmatch(path.stem)
        files.setdefault(_split_name(shard[1] if shard else path.stem), []).append(str(path))
    if not files:
        return None
    datasets = _datasets()
    import pyarrow as pa  # noqa: PLC0415

    try:
        # Named files, not the folder: a README in it could send `datasets` anywhere.
        splits = datasets.load_dataset("parquet", data_files=files, streaming=True)
        return Table(_undecoded(splits), folder)
    except (OSError, ValueError, pa.ArrowException, datasets.exceptions.DatasetsError) as error:
        message = f"{folder}: Parquet files that cannot be read: {error}"
        raise BadQuestionFile(message) from error


def audio_of(row: Mapping[str, Any], keep: Keep, folder: Path) -> Source:
    """Keep a row's audio in the home, under its hash.

    Raises:
        Rejected: the row has no audio, or names a file that is missing or outside the folder.
    """
    cells = [cell for cell in row.values() if _is_audio(cell)]
    if len(cells) != 1:
        raise Rejected("recording_missing", f"expected one audio column, found {len(cells)}")
    content, named = cells[0].get("bytes"), str(cells[0].get("path") or "")
    if not content:
        content = _read(named, folder)
    suffix = Path(named.replace("\0", "")).suffix.lower()
    path = keep(content, suffix if _SUFFIX.fullmatch(suffix) else ".audio")
    sha256 = hashlib.sha256(content).hexdigest()
    return Source(path=path, sha256=sha256, locator=f"audio/{path.name}")


def _read(named: str, folder: Path) -> bytes:
    try:
        absolute = Path(named)
        within = absolute.is_absolute() and absolute.is_relative_to(folder.resolve())
        path = inside(folder, str(absolute.relative_to(folder.resolve())) if within else named)
        return path.read_bytes()
    except UnsafePath as error:
        raise Rejected("unsafe_path", error.message) from error
    except OSError as error:
        raise Rejected("recording_missing", f"{named}: {error.strerror}") from error


def _is_audio(cell: object) -> bool:
    return isinstance(cell, dict) and set(cell) >= {"bytes", "path"}


def _undecoded(splits: Mapping[str, Any]) -> dict[str, Any]:
    """Leave audio as bytes and path: decoding is ours, and torchcodec is not installed."""
    datasets = _datasets()
    undecoded = {}
    for split, rows in splits.items():
        for column, feature in (rows.features or {}).items():
            if isinstance(feature, datasets.Audio):
                rows = rows.cast_column(column, datasets.Audio(decode=False))  # noqa: PLW2901
        undecoded[split] = rows
    return undecoded


def _split_name(stem: str) -> str:
    return re.sub(r"\W+", "_", stem)


def _datasets() -> Any:
    # Set before the first import; nobody is told what is read here.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_UPDATE_DOWNLOAD_COUNTS", "0")
    import datasets  # noqa: PLC0415 - belongs to the extra `hub`

    return datasets
