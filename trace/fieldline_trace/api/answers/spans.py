"""First and last production, shipment, arrival, sale and serving of a batch, or of all lots of a product: is it still
made or sold?

``{"position", "asked", "batches", "first", "last", "since_last"}``; in ``first`` and ``last`` ``produced``,
``shipped``, ``received``, ``sold`` and ``served`` are ``{"from", "to", "batch", "site", "event"}`` or None.
``since_last`` says how many days lie between the last production, or sale, and the position's time.
"""

from __future__ import annotations

from typing import Any, Final

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_schemas.registry import code_of, kind_of
from fieldline_schemas.times import FOREVER, NEVER, Interval
from fieldline_schemas.whole import read_whole
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.naming import lots_under, named
from fieldline_trace.errors import NotFound, Rejected
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import event_rows

PRODUCING: Final = (
    "harvested", "milked", "slaughtered", "landed", "transformed", "packed", "split", "commingled", "relabelled",
    "prepared",
)  # fmt: skip
_WAYS: Final = {
    **dict.fromkeys(PRODUCING, "produced"),
    "shipped": "shipped",
    "exported": "shipped",
    "received": "received",
    "imported": "received",
    "sold": "sold",
    "served": "served",
}
DAY = 86_400_000_000


class SpanArguments(BaseModel):
    """Of what."""

    model_config = ConfigDict(extra="forbid")

    batch: str | None = Field(default=None, description="A batch in any spelling, or a lot number.")
    product: str | None = Field(default=None, description="Or all lots of a product: OPERATOR/PRODUCT.")


async def span(desk: Desk, asked: SpanArguments) -> dict[str, Any]:
    """First and last production, shipment, arrival, sale and serving of a batch, or of all lots of a product."""
    if (asked.batch is None) == (asked.product is None):
        raise Rejected(Fault.by("batch_or_product", "batch", asked.batch or ""))
    if asked.batch is not None:
        batches = list((await named(desk, asked.batch)).batches)
    else:
        batches = list(await lots_under(desk, asked.product or ""))
        if not batches:
            raise NotFound(Sentence("batch_not_known", text=repr(asked.product)))
    codes = sorted(code_of(kind) for kind in _WAYS)
    keys = desk.every_key(batches)
    found = await desk.conn.fetch(Q["answer_kinds_naming"], keys, codes, desk.position)
    own = {desk.names.batch_key(batch) for batch in keys}
    spans: dict[str, list[tuple[Interval, str, str | None, str]]] = {}
    for event in await event_rows(desk.conn, [row["event"] for row in found]) if found else []:
        if desk.world.standing_of(event.number) == "withdrawn":
            continue
        kind, body = kind_of(event.kind), read_whole(event.body)
        made = _made(body)
        for key in own & (made if _WAYS[kind] == "produced" else _named(body)):
            spans.setdefault(_WAYS[kind], []).append((body.at, key, event.site or None, event.id))
    ways = dict.fromkeys(_WAYS.values())
    return {
        "position": desk.position,
        "asked": {"batch": asked.batch, "product": asked.product},
        "batches": len(batches),
        "first": {way: _end(spans.get(way, []), first=True) for way in ways},
        "last": {way: _end(spans.get(way, []), first=False) for way in ways},
        "since_last": {way: _since(spans.get(way, []), desk.world.received_at) for way in ("produced", "sold")},
    }


def _end(said: list[tuple[Interval, str, str | None, str]], *, first: bool) -> dict[str, Any] | None:
    dated = [one for one in said if (one[0].lo > NEVER if first else one[0].hi < FOREVER)]
    if not dated:
        return None
    dated.sort(key=lambda one: (one[1], one[2] or "", one[3]))
    at, batch, site, event = min(dated, key=lambda one: one[0]) if first else max(dated, key=lambda one: one[0].hi)
    return {**time_said(*at), "batch": batch, "site": site, "event": event}


def _since(said: list[tuple[Interval, str, str | None, str]], now: int) -> int | None:
    last = max((one[0].hi for one in said if one[0].hi < FOREVER), default=None)
    return None if last is None else max(0, (now - last) // DAY)


def _made(body: Any) -> set[str]:
    refs = getattr(body, "out_batches", None) or [getattr(body, "out_batch", None)]
    return {ref.batch for ref in refs if ref is not None}


def _named(body: Any) -> set[str]:
    return {ref.batch for ref in getattr(body, "batches", None) or []}
