"""Docker and compose as these tests call them: by their commands, as an operator does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("openpose", "parse", "densepose", "clothmask", "agnostic", "hrviton")
BASE_IMAGE = "python:3.11-slim-bookworm"


def run(
    *command: str, timeout: float = 120, check: bool = True, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command; a failure shows what it printed."""
    settings = {**os.environ, **environment}
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT, env=settings, check=False)
    if check and done.returncode:
        said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
    return done


def docker(*arguments: str, timeout: float = 120, check: bool = True) -> str:
    return run("docker", *arguments, timeout=timeout, check=check).stdout.strip()


def why_not() -> str:
    """Why there can be no containers here; empty when there can."""
    if not shutil.which("docker"):
        return "Docker is not installed"
    if not compose_command():
        return "neither `docker compose` nor docker-compose is installed"
    if run("docker", "info", check=False).returncode:
        return "no Docker daemon answers"
    return ""


def compose_command() -> list[str]:
    """Compose v2 where it is there, else docker-compose 1.29."""
    if shutil.which("docker") and run("docker", "compose", "version", check=False).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else []


def ensure_base_image() -> None:
    """The base image: there, or pulled, or built out of Debian's packages."""
    if run("docker", "image", "inspect", BASE_IMAGE, check=False).returncode == 0:
        return
    if run("docker", "pull", "--quiet", BASE_IMAGE, check=False, timeout=300).returncode == 0:
        return
    run(str(Path(__file__).with_name("base_image")), BASE_IMAGE, timeout=600)


@dataclass(frozen=True)
class Compose:
    """One project of docker-compose.yml, with the settings that an operator has in .env.

    Attributes:
        project: its name, in front of every container's.
        settings: environment of compose.
        files: the compose files.
    """

    project: str
    settings: Mapping[str, str]
    files: tuple[str, ...] = ("docker-compose.yml",)

    def __call__(self, *arguments: str, timeout: float = 300) -> str:
        files = [word for file in self.files for word in ("-f", file)]
        command = [*compose_command(), "-p", self.project, *files, *arguments]
        return run(*command, timeout=timeout, **self.settings).stdout

    def ids(self, service: str) -> list[str]:
        """Ids of a service's running containers."""
        labels = {"project": self.project, "service": service}
        filters = [f"--filter=label=com.docker.compose.{key}={value}" for key, value in labels.items()]
        return docker("ps", "--quiet", "--no-trunc", *filters).split()

    def id(self, service: str) -> str:
        """Id of the only container of a service."""
        (found,) = self.ids(service)
        return found

    @property
    def network(self) -> str:
        """Name of the network."""
        return f"{self.project}_fitting"


def inspect(container: str) -> dict[str, Any]:
    (document,) = json.loads(docker("inspect", container))
    return document


def address(container: str) -> str:
    """The container's address in its network; empty when it is in none."""
    return next((network["IPAddress"] for network in inspect(container)["NetworkSettings"]["Networks"].values()), "")


def python(container: str, code: str) -> str:
    """Run Python in a container."""
    return docker("exec", container, "python", "-c", code)


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something that takes a while."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(0.5)
