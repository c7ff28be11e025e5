"""PyanNet: a network that tells, frame by frame, which of up to three local voices speak.

Written anew after Bredin and Laurent 2021, "End-to-end speaker segmentation for overlap-aware
resegmentation" (arXiv 2104.04045), Plaquet and Bredin 2023 (arXiv 2310.13025: the powerset of
voices as classes), Ravanelli and Bengio 2018 (SincNet, arXiv 1808.00158), and the tensors of
pyannote/segmentation-3.0, whose names the submodules bear. Import it only where torch may load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 16_000
WINDOW_S = 10.0
"""as it was trained"""
FRAME_STEP_S = 0.016875
FRAME_S = 0.0619375
"""what one frame sees; the first begins at 0 s"""
VOICES = 3

# The classes in their order: nobody, one voice, two voices at once.
_POWERSET = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1))

_FILTERS, _TAPS, _STRIDE = 80, 251, 10
_LOWEST_HZ, _NARROWEST_HZ = 50.0, 50.0
_WIDTH, _HIDDEN, _LAYERS, _POOL, _KERNEL = 60, 128, 4, 3, 5


def load(weights: Path) -> Any:
    """Build PyanNet on the CPU; maps samples (n, 1, samples) to scores (n, frames, 7).

    Raises:
        RuntimeError: tensors are missing or left over.
    """
    network = _PyanNet()
    # weights_only: a pickle may hold code, a state dict needs none.
    state = torch.load(weights, map_location="cpu", weights_only=True)["state_dict"]
    network.load_state_dict(state, strict=True)
    return network.eval()


def voices(scores: Any) -> Any:
    """Tell which voices speak, from scores (n, frames, 7): zeros and ones (n, frames, 3)."""
    return torch.tensor(_POWERSET, dtype=torch.float32)[scores.argmax(dim=-1)]


def at_once(scores: Any) -> Any:
    """Probability that two voices speak at once, from scores (n, frames, 7): (n, frames)."""
    return scores.softmax(dim=-1)[..., 1 + VOICES :].sum(dim=-1)


class _Sinc(nn.Module):  # type: ignore[misc]  # torch is not typed here
    """Band-pass filters, even and odd, of which only the band edges are learnt."""

    def __init__(self) -> None:
        super().__init__()
        half = _FILTERS // 2
        self.low_hz_ = nn.Parameter(torch.zeros(half, 1))
        self.band_hz_ = nn.Parameter(torch.zeros(half, 1))
        self.register_buffer("window_", torch.zeros(_TAPS // 2))
        self.register_buffer("n_", torch.zeros(1, _TAPS // 2))

    def forward(self, x: Any) -> Any:
        low = _LOWEST_HZ + self.low_hz_.abs()
        high = low + _NARROWEST_HZ + self.band_hz_.abs()
        high = high.clamp(_LOWEST_HZ, RATE_HZ / 2)
        wide = 2 * (high - low)
        shape = self.window_ / (self.n_ / 2)
        even = ((high @ self.n_).sin() - (low @ self.n_).sin()) * shape
        odd = ((low @ self.n_).cos() - (high @ self.n_).cos()) * shape
        even = torch.cat((even, wide, even.flip(1)), dim=1)
        odd = torch.cat((odd, torch.zeros_like(wide), -odd.flip(1)), dim=1)
        filters = torch.cat((even / wide, odd / wide))[:, None]
        return nn.functional.conv1d(x, filters, stride=_STRIDE)


class _Encoder(nn.Module):  # type: ignore[misc]
    """Holds the filter bank under the name that the checkpoint gives it."""

    def __init__(self) -> None:
        super().__init__()
        self.filterbank = _Sinc()

    def forward(self, x: Any) -> Any:
        return self.filterbank(x).abs()


class _SincNet(nn.Module):  # type: ignore[misc]
    """Samples (n, 1, samples) -> features (n, 60, frames)."""

    def __init__(self) -> None:
        super().__init__()
        self.wav_norm1d = nn.InstanceNorm1d(1, affine=True)
        second = nn.Conv1d(_FILTERS, _WIDTH, _KERNEL)
        third = nn.Conv1d(_WIDTH, _WIDTH, _KERNEL)
        self.conv1d = nn.ModuleList((_Encoder(), second, third))
        self.norm1d = nn.ModuleList(
            nn.InstanceNorm1d(width, affine=True) for width in (_FILTERS, _WIDTH, _WIDTH)
        )

    def forward(self, x: Any) -> Any:
        x = self.wav_norm1d(x)
        for convolved, normed in zip(self.conv1d, self.norm1d, strict=True):
            pooled = nn.functional.max_pool1d(convolved(x), _POOL)
            x = nn.functional.leaky_relu(normed(pooled))
        return x


class _PyanNet(nn.Module):  # type: ignore[misc]
    """SincNet, a stack of bidirectional LSTMs, two linear layers, the powerset."""

    def __init__(self) -> None:
        super().__init__()
        self.sincnet = _SincNet()
        self.lstm = nn.LSTM(_WIDTH, _HIDDEN, _LAYERS, batch_first=True, bidirectional=True)
        self.linear = nn.ModuleList((nn.Linear(2 * _HIDDEN, _HIDDEN), nn.Linear(_HIDDEN, _HIDDEN)))
        self.classifier = nn.Linear(_HIDDEN, len(_POWERSET))

    def forward(self, x: Any) -> Any:
        x, _ = self.lstm(self.sincnet(x).transpose(1, 2))
        for linear in self.linear:
            x = nn.functional.leaky_relu(linear(x))
        return self.classifier(x)
