"""What a home already knows of recordings: nothing that was measured is measured again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import Extraction, Observation, Recording
from synth.decode import decoder, is_one_window
from synth.observe import ABSENT, extractor_version, in_order, needed, tell
from warehouse import shards

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from warehouse.home import Home


@dataclass(frozen=True, slots=True)
class Known:
    """What extractors have said of a recording, and would say again."""

    extractions: tuple[Extraction, ...] = ()
    observations: tuple[Observation, ...] = ()


def known(home: Home, recordings: Collection[str], extractors: Sequence[str]) -> dict[str, Known]:
    """Collect by recording what stands of it.

    A word stands if the extractor, all that it needs and the decoder are today's, and if no other
    version ever looked: else it is not told on whose word it rested. What failed is tried again,
    and so is a recording of several windows.
    """
    whole = {
        one.id
        for one in shards.read(home, Recording, stage="observe", recordings=recordings)
        if one.decoder == decoder() and is_one_window(one)
    }
    looked: dict[str, dict[str, list[Extraction]]] = defaultdict(lambda: defaultdict(list))
    for one in shards.read(home, Extraction, stage="observe", recordings=whole):
        looked[one.recording][one.extractor].append(one)
    seen: dict[str, list[Observation]] = defaultdict(list)
    for word in shards.read(home, Observation, stage="observe", recordings=whole):
        seen[word.recording].append(word)
    order, found = in_order(extractors), {}
    for recording, by_name in looked.items():
        standing: dict[str, Extraction] = {}
        for name in order:
            if _stands(by_name[name]) and standing.keys() >= set(needed(name)):
                standing[name] = by_name[name][0]
        said = tuple(word for word in seen[recording] if word.extractor in standing)
        found[recording] = Known(tuple(standing.values()), said)
    return found


def _stands(looked: Sequence[Extraction]) -> bool:
    if len(looked) != 1:
        return False
    (one,) = looked
    version = extractor_version(one.extractor)
    again = tell(one.recording, one.extractor, version, one.outcome, one.reason)
    return one == again and version != ABSENT and one.outcome != "failed"
