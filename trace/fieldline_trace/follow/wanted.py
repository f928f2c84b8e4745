"""What applying one entry will ask of names and of what is stored, found out before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from fieldline_schemas.kinds.corrected import Corrected
from fieldline_schemas.record import Columns, Record
from numpy.typing import NDArray

from fieldline_trace.follow.details import Detail, batches_named, correction_of, sites_named
from fieldline_trace.follow.names import Names, Needs
from fieldline_trace.follow.rows import EventRows


def needs_of(
    record: Record, columns: Columns, details: Sequence[Detail], rows: EventRows, watched: NDArray[np.intp]
) -> Needs:
    """``watched``: indexes of the events whose standing depends on others."""
    needs = Needs(
        np.unique(np.concatenate([columns.in_batch, columns.out_batch])),
        np.unique(np.concatenate([columns.sites, columns.in_site, columns.out_site]).astype(np.int64)),
        np.unique(np.concatenate([columns.senders, columns.operators]).astype(np.int64)),
    )
    for detail in details:
        if detail.event is None:
            continue
        needs.batch_keys.update(batches_named(detail.event))
        needs.site_keys.update(sites_named(detail.event))
    for index, first in record.variant_of:
        needs.events.update((first, record.block << 16 | index))
        needs.events.update(rows.find(int(columns.identities[index])))
    for index in watched.tolist():
        needs.events.add(record.block << 16 | index)
    return needs


def targets_of(block: int, columns: Columns, details: Sequence[Detail], rows: EventRows, names: Names) -> set[int]:
    """Numbers of the events that the entry's corrections name."""
    wanted: set[int] = set()
    for detail in details:
        if isinstance(detail.event, Corrected):
            sender = names.party_key(int(columns.senders[detail.index]))
            said = correction_of(detail.event, 0, sender)
            own = int(columns.identities[detail.index])
            for identity in {said.target, own, *(one for either in said.replacements for one in either)}:
                wanted.update(rows.find(identity))
                wanted.update(block << 16 | int(at) for at in np.flatnonzero(columns.identities == np.uint64(identity)))
    return wanted
