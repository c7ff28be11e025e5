"""CAM++: a network that turns speech into a vector that tells speakers apart.

Written anew after Wang et al. 2023, "CAM++: A Fast and Efficient Network for Speaker Verification
Using Context-Aware Masking" (arXiv 2303.00332), and the tensors of 3D-Speaker's checkpoint, whose
names the submodules below bear. Import this module only where torch may be loaded.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from pathlib import Path

MELS = 80
EMBEDDING = 192

# Table 1 of the paper: layers and dilation of each dense block, and the widths.
_BLOCKS = ((12, 1), (24, 2), (16, 2))
_FIRST_WIDTH = 128
_GROWTH = 32
_BOTTLENECK = 128
_HEAD_WIDTH = 32
_SEGMENT_FRAMES = 100  # stretch of the context-aware mask's local pooling


def load(weights: Path) -> Any:
    """Build CAM++ on the CPU from 3D-Speaker's state dict; maps (n, frames, 80) to (n, 192).

    Raises:
        RuntimeError: tensors are missing or left over.
    """
    network = _Campplus()
    # weights_only: a pickle may hold code, a state dict needs none.
    state = torch.load(weights, map_location="cpu", weights_only=True)
    network.load_state_dict(state, strict=True)
    return network.eval()


def _normed(width: int, *, affine: bool = True, rectified: bool = True) -> Any:
    layers: list[tuple[str, Any]] = [("batchnorm", nn.BatchNorm1d(width, affine=affine))]
    if rectified:
        layers.append(("relu", nn.ReLU()))
    return nn.Sequential(OrderedDict(layers))


class _Residual(nn.Module):  # type: ignore[misc]  # torch is not typed here
    """Two 3x3 convolutions beside a shortcut; strides along frequency only."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        width = _HEAD_WIDTH
        self.conv1 = nn.Conv2d(width, width, 3, (stride, 1), padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Sequential()
        if stride > 1:
            halved = nn.Conv2d(width, width, 1, (stride, 1), bias=False)
            self.shortcut = nn.Sequential(halved, nn.BatchNorm2d(width))

    def forward(self, x: Any) -> Any:
        out = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(out)) + self.shortcut(x))


class _Head(nn.Module):  # type: ignore[misc]
    """Front-end convolutions: 80 mel bands become 32 x 10 channels, time as it was."""

    def __init__(self) -> None:
        super().__init__()
        width = _HEAD_WIDTH
        self.conv1 = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = nn.Sequential(_Residual(2), _Residual(1))
        self.layer2 = nn.Sequential(_Residual(2), _Residual(1))
        self.conv2 = nn.Conv2d(width, width, 3, (2, 1), padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, x: Any) -> Any:
        out = torch.relu(self.bn1(self.conv1(x.unsqueeze(1))))
        out = self.layer2(self.layer1(out))
        return torch.relu(self.bn2(self.conv2(out))).flatten(1, 2)


class _Tdnn(nn.Module):  # type: ignore[misc]
    """Time-delay layer that halves the frame rate."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(width_in, width_out, 5, stride=2, padding=2, bias=False)
        self.nonlinear = _normed(width_out)

    def forward(self, x: Any) -> Any:
        return self.nonlinear(self.linear(x))


class _Masked(nn.Module):  # type: ignore[misc]
    """Context-aware masking: a local convolution, gated by what is around it."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        width, half = _BOTTLENECK, _BOTTLENECK // 2
        self.linear_local = nn.Conv1d(
            width, _GROWTH, 3, padding=dilation, dilation=dilation, bias=False
        )
        self.linear1 = nn.Conv1d(width, half, 1)
        self.linear2 = nn.Conv1d(half, _GROWTH, 1)

    def forward(self, x: Any) -> Any:
        context = x.mean(-1, keepdim=True) + self.around(x)
        mask = torch.sigmoid(self.linear2(torch.relu(self.linear1(context))))
        return self.linear_local(x) * mask

    def around(self, x: Any) -> Any:
        pooled = nn.functional.avg_pool1d(x, _SEGMENT_FRAMES, _SEGMENT_FRAMES, ceil_mode=True)
        return pooled.repeat_interleave(_SEGMENT_FRAMES, dim=-1)[..., : x.shape[-1]]


class _Dense(nn.Module):  # type: ignore[misc]
    """One layer of a dense block: sees all before it, adds a few channels."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1 = _normed(width)
        self.linear1 = nn.Conv1d(width, _BOTTLENECK, 1, bias=False)
        self.nonlinear2 = _normed(_BOTTLENECK)
        self.cam_layer = _Masked(dilation)

    def forward(self, x: Any) -> Any:
        new = self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(x))))
        return torch.cat((x, new), dim=1)


class _Transit(nn.Module):  # type: ignore[misc]
    """Halve the channels between dense blocks."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.nonlinear = _normed(width)
        self.linear = nn.Conv1d(width, width // 2, 1, bias=False)

    def forward(self, x: Any) -> Any:
        return self.linear(self.nonlinear(x))


class _Statistics(nn.Module):  # type: ignore[misc]
    """Mean and standard deviation over time."""

    def forward(self, x: Any) -> Any:
        return torch.cat((x.mean(-1), x.std(-1, unbiased=True)), dim=-1)


class _Embedding(nn.Module):  # type: ignore[misc]
    """The last projection; not rectified, as in 3D-Speaker: half of an embedding is negative."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(width, EMBEDDING, 1, bias=False)
        self.nonlinear = _normed(EMBEDDING, affine=False, rectified=False)

    def forward(self, x: Any) -> Any:
        return self.nonlinear(self.linear(x.unsqueeze(-1)).squeeze(-1))


class _Campplus(nn.Module):  # type: ignore[misc]
    """Mel features (n, frames, 80) -> speaker embeddings (n, 192)."""

    def __init__(self) -> None:
        super().__init__()
        self.head = _Head()
        width = _FIRST_WIDTH
        layers: list[tuple[str, Any]] = [("tdnn", _Tdnn(_HEAD_WIDTH * MELS // 8, width))]
        for number, (depth, dilation) in enumerate(_BLOCKS, 1):
            block = OrderedDict(
                (f"tdnnd{i + 1}", _Dense(width + i * _GROWTH, dilation)) for i in range(depth)
            )
            width += depth * _GROWTH
            layers += [(f"block{number}", nn.Sequential(block))]
            layers += [(f"transit{number}", _Transit(width))]
            width //= 2
        layers += [("out_nonlinear", _normed(width)), ("stats", _Statistics())]
        layers += [("dense", _Embedding(2 * width))]
        self.xvector = nn.Sequential(OrderedDict(layers))

    def forward(self, x: Any) -> Any:
        return self.xvector(self.head(x.transpose(1, 2)))
