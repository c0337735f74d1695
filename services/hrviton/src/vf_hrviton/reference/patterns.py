"""SPADE's gamma and beta from a table: the same numbers, computed once per distinct neighbourhood.

In a SPADE norm (Park et al., CVPR 2019, arXiv:1903.07291) gamma and beta are two 3x3 convolutions on a third one of
the label map, so at a pixel they depend on the 5x5 labels around it and on nothing else. A parse of a person has
few distinct 5x5 neighbourhoods (about 2,500 at 1024x768), so the convolutions run on those alone, and every pixel
looks its values up. What lies outside the picture counts as one more label; the hidden activation there is zero, as
the convolutions' zero padding makes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LABELS = 7
OUTSIDE = LABELS
REACH = 2
"""Pixels that gamma and beta see in each direction: one for each of two 3x3 convolutions."""
SIDE = 2 * REACH + 1
BITS_PER_ROW = 3 * SIDE
"""Five labels of three bits."""
CHUNK = 16_384
"""Patterns computed at a time: bounds the memory when a label map is noise and nearly every pixel differs."""
STRIP = 1 << 20
"""Numbers of a picture that a CPU computes at a time. A few such strips fit a last-level cache; with smaller ones
threads would meet so often that a busy machine spends its time on waiting."""


@dataclass(frozen=True)
class Patterns:
    """The distinct neighbourhoods of a batch of label maps.

    Attributes:
        index: (N, H, W) int64: which pattern each pixel has.
        one_hot: (P, 7, 5, 5) float32: the patterns; zero in all channels is outside the picture.
        inside: (P, 1, 3, 3) float32: 1 where a pattern's inner pixels are inside the picture.
    """

    index: Tensor
    one_hot: Tensor
    inside: Tensor


def find_patterns(labels: Tensor) -> Patterns:
    """Number the distinct 5x5 neighbourhoods of (N, H, W) int64 labels 0..6.

    Five rows of 15 bits do not fit one 64-bit word, so the upper three are numbered first and that number takes
    their place: no hashing, no collisions.
    """
    height, width = labels.shape[1:]
    padded = F.pad(labels, (REACH,) * 4, value=OUTSIDE)
    row = torch.zeros_like(padded[:, :, :width])
    for offset in range(SIDE):
        row = (row << 3) | padded[:, :, offset : offset + width]
    rows = [row[:, offset : offset + height] for offset in range(SIDE)]
    upper, upper_number = torch.unique(_join(rows[0], rows[1], rows[2]), return_inverse=True)
    squares, index = torch.unique(_join(upper_number, rows[3], rows[4]), return_inverse=True)
    distinct = torch.cat([_split(upper[squares >> (2 * BITS_PER_ROW)], 3), _split(squares, 2)], 1)
    cells = torch.stack([(distinct >> (3 * shift)) & OUTSIDE for shift in reversed(range(SIDE))], 2)
    one_hot = F.one_hot(cells, LABELS + 1)[..., :LABELS].permute(0, 3, 1, 2).float().contiguous()
    inside = (cells[:, None, 1:-1, 1:-1] != OUTSIDE).float()
    return Patterns(index, one_hot, inside)


@dataclass(frozen=True)
class Table:
    """What a norm does at each pattern.

    Attributes:
        gamma: (P, C).
        beta: (P, C).
    """

    gamma: Tensor
    beta: Tensor


def tabulate(patterns: Patterns, hidden: nn.Conv2d, gamma: nn.Conv2d, beta: nn.Conv2d) -> Table:
    """Gamma and beta of every pattern.

    Args:
        patterns: of the label maps.
        hidden: the 3x3 convolution of the one-hot label map; a ReLU follows it.
        gamma: the 3x3 convolution of the hidden activation that gives gamma.
        beta: likewise beta.
    """
    # One output pixel per pattern: a 3x3 convolution is a matrix product here, and six times as fast as one.
    weight = torch.cat([gamma.weight, beta.weight]).flatten(1)
    bias = torch.cat([gamma.bias, beta.bias])
    values = []
    # In float32 under bfloat16 too: the table is small, and every pixel depends on it.
    with torch.autocast(weight.device.type, enabled=False):
        for one_hot, inside in zip(patterns.one_hot.split(CHUNK), patterns.inside.split(CHUNK), strict=True):
            activation = F.relu(F.conv2d(one_hot, hidden.weight, hidden.bias))
            values.append(F.linear((activation * inside).flatten(1), weight, bias))
    gammas, betas = torch.cat(values).chunk(2, 1)
    return Table(gammas, betas)


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of every channel, each (N, C) float32, of (N, C, H, W) in channels-last memory.

    On a CPU each strip's own moments are taken while it is in the cache and then merged (Chan, Golub, LeVeque, 1983):
    as exact as two passes, at the price of one.
    """
    n, channels, height, width = x.shape
    if x.device.type != "cpu":
        variance, mean = torch.var_mean(x.float(), dim=(2, 3), correction=0)
        return mean, variance
    pixels = x.permute(0, 2, 3, 1).reshape(n, height * width, channels)
    sizes, means, squares = [], [], []
    for strip in pixels.split(max(1, STRIP // channels), 1):
        strip = strip.float()  # noqa: PLW2901
        mean = strip.mean(1, keepdim=True)
        sizes.append(strip.shape[1])
        means.append(mean[:, 0])
        squares.append((strip - mean).square_().sum(1))
    size = torch.tensor(sizes, dtype=torch.float64)[:, None, None]
    each = torch.stack(means).double()
    whole = (each * size).sum(0) / (height * width)
    spread = torch.stack(squares).double().sum(0) + ((each - whole).square() * size).sum(0)
    return whole.float(), (spread / (height * width)).float()


def modulate(x: Tensor, index: Tensor, table: Table, mean: Tensor, deviation: Tensor, slope: float) -> Tensor:
    """Normalise, scale by 1 + gamma, shift by beta, and apply a leaky ReLU.

    The normalisation is folded into the table, which is far smaller than the picture; then a strip of pixels at a
    time is looked up and computed while it is in the cache.

    Args:
        x: (N, C, H, W) in channels-last memory.
        index: (N, H, W) int64: which row of the table each pixel has.
        table: gamma and beta.
        mean: (N, C) of x.
        deviation: (N, C) standard deviation of x.
        slope: of the leaky ReLU; 1 leaves out the ReLU.
    """
    n, channels, height, width = x.shape
    pixels = x.permute(0, 2, 3, 1).reshape(n, height * width, channels)
    out = torch.empty_like(pixels)
    strip = max(1, STRIP // channels) if x.device.type == "cpu" else height * width
    for item in range(n):
        scale = (1 + table.gamma) / deviation[item]
        shift = table.beta - mean[item] * scale
        pieces = (each.split(strip) for each in (out[item], pixels[item], index[item].flatten()))
        for target, source, rows in zip(*pieces, strict=True):
            torch.addcmul(F.embedding(rows, shift), source, F.embedding(rows, scale), out=target)
            if slope != 1:
                F.leaky_relu(target, slope, inplace=True)
    return out.view(n, height, width, channels).permute(0, 3, 1, 2)


def _join(high: Tensor, *rows: Tensor) -> Tensor:
    for row in rows:
        high = (high << BITS_PER_ROW) | row
    return high


def _split(joined: Tensor, count: int) -> Tensor:
    mask = (1 << BITS_PER_ROW) - 1
    return torch.stack([(joined >> (BITS_PER_ROW * shift)) & mask for shift in reversed(range(count))], 1)
