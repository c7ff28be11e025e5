"""How the values of labels are read: numbers, texts, lists; what does not fit is said plainly."""

from __future__ import annotations

import math

from schemas import Item
from schemas.errors import BadManifest

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
"""As facts spell them, by pitch class"""

SEXES = {"male": "male", "man": "male", "m": "male",
          "female": "female", "woman": "female", "f": "female"}  # fmt: skip
"""How a label or a fact may name a voice's sex"""

_MOST = 1_000_000  # items of a list: no recording has more


def short(value: object) -> str:
    """Write a value as a message holds it: its first letters."""
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:57]}..."


def a_number(value: object, expected: str, *, least: float = -math.inf) -> float:
    """Read a finite number, at least so large.

    Raises:
        BadManifest: it is none.
    """
    try:
        known = isinstance(value, int | float) and not isinstance(value, bool)
        number = float(value) if known else math.nan  # type: ignore[arg-type]
    except OverflowError:  # JSON's whole numbers have no bounds
        number = math.inf
    if not math.isfinite(number) or number < least:
        message = f"expected {expected}, not {short(value)}"
        raise BadManifest(message)
    return number


def a_boolean(value: object) -> bool:
    """Read true or false.

    Raises:
        BadManifest: it is none.
    """
    if not isinstance(value, bool):
        message = f"expected true or false, not {short(value)}"
        raise BadManifest(message)
    return value


def a_text(value: object, expected: str = "a text", *, empty: bool = False) -> str:
    """Read a text, without blanks around it.

    Raises:
        BadManifest: it is none, or it is empty and may not be.
    """
    if not isinstance(value, str) or not _is_utf8(value) or not (empty or value.strip()):
        message = f"expected {expected}, not {short(value)}"
        raise BadManifest(message)
    return value.strip()


def _is_utf8(text: str) -> bool:
    """Whether a text can be written: half a surrogate pair, which JSON lets pass, cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def some_texts(value: object) -> tuple[str, ...]:
    """Read a text or a list of texts.

    Raises:
        BadManifest: it is none.
    """
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list):
        message = f"expected a list of texts, not {short(value)}"
        raise BadManifest(message)
    return tuple(filter(None, (a_text(one, "a list of texts", empty=True) for one in listed)))


def some_items(value: object, named: str) -> tuple[Item, ...]:
    """Read a list of texts, or of objects with a name, `start` and `end` in seconds.

    Raises:
        BadManifest: it is none, or one of its items is not.
    """
    if not isinstance(value, list) or len(value) > _MOST:
        message = f"expected a list, not {short(value)}"
        raise BadManifest(message)
    items = []
    for one in value:
        if not isinstance(one, dict):
            items.append(Item(label=str(one) if isinstance(one, int) else a_text(one)))
            continue
        name = one.get(named, one.get("label", ""))
        start = a_number(one.get("start"), "a start in seconds", least=0)
        end = a_number(one.get("end", one.get("start")), "an end in seconds", least=start)
        items.append(
            Item(label=a_text(name, f"a text as {named}", empty=True), start_s=start, end_s=end)
        )
    return tuple(items)
