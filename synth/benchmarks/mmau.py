"""MMAU (Sakshi et al., ICLR 2025): questions on sound, music and speech, for evaluation only.

Source of formats, releases and quirks: Sakshi113/MMAU@110127f and its history.
"""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from schemas.errors import BadQuestionFile
from synth.hub import Table, audio_of, from_folder, from_hub
from synth.question_files import (
    choices_in,
    json_list,
    mapping,
    optional_text,
    text_in,
)
from synth.questions import UNKNOWN, Draft, Keep, Origin, Row, Source, rows, source_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemas import Rejection

EVAL_ONLY = True

DATASET = "gamma-lab-umd/MMAU-test-mini"
# Of the questions, as Sakshi113/MMAU states it; the recordings keep their sources' own.
LICENCE = "Apache-2.0"
INSTEAD = (
    "Download mmau-test-mini.json (github.com/Sakshi113/MMAU) and its recordings, put them into "
    "one folder as FOLDER/mmau-test-mini.json and FOLDER/test-mini-audios/*.wav, and use "
    "--root FOLDER"
)

# sha256 of each release's question file.
RELEASES = {
    "bef649e4bdeb436779a929ccdb9caa3f5144899bd087fc05e23065268ba888cc": "2024-10-23",
    "e8cc09223b497191781756212cb616315690aaa6ea7ac359db1b65d97d1e2433": "2025-03-25",
    "9f18fda99f8dbc2bc5ecd6323fb5063309f54969810b5c6f1caeb3b8d904cf1c": "v05.15.25",
}

_FILES = ("mmau-test-mini.json", "mmau-test.json")
# Eight questions of the first release still hold the words of the model that rewrote them.
_REWRITTEN = re.compile(
    r'^.{0,40}\bmodified question(?: (?:would|could) be)?:\s*"?(?P<question>.*?)"?$',
    re.IGNORECASE | re.DOTALL,
)


def read(root: Path | None, keep: Keep) -> Iterator[Row | Rejection]:
    """Read MMAU's question file below a root, or its data set as Parquet, or from the hub.

    Args:
        root: folder that holds the question file and, at each `audio_id`, the recording; or the
            question file itself; or a folder of Parquet files; None: load from the hub.
        keep: stores audio that has no file of its own.

    Raises:
        BadQuestionFile: there is no question file, or it is broken as a whole.
        HubUnreachable: no root, and no hub answers.
    """
    if root is None:
        yield from _from_table(from_hub(DATASET, INSTEAD), keep)
        return
    files = _question_files(root)
    table = None if files else from_folder(root)
    if table is not None:
        yield from _from_table(table, keep)
    elif not files:
        message = f"{root}: no MMAU question file ({' or '.join(_FILES)}) and no Parquet files"
        raise BadQuestionFile(message)
    for path in files:
        yield from _from_file(path)


def _question_files(root: Path) -> list[Path]:
    """Find the named files, else the one JSON file that holds MMAU's rows."""
    if root.is_file():
        return [root]
    named = [root / name for name in _FILES if (root / name).is_file()]
    if named:
        return named
    found = [path for path in sorted(root.glob("*.json")) if _looks_like_mmau(path)]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        message = f"{root}: several question files ({names}); name one: --root {found[0]}"
        raise BadQuestionFile(message)
    return found


def _looks_like_mmau(path: Path) -> bool:
    with path.open("rb") as opened:
        opening = opened.read(4096)
    return opening.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[") and b'"audio_id"' in opening


def _from_file(path: Path) -> Iterator[Row | Rejection]:
    content = json_list(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    release = RELEASES.get(sha256, UNKNOWN)
    yield from rows(
        ((f"row {n}", partial(_filed, row, path.parent)) for n, row in enumerate(content, 1)),
        _origin(release),
    )


def _filed(row: object, root: Path) -> tuple[Draft, partial[Source]]:
    fields = mapping(row)
    audio_id = text_in(fields, "audio_id")
    return _draft(fields, text_in(fields, "split")), partial(source_below, root, audio_id)


def _from_table(table: Table, keep: Keep) -> Iterator[Row | Rejection]:
    def tabled(row: dict[str, Any], split: str) -> tuple[Draft, partial[Source]]:
        return _draft(row, split), partial(audio_of, row, keep, table.folder)

    places = ((place, partial(tabled, row, split)) for place, split, row in table.rows())
    yield from rows(places, _origin(UNKNOWN))


def _origin(release: str) -> Origin:
    return Origin(benchmark="mmau", release=release, licence=LICENCE, eval_only=EVAL_ONLY)


def _draft(row: Mapping[str, Any], split: str) -> Draft:
    text = text_in(row, "question", "instruction").strip()
    rewritten = _REWRITTEN.match(text)
    return Draft(
        # The first release has no `id`; later ones repeat the audio file's name.
        source_id=text_in(row, "id") if "id" in row else _stem(text_in(row, "audio_id")),
        text=rewritten["question"] if rewritten else text,
        choices=choices_in(row.get("choices")),
        # The test split withholds its answers: "".
        answer=text_in(row, "answer") or None,
        split=optional_text(row, "split") or split,
        task=optional_text(row, "task"),
        skill=optional_text(row, "sub-category", "sub_category"),
    )


def _stem(audio_id: str) -> str:
    return PurePosixPath(audio_id).stem
