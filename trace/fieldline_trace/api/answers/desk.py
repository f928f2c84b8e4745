"""What answers are made of: a follower's state, the names of its numbers, and a connection for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from fieldline_schemas.messages import Sentence
from fieldline_schemas.registry import KINDS, kind_of
from fieldline_schemas.times import FOREVER, NEVER, instant
from fieldline_schemas.whole import read_if_known

from fieldline_trace.capture import Bounds, Deployment
from fieldline_trace.errors import Unavailable
from fieldline_trace.follow.names import NameBook
from fieldline_trace.follow.world import World
from fieldline_trace.recall.scope import Scope
from fieldline_trace.store import Connection, Q
from fieldline_trace.store.ledger_read import event_rows, labels

ACTS = (
    "scope_opened",
    "scope_closed",
    "member_released",
    "member_excluded",
    "member_included",
    "incident_joined",
    "incident_stepped",
    "contamination_declared",
    "corrected",
)
"""Kinds by which somebody decides something, and says why."""
SHOWN_EVENTS = 20_000
"""Events that one answer describes at most; members beyond it still name theirs."""


class Limits(Protocol):
    """What the asker may know of. What is beyond is answered like what does not exist."""

    async def batches(self, numbers: Iterable[int]) -> set[int]:
        """Those of ``numbers`` that may be named."""

    async def scopes(self, scopes: Mapping[str, Scope]) -> dict[str, Scope]:
        """Those of ``scopes`` that may be named."""


_SENDING: Final = sorted(model.CODE for model in KINDS.models.values() if "to_operator" in model.model_fields)
"""Kinds that say to whom goods went."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One asker's view: everything on it is of one position. ``limits``: None where the asker may know all."""

    conn: Connection
    world: World
    names: NameBook
    deployment: Deployment | None = None
    """Keys and limits of this installation, for what mends, signs or erases."""
    limits: Limits | None = None
    bounds: Bounds | None = None
    """What the asker may say, who is a sender that settles what it handed in itself; None for who settles anybody's."""
    position: int = field(init=False, default=0)
    """The last that the world had applied when this desk was set up; what comes meanwhile may show in details."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", self.world.position)

    async def scopes(self) -> dict[str, Scope]:
        """The scopes that the asker may know of, by id."""
        known = self.world.scopes
        return dict(known) if self.limits is None else await self.limits.scopes(known)

    async def known(self, batches: Iterable[int]) -> tuple[int, ...]:
        """Those of ``batches`` that events up to the position name and that the asker may know of, in order."""
        found = {batch for batch in batches if self.knows(batch)}
        return tuple(sorted(found if self.limits is None else await self.limits.batches(found)))

    def every_key(self, batches: Iterable[int]) -> list[int]:
        """``batches`` with all that are one with any of them, in order: events may name either."""
        index = self.world.index
        return sorted({one for batch in batches for one in (batch, *index.together(index.canonical(batch)))})

    @property
    def installation(self) -> Deployment:
        """The installation; ``Unavailable`` where the desk stands in none."""
        if self.deployment is None:
            raise Unavailable(Sentence("for_the_data_directory"))
        return self.deployment

    async def labels(self, batches: Iterable[int]) -> dict[int, list[str]]:
        """Lot numbers as printed, by batch; batches without one are left out."""
        return await labels(self.conn, sorted(set(batches)))

    async def events(self, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
        """``{"id", "kind", "sender", "site", "operator", "received", "standing"}`` of events by number."""
        wanted = sorted({number for number in numbers if number >= 0})[:SHOWN_EVENTS]
        if not wanted:
            return {}
        return {
            event.number: {
                "id": event.id,
                "kind": kind_of(event.kind),
                "sender": event.sender,
                "site": event.site,
                "operator": event.operator,
                "received": instant(event.received_at),
                "standing": self.world.standing_of(event.number),
            }
            for event in await event_rows(self.conn, wanted)
        }

    async def acts(self, numbers: Iterable[int]) -> dict[int, dict[str, str]]:
        """``{"id", "kind", "by", "role", "because"}`` of acts and corrections by number; other events are left out."""
        wanted = sorted({number for number in numbers if number >= 0})
        found: dict[int, dict[str, str]] = {}
        for event in await event_rows(self.conn, wanted) if wanted else []:
            if kind_of(event.kind) in ACTS:
                because = str(getattr(read_if_known(event.body), "reason", ""))
                found[event.number] = {
                    "id": event.id,
                    "kind": kind_of(event.kind),
                    "by": event.sender,
                    "role": event.role,
                    "because": because,
                }
        return found

    def knows(self, batch: int) -> bool:
        """Whether any event up to the position names this batch."""
        try:
            return bool(self.names.batch_key(batch))
        except KeyError:
            return False

    async def operators(self, places: Iterable[tuple[int, int]]) -> dict[int, str]:
        """Who holds what is at each site of ``places`` (batch, site): who acts there, else to whom it was shipped, as
        the last shipment there says that was not said by that very one, else the last of all."""
        found: dict[int, str] = {}
        silent = []
        for batch, site in places:
            party = self.world.operator_of(site)
            if party:
                found[site] = self.names.party_key(party)
            elif site:
                silent.append((batch, site))
        for site, said in (await self.shipped_for(silent)).items():
            named = [(sender, whom) for sender, whom in said if whom]
            if named:
                found[site] = next((whom for sender, whom in named if sender != whom), named[0][1])
        return found

    async def shipped_for(self, places: Iterable[tuple[int, int]]) -> dict[int, list[tuple[str, str]]]:
        """By site of ``places`` (batch, site) where goods came: (sender, to whom they were, by its last shipment of
        these batches; "" where that does not say), the latest first."""
        wanted = set(places)
        if not wanted:
            return {}
        batches, sites = sorted({batch for batch, _ in wanted}), sorted({site for _, site in wanted})
        found: dict[int, list[tuple[str, str]]] = {}
        for row in await self.conn.fetch(Q["answer_shipments_to"], batches, sites, _SENDING, self.position):
            to_operator = getattr(read_if_known(row["body"]), "to_operator", None) or ""
            found.setdefault(row["site"], []).append((row["sender"], to_operator))
        return found


def time_said(lo: int, hi: int) -> dict[str, str | None]:
    """An interval as ``{"from", "to"}`` in UTC, with None where it is open."""
    return {
        "from": None if lo <= NEVER else instant(lo),
        "to": None if hi >= FOREVER else instant(hi),
    }
