"""Commands of who keeps the ledger, next to a service: mend and replay, persons, checkpoints, backup and restore, in
either language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.conftest import CommandLine

BAD = {"kind": "harvested", "site": "field 1", "at": "2026-03-01"}


def _good(lot: str) -> dict[str, Any]:
    return {**BAD, "operator": "hof-1", "out_batch": f"hof-1/leaf/{lot}"}


def _sold(name: str, buyer: str) -> dict[str, Any]:
    return {
        "id": name, "kind": "sold", "operator": "hof-1", "site": "shop 1", "at": "2026-03-02",
        "batches": [f"hof-1/leaf/{name}"], "buyer": buyer,
    }  # fmt: skip


def _refused(line: CommandLine, name: str) -> int:
    (refusal,) = line.emit({**BAD, "id": name}).json["refusals"]
    return int(refusal["rejected"])


def test_what_was_refused_is_mended_replayed_and_counts_once(served: CommandLine, tmp_path: Path) -> None:
    number = str(_refused(served, "M1"))
    corrected = tmp_path / "corrected.json"
    corrected.write_text(json.dumps({**_good("M1"), "id": "M1"}))
    mended = served("--as", "clerk-3", "--role", "administrator", "rejected", "mend", number, str(corrected), "--json")
    assert (mended.code, mended.json["status"], mended.json["mended"]["by"]) == (0, "mended", "clerk-3")
    replayed = served("--as", "clerk-3", "--role", "administrator", "rejected", "replay", number, "--json").json
    assert [receipt["outcome"] for receipt in replayed["receipts"]] == ["accepted"]
    again = served("--as", "clerk-3", "--role", "administrator", "rejected", "replay", number)
    assert (again.code, again.out.strip()) == (0, "0 accepted, 1 repeated, 0 conflicting, 0 refused")
    assert served.emit({**_good("M1"), "id": "M1"}).json["repeated"] == 1
    shown = served("rejected", "show", number, "--json").json
    assert (shown["status"], shown["settled"]["by"]) == ("replayed", "clerk-3")
    assert json.loads(shown["raw"]) == {**BAD, "id": "M1"}
    assert json.loads(shown["corrected"])["operator"] == "hof-1"


def test_a_mending_that_is_none_is_refused_by_field_and_leaves_the_row_open(served: CommandLine) -> None:
    number = str(_refused(served, "M2"))
    done = served("rejected", "mend", number, "-", stdin=json.dumps({**_good("M2"), "at": "2026-02-30"}))
    assert (done.code, done.out) == (1, "")
    assert "at: '2026-02-30'" in done.err
    assert served("rejected", "show", number, "--json").json["status"] == "open"


def test_what_was_dismissed_stays_listed_with_its_reason(served: CommandLine) -> None:
    number = str(_refused(served, "M3"))
    assert served("rejected", "dismiss", number, "--reason", "a test of the scanner").code == 0
    listed = served("rejected", "list", "--status", "dismissed", "--json").json["rejected"]
    assert [(row["id"], row["settled"]["reason"]) for row in listed] == [(int(number), "a test of the scanner")]
    assert served("rejected", "replay", number).code == 1


def test_replay_needs_numbers_or_all(served: CommandLine) -> None:
    assert served("rejected", "replay").code == 2
    assert served("rejected", "replay", "1", "--all").code == 2


def test_a_person_is_asked_for_by_whoever_may_and_forgotten_for_good(served: CommandLine) -> None:
    assert served.emit(_sold("P1", "buyer number 17")).json["accepted"] == 1
    events = served("batch", "hof-1/leaf/P1", "--json").out
    assert "buyer number 17" not in events
    pseudonym = _pseudonym_of(served, "P1")
    assert served("--role", "producer", "person", "show", pseudonym).code == 1
    shown = served("--role", "administrator", "person", "show", pseudonym, "--json").json
    assert (shown["value"], shown["erased"]) == ("buyer number 17", None)
    erased = served(
        "--as", "clerk", "--role", "administrator", "person", "erase", pseudonym, "--reason", "asked", "--json"
    )
    assert (erased.json["value"], erased.json["erased"]["by"]) == (None, "clerk")
    assert served.emit(_sold("P1", "buyer number 17")).json["repeated"] == 1
    assert served("--role", "administrator", "person", "show", pseudonym, "--json").json["value"] is None
    assert served("verify", "--json").json["ok"]


def _pseudonym_of(line: CommandLine, name: str) -> str:
    """The pseudonym in the stored event; whoever hands it in again as it stands repeats it."""
    from fieldline_trace.capture import Deployment

    return Deployment(line.data_dir).persons.pseudonym("buyer number 17", "default")


def test_a_head_that_was_signed_is_held_against_the_ledger(served: CommandLine, tmp_path: Path) -> None:
    served.emit(_good("C1"))
    file = tmp_path / "checkpoint.json"
    done = served("checkpoint", "-o", str(file))
    assert done.code == 0
    key = json.loads(file.read_text())["public_key"]
    assert f"public key: {key}" in done.err
    assert served("checkpoint").out == served("checkpoint").out
    served.emit(_good("C2"))
    held = served("verify", "--against", str(file), "--key", key)
    assert held.code == 0
    assert f"with this installation's key {key}" in held.out
    said = json.loads(file.read_text())
    file.write_text(json.dumps(said | {"position": said["position"] + 1}))
    forged = served("verify", "--against", str(file))
    assert forged.code == 1
    assert "against.signature" in forged.err
    assert served("verify", "--against", str(tmp_path / "nowhere")).code == 2


def test_a_backup_of_the_running_service_is_restored_beside_it(served: CommandLine, tmp_path: Path) -> None:
    served.emit(_good("B1"))
    done = served("backup", str(tmp_path / "kept.tar"), "--json")
    assert done.code == 0
    again = served("backup", str(tmp_path / "kept.tar"))
    assert (again.code, "exists" in again.err) == (1, True)
    beside = CommandLine(tmp_path / "restored")
    restored = beside("restore", str(tmp_path / "kept.tar"), "--json")
    assert (restored.code, restored.json["events"]) == (0, done.json["events"])
    asked = ("trace", "hof-1/leaf/B1", "--forward", "--json")
    assert beside(*asked).json["members"] == served(*asked).json["members"]
    assert beside("restore", str(tmp_path / "kept.tar")).code == 1


def test_what_is_wrong_is_said_in_the_language_that_was_asked_for(served: CommandLine) -> None:
    chinese = served("--lang", "zh", "--as", "hof-1", "emit", "-", stdin=json.dumps(BAD))
    assert "line 1: operator: harvested 必须有此字段" in chinese.err
    english = served("--as", "hof-1", "emit", "-", stdin=json.dumps(BAD))
    assert "line 1: operator: harvested needs this" in english.err
    number = str(served("rejected", "list", "--json").json["rejected"][0]["id"])
    environment = {"FIELDLINE_LANG": "zh"}
    shown = served("rejected", "show", number, "--json", environment=environment).json
    assert (shown["rule"], shown["rule_code"]) == ("harvested 必须有此字段", "field_missing_of_kind")
    unknown = served("rejected", "show", "999999", environment=environment)
    assert "没有编号为 999999 的被拒事件" in unknown.err
    assert served("--lang", "fr", "alerts").code == 2
