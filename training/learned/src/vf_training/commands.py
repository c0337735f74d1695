"""The command line: train, evaluate and export each of the networks."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from vf_training import recipe
from vf_training.errors import TrainingError

EXIT_USAGE = 2

app = typer.Typer(
    help="Learned weights of VF-Market fitting.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
train_app = typer.Typer(help="Train a network.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure a network on photos that it has not learned from.", no_args_is_help=True)
export_app = typer.Typer(help="Write a trained network as ONNX.", no_args_is_help=True)
for name, inner in (("train", train_app), ("evaluate", evaluate_app), ("export", export_app)):
    app.add_typer(inner, name=name)

Data = Annotated[Path, typer.Option(help="Folder with listing_garments/ and street_people/.")]
Out = Annotated[Path, typer.Option(help="Folder for checkpoint, weights, log, plot, sheet and cache.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the run in --out was stopped.")]
Start = Annotated[
    Path | None, typer.Option(help="An earlier run's weights.pt to begin with; new outputs of a layer begin anew.")
]
RecipeFile = Annotated[Path | None, typer.Option("--recipe", help="TOML file in place of the network's recipe.toml.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")]
Workers = Annotated[int, typer.Option(min=0, help="Processes that make examples.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of the network on the CPU.")]
CORES = os.cpu_count() or 1


@train_app.command("garment")
def train_garment(
    data: Data,
    out: Out,
    resume: Resume = False,
    start: Start = None,
    recipe_file: RecipeFile = None,
    device: Device = "auto",
    threads: Threads = CORES,
    workers: Workers = 1,
) -> None:
    """The garment reader: kind, photo, view, parts and landmarks of a listing photo.

    Data: listing_garments/ is the photos of github.com/alexeygrigorev/clothing-dataset-small (CC0), in train/ and
    validation/; street_people/photos/ is those of github.com/bearpaw/clothing-co-parsing (Apache-2.0). Everything else
    is rendered. Ends with garment_reader.onnx in --out.
    """
    import torch  # noqa: PLC0415  takes seconds, and help needs none of it

    from vf_training import trainer  # noqa: PLC0415
    from vf_training.garment import kinds, task  # noqa: PLC0415
    from vf_training.pictures import LISTINGS  # noqa: PLC0415

    torch.set_num_threads(threads)
    plan = recipe.load(recipe_file or task.RECIPE)
    run = trainer.Run(out, trainer.chosen_device(device), workers, resume, start)
    trainer.train(task.GarmentTask(data, out / "cache", run.device), plan, run)
    kinds.learn(data / LISTINGS / "train", out / kinds.FILE)
    typer.echo(task.export_weights(out / trainer.WEIGHTS, out / kinds.FILE, out / task.ONNX))


@train_app.command("garment-kinds")
def train_garment_kinds(
    data: Annotated[Path, typer.Option(help="Folder with listing_garments/.")],
    out: Annotated[Path, typer.Option(help="Folder of a run of `train garment`; gets kinds.pt and the ONNX file.")],
    threads: Threads = CORES,
) -> None:
    """The last step of `train garment` alone: the layer that gives a second opinion on the kind, from the same data."""
    import torch  # noqa: PLC0415

    from vf_training import trainer  # noqa: PLC0415
    from vf_training.garment import kinds, task  # noqa: PLC0415
    from vf_training.pictures import LISTINGS  # noqa: PLC0415

    torch.set_num_threads(threads)
    kinds.learn(data / LISTINGS / "train", out / kinds.FILE)
    typer.echo(task.export_weights(out / trainer.WEIGHTS, out / kinds.FILE, out / task.ONNX))


@train_app.command("parser")
def train_parser(
    data: Data,
    out: Out,
    resume: Resume = False,
    start: Start = None,
    recipe_file: RecipeFile = None,
    device: Device = "auto",
    threads: Threads = CORES,
    workers: Workers = 1,
) -> None:
    """The person parser: which region of a person each pixel shows.

    Data: street_people/ is github.com/bearpaw/clothing-co-parsing (Apache-2.0), photos/NNNN.jpg and labels/NNNN.png
    (index = tag number); listing_garments/ as for the garment reader, for grounds only. Ends with person_parser.onnx in
    --out.
    """
    import torch  # noqa: PLC0415  takes seconds, and help needs none of it

    from vf_training import trainer  # noqa: PLC0415
    from vf_training.parser import task  # noqa: PLC0415

    torch.set_num_threads(threads)
    plan = recipe.load(recipe_file or task.RECIPE)
    run = trainer.Run(out, trainer.chosen_device(device), workers, resume, start)
    network = trainer.train(task.ParserTask(data, out / "cache", run.device), plan, run)
    typer.echo(task.export_network(network, out / task.ONNX))


@evaluate_app.command("garment")
def evaluate_garment(
    photos: Annotated[Path, typer.Option(help="Folder of listing photos with train/ and validation/.")],
    weights: Annotated[Path, typer.Option(help="ONNX file of the garment reader.")],
    sheet: Annotated[
        Path | None, typer.Option(help="PNG file for the labelled photos as the network reads them.")
    ] = None,
    threads: Threads = CORES,
) -> None:
    """Kinds of the photos in validation/, points, parts and landmarks of those with hand-made labels; as JSON."""
    from vf_training.garment import evaluation  # noqa: PLC0415

    typer.echo(json.dumps(evaluation.report(photos, weights, threads, sheet), indent=1))


@export_app.command("garment")
def export_garment(
    weights: Annotated[Path, typer.Option(help="weights.pt of a training run.")],
    kinds: Annotated[Path, typer.Option(help="kinds.pt of `train garment` or `train garment-kinds`.")],
    out: Annotated[Path, typer.Option(help="The ONNX file.")],
) -> None:
    """The garment reader as ONNX, checked against PyTorch on random input."""
    from vf_training.garment import task  # noqa: PLC0415

    typer.echo(task.export_weights(weights, kinds, out))


@evaluate_app.command("parser")
def evaluate_parser(
    photos: Annotated[Path, typer.Option(help="Folder street_people with photos/ and labels/.")],
    weights: Annotated[Path, typer.Option(help="ONNX file of the person parser.")],
    sheet: Annotated[Path | None, typer.Option(help="PNG file for some photos as the network reads them.")] = None,
    threads: Threads = CORES,
) -> None:
    """Overlap (IoU) of eight classes and of every region on the held-out street photos; as JSON."""
    from vf_training.parser import evaluation  # noqa: PLC0415

    typer.echo(json.dumps(evaluation.report(photos, weights, threads, sheet), indent=1))


@export_app.command("parser")
def export_parser(
    weights: Annotated[Path, typer.Option(help="weights.pt of a training run.")],
    out: Annotated[Path, typer.Option(help="The ONNX file.")],
) -> None:
    """The person parser as ONNX, checked against PyTorch on random input."""
    from vf_training.parser import task  # noqa: PLC0415

    typer.echo(task.export_weights(weights, out))


def main() -> None:
    """Run the command line; errors that a user can mend end it with one line and code 2."""
    try:
        app()
    except TrainingError as error:
        typer.echo(f"vf: {error}", err=True)
        sys.exit(EXIT_USAGE)
