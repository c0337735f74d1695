"""What a run shows while it goes on: a bar with examples a second and time left, a log, a plot of the losses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LOG = "log.jsonl"
PLOT = "loss.png"
SMOOTHING = 0.9
"""Of the plotted curves: the share of the past in each point."""


def bar() -> Progress:
    """The progress bar; tasks need the field ``note``."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        refresh_per_second=1,
    )


class Log:
    """One JSON object a line; a run that goes on drops what was logged after its checkpoint."""

    def __init__(self, folder: Path, entries: int) -> None:
        self._path = folder / LOG
        lines = self._path.read_text().splitlines()[:entries] if self._path.exists() and entries else []
        self._entries: list[dict[str, float | str]] = [json.loads(line) for line in lines]
        self._path.write_text("".join(f"{line}\n" for line in lines))

    def __len__(self) -> int:
        """Number of entries."""
        return len(self._entries)

    def add(self, entry: Mapping[str, float | str]) -> None:
        """Append an entry to the file."""
        self._entries.append(dict(entry))
        with self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def plot(self, path: Path) -> None:
        """Draw every logged loss over the steps, smoothed, on a logarithmic scale."""
        import matplotlib  # noqa: PLC0415  slow to import, wanted seldom

        matplotlib.use("Agg")
        from matplotlib import pyplot  # noqa: PLC0415

        figure, axes = pyplot.subplots(figsize=(10, 6))
        names = sorted({name for entry in self._entries for name in entry if name.startswith("loss_")})
        for name in names:
            steps, values = [], []
            smooth: float | None = None
            for entry in self._entries:
                if name in entry:
                    value = float(entry[name])
                    smooth = value if smooth is None else SMOOTHING * smooth + (1 - SMOOTHING) * value
                    steps.append(float(entry["step"]))
                    values.append(max(smooth, 1e-4))
            axes.plot(steps, values, label=name.removeprefix("loss_"))
        axes.set(xlabel="step", ylabel="loss", yscale="log")
        axes.grid(visible=True, alpha=0.3)
        axes.legend()
        figure.savefig(path, dpi=80, bbox_inches="tight")
        pyplot.close(figure)
