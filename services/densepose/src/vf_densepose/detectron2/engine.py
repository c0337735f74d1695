"""The library itself as an engine: Detectron2 and its DensePose project, in images that contain them.

Written for commit 02b5c4e295e990042a714712c21dc79b731e8833 of the facebookresearch/detectron2 repository and its folder
``projects/DensePose``; neither is on a registry, so an image that wants them builds them. Everything after the photo is
the library's, the painting included; only the weight file is read by this project's own reader, because the library
unpickles whatever a file says.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vf_densepose.reference.checkpoint import read_checkpoint
from vf_densepose.reference.engine import WEIGHTS, Options
from vf_densepose.reference.network import NOT_PARAMETERS
from vf_densepose.reference.picture import resize
from vf_densepose.reference.surface import BodySurface, Window, paint_iuv
from vf_densepose.types import DensePoseAnswer, DensePoseRequest
from vfkit import pytorch
from vfkit.contracts import Image
from vfkit.engines import EngineInfo, uses_tf32
from vfkit.problems import Code, Problem
from vfkit.weights import require

VERSION = "02b5c4e"
OPAQUE = 1.0
ANCHOR_SIZES = ((32,), (64,), (128,), (256,), (512,))
ANCHOR_RATIOS = ((0.5, 1.0, 2.0),)
RESNET_MAPS = ("res2", "res3", "res4", "res5")
PYRAMID_MAPS = ("p2", "p3", "p4", "p5", "p6")


def is_installed() -> bool:
    """Whether this environment has both the library and its DensePose project."""
    return find_spec("detectron2") is not None and find_spec("densepose") is not None


class Detectron2Engine:
    """People and their parts by Detectron2.

    Args:
        weights: ``VF_WEIGHTS``.
        options: what changes the output.
        threads: of a forward pass on a CPU.
        device: ``cpu`` or ``cuda``.
        allow_tf32: see `vfkit.pytorch.prepare`.
    """

    def __init__(
        self,
        weights: Path,
        options: Options | None = None,
        threads: int = 2,
        device: str = "cpu",
        *,
        allow_tf32: bool = False,
    ) -> None:
        self._weights = weights
        self._options = options or Options()
        self._threads = threads
        self._allow_tf32 = allow_tf32
        self._device = torch.device(device)
        self._model: Any = None
        self._info = EngineInfo(
            name="detectron2",
            description="DensePose R-CNN (densepose_rcnn_R_50_FPN_s1x) by Detectron2 and its DensePose project.",
            version=VERSION,
            licence="CC-BY-NC-4.0",
            device=self._device.type,
            options={**self._options.as_dict(), "tf32": uses_tf32(device, allow_tf32)},
        )

    def load(self) -> None:
        """Build the library's model.

        Raises:
            Problem: ``stage_unavailable`` without the library or the device that was asked for; ``weights_missing``
                when the file is absent or does not fit.
        """
        if not is_installed():
            raise Problem(Code.STAGE_UNAVAILABLE, "Detectron2 and its DensePose project are not in this environment.")
        from detectron2.modeling import build_model  # noqa: PLC0415  only some images have it

        pytorch.prepare(self._device.type, self._threads, allow_tf32=self._allow_tf32)
        path, weights = require(self._weights, WEIGHTS)
        try:
            arrays = read_checkpoint(path)
            state = {
                name: torch.from_numpy(array) for name, array in arrays.items() if not NOT_PARAMETERS.fullmatch(name)
            }
            model = build_model(configuration(self._options, self._device))
            model.load_state_dict(state)
        except (ValueError, RuntimeError) as error:
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {WEIGHTS} cannot be used.") from error
        self._model = model.eval()
        self._info = self._info.model_copy(update={"weights": [weights]})

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return self._info

    def predict(self, batch: Sequence[DensePoseRequest]) -> list[DensePoseAnswer | Problem]:
        """The parts picture of each photo, or its `Problem` (``no_person_found``)."""
        if self._model is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        with torch.inference_mode():
            # One by one: together the library pads all to the largest, which changes the others a little.
            outputs = [self._model([self._input(request.image)])[0] for request in batch]
            return [_answer(output["instances"], request) for output, request in zip(outputs, batch, strict=True)]

    def _input(self, image: Image) -> dict[str, Any]:
        """What the library calls a dataset dict: BGR, resized, with the size that boxes shall come back in."""
        resized = resize(image, self._options.min_size, self._options.max_size)
        planes = np.ascontiguousarray(resized[..., ::-1].transpose(2, 0, 1))
        return {"image": torch.from_numpy(planes).float(), "height": image.shape[0], "width": image.shape[1]}


def configuration(options: Options, device: torch.device) -> Any:
    """The library's configuration of ``densepose_rcnn_R_50_FPN_s1x``, whose file its package does not install."""
    from densepose import add_densepose_config  # noqa: PLC0415  only some images have it
    from detectron2.config import get_cfg  # noqa: PLC0415

    config = get_cfg()
    add_densepose_config(config)
    model = config.MODEL
    model.DEVICE = device.type
    model.META_ARCHITECTURE = "GeneralizedRCNN"
    model.DENSEPOSE_ON = True
    model.BACKBONE.NAME = "build_resnet_fpn_backbone"
    model.RESNETS.DEPTH = 50
    model.RESNETS.OUT_FEATURES = list(RESNET_MAPS)
    model.FPN.IN_FEATURES = list(RESNET_MAPS)
    model.ANCHOR_GENERATOR.SIZES = [list(sizes) for sizes in ANCHOR_SIZES]
    model.ANCHOR_GENERATOR.ASPECT_RATIOS = [list(ratios) for ratios in ANCHOR_RATIOS]
    model.RPN.IN_FEATURES = list(PYRAMID_MAPS)
    model.RPN.PRE_NMS_TOPK_TEST = model.RPN.POST_NMS_TOPK_TEST = 1000
    model.ROI_HEADS.NAME = "DensePoseROIHeads"
    model.ROI_HEADS.IN_FEATURES = list(PYRAMID_MAPS[:-1])
    model.ROI_HEADS.NUM_CLASSES = 1
    model.ROI_HEADS.SCORE_THRESH_TEST = options.limits.score
    model.ROI_BOX_HEAD.NAME = "FastRCNNConvFCHead"
    model.ROI_BOX_HEAD.NUM_FC = 2
    model.ROI_BOX_HEAD.POOLER_RESOLUTION = 7
    model.ROI_BOX_HEAD.POOLER_SAMPLING_RATIO = 2
    model.ROI_BOX_HEAD.POOLER_TYPE = "ROIAlign"
    model.ROI_DENSEPOSE_HEAD.NAME = "DensePoseV1ConvXHead"
    model.ROI_DENSEPOSE_HEAD.POOLER_TYPE = "ROIAlign"
    config.TEST.DETECTIONS_PER_IMAGE = options.limits.people
    config.freeze()
    return config


def _answer(instances: Any, request: DensePoseRequest) -> DensePoseAnswer | Problem:
    """Paint one photo's people with the library's own visualiser."""
    from densepose.vis.densepose_results import DensePoseResultsFineSegmentationVisualizer  # noqa: PLC0415
    from densepose.vis.extractor import DensePoseResultExtractor  # noqa: PLC0415

    if not len(instances):
        return Problem(Code.NO_PERSON_FOUND)
    people, boxes = DensePoseResultExtractor()(instances)
    black = np.zeros_like(request.image)
    painted = DensePoseResultsFineSegmentationVisualizer(inplace=True, alpha=OPAQUE).visualize(black, (people, boxes))
    picture = np.ascontiguousarray(painted[..., ::-1])
    if not request.iuv:
        return DensePoseAnswer(picture)
    surfaces = [_surface(person, box) for person, box in zip(people, boxes, strict=True)]
    return DensePoseAnswer(picture, iuv=paint_iuv(surfaces, (picture.shape[1], picture.shape[0])))


def _surface(person: Any, box: Any) -> BodySurface:
    x, y, width, height = (int(value) for value in box)
    labels = person.labels.to(torch.uint8).cpu().numpy()
    return BodySurface(Window(x, y, width, height), labels, person.uv.cpu().numpy())
