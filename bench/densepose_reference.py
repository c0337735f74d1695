"""Hot time and peak memory of the DensePose reference engine, beside what was measured of the published program.

    .venv/densepose-reference/bin/python bench/densepose_reference.py [--threads 2] [--repeats 3] [--people 1]

Uses the authors' weight file when VF_WEIGHTS has it, else one with made-up numbers, which costs the same. The published
program's figures are CPU-seconds, as its machine was busy when they were taken; wall times are this machine's.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from vf_densepose.reference import box_head, picture
from vf_densepose.reference.engine import WEIGHTS, Options, ReferenceEngine, load_network
from vf_densepose.reference.network import Limits
from vf_densepose.types import DensePoseAnswer, DensePoseRequest
from vf_testing.pinning import pin_weights
from vfkit.contracts import Image

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "services/densepose/tests/reference"
HEIGHT, WIDTH = 1024, 768
PUBLISHED = {
    "backbone": "5.7 to 6.9",
    "proposals": "1.7 to 2.4",
    "boxes": "1.0 to 1.1",
    "decoder": "2.2",
    "head": "0.5 to 0.9",
    "network": "11.9 to 12.8",
}
"""CPU-seconds of Detectron2 at commit 02b5c4e with torch 2.14.1, 2 threads, one person, the same picture size."""
MAKE_WEIGHTS = """
import pickle, sys
sys.path.insert(0, sys.argv[1])
import densepose_golden
with open(sys.argv[2], "wb") as stream:
    pickle.dump({"model": densepose_golden.made_up_weights(), "__author__": "made up"}, stream, protocol=2)
"""


@dataclass(frozen=True)
class Cost:
    """The least of several runs."""

    wall: float
    cpu: float


def least(work: Callable[[], object], repeats: int) -> Cost:
    """Run it once to warm up, then several times."""
    work()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Cost(min(walls), min(cpus))


def peak_megabytes() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(name: str, cost: Cost) -> None:
    print(f"{name:12} {cost.wall:7.2f} s wall {cost.cpu:7.2f} s CPU   published {PUBLISHED.get(name, '-'):>12} s CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description="Hot time and peak memory of the DensePose reference engine.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--people", type=int, default=1, help="detections at most, as in the published measurement")
    options = parser.parse_args()
    weights = Path(os.environ.get("VF_WEIGHTS", ROOT / "weights"))
    with tempfile.TemporaryDirectory() as folder:
        if not (weights / "densepose/model_final_162be9.pkl").exists():
            weights = Path(folder)
            (weights / "densepose").mkdir()
            # Another process: what making the numbers takes is not the engine's memory.
            target = weights / "densepose/model_final_162be9.pkl"
            subprocess.run([sys.executable, "-c", MAKE_WEIGHTS, str(GOLDEN), str(target)], check=True)
            pin_weights(weights, WEIGHTS)
            print("weights: made-up numbers")
        measure(weights, options.threads, options.repeats, options.people)


def measure(weights: Path, threads: int, repeats: int, people: int) -> None:
    """Load, whole engine, then each part of the network."""
    image = np.random.RandomState(0).randint(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    limits = Limits(people=people)
    measure_engine(weights, Options(limits), DensePoseRequest(image), threads, repeats)
    measure_parts(weights, image, limits, repeats)


def measure_engine(weights: Path, options: Options, request: DensePoseRequest, threads: int, repeats: int) -> None:
    """Start, answer and memory, as a service has them."""
    engine = ReferenceEngine(weights, options, threads)
    start = time.perf_counter()
    engine.load()
    print(f"load         {time.perf_counter() - start:7.2f} s wall, peak {peak_megabytes():.0f} MB")
    (answer,) = engine.predict([request])
    print(f"picture {WIDTH} x {HEIGHT}, {threads} threads, people drawn: {isinstance(answer, DensePoseAnswer)}")
    show("engine", least(lambda: engine.predict([request]), repeats))
    print(f"peak memory  {peak_megabytes():7.0f} MB with one picture")
    show("engine, iuv", least(lambda: engine.predict([replace(request, iuv=True)]), repeats))


def measure_parts(weights: Path, image: Image, limits: Limits, repeats: int) -> None:
    """Each part of the network alone."""
    network, _ = load_network(weights, torch.device("cpu"))
    heads = network.roi_heads
    resized = picture.resize(image, 800, 1333)
    frame = resized.shape[0], resized.shape[1]
    with torch.inference_mode():
        pictures = picture.net_input([resized])
        features = network.backbone(pictures)
        (proposals,) = network.proposal_generator(features, *frame)
        decoded = heads.decoder(features)
        whole = torch.tensor([[100.0, 100.0, 700.0, 1000.0]])
        show("network", least(lambda: network(pictures, frame, limits), repeats))
        show("backbone", least(lambda: network.backbone(pictures), repeats))
        show("proposals", least(lambda: network.proposal_generator(features, *frame), repeats))
        show("boxes", least(lambda: heads.box_head(box_head.pool(features, proposals.boxes, 0)), repeats))
        show("decoder", least(lambda: heads.decoder(features), repeats))
        show("head", least(lambda: heads.charts_of(decoded, [whole], surface=False), repeats))


if __name__ == "__main__":
    main()
