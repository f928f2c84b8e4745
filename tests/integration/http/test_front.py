"""Every answer, whatever it is to: ids, headers of security, HEAD, OPTIONS, paths, methods, bounds, flaws."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fieldline_streams.embedded.runtime import Runtime
from fieldline_trace.api.http.app import hold_to_roles
from fieldline_trace.errors import Unavailable

from tests.integration.http.conftest import LOCAL

Visitor = Callable[..., httpx.AsyncClient]
SECURITY = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("GET", "/v1/alerts", 200),
        ("GET", "/nothing", 404),
        ("PUT", "/v1/alerts", 405),
        ("OPTIONS", "/v1/alerts", 204),
        ("POST", "/v1/events", 415),
        ("GET", "/v1/alerts?colour=green", 422),
    ],
)
async def test_every_answer_has_an_id_and_the_headers_of_security(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path, headers={"x-request-id": "mine-1"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (status, "mine-1")
    assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers


async def test_an_id_that_is_none_gives_way_to_one_of_ours(client: httpx.AsyncClient) -> None:
    ids = {
        (await client.get("/health/live", headers={"x-request-id": said})).headers["x-request-id"]
        for said in ("a b", "x" * 65, "", "ok\t", "<script>")
    }
    assert len(ids) == 5
    assert all(len(name) == 32 for name in ids)


async def test_head_is_get_without_its_body(client: httpx.AsyncClient) -> None:
    head, get = await client.head("/v1/alerts"), await client.get("/v1/alerts")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(get.content))


async def test_a_path_says_which_methods_it_knows(client: httpx.AsyncClient) -> None:
    for answer in (await client.options("/v1/keys"), await client.delete("/v1/keys")):
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (await client.options("/v1/nothing")).status_code == 404
    assert (await client.request("TRACE", "/v1/keys")).status_code == 405
    assert (await client.get("/v1/keys/")).status_code == 404


@pytest.mark.parametrize("path", ["/v1/trace?batch=%00&direction=back", "/v1/receipts/%00", "/%00"])
async def test_an_address_with_a_nul_is_400(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


async def test_an_address_that_is_too_long_is_414(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/alerts?rule=" + "x" * 20_000)).status_code == 414


async def test_a_body_that_is_too_long_is_413_whether_it_says_so_or_not(client: httpx.AsyncClient) -> None:
    async def chunked() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 1000

    headers = {"content-type": "application/json"}
    for content in (b" " * 10_001, chunked()):
        answer = await client.post("/v1/events", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"], answer.headers["connection"]) == (413, "too_large", "close")
        assert "10000 bytes" in answer.json()["detail"]
    long = await client.post("/v1/scopes/preview", content=b" " * 1_000_001, headers=headers)
    assert long.status_code == 413


async def test_a_body_that_does_not_come_is_408(client: httpx.AsyncClient) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = await client.post("/v1/events", content=slow(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")


async def test_nobody_is_asked_for_a_body_before_the_gate(visitor: Visitor) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    for path in ("/v1/events", "/v1/scopes/preview", "/v1/keys"):
        answer = await visitor().post(path, content=never(), headers={"content-type": "application/json"})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "JSON"),
        (b"[]", "JSON"),
        (b"\xff", "JSON"),
        (b'{"batches": ["a\\u0000b"]}', "NUL"),
        (b'{"a": ' + b"[" * 100_000, "nested too deep"),
        (b'{"batches": [NaN]}', "JSON"),
    ],
)
async def test_arguments_that_are_no_json_object_are_422(client: httpx.AsyncClient, body: bytes, word: str) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/v1/scopes/preview", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "rejected")
    assert word in answer.json()["rule"]


async def test_a_flaw_of_ours_is_500_by_the_request_s_id_and_says_nothing_else(
    client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("hidden")

    monkeypatch.setattr(runtime, "answer", broken)
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/v1/alerts", headers={"x-request-id": "r-1"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "hidden" not in answer.text
    assert "request r-1" in caplog.text


async def test_an_answer_that_takes_too_long_is_503(
    client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(runtime, "answer", endless)
    monkeypatch.setattr(runtime, "settings", runtime.settings.model_copy(update={"request_seconds": 0.05}))
    from fieldline_streams.embedded.door import door

    app = door(runtime, LOCAL)
    headers = {"authorization": f"Bearer {LOCAL}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door", headers=headers) as slow:
        answer = await slow.get("/v1/alerts")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_what_is_away_is_503_with_the_position_that_there_is(
    client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("not yet", 7)

    monkeypatch.setattr(runtime, "answer", away)
    answer = await client.get("/v1/alerts")
    assert (answer.status_code, answer.json()["position"]) == (503, 7)


async def test_a_position_that_has_not_come_in_time_is_409(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/alerts", params={"at_least": 5, "wait": 0.05})
    assert (answer.status_code, answer.json()["code"], answer.json()["position"]) == (409, "conflict", 0)
    waiting = asyncio.create_task(client.get("/v1/alerts", params={"at_least": 1, "wait": 30}))
    event = {"kind": "harvested", "operator": "hof-1", "site": "f", "out_batch": "hof-1/leaf/L1"}
    assert (await client.post("/v1/events", json=event)).status_code == 202
    assert (await waiting).json()["position"] >= 1


def test_a_route_without_a_row_in_the_table_of_roles_stops_the_start(app: FastAPI) -> None:
    hold_to_roles(app)

    @app.get("/v1/secret", operation_id="secret")
    async def secret() -> None: ...

    with pytest.raises(LookupError, match="/v1/secret has no row"):
        hold_to_roles(app)


async def test_what_was_asked_is_counted_by_operation_and_status(client: httpx.AsyncClient) -> None:
    await client.get("/v1/alerts")
    await client.get("/v1/alerts?x=1")
    await client.get("/nowhere")
    said = (await client.get("/metrics")).text
    for line in (
        'fieldline_http_requests_total{operation="alerts",status="200"} 1.0',
        'fieldline_http_requests_total{operation="alerts",status="422"} 1.0',
        'fieldline_http_requests_total{operation="none",status="404"} 1.0',
        'fieldline_http_seconds_count{operation="alerts"} 2.0',
    ):
        assert line in said


async def test_problems_are_told_in_the_language_that_is_asked_for(client: httpx.AsyncClient) -> None:
    said = {}
    for accepted in ("zh-CN", "en", "fr;q=1, zh;q=0.5", "", "\xff"):
        headers = {b"accept-language": accepted.encode("latin-1")}
        said[accepted] = (await client.get("/v1/alerts?colour=1", headers=headers)).json()
    assert said["zh-CN"]["rule"] == said["fr;q=1, zh;q=0.5"]["rule"] != said["en"]["rule"]
    assert said[""]["rule"] == said["\xff"]["rule"] == said["en"]["rule"]
    assert len({(one["code"], one["field"], one["rule_code"]) for one in said.values()}) == 1
