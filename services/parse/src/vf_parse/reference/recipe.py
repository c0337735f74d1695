"""The complete inference: several scales, each with the mirrored picture, averaged (the published test script).

Logits are averaged, never probabilities. The mean over the two heads is taken before enlarging, which is linear, so
each scale is enlarged once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vf_parse.reference.network import Network
from vf_parse.reference.options import Sampling
from vf_parse.reference.sampling import resize
from vfkit.contracts import Image, Label

SMALLEST_EDGE_SCALE = 1.0
"""Edges are the mean over the scales from here on."""
MEAN_BGR = (125.0, 114.4, 107.9)
MIRRORED = ((Label.LEFT_ARM, Label.RIGHT_ARM), (Label.LEFT_LEG, Label.RIGHT_LEG), (Label.LEFT_SHOE, Label.RIGHT_SHOE))

_SWAPPED = np.arange(len(Label))
for _left, _right in MIRRORED:
    _SWAPPED[[_left, _right]] = _right, _left


class Maps(NamedTuple):
    """What the recipe finds in a picture of (H, W).

    Attributes:
        labels: (H, W) uint8 of `Label`.
        score: (H, W) float32, the winning logit.
        logits: (H, W, 20) float32.
        edge: (H, W) float32 in [0, 1], or None.
    """

    labels: Image
    score: NDArray[np.float32]
    logits: tf.Tensor
    edge: NDArray[np.float32] | None


class Recipe:
    """The network at several scales.

    The graph is traced once with edges and once without, for all sizes and scales.

    Args:
        network: one pass.
        scales: factors on the picture's size.
        sampling: how pictures and logits are resized.
    """

    def __init__(self, network: Network, scales: Sequence[float], sampling: Sampling) -> None:
        self._network, self._sampling = network, sampling
        self._scales = tuple(scales)
        self._edge_scales = tuple(s for s in scales if s >= SMALLEST_EDGE_SCALE) or self._scales
        signature = [tf.TensorSpec((2, None, None, 3)), tf.TensorSpec((2,), tf.int32)]
        self._with_edge = tf.function(partial(self._pass, with_edge=True), input_signature=signature)
        self._without_edge = tf.function(partial(self._pass, with_edge=False), input_signature=signature)

    def __call__(self, image: Image, *, with_edge: bool) -> Maps:
        """Parse a picture.

        Args:
            image: (H, W, 3) uint8 RGB.
            with_edge: also find edges, which takes longer.
        """
        pair = _pair(image)
        total: tf.Tensor = 0.0
        edges: tf.Tensor = 0.0
        for scale in self._scales:
            size = tf.constant(scaled((image.shape[0], image.shape[1]), scale))
            if with_edge and scale in self._edge_scales:
                logits, edge = self._with_edge(pair, size)
                edges += edge
            else:
                logits = self._without_edge(pair, size)
            total += logits
        merged = _merge_pair(total / len(self._scales), swapped=True)
        return Maps(
            labels=tf.argmax(merged, 2).numpy().astype(np.uint8),
            score=tf.reduce_max(merged, 2).numpy(),
            logits=merged,
            edge=_probability(edges / len(self._edge_scales)) if with_edge else None,
        )

    def _pass(self, pair: tf.Tensor, size: tf.Tensor, *, with_edge: bool) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        """One scale: logits (2, H, W, 20), and edge logits (2, H, W, 1) where asked for, at the pair's own size."""
        own = tf.shape(pair)[1:3]
        logits = self._network(resize(pair, size, self._sampling), with_edge=with_edge)
        mean = resize((logits.parsing + logits.refined) / 2, own, self._sampling)
        return (mean, resize(logits.edge, own, self._sampling)) if with_edge else mean


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """Height and width at a scale: a float32 product, cut to whole pixels, as upstream's graph computes it."""
    height, width = (int(np.float32(edge) * np.float32(scale)) for edge in size)
    return height, width


def _pair(image: Image) -> tf.Tensor:
    """(2, H, W, 3) float32 BGR without the mean: the picture and its mirror image."""
    plain = image[..., ::-1].astype(np.float32) - np.array(MEAN_BGR, np.float32)
    return tf.constant(np.stack([plain, plain[:, ::-1]]))


def _merge_pair(pair: tf.Tensor, *, swapped: bool) -> tf.Tensor:
    """(2, H, W, C) to (H, W, C): mirror the second back (its left is our right) and take the mean."""
    back = pair[1, :, ::-1]
    if swapped:
        back = tf.gather(back, _SWAPPED, axis=2)
    return (pair[0] + back) / 2


def _probability(edges: tf.Tensor) -> NDArray[np.float32]:
    probability: NDArray[np.float32] = tf.sigmoid(_merge_pair(edges, swapped=False)[..., 0]).numpy()
    return probability
