"""Events as producers send them, and ledgers to hand them to."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fieldline_schemas.record import Record
from fieldline_trace.capture import Door, Keys, MemoryLedger, Persons, Receipt, take
from fieldline_trace.store import Pool, ledger_read
from fieldline_trace.store.ledger_read import Entry, StoredEvent

FARM = Door("hof-1", "producer")
PERSONS = Persons(bytes(range(32)))


def made(name: str | None, *, out: str = "hof-1/leaf/L1", **more: Any) -> bytes:
    """A transformation at the farm that makes ``out`` of seed."""
    event: dict[str, Any] = {
        "kind": "transformed",
        "operator": "hof-1",
        "site": "field-1",
        "at": "2026-03-01T08:00:00+08:00",
        "in_batches": ["seedco/rocket/S9"],
        "out_batches": [{"batch": out, "quantity": "12.50", "unit": "kg"}],
    }
    return json.dumps(({} if name is None else {"id": name}) | event | more).encode()


def shipped(name: str, batch: str, to: str, **more: Any) -> bytes:
    """A shipment from the farm."""
    event: dict[str, Any] = {
        "id": name,
        "kind": "shipped",
        "operator": "hof-1",
        "site": "field-1",
        "to_site": to,
        "at": "2026-03-02T06:00:00+08:00",
        "batches": [batch],
    }
    return json.dumps(event | more).encode()


def many(count: int, seed: int, ids: int | None = None) -> list[bytes]:
    """``count`` events under at most ``ids`` ids; each id has two contents at most, spelled in several ways."""
    order = random.Random(seed)
    events = []
    for _ in range(count):
        number = order.randrange(ids or count)
        event = json.loads(made(f"e{number}", out=f"hof-1/leaf/L{number % 7}"))
        if order.random() < 0.2:
            event["site"] = "field-2"
        if order.random() < 0.3:
            event["out_batches"][0]["quantity"] = 12.5
        names = list(event)
        if order.random() < 0.3:
            order.shuffle(names)
        events.append(json.dumps({name: event[name] for name in names}).encode())
    return events


@dataclass(frozen=True)
class Kept:
    """One refused event as the ledger keeps it."""

    sender: str
    raw: bytes
    times: int
    field: str
    rule: str


class Ledger(Protocol):
    """What the suite asks of a ledger."""

    async def take(self, raws: Sequence[bytes], door: Door = FARM, *, history: bool = False) -> list[Receipt]: ...
    async def entries(self) -> list[Entry]: ...
    async def events(self) -> list[StoredEvent]: ...
    async def rejected(self) -> dict[int, Kept]: ...
    async def names(self, sort: str) -> dict[int, str]: ...
    async def labels(self) -> set[tuple[str, str]]: ...
    async def now(self) -> int: ...


async def numbers(ledger: Ledger) -> list[int]:
    """Numbers of all events, as the records count them."""
    return [entry.block << 16 | index for entry in await ledger.entries() for index in range(entry.count)]


async def records(ledger: Ledger) -> list[Record]:
    """All records in order."""
    return [Record.unpack(entry.record) for entry in await ledger.entries()]


@dataclass
class PostgresLedger:
    """The real one. Each call takes a connection of its own."""

    pool: Pool
    keys: Keys = field(default_factory=Keys)

    async def take(self, raws: Sequence[bytes], door: Door = FARM, *, history: bool = False) -> list[Receipt]:
        async with self.pool.acquire() as conn:
            return await take(conn, raws, door, history=history, keys=self.keys, persons=PERSONS)

    async def entries(self) -> list[Entry]:
        return await ledger_read.entries_after(self.pool, 0, 100_000)

    async def events(self) -> list[StoredEvent]:
        rows = await self.pool.fetch("select number from event")
        return await ledger_read.event_rows(self.pool, [row[0] for row in rows])

    async def rejected(self) -> dict[int, Kept]:
        rows = await self.pool.fetch(
            "select r.number, p.key, r.raw, r.times, r.field, r.rule"
            " from rejected r join party p on p.number = r.sender"
        )
        return {row[0]: Kept(*list(row.values())[1:]) for row in rows}

    async def names(self, sort: str) -> dict[int, str]:
        query = {
            "batch": "select number, key from batch",
            "site": "select number, key from site",
            "party": "select number, key from party",
        }[sort]
        return {row[0]: row[1] for row in await self.pool.fetch(query)}

    async def labels(self) -> set[tuple[str, str]]:
        rows = await self.pool.fetch("select key, label from batch_label l join batch b on b.number = l.batch")
        return {(row[0], row[1]) for row in rows}

    async def now(self) -> int:
        row = await self.pool.fetchrow("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")
        assert row is not None
        return int(row[0])


@dataclass
class TwinLedger:
    """The one in memory, at a fixed time that only moves as it must."""

    memory: MemoryLedger = field(default_factory=lambda: MemoryLedger(clock=lambda: 1_780_000_000_000_000))

    async def take(self, raws: Sequence[bytes], door: Door = FARM, *, history: bool = False) -> list[Receipt]:
        return self.memory.take(raws, door, history=history)

    async def entries(self) -> list[Entry]:
        return list(self.memory.entries)

    async def events(self) -> list[StoredEvent]:
        return list(self.memory.events.values())

    async def rejected(self) -> dict[int, Kept]:
        return {
            number: Kept(kept.sender, kept.raw, kept.times, kept.unread.fault.field, kept.unread.fault.rule)
            for number, kept in self.memory.rejected.items()
        }

    async def names(self, sort: str) -> dict[int, str]:
        known = {"batch": self.memory.batches, "site": self.memory.sites, "party": self.memory.parties}[sort]
        return {number: key for key, number in known.items() if number}

    async def labels(self) -> set[tuple[str, str]]:
        keys = await self.names("batch")
        return {(keys[batch], label) for batch, label in self.memory.labels}

    async def now(self) -> int:
        return self.memory.clock()
