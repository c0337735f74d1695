"""The annotated street photos: their tags as regions, bare skin told apart by the joints of the person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from vf_training.augmentation import IGNORE, Image
from vf_training.parser.joints import SKIN, Joints, split_skin
from vf_training.pictures import DataError, load, photos
from vfkit.contracts.people import PersonRegion

HELD_OUT_STEP = 9
"""Every ninth photo is for judging."""
Split = Literal["train", "held_out"]

TAGS = (
    "null", "accessories", "bag", "belt", "blazer", "blouse", "bodysuit", "boots", "bra", "bracelet", "cape",
    "cardigan", "clogs", "coat", "dress", "earrings", "flats", "glasses", "gloves", "hair", "hat", "heels",
    "hoodie", "intimate", "jacket", "jeans", "jumper", "leggings", "loafers", "necklace", "panties", "pants",
    "pumps", "purse", "ring", "romper", "sandals", "scarf", "shirt", "shoes", "shorts", "skin", "skirt",
    "sneakers", "socks", "stockings", "suit", "sunglasses", "sweater", "sweatshirt", "swimwear", "t-shirt", "tie",
    "tights", "top", "vest", "wallet", "watch", "wedges",
)  # fmt: skip
"""What the labels' numbers stand for (Yang, Luo and Lin, Clothing Co-Parsing, CVPR 2014)."""
REGION_TAGS = {
    PersonRegion.BACKGROUND: "null",
    PersonRegion.HAT: "hat",
    PersonRegion.HAIR: "hair",
    PersonRegion.GLOVE: "gloves",
    PersonRegion.EYEWEAR: "glasses sunglasses",
    PersonRegion.UPPER: (
        "blouse bodysuit bra cardigan hoodie intimate jumper shirt sweater sweatshirt swimwear t-shirt tie top vest"
    ),
    PersonRegion.DRESS: "dress romper",
    PersonRegion.COAT: "blazer cape coat jacket suit",
    PersonRegion.SOCKS: "socks stockings tights",
    PersonRegion.TROUSERS: "jeans leggings panties pants shorts",
    PersonRegion.SCARF: "scarf",
    PersonRegion.SKIRT: "skirt",
    PersonRegion.SHOE: "boots clogs flats heels loafers pumps sandals shoes sneakers wedges",
    PersonRegion.HELD: "bag purse wallet",
}
"""Tags of every region. Belts and jewellery, which cover what is under them, have none: they teach nothing."""
REGIONS = np.full(256, IGNORE, np.uint8)
"""Region, SKIN or IGNORE of every tag's number."""
for _region, _tags in REGION_TAGS.items():
    REGIONS[[TAGS.index(tag) for tag in _tags.split()]] = _region
REGIONS[TAGS.index("skin")] = SKIN


@dataclass(frozen=True, eq=False)
class StreetPhoto:
    """Somebody in a street; two of them are equal only if they are one object.

    Attributes:
        path: of the photo; its labels lie in the folder beside.
        joints: of the person, or None where they were not found.
    """

    path: Path
    joints: Joints | None

    @property
    def picture(self) -> Image:
        """(H, W, 3) uint8 RGB."""
        return load(self.path)

    @property
    def regions(self) -> Image:
        """(H, W) uint8, `PersonRegion`, SKIN or IGNORE."""
        return _regions(self)


@lru_cache(maxsize=1024)
def _regions(photo: StreetPhoto) -> Image:
    path = photo.path.parent.parent / "labels" / f"{photo.path.stem}.png"
    tags = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if tags is None or tags.shape != photo.picture.shape[:2]:
        raise DataError(f"{path} is missing, or has another size than its photo")
    return split_skin(REGIONS[tags], photo.joints)


def street_photos(folder: Path, split: Split) -> list[StreetPhoto]:
    """The photos to learn from, or those to judge by.

    Args:
        folder: with `photos` and `labels`.
        split: which.

    Raises:
        DataError: a folder is missing or empty.
    """
    known = json.loads((files("vf_training.parser") / "street_joints.json").read_text())
    found = []
    for i, path in enumerate(photos(folder / "photos")):
        if (i % HELD_OUT_STEP == 0) == (split == "held_out"):
            joints = known.get(path.stem)
            scaled = None if joints is None else np.array(joints, np.float32).reshape(-1, 3) / (1, 1, 100)
            found.append(StreetPhoto(path, None if scaled is None else scaled.astype(np.float32)))
    return found
