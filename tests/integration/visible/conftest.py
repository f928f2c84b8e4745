"""A chain of firms in two provinces, and the eyes of each who has to do with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_trace.api.caller import Caller
from fieldline_trace.settings import Settings

GRIDS = {
    "grower": "410105001",
    "oilmill": "410105002",
    "packer": "410105003",
    "depot": "410200001",
    "shop": "110101001",
    "school": "110105001",
}
"""Firms, each with one site, and where these lie."""
LEAF, OIL, SALAD, BOWL = "grower/leaf/L1", "oilmill/oil/O1", "packer/salad/S1", "shop/bowl/B1"


def firm(name: str) -> Caller:
    """A producer with a key of its own."""
    return Caller(name, "producer", (name,), key_id=name)


def county(grid: str) -> Caller:
    """An authority of an area."""
    return Caller(f"authority-{grid}", "regulator", (), grid, key_id=f"authority-{grid}")


LAB = Caller("institute", "laboratory", ("institute",), key_id="institute")
EMERGENCY = Caller("taskforce", "emergency", key_id="taskforce")


def said(kind: str, who: str, at: str, **fields: Any) -> dict[str, Any]:
    """An event of a firm at its site."""
    return {
        "kind": kind,
        "operator": who,
        "site": f"{who}-site",
        "at": at,
        "zone": "Z",
        "grid_unit": GRIDS.get(who),
    } | (fields)


def moved(batch: str, who: str, to: str, at: str, **fields: Any) -> dict[str, Any]:
    """A shipment from firm to firm, arrived the same day."""
    return said(
        "shipped", who, at, batches=[{"batch": batch, "quantity": "10", "unit": "kg"}], to_site=f"{to}-site",
        to_operator=to, arrived=at, **fields,
    )  # fmt: skip


CHAIN = [
    ("grower", said("harvested", "grower", "2026-03-01", out_batch=LEAF, id="grower:1")),
    ("grower", moved(LEAF, "grower", "packer", "2026-03-02", id="grower:2")),
    ("oilmill", said("harvested", "oilmill", "2026-03-01", out_batch=OIL, id="oilmill:1")),
    ("oilmill", moved(OIL, "oilmill", "packer", "2026-03-02", id="oilmill:2")),
    ("packer", said("transformed", "packer", "2026-03-03", in_batches=[LEAF, OIL], out_batches=[SALAD], id="packer:1")),
    ("packer", moved(SALAD, "packer", "depot", "2026-03-04", id="packer:2")),
    ("depot", moved(SALAD, "depot", "shop", "2026-03-05", id="depot:1")),
    ("shop", said("transformed", "shop", "2026-03-06", in_batches=[SALAD], out_batches=[BOWL], id="shop:1")),
    ("shop", moved(BOWL, "shop", "school", "2026-03-07", id="shop:2")),
    ("school", said("served", "school", "2026-03-08", batches=[BOWL], id="school:1")),
]
"""Grower and oil mill to packer, packer to depot, depot to shop, shop to school."""
FAILED = said(
    "tested", "institute", "2026-03-09", site="packer-site", grid_unit=None, batch=SALAD, lab="institute", report="R-1",
    hazard_class="pathogen", hazard="Listeria", verdict="failed", id="institute:1",
)  # fmt: skip


class Seen:
    """A runtime to tell events to, and to ask with anybody's eyes."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    async def say(self, sender: str, *events: dict[str, Any], role: str = "producer") -> int:
        """Hand events in; the position at which the last was taken."""
        receipts = await self.runtime.hand_in([json.dumps(e).encode() for e in events], sender=sender, role=role)
        assert all(receipt["outcome"] == "accepted" for receipt in receipts), receipts
        return int(receipts[-1]["position"])

    async def ask(self, caller: Caller, question: str, **arguments: Any) -> dict[str, Any]:
        """The answer as ``caller`` gets it."""
        return (await self.runtime.answer(question, arguments, caller)).said

    async def whose(self, caller: Caller, question: str, **arguments: Any) -> tuple[str, ...]:
        """Whose data the answer shows."""
        return (await self.runtime.answer(question, arguments, caller)).whose


@pytest.fixture
async def seen(database: str, tmp_path: Path) -> AsyncIterator[Seen]:
    """A runtime that knows nothing yet."""
    async with opened(Settings(data_dir=tmp_path, database_url=database)) as runtime:
        yield Seen(runtime)


@pytest.fixture
async def chain(seen: Seen) -> Seen:
    """The chain was told, and the salad failed."""
    for sender, event in CHAIN:
        await seen.say(sender, event)
    await seen.say("institute", FAILED, role="laboratory")
    return seen
