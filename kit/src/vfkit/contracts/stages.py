"""Stages, artifacts, the size of every picture, and how each stage's service is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""RGB picture, (H, W, 3) uint8; or label map / mask, (H, W) uint8."""

WIDTH, HEIGHT = 768, 1024
"""Size of every artifact in pixels."""


class Stage(StrEnum):
    """The six stages; also the names of the services that run them."""

    OPENPOSE = "openpose"
    PARSE = "parse"
    DENSEPOSE = "densepose"
    CLOTHMASK = "clothmask"
    AGNOSTIC = "agnostic"
    HRVITON = "hrviton"


class Artifact(StrEnum):
    """File names of everything a fitting leaves behind."""

    PERSON = "person.png"
    GARMENT_PHOTO = "garment_photo.png"
    POSE_JSON = "pose.json"
    POSE = "pose.png"
    PARSE = "parse.png"
    PARSE_EDGE = "parse_edge.png"
    HELD = "held.png"
    DENSEPOSE = "densepose.png"
    IUV = "iuv.png"
    GARMENT_JSON = "garment.json"
    GARMENT_PARTS = "garment_parts.png"
    CLOTH = "cloth.png"
    CLOTH_MASK = "cloth_mask.png"
    PARSE_AGNOSTIC = "parse_agnostic.png"
    AGNOSTIC = "agnostic.png"
    WARPED_CLOTH = "warped_cloth.png"
    WARPED_MASK = "warped_mask.png"
    SEGMENTATION = "segmentation.npz"
    FLOW = "flow.npz"
    BODY = "body.npz"
    RESULT = "result.png"
    RESULT_FULL = "result_full.png"
    GRID = "grid.png"


TIMEOUT_HEADER = "VF-Timeout"
"""Of a call: seconds that the caller still waits."""

WARNINGS_HEADER = "VF-Warnings"
"""Of an answer: its warnings, a JSON list of objects with ``code`` and ``detail``."""


@dataclass(frozen=True)
class StageContract:
    """How a stage's service is called: ``POST`` a form to a path; the answer is one file, or a ZIP of several.

    Attributes:
        path: of the call.
        fields: form fields, and the file that each takes.
        returns: files of every answer.
        on_request: files that ``?include=`` adds to the answer, by the name that it takes. A fitting asks for none.
        words: form fields that take a word instead of a file; each may be left out.
        precomputation: a call that computes once what this call would compute anew for every garment of a person. It
            gives one file. `vfkit.engines.EngineInfo.precomputes` says whether an engine has it; others answer 404.
        precomputed: the form field that takes that file. It may be left out, and changes no answer.
    """

    path: str
    fields: Mapping[str, Artifact]
    returns: tuple[Artifact, ...]
    on_request: Mapping[str, Artifact] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    precomputation: StageContract | None = None
    precomputed: str = ""

    def in_order(self, artifacts: Mapping[Artifact, bytes]) -> dict[Artifact, bytes]:
        """An answer's files in the contract's order.

        Raises:
            ValueError: one is missing, or is none of this stage's.
        """
        known = (*self.returns, *self.on_request.values())
        if not set(self.returns) <= artifacts.keys() <= set(known):
            raise ValueError(f"{self.path} answers {', '.join(known)}, not {', '.join(artifacts) or 'nothing'}")
        return {artifact: artifacts[artifact] for artifact in known if artifact in artifacts}


CONTRACTS: Mapping[Stage, StageContract] = {
    Stage.OPENPOSE: StageContract("/v1/pose", {"image": Artifact.PERSON}, (Artifact.POSE_JSON, Artifact.POSE)),
    Stage.PARSE: StageContract(
        "/v1/parse",
        {"image": Artifact.PERSON},
        (Artifact.PARSE,),
        {"edge": Artifact.PARSE_EDGE, "held": Artifact.HELD},
    ),
    Stage.DENSEPOSE: StageContract(
        "/v1/densepose", {"image": Artifact.PERSON}, (Artifact.DENSEPOSE,), {"iuv": Artifact.IUV}
    ),
    Stage.CLOTHMASK: StageContract(
        "/v1/cloth-mask",
        {"image": Artifact.GARMENT_PHOTO},
        (Artifact.GARMENT_JSON, Artifact.CLOTH, Artifact.CLOTH_MASK, Artifact.GARMENT_PARTS),
        words=("category",),
    ),
    Stage.AGNOSTIC: StageContract(
        "/v1/agnostic",
        {"image": Artifact.PERSON, "parse": Artifact.PARSE, "pose": Artifact.POSE_JSON},
        (Artifact.PARSE_AGNOSTIC, Artifact.AGNOSTIC),
    ),
    Stage.HRVITON: StageContract(
        "/v1/try-on",
        {
            "image": Artifact.PERSON,
            "cloth": Artifact.CLOTH,
            "cloth_mask": Artifact.CLOTH_MASK,
            "parse_agnostic": Artifact.PARSE_AGNOSTIC,
            "agnostic": Artifact.AGNOSTIC,
            "densepose": Artifact.DENSEPOSE,
            "parse": Artifact.PARSE,
            "pose": Artifact.POSE_JSON,
            "garment": Artifact.GARMENT_JSON,
            "garment_parts": Artifact.GARMENT_PARTS,
        },
        (Artifact.RESULT, Artifact.WARPED_CLOTH, Artifact.WARPED_MASK),
        {"segmentation": Artifact.SEGMENTATION, "flow": Artifact.FLOW},
        precomputation=StageContract(
            "/v1/body",
            {"image": Artifact.PERSON, "parse": Artifact.PARSE, "pose": Artifact.POSE_JSON},
            (Artifact.BODY,),
            words=("clothes",),
        ),
        precomputed="body",
    ),
}
"""The wire contract: the gateway calls by it, the services answer by it."""

ON_REQUEST = frozenset(artifact for contract in CONTRACTS.values() for artifact in contract.on_request.values())
"""Artifacts that a fitting does not have."""
