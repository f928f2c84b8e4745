"""The command line next to a service: what people type, what they get, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CommandLine

OPERATOR = {"operator": "hof-1", "site": "field 1"}


def _harvested(lot: str, **more: Any) -> dict[str, Any]:
    return {"kind": "harvested", **OPERATOR, "at": "2026-03-01", "out_batch": f"hof-1/leaf/{lot}", **more}


def _chain(name: str) -> list[dict[str, Any]]:
    """Leaf to salad to a canteen's lunch, all of one name."""
    leaf, salad = f"hof-1/leaf/{name}", f"plant-7/salad/{name}"
    return [
        {**_harvested(name), "out_batch": {"batch": leaf, "quantity": 100, "unit": "kg", "label": f"L-{name}"}},
        {
            "kind": "shipped", **OPERATOR, "at": "2026-03-02",
            "batches": [{"batch": leaf, "quantity": 80, "unit": "kg"}],
            "to_site": "plant 7", "to_operator": "plant-7", "arrived": "2026-03-02",
        },
        {
            "kind": "transformed", "operator": "plant-7", "site": "plant 7", "at": "2026-03-03",
            "in_batches": [{"batch": leaf, "quantity": 50, "unit": "kg"}], "out_batches": [salad],
        },
        {
            "kind": "shipped", "operator": "plant-7", "site": "plant 7", "at": "2026-03-04", "batches": [salad],
            "to_site": "school 3", "to_operator": "school-3", "arrived": "2026-03-04",
        },
    ]  # fmt: skip


def _failed(name: str) -> dict[str, Any]:
    return {
        "kind": "tested", "id": f"urn:test:{name}", "at": "2026-03-05", "batch": f"hof-1/leaf/{name}", "lab": "lab-1",
        "report": f"R-{name}", "hazard_class": "pathogen", "hazard": "Salmonella", "verdict": "failed",
    }  # fmt: skip


def test_each_line_is_accepted_repeated_or_refused_by_line_field_value_and_rule(served: CommandLine) -> None:
    good = _harvested("E1", id="urn:e1")
    lines = [json.dumps(good), "", json.dumps({**good, "colour": "green"}), "{", json.dumps(good)]
    done = served("--as", "hof-1", "emit", "-", "--json", stdin="\n".join(lines))
    said = done.json
    assert done.code == 1
    assert (said["lines"], said["accepted"], said["repeated"], said["refused"]) == (5, 1, 1, 2)
    assert [(refusal["line"], refusal["field"], refusal["value"]) for refusal in said["refusals"]] == [
        (3, "colour", "'green'"),
        (4, "", ""),
    ]
    assert all(refusal["rule"] and refusal["rejected"] for refusal in said["refusals"])
    assert set(said) == {
        "lines", "accepted", "repeated", "conflicting", "refused", "refusals", "position", "seconds", "rate",
    }  # fmt: skip


def test_a_refused_line_is_named_for_people_too(served: CommandLine) -> None:
    done = served("--as", "hof-1", "emit", "-", stdin=json.dumps({**_harvested("E2"), "at": "2026-02-30"}))
    assert done.code == 1
    assert done.err.startswith("line 1: at: '2026-02-30': ")
    assert "0 accepted, 0 repeated, 0 conflicting, 1 refused" in done.out


def test_events_of_a_file_are_taken_once_however_often_it_is_emitted(served: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text("".join(json.dumps(_harvested(f"F{number}")) + "\n" for number in range(5000)))
    first, again = served("emit", str(file), "--json").json, served("emit", str(file), "--json").json
    assert (first["accepted"], first["repeated"]) == (5000, 0)
    assert (again["accepted"], again["repeated"]) == (0, 5000)


def test_a_trace_names_each_holding_and_the_event_that_brought_it_in(served: CommandLine) -> None:
    assert served.emit(*_chain("T1")).code == 0
    done = served("trace", "hof-1/leaf/T1", "--forward", "--json")
    answer = done.json
    assert done.code == 0
    assert set(answer) == {
        "position", "asked", "direction", "times", "depth", "members", "excluded_by_times", "filtered", "lots", "sites",
        "events",
    }  # fmt: skip
    assert {(m["batch"], m["site"], m["certainty"], m["role"], m["hops"]) for m in answer["members"]} == {
        ("hof-1/leaf/T1", "field 1", "definite", "asked", 0),
        ("hof-1/leaf/T1", "plant 7", "definite", "asked", 0),
        ("plant-7/salad/T1", "plant 7", "definite", "descendant", 1),
        ("plant-7/salad/T1", "school 3", "definite", "descendant", 1),
    }
    for member in answer["members"]:
        assert set(member) == {
            "batch", "labels", "site", "operator", "certainty", "basis", "role", "exposed", "hops", "event", "via",
            "incomplete",
        }  # fmt: skip
        assert set(member["exposed"]) == {"from", "to"}
        assert (member["event"] is None) == (member["hops"] == 0)
    cited = {member["event"] for member in answer["members"]} - {None}
    assert cited <= {event["id"] for event in answer["events"]}
    assert answer["excluded_by_times"] == []


def test_back_and_forward_meet(served: CommandLine) -> None:
    served.emit(*_chain("T2"))
    back = served("trace", "plant-7/salad/T2", "--back", "--json").json
    assert {(m["batch"], m["role"]) for m in back["members"]} == {
        ("plant-7/salad/T2", "asked"),
        ("hof-1/leaf/T2", "source"),
    }


def test_a_trace_is_a_table_for_people(served: CommandLine) -> None:
    served.emit(*_chain("T3"))
    done = served("trace", "hof-1/leaf/T3", "--forward", "--events")
    assert done.code == 0
    assert "4 holdings in 2 lots at 3 sites" in done.out
    assert "school 3" in done.out


@pytest.mark.parametrize("text", ["hof-1/leaf/N1", "  hof-1/leaf/N1 ", "L-N1", "N1"])
def test_a_batch_is_understood_by_key_by_its_printed_lot_number_and_by_its_lot(served: CommandLine, text: str) -> None:
    served.emit(_chain("N1")[0])
    answer = served("batch", text, "--json").json
    assert answer["batch"] == "hof-1/leaf/N1"


@pytest.mark.parametrize(
    "text",
    [
        "(01)09506000134352(10)B7",
        "urn:epc:class:lgtin:9506000.013435.B7",
        "https://id.gs1.org/01/09506000134352/10/B7",
        "https://shop.example/01/09506000134352/10/B7",
        "01/09506000134352/10/B7",
    ],
)
def test_a_batch_is_understood_in_every_spelling_of_gs1(served: CommandLine, text: str) -> None:
    served.emit(_harvested("x", id="urn:gs1", out_batch="(01)09506000134352(10)B7"))
    answer = served("batch", text, "--json").json
    assert answer["batch"] == "01/09506000134352/10/B7"
    assert "(01)09506000134352(10)B7" in answer["spellings"]


def test_a_batch_says_where_it_is_how_much_and_what_was_said_of_it(served: CommandLine) -> None:
    served.emit(*_chain("B1"))
    answer = served("batch", "hof-1/leaf/B1", "--json").json
    assert {"position", "batch", "spellings", "holdings", "events"} <= set(answer)
    assert [
        {key: holding[key] for key in ("site", "operator", "quantity", "unit")} for holding in answer["holdings"]
    ] == [
        {"site": "field 1", "operator": "hof-1", "quantity": "20", "unit": "kg"},
        {"site": "plant 7", "operator": "plant-7", "quantity": "30", "unit": "kg"},
    ]
    assert {(event["kind"], event["standing"]) for event in answer["events"]} == {
        ("harvested", "recorded"),
        ("shipped", "recorded"),
        ("transformed", "recorded"),
    }


def test_an_unknown_batch_suggests_near_ones(served: CommandLine) -> None:
    served.emit(_harvested("Kopfsalat-17"))
    done = served("trace", "hof-1/leaf/Kopfsalat-71", "--forward")
    assert done.code == 1
    assert "NotFound" in done.err
    assert "hof-1/leaf/Kopfsalat-17" in done.err
    near = served("trace", "hof-1/leaf/Kopfsalat-71", "--forward", "--json").json["near"]
    assert near[0] == "hof-1/leaf/Kopfsalat-17"


def test_a_failed_test_raises_an_alert_and_drafts_a_scope_that_names_whom_to_call(served: CommandLine) -> None:
    served.emit(*_chain("S1"))
    assert served.emit(_failed("S1"), sender="lab-1", role="laboratory").code == 0
    alerts = served("alerts", "--rule", "TEST_FAILED", "--json").json["alerts"]
    (alert,) = [alert for alert in alerts if alert["evidence"] == ["urn:test:S1"]]
    assert {"id", "rule", "subject", "severity", "standing", "text", "evidence", "version"} <= set(alert)
    scopes = served("scope", "list", "--json").json["scopes"]
    (scope,) = [scope for scope in scopes if scope["lot"] == "hof-1/leaf/S1"]
    assert scope["status"] == "draft"
    shown = served("scope", "show", scope["scope"], "--json").json
    assert {"position", "scope", "members", "excluded_by_times", "events"} <= set(shown)
    assert {(m["batch"], m["site"]) for m in shown["members"]} == {
        ("hof-1/leaf/S1", "field 1"),
        ("hof-1/leaf/S1", "plant 7"),
        ("plant-7/salad/S1", "plant 7"),
        ("plant-7/salad/S1", "school 3"),
    }
    consignees = served("scope", "consignees", scope["scope"], "--json").json["consignees"]
    assert {(consignee["operator"], consignee["site"]) for consignee in consignees} == {
        ("hof-1", "field 1"),
        ("plant-7", "plant 7"),
        ("school-3", "school 3"),
    }


def test_a_scope_is_previewed_and_opened_on_what_was_at_a_site_in_a_window(served: CommandLine) -> None:
    # At a site of its own: a window joins whatever else is there.
    served.emit(*json.loads(json.dumps(_chain("W1")).replace("plant 7", "plant 8")))
    window = ("--site", "plant 8", "--from", "2026-03-02", "--to", "2026-03-02T09:00:00Z", "--hazard", "Listeria")
    preview = served("scope", "preview", *window, "--json").json
    there = {member["batch"] for member in preview["members"] if member["role"] == "same_site_and_window"}
    assert "hof-1/leaf/W1" in there
    assert "plant-7/salad/W1" not in there
    said = served("scope", "preview", *window)
    assert "window: plant 8, 2026-03-01 – 2026-03-02" in said.out
    opened = served(
        "--as", "county", "--role", "emergency", "scope", "open", *window, "--reason", "swab", "--json"
    ).json
    assert {(m["batch"], m["site"]) for m in opened["members"]} == {(m["batch"], m["site"]) for m in preview["members"]}
    assert (opened["status"], opened["lot"], opened["windows"][0]["site"]) == ("open", None, "plant 8")
    assert any(member["held"] for member in opened["members"] if member["role"] == "same_site_and_window")
    nothing = served("scope", "preview", "--from", "2026-03-02", "--json")
    assert nothing.code == 2


def test_only_those_whose_role_allows_it_open_a_scope_and_let_a_member_go(served: CommandLine) -> None:
    served.emit(*_chain("S2"))
    served.emit(_failed("S2"), sender="lab-1", role="laboratory")
    scopes = served("scope", "list", "--json").json["scopes"]
    (name,) = [scope["scope"] for scope in scopes if scope["lot"] == "hof-1/leaf/S2"]
    refused = served("--as", "hof-1", "scope", "open", name, "--reason", "no")
    assert refused.code == 1
    assert "emergency" in refused.err
    emergency = ("--as", "county", "--role", "emergency")
    opened = served(*emergency, "scope", "open", name, "--reason", "found in two samples", "--json")
    assert (opened.code, opened.json["status"]) == (0, "open")
    release = ("scope", "release", name, "plant-7/salad/S2", "--site", "school 3", "--reason", "eaten and well")
    released = served(*emergency, *release, "--json").json
    states = {(member["batch"], member["site"]): member["state"] for member in released["members"]}
    assert states["plant-7/salad/S2", "school 3"] == "released"
    diff = served("scope", "diff", name, "--json").json
    assert {"position", "scope", "from", "to", "changes"} == set(diff)
    ((change,)) = diff["changes"]
    assert (change["kind"], change["site"], change["reason"]) == ("reclassified", "school 3", "act")
    closed = served(*emergency, "scope", "close", name, "--reason", "all answered", "--json")
    assert closed.json["status"] == "closed"


def test_a_preview_writes_nothing(served: CommandLine) -> None:
    served.emit(*_chain("S3"))
    before = served("scope", "list", "--json").json
    preview = served("scope", "preview", "hof-1/leaf/S3", "--hazard", "Salmonella", "--json").json
    assert len(preview["members"]) == 4
    assert served("scope", "list", "--json").json == before


def test_sources_name_where_findings_meet(served: CommandLine) -> None:
    served.emit(
        *_chain("M1"),
        {
            "kind": "prepared", "operator": "school-3", "site": "school 3", "at": "2026-03-05",
            "out_batch": "school-3/lunch/M1", "in_batches": ["plant-7/salad/M1"],
        },
    )  # fmt: skip
    answer = served("sources", "plant-7/salad/M1", "school-3/lunch/M1", "--json").json
    assert set(answer) == {"position", "findings", "sources", "more"}
    best = answer["sources"][0]
    assert (best["lot"], best["share"], best["raw"]) == ("L-M1", 1.0, True)


def test_what_was_refused_can_be_listed_and_shown_whole(served: CommandLine) -> None:
    bad = json.dumps({**_harvested("R1"), "out_batch": 12})
    refusal = served("--as", "hof-9", "emit", "-", "--json", stdin=bad).json["refusals"][0]
    listed = served("rejected", "list", "--sender", "hof-9", "--json").json
    assert [row["id"] for row in listed["rejected"]] == [refusal["rejected"]]
    shown = served("rejected", "show", str(refusal["rejected"]), "--json").json
    assert shown["raw"] == bad
    assert (shown["field"], shown["sender"]) == ("out_batch", "hof-9")
    assert served("rejected", "show", "999999").code == 1


def test_the_ledger_is_whole_and_a_rebuild_changes_nothing(served: CommandLine) -> None:
    served.emit(*_chain("V1"))
    verified = served("verify", "--json")
    assert verified.code == 0
    assert verified.json["ok"] is True
    assert len(verified.json["hash"]) == 64
    rebuilt = served("rebuild", "--json")
    assert rebuilt.code == 0
    assert rebuilt.json["differed"] == []
    assert served("trace", "hof-1/leaf/V1", "--forward", "--json").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("trace", "hof-1/leaf/L1"),
        ("trace", "hof-1/leaf/L1", "--back", "--forward"),
        ("trace",),
        ("sources",),
        ("nonsense",),
        ("emit", "/nowhere/at/all.ndjson"),
        ("import", "fcl", "/nowhere/at/all.json"),
        ("scope", "open", "--reason", "none named"),
        ("schema", "teleported"),
    ],
)
def test_wrong_use_ends_with_two(served: CommandLine, arguments: tuple[str, ...]) -> None:
    assert served(*arguments).code == 2


def test_a_setting_out_of_range_is_wrong_use_and_named(served: CommandLine) -> None:
    done = served("alerts", environment={"FIELDLINE_POOL_SIZE": "none"})
    assert done.code == 2
    assert "FIELDLINE_POOL_SIZE" in done.err


def test_a_second_service_on_the_directory_is_refused_with_a_clear_word(served: CommandLine) -> None:
    done = served("serve")
    assert done.code == 3
    assert "another fieldline" in done.err


def test_the_schema_of_a_kind_and_every_setting_are_printed(served: CommandLine) -> None:
    schema = served("schema", "harvested").json
    assert "out_batch" in schema["properties"]
    settings = {row["setting"]: row for row in served("settings", "--json").json}
    assert settings["FIELDLINE_DATA_DIR"]["value"] == str(served.data_dir)
    assert all(row["what"] for row in settings.values())


def test_an_act_on_what_is_not_known_is_refused_before_it_is_sent(served: CommandLine) -> None:
    served.emit(*_chain("X1"))
    served.emit(_failed("X1"), sender="lab-1", role="laboratory")
    scopes = served("scope", "list", "--json").json["scopes"]
    (name,) = [scope["scope"] for scope in scopes if scope["lot"] == "hof-1/leaf/X1"]
    emergency = ("--as", "county", "--role", "emergency")
    before, because = served("verify", "--json").json["events"], ("--reason", "r", "--json")
    opened = served(
        *emergency, "scope", "open", "--batch", "hof-1/leaf/X11", "--hazard", "h", "--reason", "r", "--json"
    )
    assert (opened.code, opened.json["near"][0]) == (1, "hof-1/leaf/X1")
    release = ("scope", "release", name, "plant-7/salad/X1", "--site", "school 4", *because)
    released = served(*emergency, *release)
    assert (released.code, released.json["near"][0]) == (1, "plant-7/salad/X1 at school 3")
    assert served("verify", "--json").json["events"] == before


def test_an_act_may_name_a_batch_by_its_printed_lot_number(served: CommandLine) -> None:
    served.emit(*_chain("X2"))
    opened = served(
        "--as", "county", "--role", "emergency", "scope", "open", "--batch", "L-X2", "--hazard", "glass",
        "--hazard-class", "foreign_body", "--reason", "complaint", "--json",
    )  # fmt: skip
    assert opened.json["lot"] == "hof-1/leaf/X2"
    assert [(act["kind"], act["by"], act["because"]) for act in opened.json["acts"]] == [
        ("scope_opened", "county", "complaint")
    ]


@pytest.mark.parametrize(
    ("arguments", "choice"),
    [
        (("scope", "preview", "a/b/c", "--hazard-class", "spooky"), "pathogen"),
        (("scope", "list", "--status", "asleep"), "lapsed"),
        (("alerts", "--rule", "NONE"), "CHAIN_GAP"),
        (("--role", "king", "alerts"), "regulator"),
        (("--role", "system", "alerts"), "regulator"),
    ],
)
def test_a_choice_that_there_is_not_is_wrong_use_and_names_those_there_are(
    served: CommandLine, arguments: tuple[str, ...], choice: str
) -> None:
    done = served(*arguments)
    assert done.code == 2
    assert choice in done.err
