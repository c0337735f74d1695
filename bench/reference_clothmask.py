"""Time and memory of CarveKit's reference engine: `python bench/reference_clothmask.py WEIGHTS`, in its environment.

WEIGHTS is a folder with `clothmask/tracer_b7.pth` and `clothmask/fba_matting.pth`; made-up ones cost the same time
and are pinned in its `weights.lock` (docs/weights.md).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from pathlib import Path

from vf_clothmask.reference.engine import ReferenceEngine
from vf_clothmask.types import GarmentRequest
from vfkit.pictures import read_picture

RUNS = 3
SAMPLE = Path(__file__).resolve().parent.parent / "samples/tshirt.jpg"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--matting", choices=("fba", "none"), default="fba")
    arguments = parser.parse_args()
    engine = ReferenceEngine(arguments.weights, matting=arguments.matting)
    engine.load()
    request = GarmentRequest(read_picture(SAMPLE.read_bytes()))
    walls, cpus = [], []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), sum(os.times()[:2])
        engine.predict([request])
        walls.append(round(time.perf_counter() - wall, 2))
        cpus.append(round(sum(os.times()[:2]) - cpu, 2))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    load = os.getloadavg()[0]
    print(json.dumps({"matting": arguments.matting, "wall_s": walls, "cpu_s": cpus, "peak_mb": peak, "load": load}))


if __name__ == "__main__":
    main()
