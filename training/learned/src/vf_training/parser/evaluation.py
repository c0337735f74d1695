"""How well the person parser reads street photos that it has not learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_training.augmentation import IGNORE, Image
from vf_training.parser import drawing
from vf_training.parser.joints import SKIN, SKIN_REGIONS, outlined, person_box
from vf_training.parser.reading import onnx_network, read
from vf_training.parser.street import StreetPhoto, street_photos
from vfkit.contracts.people import PersonRegion

GROUPS = {
    "background": (PersonRegion.BACKGROUND,),
    "hair": (PersonRegion.HAIR, PersonRegion.HAT),
    "skin": (PersonRegion.FACE, PersonRegion.TORSO_SKIN, PersonRegion.ARM, PersonRegion.LEG),
    "upper": (PersonRegion.UPPER, PersonRegion.COAT, PersonRegion.SCARF),
    "trousers": (PersonRegion.TROUSERS,),
    "skirt": (PersonRegion.SKIRT,),
    "dress": (PersonRegion.DRESS,),
    "shoes": (PersonRegion.SHOE,),
}
"""The regions of the eight classes that parsers of street photos are compared by; the other regions are left out."""
OUT = len(GROUPS)
GROUP_OF = np.full(256, OUT, np.uint8)
for _group, _regions in enumerate(GROUPS.values()):
    GROUP_OF[list(_regions)] = _group
GROUP_OF[SKIN] = list(GROUPS).index("skin")
SHEET_COLUMNS = 8
SHEET_PHOTOS = 40


def box_of(photo: StreetPhoto) -> tuple[float, float, float, float]:
    """The part of a photo that shows the person: by the joints, as in the service, or else by the labels."""
    height, width = photo.regions.shape
    if photo.joints is not None:
        return person_box(photo.joints, (width, height))
    ys, xs = np.nonzero(outlined(photo.regions))
    return float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)


def confusion(truth: Image, found: Image, count: int) -> NDArray[np.int64]:
    """(count, count) pixels: rows are the truth; labels of ``count`` and above are left out."""
    known = (truth < count) & (found < count)
    pairs = truth[known].astype(np.int64) * count + found[known]
    return np.bincount(pairs, minlength=count * count).reshape(count, count)


def overlaps(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Intersection over union of each label; not a number where neither shows it."""
    both = np.diag(counts)
    every = counts.sum(0) + counts.sum(1) - both
    return np.asarray(np.where(every > 0, both / np.maximum(every, 1), np.nan))


def measure(photos: Sequence[StreetPhoto], parse: Callable[[StreetPhoto], Image]) -> Mapping[str, float]:
    """Overlap (IoU) of the eight classes and of every region, over all photos together; without those never seen.

    Args:
        photos: with labels.
        parse: (H, W) uint8 `PersonRegion` of a photo.
    """
    eight = np.zeros((OUT, OUT), np.int64)
    each = np.zeros((len(PersonRegion), len(PersonRegion)), np.int64)
    for photo in photos:
        found, truth = parse(photo), photo.regions
        eight += confusion(GROUP_OF[truth], GROUP_OF[found], OUT)
        each += confusion(truth, np.where(truth == IGNORE, IGNORE, found), len(PersonRegion))
    by_class, by_region = overlaps(eight), overlaps(each)
    return {
        "mean of eight": float(np.nanmean(by_class)),
        **{f"class {name}": float(value) for name, value in zip(GROUPS, by_class, strict=True) if not np.isnan(value)},
        **{
            f"region {region.name.lower()}": float(value)
            for region, value in zip(PersonRegion, by_region, strict=True)
            if not np.isnan(value)
        },
        "limbs told apart": _told_apart(each),
    }


def _told_apart(each: NDArray[np.int64]) -> float:
    """Of the pixels that truth and answer call skin, the share with the same part of the body."""
    skin = each[SKIN_REGIONS, SKIN_REGIONS]
    return float(np.trace(skin) / max(skin.sum(), 1))


def report(folder: Path, weights: Path, threads: int, sheet: Path | None = None) -> Mapping[str, float]:
    """Everything that is measured of an ONNX file.

    Args:
        folder: `street_people`, with `photos` and `labels`.
        weights: the ONNX file.
        threads: of ONNX Runtime.
        sheet: PNG file for some of the photos with what the network reads.

    Raises:
        DataError: photos or weights are missing.
    """
    network = onnx_network(weights, threads)
    photos = street_photos(folder, "held_out")
    if sheet:
        shown = photos[:SHEET_PHOTOS]
        tiles = [(photo.picture, read(network, photo.picture, box_of(photo)), photo.regions) for photo in shown]
        cv2.imwrite(str(sheet), drawing.sheet(tiles, SHEET_COLUMNS)[..., ::-1])
    numbers = measure(photos, lambda photo: read(network, photo.picture, box_of(photo)))
    return {name: round(value, 4) for name, value in numbers.items()}
