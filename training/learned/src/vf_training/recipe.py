"""A recipe: everything that decides what a training run gives. It is read from a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from vf_training.errors import TrainingError

SIZE_STEP = 32
"""The trunk halves a picture five times."""


class RecipeError(TrainingError):
    """A recipe is not as documented; the message names the field."""


class Stage(BaseModel):
    """A part of a run, with a learning rate that rises and falls once.

    Attributes:
        name: what the log calls it.
        steps: how many batches.
        batch: examples a batch.
        size: (width, height) of the pictures in pixels, multiples of 32.
        rate: the highest learning rate of the decoder and the heads.
        trunk_rate: that of the trunk, as a fraction of ``rate``.
        frozen_blocks: how many of the trunk's first blocks, and the stem, are left as they are.
        frozen_maps: whether only the layers learn that speak of the whole picture.
        sources: share of each source of examples.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    steps: int = Field(gt=0)
    batch: int = Field(gt=0)
    size: tuple[int, int]
    rate: float = Field(gt=0)
    trunk_rate: float = Field(default=0.2, ge=0)
    frozen_blocks: int = Field(default=0, ge=0)
    frozen_maps: bool = False
    sources: dict[str, float] = Field(min_length=1)

    @field_validator("size")
    @classmethod
    def _multiples(cls, size: tuple[int, int]) -> tuple[int, int]:
        if any(side <= 0 or side % SIZE_STEP for side in size):
            raise ValueError(f"width and height are multiples of {SIZE_STEP}")
        return size


class Recipe(BaseModel):
    """A run.

    Attributes:
        seed: of every random choice.
        weight_decay: of AdamW.
        clip: largest norm of the gradient.
        average: decay of the exponential average of the weights, each step.
        stages: one after the other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int
    weight_decay: float = Field(ge=0)
    clip: float = Field(gt=0)
    average: float = Field(gt=0, lt=1)
    stages: tuple[Stage, ...] = Field(min_length=1)


def load(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        RecipeError: the file is missing, no TOML, or has a wrong or unknown field.
    """
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text()))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise RecipeError(f"{path}: {error}") from error
