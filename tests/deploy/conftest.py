"""The rendered overlays, and the metrics that the programs export.

kustomize and promtool are not Python packages: CI installs them (`.ci/deploy-tools`); where they are missing otherwise
the tests that need them are skipped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deploy.rendering import KUBERNETES, Manifests, render
from fastapi.testclient import TestClient

from vf_agnostic.app import create_app as create_service
from vf_gateway.app import create_app as create_gateway
from vf_gateway.settings import Settings
from vfkit.serving import ServiceSettings


@pytest.fixture(scope="session")
def cpu() -> Manifests:
    return render(KUBERNETES / "overlays/cpu")


@pytest.fixture(scope="session")
def gpu() -> Manifests:
    return render(KUBERNETES / "overlays/gpu")


@pytest.fixture(scope="session", params=["cpu", "gpu"])
def manifests(request: pytest.FixtureRequest) -> Manifests:
    overlay: Manifests = request.getfixturevalue(request.param)
    return overlay


@pytest.fixture
def build(tmp_path: Path) -> Callable[[str], Manifests]:
    """Renders a kustomization of the test's own; {kubernetes} in it is the folder of ours."""

    def build(text: str) -> Manifests:
        (tmp_path / "kustomization.yaml").write_text(text.format(kubernetes=os.path.relpath(KUBERNETES, tmp_path)))
        return render(tmp_path, "of the test")

    return build


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, set[str]]]:
    """Names of the series of each Prometheus job, scraped from the applications."""
    gateway = Settings(data=tmp_path_factory.mktemp("data"), store_url="memory://")
    service = ServiceSettings()
    with TestClient(create_gateway(gateway)) as one, TestClient(create_service(service)) as other:
        yield {"vf-gateway": _series(one.get("/metrics").text), "vf-services": _series(other.get("/metrics").text)}


def _series(text: str) -> set[str]:
    names: set[str] = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"} if kind == "histogram" else {name}
    return names
