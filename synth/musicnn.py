"""musicnn: a network that tags music, written anew in torch from its TensorFlow checkpoint.

Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging",
ISMIR late-breaking 2019; layers as in models.py of the package musicnn 0.1.0 (`build_musicnn`).
Import this module only where torch may be loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import librosa
import numpy as np
import torch
from torch.nn import functional

from schemas.errors import RefusedWeights
from synth.tensor_bundle import read_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

RATE_HZ = 16_000
PATCH_FRAMES = 187  # 3 s: configuration.py and extractor.py of the package
HOP = 256
_FFT, _BANDS = 512, 96
_COMPRESSION = 10_000

# MTT_LABELS of the package's configuration.py, in the order of the outputs.
TAGS = (
    "guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast",
    "piano", "ambient", "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male",
    "singing", "vocals", "no vocals", "harpsichord", "loud", "quiet", "flute", "woman",
    "male vocal", "no vocal", "pop", "soft", "sitar", "solo", "man", "classic", "choir", "voice",
    "new age", "dance", "male voice", "female vocal", "beats", "harp", "cello", "no voice",
    "weird", "country", "metal", "female voice", "choral",
)  # fmt: skip

_EPSILON = 0.001  # tf.layers.batch_normalization
_TIMBRAL = ("conv2d", "conv2d_1")
_TEMPORAL = ("conv2d_2", "conv2d_3", "conv2d_4")
_MIDDLE = ("conv2d_5", "conv2d_6", "conv2d_7")


def log_mel(samples: Floats) -> Floats:
    """Log-compressed mel energies of samples at 16 kHz: (frames, 96), hop 16 ms.

    In float32: the package's float16 overflows above 6.55 in a band, as loud music does.
    """
    mel = librosa.feature.melspectrogram(
        y=samples, sr=RATE_HZ, hop_length=HOP, n_fft=_FFT, n_mels=_BANDS
    )
    return np.asarray(np.log10(_COMPRESSION * mel.T + 1), dtype=np.float32)


class Musicnn:
    """The network with its weights: patches (n, 187, 96) to tag probabilities (n, 50)."""

    def __init__(self, folder: Path) -> None:
        """Read the weights.

        Raises:
            RefusedWeights: the checkpoint cannot be read, or lacks a tensor of the network.
        """
        tensors = read_tensors(folder / "model.index", folder / "model.data")
        self._tensors = {
            name: torch.from_numpy(value.copy())
            for name, value in tensors.items()
            if "Adam" not in name and "power" not in name
        }

    def __call__(self, patches: Floats) -> Floats:
        """Tell the probability of each tag in each patch."""
        with torch.inference_mode():
            logits = self._logits(torch.from_numpy(patches))
        return np.asarray(torch.sigmoid(logits).numpy(), dtype=np.float32)

    def _logits(self, patches: Any) -> Any:
        x = self._norm(patches[:, None], "batch_normalization")
        front = torch.cat(
            [
                *(self._timbral(x, name, place) for place, name in enumerate(_TIMBRAL, 1)),
                *(self._temporal(x, name, place) for place, name in enumerate(_TEMPORAL, 3)),
            ],
            dim=1,
        )
        features = torch.cat([front, *self._middle(front)], dim=1)
        # Maximum and mean of one channel stand side by side: tf.concat on axis 2, then flatten.
        pooled = torch.stack([features.amax(-1), features.mean(-1)], dim=-1).flatten(1)
        hidden = self._dense(self._norm(pooled, "batch_normalization_9"), "dense")
        hidden = self._norm(functional.relu(hidden), "batch_normalization_10")
        return self._dense(hidden, "dense_1")

    def _timbral(self, x: Any, name: str, place: int) -> Any:
        """Convolve over 7 frames and most bands; the highest over bands: (n, channels, frames)."""
        padded = functional.pad(x, (0, 0, 3, 3))
        return self._convolved(padded, name, f"batch_normalization_{place}").amax(-1)

    def _temporal(self, x: Any, name: str, place: int) -> Any:
        """Convolve each band over time; TensorFlow's "same" pads an even kernel after more."""
        length = self._of(f"{name}/kernel").shape[0]
        padded = functional.pad(x, (0, 0, (length - 1) // 2, length // 2))
        return self._convolved(padded, name, f"batch_normalization_{place}").amax(-1)

    def _middle(self, front: Any) -> list[Any]:
        """Three convolutions over 7 frames and all channels, the last two beside a shortcut."""
        outputs: list[Any] = []
        for place, name in enumerate(_MIDDLE, 6):
            x = outputs[-1] if outputs else front
            image = functional.pad(x.transpose(1, 2)[:, None], (0, 0, 3, 3))
            out = self._convolved(image, name, f"batch_normalization_{place}")[..., 0]
            outputs.append(out + x if outputs else out)
        return outputs

    def _convolved(self, image: Any, name: str, norm: str) -> Any:
        """Convolve (n, 1, frames, bands) without padding, rectify, normalise."""
        kernel = self._of(f"{name}/kernel").permute(3, 2, 0, 1)
        out = functional.conv2d(image, kernel, self._of(f"{name}/bias"))
        return self._norm(functional.relu(out), norm)

    def _norm(self, x: Any, name: str) -> Any:
        return functional.batch_norm(
            x,
            self._of(f"{name}/moving_mean"),
            self._of(f"{name}/moving_variance"),
            self._of(f"{name}/gamma"),
            self._of(f"{name}/beta"),
            eps=_EPSILON,
        )

    def _dense(self, x: Any, name: str) -> Any:
        return functional.linear(x, self._of(f"{name}/kernel").T, self._of(f"{name}/bias"))

    def _of(self, name: str) -> Any:
        if name not in self._tensors:
            message = f"the checkpoint has no tensor {name!r}; it has {_few(self._tensors)}"
            raise RefusedWeights(message)
        return self._tensors[name]


def _few(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)[:5])
