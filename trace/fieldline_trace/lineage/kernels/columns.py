"""The index's memory: numpy columns that grow, and what each holds.

Nodes are holdings and step nodes; rows are the steps of events; a link has two sides. Everything is
addressed by dense numbers from 0. See ``LineageIndex`` for how it works together.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from fieldline_schemas.times import FOREVER
from numpy.typing import NDArray

from fieldline_trace.lineage.kernels.links import MOST_ROWS

I1: TypeAlias = NDArray[np.uint8]
I4: TypeAlias = NDArray[np.int32]
I8: TypeAlias = NDArray[np.int64]
Records: TypeAlias = NDArray[np.void]

NO_FILLING: Final = FOREVER + 1
"""Begin of the interval in ``first``: nothing filled it from a known source."""
NO_DRAW: Final = FOREVER + 2
"""End of the interval in ``drawn`` and ``shipped``: nothing was."""
UNFILLED: Final = 0
"""Number of the interval (``NO_FILLING``, ``FOREVER``): what ``content`` and ``first`` are as long as nothing is
known, and when what has no time was drawn."""
UNDRAWN: Final = 1
"""Number of the interval that begins and ends with ``NO_DRAW``."""
SPECIAL: Final = 2
"""So many intervals are there from the beginning."""

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
BORN_HERE: Final = 1 << 12
"""Its lot was made here, or some of it."""
BORN_ONCE: Final = 1 << 13
"""One event made its lot."""
BORN_OFTEN: Final = 1 << 14
"""Several events made its lot."""
LOT_GAPS: Final = 1 << 15
"""A holding of its lot has unexplained draws."""
MORE_OUTS: Final = 1 << 16
MORE_INS: Final = 1 << 17
"""It has links since the last packing."""
NOTED: Final = 1 << 18
"""A change that is not told yet touches it."""
REDERIVED: Final = 1 << 19
"""What is derived of it is to be derived anew."""
FEW_OUTS: Final = 20
FEW_INS: Final = 26
"""From these bits on, six each: how many packed links it has, up to ``MANY_LINKS``."""
FAR: Final = 16
NEAR_BY: Final = 8
"""So many links ahead of what is read, memory that they lead to is fetched, and what that leads to."""
MANY_LINKS: Final = 63
"""So many or more: they end where those of the next node begin."""

# What is known of a batch.
KNOWN: Final = 1
POOL: Final = 2
GENERAL_POOL: Final = 4
GROUPED: Final = 8
"""Lots and general pools of its product stand in groups: the product has a general pool somewhere."""

NO_BIRTH: Final = -1
MANY_BIRTHS: Final = -2

NEAR: Final = 4
"""So many holdings of a batch, the oldest, are found along its ring."""

# Places in ``counts``.
NODES, ROWS, ENDS, OUTS, INS, OUT_BASE, IN_BASE, GROUPS, INTERVALS = range(9)
# How a trace has reached a node, in its word: only if times are not trusted; possibly, definitely; both whenever.
UNTIMED, MAYBE, MAYBE_EVER, SURE, SURE_EVER = 1, 2, 4, 8, 16
QUEUED = 32
BROUGHT, BROUGHT_SURELY = 64, 128
"""Forward: some of what reached it so, with times, filled it; else all was added to what was there."""
ADDED_EVER, ADDED_SURE_EVER = 64, 128
"""Backward: additions are in what was asked whenever, possibly and surely, as fillings by ``…_EVER``."""
EVER = MAYBE_EVER | SURE_EVER | ADDED_EVER | ADDED_SURE_EVER
STATE = 255
HUB, GAPS = 8, 10
"""At a lot's hub (the holding where it was made, or its first), from these bits on, two each: the level that the hub
was led at, and the level that the lot's gaps were."""
LEADER = 1 << 12
"""At a hub: the gap that led to the others is still to be led to by one of them."""
HUBS = (3 << HUB) | (3 << GAPS) | LEADER
SLOT = 16
"""From this bit on, the node's slot, and one."""
NO_ROW, OF_ITSELF, OF_SOURCE = MOST_ROWS - 1, MOST_ROWS - 2, MOST_ROWS - 3
"""In place of a row that brought a node in: none; the unexplained draw at the node, or at what it was reached from."""

NODES_NOTED, BATCHES_NOTED, GROUPS_NOTED, TABLED, PLACES = range(9, 14)

# What is noted of a batch or group that a change touches.
CHANGED: Final = 1
TO_DERIVE: Final = 2
POOL_CHANGED: Final = 4
"""The group's pool came or went, or was first drawn on, or is no more."""


NODE: Final = np.dtype(
    [
        ("word", "i8"),
        ("content", "i4"),
        ("first", "i4"),
        ("drawn", "i4"),
        ("shipped", "i4"),
        ("batch", "i4"),
        ("site", "i4"),
        ("next", "i4"),
        ("born", "i4"),
        ("ends", "i4"),
        ("flags", "i4"),
        ("out_start", "i4"),
        ("in_start", "i4"),
        ("outs", "i4"),
        ("ins", "i4"),
    ]
)
"""All that is kept of a node but for its group: one cache line, so that what reads or changes it waits for memory once.

``word``: how a trace has reached it, zero between traces. Numbers of intervals: ``content`` ends first of its dated
fillings and receipts, ``first`` begins first of its dated fillings, ``drawn`` and ``shipped`` end first of its draws
and shipments. ``batch``: as said, before same_batch; -1 for a step node. ``next``: the
batch's next holding, round and round. ``born``: where its lot was made, -1 if nowhere that is known, -2 if in several
places. ``ends``: how many ends of standing rows lie here; a holding with none is not there. ``…_start``: where its
packed links begin, in the order of nodes (``FEW_OUTS``, ``FEW_INS``: how many); ``outs``, ``ins``: heads of the lists
of its newest links, -1 without.
"""


class Nodes(NamedTuple):
    """Holdings and step nodes."""

    hot: Records
    """NODE, and one more than there are: where the links of the last end."""
    group: I4
    next_in_group: I4
    """The next lot of its group, -1 at the end. Of these two there are none until a product has a general pool."""


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

``head``: its newest holding; ``held``: how many of its holdings are there; ``birth``: the row that made it, NO_BIRTH or
MANY_BIRTHS; then how many of its holdings are flagged so.
"""


class Batches(NamedTuple):
    """By batch number."""

    hot: Records
    """BATCH"""
    root: I4
    """The batch that it counts as."""
    same_product: I4
    """The next of its product that may stand in a group, and one."""


class Products(NamedTuple):
    """By product number."""

    newest: I4
    """The newest batch of it that may stand in a group, and one."""
    grouped: I1
    """Whether it has a general pool somewhere."""


class Groups(NamedTuple):
    """A product at a site, of those that have a general pool somewhere: the pool, if it is here, and its lots here."""

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
    """Holdings beyond the first ``NEAR`` of their batch; those are found along the batch's ring."""
    group: I4
    moment: I4
    span: I4
    """Not probed: instants and longer intervals that were named lately. One that is not found here is numbered anew."""


class Notes(NamedTuple):
    """What a change touches: a mark for each batch and group, lists of these and of nodes, whose marks are flags."""

    batch: I1
    group: I1
    nodes: I4
    batches: I4
    groups: I4


class Scratch(NamedTuple):
    """What a trace works with; nothing of it is kept."""

    how: I4
    """(slots, 4): the node, in how many links, by what row, and from where it was reached."""
    basis: I1
    """By slot, like the others but for lists: the weakest basis on the chain that ``how`` tells of."""
    lo: I8
    hi: I8
    any: I8
    more: I8
    queue: I4
    following: I4
    hubs: I4
    leader: I4
    """By node that is a hub."""
    link: I8
    """What the nodes of a layer say: the link, from where, and how surely; of custom links also the times."""
    source: I4
    level: I1
    said_lo: I8
    said_hi: I8
    said_brought: I1
