"""Reading question files: text, JSON and the fields of a row, none of it trusted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from schemas.errors import BadQuestionFile
from synth.questions import Rejected, python_list

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def file_text(path: Path) -> str:
    """Read a question file as UTF-8.

    Raises:
        BadQuestionFile: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path}: not UTF-8 at byte {error.start}"
        raise BadQuestionFile(message) from error
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise BadQuestionFile(message) from error


def json_list(path: Path) -> list[Any]:
    """Read a question file that is one JSON list.

    Raises:
        BadQuestionFile: broken JSON, with line and column, or JSON that is not a list.
    """
    text = file_text(path)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        message = f"{path}: broken JSON at {where}: {error.msg}"
        raise BadQuestionFile(message) from error
    except (RecursionError, ValueError) as error:
        message = f"{path}: JSON that cannot be read: {error}"
        raise BadQuestionFile(message) from error
    if not isinstance(content, list):
        message = f"{path}: expected a JSON list, not {type(content).__name__}"
        raise BadQuestionFile(message)
    return content


def json_object(text: str) -> dict[str, Any]:
    """Read one line of a JSON-lines file.

    Raises:
        Rejected: it is not one JSON object.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected("broken_json", f"the line is not JSON: {error}") from error
    return mapping(content)


def mapping(row: object) -> dict[str, Any]:
    """Insist that a row is a JSON object.

    Raises:
        Rejected: it is not.
    """
    if not isinstance(row, dict):
        raise Rejected("malformed_row", f"expected an object, not {type(row).__name__}")
    return row


def choices_in(raw: object) -> tuple[str, ...]:
    """Read a row's choices: a list of text, or such a list as JSON or Python in a string.

    Raises:
        Rejected: it is neither.
    """
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raw = python_list(str(raw).strip())
    if isinstance(raw, list | tuple) and all(isinstance(choice, str) for choice in raw):
        return tuple(raw)
    raise Rejected("malformed_row", "choices: expected a list of text")


def text_in(row: Mapping[str, Any], *keys: str) -> str:
    """Read the first of these keys that a row has.

    Raises:
        Rejected: it has none of them, or what it has is not text.
    """
    for key in keys:
        if row.get(key) is not None:
            if isinstance(row[key], str):
                return str(row[key])
            raise Rejected("malformed_row", f"{key}: expected text, not {type(row[key]).__name__}")
    raise Rejected("malformed_row", f"{' or '.join(keys)}: missing")


def optional_text(row: Mapping[str, Any], *keys: str) -> str:
    """Read a key that says what kind of question it is; "" where the row does not say."""
    return next((row[key] for key in keys if isinstance(row.get(key), str)), "")
