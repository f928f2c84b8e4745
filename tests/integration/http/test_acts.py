"""What people do with scopes and alerts by HTTP: each an event with a receipt, held to roles and to what one sees."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

LEAF = "hof-1/leaf/L1"
FAILED = {
    "kind": "tested", "batch": LEAF, "site": "field", "lab": "lab-1", "report": "R1", "hazard_class": "pathogen",
    "hazard": "Salmonella", "verdict": "failed", "at": "2026-03-01",
}  # fmt: skip


async def status_of(client: httpx.AsyncClient, scope: str) -> str:
    return str((await client.get("/v1/scope", params={"scope": scope})).json()["status"])


@pytest.fixture
async def draft(client: httpx.AsyncClient) -> str:
    """A leaf failed, and a scope was drafted."""
    leaf = {"kind": "harvested", "operator": "hof-1", "site": "field", "grid_unit": "410105", "out_batch": LEAF}
    await client.post("/v1/events", json=[leaf, FAILED])
    (scope,) = (await client.get("/v1/scopes")).json()["scopes"]
    return str(scope["scope"])


async def test_a_scope_is_opened_a_member_let_go_and_the_scope_closed(
    client: httpx.AsyncClient, keyed: Any, draft: str
) -> None:
    taskforce = await keyed("taskforce", "emergency")
    for path, body, status in (
        ("/v1/scopes", {"scope": draft[:12], "reason": "it failed"}, "open"),
        (f"/v1/scopes/{draft}/release", {"batch": "L1", "site": "field", "reason": "burnt"}, "open"),
        (f"/v1/scopes/{draft}/close", {"reason": "all answered"}, "closed"),
    ):
        answer = await taskforce.post(path, json=body)
        assert answer.status_code == 202, answer.text
        (receipt,) = answer.json()["receipts"]
        assert receipt["outcome"] == "accepted"
        assert await status_of(client, draft) == status
    show = (await client.get("/v1/scope", params={"scope": draft})).json()
    assert [(act["by"], act["because"]) for act in show["acts"]] == [
        ("taskforce", "it failed"), ("taskforce", "burnt"), ("taskforce", "all answered"),
    ]  # fmt: skip


async def test_a_scope_is_opened_on_batches_of_one_s_own(client: httpx.AsyncClient, keyed: Any, draft: str) -> None:
    taskforce = await keyed("taskforce", "emergency")
    body = {"batches": ["L1"], "hazard": "glass", "hazard_class": "foreign_body", "reason": "found", "id": "urn:act:1"}
    first, again = [await taskforce.post("/v1/scopes", json=body) for _ in range(2)]
    assert [(one.status_code, one.json()["receipts"][0]["outcome"]) for one in (first, again)] == [
        (202, "accepted"), (202, "repeated"),
    ]  # fmt: skip
    scopes = (await client.get("/v1/scopes", params={"status": "open"})).json()["scopes"]
    assert [scope["hazard"] for scope in scopes] == ["glass"]


async def test_an_alert_is_acknowledged_by_who_may_see_it(client: httpx.AsyncClient, keyed: Any, draft: str) -> None:
    (alert,) = (await client.get("/v1/alerts")).json()["alerts"]
    for grid, status in (("4101", 202), ("11", 404)):
        county = await keyed(f"county-{grid}", "regulator", grid=grid)
        answer = await county.post(f"/v1/alerts/{alert['id']}/acknowledge", json={"note": "sampled again"})
        assert answer.status_code == status, answer.text


async def test_an_authority_cannot_act_on_a_scope_outside_its_area(
    client: httpx.AsyncClient, keyed: Any, draft: str
) -> None:
    elsewhere = await keyed("county-11", "regulator", grid="11")
    for text in (draft, "scope-000000000000"):
        answer = await elsewhere.post(f"/v1/scopes/{text}/close", json={"reason": "x"})
        assert (answer.status_code, answer.json()["near"]) == (404, [])
    answer = await elsewhere.post("/v1/scopes", json={"batches": [LEAF], "hazard": "x", "reason": "x"})
    assert answer.status_code == 404
    assert await status_of(client, draft) == "draft"


async def test_the_raw_event_of_an_act_is_held_to_the_area_too(
    client: httpx.AsyncClient, keyed: Any, draft: str
) -> None:
    elsewhere, here = [await keyed(f"county-{grid}", "regulator", grid=grid) for grid in ("11", "4101")]
    (alert,) = (await client.get("/v1/alerts")).json()["alerts"]
    opened = {"kind": "scope_opened", "scope": draft, "reason": "x"}
    closed = {"kind": "scope_closed", "scope": draft, "reason": "x"}
    note = {"kind": "noted", "subject": "x", "text": "x"}
    for act in (opened, closed, {"kind": "alert_acknowledged", "alert": alert["id"]}):
        for body in (act, [note, act]):
            answer = await elsewhere.post("/v1/events", json=body)
            assert answer.status_code == 404, answer.text
    assert await status_of(client, draft) == "draft"
    answer = await here.post("/v1/events", json=[opened, {"kind": "alert_acknowledged", "alert": alert["id"]}])
    assert (answer.status_code, await status_of(client, draft)) == (202, "open"), answer.text


async def test_seeds_of_an_authority_of_an_area_come_in_where_they_are_looked_up(
    client: httpx.AsyncClient, keyed: Any, draft: str
) -> None:
    county = await keyed("county-4101", "regulator", grid="4101")
    hazard = {"hazard_class": "foreign_body", "hazard": "glass", "reason": "found"}
    for seed in ({"batch": LEAF}, {"site": "shop"}):
        answer = await county.post("/v1/events", json={"kind": "scope_opened", "seeds": [seed], **hazard})
        assert (answer.status_code, "/v1/scopes" in answer.json()["detail"]) == (403, True)
    gone = {"kind": "shipped", "operator": "hof-1", "site": "field", "batches": [LEAF], "to_site": "shop"}
    there = {"kind": "served", "operator": "shop", "site": "shop", "grid_unit": "110101", "batches": [LEAF]}
    await client.post("/v1/events", json=[gone | {"to_operator": "shop"}, there])
    for site, status in (("shop", 404), ("nowhere", 404), ("field", 202)):
        answer = await county.post("/v1/scopes", json={"batches": [LEAF], "site": site, **hazard})
        assert answer.status_code == status, answer.text


async def test_an_act_outside_the_area_is_not_mended_into_what_was_refused(
    client: httpx.AsyncClient, keyed: Any, draft: str
) -> None:
    elsewhere = await keyed("county-11", "regulator", grid="11")
    refused = await elsewhere.post("/v1/events", json={"kind": "scope_closed", "scope": draft})
    number = refused.json()["receipts"][0]["rejected"]
    raw = json.dumps({"kind": "scope_closed", "scope": draft, "reason": "x"})
    assert (await elsewhere.post(f"/v1/rejected/{number}/mend", json={"raw": raw})).status_code == 404


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("producer", "/v1/scopes"), ("laboratory", "/v1/scopes"), ("producer", "/v1/scopes/x/close"),
        ("regulator", "/v1/scopes/x/release"), ("producer", "/v1/alerts/x/acknowledge"),
    ],
)  # fmt: skip
async def test_a_role_that_may_not_act_is_turned_away(
    client: httpx.AsyncClient, keyed: Any, role: str, path: str
) -> None:
    someone = await keyed("someone", role)
    assert (await someone.post(path, json={"reason": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/scopes", {"reason": "x"}, "scope"),
        ("/v1/scopes", {"reason": "x", "batches": [LEAF]}, "hazard"),
        ("/v1/scopes", {"batches": [LEAF], "hazard": "x"}, "reason"),
        ("/v1/scopes", {"reason": "", "batches": [LEAF], "hazard": "x"}, "reason"),
        ("/v1/scopes", {"reason": "x", "batches": [LEAF], "hazard": "x", "hazard_class": "magic"}, "hazard_class"),
        ("/v1/scopes", {"reason": "x", "colour": "green"}, "colour"),
    ],
)
async def test_an_act_at_fault_is_refused_by_field(
    keyed: Any, draft: str, path: str, body: dict[str, Any], field: str
) -> None:
    taskforce = await keyed("taskforce", "emergency")
    answer = await taskforce.post(path, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_an_alert_is_shown_with_its_versions(client: httpx.AsyncClient, draft: str) -> None:
    (alert,) = (await client.get("/v1/alerts")).json()["alerts"]
    await client.post("/v1/events", json={**FAILED, "verdict": "passed", "report": "R2", "supersedes": "R1"})
    shown = (await client.get(f"/v1/alerts/{alert['id']}", params={"language": "zh-CN"})).json()
    assert [version["change"] for version in shown["versions"]] == ["raised", "withdrawn"]
    assert shown["alert"]["standing"] is False
    assert "不合格" in shown["alert"]["text"]
    assert (await client.get("/v1/alerts/alert-0")).status_code == 404


async def test_the_public_reads_approved_notices_and_nothing_else(
    client: httpx.AsyncClient, visitor: Any, keyed: Any, draft: str
) -> None:
    anybody = visitor()
    assert (await anybody.get("/v1/notices")).json()["notices"] == []
    notice = {
        "kind": "notice_approved", "scope": draft, "title_zh": "召回公告", "text_zh": "请停止食用。",
        "title_en": "Recall", "text_en": "Do not eat it.", "recall_class": "I", "areas": ["4101"],
    }  # fmt: skip
    taskforce = await keyed("taskforce", "emergency")
    assert (await taskforce.post("/v1/events", json=notice)).status_code == 202
    (shown,) = (await anybody.get("/v1/notices")).json()["notices"]
    assert (shown["titles"], shown["recall_class"]) == ({"zh-CN": "召回公告", "en": "Recall"}, "I")
    assert [
        len((await anybody.get("/v1/notices", params={"area": area})).json()["notices"]) for area in ("410105", "11")
    ] == [1, 0]
    for path in ("/v1/alerts", "/v1/scopes", "/v1/feed", "/v1/batch?batch=L1"):
        assert (await anybody.get(path)).status_code == 401
