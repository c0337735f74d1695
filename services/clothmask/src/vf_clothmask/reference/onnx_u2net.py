"""``u2net.onnx`` as weights of CarveKit's U2NET.

The file holds 119 convolutions. Those of the six side outputs and the last one kept their names; the other 112 have
numbers for names and stand in the order in which the network runs: the encoder's stages, then the decoder's, and in
each stage down one side of its small U and up the other. Their batch norms are folded into them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

STAGES = (
    "stage1",
    "stage2",
    "stage3",
    "stage4",
    "stage5",
    "stage6",
    "stage5d",
    "stage4d",
    "stage3d",
    "stage2d",
    "stage1d",
)
"""In the order in which they run."""
NAMED = (*(f"side{level}" for level in range(1, 7)), "outconv")
"""Convolutions that the file names."""


def read_u2net(path: Path, network: nn.Module) -> dict[str, Tensor]:
    """Read the file's weights under the network's names; the network's batch norms, which have none, are taken out.

    Args:
        path: ``u2net.onnx``.
        network: CarveKit's U2NET; changed in place.

    Returns:
        A state dict for the changed network.

    Raises:
        ValueError: the file is no ONNX file, or not one of this network.
    """
    try:
        graph = onnx.load(path).graph
    except Exception as error:  # protobuf raises several kinds for a bad file
        raise ValueError("it cannot be read as an ONNX file") from error
    arrays = {entry.name: torch.from_numpy(numpy_helper.to_array(entry).copy()) for entry in graph.initializer}
    convolutions = [node.input[1:3] for node in graph.node if node.op_type == "Conv"]
    named = {f"{name}.weight": name for name in NAMED}
    ordered = [inputs for inputs in convolutions if inputs[0] not in named]
    blocks = list(_blocks(network))
    if len(ordered) != len(blocks) or len(convolutions) != len(blocks) + len(NAMED):
        raise ValueError(f"it has {len(convolutions)} convolutions, not {len(blocks) + len(NAMED)}")
    owners = [(f"{block}.conv_s1", inputs) for block, inputs in zip(blocks, ordered, strict=True)]
    owners += [(named[inputs[0]], inputs) for inputs in convolutions if inputs[0] in named]
    missing = [name for _, inputs in owners for name in inputs if name not in arrays]
    if missing or any(len(inputs) != 2 for _, inputs in owners):
        raise ValueError("a convolution lacks its weight or bias")
    for block in blocks:
        network.get_submodule(block).bn_s1 = nn.Identity()
    return {
        f"{owner}.{kind}": arrays[name]
        for owner, inputs in owners
        for kind, name in zip(("weight", "bias"), inputs, strict=True)
    }


def _blocks(network: nn.Module) -> Iterator[str]:
    """Names of the convolution blocks in the order in which they run."""
    for stage in STAGES:
        height = int(network.get_submodule(stage).height)  # type: ignore[arg-type]
        yield f"{stage}.rebnconvin"
        yield from (f"{stage}.rebnconv{level}" for level in range(1, height + 1))
        yield from (f"{stage}.rebnconv{level}d" for level in range(height - 1, 0, -1))
