"""What the containers are, and that they fit as the local stack does."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from compose.buyers import Market
from compose.containers import ROOT, SERVICES, address, docker, inspect, python, run, wait_until
from PIL import Image

EVERY = (*SERVICES, "gateway")
KEY_SECONDS = 10
"""A gateway believes for a moment what it knows of a key."""
CONNECT = "import socket; socket.create_connection(({address!r}, 8000), 3); print('open')"


@pytest.fixture(scope="module")
def local_result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `vf fit` makes of the same pair with processes of this machine."""
    out = tmp_path_factory.mktemp("local")
    pair = ["--person", "samples/person.jpg", "--garment", "samples/tshirt.jpg"]
    command = [sys.executable, "-m", "vf_cli", "fit", *pair, "--out", str(out), "--json"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=240, stdout=subprocess.DEVNULL)
    return out / "result.png"


def test_a_fitting_equals_the_local_one(market, local_result):
    fitting = market.sample()
    assert market.outcome([fitting], 120) == {fitting: "succeeded"}

    ours = np.asarray(Image.open(io.BytesIO(market.result(fitting))))
    theirs = np.asarray(Image.open(local_result))
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(int) - theirs).max() <= 1


@pytest.mark.parametrize("service", EVERY)
def test_it_runs_as_nobody_on_a_read_only_root(stack, market, service):
    container = stack.id(service)
    status = dict(
        line.split(":\t") for line in docker("exec", container, "cat", "/proc/1/status").splitlines() if ":\t" in line
    )
    assert status["Uid"].split() == ["10001"] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    for place in ("/", "/app", "/opt/venv", *([] if service == "gateway" else ["/weights"])):
        tried = run("docker", "exec", "--user", "0", container, "touch", f"{place}/made", check=False)
        assert tried.returncode and "Read-only file system" in tried.stderr, place


@pytest.mark.parametrize("service", EVERY)
def test_the_image_holds_no_installer_and_no_weights_but_our_own(stack, market, service):
    image = inspect(stack.id(service))["Image"]
    find = ("run", "--rm", "--entrypoint", "find", image)
    assert not docker(*find, "/usr/bin", "/opt/venv/bin", "-name", "pip*", "-o", "-name", "gcc*", "-o", "-name", "g++*")
    large = docker(*find, "/app", "/weights", "/data", "-size", "+1000k", "-type", "f", check=False).split()
    own = [path.name for path in ROOT.glob(f"services/{service}/src/*/open/*.onnx")]
    assert sorted(Path(path).name for path in large) == sorted(own)


def test_only_the_gateways_port_is_published(stack, market):
    published = {
        service: {port for port, places in inspect(stack.id(service))["NetworkSettings"]["Ports"].items() if places}
        for service in EVERY
    }
    assert published == {service: {"8000/tcp"} if service == "gateway" else set() for service in EVERY}


def test_nothing_outside_the_network_reaches_a_service(stack, market):
    image = inspect(stack.id("agnostic"))["Image"]
    for service in SERVICES:
        code = CONNECT.format(address=address(stack.id(service)))
        assert python(stack.id("gateway"), code) == "open"
        outside = run("docker", "run", "--rm", "--entrypoint", "python", image, "-c", code, check=False)
        assert outside.returncode, f"{service} answers a container of another network"


def test_every_container_has_limits_a_health_check_and_labels(stack, market):
    for service in EVERY:
        document = inspect(stack.id(service))
        assert document["HostConfig"]["Memory"] > 0, service
        assert document["HostConfig"]["PidsLimit"] > 0, service
        assert document["State"]["Health"]["Status"] == "healthy", service
        assert document["Config"]["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0", service


def test_an_operator_makes_and_revokes_a_key(stack, market):
    keys = ("exec", stack.id("gateway"), "python", "-m", "vf_gateway", "keys")
    key = json.loads(docker(*keys, "create", "shop", "--market", "shop"))
    with Market(market.url, key["key"]) as shop:
        assert shop.people() == 200
        docker(*keys, "revoke", key["id"])
        wait_until(lambda: shop.people() == 401, KEY_SECONDS, "the revoked key opens nothing")


def test_the_weights_container_ends_and_says_what_it_did(stack, market):
    logs = stack("logs", "--no-color", "weights")
    assert "blazepose/pose_detection.tflite: fetched" in logs
    containers = docker("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={stack.project}",
                        "--filter", "label=com.docker.compose.service=weights").split()  # fmt: skip
    assert [inspect(container)["State"]["ExitCode"] for container in containers] == [0]
