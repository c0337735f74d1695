"""`vf bench`: how long a fitting takes and how much memory the stack holds, on this machine.

Hot means: the services have answered before. Each measured photo is new to the gateway (one pixel differs), so that
nothing is taken from what it keeps, save the person where that is what is measured.
"""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image as PILImage

from vf_cli import environments, machine, sessions, stack
from vf_cli.client import GatewayClient, read_photo
from vf_cli.engines import choose_engines, prepare_engines
from vf_cli.output import CommandError, Exit, console
from vf_client import Fitting

PERSON = environments.ROOT / "samples/person.jpg"
GARMENT = environments.ROOT / "samples/tshirt.jpg"
RESULTS = environments.ROOT / "bench/results.json"
ROUNDS = 3


def measure() -> dict[str, Any]:
    """All measurements, as bench/results.json holds them; times in seconds, medians of three."""
    load = os.getloadavg()[0]
    engines = choose_engines(None)
    prepare_engines(engines)
    whole = _fit_start_to_stop()
    with (
        stack.run_folder() as logs,
        tempfile.TemporaryDirectory(prefix="vf-") as data,
    ):
        began = time.monotonic()
        programs = stack.plan(stack.free_ports(), engines, Path(data))
        with sessions.started(programs, logs) as local, GatewayClient(local.url) as client:
            start = time.monotonic() - began
            people, garments = _variants(PERSON), _variants(GARMENT)
            client.fit(next(people), next(garments))
            first, fittings = zip(*(_timed(client, next(people), next(garments)) for _ in range(ROUNDS)), strict=True)
            same = next(people)
            client.fit(same, next(garments))
            another = [_timed(client, same, next(garments))[0] for _ in range(ROUNDS)]
            memory = machine.proportional_mib(local.pids().values())
    fan_out = sorted(fittings, key=lambda fitting: fitting.wall_ms or 0.0)[len(fittings) // 2]
    return {
        "machine": machine.describe(),
        "load_before": round(load, 2),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "engines": engines,
        "first_fitting_s": round(statistics.median(first), 2),
        "another_garment_s": round(statistics.median(another), 2),
        "fan_out": {
            "wall_s": round((fan_out.wall_ms or 0.0) / 1000, 2),
            "sum_of_stages_s": round(sum(stage.ms or 0.0 for stage in fan_out.stages.values()) / 1000, 2),
            "stages_s": {name: round((stage.ms or 0.0) / 1000, 2) for name, stage in fan_out.stages.items()},
        },
        "stack_start_s": round(start, 2),
        "vf_fit_start_to_stop_s": round(whole, 2),
        "stack_memory_mib": round(memory) if memory is not None else None,
    }


def table(results: dict[str, Any]) -> str:
    """The results for people."""
    fan_out = results["fan_out"]
    stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in fan_out["stages_s"].items())
    memory = results["stack_memory_mib"]
    rows = [
        ("machine", results["machine"]),
        ("load before", f"{results['load_before']} (the figures hold for an idle machine)"),
        ("first fitting, hot", f"{results['first_fitting_s']:.2f} s"),
        ("another garment, same person", f"{results['another_garment_s']:.2f} s"),
        ("fan-out: wall / sum of stages", f"{fan_out['wall_s']:.2f} s / {fan_out['sum_of_stages_s']:.2f} s ({stages})"),
        ("start of the stack", f"{results['stack_start_s']:.2f} s"),
        ("vf fit, start to stop", f"{results['vf_fit_start_to_stop_s']:.2f} s"),
        ("memory of the whole stack", f"{memory} MiB (proportional)" if memory is not None else "not measured here"),
    ]
    return "\n".join(f"{name:32} {value}" for name, value in rows)


def _timed(client: GatewayClient, person: bytes, garment: bytes) -> tuple[float, Fitting]:
    """Seconds from sending two photos to holding the result's bytes, and the fitting."""
    began = time.monotonic()
    fitting = client.fit(person, garment)
    client.artifact(fitting, "result.png")
    return time.monotonic() - began, fitting


def _variants(photo: Path) -> Iterator[bytes]:
    """The photo again and again, each time with another first pixel."""
    with PILImage.open(io.BytesIO(read_photo(photo))) as opened:
        picture = opened.convert("RGB")
    for shade in range(256):
        picture.putpixel((0, 0), (shade, shade, shade))
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=1)
        yield buffer.getvalue()


def _fit_start_to_stop() -> float:
    """Seconds of a whole `vf fit` that starts and stops its own stack."""
    with tempfile.TemporaryDirectory(prefix="vf-") as out, console.status("vf fit, start to stop"):
        command = [sys.executable, "-P", "-m", "vf_cli", "fit", "--engine", "open"]
        command += ["--person", str(PERSON), "--garment", str(GARMENT), "--out", out]
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - began
    if done.returncode:
        raise CommandError(Exit(done.returncode), done.stderr.strip() or "vf fit failed")
    return seconds
