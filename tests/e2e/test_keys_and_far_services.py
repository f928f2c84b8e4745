"""Keys on the command line, a service that is reached by its address, and logs that hold no secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import CommandLine


def _harvested(operator: str, lot: str) -> dict[str, Any]:
    return {
        "kind": "harvested",
        "operator": operator,
        "site": f"{operator} field",
        "out_batch": f"{operator}/leaf/{lot}",
    }


class Far:
    """A command line somewhere else: it has an address and a key."""

    def __init__(self, line: CommandLine, key: str | None, **more: str) -> None:
        service = json.loads((line.data_dir / "service.json").read_text())
        self._line = line
        self._environment = {"FIELDLINE_URL": service["address"], **more}
        if key is not None:
            self._environment["FIELDLINE_KEY"] = key

    def __call__(self, *arguments: str, stdin: str = "") -> Any:
        return self._line(*arguments, stdin=stdin, environment=self._environment)

    def emit(self, *events: dict[str, Any]) -> Any:
        return self("emit", "-", "--json", stdin="".join(json.dumps(event) + "\n" for event in events))


def made(line: CommandLine, sender: str, role: str, *more: str) -> str:
    """A new key."""
    done = line("keys", "create", "--sender", sender, "--role", role, *more, "--json")
    assert done.code == 0, done.err
    return str(done.json["key"])


def test_a_far_command_line_speaks_as_its_key_says(served: CommandLine) -> None:
    far = Far(served, made(served, "far-1", "producer"))
    me = far("keys", "whoami", "--json").json
    assert (me["sender"], me["role"]) == ("far-1", "producer")
    assert far.emit(_harvested("far-1", "L1")).json["accepted"] == 1
    answer = far("batch", "far-1/leaf/L1", "--json").json
    assert [event["sender"] for event in answer["events"]] == ["far-1"]


def test_a_key_in_a_file_is_as_good(served: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(made(served, "far-2", "producer") + "\n")
    me = Far(served, None, FIELDLINE_KEY_FILE=str(file))("keys", "whoami", "--json").json
    assert me["sender"] == "far-2"
    missing = Far(served, None, FIELDLINE_KEY_FILE=str(tmp_path / "none"))("keys", "whoami")
    assert (missing.code, "FIELDLINE_KEY_FILE" in missing.err) == (3, True)


def test_what_a_key_may_not_do_is_said_and_ends_with_1(served: CommandLine) -> None:
    far = Far(served, made(served, "far-3", "producer"))
    for done, word in (
        (far("rebuild"), "the role producer may not do this: rebuild"),
        (far("--as", "far-4", "emit", "-", stdin="{}"), "this key speaks as far-3"),
        (Far(served, "flk_0123456789ab_" + "x" * 43)("alerts"), "this key is not known; give a key by FIELDLINE_KEY"),
        (Far(served, None)("alerts"), "this needs a key"),
    ):
        assert done.code == 1
        assert word in done.err


def test_a_service_that_is_not_there_ends_with_3(served: CommandLine) -> None:
    for url in ("http://127.0.0.1:9", "nonsense", "ftp://127.0.0.1"):
        done = served("alerts", environment={"FIELDLINE_URL": url})
        assert done.code == 3, done.err


def test_a_scope_is_opened_from_far_by_who_may(served: CommandLine) -> None:
    failed = {
        "kind": "tested", "at": "2026-03-05", "batch": "far-5/leaf/L1", "lab": "lab-5", "report": "R-5",
        "hazard_class": "pathogen", "hazard": "Salmonella", "verdict": "failed",
    }  # fmt: skip
    assert served.emit(_harvested("far-5", "L1"), sender="far-5").code == 0
    assert Far(served, made(served, "lab-5", "laboratory")).emit(failed).code == 0
    emergency = Far(served, made(served, "team-5", "emergency"))
    drafts = emergency("scope", "list", "--status", "draft", "--json").json["scopes"]
    (draft,) = [scope for scope in drafts if scope["lot"] == "far-5/leaf/L1"]
    opened = emergency("scope", "open", draft["scope"], "--reason", "confirmed", "--json")
    assert (opened.code, opened.json["status"]) == (0, "open")
    assert opened.json["acts"][-1]["by"] == "team-5"
    fresh = emergency(
        "scope", "open", "--batch", "far-5/leaf/L1", "--hazard", "Listeria", "--reason", "second thoughts", "--json"
    )
    assert (fresh.code, fresh.json["hazard"]) == (0, "Listeria")


def test_a_key_is_rotated_revoked_and_listed(served: CommandLine) -> None:
    key = made(served, "far-6", "producer", "--operator", "far-6", "--operator", "far-7", "--note", "of the farm")
    name = key.split("_")[1]
    new = served("keys", "rotate", name, "--grace-seconds", "60", "--json").json
    assert (new["made"]["replaces"], new["made"]["operators"]) == (name, ["far-6", "far-7"])
    assert Far(served, key)("keys", "whoami").code == 0
    revoked = Far(served, key)("keys", "revoke", name)
    assert (revoked.code, name in revoked.out) == (0, True)
    assert Far(served, key)("keys", "whoami").code == 1
    assert Far(served, new["key"])("keys", "whoami").code == 0
    listed = served("keys", "list")
    assert name in listed.out
    assert "of the farm" in listed.out
    assert "flk_" not in listed.out


@pytest.mark.parametrize(
    "arguments", [("--role", "king"), ("--role", "regulator"), ("--role", "producer", "--days", "0")]
)
def test_a_key_for_what_there_is_not_is_wrong_use_or_refused(served: CommandLine, arguments: tuple[str, ...]) -> None:
    done = served("keys", "create", "--sender", "x", *arguments)
    assert done.code in (1, 2)
    assert done.out == ""


def test_the_first_administrator_s_key_is_shown_once_and_logs_hold_no_secret(alone: CommandLine) -> None:
    process = alone.serve()
    assert process.stdout is not None
    shown = process.stdout.readline()
    service = json.loads((alone.data_dir / "service.json").read_text())
    administrator, local = service["administrator"], service["key"]
    assert administrator in shown
    assert (alone.data_dir / "service.json").stat().st_mode & 0o777 == 0o600
    far = Far(alone, administrator)
    assert far("keys", "whoami", "--json").json["role"] == "administrator"
    key = made(alone, "hof-1", "producer")
    false = "flk_0123456789ab_" + "y" * 43
    with httpx.Client(base_url=service["address"]) as client:
        for secret in (key, false, administrator, local):
            bearer = {"authorization": f"Bearer {secret}"}
            client.get("/v1/me", headers=bearer)
            client.get(f"/v1/alerts?key={secret}", headers=bearer)
            client.get(f"/v1/{secret}", headers=bearer)
            client.post("/v1/events", content=b"{", headers=bearer | {"content-type": "application/json"})
    assert alone.stop() == 0
    log = (alone.data_dir.parent / f"{alone.data_dir.name}.log").read_text()
    logged = log + (alone.data_dir / "postgres.log").read_text()
    for secret in (key, false, administrator, local):
        assert secret.split("_", 2)[2] not in logged
    assert "stopping" in log
    # The next start makes no other, and knows the first still.
    process = alone.serve()
    service = json.loads((alone.data_dir / "service.json").read_text())
    assert "administrator" not in service
    assert service["key"] != local
    assert Far(alone, administrator)("keys", "whoami").code == 0


def test_without_a_service_keys_are_made_all_the_same(alone: CommandLine) -> None:
    key = made(alone, "hof-1", "producer")
    alone.serve()
    assert Far(alone, key).emit(_harvested("hof-1", "L1")).json["accepted"] == 1


def test_who_read_whose_data_is_listed_for_administrators_and_for_those_whose_they_are(served: CommandLine) -> None:
    assert served.emit(_harvested("far-8", "L1"), sender="far-8").code == 0
    regulator = Far(served, made(served, "county-8", "regulator", "--grid", ""))
    assert regulator("batch", "far-8/leaf/L1").code == 0
    (row,) = served("access", "list", "--whose", "far-8", "--json").json["accesses"]
    assert (row["sender"], row["role"], row["operation"], row["subject"]) == (
        "county-8", "regulator", "batch", "far-8/leaf/L1",
    )  # fmt: skip
    own = Far(served, made(served, "far-8", "producer"))("access", "list", "--json").json["accesses"]
    assert [(seen["sender"], seen["whose"]) for seen in own] == [("county-8", ["far-8"])]
    other = Far(served, made(served, "far-9", "producer"))("access", "list", "--json").json["accesses"]
    assert other == []
