"""What compose starts has no password that is built in: without one of the operator's own it does not start."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from deploy.rendering import ROOT

PASSWORDS = {
    "grafana": ("exec /run.sh", ["GF_SECURITY_ADMIN_PASSWORD"]),
    "minio": ("mkdir -p /data/fitting && exec minio server /data", ["MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"]),
}
"""The program that a container's entry point starts, and the variables without which it must not."""


def service(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][name]
    return found


def start(name: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the entry point as the container does, with a word in the place of the program."""
    program, _ = PASSWORDS[name]
    shell, option, script = service(name)["entrypoint"]
    script = script.replace("$$", "$")
    assert program in script
    command = [shell, option, script.replace(program, "echo started")]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=10, check=False)


@pytest.mark.parametrize("name", PASSWORDS)
def test_it_starts_with_the_operators_password_only(name: str) -> None:
    _, variables = PASSWORDS[name]
    assert start(name, dict.fromkeys(variables, "s3cret")).stdout == "started\n"
    for missing in variables:
        refused = start(name, {variable: "" if variable == missing else "s3cret" for variable in variables})
        assert refused.returncode == 1
        assert "in .env" in refused.stderr
        assert not refused.stdout


def test_the_file_has_no_password_of_its_own() -> None:
    for name in ("grafana", "minio", "postgres"):
        for variable, value in service(name)["environment"].items():
            if variable.endswith(("PASSWORD", "ROOT_USER")):
                assert value.endswith(":-}"), f"{name}: {variable} has a default"


def test_grafana_lets_nobody_in_without_a_password() -> None:
    environment = service("grafana")["environment"]
    assert environment["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert environment["GF_USERS_ALLOW_SIGN_UP"] == "false"
