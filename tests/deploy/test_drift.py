"""Compose and Kubernetes describe one system: what they say of a container is the same, or the difference has a reason.

docker-compose.yml is compared with the overlay `cpu`, docker-compose.gpu.yml on top of it with `gpu`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from deploy.rendering import ROOT, SERVICES, Manifests
from deploy.test_manifests import OTHERS_READ, SERVICE_SETTINGS, variables

from vf_gateway.settings import Settings

OUTSIDE_THE_CLUSTER = {
    "postgres": "the cluster is given a database by the Secret",
    "minio": "the cluster is given an object store by the Secret",
    "prometheus": "the cluster's own finds the pods by components/monitoring",
    "grafana": "the cluster's own is given the dashboard",
}
COMPOSE_ONLY = {"VF_LOCAL_KEY": "one key for trials on one machine; a cluster's keys are in its database"}
CLUSTER_ONLY = {
    "VF_MIGRATE": "the init container migrates, before any gateway of the new version starts",
}
OTHER_VALUES = {
    "FORWARDED_ALLOW_IPS": "only the ingress reaches the gateway; compose's port is open to whoever is on the machine",
}
NOT_FROM_THE_ENV_FILE = {
    "VF_DATA": "the image says /data, where compose mounts the volume",
    "VF_MIGRATE": "the one gateway of compose brings its schema up to date at its start",
    "VF_LOCAL": "it would serve callers without a key, and in a container everybody comes from elsewhere",
    "VF_WEIGHTS": "the image says /weights, where compose mounts VF_WEIGHTS_FOLDER",
    "VF_ENGINE": "the image says which engine it holds; OPENPOSE_ENGINE and its like choose the image",
    "VF_DEVICE": "docker-compose.gpu.yml says cuda",
    **{f"VF_{name.upper()}_URL": "compose names its own service" for name in SERVICES},
}
"""Settings that compose does not take from .env, and why; every other setting of every settings class is passed on."""
COMPOSE_FILES = ("docker-compose.yml", "docker-compose.gpu.yml")
UNITS = {"m": 1 << 20, "g": 1 << 30, "Mi": 1 << 20, "Gi": 1 << 30}

Service = dict[str, Any]


def compose(*files: str) -> dict[str, Service]:
    """The services of compose files laid over each other, variables at their defaults."""
    merged: dict[str, Service] = {}
    for file in files:
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (ROOT / file).read_text())
        assert "${" not in text, "a variable without a default"
        for name, service in yaml.safe_load(text)["services"].items():
            known = merged.setdefault(name, {})
            environment = known.get("environment", {}) | service.get("environment", {})
            merged[name] = known | service | {"environment": environment}
    return {name: service for name, service in merged.items() if name not in OUTSIDE_THE_CLUSTER}


@pytest.fixture(scope="module")
def composed(manifests: Manifests) -> dict[str, Service]:
    files = ["docker-compose.yml", "docker-compose.gpu.yml"]
    return compose(*files if manifests.name == "gpu" else files[:1])


def container_of(manifests: Manifests, name: str) -> Service:
    [container] = manifests.templates()[name]["spec"]["containers"]
    return container


def text_of(environment: Mapping[str, Any]) -> dict[str, str]:
    """Values as a process gets them; YAML reads some as numbers, booleans or nothing."""
    return {name: _text(value) for name, value in environment.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def test_what_is_left_out_is_there(composed: Mapping[str, Service]) -> None:
    assert compose("docker-compose.yml").keys() == composed.keys()
    left_out = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].keys() - composed.keys()
    assert left_out == OUTSIDE_THE_CLUSTER.keys()


def test_the_same_services_with_the_same_images(manifests: Manifests, composed: Mapping[str, Service]) -> None:
    images = {name: container_of(manifests, name)["image"] for name in manifests.templates()}
    assert images == {name: service["image"] for name, service in composed.items()}


def test_only_the_gateway_is_published_and_on_the_same_port(
    manifests: Manifests, composed: Mapping[str, Service]
) -> None:
    published = {name: service["ports"] for name, service in composed.items() if "ports" in service}
    assert published.keys() == {"gateway"}
    [mapping] = published["gateway"]
    inside = int(mapping.rsplit(":", 1)[1])
    for name in (*SERVICES, "gateway"):
        assert container_of(manifests, name)["ports"] == [{"name": "http", "containerPort": inside}]


def test_the_gateway_has_the_same_variables(manifests: Manifests, composed: Mapping[str, Service]) -> None:
    mine = manifests.environment(container_of(manifests, "gateway"))
    theirs = text_of(composed["gateway"]["environment"])
    assert theirs.keys() - mine.keys() == COMPOSE_ONLY.keys()
    assert mine.keys() - theirs.keys() == CLUSTER_ONLY.keys()
    assert theirs.keys() <= variables(Settings) | OTHERS_READ
    secret = {name for name, value in mine.items() if value is None}
    assert all(mine[name] != theirs[name] for name in OTHER_VALUES)
    same = mine.keys() & theirs.keys() - secret - OTHER_VALUES.keys()
    assert {name: mine[name] for name in same} == {name: theirs[name] for name in same}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_has_the_same_variables(manifests: Manifests, composed: Mapping[str, Service], name: str) -> None:
    """Of those that it reads: the cluster's one map holds all services' settings."""
    read = variables(SERVICE_SETTINGS[name])
    theirs = text_of(composed[name]["environment"])
    from_the_image = {"VF_ENGINE"}  # compose says it again where the image has two engines to choose from
    assert theirs.keys() <= read
    mine = {key: v for key, v in manifests.environment(container_of(manifests, name)).items() if key in read}
    assert mine == {key: value for key, value in theirs.items() if key not in from_the_image}


def test_the_same_memory(manifests: Manifests, composed: Mapping[str, Service]) -> None:
    def size(text: str) -> int:
        number, unit = re.fullmatch(r"(\d+)([A-Za-z]+)", text).groups()  # type: ignore[union-attr]
        return int(number) * UNITS[unit]

    mine = {n: size(container_of(manifests, n)["resources"]["limits"]["memory"]) for n in manifests.templates()}
    assert mine == {name: size(service["mem_limit"]) for name, service in composed.items()}


def test_the_same_services_have_gpus(manifests: Manifests, composed: Mapping[str, Service]) -> None:
    mine = {n for n in manifests.templates() if "nvidia.com/gpu" in container_of(manifests, n)["resources"]["limits"]}
    assert mine == {name for name, service in composed.items() if "deploy" in service}


def test_containers_are_closed_in_both(composed: Mapping[str, Service]) -> None:
    """What test_manifests asks of pods."""
    for name, service in composed.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_the_weights_job_fetches_for_the_same_engine(manifests: Manifests, composed: Mapping[str, Service]) -> None:
    mine = container_of(manifests, "weights")["args"]
    assert mine == composed["weights"].get("command", ["--engine", "open"])  # open is the program's own default


def test_what_compose_mounts_is_in_the_repository() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    mounted = re.findall(r"\./(deploy/\S+?):", text)
    assert mounted
    assert all((ROOT / path).exists() for path in mounted)


def test_the_example_names_every_variable_of_compose_with_its_default() -> None:
    text = "".join((ROOT / file).read_text() for file in ("docker-compose.yml", "docker-compose.gpu.yml"))
    defaults: dict[str, set[str]] = {}
    for name, value in re.findall(r"\$\{(\w+):-([^}]*)\}", text):
        defaults.setdefault(name, set()).add(value)
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^(?:# )?([A-Z_0-9]+)=", example, re.MULTILINE)) - {"COMPOSE_PROFILES"} == defaults.keys()
    for name, value in re.findall(r"^([A-Z_0-9]+)=(.*)$", example, re.MULTILINE):
        assert not value or value in defaults[name], name


@pytest.mark.parametrize("name", ["gateway", *sorted(SERVICES)])
def test_compose_passes_every_setting_with_its_default(name: str) -> None:
    settings = Settings if name == "gateway" else SERVICE_SETTINGS[name]
    files = [yaml.safe_load((ROOT / file).read_text())["services"] for file in COMPOSE_FILES]
    passed = {
        variable: set(re.findall(r"\$\{(\w+):-([^}]*)\}", str(value)))
        for services in files
        for variable, value in services.get(name, {}).get("environment", {}).items()
    }
    for field in settings.model_fields:
        variable = f"VF_{field.upper()}"
        if variable in NOT_FROM_THE_ENV_FILE:
            continue
        assert passed.get(variable), f"docker-compose.yml does not pass {variable} to {name}"
        [(_, default)] = passed[variable]
        told = getattr(settings(**{field: default}), field) if default else settings.model_fields[field].default
        if variable != "VF_BATCH":  # docker-compose.gpu.yml has one for each service
            assert told == settings.model_fields[field].default, variable


def test_the_example_names_every_setting() -> None:
    example = set(re.findall(r"^(?:# )?([A-Z_0-9]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    every = variables(Settings, *SERVICE_SETTINGS.values()) | OTHERS_READ
    assert every - example == NOT_FROM_THE_ENV_FILE.keys()
