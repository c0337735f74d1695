"""Time, memory and bfloat16 error of HR-VITON's reference engine: `python bench/reference_hrviton.py`.

Run it in the service's own environment, on an idle machine. Weights and pictures are made up: neither changes the
time much. Beside it: the published program's hot `test()` took 42 to 46 s at 1024x768 on two cores (generator 28.5 s,
Gaussian 9.8 s, condition generator 1.2 s).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "services/hrviton/tests/reference"))

import hrviton_golden as golden  # noqa: E402  the recordings' made-up weights and pictures

from vf_hrviton.reference.engine import CONDITION_FILE, GENERATOR_FILE, ReferenceEngine  # noqa: E402

PUBLISHED_SECONDS = "42-46"
RUNS = 3


def main() -> None:
    sizes = sys.argv[1:] or ["1024x768"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hrviton").mkdir()
        torch.save(golden.condition_state(), Path(folder) / CONDITION_FILE)
        torch.save(golden.generator_state(), Path(folder) / GENERATOR_FILE)
        for size in sizes:
            for noise in ("off", "seeded"):
                measure(Path(folder), size, noise)


def measure(weights: Path, size: str, noise: str) -> None:
    engine = ReferenceEngine(weights, size=size, noise=noise)  # type: ignore[arg-type]
    engine.load()
    walls, cpus = [], []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), sum(os.times()[:2])
        engine.predict([golden.request()])
        walls.append(time.perf_counter() - wall)
        cpus.append(sum(os.times()[:2]) - cpu)
    print(
        json.dumps(
            {
                "engine": "hrviton reference",
                "size": size,
                "noise": noise,
                "threads": torch.get_num_threads(),
                "seconds_best": round(min(walls), 2),
                "cpu_seconds_best": round(min(cpus), 2),
                "published_seconds": PUBLISHED_SECONDS if size == "1024x768" else None,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "load": os.getloadavg()[0],
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
