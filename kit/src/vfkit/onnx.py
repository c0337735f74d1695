"""Networks on ONNX Runtime. Only engines that run on it import this module."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files

import onnxruntime as ort

from vfkit.engines import WeightsInfo
from vfkit.problems import Code, Problem


def session_options(threads: int) -> ort.SessionOptions:
    """How a network runs beside others: with so many threads, which sleep between calls."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def load_own_network(
    package: str, file: str, outputs: Mapping[str, int], threads: int
) -> tuple[ort.InferenceSession, WeightsInfo]:
    """Load a network that this project trained; its file is part of a package.

    Args:
        package: with the file, as it is imported.
        file: the ONNX file's name.
        outputs: names of the outputs, and the size of their second axis.
        threads: of ONNX Runtime.

    Raises:
        Problem: ``weights_missing`` when the file is absent, or not this network.
    """
    source = files(package) / file
    if not source.is_file():
        raise Problem(Code.WEIGHTS_MISSING, f"The weight file {file} is missing.")
    content = source.read_bytes()
    try:
        session = ort.InferenceSession(content, session_options(threads), providers=["CPUExecutionProvider"])
        found = {output.name: output.shape[1] for output in session.get_outputs()}
    except Exception as error:  # ONNX Runtime's kinds share no other parent
        raise Problem(Code.WEIGHTS_MISSING, f"The weight file {file} cannot be read.") from error
    if found != outputs:
        raise Problem(Code.WEIGHTS_MISSING, f"The weight file {file} is of another version.")
    digest = hashlib.sha256(content).hexdigest()
    return session, WeightsInfo(file=file, sha256=digest, licence="Apache-2.0", known=True)
