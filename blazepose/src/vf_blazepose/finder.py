"""From a picture to its people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from vf_anatomy import Floats
from vf_blazepose.detector import Detection, Detector, overlap
from vf_blazepose.geometry import Region, whole
from vf_blazepose.landmarks import LandmarkNetwork, Reading
from vf_blazepose.person import Mark, Person
from vfkit.contracts import Image

Model = Literal["full", "heavy"]

FOLDER = "blazepose"

_SURE = 0.5
"""A detector score that needs no second try, and the least for a person in the whole picture."""
_PRESENT = 0.5
"""Least presence of a reading that counts."""
_MOST = 4
"""Candidates looked at closely; the landmark network is the costly step."""
_CLEARLY_SEEN = 0.6
"""A detector score from which somebody is there, even if no body is read."""
_COARSE, _PERHAPS = 8, 0.1
"""Somebody is painted over at an eighth of the picture's size, where the mask's probability is higher than this."""
_SAME_BOX, _SAME_POSE = 0.6, 0.5
"""Readings whose boxes overlap more are one person, and those whose landmarks agree more."""
_VISIBLE = 0.5
_CONTRADICTION = 0.25
"""Share of the torso's length: two readings further apart on any joint contradict each other."""
_CLEAR = 0.8
"""A detector score above which contradicting readings are still a person."""
_OTHER_SIZES = (1.12, 0.92)
"""Sizes of the region for further readings, over its own."""
_WIDER = 1.6
"""A body cut by the frame is easier to see with room around it."""
_CLOSER = 0.55
"""Side of the closer views, in the whole picture's; a person of a third of the height fills them."""

_STEADY = [*range(Mark.L_SHOULDER, Mark.R_WRIST + 1), Mark.L_HIP, Mark.R_HIP]


class PersonFinder:
    """Finds the people in a picture with BlazePose.

    Args:
        weights: the weights folder, which holds ``blazepose/*.tflite``.
        model: landmark network, ``full`` or the slower and slightly surer ``heavy``.
        threads: of the interpreters.

    Raises:
        Problem: ``weights_missing``.
    """

    def __init__(self, weights: Path, model: Model = "full", threads: int = 1) -> None:
        self._detector = Detector(weights / FOLDER, threads)
        self._landmarks = LandmarkNetwork(weights / FOLDER, model, threads)

    def find(self, image: Image, *, closer: bool = True) -> list[Person]:
        """Everybody in a picture.

        Args:
            image: (H, W, 3) uint8 RGB.
            closer: look closer where nobody is seen at once; without, only who takes a good part of the picture is
                found, and that there is nobody is known in a tenth of the time.

        Returns:
            The people, the most prominent first; empty when there is nobody.
        """
        readings: list[Reading] = []
        for view, least in islice(views(image.shape), None if closer else 1):
            for detection in self._detector.detect(image, view, least)[:_MOST]:
                reading = self._look(image, detection)
                if reading is not None:
                    readings.append(reading)
            if readings:
                break
        people = [to_person(reading, image.shape) for reading in distinct(readings)]
        return sorted(people, key=lambda person: -person.prominence)

    def beside(self, image: Image, people: list[Person]) -> list[Person]:
        """Who else is in the picture: found once those who were found are painted over.

        A detector that sees somebody large often passes over others.

        Args:
            image: (H, W, 3) uint8 RGB.
            people: whom `find` found.

        Returns:
            Further people, the most prominent first.
        """
        rest = image
        for person in people:
            rest = painted_over(rest, person.mask)
        readings = [
            reading
            for detection in self._detector.detect(rest, whole(image.shape), _SURE)[:_MOST]
            if (reading := self._look(rest, detection)) is not None
        ]
        known = [person.landmarks for person in people]
        others = [
            to_person(reading, image.shape)
            for reading in distinct(readings)
            if not any(_same(reading.landmarks, landmarks) for landmarks in known)
        ]
        return sorted(others, key=lambda person: -person.prominence)

    def sightings(self, image: Image) -> int:
        """How many people the detector tells of clearly in the whole of a picture of (H, W, 3) uint8 RGB.

        More than `find` returns: two were read as one body, as when one stands before the other.
        """
        return len(self._detector.detect(image, whole(image.shape), _CLEARLY_SEEN))

    def warm_up(self) -> None:
        """Run both networks once, so that the first picture is as fast as the others."""
        blank = np.zeros((256, 256, 3), np.uint8)
        self._detector.detect(blank, whole(blank.shape), _SURE)
        self._landmarks.read(blank, whole(blank.shape))

    def _look(self, image: Image, detection: Detection) -> Reading | None:
        """What is there, None when it is nobody.

        The first look says where to look properly. The second is at the region and at its mirror image: prints and
        patterns that resemble people make the network contradict itself, and so, rarely, does a person cut by the
        frame, for whom the majority of five readings is right.
        """
        first = self._landmarks.read(image, detection.region())
        if first.presence < _PRESENT:
            return None
        plain = self._landmarks.read(image, first.next)
        mirrored = self._landmarks.read(image, first.next, mirrored=True)
        readings = [plain, mirrored]
        if disagreement(plain.landmarks, mirrored.landmarks) > _CONTRADICTION:
            if detection.score < _CLEAR:
                return None
            readings += self._majority(image, first.next)
        second = combine(readings)
        return second if second.presence >= _PRESENT else None

    def _majority(self, image: Image, region: Region) -> list[Reading]:
        """Three more readings where two contradict each other, of slightly other regions."""
        wider, tighter = (replace(region, size=region.size * factor) for factor in _OTHER_SIZES)
        return [
            self._landmarks.read(image, wider),
            self._landmarks.read(image, wider, mirrored=True),
            self._landmarks.read(image, tighter),
        ]


def combine(readings: list[Reading]) -> Reading:
    """Landmark by landmark the median of several readings; the mask is the mean of the first two, of one region."""
    first, second = readings[:2]
    return replace(
        first,
        landmarks=np.median([reading.landmarks for reading in readings], axis=0).astype(np.float32),
        presence=float(np.median([reading.presence for reading in readings])),
        mask=(first.mask + second.mask) * np.float32(0.5),
        agreement=mask_overlap(first.mask, second.mask),
    )


def mask_overlap(one: Floats, other: Floats) -> float:
    """Intersection over union of two masks of probabilities; 1 when both are empty."""
    both, either = (one > 0.5) & (other > 0.5), (one > 0.5) | (other > 0.5)
    return float(both.sum() / either.sum()) if either.any() else 1.0


def views(shape: tuple[int, ...]) -> Iterator[tuple[Region, float]]:
    """Where the detector looks in turn, until somebody is found, with the least score: whole, wider, closer."""
    everything = whole(shape)
    yield everything, _SURE
    yield Region(everything.x, everything.y, everything.size * _WIDER), _SURE
    height, width = shape[:2]
    size = everything.size * _CLOSER
    for y in _centres(height, size):
        for x in _centres(width, size):
            yield Region(x, y, size), _SURE


def _centres(length: int, size: float) -> Floats:
    """Centres along one side so that views of ``size`` overlap by about half."""
    if length <= size:
        return np.array([length / 2], np.float32)
    count = int(np.ceil((length - size) / (size / 2))) + 1
    return np.linspace(size / 2, length - size / 2, count).astype(np.float32)


def distinct(readings: list[Reading]) -> list[Reading]:
    """The readings without those of a person already read; the surer one of each stays."""
    kept: list[Reading] = []
    for reading in sorted(readings, key=lambda r: -r.presence):
        if not any(_same(reading.landmarks, other.landmarks) for other in kept):
            kept.append(reading)
    return kept


def _same(one: Floats, other: Floats) -> bool:
    boxes = float(overlap(_corners(one), _corners(other)[None])[0])
    return boxes > _SAME_BOX or similarity(one, other) > _SAME_POSE


def _corners(points: Floats) -> Floats:
    return np.stack([points[:, :2].min(0), points[:, :2].max(0)])


def similarity(one: Floats, other: Floats) -> float:
    """Agreement of two (33, 4) landmark sets in [0, 1], after COCO's object keypoint similarity.

    One falloff for all landmarks: a tenth of the larger body's extent.
    """
    extent = max(float(np.ptp(points[:, :2], axis=0).max()) for points in (one, other))
    distances = np.linalg.norm(one[:, :2] - other[:, :2], axis=1)
    return float(np.exp(-((distances / max(1.0, 0.1 * extent)) ** 2) / 2).mean())


def disagreement(one: Floats, other: Floats) -> float:
    """Largest distance of two (33, 4) readings' torso and arm joints, in torso lengths."""
    shoulders, hips = (one[[left, left + 1], :2].mean(0) for left in (Mark.L_SHOULDER, Mark.L_HIP))
    distances = np.linalg.norm(one[_STEADY, :2] - other[_STEADY, :2], axis=1)
    return float(distances.max() / max(1.0, float(np.linalg.norm(shoulders - hips))))


def painted_over(image: Image, mask: Floats) -> Image:
    """A picture whose surroundings go on where somebody was.

    Args:
        image: (H, W, 3) uint8 RGB.
        mask: (H, W) in [0, 1], the person.
    """
    height, width = image.shape[:2]
    size = (max(1, width // _COARSE), max(1, height // _COARSE))
    body = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > _PERHAPS, np.uint8)
    hole = cv2.dilate(body, np.ones((3, 3), np.uint8))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    filled = cv2.resize(cv2.inpaint(small, hole, 3, cv2.INPAINT_TELEA), (width, height))
    share = np.asarray(cv2.resize(hole.astype(np.float32), (width, height)))[..., None]
    return np.asarray(image * (1 - share) + filled * share, np.uint8)


def to_person(reading: Reading, shape: tuple[int, ...]) -> Person:
    """A reading laid on its picture of (H, W, ...) shape."""
    mask = reading.region.paste(reading.mask, (shape[0], shape[1]))
    box = visible_box(reading.landmarks, mask)
    return Person(reading.landmarks, mask, reading.presence, box, prominence(box, shape), reading.agreement)


def visible_box(landmarks: Floats, mask: Floats) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what is seen: the mask, or the visible landmarks when it is empty."""
    rows, columns = np.flatnonzero((mask > 0.5).any(1)), np.flatnonzero((mask > 0.5).any(0))
    if len(rows):
        return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
    visible = landmarks[landmarks[:, 3] > _VISIBLE]
    points = np.clip((visible if len(visible) else landmarks)[:, :2], 0, (mask.shape[1], mask.shape[0]))
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return float(left), float(top), float(right), float(bottom)


def prominence(box: tuple[float, float, float, float], shape: tuple[int, ...]) -> float:
    """Share of the picture that the box takes, halved when its middle is at the picture's side."""
    height, width = shape[:2]
    left, top, right, bottom = box
    share = max(0.0, right - left) * max(0.0, bottom - top) / (width * height)
    aside = min(1.0, abs((left + right) / width - 1))
    return share * (1 - 0.5 * aside)
