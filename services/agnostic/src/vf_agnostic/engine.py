"""The drawings behind the engine interface."""

from __future__ import annotations

from collections.abc import Sequence

from vf_agnostic.drawing import human_agnostic, parse_agnostic
from vf_agnostic.types import AgnosticAnswer, AgnosticRequest
from vfkit.contracts import Joint
from vfkit.engines import AnswerWarning, EngineInfo
from vfkit.problems import Code, Problem

DRAWN_JOINTS = (
    Joint.NECK,
    Joint.R_SHOULDER,
    Joint.R_ELBOW,
    Joint.R_WRIST,
    Joint.L_SHOULDER,
    Joint.L_ELBOW,
    Joint.L_WRIST,
    Joint.R_HIP,
    Joint.L_HIP,
)


class AgnosticEngine:
    """HR-VITON's parse-agnostic and human-agnostic drawing. No model, no weights.

    Args:
        name: ``open`` or ``reference``; both draw the same.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def load(self) -> None:
        """There is nothing to load."""

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(
            name=self._name,
            description="HR-VITON's drawing rules, exact to the pixel; no model.",
            version="1",
            licence="Apache-2.0",
            dtype="uint8",
        )

    def predict(self, batch: Sequence[AgnosticRequest]) -> list[AgnosticAnswer | Problem]:
        """Draw both pictures of every person.

        An item whose picture and label map differ in size gets ``invalid_request`` in its place.
        """
        return [self._one(request) for request in batch]

    def _one(self, request: AgnosticRequest) -> AgnosticAnswer | Problem:
        if request.image.shape[:2] != request.parse.shape:
            return Problem(Code.INVALID_REQUEST, "The photo and its parse must have the same size.")
        return AgnosticAnswer(
            parse_agnostic=parse_agnostic(request.parse, request.joints),
            agnostic=human_agnostic(request.image, request.parse, request.joints),
            warnings=tuple(_warnings(request)),
        )


def _warnings(request: AgnosticRequest) -> list[AnswerWarning]:
    missing = [joint.name.lower() for joint in DRAWN_JOINTS if not request.joints[joint].any()]
    if not missing:
        return []
    return [AnswerWarning(code="joints_missing", detail=f"Drawn without {', '.join(missing)}.")]
