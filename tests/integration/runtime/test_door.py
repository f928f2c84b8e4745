"""The local door over a runtime: who may come in, what they hand in, what they get."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fieldline_streams.embedded.door import door
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_trace.settings import Settings

TOKEN = {"authorization": "Bearer secret"}
NDJSON = {"content-type": "application/x-ndjson"}


@pytest.fixture
async def runtime(database: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    """A runtime on a fresh database."""
    async with opened(Settings(data_dir=tmp_path, database_url=database)) as found:
        yield found


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """Who comes to the door with the token."""
    app = door(runtime, "secret", body_bytes=10_000)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door", headers=TOKEN) as found:
        yield found


def _harvested(lot: str, **more: Any) -> dict[str, Any]:
    return {"kind": "harvested", "operator": "hof-1", "site": "field", "out_batch": f"hof-1/leaf/{lot}", **more}


async def test_one_event_is_answered_with_its_receipt_once_it_is_durable(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/events", json=_harvested("L1", id="urn:1"))
    (receipt,) = answer.json()["receipts"]
    assert answer.status_code == 202
    assert receipt == {"outcome": "accepted", "id": "urn:1", "number": receipt["number"], "position": 1}
    again = await client.post("/v1/events", json=_harvested("L1", id="urn:1"))
    assert again.json()["receipts"] == [{"outcome": "repeated", "id": "urn:1", "number": receipt["number"]}]


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
    [(b"{", "", "JSON"), (b"[{", "", "array of events"), (b"{}", "kind", "missing"), (b"nonsense", "", "JSON")],
)
async def test_what_cannot_be_taken_at_all_is_422_with_field_and_rule(
    client: httpx.AsyncClient, body: bytes, field: str, word: str
) -> None:
    answer = await client.post("/v1/events", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    said = answer.json()
    refusal = said["receipts"][0] if "receipts" in said else said
    assert (refusal["field"], word in refusal["rule"]) == (field, True)


async def test_nothing_handed_in_is_nothing_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/events", content=b"")
    assert (answer.status_code, answer.json()) == (202, {"receipts": []})


async def test_a_request_that_is_too_long_is_not_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/events", content=b" " * 10_001)
    assert answer.status_code == 413
    assert "10000 bytes" in answer.json()["rule"]


@pytest.mark.parametrize(
    "headers", [{"authorization": ""}, {"authorization": "Bearer other"}, {"authorization": "secret"}]
)
@pytest.mark.parametrize("path", ["/v1/events", "/v1/answers/alerts"])
async def test_without_the_token_nobody_comes_in(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    answer = await client.post(path, json={}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")


async def test_health_and_metrics_need_no_token(client: httpx.AsyncClient) -> None:
    await client.post("/v1/events", json=_harvested("L1"))
    for path, word in (
        ("/health/live", '"live":true'),
        ("/health/ready", '"position":1'),
        ("/metrics", 'fieldline_events_total{channel="http",outcome="accepted"} 1.0'),
    ):
        answer = await client.get(path, headers={"authorization": ""})
        assert answer.status_code == 200
        assert word in answer.text


async def test_who_speaks_is_said_in_any_script_and_kept(client: httpx.AsyncClient) -> None:
    headers = {"x-fieldline-sender": quote("县农业局"), "x-fieldline-role": "regulator"}
    await client.post("/v1/events", json=_harvested("L1"), headers=headers)
    answer = await client.post("/v1/answers/batch", json={"batch": "hof-1/leaf/L1"})
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
        answer = await client.post("/v1/answers/batch", json={"batch": f"hof-1/leaf/L{number}"})
        assert answer.json()["position"] >= receipts[0]["position"]
        assert answer.json()["holdings"] != []


@pytest.mark.parametrize(
    ("question", "arguments", "status", "error"),
    [
        ("nonsense", {}, 404, "NotFound"),
        ("trace", {"batch": "a/b/c"}, 422, "Rejected"),
        ("trace", {"batch": "a/b/c", "direction": "sideways"}, 422, "Rejected"),
        ("trace", {"batch": "a/b/c", "direction": "back", "colour": "green"}, 422, "Rejected"),
        ("trace", {"batch": "a/b/c", "direction": "back"}, 404, "NotFound"),
        ("trace", {"batch": "hof-1/leaf/L1", "direction": "back", "site": "nowhere"}, 404, "NotFound"),
        ("scope-show", {"scope": "scope-0"}, 404, "NotFound"),
        ("scope-show", {}, 404, "NotFound"),
        ("scope-preview", {"batches": []}, 422, "Rejected"),
        ("rejected-show", {"rejected": 1}, 404, "NotFound"),
        ("sources", {}, 422, "Rejected"),
        ("sources", {"cases": True}, 404, "NotFound"),
    ],
)
async def test_a_question_at_fault_says_what_is_wrong(
    client: httpx.AsyncClient, question: str, arguments: dict[str, Any], status: int, error: str
) -> None:
    await client.post("/v1/events", json=_harvested("L1"))
    answer = await client.post(f"/v1/answers/{question}", json=arguments)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["message"]


async def test_history_raises_no_draft(client: httpx.AsyncClient) -> None:
    failed = {
        "kind": "tested", "batch": "hof-1/leaf/L1", "lab": "lab-1", "report": "R1", "hazard_class": "pathogen",
        "hazard": "Salmonella", "verdict": "failed", "at": "2026-03-01",
    }  # fmt: skip
    await client.post("/v1/events?history=true", json=_harvested("L1"))
    await client.post("/v1/events?history=true", json=failed)
    alerts = (await client.post("/v1/answers/alerts", json={})).json()["alerts"]
    assert [(alert["rule"], alert["historical"]) for alert in alerts] == [("TEST_FAILED", True)]
    assert (await client.post("/v1/answers/scope-list", json={})).json()["scopes"] == []
