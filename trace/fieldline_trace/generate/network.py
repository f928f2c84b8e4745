"""A food chain drawn at random: farms, packers, plants, traders, shops, kitchens, and the goods that went through them.

Few sites take most of the goods (a power law), lots are pooled, split and filled several times, some goods go round in
loops, and farms of one district draw the same water. What happened is drawn first, to the minute; then what the records
say of it: dates that are known by month only or not at all, and records that come late. The same seed gives the same
network.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from fieldline_schemas.record import MADE, MOVED
from fieldline_schemas.times import FOREVER, NEVER
from numpy.typing import NDArray

from fieldline_trace.lineage import StepColumns

FEWEST, MOST = 1_000, 50_000_000
"""Links of a network."""
MINUTE: Final = 60_000_000
DAY: Final = 1_440 * MINUTE
BEGIN: Final = 1_704_067_200_000_000
"""2024-01-01T00:00:00Z."""
TIERS: Final = ("farm", "packer", "plant", "trader", "shop", "kitchen")
APART: Final = 30 * DAY
"""A tier works so long after the one before it."""
AGAIN, TANKS, UNLABELLED, LOOPS, TWICE, BACK = 0.22, 0.05, 0.02, 0.03, 0.12, 0.02
"""Shares: of what is made, what goes into the lot before it, into a tank, into the product without a lot number, and
into rework and out of it; of deliveries, those that come in two loads, and those that go back."""
PARTIAL, MISSING = 0.20, 0.02
"""Shares of times known by month only, and not at all."""
LATE: Final = 0.05
"""Share of records that come up to a month late."""
_FANS: Final = 1.1
"""The exponent of how goods are spread over sites."""
_LINKS_PER_MAKING: Final = 32
"""Links of all tiers for each step of one tier that makes something, on average."""

Numbers = NDArray[np.int64]


class Network(NamedTuple):
    """Steps in the order in which their records come, numbered from 0, and what is known of sites and batches."""

    steps: StepColumns
    true: Numbers
    """(steps, 2): when goods were truly taken, and when they truly came; microseconds."""
    product: Numbers
    """By batch: number of its product."""
    pool: NDArray[np.bool_]
    general: NDArray[np.bool_]
    """Whether the batch is its product as such, without a lot."""
    maker: Numbers
    """By batch: the site that it was made at; its operator has that number too."""
    tier: Numbers
    """By site, in ``TIERS``; -1 for a water source."""

    @property
    def links(self) -> int:
        """Links between holdings."""
        steps = self.steps
        m, n = np.diff(steps.in_start), np.diff(steps.out_start)
        return int(np.where(steps.shape == MOVED, m, m * n).sum())


class _Drawing:
    """What was drawn so far."""

    def __init__(self, links: int, seed: int) -> None:
        self.order = np.random.default_rng(seed)
        self.made = max(24, links // _LINKS_PER_MAKING)
        self.sites = max(4, min(2_000, self.made // 40))
        self.parts: list[tuple[Numbers, ...]] = []
        self.product: list[Numbers] = []
        self.pool: list[NDArray[np.bool_]] = []
        self.general: list[NDArray[np.bool_]] = []
        self.maker: list[Numbers] = []
        self.batches = 0

    def batch(self, product: Numbers, maker: Numbers, *, pool: bool = False, general: bool = False) -> Numbers:
        """New batches, one for each product and maker."""
        count = len(product)
        self.product.append(product)
        self.maker.append(maker)
        self.pool.append(np.full(count, pool))
        self.general.append(np.full(count, general))
        numbers = np.arange(self.batches, self.batches + count)
        self.batches += count
        return numbers

    def step(self, shape: int, took: Numbers, came: Numbers, ins: _Ends, outs: _Ends) -> None:
        """Steps of one shape."""
        self.parts.append((np.full(len(came), shape), took, came, *ins, *outs))

    def spread(self, count: int) -> Numbers:
        """Sites of a tier, few of which are drawn most of the time."""
        weight = 1 / np.arange(1, self.sites + 1) ** _FANS
        drawn: Numbers = np.searchsorted(np.cumsum(weight) / weight.sum(), self.order.random(count))
        return drawn


class _Ends(NamedTuple):
    """Inputs or outputs of steps."""

    counts: Numbers
    batch: Numbers
    site: Numbers


def network(links: int, seed: int) -> Network:
    """A network of about so many links: some percent more or less from 10 thousand on, a third less of 1,000.

    Raises:
        ValueError: fewer than 1,000 links, or more than 50 million.
    """
    if not FEWEST <= links <= MOST:
        raise ValueError(f"network: links={links} is not between {FEWEST} and {MOST}")
    drawing = _Drawing(links, seed)
    sites, water = drawing.sites, _water(drawing)
    stock: tuple[Numbers, Numbers] | None = None
    for tier in range(len(TIERS)):
        place, batch, made = _make(drawing, tier, stock, water)
        if tier < len(TIERS) - 1:
            stock = _deliver(drawing, tier, place, batch, made)
    tiers = np.concatenate((np.repeat(np.arange(len(TIERS)), sites), np.full(len(water), -1)))
    return _told(drawing, tiers)


def _water(drawing: _Drawing) -> Numbers:
    """Canals, each of which waters every farm of its district once a month; their batches, by district."""
    sites, order = drawing.sites, drawing.order
    districts = max(1, sites // 8)
    canal = np.arange(districts) + len(TIERS) * sites
    batch = drawing.batch(np.full(districts, 1), canal, pool=True)
    farm = np.arange(sites)
    came = BEGIN + order.integers(0, 5 * 1_440, sites) * MINUTE
    one, source = np.ones(sites, np.int64), batch[farm % districts]
    drawing.step(MOVED, came - 60 * MINUTE, came, _Ends(one, source, canal[farm % districts]), _Ends(one, source, farm))
    return batch


def _make(
    drawing: _Drawing, tier: int, stock: tuple[Numbers, Numbers] | None, water: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """What a tier makes: by output the place (site of the tier), batch and time."""
    order, sites, each = drawing.order, drawing.sites, drawing.made
    place = np.sort(drawing.spread(each))
    at = tier * sites + place
    kind = order.random(each)
    again = (kind < AGAIN) & (np.diff(place, prepend=-1) == 0)
    tank, bare, rework = (
        kind >= 1 - TANKS,
        (kind >= 1 - TANKS - UNLABELLED) & (kind < 1 - TANKS),
        (kind >= 1 - TANKS - UNLABELLED - LOOPS) & (kind < 1 - TANKS - UNLABELLED),
    )
    if tier == 0:
        bare = rework = np.zeros(each, bool)
    lot = np.cumsum(~again) - 1
    chosen = np.flatnonzero(~again)
    variety = 2 + (tier * sites + place) * 4 + order.integers(0, 4, each)
    batch = drawing.batch(variety[chosen], at[chosen])[lot]
    here = np.arange(sites)
    home = tier * sites + here
    tanks = drawing.batch(2 + home * 4, home, pool=True)
    pools = drawing.batch(2 + home * 4, home, pool=True, general=True)
    reworks = drawing.batch(2 + home * 4 + 1, home, pool=True)
    batch = np.where(tank, tanks[place], np.where(bare, pools[place], np.where(rework, reworks[place], batch)))
    made = BEGIN + tier * APART + 5 * DAY + order.integers(0, 10 * 1_440, each) * MINUTE
    own = tuple(
        (pool, _first(place, made, into, sites)) for pool, into in ((tanks, tank), (pools, bare), (reworks, rework))
    )
    ins = _inputs(drawing, place, made, stock, water, own)
    split = np.where((kind >= 0.5) & (kind < 0.55), order.integers(1, 8, each), 0)
    more = drawing.batch(np.repeat(variety, split), np.repeat(at, split))
    outs, whose = _merged((np.arange(each), batch), (np.repeat(np.arange(each), split), more))
    drawing.step(
        MADE,
        made,
        made,
        _Ends(ins[0], ins[1], np.repeat(at, ins[0])),
        _Ends(np.bincount(whose, minlength=each), outs, at[whose]),
    )
    return place[whose], outs, made[whose]


def _inputs(
    drawing: _Drawing,
    place: Numbers,
    made: Numbers,
    stock: tuple[Numbers, Numbers] | None,
    water: Numbers,
    own: tuple[tuple[Numbers, Numbers], ...],
) -> tuple[Numbers, Numbers]:
    """How many inputs each step has, and the batches. ``own``: pools by place, and since when something is in them."""
    order, each = drawing.order, len(place)
    steps = np.arange(each)
    if stock is None:
        wet = np.flatnonzero(order.random(each) < 0.5)
        return np.bincount(wet, minlength=each), water[place[wet] % len(water)]
    batch, start = stock
    room = start[place + 1] - start[place]
    count = np.where(room > 0, np.minimum(order.zipf(1.9, each), 60), 0)
    whose = np.repeat(steps, count)
    picked = start[place[whose]] + (order.random(len(whose)) * room[whose]).astype(np.int64)
    kept, of = np.unique(np.stack((whose, batch[np.minimum(picked, len(batch) - 1)])), axis=1), []
    for (pool, since), share in zip(own, (0.06, 0.03, 0.04), strict=True):
        drawn = np.flatnonzero((order.random(each) < share) & (made > since[place]))
        of.append((drawn, pool[place[drawn]]))
    batches, whose = _merged((kept[0], kept[1]), *of)
    return np.bincount(whose, minlength=each), batches


def _first(place: Numbers, made: Numbers, into: NDArray[np.bool_], sites: int) -> Numbers:
    """By place, when something was first put into its pool."""
    since = np.full(sites, FOREVER)
    np.minimum.at(since, place[into], made[into])
    return since


def _merged(*parts: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    """(whose, what) of several lists as one, by whose: what and whose."""
    whose, what = (np.concatenate(column) for column in zip(*parts, strict=True))
    by = np.argsort(whose, kind="stable")
    return what[by], whose[by]


def _deliver(drawing: _Drawing, tier: int, place: Numbers, batch: Numbers, made: Numbers) -> tuple[Numbers, Numbers]:
    """What is shipped to the next tier; what lies there then, by site, and where each site's begins."""
    order, sites = drawing.order, drawing.sites
    which = np.concatenate((np.arange(len(batch)), order.integers(0, len(batch), len(batch) // 4)))
    to = drawing.spread(len(which))
    twice = np.flatnonzero(order.random(len(which)) < TWICE)
    which, to = np.concatenate((which, which[twice])), np.concatenate((to, to[twice]))
    left = made[which] + order.integers(1_440, 5 * 1_440, len(which)) * MINUTE
    came = left + order.integers(120, 2 * 1_440, len(which)) * MINUTE
    one = np.ones(len(which), np.int64)
    source, target = tier * sites + place[which], (tier + 1) * sites + to
    drawing.step(MOVED, left, came, _Ends(one, batch[which], source), _Ends(one, batch[which], target))
    back = np.flatnonzero(order.random(len(which)) < BACK)
    returned, one = came[back] + order.integers(60, 1_440, len(back)) * MINUTE, one[back]
    drawing.step(
        MOVED,
        returned,
        returned + 1_440 * MINUTE,
        _Ends(one, batch[which[back]], target[back]),
        _Ends(one, batch[which[back]], source[back]),
    )
    by = np.argsort(to, kind="stable")
    return batch[which][by], np.searchsorted(to[by], np.arange(sites + 1))


def _told(drawing: _Drawing, tier: Numbers) -> Network:
    """The network as its records tell it, in the order in which they come."""
    order = drawing.order
    shape, took, came, in_count, in_batch, in_site, out_count, out_batch, out_site = (
        np.concatenate(column) for column in zip(*drawing.parts, strict=True)
    )
    filled = _said(order, came)
    drawn = np.where((shape == MADE)[:, None], filled, _said(order, took))
    # An end of a move that is not known is bounded by the other.
    unknown = drawn[:, 1] == FOREVER
    drawn[:, 1] = np.where(unknown, filled[:, 1], drawn[:, 1])
    filled[:, 0] = np.where((filled[:, 0] == NEVER) & ~unknown, drawn[:, 0], filled[:, 0])
    times = np.hstack((drawn, filled))
    steps = StepColumns(
        np.arange(len(shape)),
        shape.astype(np.uint8),
        times,
        np.concatenate(([0], np.cumsum(in_count))),
        in_batch,
        in_site,
        np.concatenate(([0], np.cumsum(out_count))),
        out_batch,
        out_site,
    )
    late = np.where(order.random(len(shape)) < LATE, order.integers(0, 30 * DAY, len(shape)), 0)
    by = np.argsort(came + late, kind="stable")
    return Network(
        steps.select(by)._replace(event=np.arange(len(by))),
        np.stack((took, came), axis=1)[by],
        np.concatenate(drawing.product),
        np.concatenate(drawing.pool),
        np.concatenate(drawing.general),
        np.concatenate(drawing.maker),
        tier,
    )


def _said(order: np.random.Generator, at: Numbers) -> Numbers:
    """The intervals (n, 2) that records give for instants."""
    how = order.random(len(at))
    day = at.astype("datetime64[us]")
    month = day.astype("datetime64[M]")
    first, last = month.astype("datetime64[us]").astype(np.int64), (month + 1).astype("datetime64[us]").astype(np.int64)
    lo = np.where(how < MISSING, NEVER, np.where(how < MISSING + PARTIAL, first, at))
    hi = np.where(how < MISSING, FOREVER, np.where(how < MISSING + PARTIAL, last - 1, at))
    return np.stack((lo, hi), axis=1)
