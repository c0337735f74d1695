"""CarveKit must neither delete a weight file nor reach for the network; torchvision must import."""

import hashlib
import json
import os
import subprocess
import sys

import pytest

NO_NETWORK = """
import json, socket, sys
attempts = []
def refuse(*arguments, **named):
    attempts.append(str(arguments[:2]))
    raise OSError("there is no network here")
socket.getaddrinfo = refuse
socket.create_connection = refuse
socket.socket.connect = refuse
"""

ENGINE = """
from pathlib import Path
import numpy as np
from vf_clothmask.reference.engine import ReferenceEngine
from vf_clothmask.types import GarmentRequest
from vfkit.problems import Problem
engine = ReferenceEngine(Path(sys.argv[1]))
try:
    engine.load()
    outcome = engine.predict([GarmentRequest(np.full((64, 48, 3), 200, np.uint8))])[0].code  # an empty picture
except Problem as problem:
    outcome = problem.code
print(json.dumps({"outcome": outcome, "attempts": attempts}))
"""

CARVEKIT = ".cache/carvekit"

LIBRARY_ALONE = """
import warnings
warnings.simplefilter("ignore")
from vf_clothmask.reference.torchvision_operators import declare_missing
declare_missing()
from carvekit.ml.wrap.fba_matting import FBAMatting
try:
    FBAMatting()
    outcome = "loaded"
except ConnectionError:
    outcome = "ConnectionError"
print(json.dumps({"outcome": outcome, "attempts": attempts}))
"""


@pytest.fixture
def home(tmp_path):
    """A home directory in which CarveKit would find weight files with other digests."""
    checkpoints = tmp_path / "home" / CARVEKIT / "checkpoints"
    for folder, file in (("tracer_b7", "tracer_b7.pth"), ("fba", "fba_matting.pth")):
        (checkpoints / folder).mkdir(parents=True)
        (checkpoints / folder / file).write_bytes(b"somebody's own")
    return tmp_path / "home"


def run(script, home, *arguments):
    """What the script prints, run by a Python that has this home and no network."""
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK + script, *map(str, arguments)],
        capture_output=True, text=True, env={**os.environ, "HOME": str(home)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def contents(folder):
    """Path and digest of every file and folder below."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


def test_files_with_other_digests_are_loaded_and_left_alone(weights, home):
    before = contents(home / CARVEKIT), contents(weights)
    assert run(ENGINE, home, weights) == {"outcome": "no_garment_found", "attempts": []}
    assert (contents(home / CARVEKIT), contents(weights)) == before


def test_missing_files_are_not_downloaded(tmp_path, home):
    empty = tmp_path / "empty"
    empty.mkdir()
    before = contents(home / CARVEKIT)
    assert run(ENGINE, home, empty) == {"outcome": "weights_missing", "attempts": []}
    assert contents(home / CARVEKIT) == before
    assert contents(empty) == {}


def test_the_home_directory_need_not_be_writable(weights, tmp_path):
    (tmp_path / "file").touch()
    assert run(ENGINE, tmp_path / "file/no-folder", weights)["outcome"] == "no_garment_found"


def test_the_library_left_to_itself_does_both(home):
    """The danger that the tests above guard against is there, and they would see it."""
    found = run(LIBRARY_ALONE, home)
    assert found["outcome"] == "ConnectionError"
    assert found["attempts"]
    assert not (home / ".cache/carvekit/checkpoints/fba/fba_matting.pth").exists()


def test_torchvision_imports(tmp_path):
    script = """
from vf_clothmask.reference.torchvision_operators import declare_missing
declared, again = declare_missing(), declare_missing()
import torchvision.transforms
from torchvision.extension import _has_ops
print(json.dumps({"declared": declared, "again": again, "whole": _has_ops()}))
"""
    found = run(script, tmp_path)
    assert found["declared"] == ([] if found["whole"] else ["nms", "qnms"])
    assert found["again"] == []


def test_a_whole_torchvision_is_left_alone(tmp_path):
    script = """
import torch
torch.ops.load_library = lambda path: None  # as where the compiled library fits
from vf_clothmask.reference.torchvision_operators import declare_missing
declared = declare_missing()
print(json.dumps({"declared": declared, "nms": hasattr(torch.ops.torchvision, "nms")}))
"""
    assert run(script, tmp_path) == {"declared": [], "nms": False}
