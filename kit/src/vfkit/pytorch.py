"""PyTorch made ready for an engine. Only engines that run on PyTorch import this module."""

from __future__ import annotations

import torch

from vfkit.engines import require_device


def prepare(device: str, threads: int, *, allow_tf32: bool) -> None:
    """Set the process up; what is set here holds for all of it.

    A GPU multiplies with TensorFloat-32 where it may, which keeps ten bits of a float32's mantissa. PyTorch allows that
    for convolutions unless it is told otherwise; here it is told either way.

    Args:
        device: ``cpu`` or ``cuda``.
        threads: of a forward pass on a CPU.
        allow_tf32: let a GPU use TensorFloat-32, in convolutions and in products of matrices.

    Raises:
        Problem: ``stage_unavailable`` without the device that was asked for.
    """
    require_device(device, torch.cuda.is_available)
    torch.set_num_threads(threads)
    precision = "tf32" if allow_tf32 else "ieee"
    torch.backends.cuda.matmul.fp32_precision = precision
    torch.backends.cudnn.conv.fp32_precision = precision
    torch.backends.cudnn.rnn.fp32_precision = precision
