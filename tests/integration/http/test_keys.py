"""Who comes in: keys made, scoped, rotated, expired, revoked; failures counted and held off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fieldline_streams.embedded.door import door
from fieldline_streams.embedded.runtime import Runtime
from fieldline_trace.api.http.credentials import hash_of, make_first
from fieldline_trace.api.http.keyring import FRESH_SECONDS
from fieldline_trace.store import borrowed

from tests.integration.http.conftest import LOCAL

Visitor = Callable[..., httpx.AsyncClient]
FALSE_KEY = "flk_0123456789ab_" + "x" * 43


async def made(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.post("/v1/keys", json={"sender": "hof-1", "role": "producer", **asked})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_key_speaks_as_what_it_was_made_for(client: httpx.AsyncClient, visitor: Visitor) -> None:
    key = await made(client, operators=["hof-1", "hof-2"], grid="4101", note="the farm's")
    me = (await visitor(key["key"]).get("/v1/me")).json()
    assert {name: me[name] for name in ("sender", "role", "operators", "grid", "tenant", "key")} == {
        "sender": "hof-1", "role": "producer", "operators": ["hof-1", "hof-2"], "grid": "4101", "tenant": "default",
        "key": key["made"]["id"],
    }  # fmt: skip


@pytest.mark.parametrize("sender", ["fieldline", "unsigned"])
async def test_nobody_gets_a_key_under_a_name_that_is_our_own(client: httpx.AsyncClient, sender: str) -> None:
    answer = await client.post("/v1/keys", json={"sender": sender, "role": "producer"})
    assert (answer.status_code, answer.json()["rule_code"]) == (422, "sender_reserved")


async def test_the_database_keeps_a_key_s_hash_alone(client: httpx.AsyncClient, runtime: Runtime) -> None:
    key = (await made(client))["key"]
    async with borrowed(runtime.pool) as conn:
        row = await conn.fetchrow("select hash, api_key::text as whole from api_key")
    assert row is not None
    assert row["hash"] == hash_of(key)
    assert key.split("_", 2)[2] not in row["whole"]
    assert key.split("_", 2)[2] not in (await client.get("/v1/keys")).text


async def test_a_key_that_is_revoked_opens_nothing_within_a_second(
    client: httpx.AsyncClient, visitor: Visitor, runtime: Runtime
) -> None:
    key = await made(client)
    replica = door(runtime, LOCAL)  # another process: it hears of nothing
    there = httpx.AsyncClient(
        transport=httpx.ASGITransport(replica), base_url="http://door",
        headers={"authorization": f"Bearer {key['key']}"},
    )  # fmt: skip
    async with there:
        here = visitor(key["key"])
        assert [(await who.get("/v1/me")).status_code for who in (here, there)] == [200, 200]
        revoked = await client.post(f"/v1/keys/{key['made']['id']}/revoke", json={})
        began = time.monotonic()
        assert revoked.json()["revoked"]["revoked"] is not None
        refused = await here.get("/v1/me")
        assert (refused.status_code, refused.json()["detail"]) == (401, "this key is revoked")
        while (await there.get("/v1/me")).status_code == 200:
            assert time.monotonic() - began < 1
    again = await client.post(f"/v1/keys/{key['made']['id']}/revoke", json={})
    assert again.json() == revoked.json()


async def test_a_rotated_key_opens_until_its_grace_is_over(client: httpx.AsyncClient, visitor: Visitor) -> None:
    old = await made(client, operators=["hof-1"])
    path = f"/v1/keys/{old['made']['id']}/rotate"
    new = (await client.post(path, json={"grace_seconds": 60})).json()
    assert new["made"] | {"id": "", "created": "", "expires": "", "replaces": None} == old["made"] | {
        "id": "", "created": "", "expires": "",
    }  # fmt: skip
    assert new["made"]["replaces"] == old["made"]["id"]
    assert [(await visitor(key["key"]).get("/v1/me")).status_code for key in (old, new)] == [200, 200]
    ended = (await client.post(f"/v1/keys/{new['made']['id']}/rotate", json={"grace_seconds": 0})).json()
    assert (await visitor(ended["key"]).get("/v1/me")).status_code == 200
    refused = await visitor(new["key"]).get("/v1/me")
    assert (refused.status_code, refused.json()["detail"]) == (401, "this key is expired")
    assert (await client.post(f"/v1/keys/{new['made']['id']}/rotate", json={})).status_code == 409


async def test_whoever_renews_its_own_key_gets_none_that_opens_longer(
    client: httpx.AsyncClient, visitor: Visitor
) -> None:
    old = await made(client, days=1)
    path = f"/v1/keys/{old['made']['id']}/rotate"
    own = (await visitor(old["key"]).post(path, json={"days": 365, "grace_seconds": 60})).json()["made"]
    given = (await client.post(path, json={"days": 365})).json()["made"]
    for key, days in ((own, 1), (given, 365)):
        opens = datetime.fromisoformat(key["expires"]) - datetime.fromisoformat(key["created"])
        assert opens == timedelta(days=days)


async def test_whom_an_administrator_revokes_has_no_key_left_that_it_was_rotated_to(
    client: httpx.AsyncClient, visitor: Visitor
) -> None:
    keys = [await made(client)]
    for _ in range(2):
        path = f"/v1/keys/{keys[-1]['made']['id']}/rotate"
        keys.append((await visitor(keys[-1]["key"]).post(path, json={"grace_seconds": 60})).json())
    other = await made(client)
    assert (await client.post(f"/v1/keys/{keys[0]['made']['id']}/revoke", json={})).status_code == 200
    statuses = [(await visitor(key["key"]).get("/v1/me")).status_code for key in (*keys, other)]
    assert statuses == [401, 401, 401, 200]
    path = f"/v1/keys/{keys[-1]['made']['id']}/rotate"
    assert (await client.post(path, json={})).status_code == 409


async def test_who_came_with_a_key_may_rotate_and_revoke_that_one_alone(
    client: httpx.AsyncClient, keyed: Callable[..., Any], visitor: Visitor
) -> None:
    who, other = await keyed("hof-1", "producer"), await made(client)
    own = (await who.get("/v1/me")).json()["key"]
    assert [key["id"] for key in (await who.get("/v1/keys")).json()["keys"]] == [own]
    for act in ("rotate", "revoke"):
        assert (await who.post(f"/v1/keys/{other['made']['id']}/{act}", json={})).status_code == 404
    new = (await who.post(f"/v1/keys/{own}/rotate", json={"grace_seconds": 60})).json()
    assert (await visitor(new["key"]).post(f"/v1/keys/{own}/revoke", json={})).status_code == 404
    assert (await who.post(f"/v1/keys/{own}/revoke", json={})).status_code == 200
    assert (await who.get("/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"role": "king"}, "role"),
        ({"role": "system"}, "role"),
        ({"sender": ""}, "sender"),
        ({"sender": "a\nb"}, "sender"),
        ({"role": "regulator"}, "grid"),
        ({"grid": "41O1"}, "grid"),
        ({"days": 0}, "days"),
        ({"colour": "green"}, "colour"),
        ({"operators": [""]}, "operators[0]"),
        ({"note": "\x00"}, ""),
    ],
)
async def test_a_key_for_what_there_is_not_is_refused_by_field(
    client: httpx.AsyncClient, asked: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/keys", json={"sender": "hof-1", "role": "producer", **asked})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_an_administrator_makes_keys_of_its_own_tenant_alone(client: httpx.AsyncClient, visitor: Visitor) -> None:
    here = visitor((await made(client, role="administrator", sender="a"))["key"])
    there = visitor((await made(client, role="administrator", sender="b", tenant="other"))["key"])
    assert (await here.post("/v1/keys", json={"sender": "x", "role": "public", "tenant": "other"})).status_code == 403
    assert {key["tenant"] for key in (await there.get("/v1/keys")).json()["keys"]} == {"other"}
    own = (await here.get("/v1/me")).json()["key"]
    assert (await there.post(f"/v1/keys/{own}/revoke", json={})).status_code == 404


@pytest.mark.parametrize(
    ("authorization", "word"),
    [
        (f"Bearer {FALSE_KEY}", "not known"),
        ("Bearer flk_local_" + "x" * 43, "not known"),
        ("Bearer x", "no key"),
        ("Bearer", "no key"),
        ("Bearer flk_ä_" + "x" * 43, "no key"),
        ("Basic YTpi", "no key"),
        ("", "no key"),
    ],
)
async def test_what_is_no_good_key_is_401_with_a_challenge(visitor: Visitor, authorization: str, word: str) -> None:
    answer = await visitor().get("/v1/me", headers={b"authorization": authorization.encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert word in answer.json()["detail"]
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_without_a_key_only_what_is_public_is_answered(visitor: Visitor) -> None:
    nobody = visitor()
    for path, status in (("/health/live", 200), ("/health/ready", 200), ("/metrics", 200), ("/openapi.json", 200)):
        assert (await nobody.get(path)).status_code == status
    for path in ("/v1/me", "/v1/alerts", "/v1/keys", "/v1/access", "/v1/receipts/event-1"):
        assert (await nobody.get(path)).status_code == 401
    assert (await nobody.post("/v1/events", content=b"{}")).status_code == 401


async def test_who_tries_many_keys_from_one_address_has_to_wait_and_nobody_else_has(
    client: httpx.AsyncClient, visitor: Visitor
) -> None:
    known = (await made(client))["key"]
    burglar = visitor(FALSE_KEY, "203.0.113.9")
    assert (await visitor(known, "203.0.113.9").get("/v1/me")).status_code == 200
    statuses = [(await burglar.get("/v1/me")).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    waits = int((await burglar.get("/v1/me")).headers["retry-after"])
    assert 0 < waits <= 61
    # Who was let in before is let in from there, and so is everybody from elsewhere.
    assert (await visitor(known, "203.0.113.9").get("/v1/me")).status_code == 200
    assert (await visitor(FALSE_KEY, "203.0.113.10").get("/v1/me")).status_code == 401
    counted = (await client.get("/metrics")).text
    assert 'fieldline_authentication_failures_total{reason="unknown"} 6.0' in counted
    assert 'fieldline_authentication_failures_total{reason="held off"} 3.0' in counted


async def test_the_key_of_the_service_file_is_good_on_this_machine_alone(visitor: Visitor) -> None:
    assert (await visitor(LOCAL, "127.0.0.1").get("/v1/me")).json()["key"] == "local"
    assert (await visitor(LOCAL, "192.0.2.7").get("/v1/me")).status_code == 401
    forwarded = {"x-forwarded-for": "127.0.0.1"}
    assert (await visitor(LOCAL, "127.0.0.1").get("/v1/me", headers=forwarded)).status_code == 401


async def test_the_key_of_the_service_file_speaks_as_anyone_and_no_other_key_does(
    client: httpx.AsyncClient, keyed: Callable[..., Any]
) -> None:
    as_lab = {"x-fieldline-sender": "lab-1", "x-fieldline-role": "laboratory"}
    me = (await client.get("/v1/me", headers=as_lab)).json()
    assert (me["sender"], me["role"]) == ("lab-1", "laboratory")
    who = await keyed("hof-1", "producer")
    assert (await who.get("/v1/me", headers=as_lab)).status_code == 403
    assert (await who.get("/v1/me", headers={"x-fieldline-sender": "hof-1"})).status_code == 200


async def test_the_first_key_is_made_once(runtime: Runtime, visitor: Visitor) -> None:
    async with borrowed(runtime.pool) as conn:
        first = await make_first(conn, now=time.time_ns() // 1000)
        assert first is not None
        assert await make_first(conn, now=time.time_ns() // 1000) is None
    me = (await visitor(first.key, "192.0.2.7").get("/v1/me")).json()
    assert me["role"] == "administrator"
    assert (await visitor(first.key).get("/v1/me", headers={"x-fieldline-sender": "hof-1"})).status_code == 403


async def test_the_database_is_asked_for_a_key_a_few_times_a_second_however_many_come(
    client: httpx.AsyncClient, visitor: Visitor, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = visitor((await made(client))["key"])
    asked = 0
    read = app.state.keyring._read

    async def counted(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return await read(*arguments)

    monkeypatch.setattr(app.state.keyring, "_read", counted)
    began = time.monotonic()
    for _ in range(10):
        answers = await asyncio.gather(*(who.get("/v1/me") for _ in range(10)))
        assert {answer.status_code for answer in answers} == {200}
    assert asked <= 1 + (time.monotonic() - began) / FRESH_SECONDS
