"""The manifests as a cluster would get them: rendered by kustomize itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from vfkit.contracts import Stage

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy/kubernetes"
OBSERVABILITY = ROOT / "deploy/observability"
SERVICES = frozenset(stage.value for stage in Stage)

Document = dict[str, Any]
PODS = ("Deployment", "StatefulSet", "Job")


@dataclass(frozen=True)
class Manifests:
    """Everything one overlay makes."""

    name: str
    documents: list[Document]

    def of(self, *kinds: str) -> list[Document]:
        return [document for document in self.documents if document["kind"] in kinds]

    def get(self, kind: str, name: str) -> Document:
        [found] = [document for document in self.of(kind) if document["metadata"]["name"] == name]
        return found

    def templates(self) -> dict[str, Document]:
        """Pod templates by the name of what makes the pods."""
        return {document["metadata"]["name"]: document["spec"]["template"] for document in self.of(*PODS)}

    def containers(self) -> dict[str, Document]:
        """Containers by 'what makes the pod/container', init containers included."""
        return {
            f"{name}/{container['name']}": container
            for name, template in self.templates().items()
            for container in (*template["spec"].get("initContainers", []), *template["spec"]["containers"])
        }

    def environment(self, container: Document) -> dict[str, str | None]:
        """A container's variables; None is a value that a Secret holds."""
        variables: dict[str, str | None] = {}
        for source in container.get("envFrom", []):
            variables |= self.get("ConfigMap", source["configMapRef"]["name"])["data"]
        return variables | {entry["name"]: entry.get("value") for entry in container.get("env", [])}


def require_tool(name: str) -> str:
    """The path of a program that the tests use."""
    path = shutil.which(name)
    if path is None:
        message = f"{name} is not installed; .ci/deploy-tools installs it on Debian"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def render(folder: Path, name: str = "") -> Manifests:
    """What kustomize makes of a folder."""
    done = subprocess.run([require_tool("kustomize"), "build", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr  # deprecated fields are warned of
    return Manifests(name or folder.name, list(yaml.safe_load_all(done.stdout)))
