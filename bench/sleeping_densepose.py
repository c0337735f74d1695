"""The densepose service with an engine that sleeps instead of computing: for `scaling.py`, which counts replicas.

One at a time, like a network that has the device to itself; everything around the engine is the service's own (queue,
batching, refusals), so what is measured is how the gateway spreads calls, on any number of cores.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import numpy as np

from vf_densepose import app
from vf_densepose.types import DensePoseAnswer, DensePoseRequest
from vfkit.engines import EngineInfo
from vfkit.problems import Problem
from vfkit.serving import serve

SECONDS = float(os.environ.get("SLEEP_SECONDS", "1"))


class SleepingEngine:
    """Answers a black picture after a while."""

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(name="open", description="Sleeps.", version="0", licence="Apache-2.0")

    def load(self) -> None:
        """Nothing to load."""

    def predict(self, batch: Sequence[DensePoseRequest]) -> list[DensePoseAnswer | Problem]:
        """One after the other."""
        time.sleep(SECONDS * len(batch))
        return [DensePoseAnswer(np.zeros_like(request.image)) for request in batch]


def main() -> None:
    """Serve as the container of the service does."""
    app.ENGINES["open"] = lambda settings: SleepingEngine()
    serve(app.create_app(), "0.0.0.0", 8000)  # noqa: S104  inside a container


if __name__ == "__main__":
    main()
