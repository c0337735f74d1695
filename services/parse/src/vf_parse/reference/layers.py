"""The layers of CIHP_PGN and the checkpoint variables that they are made of.

The backbone is a ResNet-101 at an eighth of the size (stages 4 and 5 are dilated instead of strided). The heads read
the ends of stages 3, 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

CLASSES = 20
NORM_EPSILON = 0.001
"""Of every batch norm: tf-slim's default, not Caffe's 1e-5."""
NORM_VARIABLES = ("beta", "gamma", "moving_mean", "moving_variance")

PYRAMID_CELLS = (60, 30, 20, 10)
"""Edge of the average pools of ``*_pp1`` to ``*_pp4`` in positions of the head's map."""
PYRAMID_FILTERS = 512

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Stage:
    """One stage of the backbone.

    Attributes:
        number: 2 to 5, as in the layers' names.
        blocks: names of its bottlenecks after the number.
        filters: of the first two convolutions of each; the third and the shortcut have four times as many.
        stride: of the 1x1 convolutions that the first block begins with.
        rate: dilation of the 3x3 convolutions.
    """

    number: int
    blocks: tuple[str, ...]
    filters: int
    stride: int
    rate: int

    @property
    def outputs(self) -> int:
        """Channels at its end."""
        return 4 * self.filters


STAGES = (
    Stage(2, ("a", "b", "c"), 64, stride=1, rate=1),
    Stage(3, ("a", *(f"b{n}" for n in range(1, 4))), 128, stride=2, rate=1),
    Stage(4, ("a", *(f"b{n}" for n in range(1, 23))), 256, stride=1, rate=2),
    Stage(5, ("a", "b", "c"), 512, stride=1, rate=4),
)
STEM_FILTERS = 64


@dataclass(frozen=True)
class Head:
    """A convolution with bias: edge of its kernel, channels in and out."""

    kernel: int
    inputs: int
    filters: int

    @property
    def shape(self) -> Shape:
        """Of its kernel, HWIO."""
        return (self.kernel, self.kernel, self.inputs, self.filters)


def _pyramid(name: str, inputs: int) -> dict[str, Head]:
    return {f"{name}{level}": Head(3, inputs, PYRAMID_FILTERS) for level in range(1, len(PYRAMID_CELLS) + 1)}


def _with_pyramid(inputs: int) -> int:
    return inputs + PYRAMID_FILTERS * len(PYRAMID_CELLS)


HEADS: dict[str, Head] = {
    "parsing_branch1": Head(3, 512, 512),
    "parsing_branch2": Head(3, 1024, 512),
    "parsing_branch3": Head(3, 2048, 512),
    "parsing_branch": Head(3, 1536, 512),
    **_pyramid("parsing_pp", 512),
    "parsing_pp_conv": Head(3, _with_pyramid(512), 512),
    "parsing_fc": Head(3, 512, CLASSES),
    "edge_branch1": Head(3, 512, 256),
    "edge_branch2": Head(3, 1024, 256),
    "edge_branch3": Head(3, 2048, 256),
    "edge_branch": Head(3, 768, 256),
    **_pyramid("edge_pp", 256),
    "edge_pp_conv": Head(3, _with_pyramid(256), 512),
    "edge_fc": Head(3, 512, 1),
    "parsing_fea": Head(3, 512, 256),
    "parsing_remap": Head(1, CLASSES, 128),
    "edge_fea": Head(3, 512, 256),
    "edge_remap": Head(1, 1, 128),
    "parsing_rf": Head(3, 768, 512),
    **_pyramid("parsing_rf_pp", 512),
    "parsing_rf_conv": Head(3, _with_pyramid(512), 512),
    "parsing_rf_fc": Head(3, 512, CLASSES),
    "edge_rf": Head(3, 768, 512),
    **_pyramid("edge_rf_pp", 512),
    "edge_rf_conv": Head(3, _with_pyramid(512), 512),
    "edge_rf_fc": Head(3, 512, 1),
}

TRAINING_HEADS: dict[str, Head] = {
    f"fc1_edge_c{number}_res{stage}": Head(3, 256, 1) for stage in (5, 4, 3) for number in range(5)
}
"""Deep supervision: in the checkpoint, but nothing that is answered depends on them."""


def variable_shapes() -> dict[str, Shape]:
    """Name (without ``:0``) and shape of all 626 variables of the published checkpoint."""
    shapes: dict[str, Shape] = {}
    for name, kernel in _backbone_kernels():
        shapes[f"{name}/weights"] = kernel
        shapes |= {f"{norm_of(name)}/{variable}": kernel[-1:] for variable in NORM_VARIABLES}
    for name, head in (HEADS | TRAINING_HEADS).items():
        shapes[f"{name}/weights"] = head.shape
        shapes[f"{name}/biases"] = (head.filters,)
    return shapes


def parameter_count() -> int:
    """How many trained numbers an answer depends on: the running moments of norms and the training's heads are none."""
    return sum(
        prod(shape)
        for name, shape in variable_shapes().items()
        if "/moving_" not in name and name.partition("/")[0] not in TRAINING_HEADS
    )


def norm_of(convolution: str) -> str:
    """Name of the batch norm after a convolution of the backbone."""
    return f"bn{convolution.removeprefix('res')}" if convolution.startswith("res") else f"bn_{convolution}"


def _backbone_kernels() -> Iterator[tuple[str, Shape]]:
    yield "conv1", (7, 7, 3, STEM_FILTERS)
    inputs = STEM_FILTERS
    for stage in STAGES:
        for block in stage.blocks:
            name = f"res{stage.number}{block}_branch"
            if block == stage.blocks[0]:
                yield f"{name}1", (1, 1, inputs, stage.outputs)
            yield f"{name}2a", (1, 1, inputs, stage.filters)
            yield f"{name}2b", (3, 3, stage.filters, stage.filters)
            yield f"{name}2c", (1, 1, stage.filters, stage.outputs)
            inputs = stage.outputs
