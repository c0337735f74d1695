"""The 24 body parts of DensePose (Guler, Neverova, Kokkinos, DensePose, 2018)."""

from __future__ import annotations

from enum import IntEnum

from vf_anatomy import PersonSide


class Part(IntEnum):
    """Part labels; right and left are the person's, inner is the side of an arm that faces the body."""

    NONE = 0
    TORSO_BACK = 1
    TORSO_FRONT = 2
    R_HAND = 3
    L_HAND = 4
    L_FOOT = 5
    R_FOOT = 6
    R_THIGH_BACK = 7
    L_THIGH_BACK = 8
    R_THIGH_FRONT = 9
    L_THIGH_FRONT = 10
    R_CALF_BACK = 11
    L_CALF_BACK = 12
    R_CALF_FRONT = 13
    L_CALF_FRONT = 14
    L_UPPER_ARM_INNER = 15
    R_UPPER_ARM_INNER = 16
    L_UPPER_ARM_OUTER = 17
    R_UPPER_ARM_OUTER = 18
    L_FOREARM_INNER = 19
    R_FOREARM_INNER = 20
    L_FOREARM_OUTER = 21
    R_FOREARM_OUTER = 22
    R_HEAD = 23
    L_HEAD = 24

    @classmethod
    def of(cls, side: PersonSide, name: str) -> Part:
        """The part of one side: ``Part.of(PersonSide.LEFT, "HAND")``."""
        return cls[f"{side.initial}_{name}"]
