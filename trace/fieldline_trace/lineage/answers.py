"""What the index is asked and what it answers, in columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from fieldline_schemas.record import Columns
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Bytes = NDArray[np.uint8]


class StepColumns(NamedTuple):
    """Steps for the index: ``s`` of them, with ``i`` inputs and ``o`` outputs in all. Columns as in a record."""

    event: Numbers
    """Number of the event; steps with the same number are one event's."""
    shape: Bytes
    times: Numbers
    """(s, 4): drawn lo, drawn hi, filled lo, filled hi."""
    in_start: Numbers
    """(s + 1)"""
    in_batch: Numbers
    in_site: Numbers
    out_start: Numbers
    out_batch: Numbers
    out_site: Numbers

    @staticmethod
    def of_record(columns: Columns, block: int) -> StepColumns:
        """All steps of a record."""
        return StepColumns(
            (columns.step_event.astype(np.int64)) | (block << 16),
            columns.step_shape,
            columns.times,
            columns.in_start.astype(np.int64),
            columns.in_batch,
            columns.in_site.astype(np.int64),
            columns.out_start.astype(np.int64),
            columns.out_batch,
            columns.out_site.astype(np.int64),
        )

    def select(self, which: NDArray[np.bool_] | Numbers) -> StepColumns:
        """The steps that a mask or positions name, in that order."""
        at = np.flatnonzero(which) if which.dtype == np.bool_ else which.astype(np.int64)
        in_start, ins = _ranges(self.in_start, at)
        out_start, outs = _ranges(self.out_start, at)
        return StepColumns(
            self.event[at],
            self.shape[at],
            self.times[at],
            in_start,
            self.in_batch[ins],
            self.in_site[ins],
            out_start,
            self.out_batch[outs],
            self.out_site[outs],
        )


def _ranges(start: Numbers, at: Numbers) -> tuple[Numbers, Numbers]:
    start = start.astype(np.int64)
    lengths = start[at + 1] - start[at]
    new = np.concatenate(([0], np.cumsum(lengths)))
    return new, np.repeat(start[at] - new[:-1], lengths) + np.arange(new[-1])


class Seed(NamedTuple):
    """A batch at a site, or without one all holdings of the batch."""

    batch: int
    site: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """Members of an answer in columns, the nearest first, seeds before all.

    ``certainty`` and ``basis`` as in ``terms``: the basis is the weakest on the strongest chain. ``hops``: links on the
    shortest of the strongest chains, 0 for seeds; ``via_event`` and ``via_holding``: the last link of such a chain (of
    an inferred one the event with the unexplained draw), -1 for seeds. ``exposed_lo``, ``exposed_hi``: forward, from
    the earliest filling that may have brought it to the earliest that surely has; backward, and where no time of it is
    known, when the holding was first filled. ``excluded``: holdings that only times exclude.
    """

    holding: Numbers
    batch: Numbers
    site: Numbers
    certainty: Bytes
    basis: Bytes
    hops: Numbers
    via_event: Numbers
    via_holding: Numbers
    exposed_lo: Numbers
    exposed_hi: Numbers
    excluded: Numbers

    def closure(self) -> Numbers:
        """Members and what times exclude: the answer is the same until one of these is touched."""
        return np.concatenate((self.holding, self.excluded))

    def __len__(self) -> int:
        return len(self.holding)


class Touched(NamedTuple):
    """Holdings whose links, or what is derived of them, a change touched: answers that none is in stand as they are."""

    holdings: Numbers

    @staticmethod
    def none() -> Touched:
        """Nothing touched."""
        return Touched(np.empty(0, np.int64))

    def merge(self, other: Touched) -> Touched:
        """What either touched."""
        return Touched(np.union1d(self.holdings, other.holdings))


class Gap(NamedTuple):
    """Why a chain has a gap at a holding: events with unexplained draws, among them those that ship the lot from here
    as one of several places where it may have started."""

    holding: int
    unexplained: tuple[int, ...]
    origin: tuple[int, ...]
