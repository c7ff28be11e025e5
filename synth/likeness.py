"""How alike two texts are: the share of their runs of words that they have in common.

Plain on purpose, so that a reason can be read and checked: words as they stand, in any case, cut
into overlapping runs (shingles; Broder 1997, On the resemblance and containment of documents), and
the Jaccard index of the two sets of runs.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

Runs: TypeAlias = frozenset[tuple[str, ...]]

_WORD = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*")
"""a word or a number; "3.2" and "isn't" are one"""


def shingles(text: str, words: int) -> Runs:
    """Cut a text into its runs of so many words; a shorter text is one run, an empty one none."""
    said = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if not said:
        return frozenset()
    runs = max(1, len(said) - words + 1)
    return frozenset(tuple(said[at : at + words]) for at in range(runs))


def jaccard(one: Runs, other: Runs) -> float:
    """Give the share of runs that two texts have in common, 0..1; of nothing, none."""
    either = len(one | other)
    return len(one & other) / either if either else 0.0
