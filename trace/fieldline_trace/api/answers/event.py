"""One event: what was said, by whom, where it stands in the ledger, what became of it and what it brought about.

``{"position", "id", "events": [{"id", "kind", "sender", "role", "channel", "mended_by", "operator", "site",
"grid_unit", "received", "position", "number", "leaf", "entry_hash", "previous_hash", "standing", "variant", "variants",
"corrected_by": [{"id", "kind", "by", "role", "because"}], "batches": [{"batch", "site", "as", "quantity", "unit"}],
"alerts": [{"alert", "rule", "standing"}], "scopes": [{"scope", "version"}], "said"}]}``.

All that stand under the id, whichever senders', variants too: ``variant`` of ``variants`` of the same sender. ``as`` is
``named``, ``in``, ``out``, ``moved_out`` or ``moved_in``. ``leaf``: SHA-256 of the event in the entry at ``position``,
whose ``entry_hash`` is of all leaves and of ``previous_hash``. ``alerts``: those that rest on it now; ``scopes``: the
versions that it brought about. ``said``: the event as it was received.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final

import msgspec
from fieldline_schemas.messages import Sentence
from fieldline_schemas.registry import kind_of
from fieldline_schemas.times import instant
from fieldline_schemas.whole import read_if_known, said_of
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.capture.rows import mentions_of
from fieldline_trace.errors import NotFound
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import StoredEvent, event_rows

MOST: Final = 100
"""Events under one id that are shown."""
AS: Final = ("named", "in", "out", "moved_out", "moved_in")
"""Roles of batches in events, by their number in ``mention``."""


class EventArguments(BaseModel):
    """Which event."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=512, description="Its id, as its sender said it or was answered.")
    sender: str | None = Field(default=None, max_length=512, description="Of this sender alone.")


async def event_show(desk: Desk, asked: EventArguments) -> dict[str, Any]:
    """What was said under an id."""
    rows = await desk.conn.fetch(Q["answer_events_of_id"], asked.id, asked.sender, desk.position, MOST)
    found = await event_rows(desk.conn, [row["number"] for row in rows])
    if not found:
        raise NotFound(Sentence("event_not_known", text=repr(asked.id)))
    entries = {
        row["number"]: row for row in await desk.conn.fetch(Q["answer_event_entries"], [one.number for one in found])
    }
    caused: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await desk.conn.fetch(Q["answer_versions_caused"], [one.number for one in found], desk.position):
        caused[row["cause"]].append({"scope": row["scope"], "version": row["version"]})
    numbers = {one.number for one in found}
    alerts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for alert in desk.world.alerts.values():
        for number in numbers.intersection(alert.evidence):
            alerts[number].append({"alert": alert.id, "rule": alert.rule, "standing": alert.standing})
    corrections = {one.number: desk.world.corrected_by(one.number) for one in found}
    acts = await desk.acts(number for by in corrections.values() for number in by)
    variants: Counter[str] = Counter(one.sender for one in found)
    at: Counter[str] = Counter()
    said = []
    for one in found:
        at[one.sender] += 1
        entry = entries[one.number]
        said.append(
            {
                "id": one.id,
                "kind": kind_of(one.kind),
                "sender": one.sender,
                "role": one.role,
                "channel": one.channel,
                "mended_by": one.mender or None,
                "operator": one.operator,
                "site": one.site,
                "grid_unit": one.grid or None,
                "received": instant(one.received_at),
                "position": one.position,
                "number": one.number,
                "leaf": entry["leaf"].hex(),
                "entry_hash": entry["hash"].hex(),
                "previous_hash": entry["prev"].hex(),
                "standing": desk.world.standing_of(one.number),
                "variant": at[one.sender],
                "variants": variants[one.sender],
                "corrected_by": [acts[number] for number in corrections[one.number] if number in acts],
                "batches": _batches(one),
                "alerts": alerts[one.number],
                "scopes": caused[one.number],
                "said": _decoded(one.body),
            }
        )
    return {"position": desk.position, "id": asked.id, "events": said}


def _batches(event: StoredEvent) -> list[dict[str, Any]]:
    """What it says of batches; nothing where this release cannot read it."""
    read = read_if_known(event.body)
    if read is None:
        return []
    return [
        {"batch": batch, "site": site or None, "as": AS[role], "quantity": amount or None, "unit": unit or None}
        for batch, site, role, amount, unit in mentions_of(said_of(read))
    ]


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return raw.decode(errors="replace")
