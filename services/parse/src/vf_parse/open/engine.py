"""The open engine: a learned parser.

BlazePose finds the person. A network of this project sees the person's surroundings at 288 x 384 pixels and tells 18
regions apart in 72 x 96 cells. Other people become background, an outfit is decided as a whole, boundaries are drawn
onto the photo's edges, and BlazePose's landmarks say which arm is the left one. `parse_subject` is that in code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from vf_anatomy import Floats
from vf_blazepose import Mark, PersonFinder, weights_info
from vf_parse.open.chances import chances_of, likeliest, one_outfit, only_where, without_specks
from vf_parse.open.doubts import doubts
from vf_parse.open.enlarge import enlarged
from vf_parse.open.head import with_whole_face
from vf_parse.open.labels import named
from vf_parse.open.network import ParserNetwork, RegionNetwork
from vf_parse.open.people import mine
from vf_parse.open.subject import Subject
from vf_parse.open.window import Letterbox, window_around
from vf_parse.types import ParseAnswer, ParseRequest
from vfkit.contracts import Image
from vfkit.contracts.people import PersonRegion
from vfkit.engines import AnswerWarning, EngineInfo, WeightsInfo
from vfkit.problems import Code, Problem

VERSION = "2"
MOST_PIXELS = 1_200_000
"""Larger windows are reduced before they are parsed, and their labels enlarged."""

_TRUNK = (Mark.L_SHOULDER, Mark.R_SHOULDER, Mark.L_HIP, Mark.R_HIP)
_FRAME_TOLERANCE = 0.02
"""Joints this far outside, as a share of the picture's size, are at the frame: landmarks are no more exact."""


class OpenEngine:
    """BlazePose and `parse_subject`.

    Args:
        weights: the folder that holds ``blazepose/*.tflite``.
        model: BlazePose's landmark network.
        threads: of BlazePose's interpreters and of ONNX Runtime.
    """

    def __init__(self, weights: Path, model: Literal["full", "heavy"] = "full", threads: int = 2) -> None:
        self._weights, self._model, self._threads = weights, model, threads
        self._people: PersonFinder | None = None
        self._network: ParserNetwork | None = None
        self._files: list[WeightsInfo] = []

    def load(self) -> None:
        """Read the networks and run them once; ``weights_missing`` when a file is absent or unreadable."""
        self._people = PersonFinder(self._weights, self._model, self._threads)
        self._people.warm_up()
        self._network = ParserNetwork(self._threads)
        self._network.warm_up()
        self._files = [self._network.info, *weights_info(self._weights, self._model)]

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(
            name="open",
            description=(
                "A network of this project (3.1 million parameters, learnt from 799 annotated street photos) tells 18"
                " regions apart; BlazePose finds the person and says left and right. Skirts and dresses, coats and tops"
                " are sometimes taken for each other. Other people, bags and what hands hold are background."
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
        if self._people is None or self._network is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        if request.edge:
            return Problem(Code.INVALID_REQUEST, "The open engine finds no edges; the reference engine does.")
        people = [Subject(person.landmarks, person.mask) for person in self._people.find(request.image)]
        if not people:
            return Problem(Code.NO_PERSON_FOUND)
        if not trunk_in_picture(people[0].landmarks, request.image):
            return Problem(Code.BODY_NOT_VISIBLE, "Shoulders and hips must be in the photo.")
        return parse_subject(self._network, request, people[0], people[1:])


def trunk_in_picture(landmarks: Floats, picture: Image) -> bool:
    """Whether shoulders and hips of (33, 4) landmarks lie in the picture."""
    size = np.array(picture.shape[1::-1], np.float32)
    trunk = landmarks[list(_TRUNK), :2] / size
    return bool((trunk > -_FRAME_TOLERANCE).all() and (trunk < 1 + _FRAME_TOLERANCE).all())


def parse_subject(
    network: RegionNetwork, request: ParseRequest, subject: Subject, others: Sequence[Subject] = ()
) -> ParseAnswer:
    """Parse one person in a picture.

    Args:
        network: tells regions apart.
        request: the picture.
        subject: who is parsed, at the picture's size.
        others: everybody else that was found.

    Returns:
        Labels, background outside the person's surroundings; ``low_confidence`` for each region that is uncertain.
    """
    window = window_around(subject, MOST_PIXELS)
    picture, near = window.cut(request.image), window.move(subject)
    box = Letterbox.of(picture)
    seen, rest = box.move(near), [box.move(window.move(other)) for other in others]

    said = chances_of(network.logits(box.draw(picture)), seen.mask)
    somebody = likeliest(said) != PersonRegion.BACKGROUND
    own = mine(somebody, seen, rest)
    chances = without_specks(one_outfit(only_where(said, own)))
    uncertain = doubts(said, likeliest(chances), np.where(somebody & ~own, np.float32(0), seen.mask))

    regions = with_whole_face(enlarged(chances, box, picture), near)
    held = np.where(regions == PersonRegion.HELD, np.uint8(255), np.uint8(0))
    return ParseAnswer(
        labels=window.paste(named(regions, near), request.image.shape),
        warnings=tuple(AnswerWarning(code="low_confidence", detail=doubt) for doubt in uncertain),
        held=window.paste(held, request.image.shape) if request.held else None,
    )
