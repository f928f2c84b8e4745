"""The index's memory: numpy columns that grow, and what each holds.

Nodes are holdings and step nodes; rows are the steps of events; entries are one side of a link each. Everything is
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

NO_FILLING: Final = FOREVER + 1
"""In ``first``: nothing filled it from a known source."""
NO_DRAW: Final = FOREVER + 2
"""In ``drawn`` and ``shipped``: nothing was."""

# Flags of an entry; its low three bits are the link's basis.
BASIS: Final = 7
BIRTH: Final = 8
TIMELESS: Final = 16
MOVE: Final = 32
RECEIPT: Final = 64
DEAD: Final = 128

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

# What is known of a batch.
KNOWN: Final = 1
POOL: Final = 2
GENERAL_POOL: Final = 4

NO_BIRTH: Final = -1
MANY_BIRTHS: Final = -2

# Places in ``counts``.
NODES, ROWS, ENDS, OUTS, INS, OUT_BASE, IN_BASE, BASED, GROUPS, INTERVALS = range(10)
# How a node is reached, in its word: by times only if they are not trusted; possibly, definitely; and both whenever.
UNTIMED, MAYBE, MAYBE_EVER, SURE, SURE_EVER = 1, 2, 4, 8, 16
THIS, NEXT = 32, 64
SLOT = 8
"""A word is the node's state and, from this bit on, its slot."""
GAPS = 4
"""A batch's byte: the level that its hub was led at, and this factor times the level that its gaps were."""
OF_ITSELF, OF_SOURCE = -2, -3
"""In place of a row that brought a node in: the unexplained draw at the node, or at what it was reached from."""

NODES_NOTED, BATCHES_NOTED, GROUPS_NOTED, PLACES = range(10, 14)

# What is noted of a node, batch or group that a change touches.
CHANGED: Final = 1
TO_DERIVE: Final = 2
POOL_CHANGED: Final = 4
"""The group's pool came or went, or was first drawn on, or is no more."""


class Nodes(NamedTuple):
    """Holdings and step nodes."""

    batch: I4
    """As said, before same_batch; -1 for a step node."""
    site: I4
    next: I4
    """The batch's next holding, -1 at the end."""
    group: I4
    next_in_group: I4
    ends: I4
    """How many ends of standing rows lie here; a holding with none is not there."""
    content: I8
    """Least hi of its dated fillings and receipts."""
    first: I8
    """Least lo of its dated fillings."""
    drawn: I8
    """Least hi of its draws."""
    shipped: I8
    """Least hi of its shipments."""
    filled_by: I4
    """Row of a dated filling, -1 without one."""
    flags: I1
    outs: I4
    """Head of the list of its newest outgoing entries."""
    ins: I4


class Batches(NamedTuple):
    """By batch number."""

    product: I4
    kind: I1
    root: I4
    """The batch that it counts as."""
    head: I4
    """Its first holding."""
    held: I4
    """How many of its holdings are there."""
    birth: I4
    """Row that made it; NO_BIRTH; MANY_BIRTHS."""
    unexplained: I4
    """Holdings flagged so, as the next two."""
    ships_unfilled: I4
    ships_unexplained: I4


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
    drawn: I4
    filled: I4
    start: I4
    inputs: I4
    ends: I4


class Sides(NamedTuple):
    """One side of all links, by node: packed up to the base, then lists of what came since."""

    start: I4
    """Of each node that is in the base, and the end of the last."""
    other: I4
    """The node at the other end; -1 for none; a step node s as -2 - s."""
    row: I4
    flags: I1
    owner: I4
    """Of what came since, the node it belongs to and the next of its list."""
    next: I4


class Times(NamedTuple):
    """Intervals, each once."""

    lo: I8
    hi: I8


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
    """What a trace works with: a word for each node and a byte for each batch, zero between traces; then by slot."""

    word: I8
    led: I1
    node: I4
    lo: I8
    hi: I8
    any: I8
    hops: I4
    row: I4
    source: I4
    state: I1
    queue: I4
    following: I4
    steps: I4
