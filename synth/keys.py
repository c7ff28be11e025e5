"""Keys by profile: how well the pitch classes heard fit each of the 24 keys.

Three witnesses fit profiles to pitch classes that each gets at in its own way: essentia's peaks of
whitened spectra (HPCP), librosa's constant-Q energy (CENS), basic-pitch's notes. The profiles are
theory, not evidence, and each witness has its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth.audio import Measurement
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Classes = NDArray[np.float64]

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

SHORTEST_S = threshold("keys", "shortest")
_MARGIN = threshold("keys", "margin")
_LOWEST_CORRELATION = threshold("keys", "correlation")
_PRESENT = threshold("keys", "present")
_FLAT = threshold("keys", "flat")
_LONGEST = threshold("keys", "longest")
_TRIAD = 3  # fewer pitch classes have no mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How much each degree of the scale sounds in a major and in a minor key, from the tonic."""

    major: tuple[float, ...]
    minor: tuple[float, ...]


# Faraldo et al., ECIR 2016: electronic dance music; the numbers of essentia's Key.
BGATE = Profile(
    major=(1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30),
    minor=(1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23),
)
# Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding algorithm",
# Music Perception 31(1), 2013: 490 pieces from Bach to Brahms.
ALBRECHT = Profile(
    major=(0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    minor=(0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One key and how well it fits: Pearson's r with its profile."""

    correlation: float
    tonic: str
    mode: str

    @property
    def key(self) -> str:
        """The key as facts write it: "E minor"."""
        return f"{self.tonic} {self.mode}"


def key_heard(heard: Classes, profiles: Sequence[Profile]) -> Measurement:
    """Tell the key; confidence is the correlation with the first profile, 0 to 1.

    Args:
        heard: how much each pitch class sounds, from C, shape (12,), not negative.
        profiles: the first measures by how much a key is ahead; all must name the same one.

    Raises:
        Abstained: no tonality, no key that fits, two that do, or profiles that disagree.
    """
    fits = _fits(heard, profiles)
    keys = [ranked[0].key for ranked in fits]
    if len(set(keys)) > 1:
        message = f"the key profiles disagree: {' or '.join(keys)}"
        raise Abstained(message)
    best, rival = fits[0][:2]
    return _clearly("key", best.key, best, rival)


def tonic_heard(heard: Classes, profiles: Sequence[Profile]) -> Measurement:
    """Tell the tonic, clear also where only the mode is in doubt; otherwise as `key_heard`.

    Its third must be heard, major or minor: in a stack of fifths any note may be the tonic.
    """
    fits = _fits(heard, profiles)
    tonics = [ranked[0].tonic for ranked in fits]
    if len(set(tonics)) > 1:
        message = f"the key profiles disagree on the tonic: {' or '.join(tonics)}"
        raise Abstained(message)
    best = fits[0][0]
    place = TONICS.index(best.tonic)
    third = float(max(heard[(place + 3) % 12], heard[(place + 4) % 12]) / heard.max())
    if third < _PRESENT:
        message = f"no tonic: the third of {best.tonic} has {third:.2f} of the strongest class"
        raise Abstained(message)
    rival = next(fit for fit in fits[0] if fit.tonic != best.tonic)
    return _clearly("tonic", best.tonic, best, rival)


def heard_longest(told: Measurement, chords: Measurement) -> Measurement:
    """Let a key or a tonic stand where its own triad is heard about as long as any other.

    What fits the relative key nearly as well, a loop such as i-VI-III-VII, mostly rests elsewhere.

    Raises:
        Abstained: another triad is heard for longer.
    """
    name = told.value.text or ""
    lasting: dict[str, float] = {}
    for item in chords.value.items or ():
        label = item.label if told.property == "key" else item.label.split(" ", maxsplit=1)[0]
        length_s = (item.end_s or 0.0) - (item.start_s or 0.0)
        lasting[label] = lasting.get(label, 0.0) + length_s
    longest = max(lasting, key=lambda label: (lasting[label], label))
    if lasting.get(name, 0.0) < _LONGEST * lasting[longest]:
        message = f"{name} fits, but {longest} is heard for longer: the {told.property} is in doubt"
        raise Abstained(message)
    return told


def _fits(heard: Classes, profiles: Sequence[Profile]) -> list[tuple[Fit, ...]]:
    _need_tonality(heard)
    return [_ranked(heard, profile) for profile in profiles]


def _need_tonality(heard: Classes) -> None:
    """Abstain where all pitch classes sound about alike, as in noise, or too few do."""
    strongest = float(heard.max())
    if strongest <= 0:
        raise Abstained("no tonality: no pitch class is heard")
    weakest = float(heard.min()) / strongest
    if weakest >= _FLAT:
        message = f"no tonality: the weakest pitch class has {weakest:.2f} of the strongest"
        raise Abstained(message)
    present = int((heard >= _PRESENT * strongest).sum())
    if present < _TRIAD:
        message = f"no tonality: {present} pitch classes are heard, a key needs {_TRIAD}"
        raise Abstained(message)


def _ranked(heard: Classes, profile: Profile) -> tuple[Fit, ...]:
    """Correlate with all 24 keys; best first."""
    import numpy as np  # noqa: PLC0415 - rewards must import without numpy

    fits = [
        Fit(
            correlation=float(np.corrcoef(np.roll(weights, steps), heard)[0, 1]),
            tonic=tonic,
            mode=mode,
        )
        for mode, weights in (("major", profile.major), ("minor", profile.minor))
        for steps, tonic in enumerate(TONICS)
    ]
    return tuple(sorted(fits, key=lambda fit: (-fit.correlation, fit.key)))


def _clearly(name: str, text: str, best: Fit, rival: Fit) -> Measurement:
    """Say it where it fits, and clearly better than the next that would say otherwise."""
    if best.correlation < _LOWEST_CORRELATION:
        message = (
            f"no key fits: {best.key} correlates {best.correlation:.2f}, "
            f"needs {_LOWEST_CORRELATION}"
        )
        raise Abstained(message)
    ahead = best.correlation - rival.correlation
    if ahead < _MARGIN:
        message = (
            f"two keys fit: {best.key} {best.correlation:.3f} and "
            f"{rival.key} {rival.correlation:.3f}; the {name} needs {_MARGIN} between them"
        )
        raise Abstained(message)
    confidence = min(1.0, max(0.0, best.correlation))
    return Measurement(property=name, value=Value(text=text), confidence=confidence)
