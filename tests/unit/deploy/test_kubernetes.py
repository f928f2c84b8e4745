"""The Kubernetes manifests are what Kubernetes' published schemas allow, and hold what we promise of them."""

from __future__ import annotations

import re

import kubernetes_validate
import pytest
from fieldline_trace.settings import PARTS, Settings
from fieldline_trace.store.roles import SERVICES, user_of

from tests.unit.deploy.manifests import BASE, EXAMPLE, Manifest, built, containers, pods

KEPT = ("lane", "judge", "notices", "api")
"""What runs all the time."""


@pytest.fixture(params=[BASE, EXAMPLE], ids=["base", "example"])
def found(request: pytest.FixtureRequest) -> list[Manifest]:
    return built(request.param)


def test_each_object_is_what_its_schema_allows_and_nothing_else(found: list[Manifest]) -> None:
    for one in found:
        kubernetes_validate.validate(one, "1.34", strict=True)
    assert {one["kind"] for one in found} >= {
        "StatefulSet",
        "Deployment",
        "Job",
        "PodDisruptionBudget",
        "NetworkPolicy",
    }


def test_a_field_that_there_is_not_would_be_noticed(found: list[Manifest]) -> None:
    deployment = next(one for one in found if one["kind"] == "Deployment")
    deployment["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, "1.34", strict=True)


def test_no_container_is_root_writes_its_own_files_or_may_become_more(found: list[Manifest]) -> None:
    for pod in pods(found).values():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(found):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["limits"]) == set(container["resources"]["requests"]) == {"cpu", "memory"}


def test_what_runs_all_the_time_is_there_twice_probed_and_never_evicted_at_once(found: list[Manifest]) -> None:
    budgets = {one["metadata"]["name"]: one["spec"] for one in found if one["kind"] == "PodDisruptionBudget"}
    for name in KEPT:
        workload = next(
            one for one in found if one["metadata"]["name"] == name and one["kind"] in ("Deployment", "StatefulSet")
        )
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert workload["spec"]["replicas"] >= 2
        assert workload["spec"]["selector"]["matchLabels"] == labels == budgets[name]["selector"]["matchLabels"]
        assert budgets[name]["maxUnavailable"] == 1
        [container] = pods(found)[name]["containers"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] == container["ports"][0]["name"]
        # Neither a database that is away nor a long start has a process started again.
        assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
        assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
        told = {one["name"]: one.get("value") for one in container["env"]}
        assert told.get("FIELDLINE_WORKER_PORT", told.get("FIELDLINE_PORT")) == str(
            container["ports"][0]["containerPort"]
        )


def test_each_service_is_its_own_user_everywhere_and_secrets_are_never_in_a_manifest(found: list[Manifest]) -> None:
    for name in SERVICES:
        [container] = pods(found)[name]["containers"]
        told = {one["name"]: one.get("value") for one in container["env"]}
        assert f"//{user_of(name)}@" in (told["FIELDLINE_DATABASE_URL"] or "")
        assert told["FIELDLINE_KAFKA_USERNAME"] == user_of(name)
    assert not [one for one in found if one["kind"] == "Secret"]
    assert not re.search(r"(?i)password: *\S|://[^@/ ]*:[^@/ ]+@", "".join(path.read_text() for path in BASE.glob("*")))


def test_every_variable_is_a_setting_and_every_part_of_a_worker_runs_somewhere(found: list[Manifest]) -> None:
    names = {one["name"] for container in containers(found) for one in container.get("env", ())}
    names |= {name for one in found if one["kind"] == "ConfigMap" for name in one["data"]}
    assert {name.removeprefix("FIELDLINE_").lower() for name in names} <= set(Settings.model_fields)
    parts = [container["args"][2] for container in containers(found) if container.get("args", [""])[0] == "worker"]
    assert sorted(part for given in parts for part in given.split(",")) == sorted(PARTS)


def test_nothing_is_spoken_to_that_is_not_listed(found: list[Manifest]) -> None:
    policies = [one["spec"] for one in found if one["kind"] == "NetworkPolicy"]
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in policies
    labels = [pod["spec"]["template"]["metadata"]["labels"] for pod in found if "template" in pod.get("spec", {})]
    for policy in policies:
        wanted = policy["podSelector"].get("matchLabels", {})
        assert any(wanted.items() <= one.items() for one in labels)


def test_volumes_that_are_mounted_are_there(found: list[Manifest]) -> None:
    for pod in pods(found).values():
        there = {one["name"] for one in pod["volumes"]}
        used = {
            mount["name"]
            for one in [*pod.get("initContainers", ()), *pod["containers"]]
            for mount in one["volumeMounts"]
        }
        assert used == there
