"""`vf fit` and `vf compare`: fittings through the gateway, their pictures saved to a folder."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image as PILImage
from PIL import ImageOps
from rich.progress import Progress, SpinnerColumn, TextColumn

from vf_cli.client import GatewayClient, read_photo
from vf_cli.output import CommandError, console
from vf_client import Fitting
from vfkit.contracts import Artifact, Category, Stage

STAGE_LINES = {
    "waiting": "[dim]waits[/]",
    "running": "[yellow]runs[/]",
    "done": "[green]done[/]",
    "failed": "[red]failed[/]",
    "cancelled": "[dim]cancelled[/]",
}

SHEET_TILE = (384, 512)
SHEET_GAP = 8
SHEET_COLUMNS = 4
SHEET_INSET = (120, 160)
"""Size in which the garment's photo stands in the corner of its result."""


def save_fitting(client: GatewayClient, fitting: Fitting, out: Path) -> dict[str, str]:
    """Write every artifact and fitting.json to a folder.

    Returns:
        Path of each file by its name.
    """
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, str] = {}
    for name in fitting.artifacts:
        (out / name).write_bytes(client.artifact(fitting, name))
        files[name] = str(out / name)
    (out / "fitting.json").write_text(json.dumps(fitting.document, indent=2, ensure_ascii=False) + "\n")
    return files


def fit(client: GatewayClient, person: Path, garment: Path, out: Path, category: Category) -> dict[str, Any]:
    """One fitting, shown stage by stage.

    Returns:
        The fitting as the gateway tells it, and `files`, the path of each picture.

    Raises:
        CommandError: a file cannot be read, a picture cannot be used, the gateway failed.
    """
    with stage_display() as show:
        fitting = client.fit(read_photo(person), read_photo(garment), show, category=category)
        return {**fitting.document, "files": save_fitting(client, fitting, out)}


@contextmanager
def stage_display() -> Iterator[Callable[[Fitting], None]]:
    """Show where each stage of a fitting is; where nobody watches, a line for each that ended."""
    live = Progress(
        SpinnerColumn(), TextColumn("{task.description:10}"), TextColumn("{task.fields[state]}"),
        console=console, disable=not console.is_terminal,
    )  # fmt: skip
    lines = {stage.value: live.add_task(stage.value, total=1, state=STAGE_LINES["waiting"]) for stage in Stage}
    told: set[str] = set()

    def show(fitting: Fitting) -> None:
        for stage, record in fitting.stages.items():
            took = "kept from before" if record.cached else f"{record.ms / 1000:.2f} s" if record.ms else ""
            told_state = f"{STAGE_LINES[record.state]} {took}"
            live.update(lines[stage], state=told_state, completed=int(record.state == "done"))
            if live.disable and record.state in ("done", "failed") and stage not in told:
                told.add(stage)
                console.print(f"{stage} {told_state}")

    with live:
        yield show


def compare(
    client: GatewayClient,
    person: Path,
    garments: Sequence[Path],
    out: Path,
    *,
    category: Category = Category.AUTO,
    jobs: int,
    progress: Progress,
) -> dict[str, Any]:
    """One person in many garments: a folder for each, comparison.png, comparison.json.

    A garment that cannot be fitted is told and left out of the sheet.

    Args:
        client: the gateway.
        person: photo of the person.
        garments: photos of the garments; their stems name the folders.
        out: folder for everything.
        category: what all of the garments are sold as.
        jobs: fittings at the same time.
        progress: shows how far it is.

    Returns:
        What comparison.json says: `fittings` in the order of the garments, each with `garment` and either the
        fitting's fields or `error`; `sheet`, the contact sheet's path (None when no garment could be fitted).
    """
    body = read_photo(person)
    bodies = {garment: read_photo(garment) for garment in garments}
    names = unique_names(garments)
    with progress:
        task = progress.add_task("fittings", total=len(garments), note="")

        def one(garment: Path) -> dict[str, Any]:
            folder = out / names[garment]
            try:
                fitting = client.fit(body, bodies[garment], category=category)
                return {"garment": str(garment), **fitting.document, "files": save_fitting(client, fitting, folder)}
            except CommandError as error:
                console.print(f"[yellow]{garment}: {error.message}[/]")
                return {"garment": str(garment), "error": error.message, "problem": error.problem, "exit": error.code}
            finally:
                progress.advance(task)

        with ThreadPoolExecutor(jobs) as pool:
            fittings = list(pool.map(one, garments))
    made = [Path(entry["files"][Artifact.RESULT]).parent for entry in fittings if "files" in entry]
    sheet = out / "comparison.png" if made else None
    if sheet:
        sheet.write_bytes(draw_sheet(made))
    document = {"person": str(person), "fittings": fittings, "sheet": str(sheet) if sheet else None}
    out.mkdir(parents=True, exist_ok=True)
    (out / "comparison.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return document


def unique_names(paths: Sequence[Path]) -> dict[Path, str]:
    """A folder name for each file: its stem, with its place in the list where two stems are equal."""
    stems = [path.stem for path in paths]
    return {
        path: stem if stems.count(stem) == 1 else f"{stem}-{index}"
        for index, (path, stem) in enumerate(zip(paths, stems, strict=True), start=1)
    }


def draw_sheet(fittings: Sequence[Path]) -> bytes:
    """The contact sheet of a comparison: the person, then each result with its garment in the upper left corner.

    Args:
        fittings: folders with the artifacts of each fitting, at least one.

    Returns:
        A PNG of tiles of 384x512, four in a row, on white.
    """
    tiles = [_tile(fittings[0] / Artifact.PERSON, None)]
    tiles += [_tile(folder / Artifact.RESULT, folder / Artifact.CLOTH) for folder in fittings]
    columns = min(SHEET_COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    step = (SHEET_TILE[0] + SHEET_GAP, SHEET_TILE[1] + SHEET_GAP)
    sheet = PILImage.new("RGB", (SHEET_GAP + columns * step[0], SHEET_GAP + rows * step[1]), "white")
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        sheet.paste(tile, (SHEET_GAP + column * step[0], SHEET_GAP + row * step[1]))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _tile(picture: Path, garment: Path | None) -> PILImage.Image:
    with PILImage.open(picture) as opened:
        tile = opened.convert("RGB").resize(SHEET_TILE, PILImage.Resampling.LANCZOS)
    if garment:
        with PILImage.open(garment) as opened:
            inset = ImageOps.contain(opened.convert("RGB"), SHEET_INSET, PILImage.Resampling.LANCZOS)
        tile.paste(ImageOps.expand(inset, 1, "grey"), (0, 0))
    return tile
