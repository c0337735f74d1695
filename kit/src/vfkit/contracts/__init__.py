"""The words of the system: artifacts and stages, labels and colours, poses, garments."""

from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentPart, GarmentView, PhotoKind
from vfkit.contracts.labels import CIHP_PALETTE, Label
from vfkit.contracts.pose import Joint, PoseDocument, PosePerson
from vfkit.contracts.stages import HEIGHT, ON_REQUEST, WIDTH, Artifact, Image, Stage

__all__ = [
    "CIHP_PALETTE",
    "HEIGHT",
    "ON_REQUEST",
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
]
