"""The open engine: a pose-guided human parser without a trained network of its own.

BlazePose finds the person. Its landmarks tell where to sample each class's colours (face, arms, torso, thighs, hair)
and where each class may lie; a waist line parts the upper from the lower garment; a guided-filter cost volume decides
each pixel; the skeleton and the hem name the CIHP label. `parse_subject` is that description in code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from vf_anatomy import Floats
from vf_blazepose import FaceMesh, Mark, PersonFinder, weights_info
from vf_parse.open.appearance import Appearance, colour_features, learn_appearance
from vf_parse.open.garments import judge_outfit
from vf_parse.open.head import find_head
from vf_parse.open.labels import name_labels, shoe_sides, skin_parts, upsample_regions
from vf_parse.open.priors import build_priors
from vf_parse.open.segment import cost_volume, drop_strays, smooth_and_choose
from vf_parse.open.skeleton import build_skeleton
from vf_parse.open.subject import Subject
from vf_parse.open.waist import find_waist
from vf_parse.open.window import Window, window_around
from vf_parse.types import ParseAnswer, ParseRequest
from vfkit.contracts import Image
from vfkit.engines import AnswerWarning, EngineInfo, WeightsInfo
from vfkit.problems import Code, Problem

VERSION = "1"
GRID_HEIGHT = 320
"""Rows of the grid that the decision is made on; finer costs time and gains nothing before the upsampling."""
MOST_PIXELS = 1_200_000
"""Larger windows are reduced before they are parsed, and their labels enlarged."""

_MASK_FOOT, _MASK_RISE = 0.15, 0.5
"""The filtered mask's ramp; its middle is below 1/2, since a rim of the old garment left over shows in a try-on."""
_FACE_BLUR = 1.2
_SAME_FABRIC = 1.0
_SAME_AS_WALL = 1.0
"""Separations in nats below which the answer is told to be uncertain."""
_TRUNK = (Mark.L_SHOULDER, Mark.R_SHOULDER, Mark.L_HIP, Mark.R_HIP)
_FRAME_TOLERANCE = 0.02
"""Joints this far outside, as a share of the picture's size, are at the frame: landmarks are no more exact."""


class OpenEngine:
    """BlazePose and `parse_subject`.

    Args:
        weights: the folder that holds ``blazepose/*.tflite``.
        model: BlazePose's landmark network.
        threads: of the interpreters.
    """

    def __init__(self, weights: Path, model: Literal["full", "heavy"] = "full", threads: int = 2) -> None:
        self._weights, self._model, self._threads = weights, model, threads
        self._people: PersonFinder | None = None
        self._face: FaceMesh | None = None
        self._files: list[WeightsInfo] = []

    def load(self) -> None:
        """Read BlazePose and the face mesh; ``weights_missing`` when a file is absent or unreadable."""
        self._people = PersonFinder(self._weights, self._model, self._threads)
        self._face = FaceMesh(self._weights, self._threads)
        self._files = weights_info(self._weights, self._model, with_face=True)
        self._people.warm_up()

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(
            name="open",
            description=(
                "Colour models sampled where BlazePose's landmarks say, geometric priors and a guided-filter cost"
                " volume. Tells hair, face, skin, arms, legs, upper clothes, dress, skirt, trousers and shoes apart;"
                " never answers hat, glove, sunglasses, coat, socks or scarf."
            ),
            version=VERSION,
            licence="Apache-2.0",
            weights=self._files,
            options={"model": self._model},
        )

    def predict(self, batch: Sequence[ParseRequest]) -> list[ParseAnswer | Problem]:
        """The parse of each photo, or its `Problem`: ``no_person_found``, ``body_not_visible``, ``invalid_request``."""
        return [self._answer(request) for request in batch]

    def _answer(self, request: ParseRequest) -> ParseAnswer | Problem:
        if self._people is None or self._face is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        if request.edge:
            return Problem(Code.INVALID_REQUEST, "The open engine finds no edges; the reference engine does.")
        picture = request.image
        people = self._people.find(picture)
        if not people:
            return Problem(Code.NO_PERSON_FOUND)
        person = people[0]
        if not trunk_in_picture(person.landmarks, picture):
            return Problem(Code.BODY_NOT_VISIBLE, "Shoulders and hips must be in the photo.")
        return parse_subject(picture, Subject(person.landmarks, person.mask, self._face.read(picture, person)))


def trunk_in_picture(landmarks: Floats, picture: Image) -> bool:
    """Whether shoulders and hips of (33, 4) landmarks lie in the picture."""
    size = np.array(picture.shape[1::-1], np.float32)
    trunk = landmarks[list(_TRUNK), :2] / size
    return bool((trunk > -_FRAME_TOLERANCE).all() and (trunk < 1 + _FRAME_TOLERANCE).all())


def parse_subject(picture: Image, subject: Subject) -> ParseAnswer:
    """Parse one person in a picture.

    Args:
        picture: (H, W, 3) uint8 RGB.
        subject: landmarks, mask and face points at the picture's size.

    Returns:
        (H, W) uint8 labels, background outside the person's surroundings; ``low_confidence`` where colours that must
        be told apart are nearly the same.
    """
    window = window_around(subject, MOST_PIXELS)
    near, near_subject = window.cut(picture, subject)
    near_subject = near_subject.with_mask(sharpen(near_subject.mask, near))
    labels, appearance = _parse_window(near, near_subject)
    return ParseAnswer(window.paste(labels, picture.shape), _doubts(appearance))


def _parse_window(picture: Image, subject: Subject) -> tuple[Image, Appearance]:
    grid = Window.reduction(picture, GRID_HEIGHT)
    small, small_subject = grid.cut(picture, subject)
    mask = small_subject.mask

    skeleton = build_skeleton(small_subject)
    head = find_head(skeleton, small_subject.face)
    features = colour_features(small)
    appearance = learn_appearance(features, mask, skeleton, head)

    waist = find_waist(skeleton, appearance, features, mask)
    face = cv2.GaussianBlur(head.face.astype(np.float32), (0, 0), _FACE_BLUR)
    priors = build_priors(skeleton, head, face, waist.t, appearance.bare_limbs)
    costs = cost_volume(appearance, priors, skeleton, head, mask)
    regions = drop_strays(smooth_and_choose(costs, small), costs, skeleton, head)

    outfit = judge_outfit(regions, skeleton, appearance)
    large = upsample_regions(regions, subject.mask, picture)
    return name_labels(large, outfit, skin_parts(skeleton, head), shoe_sides(skeleton)), appearance


def sharpen(mask: Floats, picture: Image) -> Floats:
    """BlazePose's soft mask, drawn onto the picture's edges by a guided filter; (H, W) float32 in [0, 1]."""
    radius = max(4, picture.shape[0] // 160)
    guided = cv2.ximgproc.createGuidedFilter(picture, radius, (0.02 * 255) ** 2, 0.5)
    sharp: Floats = np.clip((guided.filter(mask.astype(np.float32)) - _MASK_FOOT) / _MASK_RISE, 0, 1)
    return sharp


def _doubts(appearance: Appearance) -> tuple[AnswerWarning, ...]:
    doubts = []
    if appearance.upper_lower_separation < _SAME_FABRIC:
        doubts.append("the upper and the lower garment have nearly the same colours")
    if appearance.upper_background_separation < _SAME_AS_WALL:
        doubts.append("the upper garment and the background have nearly the same colours")
    return tuple(AnswerWarning(code="low_confidence", detail=f"The parse is uncertain: {doubt}.") for doubt in doubts)
