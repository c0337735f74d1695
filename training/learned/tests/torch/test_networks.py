"""The networks: published weights fit, the exported file is small and computes the same, training can be stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import Dataset

from vf_training import losses
from vf_training.backbone import Backbone, load_imagenet
from vf_training.checkpoints import CheckpointError, fill, save
from vf_training.export import ExportError, export
from vf_training.garment.answer import Answer
from vf_training.garment.kinds import FILE, SEVERAL, SINGLE, KindProbe, ProbedReader, fit
from vf_training.garment.network import GarmentReader
from vf_training.garment.sources import FOLDER_KINDS
from vf_training.garment.task import SHAPE
from vf_training.parser.street import TAGS
from vf_training.progress import LOG
from vf_training.recipe import Recipe, Stage
from vf_training.trainer import CHECKPOINT, SHEET, WEIGHTS, Run, train

LARGEST_FILE = 20 * 2**20
LARGEST_NETWORK = 4_900_000


class Line(Dataset[dict[str, Tensor]]):
    """Points on a line."""

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        x = torch.rand(3, generator=torch.Generator().manual_seed(number))
        return {"x": x, "y": x.sum()[None]}


class LineTask:
    """The smallest network that has dropout and a batch norm."""

    name = "line"

    def network(self) -> nn.Module:
        return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))

    def prepare(self, network: nn.Module, stage: Stage) -> list[dict[str, Any]]:
        return [{"params": list(network.parameters()), "lr": stage.rate}]

    def dataset(self, stage: Stage, seed: int, network: nn.Module) -> Dataset[dict[str, Tensor]]:
        return Line()

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> Mapping[str, Tensor]:
        return {"distance": ((network(batch["x"]) - batch["y"]) ** 2).mean()}

    def sheet(self, network: nn.Module) -> np.ndarray:
        return np.zeros((4, 4, 3), np.uint8)

    def evaluate(self, network: nn.Module) -> Mapping[str, float]:
        return {"weight": float(next(network.parameters()).sum())}


class KilledError(Exception):
    """Stands for a process that is killed."""


class KilledTask(LineTask):
    """A task that is killed at a step."""

    def __init__(self, step: int) -> None:
        self._left = step

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> Mapping[str, Tensor]:
        if not self._left:
            raise KilledError
        self._left -= 1
        return super().losses(network, batch)


def recipe() -> Recipe:
    stage = {"steps": 3, "batch": 4, "size": (32, 32), "rate": 0.01, "sources": {"line": 1.0}}
    stages = [{"name": name, **stage} for name in ("first", "second")]
    return Recipe.model_validate({"seed": 1, "weight_decay": 0.1, "clip": 1.0, "average": 0.5, "stages": stages})


@pytest.mark.parametrize("killed_at", [1, 3, 5])
def test_a_run_that_was_killed_goes_on_to_the_same_weights(tmp_path: Path, killed_at: int) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    expected = train(LineTask(), recipe(), Run(whole, workers=0)).state_dict()
    with pytest.raises(KilledError):
        train(KilledTask(killed_at), recipe(), Run(broken, workers=0, save_seconds=0))
    (broken / CHECKPOINT).with_suffix(".partial").write_bytes(b"half of a checkpoint")
    found = train(LineTask(), recipe(), Run(broken, workers=0, resume=True)).state_dict()
    assert all(torch.equal(value, found[name]) for name, value in expected.items())
    last = [json.loads((folder / LOG).read_text().splitlines()[-1]) for folder in (whole, broken)]
    assert last[0] == last[1]


def test_nothing_to_resume_is_told(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt is not there"):
        train(LineTask(), recipe(), Run(tmp_path, workers=0, resume=True))
    (tmp_path / CHECKPOINT).write_bytes(b"no checkpoint")
    with pytest.raises(CheckpointError, match="cannot be read"):
        train(LineTask(), recipe(), Run(tmp_path, workers=0, resume=True))


def test_a_run_begins_with_an_earlier_run_s_weights(tmp_path: Path) -> None:
    save(LineTask().network().state_dict(), tmp_path / "earlier.pt")
    rest = recipe().model_copy(update={"stages": recipe().stages[:1]})
    ends = [
        train(
            LineTask(), rest.model_copy(update={"seed": 1}), Run(tmp_path / name, workers=0, start=start)
        ).state_dict()
        for name, start in (("without", None), ("with", tmp_path / "earlier.pt"))
    ]
    assert not torch.equal(ends[0]["0.weight"], ends[1]["0.weight"])
    with pytest.raises(CheckpointError, match="nothing"):
        train(LineTask(), rest, Run(tmp_path, workers=0, start=tmp_path / "nothing.pt"))


def test_new_outputs_of_an_earlier_network_begin_anew(tmp_path: Path) -> None:
    earlier, wider = nn.Linear(4, 2), nn.Linear(4, 3)
    fresh = {name: value.clone() for name, value in wider.state_dict().items()}
    save(earlier.state_dict(), tmp_path / "earlier.pt")
    fill(wider, tmp_path / "earlier.pt")
    assert torch.equal(wider.weight[:2], earlier.weight) and torch.equal(wider.bias[:2], earlier.bias)
    assert torch.equal(wider.weight[2:], fresh["weight"][2:]) and torch.equal(wider.bias[2:], fresh["bias"][2:])
    for other in (nn.Linear(5, 3), nn.Linear(4, 1), nn.Linear(4, 3, bias=False), nn.BatchNorm1d(3)):
        with pytest.raises(CheckpointError, match="another network"):
            fill(other, tmp_path / "earlier.pt")


def test_imagenet_s_weights_fit_the_trunk() -> None:
    backbone = Backbone()
    before = backbone.stem.weight.clone()
    load_imagenet(backbone)
    assert not torch.equal(before, backbone.stem.weight)
    levels, head = backbone(torch.zeros(1, 3, 64, 96))
    assert [tuple(level.shape[1:]) for level in levels] == [(24, 16, 24), (40, 8, 12), (112, 4, 6), (320, 2, 3)]
    assert head.shape == (1, 1280, 2, 3)
    assert all(torch.isfinite(level).all() for level in levels)


def test_frozen_blocks_do_not_learn() -> None:
    backbone = Backbone()
    backbone.freeze(2)
    learning = [block.narrow.weight.requires_grad for block in backbone.blocks]
    assert learning == [False, False, *[True] * 14]
    backbone.freeze(0)
    assert all(value.requires_grad for value in backbone.parameters())


def test_the_garment_reader_s_file_is_small_and_computes_the_same(tmp_path: Path) -> None:
    reader = GarmentReader()
    assert sum(value.numel() for value in reader.parameters()) <= LARGEST_NETWORK
    path = tmp_path / "reader.onnx"
    differences = export(ProbedReader(reader, KindProbe()), path, *SHAPE, halved=True)
    assert set(differences) == set(Answer._fields)
    assert path.stat().st_size <= LARGEST_FILE


def test_a_halved_file_is_half_as_large_and_computes_the_same(tmp_path: Path) -> None:
    plain, halved = tmp_path / "plain.onnx", tmp_path / "halved.onnx"
    network = nn.Linear(500, 200)
    export(network, plain, "x", (500,), ["y"])
    assert max(export(network, halved, "x", (500,), ["y"], halved=True).values()) < 1e-5
    assert halved.stat().st_size < 0.51 * plain.stat().st_size


def test_a_second_opinion_counts_as_much_as_the_reader_s_own_but_not_on_several() -> None:
    reader, probe = GarmentReader().eval(), KindProbe().eval()
    for layer in (reader.kind, probe.kind):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    reader.kind.bias.data[[0, SEVERAL]] = 5.0
    probe.kind.bias.data[2] = 5.0
    odds = ProbedReader(reader, probe)(torch.rand(1, 3, 64, 96)).kind.exp()[0]
    assert odds.sum().item() == pytest.approx(1)
    assert odds[SEVERAL].item() == pytest.approx(reader.kind.bias.softmax(0)[SEVERAL].item())
    assert odds[0].item() == pytest.approx(odds[2].item())
    assert odds[0] > 0.4 * (1 - odds[SEVERAL])


def test_the_layer_that_tells_kinds_reads_features_as_they_are() -> None:
    kinds = torch.arange(80) % len(SINGLE)
    features = torch.rand(80, 20, generator=torch.Generator().manual_seed(3)) * 50 + 100
    features[torch.arange(80), kinds] += 100
    assert (fit(features, kinds)(features).argmax(1) == kinds).all()


def test_a_network_that_computes_something_else_is_not_exported(tmp_path: Path) -> None:
    class Random(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor]:
            return (x + torch.rand_like(x),)

    with pytest.raises(ExportError, match="differ"):
        export(Random(), tmp_path / "random.onnx", "x", (2,), ["y"])
    assert not (tmp_path / "random.onnx").exists()


def test_a_group_s_label_accepts_every_label_of_the_group() -> None:
    options = {"group": slice(2, None), "group_label": 254, "ignore": 255}
    logits = torch.full((1, 5, 1, 3), -9.0)
    logits[0, 3, 0, 0] = logits[0, 0, 0, 1] = 9  # the first pixel is in the group, the second is background
    logits[0, 1, 0, 2] = 9
    weight = torch.ones(5)

    def loss(*target: int) -> float:
        return losses.part_map(logits, torch.tensor([[target]]), weight, **options).item()

    assert loss(254, 0, 255) == pytest.approx(0, abs=1e-4)
    assert loss(254, 254, 255) > 5
    assert loss(0, 0, 255) > 5
    assert loss(255, 255, 255) == 0


def test_a_place_s_loss_is_least_at_the_place() -> None:
    rows, columns = torch.meshgrid(torch.arange(12), torch.arange(10), indexing="ij")
    target, weight = torch.tensor([[[18.0, 26.0]]]), torch.ones(1, 1)

    def loss(x: float, y: float) -> float:
        peak = -((columns + 0.5 - x / 4) ** 2 + (rows + 0.5 - y / 4) ** 2) / (2 * 1.3**2)
        return losses.place(peak[None, None], target, weight, stride=4, sigma=1.3).item()

    assert loss(18, 26) == pytest.approx(0, abs=1e-4)
    assert loss(22, 26) > loss(19, 26) > 0.01


def test_dice_is_zero_where_all_is_right_and_leaves_out_what_is_not_known() -> None:
    truth = torch.tensor([[[0, 1], [2, 255]], [[255, 255], [255, 254]]])
    logits = 40.0 * nn.functional.one_hot(truth.clamp(max=2), 3).permute(0, 3, 1, 2).float()
    assert losses.dice(logits, truth, ignore=255).item() == pytest.approx(0, abs=1e-4)
    assert losses.dice(logits.flip(1), truth, ignore=255).item() > 0.5
    assert losses.dice(logits[1:], truth[1:], ignore=255).item() == 0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plain pictures in place of the photos."""
    folder = tmp_path_factory.mktemp("data")
    named = [
        folder / f"listing_garments/{split}/{kind}/one.jpg"
        for split in ("train", "validation")
        for kind in FOLDER_KINDS
    ]
    sizes = dict.fromkeys([*named, folder / "street_people/photos/one.jpg"], (60, 80))
    for split in ("train", "held_out"):
        entries = json.loads((files("vf_training.garment") / f"labels/{split}.json").read_text())["photos"]
        sizes |= {folder / "listing_garments" / entry["file"]: (entry["width"], entry["height"]) for entry in entries}
    for path, size in sizes.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (90, 120, 60)).save(path, quality=20)
    return folder


def vf_training(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vf_training", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


def test_train_garment_from_data_to_evaluated_weights(data: Path, tmp_path: Path) -> None:
    plan = tmp_path / "recipe.toml"
    plan.write_text(
        "seed = 1\nweight_decay = 0.01\nclip = 5.0\naverage = 0.9\n"
        '[[stages]]\nname = "one"\nsteps = 2\nbatch = 4\nsize = [32, 64]\nrate = 1e-3\nfrozen_blocks = 3\n'
        "sources = { synthetic = 0.3, listings = 0.2, labelled = 0.2, people = 0.1, pasted = 0.1, self_taught = 0.1 }\n"
    )
    out = tmp_path / "out"
    one_thread = ("--threads", "1")  # two of them wait for each other where the machine has more to do
    done = vf_training(
        "train", "garment", "--data", data, "--out", out, "--recipe", plan, "--device", "cpu", *one_thread
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir()} >= {
        CHECKPOINT,
        WEIGHTS,
        SHEET,
        LOG,
        FILE,
        "loss.png",
        "garment_reader.onnx",
    }
    assert 0 <= json.loads((out / LOG).read_text().splitlines()[-1])["kind"] <= 1

    again = tmp_path / "again.onnx"
    saved = ("--weights", out / WEIGHTS, "--kinds", out / FILE)
    assert vf_training("export", "garment", *saved, "--out", again).returncode == 0
    assert again.read_bytes() == (out / "garment_reader.onnx").read_bytes()

    sheet = tmp_path / "sheet.png"
    photos = data / "listing_garments"
    measured = vf_training("evaluate", "garment", "--photos", photos, "--weights", again, "--sheet", sheet, *one_thread)
    assert measured.returncode == 0, measured.stderr
    assert {"kind", "points", "landmarks", "garment"} <= set(json.loads(measured.stdout))
    assert Image.open(sheet).size[0] > 100


def test_train_parser_from_data_to_evaluated_weights(data: Path, tmp_path: Path) -> None:
    """Twenty photos of a red square that is called skirt."""
    people = tmp_path / "data/street_people"
    for folder in ("photos", "labels"):
        (people / folder).mkdir(parents=True)
    (tmp_path / "data/listing_garments").symlink_to(data / "listing_garments")
    picture, tags = np.full((80, 60, 3), 90, np.uint8), np.zeros((80, 60), np.uint8)
    picture[20:60, 15:45], tags[20:60, 15:45] = (200, 0, 0), TAGS.index("skirt")
    for number in range(20):
        Image.fromarray(picture).save(people / f"photos/red{number:04}.jpg")
        Image.fromarray(tags).save(people / f"labels/red{number:04}.png")
    plan = tmp_path / "recipe.toml"
    plan.write_text(
        "seed = 1\nweight_decay = 0.01\nclip = 5.0\naverage = 0.9\n"
        '[[stages]]\nname = "one"\nsteps = 2\nbatch = 4\nsize = [32, 64]\nrate = 1e-3\nsources = { street = 1.0 }\n'
    )
    out, one_thread = tmp_path / "out", ("--threads", "1")
    done = vf_training(
        "train", "parser", "--data", people.parent, "--out", out, "--recipe", plan, "--device", "cpu", *one_thread
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir()} >= {CHECKPOINT, WEIGHTS, SHEET, LOG, "loss.png", "person_parser.onnx"}
    assert (out / "person_parser.onnx").stat().st_size <= LARGEST_FILE

    again, sheet = tmp_path / "again.onnx", tmp_path / "sheet.png"
    assert vf_training("export", "parser", "--weights", out / WEIGHTS, "--out", again).returncode == 0
    assert again.read_bytes() == (out / "person_parser.onnx").read_bytes()
    measured = vf_training("evaluate", "parser", "--photos", people, "--weights", again, "--sheet", sheet, *one_thread)
    assert measured.returncode == 0, measured.stderr
    assert 0 <= json.loads(measured.stdout)["mean of eight"] <= 1
    assert Image.open(sheet).size[0] > 100


def test_missing_data_is_named_before_anything_is_trained(tmp_path: Path) -> None:
    done = vf_training("train", "garment", "--data", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "listing_garments" in done.stderr and "Traceback" not in done.stderr
