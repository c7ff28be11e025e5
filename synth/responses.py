"""What models answered, in the forms in which people keep it; nothing is guessed.

Three forms, told apart by their keys:
  MMAU's   the benchmark's rows with `model_output` (which its script reads) or `model_prediction`
           (which its README says)
  MMAR's   the benchmark's rows with `answer_prediction` and, as its rubric script reads, a
           `thinking_prediction`
  ours     {"question": our id, or "id": the benchmark's own id, "completion": "..."}; several lines
           of one question are its rollouts
A row that names a question and has none of these keys has no prediction: the scripts skip it. A row
that is none of all this is Refused, with its place and what was expected.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from synth.question_files import choices_in, mapping, optional_text, text_in
from synth.questions import Rejected, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Form = Literal["mmau", "mmar", "ours"]

MMAU_KEYS = ("model_output", "model_prediction")
MMAR_KEY, MMAR_THINKING = "answer_prediction", "thinking_prediction"
OUR_KEY = "completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """A question as a benchmark's row carries it; choices and answer letter for letter."""

    source_id: str
    text: str
    choices: tuple[str, ...]
    answer: str | None
    """None where it is withheld: MMAU's test split has "" """
    benchmark: str = ""
    """"mmau" or "mmar", by the row's own keys; "" where neither"""
    task: str = ""
    skill: str = ""
    difficulty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What one model answered to one question, once."""

    place: str
    """where it stands in its file: "line 12", "row 3" """
    name: str
    """the question's id or source id, as the row gives it"""
    form: Form
    key: str
    """the key that was read; "" where the row has no prediction"""
    said: str | None
    """what stands under the key, the completion or the answer; None where nothing does"""
    thinking: str = ""
    """reasoning that stands under a key of its own"""
    posed: Posed | None = None
    """the question, where the row carries it"""
    note: str = ""
    """what a reader must know of this row"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row that cannot be evaluated, and why."""

    place: str
    reason: str


def read_responses(text: str) -> Iterator[Response | Refused]:
    """Read a file of predictions: JSON lines, or one JSON list; blank lines say nothing."""
    for place, row in _rows(text):
        try:
            yield _response(place, _object(row))
        except Rejected as why:
            yield Refused(place=place, reason=printable(why.message))


def read_posed(text: str) -> Iterator[Posed | Refused]:
    """Read a benchmark's question file: JSON lines or one JSON list of its rows, no audio."""
    for place, row in _rows(text):
        try:
            posed = _posed(_object(row))
        except Rejected as why:
            yield Refused(place=place, reason=printable(why.message))
        else:
            yield posed or Refused(place=place, reason="expected a question with its `choices`")


def _rows(text: str) -> Iterator[tuple[str, object]]:
    if text.lstrip("\ufeff \t\r\n").startswith("["):
        try:
            listed = json.loads(text.lstrip("\ufeff"))
        except (ValueError, RecursionError) as error:
            yield "the whole file", _Broken(f"a JSON list that cannot be read: {error}")
            return
        yield from ((f"row {number}", row) for number, row in enumerate(listed, 1))
        return
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except (ValueError, RecursionError) as error:
            yield f"line {number}", _Broken(f"not JSON: {error}")


@dataclass(frozen=True, slots=True)
class _Broken:
    """A row that is no JSON, on its way to be refused."""

    why: str


def _object(row: object) -> dict[str, Any]:
    if isinstance(row, _Broken):
        raise Rejected("broken_json", row.why)
    return mapping(row)


def _response(place: str, row: Mapping[str, Any]) -> Response:
    posed = _posed(row)
    form, key = _form_of(row)
    said, note = _said(row, key) if key else (None, "no prediction")
    thinking = row.get(MMAR_THINKING)
    if form == "mmar" and thinking is not None and not isinstance(thinking, str):
        raise Rejected("malformed_row", f"{MMAR_THINKING}: {_not_text(thinking)}")
    return Response(
        place=place,
        name=posed.source_id if posed else _name(row),
        form=form,
        key=key,
        said=said,
        thinking=thinking if form == "mmar" and isinstance(thinking, str) else "",
        posed=posed,
        note=note,
    )


def _form_of(row: Mapping[str, Any]) -> tuple[Form, str]:
    """Tell a row's form and the key that holds its prediction, "" where none does."""
    if OUR_KEY in row:
        return "ours", OUR_KEY
    if MMAR_KEY in row:
        return "mmar", MMAR_KEY
    found = [key for key in MMAU_KEYS if key in row]
    if found:
        return "mmau", found[0]
    if "choices" in row or "id" in row or "audio_id" in row:
        return ("mmar" if "audio_path" in row or "modality" in row else "mmau"), ""
    expected = ", ".join((OUR_KEY, MMAR_KEY, *MMAU_KEYS))
    raise Rejected("malformed_row", f"expected one of the keys {expected}; found {sorted(row)}")


def _said(row: Mapping[str, Any], key: str) -> tuple[str | None, str]:
    said = row[key]
    if said is None:
        return None, f"{key} is null, at which the official script stops"
    if not isinstance(said, str):
        raise Rejected("malformed_row", f"{key}: {_not_text(said)}")
    other = row.get(MMAU_KEYS[1])
    if key == MMAU_KEYS[0] and isinstance(other, str) and other != said:
        return said, f"{MMAU_KEYS[1]} says something else; the official script reads {key}"
    return said, ""


def _posed(row: Mapping[str, Any]) -> Posed | None:
    """Read the question that a row carries; None where it carries none."""
    if row.get("choices") is None:
        return None
    answer = text_in(row, "answer")
    return Posed(
        source_id=_source_id(row),
        text=text_in(row, "question"),
        choices=choices_in(row["choices"]),
        answer=answer or None,
        benchmark="mmar" if "modality" in row else "mmau" if "audio_id" in row else "",
        task=optional_text(row, "task", "modality"),
        skill=optional_text(row, "sub-category", "sub_category", "subcategory"),
        difficulty=optional_text(row, "difficulty"),
    )


def _source_id(row: Mapping[str, Any]) -> str:
    """Name a benchmark's row; MMAU's first release names its audio alone."""
    if row.get("id") is None and row.get("audio_id") is not None:
        return PurePosixPath(text_in(row, "audio_id")).stem
    return text_in(row, "id")


def _name(row: Mapping[str, Any]) -> str:
    return text_in(row, "question", "id") if OUR_KEY in row else _source_id(row)


def _not_text(found: object) -> str:
    return f"expected text, not {type(found).__name__}"
