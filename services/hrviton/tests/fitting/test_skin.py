"""Which colour the skin has that the photo does not show."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from vf_hrviton.open.paint.skin import face_colour
from vfkit.contracts import Label

SKIN, SHADE, PHONE = (66, 14, 18), (38, 12, 15), (8, 0, 0)
"""Lab."""
PARTS = (Label.FACE, Label.TORSO_SKIN, Label.LEFT_ARM, Label.RIGHT_ARM)


def person(*colours: tuple[int, int, int]) -> SimpleNamespace:
    """A photo whose face, neck, left and right arm are bands of these colours."""
    lab = np.repeat(np.array(colours, np.float32), 40, axis=0)[:, None] * np.ones((1, 20, 1), np.float32)
    labels = np.repeat(np.array(PARTS, np.uint8), 40)[:, None] * np.ones((1, 20), np.uint8)
    image = np.rint(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255).astype(np.uint8)
    return SimpleNamespace(image=image, is_in=lambda *wanted: np.isin(labels, wanted))


@pytest.mark.parametrize(
    "colours, expected",
    [
        pytest.param((SKIN, SKIN, SKIN, SKIN), SKIN, id="plain"),
        pytest.param((PHONE, SKIN, SKIN, SKIN), SKIN, id="phone before the face"),
        pytest.param((SHADE, SHADE, SKIN, SKIN), SKIN, id="face in the shade"),
        pytest.param((SKIN, SKIN, SHADE, SHADE), SKIN, id="hands in the shade"),
        pytest.param((SHADE, SHADE, SHADE, SKIN), SHADE, id="one light sleeve"),
        pytest.param((PHONE, PHONE, PHONE, PHONE), PHONE, id="nothing else to go by"),
    ],
)
def test_the_skin_is_sampled_where_it_is_skin(
    colours: tuple[tuple[int, int, int], ...], expected: tuple[int, int, int]
) -> None:
    colour = face_colour(person(*colours))  # type: ignore[arg-type]
    assert colour is not None
    assert np.abs(colour - expected).max() < 2
