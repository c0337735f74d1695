"""One pass of CIHP_PGN: a picture to logits at an eighth of its size.

Convolutions that read the same map are one here (their kernels side by side), the network's dropout is the identity
at inference, and the edge refinement runs only where somebody asks for edges. The first edge head always runs: the
refinement of the labels reads it.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from vf_parse.reference.convolutions import Convolution, PyramidConvolution, Variables, biased, normed
from vf_parse.reference.layers import HEADS, STAGES, Stage
from vf_parse.reference.options import Sampling


class Logits(NamedTuple):
    """At an eighth of the size (rounded up), float32, (N, h, w, channels).

    Attributes:
        parsing: 20 channels, of the first parsing head.
        refined: 20 channels, after the refinement.
        edge: 1 channel, refined; None where it was not asked for.
    """

    parsing: tf.Tensor
    refined: tf.Tensor
    edge: tf.Tensor | None


class Bottleneck(tf.Module):
    """Three convolutions and a shortcut, which is a projection in the first block of a stage."""

    def __init__(self, variables: Variables, stage: Stage, block: str) -> None:
        super().__init__()
        name = f"res{stage.number}{block}_branch"
        first = block == stage.blocks[0]
        stride = stage.stride if first else 1
        self._project = normed(variables, f"{name}1", stride=stride, relu=False) if first else None
        self._reduce = normed(variables, f"{name}2a", stride=stride)
        self._middle = normed(variables, f"{name}2b", rate=stage.rate)
        self._expand = normed(variables, f"{name}2c", relu=False)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """(N, h, w, in) to (N, ceil(h / stride), ceil(w / stride), 4 * filters)."""
        short = self._project(x) if self._project else x
        return tf.nn.relu(short + self._expand(self._middle(self._reduce(x))))


class Backbone(tf.Module):
    """ResNet-101 at output stride 8."""

    def __init__(self, variables: Variables) -> None:
        super().__init__()
        self._stem = normed(variables, "conv1", stride=2)
        self._stages = [[Bottleneck(variables, stage, block) for block in stage.blocks] for stage in STAGES]

    def __call__(self, x: tf.Tensor) -> list[tf.Tensor]:
        """The ends of stages 2 to 5 for (N, H, W, 3) float32 BGR without its mean."""
        x = tf.nn.max_pool2d(self._stem(x), 3, 2, "SAME")
        ends = []
        for blocks in self._stages:
            for block in blocks:
                x = block(x)
            ends.append(x)
        return ends


class Network(tf.Module):
    """The whole network.

    Args:
        variables: of the checkpoint (`vf_parse.reference.layers.variable_shapes`).
        sampling: how the pyramid pooling is enlarged.
    """

    def __init__(self, variables: Variables, sampling: Sampling) -> None:
        super().__init__()
        self._backbone = Backbone(variables)
        self._branches = [biased(variables, f"parsing_branch{n}", f"edge_branch{n}") for n in (1, 2, 3)]
        self._parsing_branch = biased(variables, "parsing_branch")
        self._parsing_pool = PyramidConvolution(variables, "parsing_pp", "parsing_pp_conv", sampling)
        self._parsing_out = _FeaturesAndLogits(variables, "parsing")
        self._edge_branch = biased(variables, "edge_branch")
        self._edge_pool = PyramidConvolution(variables, "edge_pp", "edge_pp_conv", sampling)
        self._edge_out = _FeaturesAndLogits(variables, "edge")
        self._parsing_refinement = _Refinement(variables, "parsing", sampling)
        self._edge_refinement = _Refinement(variables, "edge", sampling)

    def __call__(self, x: tf.Tensor, *, with_edge: bool) -> Logits:
        """Logits of (N, H, W, 3) float32 BGR without its mean."""
        _, *ends = self._backbone(x)
        parted = HEADS["parsing_branch1"].filters
        branches = [branch(end) for branch, end in zip(self._branches, ends, strict=True)]
        parsing = self._parsing_pool(self._parsing_branch(tf.concat([b[..., :parted] for b in branches], 3)))
        edge = self._edge_pool(self._edge_branch(tf.concat([b[..., parted:] for b in branches], 3)))
        parsing_logits, parsing_context = self._parsing_out(parsing)
        _, edge_context = self._edge_out(edge)
        return Logits(
            parsing=parsing_logits,
            refined=self._parsing_refinement(tf.concat([*parsing_context, *edge_context], 3)),
            edge=self._edge_refinement(tf.concat([*edge_context, *parsing_context], 3)) if with_edge else None,
        )


class _FeaturesAndLogits(tf.Module):
    """What a first head hands on: its logits, and features and remapped logits for the refinement."""

    def __init__(self, variables: Variables, kind: str) -> None:
        super().__init__()
        self._features = HEADS[f"{kind}_fea"].filters
        self._both = biased(variables, f"{kind}_fea", f"{kind}_fc", relu=False)
        self._remap = biased(variables, f"{kind}_remap")

    def __call__(self, x: tf.Tensor) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        both = self._both(x)
        logits = both[..., self._features :]
        return logits, (tf.nn.relu(both[..., : self._features]), self._remap(logits))


class _Refinement(tf.Module):
    """The second head of labels or edges."""

    def __init__(self, variables: Variables, kind: str, sampling: Sampling) -> None:
        super().__init__()
        self._mix = biased(variables, f"{kind}_rf")
        self._pool = PyramidConvolution(variables, f"{kind}_rf_pp", f"{kind}_rf_conv", sampling)
        self._logits: Convolution = biased(variables, f"{kind}_rf_fc", relu=False)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return self._logits(self._pool(self._mix(x)))
