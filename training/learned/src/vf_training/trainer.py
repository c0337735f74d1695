"""The training loop that all networks share.

A run is a row of stages. What a step does depends only on the recipe, the step's number and the state that a
checkpoint holds: examples and dropout are drawn anew from the seed at each step. So a run that was stopped and goes
on gives the same weights as one that never stopped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

from vf_training import checkpoints
from vf_training.progress import PLOT, Log, bar
from vf_training.recipe import Recipe, Stage

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "weights.pt"
SHEET = "sheet.png"
LOG_STEPS = 10
RISE = 0.1
"""Share of a stage's steps in which the learning rate rises."""

Batch = dict[str, Tensor]


class Task(Protocol):
    """What is trained: a network, its data, its losses, and how to see that it learns."""

    name: str

    def network(self) -> nn.Module:
        """The network with the weights that training begins with."""

    def prepare(self, network: nn.Module, stage: Stage) -> list[dict[str, Any]]:
        """Freeze what a stage leaves alone; the rest as AdamW's parameter groups, each with its ``lr``."""

    def dataset(self, stage: Stage, seed: int, network: nn.Module) -> Dataset[Batch]:
        """A stage's examples; the same number and seed give the same example.

        ``network`` has the averaged weights so far.
        """

    def losses(self, network: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
        """Named losses whose sum is minimised."""

    def sheet(self, network: nn.Module) -> NDArray[Any]:
        """Pictures with what the network says of them, (H, W, 3) uint8 RGB."""

    def evaluate(self, network: nn.Module) -> Mapping[str, float]:
        """Numbers on what is held out."""


def chosen_device(name: str) -> str:
    """The device that `auto` stands for: a GPU where there is one; any other name is itself."""
    return ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name


@dataclass(frozen=True)
class Run:
    """Where and how a run goes.

    Attributes:
        out: folder for the checkpoint, the weights, the log, the plot and the sheet.
        device: cpu or cuda.
        workers: processes that make examples.
        resume: whether to go on from the folder's checkpoint.
        start: an earlier run's weights that a new run begins with; rows that they lack keep the new network's values.
        save_seconds: how often the checkpoint and the weights are written.
        show_seconds: how often the plot and the sheet are written.
    """

    out: Path
    device: str = "cpu"
    workers: int = 1
    resume: bool = False
    start: Path | None = None
    save_seconds: float = 120
    show_seconds: float = 600

    def __post_init__(self) -> None:
        """Raises CheckpointError: it cannot both begin and go on."""
        if self.start and self.resume:
            raise checkpoints.CheckpointError("--start begins a run and --resume goes on with one; give one of them")


@dataclass
class State:
    """What a checkpoint holds besides the log."""

    network: nn.Module
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    schedule: OneCycleLR
    stage: int = 0
    step: int = 0

    def document(self, entries: int) -> dict[str, Any]:
        """As a checkpoint."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "stage": self.stage,
            "step": self.step,
            "entries": entries,
        }


def train(task: Task, recipe: Recipe, run: Run) -> nn.Module:
    """Run all stages, or those that are left.

    Returns:
        the averaged network; what it reaches on held-out data is the last entry of the log.

    Raises:
        CheckpointError: there is nothing to resume or to start with, or it belongs to another recipe or network.
    """
    run.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    network = task.network()
    if run.start:
        checkpoints.fill(network, run.start)
    network = network.to(run.device, memory_format=torch.channels_last)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.average), use_buffers=True)
    found = checkpoints.load(run.out / CHECKPOINT, run.device) if run.resume else None
    log = Log(run.out, found["entries"] if found else 0)
    with bar() as progress:
        for number in range(found["stage"] if found else 0, len(recipe.stages)):
            state = _begin(task, recipe, number, network, average)
            if found and number == found["stage"]:
                _restore(state, found)
            _run_stage(task, recipe, run, state, log, progress)
        numbers = {name: round(float(value), 4) for name, value in task.evaluate(average.module).items()}
        log.add({"step": _total(recipe, len(recipe.stages), 0), **numbers})
        progress.console.print(numbers, highlight=False)
    return average.module


def _begin(task: Task, recipe: Recipe, number: int, network: nn.Module, average: AveragedModel) -> State:
    stage = recipe.stages[number]
    groups = task.prepare(network, stage)
    optimizer = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)
    rates = [group["lr"] for group in groups]
    schedule = OneCycleLR(optimizer, rates, total_steps=stage.steps, pct_start=RISE)
    return State(network, average, optimizer, schedule, number)


def _restore(state: State, found: dict[str, Any]) -> None:
    try:
        state.network.load_state_dict(found["network"])
        state.average.load_state_dict(found["average"])
        if found["step"]:
            state.optimizer.load_state_dict(found["optimizer"])
            state.schedule.load_state_dict(found["schedule"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise checkpoints.CheckpointError(f"the checkpoint belongs to another network or recipe: {error}") from error
    state.step = found["step"]


def _run_stage(task: Task, recipe: Recipe, run: Run, state: State, log: Log, progress: Progress) -> None:
    stage = recipe.stages[state.stage]
    shown = progress.add_task(stage.name, total=stage.steps, completed=state.step, note="")
    saved_at = shown_at = began = time.monotonic()
    first = state.step
    with _batches(task, recipe, run, state) as batches:
        for batch in batches:
            losses = _step(task, recipe, run, state, batch)
            now = time.monotonic()
            done = state.step == stage.steps
            speed = (state.step - first) * stage.batch / (now - began)
            progress.update(shown, completed=state.step, note=f"{speed:.1f} examples/s")
            if done or state.step % LOG_STEPS == 0:
                entry = {f"loss_{name}": round(value.item(), 5) for name, value in losses.items()}
                log.add({"step": _total(recipe, state.stage, state.step), "speed": round(speed, 2), **entry})
            if done or now - shown_at > run.show_seconds:
                log.plot(run.out / PLOT)
                _write_sheet(task.sheet(state.average.module), run.out / SHEET)
                shown_at = time.monotonic()
            if done or now - saved_at > run.save_seconds:
                _save(state, recipe, run, log)
                saved_at = time.monotonic()


@contextmanager
def _batches(task: Task, recipe: Recipe, run: Run, state: State) -> Iterator[Iterator[Batch]]:
    """The batches that the stage still has to see."""
    stage = recipe.stages[state.stage]
    dataset = task.dataset(stage, recipe.seed + state.stage, state.average.module)
    numbers = range(state.step * stage.batch, stage.steps * stage.batch)
    loader = DataLoader(
        dataset, stage.batch, sampler=numbers, num_workers=run.workers, worker_init_fn=_calm if run.workers else None
    )
    yield iter(loader)


def _calm(worker: int) -> None:
    """One thread in each process that makes examples."""
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def _step(task: Task, recipe: Recipe, run: Run, state: State, batch: Batch) -> Mapping[str, Tensor]:
    torch.manual_seed(hash((recipe.seed, state.stage, state.step)))
    state.network.train()
    moved = {name: value.to(run.device, non_blocking=True) for name, value in batch.items()}
    losses = task.losses(state.network, moved)
    state.optimizer.zero_grad(set_to_none=True)
    torch.stack(list(losses.values())).sum().backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), recipe.clip)
    state.optimizer.step()
    state.schedule.step()
    state.average.update_parameters(state.network)
    state.step += 1
    return losses


def _save(state: State, recipe: Recipe, run: Run, log: Log) -> None:
    checkpoints.save(state.document(len(log)), run.out / CHECKPOINT)
    checkpoints.save(state.average.module.state_dict(), run.out / WEIGHTS)


def _write_sheet(sheet: NDArray[Any], path: Path) -> None:
    cv2.imwrite(str(path), sheet[..., ::-1])


def _total(recipe: Recipe, stage: int, step: int) -> int:
    """Steps since the run began."""
    return sum(earlier.steps for earlier in recipe.stages[:stage]) + step
