"""Bilinear resizing as TensorFlow 1 does it, and as the upgraded script does.

TensorFlow 1 samples at ``src = dst * in / out``; ``tf_upgrade_v2`` silently replaces that by sampling at pixel
centres, ``src = (dst + 0.5) * in / out - 0.5``. The checkpoint was trained with the first. Neither smooths before
shrinking.
"""

from __future__ import annotations

import tensorflow as tf

from vf_parse.reference.options import Sampling


def resize(x: tf.Tensor, size: tf.Tensor, sampling: Sampling) -> tf.Tensor:
    """(N, h, w, C) float32 to (N, height, width, C); ``size`` is int32 (height, width)."""
    return tf.raw_ops.ResizeBilinear(
        images=x, size=size, align_corners=False, half_pixel_centers=sampling is Sampling.UPGRADED
    )


def resize_matrix(length: tf.Tensor, source: tf.Tensor, sampling: Sampling) -> tf.Tensor:
    """(length, source) float32: `resize` of one axis as a matrix (what it makes of each unit vector)."""
    unit = tf.eye(source)[None, :, :, None]
    return resize(unit, tf.stack([length, source]), sampling)[0, :, :, 0]
