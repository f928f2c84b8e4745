"""The manifests of deploy/, put together as kustomize would, as far as these use it: resources, namespace, labels,
images, replicas, and patches by merging."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
EXAMPLE = DEPLOY / "kubernetes" / "overlays" / "example"
_KNOWN = {"apiVersion", "kind", "namespace", "labels", "resources", "images", "replicas", "patches"}

Manifest = dict[str, Any]


def documents(path: Path) -> list[Manifest]:
    """The objects in a file of YAML."""
    return [one for one in yaml.safe_load_all(path.read_text("utf-8")) if one is not None]


def built(folder: Path) -> list[Manifest]:
    """All objects of a kustomization. ``AssertionError`` where it uses what is not understood here."""
    [told] = documents(folder / "kustomization.yaml")
    assert set(told) <= _KNOWN, set(told) - _KNOWN
    found: list[Manifest] = []
    for name in told["resources"]:
        path = folder / name
        found += built(path.resolve()) if path.is_dir() else documents(path)
    listed = {folder / name for name in told["resources"]} | {folder / one["path"] for one in told.get("patches", ())}
    forgotten = [path.name for path in folder.glob("*.yaml") if path not in listed and path.stem != "kustomization"]
    assert forgotten == []
    for patch in told.get("patches", ()):
        [change] = documents(folder / patch["path"])
        [whom] = [one for one in found if _name(one) == _name(change)]
        _merge(whom, change)
    for count in told.get("replicas", ()):
        [whom] = [
            one for one in found if one["metadata"]["name"] == count["name"] and "replicas" in one.get("spec", {})
        ]
        whom["spec"]["replicas"] = count["count"]
    for image in told.get("images", ()):
        for container in containers(found):
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
    for one in found:
        if one["kind"] != "Namespace":
            one["metadata"]["namespace"] = told["namespace"]
        for pair in told.get("labels", ()):
            one["metadata"].setdefault("labels", {}).update(pair["pairs"])
    return found


def pods(found: list[Manifest]) -> dict[str, Manifest]:
    """The specification of each workload's pods, by name."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in found if "template" in one.get("spec", {})
    }


def containers(found: list[Manifest]) -> list[Manifest]:
    """All containers, those that begin a pod among them."""
    return [one for pod in pods(found).values() for one in [*pod.get("initContainers", ()), *pod["containers"]]]


def _name(one: Manifest) -> tuple[str, str]:
    return one["kind"], one["metadata"]["name"]


def _merge(whom: Manifest, change: Manifest) -> None:
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(whom.get(key), dict):
            _merge(whom[key], value)
        else:
            whom[key] = value
