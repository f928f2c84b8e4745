"""Random small worlds: few lots, pools and sites, so that everything meets; dates partial, missing and wrong."""

from __future__ import annotations

from fieldline_schemas.record import ADDED, DRAWN, MADE, MOVED, RECEIVED, TIMELESS
from fieldline_schemas.times import FOREVER, NEVER, UNKNOWN, Interval
from fieldline_trace.lineage.plain import Holding, Step
from fieldline_trace.lineage.terms import ALL, CONFLICTING, DECLARED, DISPUTED, RECORDED
from hypothesis import strategies as st

BATCHES = ["p/L1", "p/L2", "p/~", "p/~T", "q/L1", "q/~"]
SITES = ["A", "B", "C"]

days = st.integers(1, 7).map(lambda day: Interval(day * 10, day * 10 + 9))
spans = st.tuples(st.integers(1, 7), st.integers(0, 4)).map(lambda s: Interval(s[0] * 10, (s[0] + s[1]) * 10 + 9))
instants = st.integers(10, 79).map(lambda at: Interval(at, at))
whens = st.one_of(days, days, spans, instants, st.just(UNKNOWN))
batches = st.sampled_from(BATCHES)
sites = st.sampled_from(SITES)
bases = st.sampled_from([RECORDED, RECORDED, RECORDED, CONFLICTING, DISPUTED, DECLARED])
timeless = st.sampled_from([0, 0, 0, 0, TIMELESS])


@st.composite
def steps(draw: st.DrawFn, event: int) -> Step:
    """One step of one event."""
    site, at = draw(sites), draw(whens)
    shape = draw(st.sampled_from([MADE, MADE, MADE, MOVED, MOVED, RECEIVED, DRAWN, ADDED, ADDED]))
    basis, flag = draw(bases), draw(timeless)
    if shape == MOVED:
        moved = draw(st.lists(batches, min_size=1, max_size=2))
        to = draw(sites)
        departed, arrived = draw(whens), draw(whens)
        if departed == UNKNOWN:
            departed = Interval(NEVER, arrived.hi)
        if arrived == UNKNOWN:
            arrived = Interval(departed.lo, FOREVER)
        ins, outs = tuple(Holding(b, site) for b in moved), tuple(Holding(b, to) for b in moved)
        return Step(event, shape | flag, ins, outs, departed, arrived, basis)
    ins = tuple(Holding(b, site) for b in draw(st.lists(batches, max_size=3)))
    outs = tuple(Holding(b, site) for b in draw(st.lists(batches, min_size=not ins, max_size=3)))
    if shape == DRAWN and not ins:
        shape = RECEIVED
    if shape == RECEIVED and not outs:
        shape = DRAWN
    ins, outs = () if shape == RECEIVED else ins, () if shape == DRAWN else outs
    return Step(event, shape | flag, ins, outs, at, at, basis)


@st.composite
def worlds(draw: st.DrawFn, most: int = 10) -> list[Step]:
    """Steps of events 1, 2, …; now and then one event has several."""
    count = draw(st.integers(1, most))
    events, event = [], 0
    for _ in range(count):
        if not event or draw(st.integers(0, 5)):
            event += 1
        events.append(event)
    return [draw(steps(event)) for event in events]


sames = st.lists(st.lists(batches, min_size=2, max_size=3, unique=True), max_size=2)
asked = st.one_of(batches, st.builds(Holding, batches, sites))
hows = st.fixed_dictionaries(
    {
        "times": st.booleans(),
        "depth": st.one_of(st.none(), st.integers(0, 4)),
        "without": st.sets(st.integers(1, 10), max_size=2),
        "bases": st.one_of(st.just(ALL), st.sets(st.sampled_from(sorted(ALL))).map(frozenset)),
    }
)
