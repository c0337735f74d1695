"""Networks as ONNX files: written, checked against PyTorch, put in their place in one step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from vf_training.errors import TrainingError

OPSET = 17
TOLERANCE = 2e-4
"""Largest difference to PyTorch's outputs, relative to the largest value of each."""


class ExportError(TrainingError):
    """The exported network does not compute what PyTorch does; the message says by how much."""


def export(
    network: nn.Module,
    path: Path,
    input_name: str,
    shape: tuple[int, ...],
    output_names: Sequence[str],
    *,
    halved: bool = False,
) -> dict[str, float]:
    """Write a network with a free batch size.

    Args:
        network: answers a tuple of tensors, in the order of ``output_names``.
        path: the ONNX file.
        input_name: of the one input, float32 in [0, 1].
        shape: of the input without the batch.
        output_names: of the outputs.
        halved: whether weights are rounded to float16, which halves the file; it computes in float32 all the same.

    Returns:
        for each output the largest difference to PyTorch's, relative to its largest value, on random input.

    Raises:
        ExportError: a difference is above TOLERANCE.
    """
    network = network.cpu().to(memory_format=torch.contiguous_format).eval()
    example = torch.rand((2, *shape), generator=torch.Generator().manual_seed(0))
    partial = path.with_suffix(".partial")
    if halved:
        _round(network)
    with torch.inference_mode():
        torch.onnx.export(
            network,
            (example,),
            partial,
            input_names=[input_name],
            output_names=list(output_names),
            dynamic_axes={name: {0: "n"} for name in (input_name, *output_names)},
            opset_version=OPSET,
            dynamo=False,
        )
        expected = [value.numpy() for value in network(example[:1])]
    model = onnx.load(partial)
    if halved:
        _halve(model)
        onnx.save(model, partial)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(partial, providers=["CPUExecutionProvider"])
    found = session.run(list(output_names), {input_name: example[:1].numpy()})
    differences = {
        name: float(np.abs(a - b).max() / np.abs(a).max())
        for name, a, b in zip(output_names, expected, found, strict=True)
    }
    if max(differences.values()) > TOLERANCE:
        raise ExportError(f"ONNX Runtime and PyTorch differ: {differences}")
    partial.replace(path)
    return differences


def _round(network: nn.Module) -> None:
    """Round every weight to the nearest number that float16 can hold."""
    for value in network.parameters():
        value.data.copy_(value.data.half().float())


def _halve(model: onnx.ModelProto) -> None:
    """Keep the weights that lose nothing by it as float16; a Cast, done once when the file is loaded, restores them.

    A convolution that a batch norm was folded into is left as it is.
    """
    casts = []
    for weights in model.graph.initializer:
        values = numpy_helper.to_array(weights)
        half = values.astype(np.float16) if values.dtype == np.float32 else values
        if values.dtype != np.float32 or not np.array_equal(half, values):
            continue
        kept = f"{weights.name}_half"
        casts.append(helper.make_node("Cast", [kept], [weights.name], to=TensorProto.FLOAT))
        weights.CopyFrom(numpy_helper.from_array(half, kept))
    for place, cast in enumerate(casts):
        model.graph.node.insert(place, cast)
