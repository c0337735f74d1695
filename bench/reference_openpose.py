"""Time and memory of OpenPose's reference engine: `python bench/reference_openpose.py`, in its own environment.

Weights are made up: time and memory do not depend on them, apart from the decoding, whose noise people are left out.
The published program's figures on two cores of the machine that recorded its outputs are in docs and the README.
"""

from __future__ import annotations

import json
import os
import resource
import time

import numpy as np
import torch

from vf_openpose.reference.network import Body25
from vf_openpose.reference.sizing import net_input, net_size

THREADS = 2
RUNS = 5
WIDTH, HEIGHT = 768, 1024


def main() -> None:
    torch.set_num_threads(THREADS)
    network = Body25().eval()
    picture = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    size = net_size(WIDTH, HEIGHT)
    walls, cpus = [], []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), sum(os.times()[:2])
        x = torch.from_numpy(net_input(picture, size).transpose(2, 0, 1)[None].copy()).float() / 256 - 0.5
        with torch.inference_mode():
            network(x)
        walls.append(time.perf_counter() - wall)
        cpus.append(sum(os.times()[:2]) - cpu)
    print(
        json.dumps(
            {
                "engine": "openpose reference: input and network",
                "picture": f"{WIDTH}x{HEIGHT}",
                "net": f"{size.width}x{size.height}",
                "threads": THREADS,
                "seconds_best": round(min(walls[1:]), 2),
                "seconds_median": round(sorted(walls[1:])[len(walls[1:]) // 2], 2),
                "cpu_seconds_best": round(min(cpus[1:]), 2),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "load": os.getloadavg()[0],
            }
        )
    )


if __name__ == "__main__":
    main()
