"""Tempo, beats and bars by madmom: networks that hear beats, bars that explain them.

Eight bidirectional LSTMs tell for each 10 ms how likely a beat and a downbeat are; a dynamic
Bayesian network of bars of three and of four beats explains that best. Böck, Krebs and Widmer,
"Joint beat and downbeat tracking with recurrent neural networks", ISMIR 2016.

Independent of librosa's and essentia's trackers: learnt from annotated music, where those follow
the autocorrelation of an onset curve. All of them stand behind YAMNet's word that there is music.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from schemas import Item, Value
from schemas.errors import Abstained
from synth import madmom
from synth.attempts import whatever_can_be_said
from synth.audio import Measurement
from synth.beats import beats_heard, refuse_drift, tempo_change_heard
from synth.gates import mono, need_duration, need_music, need_signal
from synth.thresholds import digest, threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from schemas import Observation
    from synth.audio import Audio

    Floats = NDArray[np.float64]

VERSION = f"1 madmom {madmom.version()} {digest('beats')}"
WITNESS = "madmom-beats"
LICENCE = madmom.LICENCE
NEEDS = ("signal", "events_yamnet")
PACKAGES = ("numpy", "madmom")
PROPERTIES = ("tempo", "tempo_change", "beats", "downbeats", "metre")

_FRAMES_A_SECOND = 100  # of the networks
_BARS = (3, 4)  # beats a bar: what the networks were trained on, and madmom's own default

_SHORTEST_S = threshold("beats_madmom", "shortest")
_SURE_BEAT = threshold("beats_madmom", "sure_beat")
_SURE_BAR = threshold("beats_madmom", "sure_bar")


def measure(audio: Audio, given: tuple[Observation, ...]) -> tuple[Measurement, ...]:
    """Tell the beats in seconds and the tempo in bpm; bars and metre where these are clear.

    Confidence: the mean probability of a beat at the beats; of bars, how far their first beats
    stand out.

    Raises:
        Abstained: silence, no music, too short, or no clear beat.
        RefusedWeights: a model is not the pinned one.
    """
    need_signal(given)
    need_music(given, audio.duration_s)
    need_duration(audio, _SHORTEST_S, "two bars of a slow tempo")
    samples = mono(audio, madmom.RATE_HZ)
    networks, bars = _processors()
    heard = madmom.processed(networks, madmom.signal(samples))
    beats = madmom.processed(bars, heard)
    if len(beats) < 2 * max(_BARS):
        raise Abstained("no beats found")
    sure = float(_at(heard.sum(axis=1), beats[:, 0]).mean())
    if sure < _SURE_BEAT:
        message = f"no clear beat: probability {sure:.2f} at the beats, needs {_SURE_BEAT}"
        raise Abstained(message)
    times, confidence = beats[:, 0], min(1.0, sure)
    pulse = whatever_can_be_said(
        lambda: _tempo(times, confidence),
        lambda: beats_heard(times, confidence),
        lambda: tempo_change_heard(times, confidence),
    )
    return (*pulse, *_bars(beats, heard))


def _tempo(times: Floats, confidence: float) -> Measurement:
    """Tell the tempo: the median over eight beats at a time, each known to 10 ms only."""
    import numpy as np

    refuse_drift(times)
    step = min(8, len(times) - 1)
    bpm = 60 * step / float(np.median(times[step:] - times[:-step]))
    return Measurement(property="tempo", value=Value(number=bpm), confidence=confidence)


def _bars(beats: Floats, heard: Floats) -> tuple[Measurement, ...]:
    """Downbeats and metre, where nearly every first beat stands out from any other of its bar.

    Bars of other lengths than three and four are so told from those that stand in for them: of two
    threes for a six only every other one would stand out, and the third of a four for two twos.
    """
    import numpy as np

    places = beats[:, 1].astype(int)
    first = places == 1
    others = [place for place in set(places.tolist()) if place > 1]
    if first.sum() < 2 or not others:
        return ()
    downbeat = _at(heard[:, 1], beats[:, 0])
    rival = max(float(downbeat[places == place].mean()) for place in others)
    sure = float(np.quantile(downbeat[first], 0.25)) - rival
    if sure < _SURE_BAR:
        return ()
    metre = Value(number=float(places.max()))
    begins = [round(time, 3) for time in beats[first, 0].tolist()]
    bars = tuple(Item(label="downbeat", start_s=time, end_s=time) for time in begins)
    return (
        Measurement(property="downbeats", value=Value(items=bars), confidence=min(1.0, sure)),
        Measurement(property="metre", value=metre, confidence=min(1.0, sure)),
    )


def _at(curve: Floats, times: Floats) -> Floats:
    """Highest value of a curve within a frame of each time."""
    import numpy as np

    frames = np.round(times * _FRAMES_A_SECOND).astype(int)
    around = np.clip(frames[:, None] + np.arange(-1, 2), 0, len(curve) - 1)
    return np.asarray(curve[around].max(axis=1))


@functools.cache
def _processors() -> tuple[Any, Any]:
    madmom.library("DOWNBEATS_BLSTM")
    from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor

    bars = DBNDownBeatTrackingProcessor(beats_per_bar=list(_BARS), fps=_FRAMES_A_SECOND)
    return RNNDownBeatProcessor(), bars
