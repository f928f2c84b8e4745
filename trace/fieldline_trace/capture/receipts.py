"""What capture answers for each event that was handed in. Whoever has a receipt may forget the event."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from fieldline_schemas.faults import Fault


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """New, and durable: event ``number`` in the ledger entry at ``position``."""

    number: int
    position: int
    id: str


class Repeated(msgspec.Struct, frozen=True, gc=False):
    """The same id with the same content is there already, as event ``number``. Nothing changed."""

    number: int
    id: str


class Variant(msgspec.Struct, frozen=True, gc=False):
    """The id is known with other content. Both stand: this one is event ``number``, the first one ``first``."""

    number: int
    position: int
    id: str
    first: int


class Refused(msgspec.Struct, frozen=True):
    """Not readable, or not allowed: kept as rejected ``rejected_id``, with the fault."""

    rejected_id: int
    fault: Fault


Receipt: TypeAlias = Accepted | Repeated | Variant | Refused
