"""The garment reader as a task of the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
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
from vf_training.garment import drawing, evaluation, kinds
from vf_training.garment.answer import HEIGHT, INPUT, STRIDE, WIDTH, Answer
from vf_training.garment.composites import Folded, Pasted, Several
from vf_training.garment.cutouts import Wardrobe
from vf_training.garment.dataset import draw
from vf_training.garment.examples import GARMENT, HIDDEN, VISIBLE
from vf_training.garment.hand_labels import labelled
from vf_training.garment.network import GarmentReader
from vf_training.garment.reading import Network, read
from vf_training.garment.self_taught import SelfTaught
from vf_training.garment.sources import (
    Fixed,
    ListingPhotos,
    Source,
    Synthetic,
    Worn,
    listed,
    surroundings,
)
from vf_training.grounds import Grounds
from vf_training.mixture import Mixture
from vf_training.onnx_file import Array
from vf_training.pictures import LISTINGS, STREET, load
from vf_training.recipe import Stage
from vfkit.contracts.garment import GarmentPart

RECIPE = Path(__file__).with_name("recipe.toml")
ONNX = "garment_reader.onnx"
SMOOTHING = 0.05
PART_WEIGHTS = {
    GarmentPart.BACKGROUND: 1.0,
    GarmentPart.HANGER: 3.0,
    GarmentPart.TORSO: 1.0,
    GarmentPart.COLLAR: 2.0,
    GarmentPart.INSIDE: 2.0,
    GarmentPart.WAISTBAND: 2.0,
}
"""Of the cross entropy: small parts count more. Sleeves and legs have LIMB_WEIGHT."""
LIMB_WEIGHT = 1.5
SIGMA = 1.3
"""Of a landmark's Gaussian, in cells."""
HIDDEN_WEIGHT = 0.4
"""Of a landmark's place where cloth hides it, relative to a visible one."""
FACTORS = {"parts": 1.0, "dice": 0.5, "places": 0.25, "visibility": 0.5, "kind": 1.0, "photo": 0.3, "view": 0.3}
SYNTHETIC_COUNT = 8000
"""Different rendered photos."""
CUTOUT_COUNT = 800
"""So many of them are cut out for composites."""
CUTOUT_SHARE = 0.3
"""How many of the garments in composites are rendered."""
COMPOSITE_SIZE = (324, 432)
"""Width and height of composites, before they are changed at random."""
SELF_TAUGHT = "self_taught"
BACKGROUND_STEP = 3
"""The surroundings of every third training photo become backgrounds."""
SHAPE = (INPUT, (3, HEIGHT, WIDTH), Answer._fields)
"""The ONNX file's input, its shape, and the outputs."""
SHEET_PHOTOS = 20
SHEET_COLUMNS = 5


class GarmentTask:
    """Trains a `GarmentReader` on a folder of data.

    Args:
        data: folder with `listing_garments` and `street_people`.
        cache: folder for rendered photos, surroundings and self-taught labels.

    Raises:
        DataError: the folder lacks something.
    """

    name = "garment"

    def __init__(self, data: Path, cache: Path, device: str = "cpu") -> None:
        self._data = data
        self._device = device
        self._teacher = cache / "teacher.onnx"
        training = listed(data / LISTINGS / "train")
        backgrounds = surroundings([path for path, _ in training[::BACKGROUND_STEP]], cache / "surroundings")
        hand_made = labelled("train", data / LISTINGS)
        examples = [photo.example for photo in hand_made]
        known = {photo.path for photo in hand_made}
        rendered = Synthetic(cache / "synthetic", CUTOUT_COUNT, backgrounds)
        wardrobe, grounds = Wardrobe(examples, rendered, CUTOUT_SHARE), Grounds(backgrounds, COMPOSITE_SIZE)
        self._sources: dict[str, Source] = {
            "listings": ListingPhotos(data / LISTINGS / "train"),
            "market": ListingPhotos(data / LISTINGS / "train", as_often_as_sold=True),
            "synthetic": Synthetic(cache / "synthetic", SYNTHETIC_COUNT, backgrounds),
            "labelled": Fixed(examples),
            "people": Worn(data / STREET / "photos"),
            "pasted": Pasted(wardrobe, grounds),
            "several": Several(wardrobe, grounds),
            "folded": Folded(wardrobe, grounds),
            SELF_TAUGHT: SelfTaught(
                [(path, kind) for path, kind in training if path not in known], self._teacher, cache / SELF_TAUGHT
            ),
        }
        self._part_weights = torch.tensor([PART_WEIGHTS.get(part, LIMB_WEIGHT) for part in GarmentPart], device=device)

    def network(self) -> nn.Module:
        """With ImageNet's trunk."""
        network = GarmentReader()
        load_imagenet(network.backbone)
        return network

    def prepare(self, network: nn.Module, stage: Stage) -> list[dict[str, Any]]:
        """The trunk learns more slowly than what was not trained before."""
        network.requires_grad_(True)
        network.backbone.freeze(stage.frozen_blocks)
        if stage.frozen_maps:
            network.freeze_maps()
        return parameter_groups(network, stage)

    def dataset(self, stage: Stage, seed: int, network: nn.Module) -> Dataset[dict[str, Tensor]]:
        """The stage's mixture; the first stage with self-taught labels makes its network their teacher."""
        if stage.sources.get(SELF_TAUGHT) and not self._teacher.exists():
            export(deepcopy(network), self._teacher, *SHAPE)  # a copy: the export moves and changes it
        return Mixture(self._sources, stage, seed, draw)

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> Mapping[str, Tensor]:
        """Each known label's loss, with its factor."""
        pictures = batch["picture"].contiguous(memory_format=torch.channels_last)
        answer = network(pictures)
        parts, visibility = batch["parts"], batch["visibility"]
        shown = (visibility == VISIBLE).float() + HIDDEN_WEIGHT * (visibility == HIDDEN).float()
        terms = {
            "parts": losses.part_map(
                answer.parts,
                parts,
                self._part_weights,
                group=slice(GarmentPart.TORSO, None),
                group_label=GARMENT,
                ignore=IGNORE,
            ),
            "dice": losses.dice(answer.parts, parts, ignore=IGNORE),
            "places": losses.place(answer.landmarks, batch["points"], shown, stride=STRIDE, sigma=SIGMA),
            "visibility": losses.choice(answer.visibility.flatten(0, 1), visibility.flatten()),
            "kind": losses.choice(answer.kind, batch["kind"], smoothing=SMOOTHING),
            "photo": losses.choice(answer.photo, batch["photo"], smoothing=SMOOTHING),
            "view": losses.choice(answer.view, batch["view"], smoothing=SMOOTHING),
        }
        return {name: FACTORS[name] * value for name, value in terms.items()}

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """Some of the held-out listing photos."""
        photos = listed(self._data / LISTINGS / "validation")
        pictures = [load(path) for path, _ in photos[:: len(photos) // SHEET_PHOTOS][:SHEET_PHOTOS]]
        answer = self._answer(network)
        return drawing.sheet(pictures, [read(answer, picture) for picture in pictures], SHEET_COLUMNS)

    def evaluate(self, network: nn.Module) -> Mapping[str, float]:
        """Kinds of the held-out listing photos; points and landmarks of those that are labelled by hand."""
        answer = self._answer(network)
        counts = evaluation.kinds(answer, self._data / LISTINGS / "validation")
        photos = labelled("held_out", self._data / LISTINGS)
        readings = [read(answer, photo.example.picture) for photo in photos]
        return {**evaluation.kind_numbers(counts), **evaluation.labels(photos, readings)}

    def _answer(self, network: nn.Module) -> Network:
        """The network as evaluation calls it, on arrays."""
        network.eval()

        def answer(pictures: Array) -> Answer[Array]:
            with torch.inference_mode():
                return Answer(
                    *(logits.cpu().numpy() for logits in network(torch.from_numpy(pictures).to(self._device)))
                )

        return answer


def export_weights(weights: Path, layer: Path, path: Path) -> dict[str, float]:
    """Write the network of a run's `weights.pt` and its `kinds.pt` as ONNX; see `vf_training.export.export`.

    Raises:
        CheckpointError: a file is missing or holds something else.
        ExportError: the exported network computes something else.
    """
    network = GarmentReader()
    try:
        network.load_state_dict(checkpoints.load(weights))
    except RuntimeError as error:
        raise checkpoints.CheckpointError(f"{weights} holds no garment reader: {error}") from error
    return export(kinds.ProbedReader(network, kinds.load_probe(layer)), path, *SHAPE, halved=True)
