"""docs/operations.md speaks of things that exist, and leaves no alert and no failure out."""

from __future__ import annotations

import json
import re

import yaml
from deploy.rendering import KUBERNETES, OBSERVABILITY, ROOT
from deploy.test_manifests import SERVICE_SETTINGS, variables

from vf_gateway.settings import Settings
from vfkit.problems import Code

GUIDE = (ROOT / "docs/operations.md").read_text()
NOT_FOR_OPERATORS = {
    Code.INVALID_REQUEST, Code.CANCELLED, Code.NOT_FOUND, Code.NOT_READY, Code.NOT_ACCEPTABLE, Code.UNAUTHORIZED,
    Code.FORBIDDEN, Code.CONFLICT,
}  # fmt: skip
"""Answers to a caller's own mistakes; no fitting ends with them through our fault."""


def section(title: str) -> str:
    [text] = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    return text


def test_every_alert_is_explained_and_no_other() -> None:
    groups = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"]
    alerts = {rule["alert"]: rule["labels"]["severity"] for group in groups for rule in group["rules"]}
    assert dict(re.findall(r"\*\*(Vf\w+)\*\* \((\w+)\)", section("Alerts"))) == alerts


def test_every_code_is_explained() -> None:
    explained = set(re.findall(r"`([a-z_]+)`", section("When a stage fails")))
    assert {code.value for code in Code if code not in NOT_FOR_OPERATORS} <= explained


def test_log_events_are_ones_that_are_written() -> None:
    source = "".join(path.read_text() for path in ROOT.glob("*/src/**/*.py"))
    rows = re.findall(r"^\| (`.*?`) \|", section("Reading the logs"), re.MULTILINE)
    events = {event for row in rows for event in re.findall(r"`([^`]+)`", row)}
    written = {event for event in events if f'("{event}"' in source or f'"{event}",' in source}
    assert events - written == {"stamina.retry_scheduled"}  # a library's
    errors = set(re.findall(r'log\.(?:exception|error|warning)\(\s*"([^"]+)"', source))
    assert errors <= events


def test_settings_exist_with_the_defaults_that_are_told() -> None:
    known = variables(Settings, *SERVICE_SETTINGS.values())
    compose = (ROOT / "docker-compose.yml").read_text() + (ROOT / "docker-compose.gpu.yml").read_text()
    for name in set(re.findall(r"\bVF_[A-Z0-9_]+", GUIDE)):
        assert name in known or f"${{{name}" in compose, name
    defaults = {f"VF_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    told = re.findall(r"`(VF_[A-Z_]+)` \((\d+)\)", GUIDE)
    assert told
    for name, value in told:
        assert float(value) == defaults[name], name


def test_the_table_of_limits_is_in_order_and_tells_the_defaults() -> None:
    rows = re.findall(r"^\| `(VF_[A-Z0-9_]+)` \| ([^|]+) \|", section("Limits"), re.MULTILINE)
    assert rows
    assert [name for name, _ in rows] == sorted(name for name, _ in rows)
    defaults = {
        f"VF_{name.upper()}": field.default
        for settings in (Settings, *SERVICE_SETTINGS.values())
        for name, field in settings.model_fields.items()
    }
    for name, told in rows:
        default = defaults[name]
        assert told == (default if isinstance(default, str) else f"{default:g}"), name


def test_measured_times_are_the_measured_ones() -> None:
    measured = json.loads((ROOT / "bench/results.json").read_text())
    rows = dict(re.findall(r"^\| (\w+) \| ([\d.]+) \|", section("Sizing"), re.MULTILINE))
    assert {name: float(seconds) for name, seconds in rows.items()} == measured["fan_out"]["stages_s"]
    for key in ("first_fitting_s", "another_garment_s"):
        assert f"{measured[key]} s" in section("Sizing")


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^## (.+)$", GUIDE, re.M)
    }
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        file, _, anchor = target.partition("#")
        if file:
            assert (ROOT / "docs" / file).exists(), target
        else:
            assert anchor in headings, target
    for path in re.findall(r"deploy/[\w./-]+", GUIDE + (KUBERNETES / "README.md").read_text()):
        assert (ROOT / path.rstrip(".")).exists(), path
