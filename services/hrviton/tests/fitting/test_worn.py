"""What is told apart from skin."""

import numpy as np

from vf_hrviton.open.body.worn import _far_from

DARK_FACE = np.array((85.0, 140.0, 143.0), np.float32)
"""8-bit Lab of a face in shadow."""


def far(lightness: float, a: float, b: float) -> bool:
    return bool(_far_from(np.full((1, 1, 3), (lightness, a, b), np.float32), DARK_FACE)[0, 0])


def test_light_on_the_same_skin_is_skin():
    assert not far(85, 140, 143)
    assert not far(150, 140, 146)


def test_pale_cloth_is_not():
    assert far(150, 131, 134)
    assert far(235, 128, 130)


def test_a_shadow_is_skin_and_black_cloth_is_not():
    assert not far(50, 137, 138)
    assert far(20, 129, 129)
