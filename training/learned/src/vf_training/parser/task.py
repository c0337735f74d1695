"""The person parser as a task of the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from vf_training import checkpoints, losses
from vf_training.augmentation import IGNORE
from vf_training.backbone import load_imagenet, parameter_groups
from vf_training.export import export
from vf_training.garment.sources import listed, surroundings
from vf_training.grounds import Grounds
from vf_training.mixture import Mixture
from vf_training.onnx_file import Array
from vf_training.parser import drawing, evaluation
from vf_training.parser.answer import HEIGHT, INPUT, OUTPUT, WIDTH
from vf_training.parser.dataset import draw
from vf_training.parser.examples import Shares, StreetPeople, rarity
from vf_training.parser.joints import SKIN, SKIN_REGIONS
from vf_training.parser.network import PersonParser
from vf_training.parser.reading import Network, read
from vf_training.parser.street import street_photos
from vf_training.pictures import LISTINGS, STREET
from vf_training.recipe import Stage
from vfkit.contracts.people import PersonRegion

RECIPE = Path(__file__).with_name("recipe.toml")
ONNX = "person_parser.onnx"
WEIGHTS = {
    PersonRegion.BACKGROUND: 0.7,
    PersonRegion.HAT: 1.6,
    PersonRegion.GLOVE: 2.5,
    PersonRegion.EYEWEAR: 2.5,
    PersonRegion.DRESS: 1.3,
    PersonRegion.SOCKS: 1.8,
    PersonRegion.SCARF: 1.8,
    PersonRegion.SKIRT: 1.5,
    PersonRegion.SHOE: 1.5,
    PersonRegion.HELD: 1.2,
    PersonRegion.TORSO_SKIN: 1.5,
    PersonRegion.ARM: 1.5,
}
"""Of the cross entropy: small and rare regions count more. The others have 1."""
FACTORS = {"regions": 1.0, "dice": 0.5}
BACKGROUND_STEP = 4
"""The surroundings of every fourth listing photo become grounds that people are put before."""
GROUND_SIZE = (412, 624)
STUDIO = Shares(cut=0.5, moved=0.8, accompanied=0.0)
"""As catalogues show people: before a plain ground, often down to the thighs."""
SHEET_PHOTOS = 24
SHEET_COLUMNS = 6


class ParserTask:
    """Trains a `PersonParser` on a folder of data.

    Args:
        data: folder with `listing_garments` and `street_people`.
        cache: folder for what is made once.

    Raises:
        DataError: the folder lacks something.
    """

    name = "parser"

    def __init__(self, data: Path, cache: Path, device: str = "cpu") -> None:
        self._held_out = street_photos(data / STREET, "held_out")
        self._device = device
        training = listed(data / LISTINGS / "train")
        backgrounds = surroundings([path for path, _ in training[::BACKGROUND_STEP]], cache / "surroundings")
        photos, grounds = street_photos(data / STREET, "train"), Grounds(backgrounds, GROUND_SIZE)
        odds = rarity(photos)
        self._sources = {
            "street": StreetPeople(photos, grounds),
            "rare": StreetPeople(photos, grounds, odds=odds),
            "studio": StreetPeople(photos, Grounds((), GROUND_SIZE), STUDIO, odds),
        }
        self._weights = torch.tensor([WEIGHTS.get(region, 1.0) for region in PersonRegion], device=device)

    def network(self) -> nn.Module:
        """With ImageNet's trunk."""
        network = PersonParser()
        load_imagenet(network.backbone)
        return network

    def prepare(self, network: nn.Module, stage: Stage) -> list[dict[str, Any]]:
        """The trunk learns more slowly than what was not trained before."""
        network.requires_grad_(True)
        network.backbone.freeze(stage.frozen_blocks)
        return parameter_groups(network, stage)

    def dataset(self, stage: Stage, seed: int, network: nn.Module) -> Dataset[dict[str, Tensor]]:
        """The stage's mixture."""
        return Mixture(self._sources, stage, seed, draw)

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> Mapping[str, Tensor]:
        """Cross entropy and overlap; where only SKIN is known, any bare skin is right."""
        pictures = batch["picture"].contiguous(memory_format=torch.channels_last)
        logits, regions = network(pictures), batch["regions"]
        exact = torch.where(regions == SKIN, IGNORE, regions)
        terms = {
            "regions": losses.part_map(
                logits, regions, self._weights, group=SKIN_REGIONS, group_label=SKIN, ignore=IGNORE
            ),
            "dice": losses.dice(logits, exact, ignore=IGNORE),
        }
        return {name: FACTORS[name] * value for name, value in terms.items()}

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Some of the held-out photos."""
        answer = self._answer(network)
        photos = self._held_out[:SHEET_PHOTOS]
        boxes = [evaluation.box_of(photo) for photo in photos]
        return drawing.sheet(
            [
                (photo.picture, read(answer, photo.picture, box), photo.regions)
                for photo, box in zip(photos, boxes, strict=True)
            ],
            SHEET_COLUMNS,
        )

    def evaluate(self, network: nn.Module) -> Mapping[str, float]:
        """Overlaps on the held-out photos."""
        answer = self._answer(network)
        return evaluation.measure(self._held_out, lambda photo: read(answer, photo.picture, evaluation.box_of(photo)))

    def _answer(self, network: nn.Module) -> Network:
        """The network as evaluation calls it, on arrays."""
        network.eval()

        def answer(pictures: Array) -> Array:
            with torch.inference_mode():
                return np.asarray(network(torch.from_numpy(pictures).to(self._device)).cpu().numpy(), np.float32)

        return answer


class _Tuple(nn.Module):
    """The network with a tuple of one answer, as `export` expects."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor]:
        """The only output."""
        return (self.network(pictures),)


def export_network(network: nn.Module, path: Path) -> dict[str, float]:
    """Write the network as ONNX; see `vf_training.export.export`."""
    return export(_Tuple(network), path, INPUT, (3, HEIGHT, WIDTH), (OUTPUT,))


def export_weights(weights: Path, path: Path) -> dict[str, float]:
    """Write the network of a run's `weights.pt` as ONNX; see `vf_training.export.export`.

    Raises:
        CheckpointError: the file is missing or holds another network.
        ExportError: the exported network computes something else.
    """
    network = PersonParser()
    try:
        network.load_state_dict(checkpoints.load(weights))
    except RuntimeError as error:
        raise checkpoints.CheckpointError(f"{weights} holds no person parser: {error}") from error
    return export_network(network, path)
