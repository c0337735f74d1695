"""In which precision an engine on PyTorch computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch

from vfkit.engines import Engine
from vfkit.problems import Problem


class Precision(NamedTuple):
    """What PyTorch was told, and what the engine tells.

    Attributes:
        on_gpu: of convolutions, recurrent layers and products of matrices: ``ieee`` or ``tf32``.
        told: the option ``tf32`` of an engine on a GPU.
        dtype: of that engine.
        told_on_cpu: the option of an engine on a CPU.
    """

    on_gpu: tuple[str, str, str]
    told: Any
    dtype: str
    told_on_cpu: Any


def precision(make: Callable[..., Engine[Any, Any]], monkeypatch: pytest.MonkeyPatch, *, allow_tf32: bool) -> Precision:
    """The precision of an engine on a GPU that is made up.

    The files are looked for after PyTorch is set up, so none are needed.

    Args:
        make: an engine without weight files, of the settings that it is given.
        monkeypatch: pytest's.
        allow_tf32: the setting.
    """
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    engine = make(device="cuda", allow_tf32=allow_tf32)
    with pytest.raises(Problem, match="is missing"):
        engine.load()
    places = torch.backends.cudnn.conv, torch.backends.cudnn.rnn, torch.backends.cuda.matmul
    conv, rnn, matmul = (place.fp32_precision for place in places)
    on_cpu = make(allow_tf32=allow_tf32)
    return Precision((conv, rnn, matmul), engine.info.options["tf32"], engine.info.dtype, on_cpu.info.options["tf32"])
