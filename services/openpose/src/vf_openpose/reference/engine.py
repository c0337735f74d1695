"""The reference engine: OpenPose's BODY_25 with the authors' weights (Cao et al., TPAMI 2019, arXiv:1812.08008).

1. `net_input` brings a photo to the network's size.
2. `Body25` tells heat maps and part affinity fields; photos of one size go through it together.
3. `decode` finds peaks in the upsampled maps and joins them to people, in pixels of the photo.
4. The people are drawn in the order in which OpenPose finds them, and told the most prominent first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vf_openpose.reference.assembly import DEFAULT, Thresholds, assemble, body_scores, keypoints
from vf_openpose.reference.caffemodel import read_caffemodel
from vf_openpose.reference.maps import Floats, peaks, upsample
from vf_openpose.reference.network import STRIDE, Body25
from vf_openpose.reference.sizing import NetSize, net_input, net_size
from vf_openpose.reference.variant import Variant
from vf_openpose.render import Renderer, render
from vf_openpose.types import PoseAnswer, PoseRequest
from vf_openpose.verdict import NEEDED, refusal, warn
from vfkit import pytorch
from vfkit.contracts import Image, Joint, PoseDocument, PosePerson
from vfkit.engines import EngineInfo, uses_tf32
from vfkit.problems import Code, Problem
from vfkit.weights import require

VERSION = "1"
WEIGHTS = "openpose/pose_iter_584000.caffemodel"
WARM_UP_SIZE = (96, 128)
"""Width and height of the warm-up photo."""

_HEAD = (Joint.NOSE, Joint.R_EYE, Joint.L_EYE, Joint.R_EAR, Joint.L_EAR)
_CROWN = 0.45  # the crown lies this many times the distance from neck to face above the face
_DOUBTFUL_JOINT = 0.25  # a needed joint below this confidence is warned of


class ReferenceEngine:
    """BODY_25 as OpenPose computes it.

    Args:
        weights: the folder that holds ``openpose/pose_iter_584000.caffemodel``.
        variant: whose decoding is reproduced.
        renderer: whose drawing is reproduced.
        net_resolution: of the network's input, ``WxH`` in multiples of 16; a -1 follows the photo's aspect.
        device: ``cpu`` or ``cuda``.
        threads: of one forward pass on a CPU; PyTorch keeps it for the whole process.
        allow_tf32: see `vfkit.pytorch.prepare`.

    Raises:
        ValueError: the resolution is malformed.
    """

    def __init__(
        self,
        weights: Path,
        *,
        variant: Variant = Variant.CUDA,
        renderer: Renderer = Renderer.CUDA,
        net_resolution: str = "-1x368",
        device: str = "cpu",
        threads: int = 2,
        allow_tf32: bool = False,
    ) -> None:
        net_size(*WARM_UP_SIZE, net_resolution)
        self._weights = weights
        self._variant = variant
        self._renderer = renderer
        self._resolution = net_resolution
        self._device = torch.device(device)
        self._threads = threads
        self._allow_tf32 = allow_tf32
        self._network: Body25 | None = None
        self._info = EngineInfo(
            name="reference",
            description="OpenPose's BODY_25 network and decoding, with the authors' weights.",
            version=VERSION,
            licence="OpenPose (CMU), non-commercial",
            device=device,
            options={
                "variant": variant.value,
                "renderer": renderer.value,
                "net_resolution": net_resolution,
                "tf32": uses_tf32(device, allow_tf32),
            },
        )

    def load(self) -> None:
        """Read the weight file and run once.

        Raises:
            Problem: ``weights_missing`` when it is absent, cut or another network's; ``stage_unavailable`` without the
                device that was asked for.
        """
        pytorch.prepare(self._device.type, self._threads, allow_tf32=self._allow_tf32)
        path, weights_info = require(self._weights, WEIGHTS)
        network = Body25()
        try:
            network.load_layers(read_caffemodel(path))
        except ValueError as error:
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {WEIGHTS} cannot be used: {error}.") from error
        network.requires_grad_(False).eval().to(self._device)
        options = self._info.options | {"parameters": sum(value.numel() for value in network.parameters())}
        self._info = self._info.model_copy(update={"weights": [weights_info], "options": options})
        self._network = network
        width, height = WARM_UP_SIZE
        self.predict([PoseRequest(np.zeros((height, width, 3), np.uint8))])

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return self._info

    def predict(self, batch: Sequence[PoseRequest]) -> list[PoseAnswer | Problem]:
        """Everybody in each photo, or ``no_person_found``, ``body_not_visible``, ``invalid_request`` in their place."""
        answers: list[PoseAnswer | Problem] = [
            Problem(Code.INVALID_REQUEST, "The photo is too narrow or too flat.") for _ in batch
        ]
        for size, numbers in self._by_size(batch).items():
            for number, maps in zip(numbers, self._maps([batch[i].image for i in numbers], size), strict=True):
                answers[number] = self._answer(batch[number].image, maps, size)
        return answers

    def _by_size(self, batch: Sequence[PoseRequest]) -> dict[NetSize, list[int]]:
        """Numbers of the photos by how they go through the network; photos that do not fit are left out."""
        groups: dict[NetSize, list[int]] = {}
        for number, request in enumerate(batch):
            height, width = request.image.shape[:2]
            try:
                groups.setdefault(net_size(width, height, self._resolution), []).append(number)
            except (ValueError, ZeroDivisionError):
                continue
        return groups

    def _maps(self, images: Sequence[Image], size: NetSize) -> NDArray[np.float32]:
        """(N, 78, h, w) output of the network."""
        if self._network is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        bgr = np.stack([net_input(image, size)[..., ::-1] for image in images])
        with torch.inference_mode():
            x = torch.from_numpy(np.ascontiguousarray(bgr.transpose(0, 3, 1, 2))).to(self._device)
            return self._network(x.float() / 256 - 0.5).cpu().numpy()  # type: ignore[no-any-return]

    def _answer(self, image: Image, maps: Floats, size: NetSize) -> PoseAnswer | Problem:
        found, scores = decode(maps, size, self._variant)
        people = found[by_prominence(found, scores)]
        first = people[0] if len(people) else np.zeros((len(Joint), 3), np.float32)
        if problem := refusal(len(people), first):
            return problem
        height, width = image.shape[:2]
        document = PoseDocument(
            people=[PosePerson(pose_keypoints_2d=person.ravel().tolist()) for person in people.astype(np.float64)]
        )
        warnings = warn(
            len(people),
            head_cropped=is_head_cropped(first, width, height),
            doubtful=bool(first[list(NEEDED), 2].min() < _DOUBTFUL_JOINT),
        )
        return PoseAnswer(document, render(list(found), (width, height), self._renderer), warnings)


def decode(
    maps: Floats, size: NetSize, variant: Variant, thresholds: Thresholds = DEFAULT
) -> tuple[Floats, NDArray[np.float32]]:
    """The network's output to people.

    Args:
        maps: (78, h, w) of one photo.
        size: how the photo went through the network.
        variant: whose rules.
        thresholds: what counts.

    Returns:
        (people, 25, 3) float32 x, y in pixels of the photo and confidence, in OpenPose's order; (people,) scores.
    """
    upsampled = upsample(maps, STRIDE, variant)
    found = peaks(upsampled, thresholds.peak, size.peak_offset, variant)
    people = assemble(upsampled, found, thresholds, variant)
    return keypoints(people, found, size.to_picture), body_scores(people)


def by_prominence(people: Floats, scores: NDArray[np.float32]) -> NDArray[np.intp]:
    """Indices of people, the most prominent first: large in the photo, and found with certainty."""
    present = people[..., 2:] > 0
    low = np.where(present, people[..., :2], np.inf).min(1, initial=np.inf)
    high = np.where(present, people[..., :2], -np.inf).max(1, initial=-np.inf)
    return np.argsort(-np.hypot(*(high - low).T) * scores, kind="stable")


def is_head_cropped(joints: Floats, width: int, height: int) -> bool:
    """Whether no part of the head is in the photo, or its crown lies outside."""
    seen = joints[list(_HEAD)]
    seen = seen[seen[:, 2] > 0, :2]
    if not len(seen):
        return True
    if joints[Joint.NECK, 2] == 0:
        return False
    face = seen.mean(0)
    x, y = face + _CROWN * (face - joints[Joint.NECK, :2])
    return not (0 <= x < width and 0 <= y < height)
