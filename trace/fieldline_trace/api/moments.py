"""From a moment that somebody names to the position that it means."""

from __future__ import annotations

from fieldline_schemas.faults import Fault
from fieldline_schemas.times import instant

from fieldline_trace.api.ports import Moment
from fieldline_trace.errors import Rejected
from fieldline_trace.store import Connection, Q
from fieldline_trace.store.ledger_read import Head, position_at

OF_A_POSITION = frozenset(
    {
        "trace", "sources", "score", "risk", "batch", "name", "at", "alerts", "alert show", "scope list", "scope show",
        "contacts", "scope preview", "scope diff", "scope consignees", "scope progress", "scope versions",
        "incident list", "incident show", "scope export", "scope events", "scope network",
        "notices", "why", "paths", "accountable", "dead ends", "hypothesis", "present", "span", "proof", "areas",
        "balance", "share", "steps", "story", "event",
    }
)  # fmt: skip
"""Questions whose answer follows from the ledger up to a position: they may be asked for an earlier one, and their
answer for a position stays what it is."""


async def position_of(conn: Connection, last: Head, moment: Moment) -> tuple[int, int]:
    """The position of an earlier ``moment``, and when that was received. ``last``: the ledger's last entry.

    ``Rejected`` where it names both a position and a time, or what has not come yet: that may still change.
    """
    if moment.position is not None and moment.as_of is not None:
        raise Rejected(Fault.by("position_or_time", "as_of", instant(moment.as_of)))
    if moment.as_of is not None:
        now = await conn.fetchval(Q["feed_now"])
        if moment.as_of > max(now, last.received_at):
            raise Rejected(Fault.by("time_not_come", "as_of", instant(moment.as_of)))
        position = await position_at(conn, moment.as_of)
    else:
        position = moment.position or 0
    if position > last.position:
        raise Rejected(Fault.by("position_last", "position", str(position), last=last.position))
    received = await conn.fetchval(Q["feed_received_at"], position)
    return position, int(received or 0)
