"""The words of the system: artifacts and stages, labels and colours, poses, garments."""

from vfkit.contracts.garment import (
    CATEGORIES,
    GARMENT_PALETTE,
    Category,
    GarmentDocument,
    GarmentKind,
    GarmentLandmark,
    GarmentPart,
    GarmentView,
    KindReading,
    LandmarkReading,
    PhotoKind,
    PhotoReading,
    Side,
    Straightening,
    ViewReading,
    Visibility,
)
from vfkit.contracts.labels import CIHP_PALETTE, Label
from vfkit.contracts.pose import Joint, PoseDocument, PosePerson
from vfkit.contracts.stages import HEIGHT, ON_REQUEST, WIDTH, Artifact, Image, Stage

__all__ = [
    "CATEGORIES",
    "CIHP_PALETTE",
    "GARMENT_PALETTE",
    "HEIGHT",
    "ON_REQUEST",
    "WIDTH",
    "Artifact",
    "Category",
    "GarmentDocument",
    "GarmentKind",
    "GarmentLandmark",
    "GarmentPart",
    "GarmentView",
    "Image",
    "Joint",
    "KindReading",
    "Label",
    "LandmarkReading",
    "PhotoKind",
    "PhotoReading",
    "PoseDocument",
    "PosePerson",
    "Side",
    "Stage",
    "Straightening",
    "ViewReading",
    "Visibility",
]
