"""Whisper's CTranslate2 weights as an openai-whisper model: the same tensors under other names.

So both decoders read one verified file, and nothing is converted on disk. Import this module only
where torch may be loaded.
"""

from __future__ import annotations

import json
import struct
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import torch
from whisper.model import ModelDimensions, Whisper

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Tensor = NDArray[np.float32]

_HEAD_WIDTH = 64  # width of one attention head in every Whisper, Radford et al. 2022, table 1
# CTranslate2's number for each element type that an unquantised Whisper holds.
_ELEMENTS = {0: "<f4", 4: "<f2"}


def load(folder: Path) -> Any:
    """Build a `whisper.Whisper` on the CPU from a CTranslate2 folder.

    Raises:
        ValueError: the file holds a type that is neither float32 nor float16.
        RuntimeError: tensors are missing or left over.
    """
    with (folder / "model.bin").open("rb") as file:
        tensors = read_tensors(file)
    state = {name: torch.from_numpy(tensor) for name, tensor in renamed(tensors).items()}
    model = Whisper(ModelDimensions(**dimensions(state)))
    model.load_state_dict(state, strict=True)
    _point_at_aligned_heads(model, folder)
    return model.eval()


def read_tensors(file: IO[bytes]) -> dict[str, Tensor]:
    """Read a CTranslate2 model file, version 6: name -> float32 array.

    The layout is that of CTranslate2's `Model::load`: little-endian; strings and shapes with their
    length before them; at the end aliases, names that stand for a tensor already read.
    """

    def number(kind: str) -> int:
        return int(struct.unpack(f"<{kind}", file.read(struct.calcsize(kind)))[0])

    def text() -> str:
        return file.read(number("H")).rstrip(b"\0").decode()

    number("I"), text(), number("I")  # format version, architecture, its revision
    tensors = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        element, size = number("B"), number("I")
        content = file.read(size)
        if element in _ELEMENTS:
            array = np.frombuffer(content, _ELEMENTS[element]).reshape(shape)
            tensors[name] = array.astype(np.float32)
        elif shape:
            message = f"{name}: expected float32 or float16, got element type {element}"
            raise ValueError(message)
    for _ in range(number("I")):
        alias = text()
        tensors[alias] = tensors[text()]
    return tensors


def renamed(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Give CTranslate2's tensors the names of an openai-whisper state dict."""
    state = {
        "encoder.conv1.weight": tensors["encoder/conv1/weight"],
        "encoder.conv1.bias": tensors["encoder/conv1/bias"],
        "encoder.conv2.weight": tensors["encoder/conv2/weight"],
        "encoder.conv2.bias": tensors["encoder/conv2/bias"],
        "encoder.positional_embedding": tensors["encoder/position_encodings/encodings"],
        "decoder.positional_embedding": tensors["decoder/position_encodings/encodings"],
        "decoder.token_embedding.weight": tensors["decoder/embeddings/weight"],
        **_norm(tensors, "encoder/layer_norm", "encoder.ln_post"),
        **_norm(tensors, "decoder/layer_norm", "decoder.ln"),
    }
    for side in ("encoder", "decoder"):
        layer = 0
        while f"{side}/layer_{layer}/ffn/linear_0/weight" in tensors:
            state |= _block(tensors, f"{side}/layer_{layer}", f"{side}.blocks.{layer}")
            layer += 1
    return state


def _block(tensors: dict[str, Tensor], theirs: str, ours: str) -> dict[str, Tensor]:
    """One transformer block; only the decoder's attend to the encoder."""
    block = {
        **_attention(tensors, f"{theirs}/self_attention", f"{ours}.attn"),
        **_norm(tensors, f"{theirs}/self_attention/layer_norm", f"{ours}.attn_ln"),
        **_linear(tensors, f"{theirs}/ffn/linear_0", f"{ours}.mlp.0"),
        **_linear(tensors, f"{theirs}/ffn/linear_1", f"{ours}.mlp.2"),
        **_norm(tensors, f"{theirs}/ffn/layer_norm", f"{ours}.mlp_ln"),
    }
    if f"{theirs}/attention/linear_0/weight" in tensors:
        block |= _attention(tensors, f"{theirs}/attention", f"{ours}.cross_attn")
        block |= _norm(tensors, f"{theirs}/attention/layer_norm", f"{ours}.cross_attn_ln")
    return block


def _attention(tensors: dict[str, Tensor], theirs: str, ours: str) -> dict[str, Tensor]:
    """Split the joined projections: query, key, value in one; or query, then key and value."""
    last = 1
    while f"{theirs}/linear_{last + 1}/weight" in tensors:
        last += 1
    joined = [f"{theirs}/linear_{number}" for number in range(last)]
    weights = np.concatenate([tensors[f"{name}/weight"] for name in joined])
    biases = np.concatenate([tensors[f"{name}/bias"] for name in joined])
    query, key, value = np.split(weights, 3)
    query_bias, _, value_bias = np.split(biases, 3)  # Whisper's keys have no bias
    return {
        f"{ours}.query.weight": query,
        f"{ours}.query.bias": query_bias,
        f"{ours}.key.weight": key,
        f"{ours}.value.weight": value,
        f"{ours}.value.bias": value_bias,
        **_linear(tensors, f"{theirs}/linear_{last}", f"{ours}.out"),
    }


def _linear(tensors: dict[str, Tensor], theirs: str, ours: str) -> dict[str, Tensor]:
    return {f"{ours}.{part}": tensors[f"{theirs}/{part}"] for part in ("weight", "bias")}


def _norm(tensors: dict[str, Tensor], theirs: str, ours: str) -> dict[str, Tensor]:
    return {
        f"{ours}.weight": tensors[f"{theirs}/gamma"],
        f"{ours}.bias": tensors[f"{theirs}/beta"],
    }


def dimensions(state: dict[str, Any]) -> dict[str, int]:
    """Read a Whisper's dimensions off its tensors' shapes, as `whisper.ModelDimensions` wants."""
    width = state["encoder.ln_post.weight"].shape[0]

    def layers(side: str) -> int:
        return sum(name.startswith(f"{side}.blocks.") and name.endswith(".mlp_ln.bias")
                   for name in state)  # fmt: skip

    return {
        "n_mels": state["encoder.conv1.weight"].shape[1],
        "n_audio_ctx": state["encoder.positional_embedding"].shape[0],
        "n_audio_state": width,
        "n_audio_head": width // _HEAD_WIDTH,
        "n_audio_layer": layers("encoder"),
        "n_vocab": state["decoder.token_embedding.weight"].shape[0],
        "n_text_ctx": state["decoder.positional_embedding"].shape[0],
        "n_text_state": width,
        "n_text_head": width // _HEAD_WIDTH,
        "n_text_layer": layers("decoder"),
    }


def _point_at_aligned_heads(model: Any, folder: Path) -> None:
    """Tell the model which attention heads follow the words in time: word times rest on them."""
    heads = json.loads((folder / "config.json").read_text())["alignment_heads"]
    mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
    for layer, head in heads:
        mask[layer, head] = True
    model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
