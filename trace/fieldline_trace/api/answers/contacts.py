"""Contact chains of a site: whoever could have passed something on to it, or had it from it, by moves in a window.

``{"position", "site", "since", "until", "product", "moves", "in_degree", "out_degree", "ingoing", "outgoing"}``; a
contact is ``{"site", "operator", "distance", "time"}``: how many moves away, and the latest time at which it still
mattered (ingoing) or the earliest at which it was reached (outgoing). The definitions are those of veterinary contact
tracing; see ``lineage.contacts``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from fieldline_schemas.batch_key import product_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.naming import site_named
from fieldline_trace.api.answers.windowed import time_asked
from fieldline_trace.errors import Rejected
from fieldline_trace.lineage.contacts import Contact, Direction, Moves, contact_chain, degree
from fieldline_trace.lineage.moves import moves_of
from fieldline_trace.store.ledger_read import batch_keys

UTC = "+00:00"
"""Zone of days that name none, here and in what is imported."""
DAY_US = 24 * 3600 * 1_000_000


class ContactsArguments(BaseModel):
    """Whose contacts, and in which window."""

    model_config = ConfigDict(extra="forbid")

    site: str = Field(description="The site, in any spelling.")
    until: str | None = Field(default=None, description="Last day or instant of the window; else the last receipt.")
    days: int = Field(default=90, ge=1, le=36_500, description="Length of the window, where `since` is not said.")
    since: str | None = Field(default=None, description="First day or instant of the window.")
    product: str | None = Field(default=None, description="Moves of this product alone, as `ISSUER/PRODUCT` or a GTIN.")


async def contacts(desk: Desk, asked: ContactsArguments) -> dict[str, Any]:
    """The chains of ``site``, both ways. Events that are withdrawn are not moves; moves inside units are their
    content's."""
    root = await site_named(desk, asked.site)
    until = desk.world.received_at if asked.until is None else time_asked("until", asked.until, UTC).hi
    since = until - asked.days * DAY_US + 1 if asked.since is None else time_asked("since", asked.since, UTC).lo
    if since > until:
        raise Rejected(Fault.by("window_order", "until", asked.until or ""))
    moves = await _moves(desk, asked.product, since, until)
    chains: dict[Direction, list[Contact]] = {
        direction: contact_chain(moves, root, since, until, direction) for direction in ("ingoing", "outgoing")
    }
    return {
        "position": desk.position,
        "site": desk.names.site_key(root),
        "since": instant(since),
        "until": instant(until),
        "product": asked.product,
        "moves": len(moves),
        "in_degree": degree(moves, root, since, until, "ingoing"),
        "out_degree": degree(moves, root, since, until, "outgoing"),
        **{direction: [_said(desk, contact) for contact in chain] for direction, chain in chains.items()},
    }


def _said(desk: Desk, contact: Contact) -> dict[str, Any]:
    operator = desk.world.operator_of(contact.site)
    return {
        "site": desk.names.site_key(contact.site),
        "operator": desk.names.party_key(operator) if operator else None,
        "distance": contact.distance,
        "time": instant(contact.time),
    }


async def _moves(desk: Desk, product: str | None, since: int, until: int) -> Moves:
    """All moves from site to site that stand at the desk's position and may lie in the window, read of the index."""
    batches, moves = moves_of(desk.world.index, since, until)
    if product is None:
        return moves
    keys = await batch_keys(desk.conn, np.unique(batches).tolist())
    wanted = [number for number, key in keys.items() if product_of(key) in (product, f"{product}/10")]
    return moves.select(np.isin(batches, wanted))
