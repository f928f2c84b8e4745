"""For which position an answer is: now, at least, as of; and whether it is still the same."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fieldline_streams.embedded.runtime import Runtime

LEAF = "hof-1/leaf/L1"


def harvested(lot: str, **more: Any) -> dict[str, Any]:
    return {"kind": "harvested", "operator": "hof-1", "site": "field", "out_batch": f"hof-1/leaf/{lot}", **more}


def moved(to: str, **more: Any) -> dict[str, Any]:
    return {"kind": "shipped", "operator": "hof-1", "site": "field", "batches": [LEAF], "to_site": to, **more}


async def say(client: httpx.AsyncClient, *events: dict[str, Any]) -> int:
    """Hand events in; the position at which the last was taken."""
    answer = await client.post("/v1/events", json=list(events))
    assert answer.status_code == 202, answer.text
    return int(answer.json()["receipts"][-1]["position"])


async def places(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/v1/batch", params={"batch": LEAF, **query})
    assert answer.status_code == 200, answer.text
    return [holding["site"] for holding in answer.json()["holdings"]]


async def test_an_answer_names_its_position_and_when_that_was_received(client: httpx.AsyncClient) -> None:
    await say(client, harvested("L1"))
    answer = await client.get("/v1/batch", params={"batch": LEAF})
    assert answer.headers["fieldline-position"] == str(answer.json()["position"]) == "1"
    (event,) = answer.json()["events"]
    assert answer.headers["fieldline-as-of"] == event["received"]


async def test_what_does_not_come_in_time_is_refused_and_it_is_said_how_far_it_is(client: httpx.AsyncClient) -> None:
    position = await say(client, harvested("L1"))
    answer = await client.get("/v1/alerts", params={"at_least": position + 1, "wait": 0.05})
    assert (answer.status_code, answer.json()["code"], answer.json()["position"]) == (409, "conflict", position)


async def test_what_is_waited_for_is_answered_when_it_has_come(client: httpx.AsyncClient) -> None:
    position = await say(client, harvested("L1"))
    waiting = asyncio.create_task(
        client.get("/v1/batch", params={"batch": "hof-1/leaf/L2", "at_least": position + 1, "wait": 30})
    )
    await asyncio.sleep(0)
    await say(client, harvested("L2"))
    answer = await waiting
    assert (answer.status_code, answer.json()["position"]) == (200, position + 1)


async def test_an_earlier_state_of_knowledge_is_answered_by_position_and_by_time(client: httpx.AsyncClient) -> None:
    first = await say(client, harvested("L1"))
    received = (await client.get("/v1/batch", params={"batch": LEAF})).headers["fieldline-as-of"]
    await say(client, moved("plant"))
    await say(client, moved("shop"))
    assert await places(client) == ["field", "plant", "shop"]
    assert await places(client, position=first) == ["field"]
    assert await places(client, position=first + 1) == ["field", "plant"]
    assert await places(client, as_of=received) == ["field"]
    assert await places(client, position=first) == ["field"]
    answer = await client.get("/v1/batch", params={"batch": LEAF, "position": first})
    assert (answer.headers["fieldline-position"], answer.headers["fieldline-as-of"]) == (str(first), received)
    assert (await client.get("/v1/batch", params={"batch": LEAF, "position": 0})).status_code == 404
    assert (await client.get("/v1/alerts", params={"position": 0})).json()["alerts"] == []


async def test_earlier_states_are_kept_no_more_than_the_setting_says(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    for number in range(4):
        await say(client, harvested(f"L{number}"))
    for position in (1, 2, 3):
        await client.get("/v1/alerts", params={"position": position})
    assert len(runtime._worlds) == runtime.settings.worlds_kept == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"position": 9}, "position"),
        ({"position": 1, "as_of": "2026-01-01"}, "as_of"),
        ({"as_of": "2999-01-01"}, "as_of"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"position": -1}, "position"),
        ({"wait": 61}, "wait"),
        ({"at_least": "soon"}, "at_least"),
        ({"moment": 1}, "moment"),
    ],
)
async def test_a_moment_at_fault_is_refused_by_field(
    client: httpx.AsyncClient, query: dict[str, Any], field: str
) -> None:
    await say(client, harvested("L1"))
    answer = await client.get("/v1/alerts", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_what_does_not_follow_from_the_ledger_has_no_earlier_state(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/rejected", params={"position": 0})
    assert (answer.status_code, answer.json()["field"]) == (422, "position")


async def test_an_answer_that_is_still_the_same_is_not_sent_again(client: httpx.AsyncClient) -> None:
    await say(client, harvested("L1"))
    first = await client.get("/v1/batch", params={"batch": LEAF})
    known = {"if-none-match": first.headers["etag"]}
    again = await client.get("/v1/batch", params={"batch": LEAF}, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["fieldline-position"] == "1"
    assert (await client.get("/v1/batch", params={"batch": "L1"}, headers=known)).status_code == 200
    await say(client, moved("plant"))
    changed = await client.get("/v1/batch", params={"batch": LEAF}, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    assert (await client.get("/v1/batch", params={"batch": LEAF, "position": 1}, headers=known)).status_code == 304


async def test_another_s_etag_says_nothing_of_one_s_own_answer(client: httpx.AsyncClient, keyed: Any) -> None:
    await say(client, harvested("L1"))
    whole = await client.get("/v1/alerts")
    stranger = await keyed("stranger", "producer", operators=["stranger"])
    answer = await stranger.get("/v1/alerts", headers={"if-none-match": whole.headers["etag"]})
    assert answer.status_code == 200
    assert "authorization" in answer.headers["vary"].lower()
