"""Packing a micro-batch into the record that followers read. Pure: numbers and time come in as arguments."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from fieldline_schemas.canonical import digest as canonical_digest
from fieldline_schemas.canonical import identity_hash
from fieldline_schemas.record import HISTORICAL, SKEWED, UNREADABLE_YET, VERSION, Record
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

from .door import Door
from .reading import Read

AHEAD_US = 24 * 3600 * 1_000_000
"""What is said to have happened later than this after receipt counts as unknown."""


class Interned(NamedTuple):
    """Numbers of names. Every name in what is packed is in here; the empty one is 0."""

    batches: Mapping[str, int]
    sites: Mapping[str, int]
    parties: Mapping[str, int]


def pack(
    new: Sequence[Read],
    numbers: Interned,
    door: Door,
    *,
    block: int,
    received_at: int,
    variants: Mapping[int, int] | None = None,
    history: bool = False,
) -> Record:
    """The record of one entry. ``new``: what is stored, in order. ``received_at``: microseconds, for telling what lies
    ahead. ``variants``: by place, the number of the first event under the same sender and id."""
    batches, sites, parties = numbers
    flag = door.flags | (HISTORICAL if history else 0)
    sender = parties[door.sender]
    kinds, flags = bytearray(), bytearray()
    operators, places = array("i"), array("i")
    identities = array("Q")
    step_event, step_shape = array("H"), bytearray()
    at_lo, times = array("q"), array("q")
    in_start, in_batch, in_site = array("I", [0]), array("q"), array("i")
    out_start, out_batch, out_site = array("I", [0]), array("q"), array("i")
    details: list[tuple[int, bytes, bytes]] = []
    variants = variants or {}
    for index, read in enumerate(new):
        said = read.said
        kinds.append(said.code)
        operators.append(parties[said.operator])
        places.append(sites[said.site])
        identities.append(identity_hash(door.sender, said.id))
        at_lo.append(said.at.lo)
        if read.unreadable_yet:
            flags.append(flag | UNREADABLE_YET)
        else:
            flags.append(flag)
            for step in said.steps:
                step_event.append(index)
                step_shape.append(step.shape)
                times.extend(step.d)
                times.extend(step.f)
                for batch, site in step.ins:
                    in_batch.append(batches[batch])
                    in_site.append(sites[site])
                for batch, site in step.outs:
                    out_batch.append(batches[batch])
                    out_site.append(sites[site])
                in_start.append(len(in_batch))
                out_start.append(len(out_batch))
        if said.detail or read.unreadable_yet:
            details.append((index, canonical_digest(read.raw), read.raw))
    skewed, stood = _ahead(
        np.frombuffer(at_lo, np.int64),
        np.frombuffer(times, np.int64).reshape(-1, 4),
        np.frombuffer(step_event, np.uint16),
        received_at + AHEAD_US,
    )
    marked = np.frombuffer(flags, np.uint8) | np.where(skewed, SKEWED, 0).astype(np.uint8)
    return Record(
        version=VERSION,
        block=block,
        count=len(new),
        kinds=bytes(kinds),
        flags=marked.tobytes(),
        senders=np.full(len(new), sender, "<i4").tobytes(),
        operators=operators.tobytes(),
        sites=places.tobytes(),
        identities=identities.tobytes(),
        variant_of=[(index, first) for index, first in sorted(variants.items())],
        step_event=step_event.tobytes(),
        step_shape=bytes(step_shape),
        times=stood.tobytes(),
        in_start=in_start.tobytes(),
        in_batch=in_batch.tobytes(),
        in_site=in_site.tobytes(),
        out_start=out_start.tobytes(),
        out_batch=out_batch.tobytes(),
        out_site=out_site.tobytes(),
        details=details,
    )


def _ahead(
    at_lo: NDArray[np.int64], times: NDArray[np.int64], step_event: NDArray[np.uint16], latest: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which events lie ahead of ``latest``, and the times of all steps with what lies ahead taken for unknown.

    A begin that lies ahead makes its interval unknown. An end that lies ahead with no begin ("at or before") is not
    said either; one with a begin before ``latest`` (this month, this year) is ordinary.
    """
    skewed = at_lo > latest
    lo, hi = times[:, 0::2], times[:, 1::2]
    begins_ahead = lo > latest
    ends_ahead = (lo == NEVER) & (hi > latest) & (hi != FOREVER)
    if begins_ahead.any() or ends_ahead.any():
        times = times.copy()
        times[:, 0::2][begins_ahead] = NEVER
        times[:, 1::2][begins_ahead | ends_ahead] = FOREVER
        skewed = skewed.copy()
        skewed[step_event[(begins_ahead | ends_ahead).any(axis=1)]] = True
    return skewed, times
