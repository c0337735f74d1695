"""Networks as ONNX files: written, checked against PyTorch, put in their place in one step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from vf_training.errors import TrainingError

OPSET = 17
TOLERANCE = 2e-4
"""Largest difference to PyTorch's outputs, relative to the largest value of each."""


class ExportError(TrainingError):
    """The exported network does not compute what PyTorch does; the message says by how much."""


def export(
    network: nn.Module, path: Path, input_name: str, shape: tuple[int, ...], output_names: Sequence[str]
) -> dict[str, float]:
    """Write a network with a free batch size.

    Args:
        network: answers a tuple of tensors, in the order of ``output_names``.
        path: the ONNX file.
        input_name: of the one input, float32 in [0, 1].
        shape: of the input without the batch.
        output_names: of the outputs.

    Returns:
        for each output the largest difference to PyTorch's, relative to its largest value, on random input.

    Raises:
        ExportError: a difference is above TOLERANCE.
    """
    network = network.cpu().to(memory_format=torch.contiguous_format).eval()
    example = torch.rand((2, *shape), generator=torch.Generator().manual_seed(0))
    partial = path.with_suffix(".partial")
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
    onnx.checker.check_model(onnx.load(partial), full_check=True)
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
