"""A batch's page is whole for every role, whatever is cut out of the answers that it is made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import httpx
import pytest
from fieldline_streams.demo import greens
from fieldline_streams.embedded.runtime import Runtime

from tests.integration.http.conftest import LOCAL

PAGES = (f"/batch?batch={greens.FAILED}", f"/lineage?batch={greens.FAILED}", "/", "/records", "/own", "/legs")


@pytest.mark.parametrize(
    ("role", "grid", "shown"),
    [
        ("regulator", "4101", {200}), ("emergency", None, {200}),
        ("administrator", None, {200}), ("producer", None, {200, 403}), ("laboratory", None, {200, 403, 404}),
    ],
)  # fmt: skip
async def test_pages_are_whole_for_every_role(
    role: str, grid: str | None, shown: set[int], runtime: Runtime, visitor: Callable[..., httpx.AsyncClient]
) -> None:
    days = greens.Days(date.today())
    for events, sender, said_by in (
        (greens.chain(days), "demo", "producer"), (greens.sample(days), "lab", "laboratory"),
    ):  # fmt: skip
        await runtime.hand_in([json.dumps(one).encode() for one in events], sender=sender, role=said_by)
    made = await visitor(LOCAL).post("/v1/keys", json={"sender": "kitchen", "role": role, "grid": grid})
    client = visitor(address="10.0.0.9")
    await client.post("/login", data={"key": made.json()["key"]})
    for page in PAGES:
        assert (await client.get(page)).status_code in shown, page
