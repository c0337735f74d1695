"""The open engine: BlazePose's landmarks told as OpenPose's BODY_25.

1. `PersonFinder` finds everybody, the most prominent first. People so close together that they are read as one are
   refused.
2. `to_pose_person` turns each into joints and hand points.
3. `judge` refuses a first person without shoulders or hips and warns of what may spoil a fitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from vf_blazepose import Mark, Person, PersonFinder, weights_info
from vf_openpose.open.body25 import to_pose_person
from vf_openpose.render import Renderer, render
from vf_openpose.types import PoseAnswer, PoseRequest
from vf_openpose.verdict import NEEDED, refusal, warn
from vfkit.contracts import Image, Joint, PoseDocument
from vfkit.engines import AnswerWarning, EngineInfo
from vfkit.problems import Code, Problem

VERSION = "2"

OVERLAPPING = "Several people stand close together in the photo. Please use one that shows only you."
_DOUBTFUL_JOINT = 0.6  # a needed joint below this confidence,
_DOUBTFUL_PERSON = 0.8  # or a person below this presence,
_DOUBTFUL_OUTLINE = 0.88  # or one whose outline's agreement is below this, is warned of
_CROWN = 1.2  # the crown lies at least this many times the mouth-eye distance above the eyes


class OpenEngine:
    """BODY_25 from BlazePose.

    Args:
        weights: the folder that holds ``blazepose/*.tflite``.
        model: BlazePose's landmark network.
        threads: of the interpreters.
        renderer: OpenPose's variant that the skeleton is drawn like.
    """

    def __init__(
        self,
        weights: Path,
        model: Literal["full", "heavy"] = "full",
        threads: int = 1,
        renderer: Renderer = Renderer.CUDA,
    ) -> None:
        self._weights = weights
        self._model: Literal["full", "heavy"] = model
        self._threads = threads
        self._renderer = renderer
        self._finder: PersonFinder | None = None
        self._info = EngineInfo(
            name="open",
            description=(
                "BlazePose's landmarks renamed to BODY_25: the neck is the middle of the shoulders, small toes are"
                " missing, hands have four of their 21 points."
            ),
            version=VERSION,
            licence="Apache-2.0",
            options={"model": model, "renderer": renderer.value},
        )

    def load(self) -> None:
        """Read BlazePose and run it once; ``weights_missing`` when a file is absent or unreadable."""
        finder = PersonFinder(self._weights, self._model, self._threads)
        finder.warm_up()
        self._info = self._info.model_copy(update={"weights": weights_info(self._weights, self._model)})
        self._finder = finder

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return self._info

    def predict(self, batch: Sequence[PoseRequest]) -> list[PoseAnswer | Problem]:
        """The people of each photo, or its `Problem`.

        ``no_person_found``, ``several_people``, ``body_not_visible``.
        """
        return [self._answer(request.image) for request in batch]

    def _answer(self, image: Image) -> PoseAnswer | Problem:
        if self._finder is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        people = self._finder.find(image)
        if people:
            people += self._finder.beside(image, people)
            if self._finder.sightings(image) > len(people):
                return Problem(Code.SEVERAL_PEOPLE, OVERLAPPING)
        size = (image.shape[1], image.shape[0])
        document = PoseDocument(people=[to_pose_person(person, size) for person in people])
        verdict = judge(people, document)
        if isinstance(verdict, Problem):
            return verdict
        skeletons = [person.body().astype(np.float32) for person in document.people]
        return PoseAnswer(document, render(skeletons, size, self._renderer), verdict)


def judge(people: Sequence[Person], document: PoseDocument) -> Problem | tuple[AnswerWarning, ...]:
    """Whether the first person can be fitted, and what the caller should know.

    Args:
        people: as BlazePose found them, the most prominent first.
        document: the same people's joints.
    """
    joints = document.people[0].body() if people else np.zeros((len(Joint), 3))
    if problem := refusal(len(people), joints):
        return problem
    first = people[0]
    doubtful = (
        first.presence < _DOUBTFUL_PERSON
        or first.agreement < _DOUBTFUL_OUTLINE
        or joints[list(NEEDED), 2].min() < _DOUBTFUL_JOINT
    )
    return warn(len(people), head_cropped=is_head_cropped(first), doubtful=bool(doubtful))


def is_head_cropped(person: Person) -> bool:
    """Whether the crown lies outside the picture."""
    height, width = person.mask.shape
    points = person.landmarks[:, :2]
    eyes = (points[Mark.L_EYE] + points[Mark.R_EYE]) / 2
    mouth = (points[Mark.L_MOUTH] + points[Mark.R_MOUTH]) / 2
    x, y = eyes + _CROWN * (eyes - mouth)
    return not (0 <= x < width and 0 <= y < height)
