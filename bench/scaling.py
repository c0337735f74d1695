"""Fittings per second against replicas of one service, in containers, without a restart of the gateway.

    python bench/scaling.py [--replicas 1 2 3] [--fittings 24] [--seconds 1]

The densepose of this stack sleeps instead of computing, one fitting at a time, and the other services are stubs: two
cores are enough to see how the gateway spreads calls. Prints one JSON document. Needs Docker and the images of
docker-compose.yml (`docker compose build`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from vfkit.pictures import encode_png

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from compose.containers import compose_command  # noqa: E402  shared with the tests

PORT, KEY = 8899, f"vf_{secrets.token_urlsafe(24)}"
FILES = ["-f", "docker-compose.yml", "-f", "bench/scaling.yml"]
READY_SECONDS = 120


def compose(*arguments: str, seconds: float) -> None:
    """Run compose on this bench's own project."""
    settings = {"GATEWAY_PORT": str(PORT), "VF_LOCAL_KEY": KEY, "SLEEP_SECONDS": str(seconds)}
    command = [*compose_command(), "-p", "vf-bench", *FILES, *arguments]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, check=True, stderr=subprocess.DEVNULL)


def photo() -> bytes:
    """A picture that nobody has seen before."""
    return encode_png(np.random.default_rng().integers(0, 255, (400, 300, 3), np.uint8))


async def ready(client: httpx.AsyncClient) -> None:
    """Wait for the gateway."""
    for _ in range(READY_SECONDS * 2):
        try:
            if (await client.get("/readyz")).is_success:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.5)
    raise SystemExit("the gateway did not become ready")


async def fit(client: httpx.AsyncClient, garment: str) -> None:
    """One fitting of a new person; ends when it has."""
    answer = await client.post(
        "/v1/fittings", files={"person": photo()}, data={"garment_id": garment}, headers={"Prefer": "wait=60"}
    )
    if answer.json().get("state") != "succeeded":
        raise SystemExit(f"a fitting did not succeed: {answer.text}")


async def measure(replicas: list[int], fittings: int, seconds: float) -> list[dict[str, Any]]:
    """Fittings per second for each number of replicas."""
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{PORT}", headers=headers, timeout=90, trust_env=False
    ) as client:
        await ready(client)
        garment = (await client.post("/v1/garments", files={"image": photo()})).raise_for_status().json()["id"]
        rows = []
        for count in replicas:
            compose("up", "--detach", "--no-deps", "--no-recreate", "--scale", f"densepose={count}", "densepose",
                    seconds=seconds)  # fmt: skip
            await asyncio.sleep(10)  # the new replicas start, and the gateway asks for the name again
            began = time.monotonic()
            await asyncio.gather(*(fit(client, garment) for _ in range(fittings)))
            rate = fittings / (time.monotonic() - began)
            rows.append({"replicas": count, "fittings_per_second": round(rate, 2)})
        return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Fittings per second against replicas of a sleeping service.")
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--fittings", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=1.0, help="that one densepose takes")
    options = parser.parse_args()
    compose("up", "--detach", "--no-deps", "stubs", "densepose", "gateway", seconds=options.seconds)
    try:
        rows = asyncio.run(measure(options.replicas, options.fittings, options.seconds))
    finally:
        compose("down", "--volumes", seconds=options.seconds)
    print(
        json.dumps({"seconds_per_densepose": options.seconds, "fittings": options.fittings, "scaling": rows}, indent=2)
    )


if __name__ == "__main__":
    main()
