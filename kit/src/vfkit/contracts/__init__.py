"""The words of the system: stages with their wire contract, artifacts, labels and colours, poses, garments."""

from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentPart, GarmentView, PhotoKind
from vfkit.contracts.labels import CIHP_PALETTE, Label
from vfkit.contracts.pose import Joint, PoseDocument, PosePerson
from vfkit.contracts.stages import (
    CONTRACTS,
    HEIGHT,
    ON_REQUEST,
    TIMEOUT_HEADER,
    WARNINGS_HEADER,
    WIDTH,
    Artifact,
    Image,
    Stage,
    StageContract,
)

__all__ = [
    "CIHP_PALETTE",
    "CONTRACTS",
    "HEIGHT",
    "ON_REQUEST",
    "TIMEOUT_HEADER",
    "WARNINGS_HEADER",
    "WIDTH",
    "Artifact",
    "GarmentKind",
    "GarmentLandmark",
    "GarmentPart",
    "GarmentView",
    "Image",
    "Joint",
    "Label",
    "PhotoKind",
    "PoseDocument",
    "PosePerson",
    "Stage",
    "StageContract",
]
