"""The index's memory: numpy columns that grow, and what each holds.

Nodes are holdings and step nodes; rows are the steps of events; a link has two sides. Everything is
addressed by dense numbers from 0. See ``LineageIndex`` for how it works together.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from fieldline_schemas.times import FOREVER
from numpy.typing import NDArray

I1: TypeAlias = NDArray[np.uint8]
I4: TypeAlias = NDArray[np.int32]
I8: TypeAlias = NDArray[np.int64]
Records: TypeAlias = NDArray[np.void]

NO_FILLING: Final = FOREVER + 1
"""In ``first``: nothing filled it from a known source."""
NO_DRAW: Final = FOREVER + 2
"""In ``drawn`` and ``shipped``: nothing was."""

# Flags of a node.
MANY: Final = 1
"""More than one event filled it."""
TIMELESSLY: Final = 2
"""A timeless step filled it."""
RECEIVED: Final = 4
"""Receipts that name no source date it."""
UNEXPLAINED: Final = 8
"""It has a draw that no filling from a known source could have fed in time."""
SHIPS_UNFILLED: Final = 16
"""It ships, and nothing filled it."""
SHIPS_UNEXPLAINED: Final = 32
"""It has an unexplained shipment."""
LOT: Final = 64
GENERAL: Final = 128
"""Its batch is the general pool of its product."""
FILLED_LATER: Final = 512
"""Something else than what made its lot filled it: a move, a pool's filling."""
BESIDE_POOL: Final = 256
"""A general pool of its product came up at its site."""
ADDED_TO: Final = 1024
"""Something was added to it that did not fill it."""
PLAIN: Final = 2048
"""One event at most filled it, dated, and nothing but that is to be known of it: the filling surely reaches every draw,
so that a trace need read no times here."""

# What is known of a batch.
KNOWN: Final = 1
POOL: Final = 2
GENERAL_POOL: Final = 4

NO_BIRTH: Final = -1
MANY_BIRTHS: Final = -2

# Places in ``counts``.
NODES, ROWS, ENDS, OUTS, INS, OUT_BASE, IN_BASE, GROUPS, INTERVALS = range(9)
# How a node is reached, in its word: by times only if they are not trusted; possibly, definitely; and both whenever.
UNTIMED, MAYBE, MAYBE_EVER, SURE, SURE_EVER = 1, 2, 4, 8, 16
THIS, NEXT = 32, 64
BROUGHT, BROUGHT_SURELY = 128, 256
"""Forward: some of what reached it so, with times, filled it; else all was added to what was there."""
ADDED_EVER, ADDED_SURE_EVER = 128, 256
EVER = MAYBE_EVER | SURE_EVER | ADDED_EVER | ADDED_SURE_EVER
"""Backward: additions are in what was asked whenever, possibly and surely, as fillings by ``…_EVER``."""
SLOT = 9
"""A word is the node's state and, from this bit on, its slot."""
HUB_LEVEL, GAPS, GAP_LEVEL, LEADER = 3, 4, 12, 16
"""A batch's byte: the level that its hub was led at, GAPS times the level that its gaps were, and whether the gap that
led to the others is still to be led to by one of them."""
OF_ITSELF, OF_SOURCE = -2, -3
"""In place of a row that brought a node in: the unexplained draw at the node, or at what it was reached from."""

NODES_NOTED, BATCHES_NOTED, GROUPS_NOTED, PLACES = range(9, 13)

# What is noted of a node, batch or group that a change touches.
CHANGED: Final = 1
TO_DERIVE: Final = 2
POOL_CHANGED: Final = 4
"""The group's pool came or went, or was first drawn on, or is no more."""


NODE: Final = np.dtype(
    [
        ("word", "i8"),
        ("content", "i8"),
        ("first", "i8"),
        ("batch", "i4"),
        ("next", "i4"),
        ("ends", "i4"),
        ("flags", "i4"),
        ("outs", "i4"),
        ("ins", "i4"),
        ("out_start", "i4"),
        ("out_end", "i4"),
        ("in_start", "i4"),
        ("in_end", "i4"),
    ]
)
"""What a trace reads of a node, one cache line.

``word``: how a trace has reached it, zero between traces. ``content``: least hi of its dated fillings and receipts;
``first``: least lo of its dated fillings. ``batch``: as said, before same_batch; -1 for a step node. ``next``: the
batch's next holding, -1 at the end. ``ends``: how many ends of standing rows lie here; a holding with none is not
there. ``outs``, ``ins``: heads of the lists of its newest links; ``…_start``, ``…_end``: where its packed ones are.
"""


class Nodes(NamedTuple):
    """Holdings and step nodes."""

    hot: Records
    """NODE"""
    site: I4
    group: I4
    next_in_group: I4
    """The next lot of its group, -1 at the end."""
    drawn: I8
    """Least hi of its draws."""
    shipped: I8
    """Least hi of its shipments."""
    filled_by: I4
    """Row of a dated filling, -1 without one."""


BATCH: Final = np.dtype(
    [
        ("head", "i4"),
        ("held", "i4"),
        ("birth", "i4"),
        ("unexplained", "i4"),
        ("ships_unfilled", "i4"),
        ("ships_unexplained", "i4"),
        ("kind", "i4"),
        ("product", "i4"),
    ]
)
"""What a trace reads of a batch.

``head``: its first holding; ``held``: how many of its holdings are there; ``birth``: the row that made it, NO_BIRTH or
MANY_BIRTHS; then how many of its holdings are flagged so.
"""


class Batches(NamedTuple):
    """By batch number."""

    hot: Records
    """BATCH"""
    root: I4
    """The batch that it counts as."""


class Groups(NamedTuple):
    """A product at a site: its general pool, if it has one, and its lots there."""

    product: I4
    site: I4
    pool: I4
    head: I4
    unexplained: I4
    """How many of its lots have unexplained draws."""
    content: I8
    """Least content of its lots."""


class Rows(NamedTuple):
    """Steps: the event, what stands of it, its two intervals, and where its ends (inputs, then outputs) are."""

    event: I8
    basis: I1
    shape: I1
    start: I4
    inputs: I4
    when: I4
    """(rows, 2): numbers of the intervals drawn and filled."""
    ends: I4


class Sides(NamedTuple):
    """One side of all links, by node: packed up to the base, then lists of what came since."""

    link: I8
    """See ``links``: the node at the other end, the row, flags."""
    owner: I4
    """Of what came since, the node it belongs to and the next of its list."""
    next: I4


class Tables(NamedTuple):
    """Open addressing, linear probing: number + 1 of the pair, 0 where free. Sizes are powers of two."""

    node: I4
    group: I4
    interval: I4


class Notes(NamedTuple):
    """What a change touches: a mark for each node, batch and group, and lists of those that are marked."""

    node: I1
    batch: I1
    group: I1
    nodes: I4
    batches: I4
    groups: I4


class Scratch(NamedTuple):
    """What a trace works with: by batch a byte, zero between traces, and the gap that led; the rest by slot."""

    led: I1
    leader: I4
    node: I4
    lo: I8
    hi: I8
    any: I8
    more: I8
    hops: I4
    row: I4
    source: I4
    state: I1
    queue: I4
    following: I4
    steps: I4
