"""Prometheus' and Grafana's files: about metrics that the programs really export, for targets that exist."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy.rendering import OBSERVABILITY, SERVICES, Manifests, require_tool

DASHBOARD = OBSERVABILITY / "grafana/dashboards/fitting.json"
ALERTS = OBSERVABILITY / "alerts.yml"
TESTS = Path(__file__).parent / "alerts_test.yml"

SELECTOR = re.compile(r"([a-z_]+)\{([^}]*)\}")
"""A series with its label matchers; the rules and panels never name a series without them."""
PROMETHEUS_OWN = {"up"}


def rules() -> dict[str, str]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


def panels() -> Iterator[tuple[str, str]]:
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", target["expr"]


def queries() -> dict[str, str]:
    return rules() | {f"panel {title}": expression for title, expression in panels()}


def require_exported(expression: str, exported: Mapping[str, set[str]]) -> None:
    """Every series is exported by every job that it is asked of."""
    found = SELECTOR.findall(expression)
    assert found
    bare = re.sub(r"\b(by|without|on)\s*\([^)]*\)", "", SELECTOR.sub("", expression))
    assert not re.findall(r"\b(?:vf|process)_\w+", bare), "a series without a job"
    for name, matchers in found:
        [jobs] = re.findall(r'job=~?"([^"]*)"', matchers)
        for job in jobs.split("|"):
            assert name in exported[job] | PROMETHEUS_OWN, f"{name} of {job}"


@pytest.mark.parametrize("name", queries())
def test_rules_and_panels_ask_for_metrics_that_are_exported(name: str, exported: Mapping[str, set[str]]) -> None:
    require_exported(queries()[name], exported)


def test_autoscalers_ask_for_metrics_that_are_exported(manifests: Manifests, exported: Mapping[str, set[str]]) -> None:
    for scaler in manifests.of("ScaledObject"):
        require_exported(scaler["spec"]["triggers"][0]["metadata"]["query"], exported)


def test_an_unknown_metric_is_noticed(exported: Mapping[str, set[str]]) -> None:
    with pytest.raises(AssertionError, match="vf_hope"):
        require_exported('sum(vf_hope{job="vf-gateway"})', exported)
    with pytest.raises(AssertionError, match="vf_stage_seconds_bucket of vf-services"):
        require_exported('rate(vf_stage_seconds_bucket{job=~"vf-gateway|vf-services"}[5m])', exported)
    with pytest.raises(AssertionError, match="without a job"):
        require_exported('vf_queue_length + up{job="vf-gateway"}', exported)


# --- what Prometheus itself says ---


def promtool(*arguments: str | Path) -> str:
    done = subprocess.run([require_tool("promtool"), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_accepts_its_files() -> None:
    promtool("check", "config", OBSERVABILITY / "prometheus.yml")


def test_alerts_fire_when_they_should_and_not_otherwise() -> None:
    promtool("test", "rules", TESTS)


def test_every_alert_is_tried() -> None:
    cases = yaml.safe_load(TESTS.read_text())["tests"]
    fired = {test["alertname"] for case in cases for test in case["alert_rule_test"] if "exp_alerts" in test}
    silent = {test["alertname"] for test in cases[0]["alert_rule_test"]}
    assert fired == silent == rules().keys()


def test_panels_are_promql(tmp_path: Path) -> None:
    """promtool checks rules, so the panels' queries become some."""
    recorded = [{"record": f"panel:{n}", "expr": expression} for n, (_, expression) in enumerate(panels())]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    promtool("check", "rules", file)


# --- targets ---


def test_prometheus_scrapes_every_service() -> None:
    jobs: dict[str, Any] = {
        job["job_name"]: job for job in yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())["scrape_configs"]
    }
    names = {name: set(job["dns_sd_configs"][0]["names"]) for name, job in jobs.items()}
    assert names == {"vf-gateway": {"gateway"}, "vf-services": set(SERVICES)}
    for job in jobs.values():
        assert job["dns_sd_configs"][0] | {"names": []} == {
            "names": [], "type": "A", "port": 8000, "refresh_interval": "10s",
        }  # fmt: skip
        assert {"source_labels": ["__meta_dns_name"], "target_label": "service"} in job["relabel_configs"]


def test_the_cluster_gives_series_the_same_labels(cpu: Manifests) -> None:
    for monitor, job in (("gateway", "vf-gateway"), ("models", "vf-services")):
        [endpoint] = cpu.get("PodMonitor", monitor)["spec"]["podMetricsEndpoints"]
        targets = {entry["targetLabel"]: entry for entry in endpoint["relabelings"]}
        assert targets["job"]["replacement"] == job
        assert targets["service"]["sourceLabels"] == ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]
        assert endpoint["port"] == "http"


def test_grafana_is_given_the_dashboard() -> None:
    [source] = yaml.safe_load((OBSERVABILITY / "grafana/provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        assert all(target["datasource"]["uid"] == source["uid"] for target in panel.get("targets", []))
    identifiers = [panel["id"] for panel in dashboard["panels"]]
    assert len(identifiers) == len(set(identifiers))
    right_edges = {panel["gridPos"]["x"] + panel["gridPos"]["w"] for panel in dashboard["panels"]}
    assert max(right_edges) == 24
