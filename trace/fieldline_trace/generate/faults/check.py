"""Planted failures played through the rules: what was found of what was planted.

The ledger is kept in memory and its clock is set, so that deadlines pass at once; what judges is what judges in a
service.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Final

import msgspec
from fieldline_schemas.times import instant, interval_of

from fieldline_trace.capture import Door, MemoryLedger
from fieldline_trace.capture.door import Handed
from fieldline_trace.follow.fetch import LedgerInMemory
from fieldline_trace.follow.world import World
from fieldline_trace.generate.faults.case import Planter, Saying
from fieldline_trace.generate.faults.plant import Planting
from fieldline_trace.risk.rules import rule_failed

RECEIVED: Final = interval_of("2026-12-01T00:00:00Z", None).lo
ENDED: Final = interval_of("2027-06-01T00:00:00Z", None).lo
"""When events are received, and when all deadlines have passed."""
AT_ONCE: Final = 500
"""Events of one entry."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was found of one rule's failures."""

    rule: str
    exact: bool
    planted: int
    """Alerts that have to stand."""
    found: int
    """Alerts that stand."""
    right: int
    """Those that are both."""

    @property
    def precision(self) -> float:
        """Share of the alerts that are deserved; 1 where there are none."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the deserved alerts that stand; 1 where none is deserved."""
        return self.right / self.planted if self.planted else 1.0

    @property
    def holds(self) -> bool:
        """Statistical, or without a fault."""
        return not self.exact or self.planted == self.found == self.right


def check(
    planters: Sequence[Planter], planting: Planting, traffic: Sequence[bytes] = (), shuffle: int | None = None
) -> list[Row]:
    """Play a planting, and count by rule; a rule that could not judge is a row of its own.

    Args:
        planters: those that planted it.
        traffic: further events, as bytes, that deserve no alert.
        shuffle: as in ``played``.
    """
    seen = standing(played(planting.sayings, traffic, shuffle))
    rows = []
    for planter in planters:
        found, own = seen.get(planter.rule, set()), f"-{planter.rule.lower()}-"
        if not planter.everywhere:
            found = {subject for subject in found if own in subject}
        deserved = {subject for subject in planting.alerts[planter.rule] if planter.everywhere or own in subject}
        rows.append(Row(planter.rule, planter.exact, len(deserved), len(found), len(found & deserved)))
    failed = seen.get(rule_failed.NAME, set())
    return rows + [Row(rule_failed.NAME, True, 0, len(failed), 0)] * bool(failed)


def standing(world: World) -> dict[str, set[str]]:
    """The subjects of the alerts that stand, by rule."""
    found: dict[str, set[str]] = {}
    for alert in world.board.standing():
        found.setdefault(alert.rule, set()).add(alert.subject)
    return found


def played(sayings: Iterable[Saying], traffic: Sequence[bytes] = (), shuffle: int | None = None) -> World:
    """The world after all events, and after all deadlines.

    Args:
        traffic: further events, which one sender hands in.
        shuffle: seed of an order within each part, with some events twice; None: as they were planted.

    Raises:
        ValueError: an event is refused.
    """
    ledger, world = MemoryLedger(clock=count(RECEIVED).__next__), World()
    for handed in _entries(sayings, traffic, shuffle):
        ledger.take_all(handed)
    ledger.clock = lambda: ENDED
    tick = {"kind": "clock_ticked", "id": "end", "at": instant(ENDED)}
    ledger.take([msgspec.json.encode(tick)], Door("fieldline", "system", channel="clock"))
    for refused in ledger.rejected.values():
        raise ValueError(f"{refused.raw.decode()[:300]}: {refused.unread.fault}")
    view = LedgerInMemory(ledger)
    for entry in ledger.entries:
        world.apply(entry, view.prepare(world, entry))
    return world


def _entries(sayings: Iterable[Saying], traffic: Sequence[bytes], shuffle: int | None) -> Iterator[list[Handed]]:
    door, encode = Door("traffic", "administrator"), msgspec.json.encode
    said = [(one.part, Handed(encode(one.event), Door(one.sender, one.role))) for one in sayings]
    said += [(0, Handed(raw, door)) for raw in traffic]
    if shuffle is not None:
        chance = random.Random(shuffle)  # noqa: S311 - an order, no secret
        said += chance.sample(said, len(said) // 5)
        chance.shuffle(said)
    for _, part in groupby(sorted(said, key=lambda one: one[0]), key=lambda one: one[0]):
        handed = [one for _, one in part]
        for start in range(0, len(handed), AT_ONCE):
            yield handed[start : start + AT_ONCE]
