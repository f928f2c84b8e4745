"""A world that is told one thing after another answers at each step, and for each step before it, as the plain model.

Few examples here; ``FIELDLINE_EXAMPLES`` says how many.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from typing import Any

from fieldline_schemas.times import Interval
from fieldline_trace.follow.fetch import follow_memory
from fieldline_trace.follow.world import World
from fieldline_trace.lineage import Seed as Asked
from fieldline_trace.lineage.plain import Answer, Holding, Member
from fieldline_trace.lineage.terms import WITHDRAWN
from fieldline_trace.recall.docket import opened_id
from fieldline_trace.recall.members import ROLES, STATES
from fieldline_trace.recall.scope import Scope
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from .plain_world import Kept, PlainScope, PlainWorld, Row, Said, Seed
from .worlds import Told

EXAMPLES = int(os.environ.get("FIELDLINE_EXAMPLES", "20"))
LOTS = ["farm/leaf/21A", "farm/leaf/22B", "plant/salad/30K", "plant/salad/31K"]
POOLS = ["plant/salad/~", "plant/salad/~T1", "farm/leaf/~"]
BATCHES = [*LOTS, *POOLS]
PALLET, CASE = "00/095060001343529997", "unit/plant/case 1"
SITES = ["farm", "plant", "shop"]
DAYS = ["2026-03-01", "2026-03-02", "2026-03-03T08:00:00Z", "2026-03-04", "2026-03", None]

batch, lot, site, unit = (st.sampled_from(one) for one in (BATCHES, LOTS, SITES, [PALLET, CASE]))
day = st.sampled_from(DAYS)
speaker = st.sampled_from(["trade", "plant"])
some = st.lists(batch, min_size=1, max_size=2, unique=True)
hazard = st.sampled_from(["pathogen", "pathogen", "residue", "label"])
matching = st.one_of(
    st.fixed_dictionaries({"product": st.sampled_from(["leaf", "plant/salad"])}, optional={"lot_from": st.just("22")}),
    st.fixed_dictionaries({"site": site}, optional={"product": st.just("leaf")}),
    st.fixed_dictionaries({"batch": batch}),
    st.fixed_dictionaries({"produced_from": st.just("2026-03-02"), "produced_to": st.just("2026-03-03")}),
    st.fixed_dictionaries({"lot_to": st.just("30"), "expires_from": st.just("2026-03-20")}),
)


class Following(RuleBasedStateMachine):
    """The world and the model, told the same."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self.said: list[Said] = []
        self.lengths = [0]
        """By position, how much had been said."""
        self.opened: dict[int, PlainScope] = {}
        """By number of the act."""
        self.names = count(1)

    def say(self, who: str, what: dict[str, Any], name: str | None = None) -> None:
        self.say_all(who, [what], name)

    def say_all(self, who: str, several: list[dict[str, Any]], name: str | None = None) -> None:
        """One entry."""
        said = [(who, {"id": name or f"e{next(self.names)}", **what}) for what in several]
        self.told.tell_at_once(said, [len(said)])
        assert not self.told.ledger.rejected, self.told.ledger.rejected
        self.said += said
        self.lengths.append(len(self.said))
        assert self.told.world.position == len(self.lengths) - 1
        model = PlainWorld(self.said)
        for act, scope in self.opened.items():
            if model.state(act) == WITHDRAWN:
                scope.members.clear()
            scope.follow(model.evidence(model.seeds(act), self.said[act][1]["hazard_class"]))
        for act, scope in self.opened.items():
            found = kept(self.told, self.scope(act))
            differing = {h for h in {*found, *scope.members} if found.get(h) != scope.members.get(h)}
            assert not differing, [(h, found.get(h), scope.members.get(h)) for h in sorted(differing)]

    def scope(self, act: int) -> Scope:
        (entry,) = [n for n, length in enumerate(self.lengths) if self.lengths[n - 1] <= act < length and n]
        number = (self.told.ledger.entries[entry - 1].block << 16) + act - self.lengths[entry - 1]
        return self.told.world.scopes[opened_id(self.told.world.rows.identity(number))]

    # Events

    @rule(who=speaker, site=site, at=day, ins=st.lists(batch, max_size=2, unique=True), out=batch, expires=day,
          kill=st.booleans(), timeless=st.sampled_from([False, False, False, True]))  # fmt: skip
    def something_is_made(
        self, who: str, site: str, at: str | None, ins: list[str], out: str, expires: str | None, kill: bool,
        timeless: bool,
    ) -> None:  # fmt: skip
        made: dict[str, Any] = {"batch": out} | ({"expires": expires} if expires and out in LOTS else {})
        what = event("transformed", site, at, in_batches=ins, out_batches=[made], timeless=timeless)
        if kill:
            what["kill_step"] = {"hazard_classes": ["pathogen"], "record": "CCP-1"}
        self.say(who, what)

    @rule(who=speaker, site=site, at=day, out=batch, sources=st.lists(batch, max_size=1))
    def something_is_harvested(self, who: str, site: str, at: str | None, out: str, sources: list[str]) -> None:
        self.say(who, event("harvested", site, at, out_batch=out, sources=sources))

    @rule(who=speaker, site=site, at=day, inputs=some, to=some)
    def something_is_applied(self, who: str, site: str, at: str | None, inputs: list[str], to: list[str]) -> None:
        self.say(who, event("input_applied", site, at, inputs=inputs, applied_to=to))

    @rule(who=speaker, site=site, at=day, what=some, to=st.one_of(site, st.none()), arrived=day)
    def something_leaves(
        self, who: str, site: str, at: str | None, what: list[str], to: str | None, arrived: str | None
    ) -> None:
        if to != site:
            more = {"to_site": to, "arrived": arrived} if to else {}
            self.say(who, event("shipped", site, at, batches=what, **more))

    @rule(who=speaker, site=site, at=day, what=some, origin=st.one_of(site, st.none()))
    def something_comes(self, who: str, site: str, at: str | None, what: list[str], origin: str | None) -> None:
        if origin != site:
            self.say(who, event("received", site, at, batches=what, **({"from_site": origin} if origin else {})))

    @rule(who=speaker, site=site, at=day, what=some)
    def a_sample_is_taken(self, who: str, site: str, at: str | None, what: list[str]) -> None:
        self.say(who, event("sampled", site, at, batches=what, sample=f"S{len(self.said)}"))

    @rule(who=speaker, site=site, at=day, children=some, unit=unit, nested=st.booleans())
    def something_is_packed(
        self, who: str, site: str, at: str | None, children: list[str], unit: str, nested: bool
    ) -> None:
        inside = [*children, CASE] if nested and unit == PALLET else children
        self.say(who, event("aggregated", site, at, parent=unit, children=inside))

    @rule(who=speaker, site=site, at=day, children=st.lists(batch, max_size=1), unit=unit)
    def something_is_unpacked(self, who: str, site: str, at: str | None, children: list[str], unit: str) -> None:
        self.say(who, event("disaggregated", site, at, parent=unit, children=children))

    @rule(who=speaker, site=site, at=day, unit=unit, to=site)
    def a_unit_leaves(self, who: str, site: str, at: str | None, unit: str, to: str) -> None:
        if to != site:
            self.say(who, event("shipped", site, at, batches=[unit], to_site=to))

    @rule(who=speaker, site=site, at=day, unit=unit, out=lot)
    def a_unit_is_used(self, who: str, site: str, at: str | None, unit: str, out: str) -> None:
        self.say(who, event("transformed", site, at, in_batches=[unit], out_batches=[out]))

    @rule(who=speaker, site=site, days=st.lists(day, min_size=2, max_size=3), chain=st.permutations(BATCHES))
    def several_things_are_said_at_once(self, who: str, site: str, days: list[str | None], chain: list[str]) -> None:
        made = [
            event("transformed", site, at, in_batches=[chain[n]], out_batches=[chain[n + 1]])
            for n, at in enumerate(days)
        ]
        self.say_all(who, made)

    # Corrections

    @precondition(lambda self: self.said)
    @rule(data=st.data(), who=st.sampled_from(["trade", "plant", "county", "county"]))
    def something_is_taken_back(self, data: st.DataObject, who: str) -> None:
        self.say(who, {"kind": "corrected", "reason": "x", "action": "withdraw", "target": self.correctable(data)})

    @precondition(lambda self: self.said)
    @rule(data=st.data(), who=st.sampled_from(["trade", "plant", "county"]), ahead=st.integers(-3, 3))
    def something_is_replaced(self, data: st.DataObject, who: str, ahead: int) -> None:
        name = f"e{max(1, len(self.said) + 1 + ahead)}"
        what = {"kind": "corrected", "reason": "x", "action": "replace", "replacements": [name]}
        self.say(who, what | {"target": self.correctable(data)})

    def correctable(self, data: st.DataObject) -> dict[str, str]:
        may = [(by, what) for by, what in self.said if what["kind"] != "member_released"]
        by, what = data.draw(st.sampled_from(may))
        return {"id": what["id"], "sender": by}

    # Scopes

    @precondition(lambda self: len(self.opened) < 3)
    @rule(seed=batch, at=st.one_of(site, st.none()), other=st.one_of(st.none(), lot), hazard=hazard)
    def a_scope_is_opened(self, seed: str, at: str | None, other: str | None, hazard: str) -> None:
        seeds = [{"batch": seed} | ({"site": at} if at else {})] + ([{"batch": other}] if other else [])
        self.open({"seeds": seeds, "hazard_class": hazard})

    @precondition(lambda self: len(self.opened) < 3)
    @rule(matching=matching, hazard=hazard)
    def a_scope_is_opened_on_a_description(self, matching: dict[str, str], hazard: str) -> None:
        self.open({"matching": matching, "hazard_class": hazard})

    def open(self, what: dict[str, Any]) -> None:
        self.opened[len(self.said)] = PlainScope()
        self.say("county", {"kind": "scope_opened", "hazard": "x", "reason": "x", "zone": "Z", **what})

    @precondition(lambda self: any(scope.members for scope in self.opened.values()))
    @rule(data=st.data())
    def a_member_is_released(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from([act for act, scope in self.opened.items() if scope.members]))
        h = data.draw(st.sampled_from(sorted(self.opened[act].members)))
        if h.site:
            self.opened[act].release(*h)
            what = {"kind": "member_released", "scope": self.scope(act).id, "batch": h.batch, "site": h.site}
            self.say("emergency", {**what, "reason": "x"})

    # Answers

    @rule(batch=batch, at=st.one_of(site, st.none()), back=st.booleans(), times=st.booleans())
    def a_trace_answers_as_the_model(self, batch: str, at: str | None, back: bool, times: bool) -> None:
        seed = Seed(batch, at or "")
        assert traced(self.told, self.told.world, seed, back, times) == PlainWorld(self.said).trace(
            seed, back, times=times
        ), self.said

    @precondition(lambda self: len(self.lengths) > 1)
    @rule(data=st.data(), batch=batch, back=st.booleans())
    def so_it_does_as_known_at_a_position_before(self, data: st.DataObject, batch: str, back: bool) -> None:
        position = data.draw(st.integers(1, len(self.lengths) - 1))
        then = follow_memory(self.told.ledger, until=position)
        model = PlainWorld(self.said[: self.lengths[position]])
        assert traced(self.told, then, Seed(batch), back, True) == model.trace(Seed(batch), back), self.said

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def the_same_members_come_lower(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from(sorted(self.opened)))
        scope, model = self.scope(act), PlainWorld(self.said)
        lower = self.told.world.demotions(scope.seeds, scope.reach.table, scope.hazard_class)
        place = place_of(self.told, self.told.world)
        found = {place(*self.told.world.index.holding(h)): demotion.why for h, demotion in lower.items()}
        assert found == model.lower(model.seeds(act), scope.hazard_class), self.said


def event(kind: str, site: str, at: str | None, **more: Any) -> dict[str, Any]:
    """``at`` is left out where it is not known."""
    return {"kind": kind, "operator": "plant", "site": site, "zone": "Z", "at": at, **more}


def place_of(told: Told, world: World) -> Callable[[int, int], Holding]:
    return lambda batch, site: Holding(told.names.batch_key(batch), told.names.site_key(site) if site else "")


def traced(told: Told, world: World, seed: Seed, back: bool, times: bool) -> Answer:
    number = told.names.batch_number(seed.batch)
    where = told.names.site_number(seed.site) if seed.site else None
    if number is None or (seed.site and where is None):
        return Answer({}, set())
    trace = (world.index.backward if back else world.index.forward)([Asked(number, where)], times=times)
    place = place_of(told, world)
    columns = (trace.batch, trace.site, trace.certainty, trace.basis, trace.hops, trace.exposed_lo, trace.exposed_hi)
    members = {
        place(b, s): Member(certainty, basis, hops, Interval(lo, hi))
        for b, s, certainty, basis, hops, lo, hi in zip(*(column.tolist() for column in columns), strict=True)
    }
    return Answer(members, {place(*world.index.holding(h)) for h in trace.excluded.tolist()})


def kept(told: Told, scope: Scope) -> dict[Holding, Kept]:
    """The members of a scope in the model's words."""
    rows, table, place = scope.rows, scope.table, place_of(told, told.world)
    return {
        place(int(table.batch[n]), int(table.site[n])): Kept(
            Row(
                ROLES[table.role[n]],
                int(table.certainty[n]),
                int(table.basis[n]),
                int(table.hops[n]),
                Interval(int(table.lo[n]), int(table.hi[n])),
            ),
            STATES[int(rows.state[n])],
            int(rows.peak[n]),
            bool(scope.held[n]),
        )
        for n in range(len(table))
    }


class FollowingToo(Following):
    """The same, with other examples, so that two processes share them."""


for machine in (Following, FollowingToo):
    machine.TestCase.settings = settings(max_examples=max(1, EXAMPLES // 2), stateful_step_count=20)
TestFollowing, TestFollowingToo = Following.TestCase, FollowingToo.TestCase
