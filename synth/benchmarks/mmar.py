"""MMAR (Ma et al., 2025): deep reasoning over speech, sound, music and mixes; evaluation only.

Source of the format: ddlBoJack/MMAR@3bce090. Its human `cue`, `rubric` and `thinking` are what
others measure against: they are not carried into any record.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

from schemas.errors import BadQuestionFile
from synth.hub import Table, audio_of, from_folder, from_hub
from synth.question_files import (
    choices_in,
    file_text,
    json_object,
    optional_text,
    text_in,
)
from synth.questions import UNKNOWN, Draft, Keep, Origin, Row, Source, rows, source_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from schemas import Rejection

EVAL_ONLY = True

DATASET = "BoJack/MMAR"
LICENCE = "none stated"
INSTEAD = (
    "Download MMAR-meta.jsonl (github.com/ddlBoJack/MMAR) and its recordings, put them into one "
    "folder as FOLDER/MMAR-meta.jsonl and FOLDER/audio/*.wav, and use --root FOLDER"
)

# sha256 of each release's question file.
RELEASES = {"1c9a343e7bebf1037482b935c54eacd43cc63df7b2c668724b5560caf1f84fad": "3bce090"}

_FILE = "MMAR-meta.jsonl"
_SPLIT = "test"  # MMAR has one split, and its file does not name it


def read(root: Path | None, keep: Keep) -> Iterator[Row | Rejection]:
    """Read MMAR's question file below a root, or its data set as Parquet, or from the hub.

    Args:
        root: folder that holds MMAR-meta.jsonl and, at each `audio_path`, the recording; or the
            question file itself; or a folder of Parquet files; None: load from the hub.
        keep: stores audio that has no file of its own.

    Raises:
        BadQuestionFile: there is no question file, or it cannot be read.
        HubUnreachable: no root, and no hub answers.
    """
    if root is None:
        yield from _from_table(from_hub(DATASET, INSTEAD), keep)
        return
    path = root if root.is_file() else root / _FILE
    table = None if path.is_file() else from_folder(root)
    if path.is_file():
        yield from _from_file(path)
    elif table is not None:
        yield from _from_table(table, keep)
    else:
        message = f"{root}: no {_FILE} and no Parquet files"
        raise BadQuestionFile(message)


def _from_file(path: Path) -> Iterator[Row | Rejection]:
    lines = file_text(path).split("\n")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    release = RELEASES.get(sha256, UNKNOWN)
    yield from rows(
        (
            (f"line {number}", partial(_filed, line, path.parent))
            for number, line in enumerate(lines, 1)
            if line.strip()
        ),
        _origin(release),
    )


def _filed(line: str, root: Path) -> tuple[Draft, partial[Source]]:
    row = json_object(line)
    audio_path = text_in(row, "audio_path")
    return _draft(row, _SPLIT), partial(source_below, root, audio_path)


def _from_table(table: Table, keep: Keep) -> Iterator[Row | Rejection]:
    def tabled(row: dict[str, Any], split: str) -> tuple[Draft, partial[Source]]:
        return _draft(row, split), partial(audio_of, row, keep, table.folder)

    places = ((place, partial(tabled, row, split)) for place, split, row in table.rows())
    yield from rows(places, _origin(UNKNOWN))


def _origin(release: str) -> Origin:
    return Origin(benchmark="mmar", release=release, licence=LICENCE, eval_only=EVAL_ONLY)


def _draft(row: Mapping[str, Any], split: str) -> Draft:
    return Draft(
        source_id=text_in(row, "id"),
        text=text_in(row, "question"),
        choices=choices_in(row.get("choices")),
        answer=text_in(row, "answer") or None,
        split=split,
        task=optional_text(row, "modality"),
        skill=optional_text(row, "sub-category", "subcategory"),
    )
