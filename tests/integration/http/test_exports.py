"""A scope as a file: whole, in any format, of any version; and what a trace says that it did not say before."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from fieldline_trace.formats import fcl

LEAF, SALAD = "hof-1/leaf/L1", "plant-7/salad/M1"
CHAIN: list[dict[str, Any]] = [
    {
        "id": "h1", "kind": "harvested", "operator": "hof-1", "site": "hof-1", "at": "2026-03-01",
        "out_batch": {"batch": LEAF, "quantity": "60", "unit": "kg"},
    },
    {
        "id": "s1", "kind": "shipped", "operator": "hof-1", "site": "hof-1", "at": "2026-03-02",
        "arrived": "2026-03-02", "to_site": "plant-7",
        "batches": [{"batch": LEAF, "quantity": "60", "unit": "kg", "label": "=L1"}],
    },
    {
        "id": "m1", "kind": "transformed", "operator": "plant-7", "site": "plant-7", "at": "2026-03-03",
        "in_batches": [LEAF], "out_batches": [SALAD],
    },
    {
        "id": "s2", "kind": "shipped", "operator": "plant-7", "site": "plant-7", "at": "2026-03-04",
        "to_site": "school-3", "batches": [{"batch": SALAD, "quantity": "50", "unit": "kg"}],
    },
    {
        "id": "t1", "kind": "tested", "batch": LEAF, "site": "plant-7", "lab": "lab-1", "report": "R1",
        "hazard_class": "pathogen", "hazard": "Salmonella", "verdict": "failed",
    },
]  # fmt: skip


@pytest.fixture
async def scope(client: httpx.AsyncClient) -> str:
    """A leaf failed, and a scope was drafted."""
    await client.post("/v1/events", json=CHAIN)
    (scope,) = (await client.get("/v1/scopes")).json()["scopes"]
    return str(scope["scope"])


async def test_members_come_as_csv_that_spreadsheets_take_for_no_formula(client: httpx.AsyncClient, scope: str) -> None:
    answer = await client.get(f"/v1/scopes/{scope}/file/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{scope}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {(row["batch"], row["site"], row["role"]) for row in rows} == {
        (LEAF, "plant-7", "failed_lot"), (LEAF, "hof-1", "same_lot"), (SALAD, "plant-7", "descendant"),
        (SALAD, "school-3", "descendant"),
    }  # fmt: skip
    assert {row["lot"] for row in rows} == {"'=L1", "M1"}


async def test_an_earlier_version_is_as_it_was(client: httpx.AsyncClient, scope: str) -> None:
    later = {**CHAIN[3], "id": "s3", "to_site": "clinic-2"}
    await client.post("/v1/events", json=later)
    sites = {}
    for version in (1, 2):
        said = (await client.get(f"/v1/scopes/{scope}/file/json", params={"version": version})).json()
        sites[version] = {row["site"] for row in said["rows"]}
    assert sites[2] - sites[1] == {"clinic-2"}
    unknown = await client.get(f"/v1/scopes/{scope}/file/json", params={"version": 9})
    assert unknown.status_code == 404


async def test_the_events_come_as_they_were_received(client: httpx.AsyncClient, scope: str) -> None:
    lines = (await client.get(f"/v1/scopes/{scope}/file/events")).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["h1", "s1", "m1", "s2", "t1"]


async def test_pages_of_an_export_are_all_of_it(client: httpx.AsyncClient, scope: str) -> None:
    rows: list[Any] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = (await client.get(f"/v1/scopes/{scope}/export", params=query)).json()
        rows += page["rows"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(rows) == page["total"] == 4


async def test_the_network_is_read_back_as_the_same_deliveries_and_relations(
    client: httpx.AsyncClient, scope: str
) -> None:
    answer = await client.get(f"/v1/scopes/{scope}/file/fcl")
    said = fcl.events_of(fcl.read(answer.content))
    assert said.refused == []
    kinds = [event["kind"] for event in said.events]
    assert (kinds.count("shipped"), kinds.count("transformed")) == (2, 1)
    weights = {one["id"]: one["weight"] for one in answer.json()["tracing"]["nodes"]}
    assert weights == {"hof-1": 0.0, "plant-7": 1.0, "school-3": 0.0}


@pytest.mark.data
async def test_the_network_is_valid_by_the_schema_of_the_exchange_format(
    client: httpx.AsyncClient, scope: str, data_folder: Path
) -> None:
    schema = json.loads((data_folder / "fcl-schema" / "schema-v1.json").read_text())
    network = (await client.get(f"/v1/scopes/{scope}/file/fcl")).json()
    jsonschema.validate(network, schema)


async def test_what_a_trace_says_that_it_did_not_say_before(client: httpx.AsyncClient, scope: str) -> None:
    (receipt,) = (await client.post("/v1/events", json={**CHAIN[3], "id": "s3", "to_site": "clinic-2"})).json()[
        "receipts"
    ]
    query = {"batch": LEAF, "direction": "forward", "since_position": receipt["position"] - 1}
    said = (await client.get("/v1/changed", params=query)).json()
    assert [(one["change"], one["site"], one["event"]) for one in said["changes"]] == [("added", "clinic-2", "m1")]
    nothing = (await client.get("/v1/changed", params={**query, "since_position": receipt["position"]})).json()
    assert nothing["changes"] == []


async def test_a_batch_is_included_and_excluded_and_consignees_answer_over_http(
    client: httpx.AsyncClient, keyed: Any, scope: str
) -> None:
    other = {"kind": "harvested", "operator": "hof-1", "site": "hof-1", "out_batch": "hof-1/leaf/L2"}
    await client.post("/v1/events", json=other)
    taskforce = await keyed("taskforce", "emergency")
    for path, body in (
        ("include", {"batch": "hof-1/leaf/L2", "reason": "beside the drum"}),
        ("exclude", {"batch": SALAD, "site": "school-3", "reason": "never unpacked"}),
        ("told", {"consignee": "plant-7", "via": "phone"}),
        ("answered", {"consignee": "plant-7", "accounts": [{"batch": LEAF, "unit": "kg", "held": "5"}]}),
    ):
        answer = await taskforce.post(f"/v1/scopes/{scope}/{path}", json=body)
        assert answer.status_code == 202, answer.text
    show = (await client.get("/v1/scope", params={"scope": scope})).json()
    assert {(one["batch"], one["site"], one["role"]) for one in show["members"]} == {
        (LEAF, "plant-7", "failed_lot"), (LEAF, "hof-1", "same_lot"), (SALAD, "plant-7", "descendant"),
        ("hof-1/leaf/L2", "hof-1", "included"),
    }  # fmt: skip
    assert [act["because"] for act in show["acts"]] == ["beside the drum", "never unpacked"]
    progress = (await client.get(f"/v1/scopes/{scope}/progress")).json()
    assert progress["consignees"]["answered"] == 1
    county = await keyed("county", "regulator")
    refused = await county.post(f"/v1/scopes/{scope}/exclude", json={"batch": SALAD, "reason": "x"})
    assert refused.status_code == 403
