"""The access log: each reading of another's data is written before it is answered, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fieldline_streams.embedded.door import WallClock
from fieldline_streams.embedded.runtime import Runtime
from fieldline_trace.api.access_log import SUBJECT_MOST, WHOSE_MOST, AccessLog
from fieldline_trace.api.caller import Caller
from fieldline_trace.errors import Unavailable
from fieldline_trace.store import Q, borrowed

Keyed = Callable[..., Any]
READER = Caller("team-1", "emergency", key_id="k1")


async def harvested(client: httpx.AsyncClient, operator: str) -> str:
    batch = f"{operator}/leaf/L1"
    event = {"kind": "harvested", "operator": operator, "site": f"{operator} field", "out_batch": batch}
    headers = {"x-fieldline-sender": operator, "x-fieldline-role": "producer"}
    assert (await client.post("/v1/events", json=event, headers=headers)).status_code == 202
    return batch


async def rows(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    return list((await client.get("/v1/access", params=query)).json()["accesses"])


async def test_who_reads_another_s_data_is_written_with_role_key_operation_and_subject(
    client: httpx.AsyncClient, keyed: Keyed
) -> None:
    batch = await harvested(client, "hof-1")
    county = await keyed("county", "regulator")
    assert (await county.get("/v1/batch", params={"batch": batch})).status_code == 200
    (row,) = await rows(client)
    key = (await county.get("/v1/me")).json()["key"]
    assert {name: row[name] for name in ("sender", "role", "key", "operation", "subject", "whose")} == {
        "sender": "county", "role": "regulator", "key": key, "operation": "batch", "subject": batch,
        "whose": ["hof-1"],
    }  # fmt: skip


async def test_what_is_one_s_own_is_not_written_nor_what_is_read_on_this_machine(
    client: httpx.AsyncClient, keyed: Keyed
) -> None:
    batch = await harvested(client, "hof-1")
    own = await keyed("hof-1", "producer")
    assert (await own.get("/v1/batch", params={"batch": batch})).status_code == 200
    assert (await client.get("/v1/batch", params={"batch": batch})).status_code == 200
    assert await rows(client) == []


async def test_nothing_is_answered_where_it_cannot_be_written(
    client: httpx.AsyncClient, keyed: Keyed, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = await harvested(client, "hof-1")
    county = await keyed("county", "regulator")

    async def away(*_: Any) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(app.state.access, "seen", away)
    answer = await county.get("/v1/batch", params={"batch": batch})
    assert (answer.status_code, batch in answer.text) == (503, False)


async def test_those_whose_data_were_read_see_their_own_lines_without_the_others_names(
    client: httpx.AsyncClient, keyed: Keyed, app: FastAPI
) -> None:
    lot = "hof-1/leaf/L1"
    await app.state.access.seen(READER, "trace", lot, ["hof-1", "hof-2", "platform"])
    await app.state.access.seen(READER, "trace", "another", ["hof-2"])
    platform = await keyed("platform", "producer", operators=["hof-1"])
    (row,) = await rows(platform)
    assert (row["subject"], row["whose"]) == (lot, ["hof-1", "platform"])
    assert [row["subject"] for row in await rows(client)] == ["another", lot]
    assert [row["subject"] for row in await rows(client, whose="hof-1")] == [lot]
    assert await rows(platform, whose="hof-2") == []


async def test_the_log_is_read_page_by_page(client: httpx.AsyncClient, app: FastAPI) -> None:
    for number in range(5):
        await app.state.access.seen(READER, "batch", f"lot {number}", ["hof-1"])
    first = await rows(client, limit=2)
    second = await rows(client, limit=2, before=first[-1]["number"])
    assert [row["subject"] for row in (*first, *second)] == ["lot 4", "lot 3", "lot 2", "lot 1"]


async def test_many_readers_at_once_share_a_transaction_and_each_is_written(runtime: Runtime) -> None:
    log = AccessLog(runtime.doors, WallClock())
    await asyncio.gather(*(log.seen(READER, "batch", f"lot {number}", ["hof-1"]) for number in range(100)))
    async with borrowed(runtime.pool) as conn:
        written = await conn.fetch("select subject, xmin::text as transaction from access_log")
    assert {row["subject"] for row in written} == {f"lot {number}" for number in range(100)}
    assert len({row["transaction"] for row in written}) <= 2


async def test_every_reader_of_a_write_that_failed_is_told(runtime: Runtime) -> None:
    log = AccessLog(runtime.doors, WallClock())
    async with borrowed(runtime.pool) as conn:
        await conn.execute("alter table access_log rename to elsewhere")
        told = await asyncio.gather(
            *(log.seen(READER, "batch", "a lot", ["hof-1"]) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(error, Exception) for error in told)
        await conn.execute("alter table elsewhere rename to access_log")
        await log.seen(READER, "batch", "a lot", ["hof-1"])
        assert len(await conn.fetch(Q["access_of"], None, None, None, 10)) == 1


async def test_a_reading_of_very_many_says_so_and_any_text_can_be_a_subject(runtime: Runtime) -> None:
    log = AccessLog(runtime.doors, WallClock())
    await log.seen(READER, "trace", "\x00\ud800" + "x" * 10_000, (f"hof-{number}" for number in range(5000)))
    async with borrowed(runtime.pool) as conn:
        (row,) = await conn.fetch(Q["access_of"], None, None, None, 10)
    assert (len(row["whose"]), row["whose"][-1], len(row["subject"])) == (WHOSE_MOST + 1, "…", SUBJECT_MOST)


async def test_who_somebody_is_and_what_was_refused_is_written_too(client: httpx.AsyncClient, keyed: Keyed) -> None:
    refused = await client.post("/v1/events", json={"kind": "x"}, headers={"x-fieldline-sender": "hof-1"})
    number = refused.json()["receipts"][0]["rejected"]
    administrator = await keyed("admin", "administrator")
    for path in (f"/v1/rejected/{number}", "/v1/rejected", f"/v1/receipts/rejected-{number}"):
        assert (await administrator.get(path)).status_code == 200
    said = [(row["operation"], row["whose"]) for row in await rows(client)]
    assert said == [("receipt", ["hof-1"]), ("rejected_list", ["hof-1"]), ("rejected_show", ["hof-1"])]


async def test_that_an_administrator_took_in_what_was_refused_is_written(
    client: httpx.AsyncClient, keyed: Keyed
) -> None:
    refused = await client.post("/v1/events", json={"kind": "x"}, headers={"x-fieldline-sender": "hof-1"})
    number = refused.json()["receipts"][0]["rejected"]
    administrator = await keyed("admin", "administrator")
    assert (await administrator.post("/v1/rejected/replay", json={"rejected": [number]})).status_code == 200
    said = [(row["operation"], row["subject"], row["whose"]) for row in await rows(client)]
    assert said == [("rejected_replay", str(number), ["*"])]
