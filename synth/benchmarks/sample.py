"""Our own small benchmark, bundled: real recordings, and joins of them, in MMAU's file format.

Gold answers come from the recordings' own labels or from how they were joined, never from an
extractor: `gold_sources.jsonl` cites the source of each. `recordings.jsonl` says how each made
recording came about (`tools/make_sample.py` makes them) and who owns what.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from schemas import Edit, Rejection
from schemas.errors import BadQuestionFile
from synth.question_files import (
    choices_in,
    file_text,
    json_list,
    mapping,
    optional_text,
    text_in,
)
from synth.questions import Draft, Keep, Origin, Rejected, Row, Source, rows, source_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EVAL_ONLY = False

RELEASE = "1"
LICENCE = "Apache-2.0"  # of the questions; each recording's own stands in recordings.jsonl
SAMPLE = Path(str(files("synth.benchmarks"))) / "sample_files"


def read(root: Path | None, keep: Keep) -> Iterator[Row | Rejection]:  # noqa: ARG001 - all is on disk
    """Read the bundled questions, each recording with the edit that made it.

    Args:
        root: another folder of the same layout; None: the bundled one.
        keep: not needed, every recording is a file.

    Raises:
        BadQuestionFile: sample.json or recordings.jsonl is missing or broken.
    """
    folder = SAMPLE if root is None else root
    known = _known(folder / "recordings.jsonl")
    origin = Origin(benchmark="sample", release=RELEASE, licence=LICENCE, eval_only=EVAL_ONLY)
    content = json_list(folder / "sample.json")
    yield from rows(
        ((f"row {n}", partial(_filed, row, folder, known)) for n, row in enumerate(content, 1)),
        origin,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a bundled recording beside its bytes."""

    edit: Edit | None
    licence: str
    attribution: str


def _known(path: Path) -> dict[str, _Known]:
    """Read what is known of each recording, by its sha256."""
    from pydantic import TypeAdapter

    edit = TypeAdapter(Edit | None)
    try:
        text = file_text(path)
        lines = [mapping(json.loads(line)) for line in text.split("\n") if line.strip()]
        return {
            row["sha256"]: _Known(
                edit.validate_json(json.dumps(row["edit"])), row["licence"], row["attribution"]
            )
            for row in lines
        }
    except (ValueError, KeyError, Rejected) as error:
        message = f"{path}: not the record of how recordings were made: {error}"
        raise BadQuestionFile(message) from error


def _filed(row: object, root: Path, known: Mapping[str, _Known]) -> tuple[Draft, partial[Source]]:
    fields = mapping(row)
    draft = Draft(
        source_id=text_in(fields, "id"),
        text=text_in(fields, "question"),
        choices=choices_in(fields.get("choices")),
        answer=text_in(fields, "answer"),
        split=text_in(fields, "split"),
        task=optional_text(fields, "task"),
        skill=optional_text(fields, "sub-category"),
    )
    return draft, partial(_found, root, text_in(fields, "audio_id"), known)


def _found(root: Path, audio_id: str, known: Mapping[str, _Known]) -> Source:
    """Find a recording; how it was made is known by its bytes, so a changed file has no truths."""
    source = source_below(root, audio_id)
    if source.sha256 not in known:
        return source
    made = known[source.sha256]
    return replace(source, edit=made.edit, licence=made.licence, attribution=made.attribution)
