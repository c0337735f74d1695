"""A second opinion on a garment's kind: the trunk as ImageNet left it, and one linear layer on what it sees.

The reader's own trunk learns parts and landmarks from a few thousand pictures, most of them rendered, and forgets some
of what tells real garments apart. A trunk that learns nothing forgets nothing. The layer is fitted to the listing
photos as they are and to examples of the run's sources, all of them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vf_training import checkpoints
from vf_training.backbone import HEAD_CHANNELS, LEVELS, Backbone, load_imagenet
from vf_training.garment.answer import HEIGHT, KINDS, WIDTH, Answer
from vf_training.garment.dataset import Mixture, as_tensor
from vf_training.garment.network import MIDDLE, GarmentReader
from vf_training.garment.reading import fitted
from vf_training.garment.sources import Source, listed, load
from vf_training.progress import bar
from vf_training.recipe import LastLayer, Recipe, RecipeError

FILE = "kinds.pt"
"""The linear layer of a run."""
FEATURES = sum(list(LEVELS.values())[1:]) + HEAD_CHANNELS
"""All levels but the finest, and the head."""
STEPS = 60
"""Of L-BFGS."""
FLAT = 1e-4
"""Least standard deviation of a feature."""


class KindProbe(nn.Module):
    """The trunk and the layer; ImageNet's weights are to be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.kind = nn.Linear(FEATURES, len(KINDS))

    def features(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W) RGB in [0, 1] to (N, FEATURES): means over the picture."""
        levels, head = self.backbone((pictures - MIDDLE) / MIDDLE)
        return torch.cat([values.mean((2, 3)) for values in (*levels[1:], head)], 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W) RGB in [0, 1] to (N, 8) logits in the order of KINDS."""
        kinds: Tensor = self.kind(self.features(pictures))
        return kinds


class ProbedReader(nn.Module):
    """A garment reader whose kind is the mean of its own log-odds and the probe's."""

    def __init__(self, reader: GarmentReader, probe: KindProbe) -> None:
        super().__init__()
        self.reader = reader
        self.probe = probe

    def forward(self, pictures: Tensor) -> Answer[Tensor]:
        """As `GarmentReader.forward`."""
        answer: Answer[Tensor] = self.reader(pictures)
        kind = (F.log_softmax(answer.kind, 1) + F.log_softmax(self.probe(pictures), 1)) / 2
        return answer._replace(kind=kind)


def step(plan: Recipe) -> LastLayer:
    """What a recipe says of this layer.

    Raises:
        RecipeError: nothing.
    """
    if plan.kinds is None:
        raise RecipeError("the recipe has no [kinds]; the garment reader needs it")
    return plan.kinds


def learn(photos: Path, sources: Mapping[str, Source], plan: LastLayer, seed: int, path: Path) -> None:
    """Fit the layer and write it.

    Args:
        photos: folder of listing photos to learn from, with a folder for each kind of thing.
        sources: of examples, by name.
        plan: the recipe's word on it.
        seed: of the examples.
        path: of the file.
    """
    probe = KindProbe().eval()
    load_imagenet(probe.backbone)
    drawn = Mixture(sources, plan.sources, (WIDTH, HEIGHT), seed)
    total = len(listed(photos)) + plan.examples
    features, kinds = torch.empty(total, FEATURES), torch.empty(total, dtype=torch.long)
    with bar() as progress, torch.no_grad():
        shown = progress.add_task("kinds", total=total, note="")
        for i, (picture, kind) in enumerate(_examples(photos, drawn, plan.examples)):
            features[i], kinds[i] = probe.features(picture[None])[0], kind
            progress.advance(shown)
    checkpoints.save(fit(features, kinds, plan.decay).state_dict(), path)


def fit(features: Tensor, kinds: Tensor, decay: float) -> nn.Linear:
    """Logistic regression.

    Args:
        features: (n, m).
        kinds: (n,) indices in KINDS.
        decay: of the squared weights, on standardised features.

    Returns:
        the layer, for features as they are.
    """
    mean, spread = features.mean(0), features.std(0) + FLAT
    standard = (features - mean) / spread
    layer = nn.Linear(features.shape[1], len(KINDS))
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(layer(standard), kinds) + decay * layer.weight.square().sum()
        torch.autograd.backward(value)
        return value

    optimizer.step(loss)
    with torch.no_grad():
        layer.weight /= spread
        layer.bias -= layer.weight @ mean
    return layer


def load_probe(path: Path) -> KindProbe:
    """The probe with ImageNet's trunk and the layer of a file.

    Raises:
        CheckpointError: the file is missing or holds another layer.
    """
    probe = KindProbe()
    load_imagenet(probe.backbone)
    try:
        probe.kind.load_state_dict(checkpoints.load(path))
    except RuntimeError as error:
        raise checkpoints.CheckpointError(f"{path} holds no layer that tells kinds: {error}") from error
    return probe


def _examples(photos: Path, drawn: Mixture, count: int) -> Iterator[tuple[Tensor, int]]:
    """Every photo as it is, then drawn examples: pictures (3, 384, 288) with the index of their kind."""
    for path, kind in listed(photos):
        yield as_tensor(fitted(load(path))), kind
    for number in range(count):
        example = drawn[number]
        yield example["picture"], int(example["kind"])
