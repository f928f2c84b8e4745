"""What is stored of an event beside its bytes: the rows that are looked up by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from fieldline_schemas.record import MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.said import Said

from .pack import Interned

NAMED, IN, OUT, MOVED_OUT, MOVED_IN = range(5)
"""What an event says of a batch at a site: only its name, or that material was drawn or filled, in a step or a move."""
ROLES = {"in": IN, "out": OUT, "moved_out": MOVED_OUT, "moved_in": MOVED_IN}
_INS = {MOVED: MOVED_OUT}
_OUTS = {MADE: OUT, MOVED: MOVED_IN, RECEIVED: MOVED_IN}

Mention = tuple[int, int, int, int, Decimal | None, str | None]
"""Batch, event, site (0: not said), role, amount, unit."""


def mentions_of(said: Said, number: int, numbers: Interned) -> Iterator[Mention]:
    """Rows for one event: one for each quantity, for each holding of a step that has none, and for each batch that is
    only named."""
    batches, sites = numbers.batches, numbers.sites
    measured: set[tuple[str, str]] = set()
    told: set[str] = set()
    for batch, site, role, amount, unit in said.quantities:
        measured.add((batch, site))
        told.add(batch)
        yield batches[batch], number, sites[site], ROLES[role], Decimal(amount), unit
    for step in said.steps:
        shape = step.shape & SHAPE_MASK
        for holdings, role_of, otherwise in ((step.ins, _INS, IN), (step.outs, _OUTS, OUT)):
            for holding in holdings:
                batch, site = holding
                told.add(batch)
                if holding not in measured:
                    yield batches[batch], number, sites[site], role_of.get(shape, otherwise), None, None
    if len(told) < len(said.mentions):
        for batch in said.mentions:
            if batch not in told:
                yield batches[batch], number, sites[said.site], NAMED, None, None


def labels_of(saids: Iterable[Said], numbers: Interned) -> list[tuple[int, str]]:
    """(batch, lot number as printed) of all events, sorted, each once."""
    return sorted({(numbers.batches[batch], label) for said in saids for batch, label in said.labels})


def storable(text: str) -> str:
    """A text as PostgreSQL can hold it: NUL and lone surrogates, which it cannot, are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
