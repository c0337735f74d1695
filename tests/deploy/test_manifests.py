"""The Kubernetes manifests: valid, closed, and about things that exist."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from deploy.rendering import KUBERNETES, SERVICES, Document, Manifests
from pydantic_settings import BaseSettings

from vf_clothmask.app import ClothmaskSettings
from vf_densepose.app import DensePoseSettings
from vf_gateway.settings import Settings
from vf_hrviton.app import HrvitonSettings
from vf_openpose.app import OpenposeSettings
from vf_parse.app import ParseSettings
from vfkit.serving import ServiceSettings

OLDEST, NEWEST = "1.25", kubernetes_validate.latest_version()
"""Kubernetes versions that the manifests are for."""

SCHEMAS = Path(__file__).parent / "schemas"
USER = 10001

SERVICE_SETTINGS: dict[str, type[BaseSettings]] = {
    "openpose": OpenposeSettings,
    "parse": ParseSettings,
    "densepose": DensePoseSettings,
    "clothmask": ClothmaskSettings,
    "agnostic": ServiceSettings,
    "hrviton": HrvitonSettings,
}
OTHERS_READ = {
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL",
    "AWS_ALLOW_HTTP", "OTEL_EXPORTER_OTLP_ENDPOINT", "FORWARDED_ALLOW_IPS",
}  # fmt: skip
"""Variables of the libraries that the gateway stands on."""


def variables(*settings: type[BaseSettings]) -> set[str]:
    return {f"VF_{field.upper()}" for one in settings for field in one.model_fields}


def selected(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector means something with these labels."""
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return selector.get("matchLabels", {}).items() <= labels.items()


def pods(manifests: Manifests, selector: Mapping[str, Any]) -> set[str]:
    """Whose pods a selector means."""
    return {
        name for name, template in manifests.templates().items() if selected(selector, template["metadata"]["labels"])
    }


# --- schemas ---


def validate(document: Document, version: str) -> None:
    own = SCHEMAS / f"{document['kind']}.json"
    if own.exists():
        jsonschema.validate(document, json.loads(own.read_text()))
    else:
        kubernetes_validate.validate(document, version, strict=True)


def test_the_cpu_overlay_is_valid_for_the_oldest_kubernetes(cpu: Manifests) -> None:
    for document in cpu.documents:
        validate(document, OLDEST)


def test_the_gpu_overlay_is_valid_for_the_newest_kubernetes(gpu: Manifests) -> None:
    for document in gpu.documents:
        validate(document, NEWEST)


def test_the_schemas_refuse_a_field_that_does_not_exist(cpu: Manifests) -> None:
    for kind in ("Deployment", "NetworkPolicy", "ScaledObject", "PodMonitor"):
        document = cpu.of(kind)[0]
        broken = {**document, "spec": {**document["spec"], "replicaz": 2}}
        with pytest.raises((kubernetes_validate.ValidationError, jsonschema.ValidationError)):
            validate(broken, NEWEST)


# --- the whole ---


def test_every_service_is_there(manifests: Manifests) -> None:
    assert manifests.templates().keys() == {*SERVICES, "gateway", "weights"}
    assert {d["metadata"]["name"] for d in manifests.of("Service")} == {*SERVICES, "gateway", "gateway-pods"}
    assert {d["metadata"]["name"] for d in manifests.of("PodDisruptionBudget")} == {*SERVICES, "gateway"}


def test_everything_is_in_one_namespace(manifests: Manifests) -> None:
    [namespace] = manifests.of("Namespace")
    labels = namespace["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    spaces = {d["metadata"]["namespace"] for d in manifests.documents if d is not namespace}
    assert spaces == {namespace["metadata"]["name"]}


def test_nothing_comes_twice(manifests: Manifests) -> None:
    names = [(d["kind"], d["metadata"]["name"]) for d in manifests.documents]
    assert len(names) == len(set(names))


def test_images_have_a_version(manifests: Manifests) -> None:
    for where, container in manifests.containers().items():
        assert re.fullmatch(r"vf-market/[a-z]+:\d+\.\d+\.\d+(-reference)?", container["image"]), where
    assert {c["image"].split("/")[1].split(":")[0] for c in manifests.containers().values()} == {
        *SERVICES, "gateway", "weights",
    }  # fmt: skip


# --- pods ---


def test_pods_are_restricted(manifests: Manifests) -> None:
    for name, template in manifests.templates().items():
        spec = template["spec"]
        context = spec["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert (context["runAsUser"], context["runAsGroup"]) == (USER, USER), name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
        assert spec["serviceAccountName"] == manifests.of("ServiceAccount")[0]["metadata"]["name"], name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), name
        assert all({"emptyDir", "persistentVolumeClaim"} & volume.keys() for volume in spec.get("volumes", [])), name
    for where, container in manifests.containers().items():
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True, where
        assert context["allowPrivilegeEscalation"] is False, where
        assert context["capabilities"] == {"drop": ["ALL"]}, where


def test_resources_are_bounded(manifests: Manifests) -> None:
    for where, container in manifests.containers().items():
        resources = container["resources"]
        assert {"cpu", "memory"} <= resources["requests"].keys(), where
        assert "memory" in resources["limits"], where


def test_weights_are_read_only_but_for_the_job(manifests: Manifests) -> None:
    [claim] = manifests.of("PersistentVolumeClaim")
    for name, template in manifests.templates().items():
        mounts = {m["name"]: m for c in template["spec"]["containers"] for m in c["volumeMounts"]}
        volumes = {v["name"]: v for v in template["spec"]["volumes"]}
        assert mounts.keys() == volumes.keys(), name
        if name == "gateway":
            assert "weights" not in volumes
            continue
        assert volumes["weights"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        assert mounts["weights"]["mountPath"] == "/weights"
        assert mounts["weights"].get("readOnly", False) is (name != "weights")


def test_a_pod_has_time_to_finish(manifests: Manifests) -> None:
    """preStop and the process's own grace fit into the pod's."""
    graces = {**dict.fromkeys(SERVICES, 30), "gateway": 10}
    for name, own in graces.items():
        spec = manifests.templates()[name]["spec"]
        [container] = spec["containers"]
        _, seconds = container["lifecycle"]["preStop"]["exec"]["command"]
        assert int(seconds) + own < spec["terminationGracePeriodSeconds"], name


def test_the_graces_are_the_programs() -> None:
    from vf_gateway import __main__ as gateway  # noqa: PLC0415
    from vfkit.serving import server  # noqa: PLC0415

    assert server.GRACE_SECONDS == 30
    assert gateway._GRACE_SECONDS == 10


def test_probes_ask_what_the_programs_answer(manifests: Manifests) -> None:
    for name in (*SERVICES, "gateway"):
        [container] = manifests.templates()[name]["spec"]["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": 8000}], name
        paths = {
            kind: container[f"{kind}Probe"]["httpGet"]["path"]
            for kind in ("startup", "readiness", "liveness")
            if container[f"{kind}Probe"]["httpGet"]["port"] == "http"
        }
        ready = "/healthz" if name == "gateway" else "/readyz"
        assert paths == {"startup": ready, "readiness": ready, "liveness": "/healthz"}, name


def test_replicas_spread_over_nodes(manifests: Manifests) -> None:
    for name in (*SERVICES, "gateway"):
        [constraint] = manifests.templates()[name]["spec"]["topologySpreadConstraints"]
        assert pods(manifests, constraint["labelSelector"]) == {name}


def test_the_pod_that_copies_weights_is_as_restricted(gpu: Manifests) -> None:
    loader = yaml.safe_load((KUBERNETES / "weights-loader.yaml").read_text())
    validate(loader, NEWEST)
    job = gpu.get("Job", "weights")["spec"]["template"]["spec"]
    for field in ("securityContext", "serviceAccountName", "automountServiceAccountToken", "enableServiceLinks"):
        assert loader["spec"][field] == job[field]
    [mine], [its] = loader["spec"]["containers"], job["containers"]
    assert (mine["securityContext"], mine["image"]) == (its["securityContext"], its["image"])
    assert loader["spec"]["volumes"] == [volume for volume in job["volumes"] if volume["name"] == "weights"]


# --- settings ---


def test_every_variable_is_read_by_someone(manifests: Manifests) -> None:
    models = variables(*SERVICE_SETTINGS.values())  # one map for all six; each reads its own
    for where, container in manifests.containers().items():
        names = manifests.environment(container).keys()
        known = models if where.split("/")[0] in SERVICES else variables(Settings) | OTHERS_READ
        assert names <= known, where


def test_settings_are_accepted(manifests: Manifests, monkeypatch: pytest.MonkeyPatch) -> None:
    """The values are ones that the programs take."""
    for name in (*SERVICES, "gateway"):
        [container] = manifests.templates()[name]["spec"]["containers"]
        with monkeypatch.context() as patch:
            for variable, value in manifests.environment(container).items():
                if value is not None:
                    patch.setenv(variable, value)
            (Settings if name == "gateway" else SERVICE_SETTINGS[name])()


def test_the_gateway_calls_services_that_exist(manifests: Manifests) -> None:
    [container] = manifests.templates()["gateway"]["spec"]["containers"]
    environment = manifests.environment(container)
    for service in SERVICES:
        assert environment[f"VF_{service.upper()}_URL"] == f"http://{service}:8000"
        document = manifests.get("Service", service)
        assert document["spec"]["clusterIP"] == "None"  # headless: the gateway balances by itself
        assert document["spec"]["ports"] == [{"name": "http", "port": 8000, "targetPort": "http"}]


def test_secrets_are_described(manifests: Manifests) -> None:
    described = set(re.findall(r"^#?([A-Z_]+)=", (KUBERNETES / "gateway.env.example").read_text(), re.MULTILINE))
    references = [
        entry["valueFrom"]["secretKeyRef"]
        for container in manifests.containers().values()
        for entry in container.get("env", [])
        if "valueFrom" in entry
    ]
    assert {reference["name"] for reference in references} == {"gateway"}
    assert {reference["key"] for reference in references} == described
    required = {reference["key"] for reference in references if not reference.get("optional")}
    assert required == {"VF_DATABASE_URL", "VF_STORE_URL", "VF_SECRET"}  # without them a gateway would keep its state
    assert not manifests.of("Secret")


# --- what refers to what ---


def test_selectors_find_their_pods(manifests: Manifests) -> None:
    for document in manifests.of("Service"):
        name = document["metadata"]["name"]
        owner = "gateway" if name == "gateway-pods" else name
        assert pods(manifests, {"matchLabels": document["spec"]["selector"]}) == {owner}
    for document in manifests.of("PodDisruptionBudget", "Deployment", "StatefulSet"):
        assert pods(manifests, document["spec"]["selector"]) == {document["metadata"]["name"]}
    monitored = [pods(manifests, d["spec"]["selector"]) for d in manifests.of("PodMonitor")]
    assert sorted(map(sorted, monitored)) == sorted([["gateway"], sorted(SERVICES)])
    governing = manifests.get("StatefulSet", "gateway")["spec"]["serviceName"]
    assert manifests.get("Service", governing)["spec"]["clusterIP"] == "None"


def test_the_ingress_reaches_the_gateway_and_hides_what_is_internal(manifests: Manifests) -> None:
    [ingress] = manifests.of("Ingress")
    [rule] = ingress["spec"]["rules"]
    paths = rule["http"]["paths"]
    assert all(p["backend"]["service"] == {"name": "gateway", "port": {"name": "http"}} for p in paths)
    for internal in ("/metrics", "/healthz", "/readyz"):
        assert not any(internal.startswith(p["path"]) for p in paths)
    assert rule["host"] in ingress["spec"]["tls"][0]["hosts"]


def test_only_the_named_may_talk(manifests: Manifests) -> None:
    policies = manifests.of("NetworkPolicy")
    [closed] = [p for p in policies if p["spec"]["podSelector"] == {}]
    assert closed["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    callers: dict[str, set[str]] = {}
    for policy in policies:
        chosen = pods(manifests, policy["spec"]["podSelector"])
        assert chosen, policy["metadata"]["name"]
        for rule in policy["spec"].get("ingress", []):
            assert rule["ports"] == [{"port": 8000}]
            for peer in rule["from"]:
                for name in chosen:
                    callers.setdefault(name, set()).update(
                        pods(manifests, peer["podSelector"])
                        if "podSelector" in peer
                        else {f"namespace {peer['namespaceSelector']['matchLabels']['kubernetes.io/metadata.name']}"}
                    )
    models = {"gateway", "namespace monitoring"}
    assert callers == {
        **dict.fromkeys(SERVICES, models),
        "gateway": {"namespace ingress-nginx", "namespace monitoring"},
    }


def test_model_services_reach_nobody(manifests: Manifests) -> None:
    leaving = {
        name
        for policy in manifests.of("NetworkPolicy")
        if policy["spec"].get("egress")
        for name in pods(manifests, policy["spec"]["podSelector"])
    }
    assert leaving == {"gateway", "weights"}


# --- autoscaling ---


def test_every_service_is_scaled_once(manifests: Manifests) -> None:
    targets = []
    for scaler in manifests.of("ScaledObject"):
        spec = scaler["spec"]
        target = spec["scaleTargetRef"]
        targets.append(target["name"])
        document = manifests.get(target.get("kind", "Deployment"), target["name"])
        assert "replicas" not in document["spec"]  # two would decide
        assert 1 <= spec["minReplicaCount"] <= spec["fallback"]["replicas"] <= spec["maxReplicaCount"]
        [trigger] = spec["triggers"]
        if target["name"] in SERVICES:
            assert f'service="{target["name"]}"' in trigger["metadata"]["query"]
    assert sorted(targets) == sorted([*SERVICES, "gateway"])
    assert not manifests.of("HorizontalPodAutoscaler")  # KEDA makes them


def test_the_plain_autoscaler_can_take_kedas_place(
    build: Callable[[str], Manifests], exported: Mapping[str, set[str]]
) -> None:
    manifests = build("resources: [{kubernetes}/base]\ncomponents: [{kubernetes}/components/autoscaling-hpa]\n")
    targets = []
    for scaler in manifests.of("HorizontalPodAutoscaler"):
        validate(scaler, NEWEST)
        target = scaler["spec"]["scaleTargetRef"]
        targets.append(manifests.get(target["kind"], target["name"])["metadata"]["name"])
        [metric] = scaler["spec"]["metrics"]
        assert metric["pods"]["metric"]["name"] in exported["vf-services"]
    assert sorted(targets) == sorted(SERVICES)


def test_an_overlay_of_ones_own(build: Callable[[str], Manifests]) -> None:
    """The one that README.md shows works as it says."""
    [text] = re.findall(r"```yaml\n(.*?)```", (KUBERNETES / "README.md").read_text(), re.DOTALL)
    text = text.replace("{", "{{").replace("}", "}}").replace("[../cpu]", "[{kubernetes}/overlays/cpu]")
    manifests = build(text)
    [gateway] = manifests.templates()["gateway"]["spec"]["containers"]
    assert gateway["image"] == "registry.example.com/vf-market/gateway:0.2.0"
    assert manifests.environment(gateway)["VF_PEOPLE_HOURS"] == "6"
    assert manifests.of("Ingress")[0]["spec"]["rules"][0]["host"] == "fitting.market.example"


# --- engines ---


def test_the_cpu_overlay_asks_for_no_gpu(cpu: Manifests) -> None:
    assert all("nvidia.com/gpu" not in c["resources"]["limits"] for c in cpu.containers().values())
    assert all("reference" not in c["image"] for c in cpu.containers().values())


def test_each_reference_engine_has_a_gpu(gpu: Manifests) -> None:
    limits = {
        where.split("/")[0]: c["resources"]["limits"].get("nvidia.com/gpu") for where, c in gpu.containers().items()
    }
    images = {where.split("/")[0]: c["image"].endswith("-reference") for where, c in gpu.containers().items()}
    networks = SERVICES - {"agnostic"}
    assert {name for name, count in limits.items() if count == 1} == networks
    assert {name for name, reference in images.items() if reference} == networks
    for name in networks:
        assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in gpu.templates()[name]["spec"][
            "tolerations"
        ]
