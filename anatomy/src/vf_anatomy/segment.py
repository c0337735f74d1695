"""A bone: the straight line between two joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_anatomy.arrays import Point, Points

_LEAST_SQUARED = 1e-6
"""Squared pixels that a segment has at least: its ends may coincide."""


@dataclass(frozen=True)
class Segment:
    """A line from ``start`` to ``end``, (2,) each, in pixels."""

    start: Point
    end: Point

    @property
    def along(self) -> Point:
        """(2,) from start to end."""
        return self.end - self.start

    @property
    def length(self) -> float:
        """In pixels."""
        return float(np.linalg.norm(self.along))

    def points(self, t: Points) -> Points:
        """(n, 2) points at n positions, 0 at the start and 1 at the end."""
        return self.start + t[:, None] * self.along

    def nearest(self, points: Points) -> tuple[Points, Points]:
        """For (..., 2) points: (...) distance to the segment, and (...) t in [0, 1] of the nearest point on it."""
        along = self.along
        x, y = points[..., 0] - self.start[0], points[..., 1] - self.start[1]
        t = np.clip((x * along[0] + y * along[1]) / max(float(along @ along), _LEAST_SQUARED), 0, 1)
        return np.hypot(x - t * along[0], y - t * along[1]), t

    def across(self, points: Points) -> Points:
        """For (..., 2) points: (...) distance from the line; positive to the right hand of who walks along it."""
        along = self.along
        x, y = points[..., 0] - self.start[0], points[..., 1] - self.start[1]
        across: Points = (y * along[0] - x * along[1]) / max(float(along @ along), _LEAST_SQUARED) ** 0.5
        return across
