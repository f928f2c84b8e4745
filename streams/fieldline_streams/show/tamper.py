"""What is stored is changed behind the ledger's back: each time ``verify`` names the position and the event. Where all
that follows is chained anew, so that it looks whole, the head that was signed before tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fieldline_trace.capture import Broken, Checkpoint, Deployment, checkpoint, verify
from fieldline_trace.settings import Settings
from fieldline_trace.store import Connection
from rich.console import Console

from fieldline_streams.embedded.runtime import opened
from fieldline_streams.show.chain import events
from fieldline_streams.show.figures import Figure, equal
from fieldline_streams.show.state import SQL

EVENTS, ENTRIES = 2_000, 20
POSITION, PLACE = 7, 13
"""The entry that is tampered with, and which of its events."""

Undo = Callable[[], Awaitable[Any]]


async def show(folder: Path, console: Console) -> list[Figure]:
    """Each tampering by itself, undone before the next; and that the ledger is whole again at the end."""
    raws = list(events(EVENTS, datetime.now(UTC).date()))
    async with opened(Settings(data_dir=folder / "data", database_url=None)) as runtime:
        size = EVENTS // ENTRIES
        for start in range(0, EVENTS, size):
            await runtime.hand_in(raws[start : start + size], sender="trade", role="producer")
        figures = []
        async with runtime.pool.acquire() as conn:
            for name, tampering, event_named in (
                ("one byte of a stored event", _byte, True),
                ("one hash", _hash, False),
                ("one deleted event", _delete, True),
                ("two swapped entries", _swap, False),
            ):
                target, undo = await tampering(conn)
                found = await verify(conn)
                await undo()
                named = "nothing" if not isinstance(found, Broken) else f"position {found.position}"
                if isinstance(found, Broken):
                    console.print(
                        f"{name}: position {found.position}, event {found.event}: {found.what}",
                        markup=False,
                        soft_wrap=True,
                    )
                    if event_named:
                        named += f", event {found.event}"
                known = f"position {POSITION}" + (f", event {target}" if event_named else "")
                figures.append(equal(f"{name}: what is named", named, "", known))
            figures += await _chained_anew(conn, folder, console)
            whole = await verify(conn)
        figures.append(
            equal("ledger whole once all is undone", "no" if isinstance(whole, Broken) else "yes", "", "yes")
        )
    return figures


async def _chained_anew(conn: Connection, folder: Path, console: Console) -> list[Figure]:
    """Somebody who owns the database changes a time of receipt and makes every later hash anew."""
    signed = Checkpoint.read((await checkpoint(conn, Deployment(folder / "elsewhere").signing)).said())
    moved = await conn.fetchval(SQL["show_received_at"], POSITION)
    await conn.execute(SQL["show_change_received_at"], POSITION, moved + 1)
    await conn.execute(SQL["show_chain_anew"])
    alone, held = await verify(conn), await verify(conn, signed)
    await conn.execute(SQL["show_change_received_at"], POSITION, moved)
    await conn.execute(SQL["show_chain_anew"])
    if isinstance(held, Broken):
        console.print(f"all chained anew: position {held.position}: {held.what}", markup=False, soft_wrap=True)
    named = f"position {held.position}" if isinstance(held, Broken) else "nothing"
    again = await verify(conn, signed)
    return [
        equal(
            "all chained anew: found without a checkpoint", "no" if not isinstance(alone, Broken) else "yes", "", "no"
        ),
        equal("all chained anew: what the checkpoint tells", named, "", f"position {signed.position}"),
        equal("it tells nothing once all is undone", "no" if isinstance(again, Broken) else "yes", "", "yes"),
    ]


async def _byte(conn: Connection) -> tuple[int, Undo]:
    event = await _event(conn)
    number, body = event["number"], bytes(event["body"])
    middle = len(body) // 2
    await conn.execute(SQL["show_change_body"], number, body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :])
    return number, lambda: conn.execute(SQL["show_change_body"], number, body)


async def _hash(conn: Connection) -> tuple[int, Undo]:
    hashed = bytes(await conn.fetchval(SQL["show_hash"], POSITION))
    await conn.execute(SQL["show_change_hash"], POSITION, bytes([hashed[0] ^ 1]) + hashed[1:])
    return POSITION, lambda: conn.execute(SQL["show_change_hash"], POSITION, hashed)


async def _delete(conn: Connection) -> tuple[int, Undo]:
    number = (await _event(conn))["number"]
    row = await conn.fetchrow(SQL["show_delete_event"], number)
    assert row is not None
    return number, lambda: conn.execute(SQL["show_restore_event"], number, *row.values())


async def _swap(conn: Connection) -> tuple[int, Undo]:
    async def swap() -> None:
        aside = -1
        for place, other in ((POSITION, aside), (POSITION + 1, POSITION), (aside, POSITION + 1)):
            await conn.execute(SQL["show_move_entry"], place, other)

    await swap()
    return POSITION, swap


async def _event(conn: Connection) -> Any:
    return await conn.fetchrow(SQL["show_some_event"], POSITION, PLACE)
