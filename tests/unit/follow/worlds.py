"""Small random worlds of events for properties: chains, variants, corrections, results, samples, same batches."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from fieldline_schemas.times import interval_of
from fieldline_trace.capture import Door, MemoryLedger
from fieldline_trace.follow.at_hand import Outcome
from fieldline_trace.follow.fetch import LedgerInMemory
from fieldline_trace.follow.names import NameBook
from fieldline_trace.follow.world import World
from fieldline_trace.lineage import Seed
from hypothesis import strategies as st

DOORS = {
    "trade": Door("trade", "producer"),
    "plant": Door("plant", "producer"),
    "lab": Door("lab", "laboratory"),
    "county": Door("county", "regulator"),
    "emergency": Door("emergency", "emergency"),
    "office": Door("office", "administrator"),
    "clock": Door("fieldline", "system", channel="clock"),
}
BATCHES = ["farm/leaf/L1", "farm/leaf/L2", "plant/salad/S1", "plant/salad/~T1", "plant/salad/~"]
SITES = ["farm", "plant", "shop"]
IDS = [f"e{n}" for n in range(1, 5)]
START = interval_of("2026-04-01T00:00:00Z", None).lo

Saying = tuple[str, dict[str, Any]]
"""Who says what."""

_batch = st.sampled_from(BATCHES)
_site = st.sampled_from(SITES)
_day = st.sampled_from(["2026-03-01", "2026-03-02", "2026-03-03", "2026-03", None])


@st.composite
def flows(draw: st.DrawFn) -> Saying:
    """An event of the chain."""
    site, who = draw(_site), draw(st.sampled_from(["trade", "plant"]))
    said: dict[str, Any] = {"id": draw(st.sampled_from(IDS)), "operator": draw(st.sampled_from(["trade", "plant"]))}
    said |= {"site": site, "at": draw(_day), "zone": "Z"}
    match draw(st.sampled_from(["harvested", "transformed", "shipped", "received", "sampled"])):
        case "harvested":
            said |= {"kind": "harvested", "out_batch": draw(_batch)}
        case "transformed":
            ins = draw(st.lists(_batch, min_size=1, max_size=2, unique=True))
            said |= {"kind": "transformed", "in_batches": ins, "out_batches": [draw(_batch)]}
        case "shipped":
            to = draw(st.sampled_from([other for other in SITES if other != site]))
            said |= {"kind": "shipped", "batches": [draw(_batch)], "to_site": to, "arrived": draw(_day)}
        case "received":
            said |= {"kind": "received", "batches": [draw(_batch)]}
        case _:
            said |= {"kind": "sampled", "batches": [draw(_batch)], "sample": draw(st.sampled_from(["S1", "S2"]))}
    return who, said


@st.composite
def findings(draw: st.DrawFn) -> Saying:
    """A laboratory's result."""
    said: dict[str, Any] = {
        "kind": "tested",
        "id": draw(st.sampled_from(["t1", "t2", "t3"])),
        "site": draw(_site),
        "lab": "lab",
        "report": draw(st.sampled_from(["R1", "R2", "R3"])),
        "hazard_class": "pathogen",
        "hazard": draw(st.sampled_from(["Listeria", "listeria "])),
        "method": draw(st.sampled_from(["screening", "confirmatory"])),
        "verdict": draw(st.sampled_from(["failed", "failed", "passed"])),
    }
    said |= {"batch": draw(_batch)} if draw(st.booleans()) else {"sample": draw(st.sampled_from(["S1", "S2"]))}
    supersedes = draw(st.sampled_from([None, None, "R1", "R2"]))
    if supersedes not in (None, said["report"]):
        said["supersedes"] = supersedes
    if "batch" in said and draw(st.booleans()):
        said["scope"] = "holding"
    return "lab", said


@st.composite
def corrections(draw: st.DrawFn) -> Saying:
    """Somebody takes back or replaces what somebody said, corrections among it."""
    who = draw(st.sampled_from(["trade", "plant", "lab", "county"]))
    target = draw(st.sampled_from([*IDS, "t1", "c1", "c2", "b1"]))
    said: dict[str, Any] = {"kind": "corrected", "id": draw(st.sampled_from(["c1", "c2", "c3"])), "reason": "x"}
    theirs = {"t1": "lab", "b1": "trade"}.get(target) or draw(st.sampled_from(["trade", "plant", who]))
    said["target"] = {"id": target, "sender": theirs}
    if draw(st.booleans()):
        return who, said | {"action": "withdraw"}
    return who, said | {"action": "replace", "replacements": [draw(st.sampled_from(IDS))]}


def withdrawn(target: str, sender: str) -> Saying:
    """Whoever said ``target`` (an event's id) takes it back."""
    said = {"id": f"c-{target}", "kind": "corrected", "target": {"id": target, "sender": sender}}
    return sender, said | {"action": "withdraw", "reason": "x"}


@st.composite
def same(draw: st.DrawFn) -> Saying:
    """Two keys are said to be one batch."""
    pair = draw(st.lists(st.sampled_from(BATCHES[:3]), min_size=2, max_size=2, unique=True))
    return "trade", {"kind": "same_batch", "id": "b1", "batches": pair}


def worlds(most: int = 9) -> st.SearchStrategy[list[Saying]]:
    """Up to ``most`` sayings; ids are few, so that variants are common."""
    one = st.one_of(flows(), flows(), flows(), flows(), findings(), findings(), corrections(), corrections(), same())
    return st.lists(one, min_size=1, max_size=most)


class Told:
    """A ledger that was told sayings in some order and grouping, and the world that follows it."""

    batches = BATCHES

    def __init__(self) -> None:
        self.now = START
        self.ledger = MemoryLedger(clock=self._clock)
        self.world = World()
        self.outcomes: list[Outcome] = []
        self._view = LedgerInMemory(self.ledger)

    def _clock(self) -> int:
        self.now += 1_000_000
        return self.now

    @property
    def names(self) -> NameBook:
        return self._view.names

    def tell(self, *sayings: Saying) -> None:
        """One micro-batch for each run of sayings of one sender."""
        for who, raw in ((who, json.dumps(said).encode()) for who, said in sayings):
            self.ledger.take([raw], DOORS[who])
        for entry in self.ledger.entries[self.world.position :]:
            self.outcomes.append(self.world.apply(entry, self._view.prepare(self.world, entry)))

    def tell_at_once(self, sayings: list[Saying], sizes: list[int]) -> None:
        """In micro-batches of these sizes; what two senders say never shares one."""
        left, size = list(sayings), iter(sizes)
        while left:
            who = left[0][0]
            most = next(size, 1)
            group = [said for speaker, said in left[:most] if speaker == who]
            run = next((i for i, (speaker, _) in zip(count(), left[:most], strict=False) if speaker != who), len(group))
            self.ledger.take([json.dumps(said).encode() for said in group[:run]], DOORS[who])
            left = left[run:]
        self.tell()

    def end(self) -> None:
        """All deadlines pass."""
        self.now = interval_of("2026-06-01T00:00:00Z", None).lo
        self.tell(("clock", {"kind": "clock_ticked", "at": "2026-06-01T00:00:00Z"}))

    def links(self) -> dict[str, dict[str, tuple[int, int]]]:
        """For each batch, what lies forward of it: holding -> certainty, basis."""
        found = {}
        for batch in self.batches:
            number = self.names.batch_number(batch)
            if number is None:
                continue
            trace = self.world.index.forward([Seed(number)])
            rows = zip(*(c.tolist() for c in (trace.batch, trace.site, trace.certainty, trace.basis)), strict=True)
            found[batch] = {f"{self._at(b, s)}": (certainty, basis) for b, s, certainty, basis in rows}
        return {batch: reached for batch, reached in found.items() if reached}

    def alerts(self) -> list[tuple[Any, ...]]:
        """What stands, without what only this ledger knows: evidence by identity; of a gap, which event shows it."""
        rows = []
        for alert in self.world.board.standing():
            cited = sorted({self.world.rows.identity(number) for number in alert.evidence})
            evidence = () if alert.rule == "CHAIN_GAP" else (tuple(cited), alert.evidence_count)
            sure = alert.confidence, alert.sure
            rows.append((alert.rule, alert.id, alert.severity, sure, json.dumps(alert.args), evidence))
        return sorted(rows)

    def supported(self) -> dict[str, dict[str, tuple[str, str, str]]]:
        """Scopes with their supported members: holding -> role, certainty, basis."""
        found = {}
        for scope in self.world.scopes.values():
            members = [m for m in scope.members(inferred=True, co=True) if m.supported]
            found[scope.id] = {self._at(m.batch, m.site): (m.role, m.certainty, m.basis) for m in members}
        return {scope: members for scope, members in found.items() if members}

    def known(self) -> tuple[Any, ...]:
        """All answers that must not depend on order."""
        return self.links(), self.alerts(), self.supported()

    def _at(self, batch: int, site: int) -> str:
        return f"{self.names.batch_key(batch)} @ {self.names.site_key(site)}"
