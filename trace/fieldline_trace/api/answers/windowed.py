"""Contaminated windows as a scope tells of them, and the one that a preview asks about.

A window is ``{"site", "location", "source", "since", "until", "event"}``: where, and from when until when (as clean
breaks bound it now; None where that is open); ``event`` is the id of what declared it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_schemas.sites import location_key, location_parts
from fieldline_schemas.times import FOREVER, NEVER, Interval, interval_of

from fieldline_trace.api.answers.desk import Desk, time_said
from fieldline_trace.api.answers.naming import named, site_named
from fieldline_trace.errors import NotFound, Rejected
from fieldline_trace.follow.fetch import fetch_amounts
from fieldline_trace.follow.names import Amount, NameBook
from fieldline_trace.follow.windows import Window
from fieldline_trace.recall.reach import ScopeSeed
from fieldline_trace.store.ledger_read import site_number


async def windows_said(desk: Desk, seeds: Iterable[ScopeSeed]) -> list[dict[str, Any]]:
    """The windows among ``seeds``, by place and time."""
    asked = [seed for seed in seeds if seed.window]
    events = await desk.events(seed.event for seed in asked)
    said = []
    for seed in asked:
        told = desk.world.declarations.window(seed.batch)
        for window in desk.world.declarations.bounds(seed.batch) or ([told] if told else []):
            event = events[seed.event]["id"] if seed.event in events else None
            said.append({**window_said(desk, window), "event": event})
    return sorted(said, key=lambda one: [one["site"] or "", one["location"] or "", one["since"] or ""])


def window_said(desk: Desk, window: Window) -> dict[str, Any]:
    """One window without what declared it."""
    names, times = desk.names, time_said(window.since, window.until)
    return {
        "site": names.site_key(window.site) or None,
        "location": location_parts(names.site_key(window.location))[1] if window.location else None,
        "source": names.batch_key(window.source) if window.source else None,
        "since": times["from"],
        "until": times["to"],
    }


async def window_asked(
    desk: Desk, batches: list[str], site: str | None, location: str | None, since: str | None, until: str | None
) -> Window | None:
    """The window that these arguments mean: what was at a site, or was fed from a batch, at a time; None where they
    mean batches. ``Rejected`` where they do not go together."""
    if batches and since is None and until is None:
        return None
    if not batches and site is None:
        raise Rejected(Fault.by("seed_of_nothing", "batches"))
    if len(batches) > 1:
        raise Rejected(Fault.by("window_one_source", "batches"))
    lo, hi = time_asked("since", since).lo, time_asked("until", until).hi
    if lo > hi:
        raise Rejected(Fault.by("window_order", "until", until or ""))
    place = 0 if site is None else await site_named(desk, site)
    source = (await named(desk, batches[0])).batches[0] if batches else 0
    return Window(0, place, 0 if source else await _location(desk, place, location), source, lo, hi)


async def what_lay_there(desk: Desk, window: Window) -> Mapping[int, Sequence[Amount]]:
    """What is said of amounts of all that lay at the window's site, by batch number; nothing where followers know that
    by themselves, or where the window is a source's."""
    declarations = desk.world.declarations
    if window.source or window.site in declarations.measured:
        return {}
    # Names of their own: what the desk's hold of amounts is of the entry that is being applied.
    names = NameBook()
    await fetch_amounts(desk.conn, names, declarations.lying_at(window.site))
    return names.amounts()


async def _location(desk: Desk, site: int, location: str | None) -> int:
    if location is None:
        return 0
    number = await site_number(desk.conn, location_key(desk.names.site_key(site), location))
    if number is None:
        raise NotFound(Sentence("place_not_named", place=repr(location)))
    return number


def time_asked(field: str, text: str | None, zone: str | None = None) -> Interval:
    """The interval that an argument names, in ``zone`` where it names none itself; all of time where there is no
    ``text``. ``Rejected`` where it cannot be read."""
    if text is None:
        return Interval(NEVER, FOREVER)
    try:
        return interval_of(text, zone)
    except Fault as fault:
        raise Rejected(fault.at(field)) from None
