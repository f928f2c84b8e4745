"""The worked cases of lineage once more, the whole way: as events on the wire, captured, followed, and then asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fieldline_trace.capture import Accepted, Door, MemoryLedger
from fieldline_trace.follow.fetch import LedgerInMemory
from fieldline_trace.follow.world import World
from fieldline_trace.lineage import Seed
from fieldline_trace.lineage.terms import CERTAINTIES

pytestmark = pytest.mark.data

RECEIPT = 1_900_000_000_000_000  # microseconds, long after the dates of the cases


def as_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a case, as a producer would say it."""
    event: dict[str, Any] = {"id": row["id"], "operator": "op", "zone": "Z"}
    if row["what"] == "same_batch":
        return event | {"kind": "same_batch", "batches": [f"op/{batch}" for batch in row["batches"]]}
    batch = f"op/{row['batch']}"
    if row["what"] == "moved":
        moved = {"kind": "shipped", "site": row["from"], "to_site": row["to"], "batches": [batch]}
        return event | moved | {"at": row["departed"], "arrived": row["arrived"]}
    event |= {"site": row["site"], "at": row["at"]}
    if row["what"] == "made":
        ins = [f"op/{source}" for source in row.get("from", ())]
        return event | {"kind": "transformed", "in_batches": ins, "out_batches": [batch]}
    if row["what"] == "received":
        return event | {"kind": "received", "batches": [batch]}
    assert row["what"] == "sampled"
    return event | {"kind": "sampled", "batches": [batch], "sample": row["id"]}


def followed(rows: Sequence[Mapping[str, Any]], at_once: int) -> tuple[World, LedgerInMemory]:
    clock = iter(range(RECEIPT, RECEIPT + 1_000_000))
    ledger = MemoryLedger(clock=lambda: next(clock))
    view, world = LedgerInMemory(ledger), World()
    raws = [json.dumps(as_event(row)).encode() for row in rows]
    for start in range(0, len(raws), at_once):
        receipts = ledger.take(raws[start : start + at_once], Door("op", "producer"))
        assert all(isinstance(receipt, Accepted) for receipt in receipts), receipts
    for entry in ledger.entries:
        world.apply(entry, view.prepare(world, entry))
    return world, view


@pytest.mark.parametrize(("at_once", "backwards"), [(1000, False), (2, True)])
def test_events_that_say_a_case_give_its_answers(data_folder: Path, at_once: int, backwards: bool) -> None:
    cases = json.loads((data_folder / "lineage-cases" / "cases.json").read_text())
    asked = 0
    for case in cases:
        rows = case["records"][::-1] if backwards else case["records"]
        world, view = followed(rows, at_once)
        names, index = view.names, world.index

        def told(holding: int, index: Any = index, names: Any = names) -> str:
            batch, site = index.holding(holding)
            return f"{names.batch_key(batch).removeprefix('op/')} @ {names.site_key(site)}"

        for answer in case["answers"]:
            seeds = []
            for text in answer.get("forward") or answer["backward"]:
                batch, at, site = text.partition(" @ ")
                number = names.batch_number(f"op/{batch}")
                assert number is not None
                seeds.append(Seed(number, names.site_number(site) if at else None))
            found = index.forward(seeds) if "forward" in answer else index.backward(seeds)
            members = {
                told(holding): CERTAINTIES[certainty]
                for holding, certainty in zip(found.holding.tolist(), found.certainty.tolist(), strict=True)
            }
            assert members == answer["members"], (case["case"], answer)
            excluded = sorted(told(holding) for holding in found.excluded.tolist())
            assert excluded == sorted(answer["excluded_by_times"]), (case["case"], answer)
            asked += 1
    assert asked == sum(len(case["answers"]) for case in cases) > 0
