"""What a recording must have before an instrument may speak of it.

Instruments always answer: essentia calls silence 738 bpm and white noise F major. So each asks
here first, and abstains with a reason a reader can check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.errors import Abstained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas import Observation
    from synth.audio import Audio, Samples

SILENCE_DBFS = -70.0
"""EBU R 128 / ITU-R BS.1770-5: the absolute gate, -70 LUFS, here on unweighted blocks."""

BLOCK_S = 0.4
"""ITU-R BS.1770-5: the gating block."""

MUSIC_SHARE = 0.5
"""By definition: what is said of the whole recording must hold for most of it."""


def loudest_block_dbfs(samples: Samples, sample_rate_hz: int) -> float:
    """RMS of the loudest 400 ms block of any channel, without its constant part, in dBFS."""
    import numpy as np  # noqa: PLC0415 - an observation can be gated without it

    centred = samples - samples.mean(axis=-1, keepdims=True)
    block = min(centred.shape[-1], round(BLOCK_S * sample_rate_hz))
    edges = np.arange(0, centred.shape[-1] - block + 1, block)
    power = np.add.reduceat(np.square(centred, dtype=np.float64), edges, axis=-1)
    power[..., :-1] /= block
    power[..., -1] /= centred.shape[-1] - edges[-1]
    return float(10 * np.log10(max(float(power.max()), 1e-20)))


def need_signal(given: Sequence[Observation]) -> None:
    """Abstain on silence, and where nobody looked for a signal."""
    if _presence(given, "signal") != "yes":
        raise Abstained("silence: no block of the recording is above -70 dBFS")


def need_duration(audio: Audio, seconds: float, why: str) -> None:
    """Abstain on a recording shorter than an instrument's window."""
    if audio.duration_s < seconds:
        message = f"too short: {audio.duration_s:.2f} s, needs {seconds:g} s: {why}"
        raise Abstained(message)


def need_music(given: Sequence[Observation], duration_s: float) -> None:
    """Abstain unless YAMNet hears music during most of the recording.

    Nobody else is asked: where FireRedVAD's "music" also covers moos, thunder and slammed doors,
    YAMNet keeps them apart. Without YAMNet's word there is no evidence of music.
    """
    heard = _presence(given, "music")
    if heard == "no":
        raise Abstained("no music heard: events_yamnet says no")
    if heard is None:
        raise Abstained("no music heard: events_yamnet says neither yes nor no")
    stretches = [
        (item.start_s, item.end_s)
        for seen in given
        if seen.property == "event"
        for item in seen.value.items or ()
        if item.label == "music" and item.start_s is not None and item.end_s is not None
    ]
    share = sum(end - start for start, end in stretches) / duration_s
    if share < MUSIC_SHARE:
        message = f"music is heard during {share:.0%} of the recording, needs {MUSIC_SHARE:.0%}"
        raise Abstained(message)


def mono(audio: Audio, sample_rate_hz: int) -> Samples:
    """Mix to one channel, shape (n,); abstain where the channels cancel each other."""
    mixed = audio.mono(sample_rate_hz)
    if loudest_block_dbfs(mixed, sample_rate_hz) < SILENCE_DBFS:
        raise Abstained("the channels cancel each other: their mean is silence")
    return mixed


def _presence(given: Sequence[Observation], subject: str) -> str | None:
    for seen in given:
        if seen.property == "presence" and seen.subject == subject:
            return seen.value.text
    return None
