"""Notes by basic-pitch: how likely each of 88 piano keys sounds, frame by frame.

Bittner et al., "A lightweight instrument-agnostic model for polyphonic note transcription and
multipitch estimation", ICASSP 2022: a convolutional network over a harmonic constant-Q transform.
The package's code is not run; windows and frames are those of its inference.py.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from synth import models

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from synth.audio import Samples

    Floats = NDArray[np.float32]

RATE_HZ = 22_050
LOWEST_MIDI = 21  # constants.py: ANNOTATIONS_BASE_FREQUENCY, 27.5 Hz
KEYS = 88

_WINDOW = 43_844  # samples: constants.py, AUDIO_N_SAMPLES
_FRAMES = 172  # that the network makes of a window
_MARGIN = 15  # frames at either end that lack context: inference.py drops them
_FFT_HOP = 256
_INPUT, _NOTES = "serving_default_input_2:0", "StatefulPartitionedCall:1"  # inference.py
_HOP = _WINDOW - 2 * _MARGIN * _FFT_HOP  # from window to window, inference.py

FRAMES_PER_S = (_FRAMES - 2 * _MARGIN) * RATE_HZ / _HOP
"""What is left of a window's frames lies this densely: 86.6 a second."""


def note_activations(samples: Samples) -> Floats:
    """Tell how likely each key sounds in each frame: (frames, 88), 0 to 1, from A0.

    Args:
        samples: one channel at 22,050 Hz, shape (n,).

    Raises:
        MissingWeights: basic-pitch is not in the cache.
    """
    import numpy as np  # noqa: PLC0415 - rewards must import without numpy

    padded = np.pad(samples, (_MARGIN * _FFT_HOP, 0))
    kept = []
    for start in range(0, len(padded), _HOP):
        window = padded[start : start + _WINDOW]
        window = np.pad(window, (0, _WINDOW - len(window)))[None, :, None]
        (frames,) = _session().run(
            ["StatefulPartitionedCall:1"], {"serving_default_input_2:0": window}
        )
        kept.append(frames[0, _MARGIN:-_MARGIN])
    return np.concatenate(kept)[: round(len(samples) / RATE_HZ * FRAMES_PER_S)]


@functools.cache
def _session() -> Any:
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(models.path("basic-pitch")), options, providers=["CPUExecutionProvider"]
    )
