"""The open engine: plain-backdrop mask where it is beyond doubt, U-2-Net where it is not, both where they agree.

1. A photo of somebody who wears the garment is refused: BlazePose finds a person (20 ms where there is none).
2. A garment that was cut out (`cutout_mask`): its transparency is the mask.
3. `find_on_backdrop` (a tenth of a second). If the whole contour stands out strongly from the backdrop and nothing
   inside could be either a hole or a print, that is the answer.
4. Otherwise U-2-Net (2.5 CPU-seconds). Where the backdrop is plain and both agree, the contour is the backdrop's
   (sharp) and U-2-Net decides what is a hole; else U-2-Net's own mask, its edge drawn to the picture's edges.
5. `judge` refuses masks that cannot be a garment and warns of doubtful ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_blazepose import PersonFinder, weights_info
from vf_clothmask.cutout import cutout_mask
from vf_clothmask.open.backdrop import HOLE_SHARE, BackdropMask, find_on_backdrop
from vf_clothmask.open.judge import Evidence, judge
from vf_clothmask.open.regions import fill_small_holes, largest
from vf_clothmask.open.u2net import SIZE, U2Net
from vf_clothmask.types import MaskAnswer, MaskRequest
from vfkit.contracts import Image
from vfkit.engines import EngineInfo, WeightsInfo
from vfkit.problems import Code, Problem

WEIGHTS_FILE = "clothmask/u2net.onnx"
WEIGHTS_SHA256 = "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491"
VERSION = "3"

WORN = "The photo shows somebody. Photograph the garment alone, laid flat or on a hanger."

BEYOND_DOUBT = 0.95  # least share of strong contour for a backdrop mask to stand alone
AGREEMENT = 0.85  # intersection over union above which backdrop mask and U-2-Net are of one mind
WHOLE_CONTOUR = 0.86  # share on visible edges from which the backdrop mask's contour is trusted all around
ROUNDING, FAINT_ROUNDING = 1.5, 3.0  # pixels; faint contours are ragged with JPEG noise
BITES = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15))  # the bites that noise takes out of a faint contour
WITHIN = 0.85  # of what U-2-Net sees must lie inside such a mask: it may have seen the print only
SHED = 0.12  # a mask that lacks more than this of a more sensitive one may have lost pale cloth
PRINT_SHARE = 0.003  # of the picture: larger enclosed backdrop-like regions need U-2-Net to tell hole from print
HOLE_PROBABILITY = 0.5  # U-2-Net below this inside an enclosed region: a hole
SMALL_HOLE_SHARE = 0.002  # of the picture: U-2-Net's holes below this are its mistakes


class OpenEngine:
    """Garment masks from backdrop colour and U-2-Net.

    Args:
        weights: the folder that holds ``clothmask/u2net.onnx`` and ``blazepose/*.tflite``.
        threads: of onnxruntime.
    """

    def __init__(self, weights: Path, threads: int = 2) -> None:
        self._weights = weights
        self._path = weights / WEIGHTS_FILE
        self._threads = threads
        self._net: U2Net | None = None
        self._finder: PersonFinder | None = None
        self._used: list[WeightsInfo] = []

    def load(self) -> None:
        """Read the networks and run them once; ``weights_missing`` when a file is absent or unreadable."""
        if not self._path.is_file():
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {WEIGHTS_FILE} is missing.")
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            self._net = U2Net(self._path, self._threads)
            self._net.probability(np.zeros((SIZE, SIZE, 3), np.uint8))
        except Exception as error:
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {WEIGHTS_FILE} cannot be read.") from error
        self._finder = PersonFinder(self._weights)
        self._finder.warm_up()
        u2net = WeightsInfo(file=WEIGHTS_FILE, sha256=digest, licence="Apache-2.0", known=digest == WEIGHTS_SHA256)
        self._used = [u2net, *weights_info(self._weights)]

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(
            name="open",
            description=(
                "Difference from a plain backdrop where that is beyond doubt, else joined with the salient object"
                " that U-2-Net finds; it does not know what a garment is, but refuses photos of people (BlazePose)."
            ),
            version=VERSION,
            licence="Apache-2.0",
            weights=self._used,
        )

    def predict(self, batch: Sequence[MaskRequest]) -> list[MaskAnswer | Problem]:
        """The mask of each photo, or its `Problem` (``no_garment_found``, ``unsupported_garment``)."""
        return [self._answer(request.image, cutout_mask(request.alpha)) for request in batch]

    def _answer(self, image: Image, cutout: NDArray[np.bool_] | None) -> MaskAnswer | Problem:
        if self._net is None or self._finder is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        if self._finder.find(image, closer=False):
            return Problem(Code.UNSUPPORTED_GARMENT, WORN)
        backdrop = find_on_backdrop(image) if cutout is None else None
        if cutout is not None:
            evidence = Evidence(mask=cutout, contrast=1.0)
        elif backdrop is not None and is_beyond_doubt(backdrop):
            evidence = Evidence(mask=backdrop.foreground, contrast=backdrop.contrast)
        else:
            probability = self._net.probability(image)
            evidence = combine(image, backdrop, probability)
        verdict = judge(evidence)
        if isinstance(verdict, Problem):
            return verdict
        mask = np.where(evidence.mask, np.uint8(255), np.uint8(0))
        return MaskAnswer(mask=mask, warnings=verdict)


def is_beyond_doubt(found: BackdropMask) -> bool:
    """Whether the backdrop mask needs no second opinion."""
    share = found.foreground.mean()
    if found.contrast < BEYOND_DOUBT or found.shed > SHED or not 0.02 < share < 0.85:
        return False
    return all(region.mean() < PRINT_SHARE for region in found.enclosed)


def combine(image: Image, backdrop: BackdropMask | None, probability: NDArray[np.float32]) -> Evidence:
    """Backdrop mask and U-2-Net made one.

    Args:
        image: (H, W, 3) uint8 RGB.
        backdrop: what stands out from the backdrop, None when that is not plain.
        probability: (H, W) float32 of U-2-Net.
    """
    salient = largest(probability > 0.5)
    if backdrop is not None:
        foreground = backdrop.foreground
        common = float((foreground & salient).sum())
        agreement = common / max(1.0, float((foreground | salient).sum()))
        within = common / max(1.0, float(salient.sum()))
        whole = backdrop.on_edges > WHOLE_CONTOUR and within > WITHIN
        if agreement > AGREEMENT or whole:
            mask = _merge(backdrop, probability)
            return Evidence(mask, backdrop.contrast, probability, agreement, backed=agreement > AGREEMENT)
    refined = _to_edges(image, probability) > 0.5
    mask = fill_small_holes(largest(_rounded(refined, ROUNDING)), SMALL_HOLE_SHARE)
    return Evidence(mask=mask, contrast=0.0, probability=probability)


def _merge(backdrop: BackdropMask, probability: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The backdrop's contour, with U-2-Net's word on holes, leaks and, where the contour misses edges, shadows."""
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))  # ten of U-2-Net's pixels at 768 x 1024
    certain = cv2.erode((probability > 0.8).astype(np.uint8), reach, borderValue=1) > 0
    faint = backdrop.contrast < BEYOND_DOUBT
    mask = backdrop.foreground | certain if faint else backdrop.foreground
    if backdrop.on_edges < WHOLE_CONTOUR:
        mask &= cv2.dilate((probability > 0.15).astype(np.uint8), reach) > 0
    for region in backdrop.enclosed:
        if probability[region].mean() < HOLE_PROBABILITY and not _surrounded(region, mask, probability):
            mask = mask & ~region
    if faint:
        mask = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, BITES) > 0
    return fill_small_holes(largest(_rounded(mask, FAINT_ROUNDING if faint else ROUNDING)), HOLE_SHARE)


def _surrounded(region: NDArray[np.bool_], mask: NDArray[np.bool_], probability: NDArray[np.float32]) -> bool:
    """Whether U-2-Net overlooks not just the region but the cloth around it: then its word on the region is void."""
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (41, 41))
    around = (cv2.dilate(region.astype(np.uint8), reach) > 0) & mask & ~region
    return bool(probability[around].mean() < HOLE_PROBABILITY)


def _rounded(mask: NDArray[np.bool_], sigma: float) -> NDArray[np.bool_]:
    """With an edge smoothed at the scale of ``sigma`` pixels."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma) > 0.5)


def _to_edges(image: Image, probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability (H, W) pulled to the picture's edges: guided filter (He, Sun, Tang, 2013) on lightness."""
    guide = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    radius = max(4, round(0.012 * image.shape[1]))

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values, (2 * radius + 1, 2 * radius + 1)))

    mean_guide, mean_value = mean(guide), mean(probability)
    variance = mean(guide * guide) - mean_guide**2
    slope = (mean(guide * probability) - mean_guide * mean_value) / (variance + 4e-4)
    return np.asarray(mean(slope) * guide + mean(mean_value - slope * mean_guide), np.float32)
