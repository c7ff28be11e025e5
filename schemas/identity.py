"""How records get their ids."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence


def identity(kind: str, *parts: str | int | Sequence[str] | None) -> str:
    """Name a record by what made it: 32 hex digits of sha256 over kind and parts.

    Source records pass their content; derived records pass their inputs' ids, the producer's
    version and an ordinal. Floats are refused on purpose: a measured number is never identity.

    Raises:
        TypeError: a part is neither text, a whole number, a sequence of text nor None.
    """
    canonical = json.dumps([kind, *parts], ensure_ascii=False, separators=(",", ":"))
    if any(type(part) is float for part in parts):
        message = f"identity of a {kind} must not rest on a measured number: {canonical}"
        raise TypeError(message)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:32]
