"""Charts to label maps and surface coordinates in the picture (the DensePose project's ``converters``)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from vf_densepose.reference.boxes import clip, has_area
from vf_densepose.reference.densepose_head import Charts
from vfkit.contracts import Image


@dataclass(frozen=True)
class Window:
    """Whole pixels of a box: its corner and sides are each cut, not rounded.

    Attributes:
        x, y: top left pixel.
        width, height: 0 for a box narrower than a pixel, which has labels but is not painted.
    """

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class BodySurface:
    """One person in the picture.

    Attributes:
        window: where.
        labels: (h, w) uint8, 0 background, 1 to 24 parts; at least one pixel.
        uv: (2, h, w) float32, the coordinates on each pixel's part, 0 on the background; None when not asked for.
    """

    window: Window
    labels: Image
    uv: NDArray[np.float32] | None = None


def to_picture(boxes: Tensor, resized: tuple[int, int], picture: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Boxes from the resized frame to the picture's.

    Args:
        boxes: (n, 4) float32.
        resized: height and width of the resized frame.
        picture: height and width of the picture.

    Returns:
        (n, 4) float32 boxes cut to the picture, and (n,) bool which of them still have an area.
    """
    x, y = picture[1] / resized[1], picture[0] / resized[0]
    scaled = clip(boxes * boxes.new_tensor([x, y, x, y]), *picture)
    return scaled, has_area(scaled)


def window_of(box: Tensor) -> Window:
    """The whole pixels of a (4,) float32 box."""
    x1, y1, x2, y2 = box
    return Window(int(x1), int(y1), int(x2 - x1), int(y2 - y1))


def read_charts(charts: Charts, index: int, window: Window) -> BodySurface:
    """Resample the charts of one person to its window.

    Logits are resampled, then compared; the first of equal ones wins.
    """
    size = (max(1, window.height), max(1, window.width))
    body = _resample(charts.coarse[index], size).argmax(0) > 0
    labels = _resample(charts.fine[index], size).argmax(0) * body
    surface = None
    if charts.u is not None and charts.v is not None:
        uv = torch.stack([_pick(_resample(chart[index], size), labels) for chart in (charts.u, charts.v)])
        surface = uv.masked_fill(labels == 0, 0.0).cpu().numpy()
    return BodySurface(window, labels.to(torch.uint8).cpu().numpy(), surface)


def paint_iuv(people: list[BodySurface], size: tuple[int, int]) -> Image:
    """Part, U and V of every pixel, a later person over an earlier one where it has a part.

    Args:
        people: with ``uv``.
        size: (width, height) of the picture.

    Returns:
        (H, W, 3) uint8: part 0..24, then U and V times 255, cut to 0..255 and truncated, as the project quantises them.
    """
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    for person in people:
        window = person.window
        if person.uv is None or not window.width or not window.height:
            continue
        place = picture[window.y : window.y + window.height, window.x : window.x + window.width]
        quantised = (person.uv.clip(0, 1) * 255).astype(np.uint8)
        iuv = np.stack([person.labels, *quantised], -1)
        shown = person.labels > 0
        place[shown] = iuv[shown]
    return picture


def _resample(chart: Tensor, size: tuple[int, int]) -> Tensor:
    """(C, 112, 112) to (C, h, w): bilinear without averaging, as upstream, also where it shrinks."""
    return F.interpolate(chart[None], size=size, mode="bilinear", align_corners=False)[0]


def _pick(values: Tensor, labels: Tensor) -> Tensor:
    """(C, h, w) values at each pixel's (h, w) label."""
    return values.gather(0, labels[None])[0]
