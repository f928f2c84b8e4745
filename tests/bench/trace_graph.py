"""A food chain drawn at random for the benches: tiers of sites, batches made of three others and shipped on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from fieldline_schemas.record import MADE, MOVED
from fieldline_schemas.times import FOREVER, NEVER
from fieldline_trace.lineage import StepColumns
from numpy.typing import NDArray

DAY = 86_400_000_000
TIERS, SITES, INPUTS = 8, 400, 3
SEVERAL, POOLS = 0.10, 0.05
"""Shares of what is made that goes into lots made by several events, and into pools; the rest is a lot of one."""
PARTIAL, MISSING = 0.20, 0.02
"""Shares of times known by month only, and not at all; the others are instants."""

Numbers = NDArray[np.int64]


class Graph(NamedTuple):
    """Steps in order of tiers, and what batches are."""

    steps: StepColumns
    product: Numbers
    pool: NDArray[np.bool_]
    tier: Numbers
    """Of each batch."""


def drawn(batches: int, seed: int, unrecorded: float = 0.0) -> Graph:
    """About four links a batch. ``unrecorded``: share of shipments that nobody recorded."""
    order = np.random.default_rng(seed)
    each = batches // TIERS
    parts: list[tuple[Numbers, ...]] = []
    product: list[Numbers] = []
    pools: list[NDArray[np.bool_]] = []
    tiers: list[Numbers] = []
    number, stock_batch, stock_start = 0, np.empty(0, np.int64), np.empty(0, np.int64)
    for tier in range(TIERS):
        site = np.sort(order.integers(0, SITES, each)) + tier * SITES
        kind = order.random(each)
        # Of what is made at one site in a row, some goes into the lot before it, some into the site's tank.
        again = (kind < SEVERAL * 0.6) & (np.diff(site, prepend=-1) == 0)
        tank = kind >= 1 - POOLS
        lot = np.cumsum(~again) - 1
        lots = int(lot[-1]) + 1
        batch = np.where(tank, number + lots + site - tier * SITES, number + lot)
        count = lots + SITES
        product.append(
            np.concatenate((site[~again], np.arange(SITES) + tier * SITES)) * 4 + order.integers(0, 4, count)
        )
        pools.append(np.arange(count) >= lots)
        tiers.append(np.full(count, tier))
        made = (tier * 30 * DAY + order.integers(0, 10 * DAY, each)).astype(np.int64)
        if tier:
            at = site - tier * SITES
            room = np.maximum(1, stock_start[at + 1] - stock_start[at])
            picked = stock_start[at][:, None] + (order.random((each, INPUTS)) * room[:, None]).astype(np.int64)
            ins = stock_batch[np.minimum(picked, len(stock_batch) - 1)].ravel()
            starts = np.arange(each + 1) * INPUTS
        else:
            ins, starts = np.empty(0, np.int64), np.zeros(each + 1, np.int64)
        when = _said(order, made)
        parts.append(
            (
                made,
                np.full(each, MADE),
                np.hstack((when, when)),
                starts,
                ins,
                np.repeat(site, np.diff(starts)),
                batch,
                site,
            )
        )
        number += count
        if tier == TIERS - 1:
            break
        moving = np.concatenate((np.arange(each), order.integers(0, each, each // 5)))
        left = made[moving] + order.integers(DAY, 6 * DAY, len(moving))
        arrived = left + order.integers(DAY // 4, 2 * DAY, len(moving))
        to = order.integers(0, SITES, len(moving)) + (tier + 1) * SITES
        by_site = np.argsort(to, kind="stable")
        stock_batch = batch[moving][by_site]
        stock_start = np.searchsorted(to[by_site], np.arange(SITES + 1) + (tier + 1) * SITES)
        told = order.random(len(moving)) >= unrecorded
        moving, left, arrived, to = moving[told], left[told], arrived[told], to[told]
        times = np.hstack((_said(order, left), _said(order, arrived)))
        starts = np.arange(len(moving) + 1)
        parts.append(
            (arrived, np.full(len(moving), MOVED), times, starts, batch[moving], site[moving], batch[moving], to)
        )
    return Graph(_steps(parts), np.concatenate(product), np.concatenate(pools), np.concatenate(tiers))


def _said(order: np.random.Generator, at: Numbers) -> Numbers:
    """The intervals (n, 2) that records give for instants."""
    how = order.random(len(at))
    month = at // (30 * DAY) * 30 * DAY
    lo = np.where(how < MISSING, NEVER, np.where(how < MISSING + PARTIAL, month, at))
    hi = np.where(how < MISSING, FOREVER, np.where(how < MISSING + PARTIAL, month + 30 * DAY - 1, at))
    return np.stack((lo, hi), axis=1)


def _steps(parts: list[tuple[Numbers, ...]]) -> StepColumns:
    at, shape, times, _, in_batch, in_site, out_batch, out_site = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    lengths = np.concatenate([np.diff(part[3]) for part in parts])
    steps = StepColumns(
        np.arange(len(shape)),
        shape.astype(np.uint8),
        times,
        np.concatenate(([0], np.cumsum(lengths))),
        in_batch,
        in_site,
        np.arange(len(shape) + 1),
        out_batch,
        out_site,
    )
    return steps.select(np.argsort(at, kind="stable"))._replace(event=np.arange(len(shape)))
