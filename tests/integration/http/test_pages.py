"""Long lists come in pages: all rows, each once, whatever comes in meanwhile."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

LEAF, SALAD = "hof-1/leaf/L1", [f"plant/salad/S{number:02}" for number in range(17)]


async def say(client: httpx.AsyncClient, *events: dict[str, Any]) -> None:
    answer = await client.post("/v1/events", json=list(events))
    assert answer.status_code == 202, answer.text


def made(batch: str) -> dict[str, Any]:
    return {
        "kind": "transformed", "operator": "plant", "site": "plant-7", "in_batches": [LEAF], "out_batches": [batch],
    }  # fmt: skip


def failed(batch: str) -> dict[str, Any]:
    return {
        "kind": "tested", "batch": batch, "lab": "lab-1", "report": f"R-{batch}", "hazard_class": "pathogen",
        "hazard": "Salmonella", "verdict": "failed", "at": "2026-03-01",
    }  # fmt: skip


@pytest.fixture
async def salads(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """One leaf, and what seventeen salads were made of it; all of them failed."""
    await say(client, {"kind": "harvested", "operator": "hof-1", "site": "plant-7", "out_batch": LEAF})
    await say(client, *map(made, SALAD))
    await say(client, *map(failed, SALAD))
    return client


async def pages(
    client: httpx.AsyncClient, path: str, query: dict[str, Any], field: str, limit: int, between: Any = None
) -> list[dict[str, Any]]:
    """All pages of a list."""
    found, cursor = [], None
    while True:
        more: dict[str, str] = {} if cursor is None else {"cursor": cursor}
        answer = await client.get(path, params={**query, "limit": limit, **more})
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        assert len(answer.json()[field]) <= limit
        cursor = answer.json()["next"]
        if cursor is None:
            return found
        if between is not None:
            await between()


LISTS = [
    ("/v1/trace", {"batch": LEAF, "direction": "forward"}, "members", 18),
    ("/v1/alerts", {}, "alerts", 17),
    ("/v1/batch", {"batch": LEAF}, "events", 18),
]


@pytest.mark.parametrize(("path", "query", "field", "count"), LISTS)
@pytest.mark.parametrize("limit", [1, 5, 17, 18, 100])
async def test_pages_are_all_of_a_list_and_no_row_comes_twice(
    salads: httpx.AsyncClient, path: str, query: dict[str, Any], field: str, count: int, limit: int
) -> None:
    whole = (await salads.get(path, params=query)).json()
    assert (len(whole[field]), whole["total"], whole["next"]) == (count, count, None)
    found = await pages(salads, path, query, field, limit)
    assert [row for page in found for row in page[field]] == whole[field]
    assert {page["total"] for page in found} == {count}


@pytest.mark.parametrize(("path", "query", "field", "count"), LISTS)
@pytest.mark.parametrize("kept", [True, False])
async def test_what_comes_in_meanwhile_changes_no_page(
    salads: httpx.AsyncClient, app: FastAPI, path: str, query: dict[str, Any], field: str, count: int, kept: bool
) -> None:
    whole = (await salads.get(path, params=query)).json()
    number = 0

    async def between() -> None:
        nonlocal number
        number += 1
        await say(salads, made(f"plant/salad/A{number}"), failed(f"plant/salad/A{number}"))
        if not kept:
            app.state.kept._answers.clear()

    found = await pages(salads, path, query, field, 4, between)
    assert [row for page in found for row in page[field]] == whole[field]
    assert {page["position"] for page in found} == {whole["position"]}
    assert number > 3
    assert (await salads.get(path, params=query)).json()["total"] > count


async def test_members_of_scopes_changes_and_consignees_come_in_pages(salads: httpx.AsyncClient) -> None:
    scopes = (await salads.get("/v1/scopes")).json()["scopes"]
    scope = next(one for one in scopes if one["members"] > 1)["scope"]
    for path, field, query in (
        ("/v1/scope", "members", {"scope": scope}),
        (f"/v1/scopes/{scope}/diff", "changes", {}),
        (f"/v1/scopes/{scope}/consignees", "consignees", {}),
    ):
        whole = (await salads.get(path, params=query)).json()
        found = await pages(salads, path, query, field, 1)
        assert [row for page in found for row in page[field]] == whole[field]
        assert len(found) == whole["total"] >= 1


async def test_the_first_page_brings_what_is_beside_the_rows(salads: httpx.AsyncClient) -> None:
    found = await pages(salads, "/v1/trace", {"batch": LEAF, "direction": "forward"}, "members", 5)
    for field in ("lots", "sites", "events"):
        assert [bool(page[field]) for page in found] == [True, False, False, False]
    cited = {member["event"] for page in found for member in page["members"]} - {None}
    assert cited <= {event["id"] for event in found[0]["events"]}


async def test_a_cursor_is_good_for_its_own_list_and_its_own_reader_alone(
    salads: httpx.AsyncClient, keyed: Any
) -> None:
    cursor = (await salads.get("/v1/alerts", params={"limit": 2})).json()["next"]
    other = await keyed("stranger", "producer", operators=["stranger"])
    for client, query in (
        (salads, {"cursor": cursor, "withdrawn": True}),
        (other, {"cursor": cursor}),
        (salads, {"cursor": "AAAA"}),
        (salads, {"cursor": "é"}),
        (salads, {"limit": 0}),
        (salads, {"limit": 10_001}),
    ):
        answer = await client.get("/v1/alerts", params=query)
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"] in ("cursor", "limit")
