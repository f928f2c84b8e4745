"""What capture answers for each event that was handed in. Whoever has a receipt may forget the event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from fieldline_schemas.faults import Fault


@dataclass(frozen=True, slots=True)
class Accepted:
    """New, and durable: event ``number`` in the ledger entry at ``position``."""

    number: int
    position: int
    id: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same id with the same content is there already, as event ``number``. Nothing changed."""

    number: int
    id: str


@dataclass(frozen=True, slots=True)
class Variant:
    """The id is known with other content. Both stand: this one is event ``number``, the first one ``first``."""

    number: int
    position: int
    id: str
    first: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Not readable, or not allowed: kept as rejected ``rejected_id``, with the fault."""

    rejected_id: int
    fault: Fault


Receipt: TypeAlias = Accepted | Repeated | Variant | Refused
