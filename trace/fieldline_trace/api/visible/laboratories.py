"""What a laboratory may know: the results that it reported, the samples that these name, and what those were of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fieldline_schemas.registry import code_of

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.caller import Caller
from fieldline_trace.api.visible.levels import STATED, Place, mine
from fieldline_trace.api.visible.view import said_by, unique
from fieldline_trace.recall.scope import Scope
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import event_rows


class LaboratoryView:
    """A laboratory's view. ``View`` says what the methods are for."""

    def __init__(self, desk: Desk, caller: Caller) -> None:
        self._desk = desk
        self._mine = mine(caller)
        self._samples: set[tuple[str, str]] | None = None
        self._numbers: set[int] = set()

    async def levels(self, places: Iterable[Place]) -> dict[Place, int]:
        wanted, world = set(places), self._desk.world
        found = {}
        for row in await self._mentions({batch for batch, _ in wanted}):
            place = world.index.canonical(row["batch"]), row["site"]
            if place in wanted:
                found[place] = STATED
        return found

    async def batches(self, numbers: Iterable[int]) -> set[int]:
        return {row["batch"] for row in await self._mentions(set(numbers))}

    async def events(self, said: Iterable[Mapping[str, Any]]) -> list[bool]:
        samples = await self._samples_named()
        return [
            event["sender"] in self._mine
            or event["operator"] in self._mine
            or (event["kind"] == "sampled" and (event["sender"], event["id"]) in samples)
            for event in said
        ]

    async def scopes(self, scopes: Mapping[str, Scope]) -> dict[str, Scope]:
        return {}

    async def _mentions(self, batches: set[int]) -> list[Any]:
        """What its own events, and the takings of the samples that it tested, say of ``batches``."""
        await self._samples_named()
        knows = self._desk.world.rows.knows
        return [
            row
            for row in await self._desk.conn.fetch(Q["visible_mentions"], unique(batches))
            if knows(row["event"]) and (row["event"] in self._numbers or said_by(self._desk, self._mine, row["event"]))
        ]

    async def _samples_named(self) -> set[tuple[str, str]]:
        """Sender and id of the events by which samples were taken that its results name."""
        if self._samples is None:
            self._numbers = self._desk.world.results.samples_tested_by(self._mine)
            taken = [
                event
                for event in await event_rows(self._desk.conn, sorted(self._numbers))
                if event.kind == code_of("sampled")
            ]
            self._samples = {(event.sender, event.id) for event in taken}
        return self._samples
