"""Events in by HTTP: what is handed in, what comes back, and what is refused at the door."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

NDJSON = {"content-type": "application/x-ndjson"}
JSON = {"content-type": "application/json"}


def _harvested(lot: str, **more: Any) -> dict[str, Any]:
    return {"kind": "harvested", "operator": "hof-1", "site": "field", "out_batch": f"hof-1/leaf/{lot}", **more}


async def test_one_event_is_answered_with_its_receipt_once_it_is_durable(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/events", json=_harvested("L1", id="urn:1"))
    (receipt,) = answer.json()["receipts"]
    assert answer.status_code == 202
    number = receipt["number"]
    name = f"event-{number}"
    assert receipt == {"outcome": "accepted", "receipt": name, "id": "urn:1", "number": number, "position": 1}
    again = await client.post("/v1/events", json=_harvested("L1", id="urn:1"))
    assert again.json()["receipts"] == [{"outcome": "repeated", "receipt": name, "id": "urn:1", "number": number}]


async def test_the_same_id_with_other_content_is_a_variant(client: httpx.AsyncClient) -> None:
    await client.post("/v1/events", json=_harvested("L1", id="urn:1"))
    answer = await client.post("/v1/events", json=_harvested("L2", id="urn:1"))
    assert [receipt["outcome"] for receipt in answer.json()["receipts"]] == ["variant"]


async def test_of_many_events_each_gets_its_own_receipt_in_order(client: httpx.AsyncClient) -> None:
    events = [_harvested("L1"), _harvested("L2", colour="green"), _harvested("L3")]
    for body, headers in (
        (json.dumps(events).encode(), {"content-type": "application/json"}),
        ("\n".join(json.dumps(event) for event in events).encode(), NDJSON),
    ):
        answer = await client.post("/v1/events", content=body, headers=headers)
        assert answer.status_code == 202
        outcomes = [receipt["outcome"] for receipt in answer.json()["receipts"]]
        assert outcomes in (["accepted", "refused", "accepted"], ["repeated", "refused", "repeated"])
        assert answer.json()["receipts"][1]["field"] == "colour"


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        (b"{", "", "JSON"),
        (b"[{", "", "array of events"),
        (b"{}", "kind", "missing"),
        (b"nonsense", "", "JSON"),
        (b"[" * 5000, "", "nested too deep"),
        (b"[{}]", "kind", "missing"),
        (b'{"kind": "harvested", "id": "\\u0000"}', "", ""),
    ],
)
async def test_what_cannot_be_taken_at_all_is_422_with_field_and_rule(
    client: httpx.AsyncClient, body: bytes, field: str, word: str
) -> None:
    answer = await client.post("/v1/events", content=body, headers=JSON)
    said = answer.json()
    assert (answer.status_code, said["code"], answer.headers["content-type"]) == (
        422, "rejected", "application/problem+json",
    )  # fmt: skip
    assert (field in said["field"], word in said["rule"]) == (True, True)


async def test_nothing_handed_in_is_nothing_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/events", content=b"", headers=JSON)
    assert (answer.status_code, answer.json()) == (202, {"receipts": []})


async def test_lines_that_end_anywhere_are_taken_or_refused_line_by_line(client: httpx.AsyncClient) -> None:
    lines = "\n".join(json.dumps(_harvested(f"C{number}", id=f"urn:c{number}")) for number in range(3)).encode()
    whole = set(range(len(lines) + 1)) & {at for at, byte in enumerate(lines) if byte == 10}
    for end in range(len(lines) + 1):
        answer = await client.post("/v1/events", content=lines[:end], headers=NDJSON)
        receipts = answer.json()["receipts"]
        complete = sum(1 for at in whole if at < end) + (end == len(lines))
        good = [receipt for receipt in receipts if receipt["outcome"] != "refused"]
        assert answer.status_code == (202 if good or not receipts else 422)
        assert len(good) in (complete, complete + 1)  # the last line may be whole without its line feed


async def test_who_speaks_is_said_in_any_script_and_kept(client: httpx.AsyncClient) -> None:
    headers = {"x-fieldline-sender": quote("县农业局"), "x-fieldline-role": "regulator"}
    await client.post("/v1/events", json=_harvested("L1"), headers=headers)
    answer = await client.get("/v1/batch", params={"batch": "hof-1/leaf/L1"})
    assert [event["sender"] for event in answer.json()["events"]] == ["县农业局"]


@pytest.mark.parametrize(("role", "status"), [("system", 403), ("king", 422)])
async def test_a_role_that_there_is_not_or_that_is_fieldline_s_own_is_refused(
    client: httpx.AsyncClient, role: str, status: int
) -> None:
    answer = await client.post("/v1/events", json=_harvested("L1"), headers={"x-fieldline-role": role})
    assert answer.status_code == status


async def test_an_answer_knows_all_that_was_acknowledged_before_it_was_asked(client: httpx.AsyncClient) -> None:
    for number in range(20):
        receipts = (await client.post("/v1/events", json=_harvested(f"L{number}"))).json()["receipts"]
        answer = await client.get("/v1/batch", params={"batch": f"hof-1/leaf/L{number}"})
        assert answer.json()["position"] >= receipts[0]["position"]
        assert int(answer.headers["fieldline-position"]) == answer.json()["position"]
        assert answer.json()["holdings"] != []


async def test_history_raises_no_draft(client: httpx.AsyncClient) -> None:
    failed = {
        "kind": "tested", "batch": "hof-1/leaf/L1", "lab": "lab-1", "report": "R1", "hazard_class": "pathogen",
        "hazard": "Salmonella", "verdict": "failed", "at": "2026-03-01",
    }  # fmt: skip
    await client.post("/v1/events?history=true", json=_harvested("L1"))
    assert (await client.post("/v1/events?history=yes", json=_harvested("L1"))).json()["field"] == "history"
    await client.post("/v1/events?history=true", json=failed)
    alerts = (await client.get("/v1/alerts")).json()["alerts"]
    assert [(alert["rule"], alert["historical"]) for alert in alerts] == [("TEST_FAILED", True)]
    assert (await client.get("/v1/scopes")).json()["scopes"] == []


async def test_whoever_is_subject_to_drafts_may_not_say_that_it_is_history(keyed: Callable[..., Any]) -> None:
    for role, status in (("producer", 403), ("laboratory", 403), ("regulator", 202), ("administrator", 202)):
        who = await keyed("hof-1", role)
        assert (await who.post("/v1/events?history=true", json=_harvested(f"H{role}"))).status_code == status
        assert (await who.post("/v1/events?history=false", json=_harvested(f"H{role}"))).status_code == 202


async def test_a_producer_hands_in_for_its_own_operators_alone(keyed: Callable[..., Any]) -> None:
    platform = await keyed("platform", "producer", operators=["hof-1"])
    anybody = await keyed("any", "producer", operators=["*"])
    assert (await platform.post("/v1/events", json=_harvested("P1"))).status_code == 202
    refused = await platform.post("/v1/events", json=_harvested("P2") | {"operator": "hof-2"})
    assert (refused.status_code, refused.json()["field"], refused.json()["value"]) == (422, "operator", "'hof-2'")
    assert (await anybody.post("/v1/events", json=_harvested("P3"))).status_code == 202


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
async def test_a_content_type_that_is_not_known_is_415(client: httpx.AsyncClient, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    answer = await client.post("/v1/events", content=json.dumps(_harvested("L1")).encode(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_compressed_body_is_415(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/events", content=b"x", headers=JSON | {"content-encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    plain = JSON | {"content-encoding": "identity"}
    assert (await client.post("/v1/events", json=_harvested("L1"), headers=plain)).status_code == 202


async def test_a_request_of_too_many_events_is_413(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/events", content=b"{}\n" * 21, headers=NDJSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert (await client.get("/v1/rejected")).json()["count"] == 0


async def test_what_became_of_an_event_is_found_by_its_receipt(client: httpx.AsyncClient) -> None:
    said = (await client.post("/v1/events", json=[_harvested("R1", id="urn:r1"), {}])).json()["receipts"]
    captured, refused = [(await client.get(f"/v1/receipts/{one['receipt']}")).json() for one in said]
    assert captured["state"] == "captured"
    assert (captured["id"], captured["position"], captured["sender"]) == ("urn:r1", said[0]["position"], "local")
    assert (refused["state"], refused["field"], refused["status"]) == ("refused", "kind", "open")
    for name in ("event-1", "rejected-99", "nonsense", "event-", "event-99999999999999999999", "event--1"):
        assert (await client.get(f"/v1/receipts/{name}")).status_code == 404


async def test_a_producer_finds_its_own_receipts_alone(keyed: Callable[..., Any], client: httpx.AsyncClient) -> None:
    one, other = await keyed("hof-1", "producer"), await keyed("hof-2", "producer")
    receipts = (await one.post("/v1/events", json=[_harvested("O1"), {}])).json()["receipts"]
    for receipt in receipts:
        path = f"/v1/receipts/{receipt['receipt']}"
        statuses = [(await who.get(path)).status_code for who in (one, other, client)]
        assert statuses == [200, 404, 200]
