"""A second opinion on a garment's kind: the trunk as ImageNet left it, and one linear layer on what it sees.

The reader's own trunk learns parts and landmarks from a few thousand pictures, most of them rendered, and forgets some
of what tells real garments apart. A trunk that learns nothing forgets nothing. The layer is fitted to all listing
photos together. None of them shows several garments, so that this is left to the reader.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vf_training import checkpoints
from vf_training.backbone import HEAD_CHANNELS, LEVELS, Backbone, load_imagenet
from vf_training.garment.answer import KINDS, Answer
from vf_training.garment.network import MIDDLE, GarmentReader
from vf_training.garment.reading import fitted
from vf_training.garment.sources import listed
from vf_training.mixture import picture_tensor
from vf_training.pictures import load
from vf_training.progress import bar
from vfkit.contracts.garment import GarmentKind

FILE = "kinds.pt"
"""The linear layer of a run."""
SEVERAL = KINDS.index(GarmentKind.SEVERAL)
SINGLE = [index for index in range(len(KINDS)) if index != SEVERAL]
"""The kinds that the layer tells apart, as indices in KINDS."""
FEATURES = sum(list(LEVELS.values())[1:]) + HEAD_CHANNELS
"""All levels but the finest, and the head."""
DECAY = 1e-2
"""Of the squared weights, on standardised features."""
STEPS = 40
"""Of L-BFGS."""
FLAT = 1e-4
"""Least standard deviation of a feature."""


class KindProbe(nn.Module):
    """The trunk and the layer; ImageNet's weights are to be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.kind = nn.Linear(FEATURES, len(SINGLE))

    def features(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W) RGB in [0, 1] to (N, FEATURES): means over the picture."""
        levels, head = self.backbone((pictures - MIDDLE) / MIDDLE)
        return torch.cat([values.mean((2, 3)) for values in (*levels[1:], head)], 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W) RGB in [0, 1] to (N, 7) logits in the order of SINGLE."""
        kinds: Tensor = self.kind(self.features(pictures))
        return kinds


class ProbedReader(nn.Module):
    """A garment reader with a probe: of one article, its kind is the mean of the log-odds of both."""

    def __init__(self, reader: GarmentReader, probe: KindProbe) -> None:
        super().__init__()
        self.reader = reader
        self.probe = probe

    def forward(self, pictures: Tensor) -> Answer[Tensor]:
        """As `GarmentReader.forward`."""
        answer: Answer[Tensor] = self.reader(pictures)
        own = F.log_softmax(answer.kind, 1)
        one = own[:, SINGLE]
        both = F.log_softmax((one + F.log_softmax(self.probe(pictures), 1)) / 2, 1)
        kinds = list((both + one.logsumexp(1, keepdim=True)).unbind(1))
        kinds.insert(SEVERAL, own[:, SEVERAL])
        return answer._replace(kind=torch.stack(kinds, 1))


def learn(photos: Path, path: Path) -> None:
    """Fit the layer and write it.

    Args:
        photos: folder of listing photos to learn from, with a folder for each kind of thing.
        path: of the file.
    """
    probe = KindProbe().eval()
    load_imagenet(probe.backbone)
    examples = listed(photos)
    features = torch.empty(len(examples), FEATURES)
    with bar() as progress, torch.no_grad():
        shown = progress.add_task("kinds", total=len(examples), note="")
        for i, (picture, _) in enumerate(examples):
            features[i] = probe.features(picture_tensor(fitted(load(picture)))[None])[0]
            progress.advance(shown)
    kinds = torch.tensor([SINGLE.index(kind) for _, kind in examples])
    checkpoints.save(fit(features, kinds).state_dict(), path)


def fit(features: Tensor, kinds: Tensor) -> nn.Linear:
    """Logistic regression.

    Args:
        features: (n, m).
        kinds: (n,) indices in SINGLE.

    Returns:
        the layer, for features as they are.
    """
    mean, spread = features.mean(0), features.std(0) + FLAT
    standard = (features - mean) / spread
    layer = nn.Linear(features.shape[1], len(SINGLE))
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(layer(standard), kinds) + DECAY * layer.weight.square().sum()
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
