"""Left and right: limbs that cross, touch and hide each other."""

from __future__ import annotations

import cv2
import numpy as np
from parse_mannequin import HEIGHT, WIDTH, subject_of

from vf_blazepose import Mark
from vf_parse.open.sides import arms_of, feet_of, left_of, legs_of
from vf_parse.open.subject import Subject

EVERYWHERE = np.ones((HEIGHT, WIDTH), np.uint8)


def stroke(*points: tuple[float, float], thickness: int = 18) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.polylines(mask, [np.round(points).astype(np.int32)], False, 1, thickness)
    return mask > 0


def share(left: np.ndarray, where: np.ndarray) -> float:
    return float(left[where].mean())


def hand(side: str, wrist: tuple[float, float], step: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """The marks of a hand whose knuckles are a step beyond the wrist."""
    knuckles = (wrist[0] + step[0], wrist[1] + step[1])
    return {f"{side}_WRIST": wrist, f"{side}_INDEX": knuckles, f"{side}_LITTLE": knuckles}


def test_hands_out_of_long_sleeves_laid_on_the_other_elbow():
    """Folded arms: each hand lies on the other arm's elbow, and is still its own."""
    moved = {
        **hand("L", (140, 190), (-16, -2)),
        **hand("R", (246, 186), (16, -2)),
    }
    subject = subject_of(EVERYWHERE, moved)
    on_right_elbow, on_left_elbow = stroke((136, 190), (116, 188)), stroke((250, 186), (270, 184))
    left = left_of(on_right_elbow | on_left_elbow, subject, arms_of)
    assert share(left, on_right_elbow) == 1
    assert share(left, on_left_elbow) == 0


def test_bare_forearm_across_the_belly_in_front_of_the_other():
    moved = {**hand("L", (150, 230), (-16, 2)), **hand("R", (232, 236), (16, 0))}
    subject = subject_of(EVERYWHERE, moved)
    subject.landmarks[[Mark.L_ELBOW, Mark.L_WRIST, Mark.L_INDEX, Mark.L_LITTLE], 2] = -60
    front = stroke((262, 188), (150, 230))
    behind = stroke((122, 188), (232, 236)) & ~front
    left = left_of(front | behind, subject, arms_of)
    assert share(left, front) > 0.9
    assert share(left, behind) < 0.15


def test_folded_hands_are_two():
    moved = {**hand("L", (206, 260), (-14, 10)), **hand("R", (178, 260), (14, 10))}
    subject = subject_of(EVERYWHERE, moved)
    own, other = stroke((262, 188), (206, 260)), stroke((122, 188), (178, 260))
    left = left_of(own | other | stroke((206, 260), (178, 260)), subject, arms_of)
    assert share(left, own) > 0.9
    assert share(left, other) < 0.1


def test_hand_on_the_hip_of_its_own_side():
    moved = {"L_ELBOW": (300, 200), **hand("L", (232, 250), (-14, 6))}
    subject = subject_of(EVERYWHERE, moved)
    bent = stroke((235, 118), (300, 200), (232, 250), (206, 262))
    assert share(left_of(bent, subject, arms_of), bent) == 1


def test_crossed_legs_swap_feet():
    moved = {
        "L_ANKLE": (160, 446), "L_HEEL": (160, 458), "L_TOE": (152, 474),
        "R_ANKLE": (224, 446), "R_HEEL": (224, 458), "R_TOE": (232, 474),
    }  # fmt: skip
    subject = subject_of(EVERYWHERE, moved)
    shoe_of_left, shoe_of_right = stroke((160, 458), (152, 474)), stroke((224, 458), (232, 474))
    left = left_of(shoe_of_left | shoe_of_right, subject, feet_of)
    assert share(left, shoe_of_left) == 1
    assert share(left, shoe_of_right) == 0
    shins = stroke((220, 352), (160, 446), thickness=24) | stroke((164, 352), (224, 446), thickness=24)
    left = left_of(shins, subject, legs_of)
    assert share(left, stroke((220, 352), (202, 380))) > 0.8
    assert share(left, stroke((164, 352), (182, 380))) < 0.2


def test_an_arm_that_is_not_seen_claims_little():
    """Turned to the side, BlazePose lays the hidden arm beside the one that is seen."""
    moved = {"R_SHOULDER": (229, 119), "R_ELBOW": (256, 190), **hand("R", (266, 252), (2, 18))}
    subject = subject_of(EVERYWHERE, moved)
    hidden = [Mark.R_ELBOW, Mark.R_WRIST, Mark.R_INDEX, Mark.R_LITTLE]
    subject.landmarks[hidden, 3] = 0.05
    subject.landmarks[hidden, 2] = 80
    arm = stroke((235, 118), (262, 188), (272, 250), (274, 280))
    assert share(left_of(arm, subject, arms_of), arm) > 0.9


def test_nothing_is_nobodys():
    empty = np.zeros((HEIGHT, WIDTH), bool)
    assert not left_of(empty, subject_of(EVERYWHERE), arms_of).any()


def test_marks_on_one_spot_do_not_crash():
    landmarks = np.full((33, 4), 50, np.float32)
    left = left_of(EVERYWHERE > 0, Subject(landmarks, EVERYWHERE.astype(np.float32)), legs_of)
    assert left.shape == EVERYWHERE.shape
