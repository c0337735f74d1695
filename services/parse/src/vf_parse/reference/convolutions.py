"""The convolutions of the network, prepared for inference.

`Convolution` has its batch norm folded in. `PyramidConvolution` is the 3x3 convolution over a map and its pyramid
pooling; it never enlarges the pyramid.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vf_parse.reference.layers import NORM_EPSILON, NORM_VARIABLES, PYRAMID_CELLS, PYRAMID_FILTERS, norm_of
from vf_parse.reference.options import Sampling
from vf_parse.reference.sampling import resize_matrix

Floats = NDArray[np.float32]
Variables = Mapping[str, Floats]


class Convolution(tf.Module):
    """A convolution with SAME padding and bias, and a ReLU on some of its channels.

    Args:
        kernel: (k, k, in, out) float32.
        bias: (out,) float32.
        stride: in both directions.
        rate: dilation.
        relu: whether a ReLU follows.
    """

    def __init__(self, kernel: Floats, bias: Floats, *, stride: int = 1, rate: int = 1, relu: bool = True) -> None:
        super().__init__()
        self.kernel = tf.Variable(kernel, trainable=False)
        self.bias = tf.Variable(bias, trainable=False)
        self._stride, self._rate, self._relu = stride, rate, relu

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """(N, h, w, in) to (N, ceil(h / stride), ceil(w / stride), out)."""
        y = tf.nn.bias_add(tf.nn.conv2d(x, self.kernel, self._stride, "SAME", dilations=self._rate), self.bias)
        return tf.nn.relu(y) if self._relu else y


def norm_scale_shift(variables: Variables, norm: str) -> tuple[Floats, Floats]:
    """Batch norm at inference as ``x * scale + shift``; both (channels,) float32."""
    beta, gamma, mean, variance = (variables[f"{norm}/{name}"] for name in NORM_VARIABLES)
    scale = gamma / np.sqrt(variance + np.float32(NORM_EPSILON))
    return scale, beta - mean * scale


def normed(variables: Variables, name: str, *, stride: int = 1, rate: int = 1, relu: bool = True) -> Convolution:
    """A convolution of the backbone with the batch norm after it folded into kernel and bias."""
    scale, shift = norm_scale_shift(variables, norm_of(name))
    return Convolution(variables[f"{name}/weights"] * scale, shift, stride=stride, rate=rate, relu=relu)


def biased(variables: Variables, *names: str, relu: bool = True) -> Convolution:
    """A convolution of the heads; several that share their input are one, outputs in order."""
    kernel = np.concatenate([variables[f"{name}/weights"] for name in names], 3)
    bias = np.concatenate([variables[f"{name}/biases"] for name in names])
    return Convolution(kernel, bias, relu=relu)


class PyramidConvolution(tf.Module):
    """``relu(conv3x3(concat(x, enlarged pyramid of x)))`` without the enlarged pyramid.

    Four fifths of that convolution's inputs are bilinear enlargements of a few cells (3 x 2 to 13 x 10 on a
    96 x 128 map). Enlarging is linear along rows and columns and the kernel is linear across channels, so they
    commute: each cell is multiplied by the nine taps of the kernel first, and the products are enlarged and shifted by
    two small matrices. That is about a hundredth of the work, and the map with 2,560 channels never exists.

    Args:
        variables: of the checkpoint.
        pools: name of the pyramid's convolutions without their level (``parsing_pp``).
        name: the convolution over it (``parsing_pp_conv``).
        sampling: how the pyramid is enlarged.
    """

    def __init__(self, variables: Variables, pools: str, name: str, sampling: Sampling) -> None:
        super().__init__()
        kernel = variables[f"{name}/weights"]
        plain = kernel.shape[2] - PYRAMID_FILTERS * len(PYRAMID_CELLS)
        self._levels = [biased(variables, f"{pools}{level}") for level in range(1, len(PYRAMID_CELLS) + 1)]
        self._plain = Convolution(kernel[:, :, :plain], variables[f"{name}/biases"], relu=False)
        parts = np.split(kernel[:, :, plain:], len(PYRAMID_CELLS), 2)
        # (channels of the level, taps down x taps across x outputs): one matrix product per level.
        self._taps = [
            tf.Variable(part.transpose(2, 0, 1, 3).reshape(PYRAMID_FILTERS, -1), trainable=False) for part in parts
        ]
        self._outputs = kernel.shape[3]
        self._sampling = sampling

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """(N, h, w, plain) to (N, h, w, outputs)."""
        height, width = _size(x)
        rows, parts = [], []
        for cell, convolution, taps in zip(PYRAMID_CELLS, self._levels, self._taps, strict=True):
            cells = convolution(tf.nn.avg_pool2d(x, cell, cell, "SAME"))
            down, across = _size(cells)
            products = tf.reshape(tf.tensordot(cells, taps, 1), (-1, down, across, 3, 3, self._outputs))
            columns = _shifted(resize_matrix(width, across, self._sampling))
            enlarged = tf.einsum("xqc,nrcyxo->nyrqo", columns, products)
            parts.append(tf.reshape(enlarged, (-1, 3 * down, width * self._outputs)))
            rows.append(tf.concat(tf.unstack(_shifted(resize_matrix(height, down, self._sampling))), 1))
        # Rows of all levels and taps in one product: (h, 3 * cells down) by (3 * cells down, w * outputs).
        pyramid = tf.matmul(tf.concat(rows, 1)[None], tf.concat(parts, 1))
        return tf.nn.relu(self._plain(x) + tf.reshape(pyramid, (-1, height, width, self._outputs)))


def _size(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    shape = tf.shape(x)
    return shape[1], shape[2]


def _shifted(matrix: tf.Tensor) -> tf.Tensor:
    """(3, n, cells): an enlarging matrix as each of the three taps sees it, zero beyond the map."""
    padded = tf.pad(matrix, ((1, 1), (0, 0)))
    return tf.stack([padded[:-2], padded[1:-1], padded[2:]])
