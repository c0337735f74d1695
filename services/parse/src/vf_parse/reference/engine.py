"""The reference engine: CIHP_PGN with the authors' weights (Gong et al., ECCV 2018, arXiv:1808.00157).

`Recipe` runs the network at every scale on the photo and its mirror image; the mean of the logits decides. The graph
is traced at the warm-up, for all sizes; the first request for edges traces once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from vf_parse.reference.checkpoint import Checkpoint, CheckpointError
from vf_parse.reference.layers import parameter_count, variable_shapes
from vf_parse.reference.network import Network
from vf_parse.reference.options import SCALES, Sampling
from vf_parse.reference.recipe import Recipe
from vf_parse.types import ParseAnswer, ParseRequest
from vfkit.contracts import HEIGHT, WIDTH
from vfkit.engines import EngineInfo, require_device, uses_tf32
from vfkit.problems import Code, Problem
from vfkit.weights import require

VERSION = "1"
WEIGHTS = "parse/CIHP_pgn"
MOST_PIXELS = WIDTH * HEIGHT
"""The network sees the photo at up to 1.75 times its edges; memory grows with the number of pixels."""
WARM_UP = (64, 48, 3)


class ReferenceEngine:
    """CIHP_PGN at test time.

    Args:
        weights: the folder that holds ``parse/CIHP_pgn/``.
        scales: factors on the photo's size; fewer are faster.
        sampling: ``tf1`` as the checkpoint was trained, ``upgraded`` as the script after ``tf_upgrade_v2`` computes.
        threads: of one forward pass on a CPU; TensorFlow keeps the first setting for the whole process.
        device: ``cpu`` or ``cuda``.
        allow_tf32: let a GPU multiply with TensorFloat-32, which keeps ten bits of a float32's mantissa.
    """

    def __init__(
        self,
        weights: Path,
        scales: Sequence[float] = SCALES,
        sampling: Sampling = Sampling.TF1,
        threads: int = 2,
        device: str = "cpu",
        *,
        allow_tf32: bool = False,
    ) -> None:
        self._weights, self._scales, self._sampling = weights, tuple(scales), sampling
        self._threads, self._device, self._allow_tf32 = threads, device, allow_tf32
        self._recipe: Recipe | None = None
        self._info = EngineInfo(
            name="reference",
            description=(
                "CIHP_PGN with the authors' weights: logits averaged over the scales and the mirrored photo."
                + ("" if self._scales == SCALES else " Fewer scales than published: faster, other labels.")
            ),
            version=VERSION,
            licence="CIHP_PGN authors, non-commercial research",
            device=device,
            options={
                "scales": list(self._scales),
                "resize": str(sampling),
                "tf32": uses_tf32(device, allow_tf32),
            },
        )

    def load(self) -> None:
        """Read the checkpoint and run once.

        Raises:
            Problem: ``weights_missing`` when it is absent, damaged or another network's; ``stage_unavailable`` without
                the device that was asked for, or where TensorFlow is in use with others than these settings.
        """
        _prepare_device(self._threads, self._device, allow_tf32=self._allow_tf32)
        folder, weights = require(self._weights, WEIGHTS)
        try:
            network = Network(Checkpoint(folder, variable_shapes()), self._sampling)
        except CheckpointError as error:
            raise Problem(Code.WEIGHTS_MISSING, f"The checkpoint in {WEIGHTS} cannot be used: {error}.") from error
        recipe = Recipe(network, self._scales, self._sampling)
        recipe(np.zeros(WARM_UP, np.uint8), with_edge=False)
        self._recipe = recipe
        options = self._info.options | {"parameters": parameter_count()}
        self._info = self._info.model_copy(update={"weights": [weights], "options": options})

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return self._info

    def predict(self, batch: Sequence[ParseRequest]) -> list[ParseAnswer | Problem]:
        """The parse of each photo, or its `Problem` (``image_too_large``, ``invalid_request``).

        Photos are answered one by one: with its mirror image one alone fills the processor.
        """
        return [self._answer(request) for request in batch]

    def _answer(self, request: ParseRequest) -> ParseAnswer | Problem:
        if self._recipe is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        if request.held:
            return Problem(Code.INVALID_REQUEST, "CIHP has no label for held things; the open engine finds them.")
        height, width = request.image.shape[:2]
        if height * width > MOST_PIXELS:
            return Problem(
                Code.IMAGE_TOO_LARGE,
                f"The picture has {width} x {height} pixels; this engine takes as many as {WIDTH} x {HEIGHT} has.",
            )
        try:
            maps = self._recipe(request.image, with_edge=request.edge)
        except tf.errors.ResourceExhaustedError:
            return Problem(Code.IMAGE_TOO_LARGE, "There is not enough memory for a picture of this size.")
        edge = None if maps.edge is None else np.rint(255 * maps.edge).astype(np.uint8)
        return ParseAnswer(maps.labels, edge=edge)


def _prepare_device(threads: int, device: str, *, allow_tf32: bool) -> None:
    """Set TensorFlow up once for the process.

    A GPU computes in float32 unless TensorFloat-32 is allowed, which changes labels, and its memory is taken as needed,
    since other services may share it. TensorFlow takes threads, devices and memory only before its first computation.

    Raises:
        Problem: ``stage_unavailable`` without the device that was asked for, or where TensorFlow has computed already,
            as in a notebook, with other settings.
    """
    gpus = tf.config.list_physical_devices("GPU")
    require_device(device, lambda: bool(gpus))
    tf.config.experimental.enable_tensor_float_32_execution(allow_tf32)
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        if device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError as error:
        raise Problem(
            Code.STAGE_UNAVAILABLE,
            "TensorFlow has computed in this process already, with other threads, devices or memory than this engine's."
            " Load the engine before anything else uses TensorFlow.",
        ) from error
