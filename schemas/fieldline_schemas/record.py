"""The record: what followers need of one ledger entry, packed in columns.

Capture writes one record an entry, in the entry's own transaction; every follower reads it. It is a wire contract
with a version: changes are additive (new columns at the end) or a new version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

VERSION: Final = 1

MADE: Final = 0
"""Outputs were made of inputs at one site; without inputs, a birth from nothing recorded."""
MOVED: Final = 1
"""The same batch went from one site to another: custody is lineage."""
RECEIVED: Final = 2
"""A batch came to a site from a source that is not named: it dates, it explains nothing."""
DRAWN: Final = 3
"""Something was taken of a batch at a site and goes no further: a sample, a serving, a shipment to nowhere named."""
ADDED: Final = 4
"""Material of the inputs reached holdings that were there, at one site, without making or moving them: what is applied
to a field, what a contaminated line gives."""
AGGREGATED: Final = 5
"""Inputs (batches, items or units) were packed into the unit that the only output names. Nothing flows."""
DISAGGREGATED: Final = 6
"""Outputs were taken out of the unit that the only input names; no outputs: all that was in it."""
SHAPE_MASK: Final = 0x0F
TIMELESS: Final = 0x10
"""The order of dates says nothing about this step: it never excludes and counts as no filling in time."""
UNITS: Final = 0x20
"""The step names a unit (a pallet, a case) at one of its ends: what flows is what the unit held, which followers work
out."""

HISTORICAL: Final = 1
"""Imported as history: alerts are historical, nothing is notified, drafted or given a deadline."""
SKEWED: Final = 2
"""Said to have happened more than 24 h ahead of receipt: its times count as unknown."""
AUTHORITY: Final = 4
"""The sender's role was regulator, emergency or administrator."""
UNREADABLE_YET: Final = 8
"""Of a version that this release cannot read: kept, and judged after the upgrade."""
EMERGENCY: Final = 16
"""The sender's role was emergency: only that role lets members of a scope go."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Numpy views on a record's columns, no copies. Shapes: n events, s steps, i inputs, o outputs."""

    kinds: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    senders: NDArray[np.int32]
    operators: NDArray[np.int32]
    sites: NDArray[np.int32]
    identities: NDArray[np.uint64]
    step_event: NDArray[np.uint16]
    step_shape: NDArray[np.uint8]
    times: NDArray[np.int64]
    """Shape (s, 4): drawn lo, drawn hi, filled lo, filled hi; microseconds since 1970 UTC."""
    in_start: NDArray[np.uint32]
    in_batch: NDArray[np.int64]
    in_site: NDArray[np.int32]
    out_start: NDArray[np.uint32]
    out_batch: NDArray[np.int64]
    out_site: NDArray[np.int32]
    locations: NDArray[np.int32]
    """Shape (n,): the place within the site, by the number of ``SITE;LOCATION`` among sites; 0: not said."""
    others: NDArray[np.int32]
    """Shape (n,): the operator at the other end of a move; 0: not said."""
    planned_event: NDArray[np.uint16]
    planned: NDArray[np.int64]
    """Shape (p, 2): when what event ``planned_event`` sent should arrive, lo and hi."""
    expiry_event: NDArray[np.uint16]
    expiry_batch: NDArray[np.int64]
    expiry: NDArray[np.int64]
    """Shape (x, 2): the shelf life that event ``expiry_event`` says of a batch ends then, lo and hi."""


class Record(msgspec.Struct, array_like=True):
    """One ledger entry for followers. Event number = ``block << 16 | index``; little-endian columns."""

    version: int
    block: int
    count: int
    kinds: bytes
    flags: bytes
    senders: bytes
    operators: bytes
    sites: bytes
    identities: bytes
    variant_of: list[tuple[int, int]]
    """(index, number of the first event with the same sender and id), for later variants only."""
    step_event: bytes
    step_shape: bytes
    times: bytes
    in_start: bytes
    in_batch: bytes
    in_site: bytes
    out_start: bytes
    out_batch: bytes
    out_site: bytes
    details: list[tuple[int, bytes, bytes]]
    """(index, digest of the canonical content, raw event) of the events that followers read whole."""
    locations: bytes = b""
    others: bytes = b""
    """Of these two, no bytes: 0 for all."""
    planned_event: bytes = b""
    planned: bytes = b""
    expiry_event: bytes = b""
    expiry_batch: bytes = b""
    expiry: bytes = b""
    processes: list[tuple[int, str]] = []
    """(index, id of the process) of events that are parts of one transformation: what went into any of them may be in
    what came out of any other. Ids are equal iff the process is the same."""
    weighed: list[tuple[int, str, str, str]] | None = None
    """(index, ``mass`` or ``volume``, put in, made) of events that made more than was put in, and of parts of
    processes: kilograms or litres as decimal texts, all three empty where not all of a part is said. None: written by
    a release that weighed nothing."""

    def pack(self) -> bytes:
        """The record as msgpack."""
        return _encode(self)

    @staticmethod
    def unpack(body: bytes) -> Record:
        """The record that ``body`` holds; ``msgspec.ValidationError`` where it is none."""
        return _decode(body)

    def columns(self) -> Columns:
        """Typed views on the packed columns."""
        return Columns(
            kinds=np.frombuffer(self.kinds, np.uint8),
            flags=np.frombuffer(self.flags, np.uint8),
            senders=np.frombuffer(self.senders, "<i4"),
            operators=np.frombuffer(self.operators, "<i4"),
            sites=np.frombuffer(self.sites, "<i4"),
            identities=np.frombuffer(self.identities, "<u8"),
            step_event=np.frombuffer(self.step_event, "<u2"),
            step_shape=np.frombuffer(self.step_shape, np.uint8),
            times=np.frombuffer(self.times, "<i8").reshape(-1, 4),
            in_start=np.frombuffer(self.in_start, "<u4"),
            in_batch=np.frombuffer(self.in_batch, "<i8"),
            in_site=np.frombuffer(self.in_site, "<i4"),
            out_start=np.frombuffer(self.out_start, "<u4"),
            out_batch=np.frombuffer(self.out_batch, "<i8"),
            out_site=np.frombuffer(self.out_site, "<i4"),
            locations=self._said(self.locations),
            others=self._said(self.others),
            planned_event=np.frombuffer(self.planned_event, "<u2"),
            planned=np.frombuffer(self.planned, "<i8").reshape(-1, 2),
            expiry_event=np.frombuffer(self.expiry_event, "<u2"),
            expiry_batch=np.frombuffer(self.expiry_batch, "<i8"),
            expiry=np.frombuffer(self.expiry, "<i8").reshape(-1, 2),
        )

    def _said(self, column: bytes) -> NDArray[np.int32]:
        return np.frombuffer(column, "<i4") if column else np.zeros(self.count, np.int32)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Record).decode
