"""garment.json from a reading."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vf_clothmask.garment.geometry import Floats, Matrix, transform
from vf_clothmask.garment.reading import Reading
from vfkit.contracts import (
    CATEGORIES,
    Category,
    GarmentDocument,
    GarmentKind,
    GarmentLandmark,
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
from vfkit.engines import AnswerWarning

KINDS = tuple(GarmentKind)
VISIBILITIES = tuple(Visibility)
CONTACT = 0.04
"""Of a side of the photo that a garment covers at least where it is cut."""

SURELY_A_DRESS = 0.8
"""Probability from which a dress is one, however short."""
LENGTH_OF_A_TOP = 2.2
"""In chest widths, from the shoulders to the hem. Tops of the training photos have a median of 1.3, dresses of 2.1."""

Name = TypeVar("Name")


def document(
    reading: Reading, category: Category, mask: NDArray[np.bool_], degrees: float, matrix: Matrix, from_picture: Matrix
) -> GarmentDocument:
    """Write down what was read and done.

    Args:
        reading: of the photo.
        category: what the market said.
        mask: (H, W) bool, the garment in the photo.
        degrees: by which the photo was turned.
        matrix: from the photo to cloth.png.
        from_picture: from garment_photo.png, of which the photo may be a part, to cloth.png.
    """
    kind, kind_odds = _likeliest(reading.kind, KINDS)
    photo, photo_odds = _likeliest(reading.photo, tuple(PhotoKind))
    view, view_odds = _likeliest(reading.view, tuple(GarmentView))
    (a, b, c), (d, e, f) = from_picture.tolist()
    return GarmentDocument(
        kind=KindReading(value=kind, confidence=kind_odds),
        photo=PhotoReading(value=photo, confidence=photo_odds),
        view=ViewReading(value=view, confidence=view_odds),
        category=category,
        fitted_as=fitted_as(reading, category),
        landmarks=_landmarks(reading, matrix),
        straightened=Straightening(
            rotation=round(degrees, 2),
            scale=float(np.hypot(*matrix[:, 0])),
            matrix=((a, b, c), (d, e, f)),
        ),
        cut=_cut(mask, degrees),
    )


def fitted_as(reading: Reading, category: Category) -> GarmentKind:
    """The likeliest kind that can be fitted, of the category that the market states.

    What may be a dress but has the length of a top is fitted as one.

    Args:
        reading: of the photo.
        category: what the market said.
    """
    fitting = [kind for kind, its in CATEGORIES.items() if category in {Category.AUTO, its}]
    likeliest = max(fitting, key=lambda kind: reading.kind[KINDS.index(kind)])
    if likeliest is GarmentKind.DRESS and GarmentKind.TOP in fitting and _may_be_a_top(reading):
        return GarmentKind.TOP
    return likeliest


def kind_warning(reading: Reading, category: Category) -> tuple[AnswerWarning, ...]:
    """``kind_doubtful`` when it is fitted as a top and may be a dress.

    Args:
        reading: of the photo.
        category: what the market said.
    """
    if category is not Category.AUTO or _likeliest(reading.kind, KINDS)[0] is not GarmentKind.DRESS:
        return ()
    if fitted_as(reading, category) is not GarmentKind.TOP:
        return ()
    detail = "The garment may be a dress, but is as short as a top and fitted as one; state its category to be sure."
    return (AnswerWarning(code="kind_doubtful", detail=detail),)


def _may_be_a_top(reading: Reading) -> bool:
    if reading.kind[KINDS.index(GarmentKind.DRESS)] >= SURELY_A_DRESS:
        return False
    shoulder, armpit, hem = (
        reading.points[[left, right]]
        for left, right in (
            (GarmentLandmark.LEFT_SHOULDER, GarmentLandmark.RIGHT_SHOULDER),
            (GarmentLandmark.LEFT_ARMPIT, GarmentLandmark.RIGHT_ARMPIT),
            (GarmentLandmark.LEFT_HEM, GarmentLandmark.RIGHT_HEM),
        )
    )
    length = np.linalg.norm(hem.mean(0) - shoulder.mean(0))
    return bool(length < LENGTH_OF_A_TOP * np.linalg.norm(armpit[0] - armpit[1]))


def category_warning(odds: Floats, category: Category) -> tuple[AnswerWarning, ...]:
    """``category_doubtful`` when the photo shows something else than the market says.

    Args:
        odds: (8,) probabilities in the order of `GarmentKind`.
        category: what the market said.
    """
    seen, _ = _likeliest(odds, KINDS)
    if category is Category.AUTO or CATEGORIES.get(seen) is category:
        return ()
    shown = f"a garment of the category {CATEGORIES[seen]}" if seen in CATEGORIES else "no single garment for the body"
    detail = f"The category is {category}, but the photo seems to show {shown}. Please check both."
    return (AnswerWarning(code="category_doubtful", detail=detail),)


def _landmarks(reading: Reading, matrix: Matrix) -> list[LandmarkReading]:
    places = transform(reading.points, matrix)
    found = []
    for mark in GarmentLandmark:
        visibility, odds = _likeliest(reading.visibility[mark], VISIBILITIES)
        confidence = odds if visibility is Visibility.ABSENT else float(reading.certainty[mark])
        x, y = (round(float(value), 2) for value in places[mark])
        found.append(
            LandmarkReading(name=mark.name.lower(), x=x, y=y, visibility=visibility, confidence=min(1.0, confidence))
        )
    return found


def _cut(mask: NDArray[np.bool_], degrees: float) -> list[Side]:
    """Sides of the upright garment at which it leaves the photo."""
    sides = tuple(Side)  # clockwise from the top
    edges = (mask[:2], mask[:, -2:].T, mask[-2:], mask[:, :2].T)
    turns = round(degrees / 90)
    cut = {sides[(i + turns) % 4] for i, edge in enumerate(edges) if edge.any(axis=0).mean() >= CONTACT}
    return [side for side in sides if side in cut]


def _likeliest(odds: Floats, names: tuple[Name, ...]) -> tuple[Name, float]:
    best = int(odds.argmax())
    return names[best], min(1.0, float(odds[best]))
