"""A fitting of the sample pair, by the REST API and by the command line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage

from vf_cli.client import GatewayClient
from vf_client import Fitting
from vfkit.contracts import (
    HEIGHT,
    ON_REQUEST,
    WIDTH,
    Artifact,
    GarmentDocument,
    GarmentKind,
    Joint,
    Label,
    PoseDocument,
    Stage,
)

OF_A_FITTING = set(Artifact) - ON_REQUEST - {Artifact.BODY}
"""What a fitting gives out; the prepared body shows the person undressed, and no call gives it out."""
MODES = {
    Artifact.GARMENT_PARTS: "P",
    Artifact.PARSE: "P",
    Artifact.PARSE_AGNOSTIC: "P",
    Artifact.CLOTH_MASK: "L",
    Artifact.WARPED_MASK: "L",
}
GRID_SIZE = (3082, 3080)


@pytest.fixture(scope="module")
def fitting(client: GatewayClient, person: bytes, garment: bytes) -> Fitting:
    return client.fit(person, garment)


@pytest.fixture(scope="module")
def pictures(client: GatewayClient, fitting: Fitting) -> dict[str, PILImage.Image]:
    names = [name for name in OF_A_FITTING if name.endswith(".png")]
    return {name: PILImage.open(io.BytesIO(client.artifact(fitting, name))) for name in names}


def test_every_artifact_is_there(fitting: Fitting) -> None:
    assert set(fitting.artifacts) == OF_A_FITTING
    assert fitting.problem is None


def test_sizes_and_modes(pictures: dict[str, PILImage.Image], person: bytes) -> None:
    for name, picture in pictures.items():
        if name not in (Artifact.GRID, Artifact.RESULT_FULL):
            assert picture.size == (WIDTH, HEIGHT), name
        assert picture.mode == MODES.get(Artifact(name), "RGB"), name
    assert pictures[Artifact.GRID].size == GRID_SIZE
    assert pictures[Artifact.RESULT_FULL].size == PILImage.open(io.BytesIO(person)).size


def test_pose_is_a_body_in_the_picture(client: GatewayClient, fitting: Fitting) -> None:
    pose = PoseDocument.model_validate_json(client.artifact(fitting, Artifact.POSE_JSON))
    body = pose.people[0].body()
    assert body.shape == (len(Joint), 3)
    assert body[Joint.R_SHOULDER, 0] < body[Joint.L_SHOULDER, 0]  # facing us, their right is on our left
    assert body[Joint.NOSE, 1] < body[Joint.NECK, 1] < body[Joint.MID_HIP, 1] < body[Joint.R_KNEE, 1]


def test_only_the_garment_changed(pictures: dict[str, PILImage.Image]) -> None:
    before, after = (np.asarray(pictures[name], np.int16) for name in (Artifact.PERSON, Artifact.RESULT))
    parse = np.asarray(pictures[Artifact.PARSE])
    change = np.abs(after - before).max(axis=2)
    assert np.median(change[parse == Label.UPPER_CLOTHES]) > 10
    # The face keeps every pixel, but for a rim where parse and collar disagree.
    assert np.mean(change[parse == Label.FACE] > 3) < 0.05
    assert np.mean(change[parse == Label.BACKGROUND] > 3) < 0.05


def test_stages_tell_their_times_and_run_beside_each_other(fitting: Fitting) -> None:
    stages = fitting.stages
    assert {name: stage.state for name, stage in stages.items()} == dict.fromkeys(Stage, "done")
    first = [stages[name].started_ms for name in ("openpose", "parse", "densepose", "clothmask")]
    assert max(first) - min(first) < 500, "these four start together"
    ends = {name: stage.started_ms + stage.ms for name, stage in stages.items()}
    assert stages["agnostic"].started_ms >= max(ends["openpose"], ends["parse"]) - 50
    assert stages["hrviton"].started_ms >= max(ends["agnostic"], ends["densepose"], ends["clothmask"]) - 50


def test_the_same_fitting_again_runs_no_model(
    client: GatewayClient, fitting: Fitting, person: bytes, garment: bytes
) -> None:
    again = client.fit(person, garment)
    assert all(stage.cached for stage in again.stages.values())
    assert client.artifact(again, Artifact.RESULT) == client.artifact(fitting, Artifact.RESULT)


def test_another_garment_keeps_the_person(
    client: GatewayClient, fitting: Fitting, person: bytes, samples: Path
) -> None:
    other = client.fit(person, (samples / "longsleeve.jpg").read_bytes())
    cached = {name for name, stage in other.stages.items() if stage.cached}
    assert cached == {"openpose", "parse", "densepose", "agnostic"}


@pytest.mark.parametrize("kind", [GarmentKind.TROUSERS, GarmentKind.SKIRT, GarmentKind.DRESS])
def test_every_kind_covers_the_thighs_and_leaves_the_face(
    client: GatewayClient, person: bytes, samples: Path, kind: GarmentKind
) -> None:
    fitting = client.fit(person, (samples / f"{kind}.jpg").read_bytes())
    read = GarmentDocument.model_validate_json(client.artifact(fitting, Artifact.GARMENT_JSON))
    assert read.fitted_as is kind

    def pixels(artifact: Artifact) -> np.ndarray:
        return np.asarray(PILImage.open(io.BytesIO(client.artifact(fitting, artifact))), np.int16)

    before, after, parse = pixels(Artifact.PERSON), pixels(Artifact.RESULT), pixels(Artifact.PARSE)
    worn, cloth, mask = pixels(Artifact.WARPED_MASK) > 200, pixels(Artifact.CLOTH), pixels(Artifact.CLOTH_MASK) > 0
    joints = PoseDocument.model_validate_json(client.artifact(fitting, Artifact.POSE_JSON)).people[0].body()
    colour = np.median(cloth[mask], axis=0)
    for hip, knee in ((Joint.R_HIP, Joint.R_KNEE), (Joint.L_HIP, Joint.L_KNEE)):
        x, y = np.rint(joints[hip, :2] * 0.7 + joints[knee, :2] * 0.3).astype(int)
        thigh = (slice(y - 8, y + 9), slice(x - 8, x + 9))
        assert worn[thigh].all()
        assert np.abs(np.median(after[thigh].reshape(-1, 3), axis=0) - colour).max() < 40
    same = (before == after).all(axis=2)
    assert same[parse == Label.FACE].all()
    rows, columns = np.nonzero((parse > 0) | worn)
    far = np.ones(parse.shape, bool)
    far[max(0, rows.min() - 60) : rows.max() + 60, max(0, columns.min() - 60) : columns.max() + 60] = False
    assert far.sum() > 10_000
    assert same[far].all()
    assert same[parse == Label.PANTS].mean() < 0.02, "the old trousers are gone"
    if kind is not GarmentKind.DRESS:
        chest = np.rint((joints[Joint.NECK, :2] + joints[Joint.MID_HIP, :2]) / 2).astype(int)
        assert same[chest[1] - 20 : chest[1] + 20, chest[0] - 20 : chest[0] + 20].all(), "the top stays"


def test_system_names_the_engines(http: httpx.Client) -> None:
    system = http.get("/v1/system").json()
    assert system["ready"]
    engines = {service["stage"]: service["engine"] for service in system["services"]}
    assert set(engines) == set(Stage)
    assert all(engine["licence"] for engine in engines.values())
    assert all(weights["known"] for engine in engines.values() for weights in engine["weights"])


def vf(*arguments: object, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "vf_cli", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_vf_fit(tmp_path: Path, samples: Path, cli_environment: dict[str, str]) -> None:
    out = tmp_path / "out"
    arguments = ["--person", samples / "person.jpg", "--garment", samples / "tshirt.jpg", "--out", out, "--json"]
    done = vf("fit", *arguments, environment=cli_environment)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {path.name for path in out.iterdir()} == {*OF_A_FITTING, "fitting.json"}
    assert document["files"]["result.png"] == str(out / "result.png")
    assert json.loads((out / "fitting.json").read_text())["id"] == document["id"]


def test_vf_fit_tells_a_bad_picture_by_its_exit_code(
    tmp_path: Path, samples: Path, cli_environment: dict[str, str]
) -> None:
    (tmp_path / "person.jpg").write_text("no picture")
    arguments = ["--person", tmp_path / "person.jpg", "--garment", samples / "tshirt.jpg", "--out", tmp_path, "--json"]
    done = vf("fit", *arguments, environment=cli_environment)
    assert done.returncode == 3
    assert json.loads(done.stdout)["problem"]["code"] == "unsupported_image"


def test_vf_compare(tmp_path: Path, samples: Path, cli_environment: dict[str, str]) -> None:
    garments = [samples / "tshirt.jpg", samples / "longsleeve.jpg", tmp_path / "broken.jpg"]
    garments[2].write_bytes(b"broken")
    done = vf(
        "compare", "--person", samples / "person.jpg", *garments, "--out", tmp_path / "out", environment=cli_environment
    )
    assert done.returncode == 3, done.stderr
    assert "broken.jpg" in done.stderr
    sheet = PILImage.open(tmp_path / "out/comparison.png")
    assert sheet.size == (8 + 3 * 392, 8 + 520)
    assert (tmp_path / "out/longsleeve/result.png").exists()
