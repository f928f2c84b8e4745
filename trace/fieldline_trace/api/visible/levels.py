"""How much of a holding a caller may know: the words that the rest of this package is written in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fieldline_schemas.batch_spellings import parts_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.identifiers import company_prefix_length

from fieldline_trace.api.caller import ANY_OPERATOR, Caller

Place = tuple[int, int]
"""A holding as answers show it: number of the batch that it counts as, number of the site (0: not said)."""

HIDDEN: Final = 0
NEAR: Final = 1
"""One recorded move away from what is the caller's: who has it, and no more."""
STATED: Final = 2
"""The caller itself, or who spoke for it, said that the batch is there."""
INSIDE: Final = 3
"""At a site of the caller's own, or in its jurisdiction."""


def mine(caller: Caller) -> frozenset[str]:
    """Keys of parties whose events and holdings are the caller's own."""
    return frozenset((caller.sender, *caller.operators)) - {ANY_OPERATOR, ""}


def issuer_of(key: str) -> str:
    """Whose lot it is by its key; empty where that names nobody: a GTIN's, a unit's, an item's."""
    try:
        return parts_of(key).issuer
    except Fault:
        return ""


def issued_by(key: str, parties: Iterable[str]) -> bool:
    """Whether one of ``parties`` issued the batch: its key begins with theirs, or the GTIN's company prefix is that of
    their GLN."""
    try:
        parts = parts_of(key)
    except Fault:  # a unit, an item: nobody's lot
        return False
    if not parts.gtin:
        return parts.issuer in parties
    length = company_prefix_length(parts.gtin)
    prefix = "417/" + parts.gtin[1 : 1 + length]
    return length > 0 and any(party.startswith(prefix) for party in parties)
