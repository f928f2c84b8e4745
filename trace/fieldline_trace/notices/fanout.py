"""A notice for each subscriber and change, entered once and in order, from a stored cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fieldline_trace.follow import stored
from fieldline_trace.follow.pages import page
from fieldline_trace.follow.told import FeedItem
from fieldline_trace.notices.said import notice_id, payload, subject_of, told_by_webhook, topic_of
from fieldline_trace.store import Connection, Q, outages_as_unavailable

PAGE: Final = 500
"""Alerts, and scopes, that are looked at in one transaction."""


async def fan_out(conn: Connection, *, now: int) -> int:
    """Enter notices of what the judge wrote since; the position up to which they are entered now.

    One transaction a page holds the cursor and the notices: whoever is killed when, none is left out and none is there
    twice. Of processes that do it at once one waits for the other.
    """
    with outages_as_unavailable():
        while True:
            async with conn.transaction():
                after = int(await conn.fetchval(Q["notices_cursor"]))
                until = await stored.position(conn)
                if after >= until:
                    return after
                subscribers = await conn.fetch(Q["subscriber_told"])
                items, upto = await page(conn, after, until, PAGE) if subscribers else ([], until)
                await _enter(conn, subscribers, [item for item in items if told_by_webhook(item)], now)
                await conn.execute(Q["notices_advance"], upto)


async def _enter(conn: Connection, subscribers: Sequence[Any], items: Sequence[FeedItem], now: int) -> None:
    if not items:
        return
    positions = sorted({item.position for item in items})
    received = {row["position"]: row["received_at"] for row in await conn.fetch(Q["notices_received"], positions)}
    rows = [
        (
            one["id"],
            notice_id(item),
            subject_of(item),
            item.position,
            item.sequence,
            received[item.position],
            payload(item, one["content"]),
            now,
        )
        for item in items
        for one in subscribers
        if topic_of(item) in one["topics"] and item.position > one["from_position"]
    ]
    if rows:
        await conn.execute(Q["notices_add"], *map(list, zip(*rows, strict=True)))
