"""The compose file says what it should. Running it takes a container runtime, which these tests have none of."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from fieldline_trace.settings import PARTS, Settings
from fieldline_trace.store.roles import SERVICES, user_of

from tests.unit.deploy.manifests import DEPLOY


@pytest.fixture
def compose() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
    return said


def test_what_it_names_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        assert set(service["networks"]) <= set(compose["networks"])
        named = {one if isinstance(one, str) else one["source"] for one in service.get("secrets", ())}
        assert named <= set(compose["secrets"])
        assert {one.partition(":")[0] for one in service.get("volumes", ())} <= set(compose["volumes"])
    used = {
        one if isinstance(one, str) else one["source"] for one_ in services.values() for one in one_.get("secrets", ())
    }
    assert used == set(compose["secrets"])


def test_our_services_are_their_own_users_with_settings_that_there_are(compose: dict[str, Any]) -> None:
    for name in SERVICES:
        service = compose["services"][name]
        told = service["environment"]
        assert f"//{user_of(name)}@" in told["FIELDLINE_DATABASE_URL"]
        assert told["FIELDLINE_KAFKA_USERNAME"] == user_of(name)
        assert (
            told["FIELDLINE_DATABASE_PASSWORD_FILE"] == told["FIELDLINE_KAFKA_PASSWORD_FILE"] == f"/run/secrets/{name}"
        )
        assert {key.removeprefix("FIELDLINE_").lower() for key in told} <= set(Settings.model_fields)
        assert service["read_only"] is True
        assert service["user"] == "10001"
        assert service["cap_drop"] == ["ALL"]
        assert "mem_limit" in service
        assert "healthcheck" in service


def test_every_part_of_a_worker_runs_and_only_the_api_is_reached_from_outside(compose: dict[str, Any]) -> None:
    commands = [service.get("command", [""]) for service in compose["services"].values()]
    parts = [command[2] for command in commands if command[0] == "worker"]
    assert sorted(part for given in parts for part in given.split(",")) == sorted(PARTS)
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["api"]
    assert compose["networks"]["inside"]["internal"] is True


def test_the_image_is_made_from_the_lock_and_runs_as_nobody_in_particular() -> None:
    said = (DEPLOY / "Containerfile").read_text("utf-8")
    assert "--require-hashes -r requirements.lock" in said
    assert said.rindex("USER 10001") < said.index("ENTRYPOINT")
