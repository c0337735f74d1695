"""The open engine: a body drawn from BlazePose's landmarks into BlazePose's silhouette.

It knows joints and an outline, no surface: where DensePose regresses each pixel's part, this draws capsules. The most
prominent person is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from vf_blazepose import PersonFinder, weights_info
from vf_densepose.open.body import label_body
from vf_densepose.types import DensePoseAnswer, DensePoseRequest
from vf_densepose.visualiser import PlacedLabels, paint
from vfkit.contracts import Image
from vfkit.engines import EngineInfo
from vfkit.problems import Code, Problem

VERSION = "1"


class OpenEngine:
    """Body parts from BlazePose.

    Args:
        weights: the folder that holds ``blazepose/*.tflite``.
        model: BlazePose's landmark network.
        threads: of the interpreters.
    """

    def __init__(self, weights: Path, model: Literal["full", "heavy"] = "full", threads: int = 1) -> None:
        self._weights = weights
        self._model: Literal["full", "heavy"] = model
        self._threads = threads
        self._finder: PersonFinder | None = None
        self._info = EngineInfo(
            name="open",
            description=(
                "An approximation of DensePose: limbs, torso and head drawn around BlazePose's landmarks and cut to"
                " its silhouette. Parts and colours are DensePose's, the boundaries between them are not measured."
            ),
            version=VERSION,
            licence="Apache-2.0",
            options={"model": model},
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

    def predict(self, batch: Sequence[DensePoseRequest]) -> list[DensePoseAnswer | Problem]:
        """The parts picture of each photo, or its `Problem` (``no_person_found``, ``invalid_request``)."""
        return [self._no_surface() if request.iuv else self._answer(request.image) for request in batch]

    def _no_surface(self) -> Problem:
        return Problem(Code.INVALID_REQUEST, "This engine knows no surface coordinates; the reference engine does.")

    def _answer(self, image: Image) -> DensePoseAnswer | Problem:
        if self._finder is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        people = self._finder.find(image)
        if not people:
            return Problem(Code.NO_PERSON_FOUND)
        labels = PlacedLabels(label_body(people[0]))
        return DensePoseAnswer(paint([labels], (image.shape[1], image.shape[0])))
