"""Cookies that this console did not make open nothing, and are answered like none."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from fieldline_streams.embedded.door import door
from fieldline_streams.embedded.runtime import Runtime

from tests.integration.http.conftest import LOCAL

FAR = 99_999_999_999
ENDS = "0" * 64


async def _logged_in(client: httpx.AsyncClient) -> str:
    answer = await client.post("/login", data={"key": LOCAL, "role": "emergency", "next": "/"})
    assert answer.status_code == 303, answer.text
    cookie = answer.cookies["fieldline_session"]
    client.cookies.clear()
    return cookie


async def _board(client: httpx.AsyncClient, cookie: bytes) -> httpx.Response:
    return await client.get("/", headers={b"cookie": b"fieldline_session=" + cookie})


async def test_a_session_is_opened_by_a_key_and_by_no_part_of_its_cookie_changed(
    visitor: Callable[..., httpx.AsyncClient],
) -> None:
    client = visitor()
    cookie = await _logged_in(client)
    assert (await _board(client, cookie.encode())).status_code == 200
    name, role, sender, ends, salt, seal = cookie.split(".")
    for changed in (
        [name, "administrator", sender, ends, salt, seal],
        [name, role, "somebody", ends, salt, seal],
        [name, role, sender, str(int(ends) + 1), salt, seal],
        [name, role, sender, ends, "salt", seal],
        [name, role, sender, ends, salt, ENDS],
        [name, role, sender, ends, salt, ""],
    ):
        answer = await _board(client, ".".join(changed).encode())
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2F")
    assert (await _board(visitor(address="192.0.2.7"), cookie.encode())).status_code == 303


@pytest.mark.parametrize("sender", ["hof-1", "张" * 256, "\U00020000" * 256, 'a.b;c,"d" %2E'])
async def test_whoever_may_have_a_key_can_log_in(
    visitor: Callable[..., httpx.AsyncClient], client: httpx.AsyncClient, sender: str
) -> None:
    made = (await client.post("/v1/keys", json={"sender": sender, "role": "producer"})).json()
    visiting = visitor()
    answer = await visiting.post("/login", data={"key": made["key"], "next": "/own"})
    assert answer.status_code == 303
    assert (await visiting.get("/own")).status_code == 200
    await client.post(f"/v1/keys/{made['made']['id']}/revoke", json={})
    async with asyncio.timeout(10):  # what is known of a key is asked for again
        while (await visiting.get("/own")).status_code == 200:
            pass
    assert (await visiting.get("/own")).headers["location"] == "/login?next=%2Fown"


@pytest.mark.parametrize(
    "cookie",
    [
        f"local.emergency.local.{FAR}.x.".encode() + "é".encode("latin-1") * 64,
        f'"\\000.emergency.local.{FAR}.x.{ENDS}"'.encode(),
        f"no-such.emergency.local.{FAR}.x.{ENDS}".encode(),
        f"{'a' * 1500}.emergency.local.{FAR}.x.{ENDS}".encode(),
        f"local.emergency.%00%ff.{'9' * 1500}.x.{ENDS}".encode(),
        b"x" * 5000,
        b".....",
    ],
)
async def test_a_cookie_of_whatever_form_is_answered_like_none(
    visitor: Callable[..., httpx.AsyncClient], cookie: bytes
) -> None:
    answer = await _board(visitor(), cookie)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2F")


async def test_who_logs_out_is_logged_out_of_every_replica(
    app: FastAPI, client: httpx.AsyncClient, runtime: Runtime
) -> None:
    made = (await client.post("/v1/keys", json={"sender": "hof-1", "role": "producer"})).json()
    transports = [httpx.ASGITransport(one, client=("192.0.2.7", 1)) for one in (app, door(runtime, ""))]
    first, second = [httpx.AsyncClient(transport=one, base_url="http://door") for one in transports]
    async with first, second:
        opened, left = [
            (await first.post("/login", data={"key": made["key"], "next": "/own"})).cookies["fieldline_session"]
            for _ in range(2)
        ]
        first.cookies.clear()

        async def own(one: httpx.AsyncClient, cookie: str) -> httpx.Response:
            return await one.get("/own", headers={"cookie": f"fieldline_session={cookie}"})

        assert [(await own(one, left)).status_code for one in (first, second)] == [200, 200]
        token = re.search(r'name="token" value="(\w+)"', (await own(first, left)).text)
        assert token is not None
        gone = {"cookie": f"fieldline_session={left}"}
        assert (await first.post("/logout", data={"token": token[1]}, headers=gone)).status_code == 303
        assert (await own(first, left)).status_code == 303
        async with asyncio.timeout(10):  # what is known of a key is asked for again
            while (await own(second, left)).status_code == 200:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.05)
        assert [(await own(one, opened)).status_code for one in (first, second)] == [200, 200], "only the one"
