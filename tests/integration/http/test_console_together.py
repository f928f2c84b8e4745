"""Readers who ask for the same page at the same moment share the making of it, and nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
from fastapi import FastAPI
from fieldline_streams.embedded.runtime import Runtime
from fieldline_trace.api.console.together import Together

from tests.integration.http.conftest import LOCAL

PAGE = "/batch?batch=hof-1/leaf/L1"


def _together(app: FastAPI) -> Together:
    beside = next(one for one in app.user_middleware if "pages" in one.kwargs)
    pages: Any = beside.kwargs["pages"]
    found: Together = pages.state.together
    return found


async def _readers(visitor: Callable[..., httpx.AsyncClient], roles: list[str]) -> list[httpx.AsyncClient]:
    admin = visitor(LOCAL)
    found = []
    for number, role in enumerate(roles):
        made = await admin.post("/v1/keys", json={"sender": f"{role}-1", "role": role})
        client = visitor(address=f"10.0.0.{number + 1}")
        await client.post("/login", data={"key": made.json()["key"]})
        found.append(client)
    return found


async def _told(runtime: Runtime) -> None:
    event = b'{"kind": "harvested", "operator": "hof-1", "site": "field 1", "out_batch": "hof-1/leaf/L1"}'
    await runtime.hand_in([event], sender="hof-1", role="producer")


async def test_one_page_is_made_for_many_and_each_reading_is_written_down(
    app: FastAPI, runtime: Runtime, visitor: Callable[..., httpx.AsyncClient]
) -> None:
    await _told(runtime)
    clients = await _readers(visitor, ["emergency"] * 4)
    answers = await asyncio.gather(*(client.get(PAGE) for client in clients))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert _together(app).joined == 3
    tokens = {re.search(r'name="token" value="(\w+)"', answer.text)[1] for answer in answers}  # type: ignore[index]
    assert len(tokens) == 4, "each has a session of its own"
    log: Any = (await visitor(LOCAL).get("/v1/access?whose=hof-1&limit=100")).json()["accesses"]
    assert sum(one["operation"] == "batch" for one in log) == 4


async def test_other_eyes_another_language_and_another_address_get_a_page_of_their_own(
    app: FastAPI, runtime: Runtime, visitor: Callable[..., httpx.AsyncClient]
) -> None:
    await _told(runtime)
    first, second, third = await _readers(visitor, ["emergency", "administrator", "producer"])
    answers = await asyncio.gather(
        first.get(PAGE), second.get(PAGE), third.get(PAGE), first.get(PAGE + "&lang=zh-CN"), first.get(PAGE + "&page=1")
    )
    assert _together(app).joined == 0
    assert [answer.status_code for answer in answers] == [200, 200, 404, 200, 200]


async def test_a_page_about_ones_own_key_is_made_for_each(
    app: FastAPI, visitor: Callable[..., httpx.AsyncClient]
) -> None:
    clients = await _readers(visitor, ["emergency"] * 2)
    keys: Any = (await visitor(LOCAL).get("/v1/keys")).json()["keys"]
    named = [one["id"] for one in keys if one["sender"] == "emergency-1"]
    answers = await asyncio.gather(*(client.get("/own") for client in clients))
    said = [{name for name in named if name in answer.text} for answer in answers]
    assert [len(one) for one in said] == [1, 1]
    assert said[0] != said[1]


async def test_a_label_says_the_address_at_which_it_was_asked_for(
    app: FastAPI, runtime: Runtime, visitor: Callable[..., httpx.AsyncClient]
) -> None:
    await _told(runtime)
    first, second = await _readers(visitor, ["emergency"] * 2)
    page = "/label?batch=hof-1/leaf/L1"
    others, own = await asyncio.gather(first.get(page, headers={"host": "elsewhere.example"}), second.get(page))
    assert [answer.status_code for answer in (others, own)] == [200, 200]
    assert "elsewhere.example" in others.text
    assert "elsewhere.example" not in own.text


async def test_what_fails_fails_for_all_who_wait_for_it_and_is_tried_anew(
    app: FastAPI, visitor: Callable[..., httpx.AsyncClient]
) -> None:
    clients = await _readers(visitor, ["emergency"] * 2)
    for _ in range(2):
        answers = await asyncio.gather(*(client.get(PAGE) for client in clients))
        assert [answer.status_code for answer in answers] == [404, 404]
