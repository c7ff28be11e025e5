"""What labels of sounds can judge: free text that says what is there, and never what is not.

A claimed class is **right** where a label is it or surely a kind of it: the ontology's parents of
"moo" are cattle, livestock and animal. It is **wrong** only where labels rule it out:

- it makes a sound that only another maker makes (`MAKERS`: cat for dog, flute for trumpet), the
  labels name one maker of that sort, and nothing that is claimed is that maker: it was misnamed;
- it is a woman's speech where the labels say that a man alone speaks, or the other way round;
- it is a conversation where the labels say that one person speaks.

All else is **unjudged**, and listed: a label of a dog does not tell that there is no car; nor
that what barks is a terrier. "Growling" is a dog's, a cat's or a lion's and judges none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth import ontology
from synth.spelling import label as named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from synth.labels import Labels

# Sorts of sound whose makers are never each other. Where two classes may be one, they are one
# maker (a goose is a bird); what imitates others (synthesizers) or takes part in others (string
# sections, drum kits) is none.
_ANIMALS = (
    ("dog", "canidae, dogs, wolves"), ("cat", "roaring cats (lions, tigers)"), ("horse",),
    ("donkey, ass",), ("cattle, bovinae",), ("pig",), ("goat",), ("sheep",), ("fowl", "bird"),
    ("rodents, rats, mice",), ("insect",), ("frog",), ("snake",), ("whale vocalization",),
)  # fmt: skip
_INSTRUMENTS = (
    ("guitar",), ("banjo",), ("sitar",), ("mandolin",), ("zither",), ("ukulele",), ("harp",),
    ("piano",), ("organ",), ("harpsichord",), ("accordion",), ("harmonica",), ("bagpipes",),
    ("trumpet", "cornet", "bugle"), ("french horn",), ("trombone",), ("flute",), ("saxophone",),
    ("clarinet",), ("oboe",), ("bassoon",), ("violin, fiddle",), ("cello",), ("double bass",),
    ("didgeridoo",), ("theremin",), ("drum",), ("cymbal", "gong"), ("mallet percussion",),
    ("rattle (instrument)",), ("tambourine",),
)  # fmt: skip
MAKERS = (_ANIMALS, _INSTRUMENTS)

_SPEAKING = {"male": "male speech, man speaking", "female": "female speech, woman speaking"}


@dataclass(frozen=True, slots=True)
class Sounds:
    """Claimed classes by what the labels make of them."""

    right: frozenset[str]
    wrong: frozenset[str]
    unjudged: frozenset[str]


def judge_sounds(claims: Iterable[str], labels: Labels) -> Sounds:
    """Judge claimed classes by the labels of one recording."""
    claimed = frozenset(claims)
    held, ruled_out = _held(labels), _ruled_out(labels)
    right = frozenset(claim for claim in claimed if named(claim) in map(named, held))
    misnamed = _misnamed(claimed - right, claimed, labels)
    wrong = (claimed - right) & (ruled_out | misnamed)
    return Sounds(right, wrong, claimed - right - wrong)


def _held(labels: Labels) -> frozenset[str]:
    """Give all that the labels say is there, with what it surely is a kind of."""
    texts = _texts(labels)
    classes = {one for text in texts for found in ontology.matching(text)
               for one in ontology.entailed(found)}  # fmt: skip
    said = {label.subject for label in labels.of("presence") if label.value is not None}
    return frozenset((*texts, *classes, *said, *_speaking(labels)))


def _ruled_out(labels: Labels) -> frozenset[str]:
    alone = _is_alone(labels)
    other = set(_SPEAKING.values()) - _speaking(labels) if _speaking(labels) else set()
    return frozenset((*other, *(("conversation",) if alone else ())))


def _speaking(labels: Labels) -> set[str]:
    """Give the class of a lone speaker whose sex is labelled."""
    sex = labels.one("voice_sex")
    if sex is None or sex.value is None or not _is_alone(labels):
        return set()
    return {_SPEAKING[sex.value.text or ""]}


def _is_alone(labels: Labels) -> bool:
    count = labels.one("speaker_count")
    return count is not None and count.value is not None and count.value.number == 1


def _texts(labels: Labels) -> tuple[str, ...]:
    return tuple(
        item.label
        for label in (*labels.of("event"), *labels.of("instrument"))
        for item in (label.value.items if label.value else None) or ()
    )


def _misnamed(doubtful: frozenset[str], claimed: frozenset[str], labels: Labels) -> frozenset[str]:
    """Find claims of another maker where the labelled one is not claimed at all."""
    labelled = [found for text in _texts(labels) for found in ontology.matching(text)]
    wrong: set[str] = set()
    for makers in MAKERS:
        there = {maker for one in labelled for maker in _made_by(one, makers)}
        if len(there) != 1 or any(there & set(_made_by(claim, makers)) for claim in claimed):
            continue
        wrong |= {claim for claim in doubtful if _made_by(claim, makers)}
    return frozenset(wrong)


def _made_by(claim: str, makers: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    found = {claim} if ontology.known(claim) else ontology.matching(claim)
    surely = {above for one in found for above in ontology.entailed(one)}
    return [maker for maker in makers if surely & set(maker)]
