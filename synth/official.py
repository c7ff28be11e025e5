"""The benchmarks' own rules for whether a prediction is right, quirks and all. Standard library.

MMAU's `evaluation.py` (Sakshi113/MMAU@110127f) and MMAR's `code/evaluation.py`
(ddlBoJack/MMAR@3bce090, "modified from MMAU") match in the same way; they differ in the key that
they read. Behaviour, retold in our own words, because published scores rest on it:

- Answer, prediction and choices become *sets* of lower-case words: order and repetition are lost.
- Right is a prediction that holds every word of the answer and no word that only wrong choices
  have. So "near to far" is "far to near", "not 120 bpm" is "120 bpm", "(A) cat" is wrong where
  another choice says "a", and "cat, not dog" is wrong where "dog" is a choice.
- A prediction without a word is wrong; an answer without a word is held by every prediction.
- A row that lacks the key is skipped: it is in no denominator.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCES = {
    "mmau": "Sakshi113/MMAU@110127f evaluation.py, string_match",
    "mmar": "ddlBoJack/MMAR@3bce090 code/evaluation.py, string_match",
}
"""Benchmark to the script whose rule is told here"""

KEYS = {"mmau": "model_output", "mmar": "answer_prediction"}
"""The key that each script reads. MMAU's README says `model_prediction`, and so do its former
EvalAI server, which counted a missing prediction as wrong, and MMAR's first README."""

_WORD = re.compile(r"\b\w+\b")


def string_match(answer: str, prediction: str, choices: Sequence[str]) -> bool:
    """Tell what the official script says of a prediction."""
    said, gold = _words(prediction), _words(answer)
    if not said:
        return False
    others = (_words(choice) for choice in choices)
    foreign = {word for other in others if other != gold for word in other - gold}
    return gold <= said and not said & foreign


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))
