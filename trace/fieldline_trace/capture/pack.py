"""Packing a micro-batch into the record that followers read. Pure: numbers and time come in as arguments."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

import numpy as np
from fieldline_schemas.record import HISTORICAL, SKEWED, UNREADABLE_YET, VERSION, Record
from fieldline_schemas.said import Said, Step
from fieldline_schemas.sites import location_key
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

from .reading import Read, of_ways
from .weighing import weighed

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
    *,
    block: int,
    received_at: int,
    variants: Mapping[int, int] | None = None,
) -> Record:
    """The record of one entry. ``new``: what is stored, in order. ``received_at``: microseconds, for telling what lies
    ahead. ``variants``: by place, the number of the first event under the same sender and id."""
    batches, sites, parties = numbers
    saids = [read.said for read in new]
    step_event = array("H", [index for index, said in enumerate(saids) for _ in said.steps])
    steps: list[Step] = [step for said in saids for step in said.steps]
    times = array("q", chain.from_iterable([step.d + step.f for step in steps]))
    ins = [holding for step in steps for holding in step.ins]
    outs = [holding for step in steps for holding in step.outs]
    skewed, stood = _ahead(
        np.array([said.at.lo for said in saids], np.int64),
        np.frombuffer(times, np.int64).reshape(-1, 4),
        np.frombuffer(step_event, np.uint16),
        received_at + AHEAD_US,
    )
    ways = of_ways(new, lambda through: through.door.flags | (HISTORICAL if through.history else 0))
    flags = np.where(skewed, SKEWED, 0).astype(np.uint8) | np.array(ways, np.uint8)
    flags[[index for index, read in enumerate(new) if read.unreadable_yet]] |= UNREADABLE_YET
    return Record(
        version=VERSION,
        block=block,
        count=len(new),
        kinds=bytes([said.code for said in saids]),
        flags=flags.tobytes(),
        senders=_packed("i", of_ways(new, lambda through: parties[through.door.sender])),
        operators=_packed("i", [parties[said.operator] for said in saids]),
        sites=_packed("i", [sites[said.site] for said in saids]),
        identities=_identities(new),
        variant_of=sorted((variants or {}).items()),
        step_event=step_event.tobytes(),
        step_shape=bytes([step.shape for step in steps]),
        times=stood.tobytes(),
        in_start=_starts([len(step.ins) for step in steps]),
        in_batch=_packed("q", [batches[batch] for batch, _ in ins]),
        in_site=_packed("i", [sites[site] for _, site in ins]),
        out_start=_starts([len(step.outs) for step in steps]),
        out_batch=_packed("q", [batches[batch] for batch, _ in outs]),
        out_site=_packed("i", [sites[site] for _, site in outs]),
        details=[(index, read.content, read.raw) for index, read in enumerate(new) if read.content is not None],
        locations=_if_any([sites[place_of(said)] for said in saids]),
        others=_if_any([parties[said.other] for said in saids]),
        processes=[(index, said.process) for index, said in enumerate(saids) if said.process],
        weighed=weighed(saids),
        **_planned(saids),
        **_expiries(saids, batches),
    )


def place_of(said: Said) -> str:
    """The name, among sites, of the place within its site that an event names; empty where it names none."""
    return location_key(said.site, said.location) if said.location else ""


def _if_any(numbers: list[int]) -> bytes:
    return _packed("i", numbers) if any(numbers) else b""


def _planned(saids: Sequence[Said]) -> dict[str, bytes]:
    planned = [(index, *said.planned) for index, said in enumerate(saids) if said.planned is not None]
    return {
        "planned_event": array("H", [index for index, _, _ in planned]).tobytes(),
        "planned": array("q", [end for _, *ends in planned for end in ends]).tobytes(),
    }


def _expiries(saids: Sequence[Said], batches: Mapping[str, int]) -> dict[str, bytes]:
    ends = [(index, batches[batch], *end) for index, said in enumerate(saids) for batch, end in said.expires]
    return {
        "expiry_event": array("H", [index for index, *_ in ends]).tobytes(),
        "expiry_batch": array("q", [batch for _, batch, *_ in ends]).tobytes(),
        "expiry": array("q", [time for _, _, *times in ends for time in times]).tobytes(),
    }


def _packed(sort: str, values: list[int]) -> bytes:
    return array(sort, values).tobytes()


def _starts(lengths: list[int]) -> bytes:
    starts = np.zeros(len(lengths) + 1, "<u4")
    np.cumsum(np.array(lengths, np.uint32), out=starts[1:])
    return starts.tobytes()


def _identities(new: Sequence[Read]) -> bytes:
    """``identity_hash`` of each, packed: the digest's eight bytes are the number's, little-endian."""
    begun = of_ways(new, lambda through: blake2b(through.door.sender.encode() + b"\0", digest_size=8))
    hashes = []
    for begin, read in zip(begun, new, strict=True):
        hashed = begin.copy()
        hashed.update(read.said.id.encode())
        hashes.append(hashed.digest())
    return b"".join(hashes)


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
        skewed[step_event[(begins_ahead | ends_ahead).any(axis=1)]] = True
    return skewed, times
