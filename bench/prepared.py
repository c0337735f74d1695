"""CPU seconds of one person's fittings by the open engine: prepared, and with every further garment.

    python bench/prepared.py PERSON GARMENT... [--rounds 3]

Prints, for the engine alone and for the service as a process of its own, the median CPU seconds of each step. CPU time
says the same on a busy machine, nearly; wall time would not.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx
from pairs import ROOT, Cloth, Person, Stages

from vf_hrviton.open.fit import ClothPicture, fit
from vf_hrviton.open.prepare import prepare
from vfkit.pictures import encode_labels, encode_mask, encode_png

MadeT = TypeVar("MadeT")
TICKS = os.sysconf("SC_CLK_TCK")


def of_process(work: Callable[..., MadeT], *arguments: object) -> tuple[MadeT, float]:
    """What ``work`` makes of its arguments, and CPU seconds of this process meanwhile."""
    start = time.process_time()
    made = work(*arguments)
    return made, time.process_time() - start


def of_tree(pid: int) -> float:
    """CPU seconds so far of a process and of those that it started."""
    spent, parents = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        parents[int(folder.name)] = int(fields[1])
        spent[int(folder.name)] = (int(fields[11]) + int(fields[12])) / TICKS
    tree = {pid}
    while more := {child for child, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return sum(spent.get(each, 0.0) for each in tree)


def engine_seconds(person: Person, cloths: list[Cloth], rounds: int) -> dict[str, list[float]]:
    """Of the two steps of the engine."""
    found: dict[str, list[float]] = {"prepare": [], "fit": []}
    for _ in range(rounds):
        body, seconds = of_process(prepare, person.image, person.parse, person.pose)
        found["prepare"].append(seconds)
        for cloth in cloths:
            _, seconds = of_process(fit, person.image, body, ClothPicture(cloth.image, cloth.mask, read=cloth.document))
            found["fit"].append(seconds)
    return found


def forms(person: Person, cloth: Cloth) -> dict[str, bytes]:
    """A try-on's files."""
    return {
        "image": encode_png(person.image),
        "cloth": encode_png(cloth.image),
        "cloth_mask": encode_mask(cloth.mask),
        "parse_agnostic": encode_labels(person.parse_agnostic),
        "agnostic": encode_png(person.agnostic),
        "densepose": encode_png(person.densepose),
        "parse": encode_labels(person.parse),
        "pose": json.dumps({"people": [person.pose.model_dump()]}).encode(),
        "garment": cloth.document.model_dump_json().encode(),
    }


def service_seconds(person: Person, cloths: list[Cloth], rounds: int, port: int) -> dict[str, list[float]]:
    """Of the service's calls, everything in them included."""
    service = subprocess.Popen([sys.executable, "-m", "vf_hrviton", "--port", str(port)])
    found: dict[str, list[float]] = {"unprepared fitting": [], "body": [], "prepared fitting": []}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300, trust_env=False) as client:
            wait_until_ready(client)

            def post(path: str, files: dict[str, bytes], kind: str) -> bytes:
                start = of_tree(service.pid)
                answer = client.post(path, files=files).raise_for_status()
                found[kind].append(of_tree(service.pid) - start)
                return answer.content

            for _ in range(rounds):
                first = forms(person, cloths[0])
                body = post("/v1/body", {name: first[name] for name in ("image", "parse", "pose")}, "body")
                for cloth in cloths:
                    files = forms(person, cloth)
                    alone = post("/v1/try-on", files, "unprepared fitting")
                    again = post("/v1/try-on", files | {"body": body}, "prepared fitting")
                    if pictures(alone) != pictures(again):
                        sys.exit("A prepared body changed the pictures.")
        print(f"body.npz has {len(body)} bytes")
    finally:
        service.terminate()
        service.wait(30)
    return found


def pictures(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def wait_until_ready(client: httpx.Client) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > until:
            sys.exit("The service did not start.")
        time.sleep(0.2)


def show(found: dict[str, list[float]], of: str) -> None:
    for name, seconds in found.items():
        print(f"{of} {name}: {statistics.median(seconds):.2f} CPU-s ({len(seconds)} times)")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("person", type=Path)
    parser.add_argument("garments", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8196)
    parser.add_argument("--weights", type=Path, default=Path(os.environ.get("VF_WEIGHTS", ROOT / "weights")))
    return parser.parse_args()


def main() -> None:
    options = arguments()
    stages = Stages(options.weights)
    person, cloths = stages.person(options.person), [stages.cloth(path) for path in options.garments]
    show(engine_seconds(person, cloths, options.rounds), "engine")
    show(service_seconds(person, cloths, options.rounds, options.port), "service")


if __name__ == "__main__":
    main()
