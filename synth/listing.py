"""Where a sentence lists what the recording holds: "features A, B and C", "Instruments: A, B".

Standard library only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from synth.prose import lead, one_of

if TYPE_CHECKING:
    from synth.prose import Words


class Listing(NamedTuple):
    """A list of what is heard."""

    at: int
    """where the words that open it begin"""
    begun: int
    ended: int


_LISTING = {
    "features": "features", "feature": "feature", "featuring": "featuring",
    "contains": "contains", "contain": "contain", "containing": "containing",
    "includes": "includes", "include": "include", "including": "including", "both": "both",
    "dominated": "dominated by", "consists": "consists of", "consist": "consist of",
    "recording": "is of", "audio": "is of", "captures": "captures", "capturing": "capturing",
    "captured": "captured", "blends": "blends", "combines": "combines", "mixes": "mixes",
    "incorporates": "incorporates", "showcases": "showcases", "has": "has", "driven": "driven by",
    "opens": "opens with", "begins": "begins with", "starts": "starts with", "ends": "ends with",
    "concludes": "concludes with", "comprises": "comprises", "built": "built on",
    "alongside": "alongside", "filled": "filled with", "layered": "layered with",
}  # fmt: skip
"""word by which a list is noticed -> what opens it, where it is of the recording"""
_WITH = {
    "accompanied": "accompanied by", "followed": "followed by", "backed": "backed by",
    "supported": "supported by", "joined": "joined by", "punctuated": "punctuated by",
    "interrupted": "interrupted by", "preceded": "preceded by", "along": "along with",
    "sounds": "sounds are", "instruments": "instruments are", "surrounded": "surrounded by",
    "complemented": "complemented by", "overlaid": "overlaid with", "backdrop": "backdrop of",
    "mixture": "mixture of", "mix": "mix of", "blend": "blend of", "combination": "combination of",
    "made": "made up of", "composed": "composed of", "interplay": "interplay of",
    "bed": "bed of", "layers": "layers of",
}  # fmt: skip
"""the same, of whatever"""
_WHOLE = one_of("""
    audio recording clip music track piece song instrumentation excerpt hear ensemble arrangement
    band accompaniment soundscape scene mix sounds sound ballad performance instrumental instruments
    composition groove section it percussion texture backing melody beat rock pop jazz
    background backdrop""")
_LIST_ENDS = one_of("""
    which that about as rather instead without but while not no creating giving adding for to who
    where when from than""")
_INFERS = ("suggest", "indicat", "contribut", "creat")
_UNSURE = one_of("possibly likely perhaps maybe or no probably like either word words title name")
_KEYED = re.compile(
    r"[\s*#>•\d.)-]*(?:[a-z]+ (?:and )?){0,2}(?:instruments?|instrumentation|sounds|noises?|events"
    r"|ambien[ct]e|background|soundscape|percussion|elements)(?: (?:used|heard|present|detected"
    r"|identified))?(?: \([a-z ]+\))?\**:\**\s"
)
CUES = frozenset((*_LISTING, *_WITH))
"""Words by which a list is noticed"""


def listed(low: str, its_words: Words) -> list[Listing]:
    """Give where the lists stand of what the recording is said to contain."""
    lists = []
    for noticed in its_words & CUES:
        opener = _LISTING.get(noticed) or _WITH[noticed]
        at = low.find(f" {opener} ") + 1
        begun = at + len(opener)
        if not at or low.startswith((" no ", " neither "), begun):
            continue
        if noticed in _WITH or not _WHOLE.isdisjoint(lead(low, at)[-6:]):
            lists.append(Listing(at, begun, _list_end(low, begun)))
    if ":" in low and (keyed := _KEYED.match(low)):
        begun = keyed.end() - 1
        lists.append(Listing(0, begun, _list_end(low, begun)))
    return lists


def surely(low: str, begun: int, start: int) -> bool:
    """Say whether what stands in a list is not only thought to be there."""
    return _UNSURE.isdisjoint(low[begun:start].rpartition(",")[2].split())


def _list_end(low: str, begun: int) -> int:
    ended = begun
    for word in low[begun : begun + 160].split(" "):
        if word in _LIST_ENDS or word.startswith(_INFERS):
            break
        ended += len(word) + 1
        if word[-1:] in (".", ";"):
            break
    return ended
