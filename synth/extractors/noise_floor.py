"""The level of the noise beneath the sound: of the quietest stretches, where they are noise.

The idea of minimum statistics (Martin 2001, IEEE Trans. SAP 9(5)), on the level in stretches of
0.3 s instead of single frequencies, which needs no correction of its bias. One witness: an
estimate per frequency has to know the share of pauses to be right within 1 dB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import Value
from schemas.errors import Abstained
from synth import levels
from synth.audio import Measurement
from synth.gates import need_duration, need_signal
from synth.thresholds import threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float64]

VERSION = f"1 {levels.VERSION}"
WITNESS = "quietest"
LICENCE = "Apache-2.0"
NEEDS = ("signal",)
PACKAGES = ("numpy", "scipy")
PROPERTIES = ("noise_level",)

_STRETCH_BLOCKS = 30  # of 10 ms
_NEAR_DB = threshold("noise_floor", "near_db")
_LEAST_S = threshold("noise_floor", "least_s")
_BELOW_DB = threshold("noise_floor", "below_db")
_UNEVEN_DB = threshold("noise_floor", "uneven_db")
_TONAL_DB = threshold("noise_floor", "tonal_db")
_SHARE = threshold("noise_floor", "share")
_LOWEST_DBFS = threshold("noise_floor", "lowest_dbfs")
_SHORTEST_S = 3.0
_BIN_HZ = 50.0
_LOWEST_HZ = 200.0  # beneath, hum and rumble are part of the noise


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Measure the noise's RMS in dB of full scale, in the channel that has more of it.

    Raises:
        Abstained: silence, too short, digital silence in the pauses, no pause that is long and
            quiet enough, or one in which something still sounds.
    """
    import numpy as np

    need_signal(given)
    need_duration(audio, _SHORTEST_S, "ten stretches of 0.3 s")
    seen = levels.levels(audio.samples, audio.sample_rate_hz)
    quiet = _quiet_blocks(seen)
    power = seen.power[quiet]
    level = float(10 * np.log10(power.mean()))
    if level > 10 * np.log10(seen.power.max()) - _BELOW_DB:
        raise Abstained("no stretch is much quieter than the sound: noise cannot be told from it")
    # In noise the power of 10 ms fluctuates little; in what dies away, or begins, it drifts.
    parts = [float(part.mean()) for part in np.array_split(power, 4)]
    if 10 * np.log10(max(parts) / min(parts)) > _UNEVEN_DB:
        raise Abstained("the quietest stretches are not evenly loud: something still sounds")
    _need_noise(audio, quiet)
    return (Measurement(property="noise_level", value=Value(number=level)),)


def _quiet_blocks(seen: levels.Levels) -> NDArray[np.bool_]:
    """Mark the blocks of all stretches nearly as quiet as the quietest."""
    import numpy as np

    power = seen.power[:-1]  # the last block may be short
    stretches = np.convolve(power, np.ones(_STRETCH_BLOCKS), mode="valid") / _STRETCH_BLOCKS
    least = float(stretches.min())
    if least < 10 ** (_LOWEST_DBFS / 10):
        message = f"the quietest 0.3 s are under {_LOWEST_DBFS:g} dBFS: digital silence"
        raise Abstained(message)
    over_db = 10 * np.log10(stretches / least)
    starts = np.flatnonzero(over_db <= _NEAR_DB)
    # A floor is where the level comes to rest; levels of music are spread.
    if len(starts) < np.count_nonzero((over_db > _NEAR_DB) & (over_db <= 4 * _NEAR_DB)):
        raise Abstained("the level does not come to rest: not a floor of noise")
    quiet = np.zeros(len(seen.power), dtype=bool)
    for start in starts:
        quiet[start : start + _STRETCH_BLOCKS] = True
    length_s = float(quiet.sum()) * seen.block_s
    if length_s < max(_LEAST_S, _SHARE * seen.duration_s):
        message = f"only {length_s:.1f} s are as quiet as the quietest: not a floor of noise"
        raise Abstained(message)
    return quiet


def _need_noise(audio: Audio, quiet: NDArray[np.bool_]) -> None:
    """Abstain where a tone stands out of the quiet stretches' spectrum."""
    import numpy as np
    from scipy.ndimage import median_filter
    from scipy.signal import welch

    block = max(1, round(0.01 * audio.sample_rate_hz))
    held = np.repeat(quiet, block)[: audio.samples.shape[1]]
    loudest = max(audio.samples, key=lambda channel: float(np.square(channel[held]).sum()))
    length = round(audio.sample_rate_hz / _BIN_HZ)
    frequency, power = welch(loudest[held], audio.sample_rate_hz, nperseg=length)
    decibels = 10 * np.log10(np.maximum(power, 1e-20))
    above = decibels - median_filter(decibels, size=15, mode="nearest")
    peak = float(above[(frequency >= _LOWEST_HZ) & (frequency <= frequency[-1] * 0.9)].max())
    if peak > _TONAL_DB:
        message = f"a tone stands {peak:.0f} dB out of the quietest stretches"
        raise Abstained(message)
