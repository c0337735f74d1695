"""Wall that the parse calls garment."""

import numpy as np

from vf_hrviton.open.body.labels import UPPER
from vf_hrviton.open.paint.wall import without_wall
from vfkit.contracts import Label

TORSO = np.s_[40:160, 60:140]
TOO_FAR = np.s_[60:140, 140:152]
"""Beside the torso: wall that is called garment too."""


def scene(shirt, wall=(232, 232, 232)):
    image = np.full((200, 200, 3), wall, np.uint8)
    image[TORSO] = shirt
    labels = np.zeros((200, 200), np.uint8)
    labels[TORSO] = labels[TOO_FAR] = Label.UPPER_CLOTHES
    return image, labels


def test_wall_beside_a_white_shirt_is_wall():
    image, labels = scene((246, 246, 246))
    found = without_wall(image, labels, UPPER)
    assert (found[TOO_FAR] == Label.BACKGROUND).mean() > 0.9
    assert (found[TORSO] == Label.UPPER_CLOTHES).mean() > 0.97


def test_beside_a_shirt_with_a_print_too():
    image, labels = scene((246, 246, 246))
    image[60:140:8, 70:130] = (40, 90, 160)
    found = without_wall(image, labels, UPPER)
    assert (found[TOO_FAR] == Label.BACKGROUND).mean() > 0.9
    assert (found[TORSO] == Label.UPPER_CLOTHES).mean() > 0.97


def test_a_shirt_that_looks_like_the_wall_stays_whole():
    image, labels = scene((235, 235, 235))
    assert (without_wall(image, labels, UPPER) == labels).all()


def test_a_stripe_of_the_walls_colour_inside_a_shirt_stays():
    image, labels = scene((40, 60, 120))
    image[90:110, 80:120] = (232, 232, 232)
    found = without_wall(image, labels, UPPER)
    assert (found[90:110, 80:120] == Label.UPPER_CLOTHES).all()
