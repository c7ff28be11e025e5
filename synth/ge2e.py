"""GE2E: an LSTM that turns 1.6 s of speech into a vector that tells speakers apart.

Written anew after Wan et al. 2018, "Generalized end-to-end loss for speaker verification"
(arXiv 1710.10467), and the tensors of Resemblyzer's checkpoint. Import it only where torch
and librosa may be loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import librosa
import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

RATE_HZ = 16_000
EMBEDDING = 256

# As the network was trained: Resemblyzer, hparams.py and audio.py.
_MELS, _HIDDEN, _LAYERS = 40, 256, 3
_FFT, _HOP = 400, 160
_PARTIAL, _PARTIAL_HOP = 160, 80  # frames: 1.6 s, half overlapped
_LEVEL_DBFS = -30.0  # quieter speech is raised to this


def load(weights: Path) -> Any:
    """Build the encoder on the CPU; maps mel frames (n, 160, 40) to unit vectors (n, 256).

    Raises:
        RuntimeError: tensors are missing or left over.
    """
    network = _Encoder()
    # weights_only: a pickle may hold code, a state dict needs none.
    state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
    # What weighed the loss in training is no part of the encoder.
    state = {name: tensor for name, tensor in state.items() if not name.startswith("similarity_")}
    network.load_state_dict(state, strict=True)
    return network.eval()


def embed(network: Any, samples: Floats) -> Floats:
    """One unit vector (256,) for a voice's speech at 16 kHz: the mean over its stretches."""
    mean = partials(network, samples).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def partials(network: Any, samples: Floats) -> Floats:
    """One unit vector a stretch of 1.6 s, half overlapped: (stretches, 256).

    Speech shorter than that is repeated up to it.
    """
    frames = _mel(np.resize(samples, max(len(samples), _PARTIAL * _HOP)))
    starts = range(0, max(1, len(frames) - _PARTIAL + 1), _PARTIAL_HOP)
    cut = np.stack([frames[start : start + _PARTIAL] for start in starts])
    with torch.inference_mode():
        return np.asarray(network(torch.from_numpy(cut)).numpy())


def _mel(samples: Floats) -> Floats:
    """Mel power, not its logarithm: (frames, 40)."""
    level = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    wanted = 10 ** (_LEVEL_DBFS / 20)
    raised = samples * (wanted / level) if 0 < level < wanted else samples
    mel = librosa.feature.melspectrogram(
        y=raised, sr=RATE_HZ, n_fft=_FFT, hop_length=_HOP, n_mels=_MELS
    )
    return np.asarray(mel.T, dtype=np.float32)


class _Encoder(nn.Module):  # type: ignore[misc]  # torch is not typed here
    """Three LSTMs; the last one's last state, projected, rectified and normed."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(_MELS, _HIDDEN, _LAYERS, batch_first=True)
        self.linear = nn.Linear(_HIDDEN, EMBEDDING)

    def forward(self, x: Any) -> Any:
        _, (hidden, _) = self.lstm(x)
        projected = torch.relu(self.linear(hidden[-1]))
        return nn.functional.normalize(projected, dim=1)
