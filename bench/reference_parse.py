"""Time, peak memory and label agreement of the CIHP_PGN engine with fewer scales.

    .venv/parse-reference/bin/python bench/reference_parse.py [--threads 2] [--size 768x1024] [--scales 1.0 0.5,1.0,1.5]

Uses the authors' checkpoint when VF_WEIGHTS has it. Otherwise the weights are made up: time and memory are the same,
the agreement is that of noise, whose logits lie much closer together than a trained network's. How labels agree with
the authors' weights has not been measured.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vf_parse.reference.checkpoint import Checkpoint
from vf_parse.reference.layers import variable_shapes
from vf_parse.reference.network import Network
from vf_parse.reference.options import SCALES, Sampling
from vf_parse.reference.recipe import Recipe
from vf_testing import cihp
from vfkit.contracts import Image
from vfkit.pictures import normalise, read_picture

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "services/parse/tests/reference/fixtures/case.json"
PHOTO = ROOT / "samples/person.jpg"
FEWER = ("1.0", "0.5,1.0,1.5")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time, memory and agreement of the CIHP_PGN engine by scales.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", default="768x1024", help="width x height")
    parser.add_argument("--scales", nargs="*", default=FEWER, help="sets of scales compared with all six")
    parser.add_argument("--edge", action="store_true", help="also time all six with edges")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    start = time.perf_counter()
    network = Network(weights(), Sampling.TF1)
    print(f"weights read in {time.perf_counter() - start:.1f} s, peak {peak_megabytes():.0f} MB")
    image = photo(*(int(side) for side in options.size.split("x")))
    answers = {
        text: timed(network, image, tuple(float(scale) for scale in text.split(",")), with_edge=False)
        for text in (*options.scales, ",".join(map(str, SCALES)))
    }
    *fewer, whole = answers
    for text in fewer:
        print(f"scales {text:30} {100 * np.mean(answers[text] == answers[whole]):5.1f} % of labels as with all six")
    print(f"classes in the labels of all six: {len(np.unique(answers[whole]))}")
    if options.edge:
        timed(network, image, SCALES, with_edge=True)


def timed(network: Network, image: Image, scales: tuple[float, ...], *, with_edge: bool) -> Image:
    """Labels; prints what they cost once the graph is there."""
    recipe = Recipe(network, scales, Sampling.TF1)
    recipe(np.zeros((64, 64, 3), np.uint8), with_edge=with_edge)
    wall, cpu = time.perf_counter(), time.process_time()
    maps = recipe(image, with_edge=with_edge)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    name = ",".join(map(str, scales)) + (" with edges" if with_edge else "")
    print(f"scales {name:40} {wall:7.1f} s wall {cpu:7.1f} s CPU  peak {peak_megabytes():.0f} MB", flush=True)
    return maps.labels


def weights() -> Mapping[str, NDArray[np.float32]]:
    """The authors' variables, or made-up ones."""
    folder = Path(os.environ.get("VF_WEIGHTS", ROOT / "weights")) / "parse/CIHP_pgn"
    if folder.is_dir():
        return Checkpoint(folder, variable_shapes())
    print("weights: made-up numbers; label agreement says nothing about the authors' weights")
    return cihp.variables(variable_shapes(), json.loads(CASE.read_text())["bias_override"])


def photo(width: int, height: int) -> Image:
    """Our own rendered person."""
    picture, _ = normalise(read_picture(PHOTO.read_bytes()))
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))


def peak_megabytes() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
