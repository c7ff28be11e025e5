"""The prompts: text files under synth/prompts, known by their hash."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from schemas import PromptHash

_FOLDER = Path(__file__).with_name("prompts")
_OF_NO_RUN = frozenset(("extract_claims",))  # asked by an evaluation: it changes no run's records


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt file: a system text and, where it has one, a worked example."""

    name: str
    sha256: str
    system: str
    example_user: str = ""
    example_assistant: str = ""


@functools.cache
def prompt(name: str) -> Prompt:
    """Load a prompt file: sections headed "=== system", "=== user" and "=== assistant"."""
    text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    parts = re.split(r"^=== (system|user|assistant)\n", text, flags=re.MULTILINE)
    sections = {head: body.strip() for head, body in zip(parts[1::2], parts[2::2], strict=True)}
    return Prompt(
        name=name,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        system=sections["system"],
        example_user=sections.get("user", ""),
        example_assistant=sections.get("assistant", ""),
    )


def prompt_hashes() -> tuple[PromptHash, ...]:
    """Name and hash of every prompt that a run asks with, for its record."""
    names = sorted(file.stem for file in _FOLDER.glob("*.txt") if file.stem not in _OF_NO_RUN)
    return tuple(PromptHash(name=name, sha256=prompt(name).sha256) for name in names)


def quoted(text: str, limit: int = 2000) -> str:
    """Quote hostile text as one line that cannot end its own quotes or the turn that it stands in.

    Angle brackets are swapped for look-alikes: a chat template's tokens, such as <|im_end|>, work
    inside a message too. At most `limit` characters are shown.
    """
    shown = text if len(text) <= limit else text[:limit] + "…"
    harmless = shown.translate({ord("<"): "‹", ord(">"): "›"}).replace("[INST", "[ INST")
    return json.dumps(" ".join(harmless.split()), ensure_ascii=False)
