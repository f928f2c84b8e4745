"""Rows of a micro-batch as PostgreSQL's binary COPY reads them: events as they came, and what they say of batches.

Made here rather than by the driver, which takes twice as long and all of it on the thread that also reads events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from struct import Struct

from fieldline_schemas.record import ADDED, AGGREGATED, DISAGGREGATED, MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.said import Said

from .pack import Interned
from .reading import Read

NAMED, IN, OUT, MOVED_OUT, MOVED_IN = range(5)
"""What an event says of a batch at a site: only its name, or that material was drawn or filled, in a step or a move."""

EVENT_COLUMNS = ("number", "month", "door", "kind", "operator", "site", "id", "grid", "body")
IDENTITY_COLUMNS = ("sender", "id", "digest", "number")
MENTION_COLUMNS = ("batch", "event", "site", "role", "amount", "unit")

_ROLES = {"named": NAMED, "in": IN, "out": OUT, "moved_out": MOVED_OUT, "moved_in": MOVED_IN}
_INS = {MOVED: MOVED_OUT, AGGREGATED: NAMED, DISAGGREGATED: NAMED}
_OUTS = {
    MADE: OUT,
    MOVED: MOVED_IN,
    RECEIVED: MOVED_IN,
    ADDED: NAMED,
    AGGREGATED: NAMED,
    DISAGGREGATED: NAMED,
}

_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_NO_AMOUNT = _NULL + _NULL
_LENGTH = Struct(">i").pack
_EVENT = Struct(">hiqiiiiihiiiii").pack
_MENTION = Struct(">hiqiqiiih").pack
_IDENTITY = Struct(">hiii").pack
_DIGEST = _LENGTH(32)
_NUMBER = Struct(">iq").pack
_Y2K = date(2000, 1, 1)


def event_copy(new: Sequence[Read], first_number: int, month: date, doors: Sequence[int], numbers: Interned) -> bytes:
    """Rows of ``event``, in the order of ``EVENT_COLUMNS``. ``doors``: the number of the door of each."""
    sites, parties = numbers.sites, numbers.parties
    days = (month - _Y2K).days
    parts = [_BEGIN]
    for number, (read, door) in enumerate(zip(new, doors, strict=True), first_number):
        said = read.said
        name = said.id.encode()
        operator, site = parties[said.operator], sites[said.site]
        parts += (
            _EVENT(9, 8, number, 4, days, 4, door, 2, said.code, 4, operator, 4, site, len(name)),
            name,
            _text(said.grid) if said.grid else _NULL,
            _LENGTH(len(read.raw)),
            read.raw,
        )
    parts.append(_END)
    return b"".join(parts)


def identity_copy(firsts: Sequence[Read], numbers: Sequence[int], senders: Sequence[int]) -> bytes:
    """Rows of ``identity``, in the order of ``IDENTITY_COLUMNS``, sorted as its index is: neighbours together, and
    lanes never wait for each other in a circle."""
    parts = [_BEGIN]
    for name, sender, digest, number in sorted(
        (read.said.id.encode(), sender, read.digest, number)
        for read, sender, number in zip(firsts, senders, numbers, strict=True)
    ):
        parts += (_IDENTITY(4, 4, sender, len(name)), name, _DIGEST, digest, _NUMBER(8, number))
    parts.append(_END)
    return b"".join(parts)


def mention_copy(saids: Iterable[Said], first_number: int, numbers: Interned) -> bytes:
    """Rows of ``mention``, in the order of ``MENTION_COLUMNS``: one for each quantity, for each holding of a step that
    has none, and for each batch that is only named."""
    batches, sites = numbers.batches, numbers.sites
    parts = [_BEGIN]
    for number, said in enumerate(saids, first_number):
        for batch, site, role, amount, unit in mentions_of(said):
            parts.append(_MENTION(6, 8, batches[batch], 8, number, 4, sites[site], 2, role))
            parts.append(measure(amount, unit) if amount else _NO_AMOUNT)
    parts.append(_END)
    return b"".join(parts)


def mentions_of(said: Said) -> Iterator[tuple[str, str, int, str, str]]:
    """(batch, site, role, amount, unit): each quantity, then what has none, with amount and unit empty."""
    quantities = said.quantities
    for batch, site, role, amount, unit in quantities:
        yield batch, site, _ROLES[role], amount, unit
    flows = 0
    for step in said.steps:
        flows += len(step.ins) + len(step.outs)
    # Each holding of a step has one quantity or none, so equal counts mean that every holding is told.
    if flows != len(quantities) or len({quantity[0] for quantity in quantities}) < len(said.mentions):
        for batch, site, role_code in _untold(said):
            yield batch, site, role_code, "", ""


def _untold(said: Said) -> Iterator[tuple[str, str, int]]:
    """(batch, site, role) of holdings without a quantity, and of batches that are only named."""
    measured = {(batch, site, _ROLES[role]) for batch, site, role, *_ in said.quantities}
    told = {batch for batch, *_ in measured}
    for step in said.steps:
        shape = step.shape & SHAPE_MASK
        for holdings, role_of, otherwise in ((step.ins, _INS, IN), (step.outs, _OUTS, OUT)):
            role = role_of.get(shape, otherwise)
            for batch, site in holdings:
                if (batch, site, role) not in measured and (batch, site, NAMED) not in measured:
                    told.add(batch)
                    yield batch, site, role
    for batch in said.mentions:
        if batch not in told:
            yield batch, said.site, NAMED


@lru_cache(maxsize=65_536)
def measure(amount: str, unit: str) -> bytes:
    """The columns ``amount`` (numeric: groups of four digits, the place of the first one, sign, scale) and ``unit``."""
    sign, digits, exponent = Decimal(amount).as_tuple()
    assert isinstance(exponent, int)
    # Pad so that the decimal point lies between two groups.
    text = "".join(map(str, digits)) + "0" * (exponent % 4 if exponent < 0 else exponent)
    scale = max(0, -exponent)
    fraction = scale + (exponent % 4 if exponent < 0 else 0)
    text = text.zfill(-(-len(text) // 4) * 4)
    groups = [int(text[start : start + 4]) for start in range(0, len(text), 4)]
    weight = len(groups) - fraction // 4 - 1
    while groups and groups[0] == 0:
        del groups[0]
        weight -= 1
    while groups and groups[-1] == 0:
        del groups[-1]
    body = Struct(f">hhHh{len(groups)}h").pack(len(groups), weight, 0x4000 if sign else 0, scale, *groups)
    return _LENGTH(len(body)) + body + _text(unit)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _LENGTH(len(encoded)) + encoded


def labels_of(saids: Iterable[Said], numbers: Interned) -> list[tuple[int, str]]:
    """(batch, lot number as printed) of all events, sorted, each once."""
    return sorted({(numbers.batches[batch], label) for said in saids for batch, label in said.labels})


def storable(text: str) -> str:
    """A text as PostgreSQL can hold it: NUL and lone surrogates, which it cannot, are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
