"""From what a person types to batches: any spelling of a key, a lot number as printed, or the lot of a key alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fieldline_schemas.batch_key import canonical_batch, is_item
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_schemas.sites import canonical_site

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.near import near
from fieldline_trace.api.answers.units import opened
from fieldline_trace.errors import NotFound
from fieldline_trace.store import Q
from fieldline_trace.store.ledger_read import batches_labelled, site_number

MOST_NAMED = 100_000
"""Batches that one lot number may mean."""
LOTS = 100_000
"""Lots of a product, or an operator, that one answer covers."""
SUGGESTIONS = 5
"""Near batches that an unknown one is answered with."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names: batches by number, and whether it was a key, a label (lot number as printed) or the lot of
    keys."""

    text: str
    by: Literal["key", "label", "lot"]
    batches: tuple[int, ...]


async def named(desk: Desk, text: str) -> Named:
    """The batches that ``text`` names; a label that several bear means all of them. ``NotFound`` suggests near ones."""
    label = unicodedata.normalize("NFC", text.strip())
    key = _key(text)
    if key is not None and (found := await _known(desk, [key])):
        return Named(text, "key", found)
    if key is not None and is_item(key) and (found := await desk.known(desk.world.content.items.known_as(key))):
        return Named(text, "key", found)  # said with its lot, asked for without, or the other way round
    if found := await _known(desk, await batches_labelled(desk.conn, label, MOST_NAMED)):
        return Named(text, "label", found)
    escaped = label.replace("%", "%25").replace("/", "%2F")
    rows = await desk.conn.fetch(Q["answer_batches_of_lot"], escaped, MOST_NAMED)
    if found := await _known(desk, [row["key"] for row in rows]):
        return Named(text, "lot", found)
    raise NotFound(Sentence("batch_not_known", text=repr(text)), await _near(desk, label))


async def site_named(desk: Desk, text: str) -> int:
    """The number of a site in any spelling; ``NotFound`` where no event named it."""
    try:
        number = await site_number(desk.conn, canonical_site(text))
    except Fault:
        number = None
    if number is None:
        raise NotFound(Sentence("site_not_known", text=repr(text)))
    return number


async def lots_under(desk: Desk, text: str) -> tuple[int, ...]:
    """The lots of a product (``OPERATOR/PRODUCT``), or all that an operator issued; ``LOTS`` at most, in order of their
    keys."""
    start = f"{text.strip().rstrip('/')}/"
    rows = await desk.conn.fetch(Q["answer_batches_of_product"], start, start[:-1] + "0", LOTS)
    return await desk.known(row["number"] for row in rows)


async def seeds_of(desk: Desk, texts: Sequence[str], site: str | None = None) -> list[tuple[int, int | None]]:
    """The batches of all ``texts``, of units what they hold, each once, wherever they are or at one site: ``(batch,
    site or None)``."""
    at = None if site is None else await site_named(desk, site)
    found: dict[int, None] = {}
    for text in texts:
        found.update(dict.fromkeys(await opened(desk, (await named(desk, text)).batches)))
    return [(batch, at) for batch in found]


async def _known(desk: Desk, keys: Sequence[str]) -> tuple[int, ...]:
    """Numbers of the batches with these keys, as far as ``desk`` knows them."""
    rows = await desk.conn.fetch(Q["keys_batch"], keys) if keys else []
    return await desk.known(row["number"] for row in rows)


async def _near(desk: Desk, label: str) -> tuple[str, ...]:
    """Keys and lot numbers that come close, of those only that the asker may know of."""
    if desk.limits is None:
        return tuple(await near(desk.conn, label, SUGGESTIONS))
    found: list[str] = []
    for name in await near(desk.conn, label, 10 * SUGGESTIONS):
        if await _known(desk, [name]) or await _known(desk, await batches_labelled(desk.conn, name, MOST_NAMED)):
            found.append(name)
    return tuple(found[:SUGGESTIONS])


def _key(text: str) -> str | None:
    try:
        return canonical_batch(text)
    except Fault:
        return None
