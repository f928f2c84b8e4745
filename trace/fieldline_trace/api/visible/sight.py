"""What of one answer may be shown: the verdict on each holding and each event that it names, found out at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible.levels import HIDDEN, INSIDE, NEAR, STATED
from fieldline_trace.api.visible.view import View
from fieldline_trace.store import Q

Keys = tuple[str, str]
"""Batch and site, by key."""
OPEN = {"from": None, "to": None}
"""An interval of which nothing is told."""
WHY = {
    Grant.OWN: "shown is what is your own",
    Grant.ONE_STEP: "shown is what is your own, and one step either side",
    Grant.JURISDICTION: "shown is what lies in your area, and one step either side by operator",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """The verdict on one answer."""

    grant: Grant
    levels: Mapping[Keys, int]
    event_ids: frozenset[str]
    """Ids of events that may be named."""

    @property
    def least(self) -> int:
        """From which level on a holding is shown."""
        return STATED if self.grant is Grant.OWN else NEAR

    def level(self, batch: str, site: str | None) -> int:
        """How much of a holding may be known."""
        return self.levels.get((batch, site or ""), HIDDEN)

    def shows(self, batch: str, site: str | None) -> bool:
        """Whether a holding is shown at all."""
        return self.level(batch, site) >= self.least

    def whole(self, batch: str, site: str | None) -> bool:
        """Whether all of a holding is shown, also when and how much."""
        return self.level(batch, site) == INSIDE

    def site(self, batch: str, site: str | None) -> str | None:
        """The site of a holding as far as it may be named."""
        level = self.level(batch, site)
        if level < self.least or (level == NEAR and self.grant is Grant.JURISDICTION):
            return None
        return site

    def event(self, name: str | None) -> str | None:
        """The id of an event, if it may be named."""
        return name if name in self.event_ids else None

    def cut(self, left_out: int) -> dict[str, Any]:
        """What the answer says of having been cut. How much was left out is for authorities alone: to a firm it would
        tell how far its customers' goods go."""
        return {"members": left_out if self.grant is Grant.JURISDICTION else None, "why": WHY[self.grant]}


async def sight_of(
    desk: Desk, view: View, grant: Grant, places: Iterable[Keys], events: Iterable[Mapping[str, Any]] = ()
) -> Sight:
    """Find out about holdings, by the keys that an answer names, and events, as it describes them."""
    wanted = {(batch, site or "") for batch, site in places}
    rows = await desk.conn.fetch(Q["keys_batch"], sorted({batch for batch, _ in wanted})) if wanted else []
    numbers = {row["key"]: row["number"] for row in rows}
    canonical = desk.world.index.canonical
    by_number = {
        (batch, site): (canonical(numbers[batch]), desk.names.site_number(site) or 0 if site else 0)
        for batch, site in wanted
        if batch in numbers
    }
    levels = await view.levels(set(by_number.values())) if by_number else {}
    told = list(events)
    verdicts = await view.events(told)
    named = {event["id"] for event, shown in zip(told, verdicts, strict=True) if shown}
    hidden = {event["id"] for event, shown in zip(told, verdicts, strict=True) if not shown}
    return Sight(
        grant,
        {keys: levels[place] for keys, place in by_number.items() if levels.get(place, HIDDEN) > HIDDEN},
        frozenset(named - hidden),
    )
