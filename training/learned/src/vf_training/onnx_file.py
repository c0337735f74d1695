"""Networks of ONNX files, as evaluation and teachers call them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from vf_training.pictures import DataError

Array = NDArray[np.float32]


def open_network(
    path: Path, threads: int, what: str, input_name: str, outputs: Sequence[str]
) -> Callable[[Array], list[Array]]:
    """The network of an ONNX file: from its input to its outputs, in their order.

    Args:
        path: the file.
        threads: of ONNX Runtime.
        what: what it must be, for the message.
        input_name: of the one input.
        outputs: names that it must have.

    Raises:
        DataError: the file is missing or no such network.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        names = {output.name for output in session.get_outputs()}
    except Exception as error:  # ONNX Runtime's kinds share no other parent
        raise DataError(f"{path} cannot be read as an ONNX network: {error}") from error
    if not names.issuperset(outputs):
        raise DataError(f"{path} is no {what}: it answers {', '.join(sorted(names))}")
    return lambda value: list(session.run(list(outputs), {input_name: value}))
