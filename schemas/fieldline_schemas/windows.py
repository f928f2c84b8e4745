"""Windows of contamination: a place, or water or a tank, and the time in which something was wrong there.

A window is a node of lineage like a batch, so that it has a number and a place in every chain; its key is
``window/SITE/~HASH``, a pool's, and no event can name it as a batch. Two events that say the same window give the same
key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from fieldline_schemas.batch_parts import WINDOWS_BEGIN, Parts, spelled
from fieldline_schemas.flows import Drawn, Still
from fieldline_schemas.said import Said
from fieldline_schemas.sites import location_key
from fieldline_schemas.times import FOREVER, NEVER, Interval

MOST_PARTS: Final = 64
"""So many parts of one window are told apart by its clean breaks; the rest is one part."""


class Window(NamedTuple):
    """One window, or one part of it between clean breaks. Keys are canonical; empty where not named."""

    key: str
    site: str
    location: str
    source: str
    """Batch or pool that fed what was contaminated; then ``site`` is where it lies, empty: wherever."""
    since: int
    until: int
    """Microseconds since 1970 UTC, both inclusive, as wide as what is said of them allows."""


def is_window(key: str) -> bool:
    """Is the canonical key a window's, not a batch's?"""
    return key.startswith(WINDOWS_BEGIN)


def declared(event: Any) -> list[Window]:
    """The windows that a ``contamination_declared`` says: one, or its parts between clean breaks.

    Where its begin is not said it begins with the first clean break before its end, and where its end is not said it
    ends with the last one after its begin: a documented cleaning is what bounds a window.
    """
    since = NEVER if event.since is None else event.since.lo
    until = FOREVER if event.until is None else event.until.hi
    breaks = sorted({one.at for one in event.clean_breaks if since < one.at.hi and one.at.lo < until})[:MOST_PARTS]
    about = f"{event.hazard_class}|{event.hazard.casefold()}"
    place = event.site, event.location or "", event.source or ""
    bounds = _parts(since, until, breaks)
    return [_window(*place, part_since, part_until, about) for part_since, part_until in bounds]


def opened(event: Any) -> list[Window | None]:
    """For each seed of a ``scope_opened`` the window that it is; None where it is a batch."""
    return [_seeded(seed, event) for seed in event.seeds]


def swabbed(event: Any) -> list[Window]:
    """The window that a ``sampled`` of a place, and of no batch, is about once it fails. How far back it goes, and when
    it is over, is for clean breaks and passed results to say."""
    if event.batches:
        return []
    about = f"{event.sample}|{event.at.lo}|{event.at.hi}"
    return [_window(event.site, event.location or "", "", NEVER, FOREVER, about)]


@dataclass(frozen=True, slots=True)
class Windowed:
    """What ``inner`` says; beside, the windows that ``windows`` finds in the event are named, so that they have
    numbers."""

    windows: Callable[[Any], Iterable[Window | None]]
    inner: Still | Drawn

    def tell(self, event: Any, said: Said) -> None:
        """Mentions, and what ``inner`` tells."""
        if not (isinstance(self.inner, Drawn) and not event.batches):
            self.inner.tell(event, said)
        windows = [window for window in self.windows(event) if window is not None]
        said.mentions += [window.key for window in windows]
        places = {location_key(one.site, one.location) for one in windows if one.site and one.location}
        said.places = (*said.places, *sorted(places))


def _seeded(seed: Any, event: Any) -> Window | None:
    if seed.batch and seed.since is None and seed.until is None:
        return None
    since = NEVER if seed.since is None else seed.since.lo
    until = FOREVER if seed.until is None else seed.until.hi
    about = f"{event.hazard_class}|{(event.hazard or '').casefold()}"
    return _window(seed.site or "", seed.location or "", seed.batch or "", since, until, about)


def _parts(since: int, until: int, breaks: Sequence[Interval]) -> list[tuple[int, int]]:
    """Bounds of the parts. What lay there while it was cleaned belongs to either side."""
    begins, ends = [since, *(one.lo for one in breaks)], [*(one.hi for one in breaks), until]
    parts = list(zip(begins, ends, strict=True))
    if len(breaks) > 1 or (breaks and (since == NEVER) != (until == FOREVER)):
        parts = parts[since == NEVER : len(parts) - (until == FOREVER)]
    return parts


def _window(site: str, location: str, source: str, since: int, until: int, about: str) -> Window:
    said = "\0".join((site, location, source, str(since), str(until), about))
    name = blake2b(said.encode(), digest_size=8).hexdigest()
    return Window(spelled(Parts("", "window", site or "~", f"~{name}")), site, location, source, since, until)
