"""What truly came of one contaminated lot of a network: followed by true times, in the order in which it happened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from fieldline_schemas.record import MADE
from numpy.typing import NDArray

from fieldline_trace.generate.network import Network

Numbers = NDArray[np.int64]


class Truth(NamedTuple):
    """One planted contamination."""

    batch: int
    """The contaminated lot; it was so from the beginning."""
    reached: Numbers
    """(n, 2): batch and site of every holding that some of it truly came into, the lot's own among them."""


def truth(drawn: Network, batch: int | None = None) -> Truth:
    """Follow a lot, by default the one of the first farm that is moved and used most.

    A draw takes of all that was in the holding by then; what came in stays in.
    """
    steps = drawn.steps
    if batch is None:
        lots = np.unique(steps.out_batch[steps.out_site == 0])
        lots = lots[~drawn.pool[lots]]
        batch = int(lots[np.bincount(steps.in_batch, minlength=len(drawn.product))[lots].argmax()])
    places = 1 + max(int(steps.in_site.max()), int(steps.out_site.max()))
    keys = np.concatenate((steps.in_batch * places + steps.in_site, steps.out_batch * places + steps.out_site))
    known, number = np.unique(keys, return_inverse=True)
    source, target = number[: len(steps.in_batch)].tolist(), number[len(steps.in_batch) :].tolist()
    count = len(steps.event)
    made = (steps.shape == MADE).tolist()
    bad = bytearray(len(known))
    carried = bytearray(count)
    in_start, out_start = steps.in_start.tolist(), steps.out_start.tolist()
    out_batch = steps.out_batch.tolist()
    # Each step is met when goods are taken and when they come; at one time, what comes is there before what is taken,
    # and what is made of it comes right after.
    when = np.concatenate((drawn.true[:, 0], drawn.true[:, 1]))
    rank = np.concatenate((np.ones(count, np.int64), steps.shape == MADE))
    for at in np.lexsort((np.tile(np.arange(count), 2), rank, when)).tolist():
        step, coming = at % count, at >= count
        if not coming:
            carried[step] = any(bad[source[i]] for i in range(in_start[step], in_start[step + 1]))
        else:
            for i in range(out_start[step], out_start[step + 1]):
                if carried[step] or (made[step] and out_batch[i] == batch):
                    bad[target[i]] = 1
    reached = known[np.frombuffer(bad, np.uint8) > 0]
    return Truth(batch, np.stack((reached // places, reached % places), axis=1))
