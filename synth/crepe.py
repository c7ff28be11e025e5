"""CREPE: a convolutional network that reads the pitch off 64 ms of the waveform.

Written anew after Kim, Salamon, Li and Bello, "CREPE: a convolutional representation for pitch
estimation", ICASSP 2018, figure 1, and the tensors of its "tiny" checkpoint. Import this module
only where torch may be loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE_HZ = 16_000
FRAME = 1024
BINS = 360

_WIDTHS = (512, 64, 64, 64, 64, 64)
_FIRST_STRIDE = 4
_BATCH_NORM_EPSILON = 1e-3  # Keras' default
_CENTS_PER_BIN = 20.0
# Bin 0 is C1, 32.70 Hz, in cents above 10 Hz: crepe.core.to_local_average_cents.
_FIRST_BIN_CENTS = 1997.3794084376191
_NEAR_BINS = 4  # to either side of the strongest: the paper's weighted average of nine


def load(weights: Path) -> Any:
    """Build the network on the CPU from its Keras file; maps (n, 1024) to (n, 360) in 0..1.

    Raises:
        KeyError: the file lacks a tensor.
    """
    with h5py.File(weights, "r") as file:
        stages = [_stage(file, number) for number in range(1, len(_WIDTHS) + 1)]
        classifier = _tensors(file, "classifier")
    last = nn.Linear(len(classifier["kernel"]), BINS)
    last.load_state_dict({"weight": classifier["kernel"].T, "bias": classifier["bias"]})
    return _Crepe(stages, last).eval()


def frames(samples: NDArray[np.float32], hop_s: float) -> NDArray[np.float32]:
    """View mono sound of 16 kHz as frames centred every `hop_s` from the first sample on.

    Shape (frames, 1024); a view: nothing is copied.
    """
    padded = np.pad(samples, FRAME // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, FRAME)[:: round(hop_s * RATE_HZ)]


def normalised(framed: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give each frame mean 0 and deviation 1, as the network was trained."""
    centred = framed - framed.mean(axis=1, keepdims=True)
    deviation = np.maximum(centred.std(axis=1, keepdims=True), 1e-8)
    return np.asarray(centred / deviation, dtype=np.float32)


def pitches(activation: NDArray[np.float32]) -> NDArray[np.float64]:
    """Read the pitch in Hz of each row of activations: the weighted mean about the strongest bin.

    Shape (frames, 360) to (frames,).
    """
    strongest = activation.argmax(axis=1)[:, None]
    near = np.clip(strongest + np.arange(-_NEAR_BINS, _NEAR_BINS + 1), 0, BINS - 1)
    weights = np.take_along_axis(activation, near, axis=1).astype(np.float64)
    cents = _FIRST_BIN_CENTS + _CENTS_PER_BIN * near
    mean = (weights * cents).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
    return np.asarray(10 * 2 ** (mean / 1200))


class _Crepe(nn.Module):  # type: ignore[misc]  # torch is not typed here
    """Six convolutions, each after Keras' "same" padding, then one dense layer."""

    def __init__(self, stages: list[nn.Sequential], classifier: nn.Linear) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.classifier = classifier

    def forward(self, framed: torch.Tensor) -> torch.Tensor:
        """Map (n, 1024) to (n, 360)."""
        flow = framed[:, None]
        for number, stage in enumerate(self.stages):
            missing = _WIDTHS[number] - (1 if number else _FIRST_STRIDE)
            flow = stage(functional.pad(flow, (missing // 2, missing - missing // 2)))
        return torch.sigmoid(self.classifier(flow.transpose(1, 2).flatten(1)))


def _stage(file: Any, number: int) -> nn.Sequential:
    convolution, scale = _tensors(file, f"conv{number}"), _tensors(file, f"conv{number}-BN")
    width, channels, filters = convolution["kernel"].shape
    layer = nn.Conv1d(channels, filters, width, stride=1 if number > 1 else _FIRST_STRIDE)
    layer.load_state_dict(
        {"weight": convolution["kernel"].permute(2, 1, 0), "bias": convolution["bias"]}
    )
    norm = nn.BatchNorm1d(filters, eps=_BATCH_NORM_EPSILON)
    norm.load_state_dict(
        {
            "weight": scale["gamma"],
            "bias": scale["beta"],
            "running_mean": scale["moving_mean"],
            "running_var": scale["moving_variance"],
            "num_batches_tracked": torch.tensor(0),
        }
    )
    return nn.Sequential(layer, nn.ReLU(), norm, nn.MaxPool1d(2))


def _tensors(file: Any, layer: str) -> dict[str, torch.Tensor]:
    """Read a layer's tensors by their names, without the scope and number that Keras adds."""
    (scope,) = file[layer].values()
    return {
        name.split(":")[0]: torch.from_numpy(np.asarray(tensor)) for name, tensor in scope.items()
    }
