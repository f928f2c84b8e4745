"""What a follower's lineage and its opened scopes must be, in plain Python: what ``World`` is held to.

Everything is worked out anew of all that was said up to a position, in five steps that read from top to bottom:

1. **What stands.** An event is withdrawn by a correction that stands, that is said by who may (its sender, its
   operator, an authority), and whose replacements have all come; a correction that is itself in doubt only disputes.
2. **What flowed.** Events are steps between holdings; what a unit held flows in its place (``plain_units``), and the
   rules of lineage say what may be in what (``fieldline_trace.lineage.plain``).
3. **What fits.** A description is met by each lot that was ever named and that nothing said keeps out.
4. **What a scope's evidence supports.** The lots that it starts from, what was made of them, their sources, and what
   else these fed.
5. **What an opened scope makes of it.** Nothing leaves by itself: what is supported less than it was is weakened, what
   is supported no longer stays unsupported, and both are held, until somebody lets them go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from fieldline_schemas.batch_key import is_pool, is_unit, lot_of, product_of
from fieldline_schemas.record import ADDED, AGGREGATED, DISAGGREGATED, DRAWN, MADE, MOVED, RECEIVED, SHAPE_MASK
from fieldline_schemas.record import TIMELESS as NO_ORDER
from fieldline_schemas.times import FOREVER, NEVER, UNKNOWN, Interval, interval_of
from fieldline_trace.follow.variants import StepRow
from fieldline_trace.lineage.plain import Answer, Holding, PlainLineage, Step
from fieldline_trace.lineage.terms import DECLARED, DEFINITE, DISPUTED, POOLED, POSSIBLE, RECORDED, WITHDRAWN

from .plain_units import PlainUnits

Said = tuple[str, dict[str, Any]]
"""Who says what. Ids are said once."""
AUTHORITIES = ("county", "emergency", "office")
BACK = {"pathogen", "residue", "banned"}
"""Classes of hazards whose sources are suspects."""


class Row(NamedTuple):
    """How a holding is in the evidence of a scope."""

    role: str
    certainty: int
    basis: int
    hops: int
    exposed: Interval

    @property
    def strength(self) -> int:
        return self.certainty * 2 + (self.basis < POOLED)


class Seed(NamedTuple):
    """A lot, or with a site what lies of it there."""

    batch: str
    site: str = ""

    @property
    def asked(self) -> str | Holding:
        return Holding(self.batch, self.site) if self.site else self.batch


class PlainWorld:
    """All that follows from what was said, in whatever order."""

    def __init__(self, said: Sequence[Said]) -> None:
        self.said = list(said)
        self._batches: list[str] = [""]
        self._sites: list[str] = [""]
        self._states: dict[int, int] = {}

    # 1. What stands

    def state(self, event: int) -> int:
        """RECORDED, DISPUTED or WITHDRAWN."""
        if event not in self._states:
            who, what = self.said[event]
            effects = []
            for number, (by, correction) in enumerate(self.said):
                if correction["kind"] != "corrected" or correction["target"]["id"] != what["id"]:
                    continue
                may = by in AUTHORITIES or by in (who, what.get("operator"))
                if correction["target"].get("sender", by) == who and may and self.state(number) != WITHDRAWN:
                    have_come = all(self._has_come(one, (by, who), event) for one in correction.get("replacements", ()))
                    effects.append(WITHDRAWN if have_come and self.state(number) == RECORDED else DISPUTED)
            self._states[event] = max(effects, default=RECORDED)
        return self._states[event]

    def _has_come(self, name: str, senders: tuple[str, str], but: int) -> bool:
        return any(
            number != but and who in senders and what["id"] == name for number, (who, what) in enumerate(self.said)
        )

    # 2. What flowed

    @cached_property
    def lineage(self) -> PlainLineage:
        """Of what flowed."""
        return PlainLineage(self.flowed)

    @cached_property
    def flowed(self) -> list[Step]:
        """What stands says, units opened."""
        every = {
            number: [(step, self.state(number)) for step in self._steps(what)]
            for number, (_, what) in enumerate(self.said)
            if self.state(number) != WITHDRAWN
        }
        units = frozenset(number for number, key in enumerate(self._batches) if key and is_unit(key))
        opened = [(event, step, basis) for (event, step), basis in PlainUnits(every, units, frozenset()).laid().items()]
        for event, steps in every.items():
            for step, basis in steps:
                if not units & {batch for batch, _ in (*step.ins, *step.outs)}:
                    opened.append((event, step, basis))
        return [self._in_words(*one) for one in opened]

    def _steps(self, what: Mapping[str, Any]) -> list[StepRow]:
        kind, site = what["kind"], what.get("site", "")
        at, timeless = _when(what.get("at")), NO_ORDER if what.get("timeless") else 0
        match kind:
            case "harvested":
                return [self._step(MADE, what.get("sources", []), [what["out_batch"]], site, at)]
            case "transformed":
                return [self._step(MADE | timeless, what["in_batches"], what["out_batches"], site, at)]
            case "input_applied":
                return [self._step(ADDED, what["inputs"], what["applied_to"], site, at)]
            case "sampled":
                return [self._step(DRAWN, what["batches"], [], site, at)]
            case "aggregated":
                return [self._step(AGGREGATED, what["children"], [what["parent"]], site, at)]
            case "disaggregated":
                return [self._step(DISAGGREGATED, [what["parent"]], what["children"], site, at)]
            case "shipped" | "received":
                out = kind == "shipped"
                source, target = (site, what.get("to_site")) if out else (what.get("from_site"), site)
                left, came = (at, _when(what.get("arrived"))) if out else (_when(what.get("departed")), at)
                left, came = _bounded(left, came)
                if not source or not target:
                    return [self._step(DRAWN if source else RECEIVED, what["batches"], what["batches"], site, at)]
                return [
                    StepRow(MOVED, (self._holding(one, source),), (self._holding(one, target),), (*left, *came))
                    for one in what["batches"]
                ]
        return []

    def _step(self, shape: int, ins: Iterable[Any], outs: Iterable[Any], site: str, at: Interval) -> StepRow:
        sources = tuple(self._holding(one, site) for one in ins) if shape != RECEIVED else ()
        targets = tuple(self._holding(one, site) for one in outs) if shape != DRAWN else ()
        return StepRow(shape, sources, targets, (*at, *at))

    def _holding(self, batch: Any, site: str) -> tuple[int, int]:
        return _number(self._batches, _key(batch)), _number(self._sites, site)

    def _in_words(self, event: int, step: StepRow, basis: int) -> Step:
        ins, outs = (
            tuple(Holding(self._batches[batch], self._sites[site]) for batch, site in side)
            for side in (step.ins, step.outs)
        )
        return Step(event, step.shape, ins, outs, Interval(*step.times[:2]), Interval(*step.times[2:]), basis)

    def trace(self, seed: Seed, back: bool, *, times: bool = True) -> Answer:
        """What is in it, or what it is in."""
        return (self.lineage.backward if back else self.lineage.forward)([seed.asked], times=times)

    # 3. What fits

    def fitting(self, matching: Mapping[str, Any]) -> list[Seed]:
        """The lots that a description fits."""
        came_of = None
        if "batch" in matching:
            came_of = {matching["batch"], *(h.batch for h in self.lineage.forward([matching["batch"]]).members)}
        return [
            Seed(key)
            for key in sorted(self._named)
            if self._fits(key, matching) and (came_of is None or key in came_of)
        ]

    @cached_property
    def _named(self) -> set[str]:
        fields = ("sources", "in_batches", "out_batches", "inputs", "applied_to", "batches", "children", "seeds")
        found = {_key(one) for _, what in self.said for name in fields for one in what.get(name, ())}
        found |= {_key(what["out_batch"]) for _, what in self.said if "out_batch" in what}
        found |= {what["matching"]["batch"] for _, what in self.said if "batch" in what.get("matching", ())}
        return {key for key in found if not is_unit(key) and not is_pool(key)}

    def _fits(self, key: str, matching: Mapping[str, Any]) -> bool:
        code, low, high = lot_of(key), matching.get("lot_from", ""), matching.get("lot_to", "")
        made, until = self._made(key), self._until(key)
        return (
            matching.get("product") in (None, product_of(key), product_of(key).rpartition("/")[2])
            and (not low or code[: len(low)] >= low)
            and (not high or code[: len(high)] <= high)
            and ("site" not in matching or Holding(key, matching["site"]) in self.lineage.holdings)
            and ("produced_from" not in matching or made.hi >= _when(matching["produced_from"]).lo)
            and ("produced_to" not in matching or made.lo <= _when(matching["produced_to"]).hi)
            and ("expires_from" not in matching or until >= _when(matching["expires_from"]).lo)
            and ("expires_to" not in matching or until >= FOREVER or until <= _when(matching["expires_to"]).hi)
        )

    def _made(self, key: str) -> Interval:
        when = [
            Interval(*step.times[2:])
            for number, (_, what) in enumerate(self.said)
            if self.state(number) != WITHDRAWN
            for step in self._steps(what)
            if step.shape & SHAPE_MASK == MADE and key in [self._batches[batch] for batch, _ in step.outs]
        ]
        return Interval(min(w.lo for w in when), max(w.hi for w in when)) if when else UNKNOWN

    def _until(self, key: str) -> int:
        said = [
            _when(one["expires"]).hi
            for number, (_, what) in enumerate(self.said)
            if self.state(number) != WITHDRAWN
            for one in what.get("out_batches", ())
            if isinstance(one, dict) and one["batch"] == key and "expires" in one
        ]
        return max(said, default=FOREVER)

    # 4. What a scope's evidence supports

    def seeds(self, event: int) -> list[Seed]:
        """Where the scope that an act opened starts; nowhere, once the act is withdrawn."""
        opened = self.said[event][1]
        if self.state(event) == WITHDRAWN:
            return []
        named = [Seed(one["batch"], one.get("site", "")) for one in opened.get("seeds", ())]
        return list(dict.fromkeys(named + (self.fitting(opened["matching"]) if "matching" in opened else [])))

    def evidence(self, seeds: Sequence[Seed], hazard_class: str) -> dict[Holding, Row]:
        """The members that records support, of an opened scope."""
        asked = [seed.asked for seed in seeds]
        forward = self.lineage.forward(asked).members
        lots = {h.batch for h in forward}
        rows: dict[Holding, Row] = {}
        for batch, site in sorted(seeds, key=lambda seed: bool(seed.site)):
            if Holding(batch, site) not in forward and (site or batch not in lots):
                role = "failed_holding" if site else "failed_lot"
                rows.setdefault(Holding(batch, site), Row(role, DEFINITE, RECORDED, 0, Interval(NEVER, FOREVER)))
        for h, member in forward.items():
            rows[h] = Row(_role(h, seeds), *member)
        if hazard_class not in BACK:
            return rows
        for h, member in self.lineage.backward(asked).members.items():
            rows.setdefault(h, Row("suspect", *member))
        suspects = {Holding(*h) if is_pool(h.batch) else h.batch for h, row in rows.items() if row.role == "suspect"}
        for h, member in self.lineage.forward(suspects).members.items():
            rows.setdefault(h, Row("co_descendant", *member._replace(certainty=POSSIBLE)))
        return rows

    def lower(self, seeds: Sequence[Seed], hazard_class: str) -> dict[Holding, str]:
        """Which members come lower by what was recorded, and why; none of them leaves."""
        rows, asked = self.evidence(seeds, hazard_class), [seed.asked for seed in seeds]
        found = {}
        made = {
            h.batch for step in self.flowed if step.ins and step.shape & SHAPE_MASK in (MADE, ADDED) for h in step.outs
        }
        if hazard_class == "residue":
            return {h: "passed_through" for h, row in rows.items() if row.role == "suspect" and h.batch in made}
        kills = {
            number
            for number, (_, what) in enumerate(self.said)
            if hazard_class in what.get("kill_step", {}).get("hazard_classes", ()) and self.state(number) == RECORDED
        }
        past: dict[str, Any] = {"without": kills}
        after = self.lineage.forward(asked).members.keys() - self.lineage.forward(asked, **past).members.keys()
        before = self.lineage.backward(asked).members.keys() - self.lineage.backward(asked, **past).members.keys()
        for h, row in rows.items():
            if row.role == "suspect" and h in before:
                found[h] = "before_kill_step"
            elif row.role not in ("suspect", "failed_lot") and h in after:
                found[h] = "kill_step"
        return found


# 5. What an opened scope makes of it


class Kept(NamedTuple):
    """A member of an opened scope."""

    row: Row
    state: str
    peak: int
    held: bool


@dataclass
class PlainScope:
    """An opened scope, told what its evidence supports after each entry."""

    members: dict[Holding, Kept] = field(default_factory=dict)
    status: str = "open"

    def follow(self, evidence: Mapping[Holding, Row]) -> None:
        """The evidence is this now."""
        after, lots = {}, {h.batch for h in evidence}
        for h in {*self.members, *evidence}:
            old, row = self.members.get(h), evidence.get(h)
            if row is None:
                assert old is not None
                if not h.site and h.batch in lots:  # it is known by now where it is
                    continue
                if old.state == "unsupported" or (old.peak % 2 and old.state != "released"):
                    after[h] = old._replace(state="unsupported", held=True)
                continue
            peak = max(row.strength, old.peak if old else 0)
            state = "weakened" if row.strength < peak else "supported"
            held = old is not None and old.held
            if old and old.state == "released":
                state, held = "released", False
            else:
                held |= row.role in _ABOUT and row.basis < DECLARED
            after[h] = Kept(row, state, peak, held)
        self.members = after

    def release(self, batch: str, site: str) -> None:
        """Somebody who may lets a batch at a site go: it is held no longer, and without support it leaves."""
        h = Holding(batch, site)
        if h in self.members and self.members[h].state == "unsupported":
            del self.members[h]
        elif h in self.members:
            self.members[h] = self.members[h]._replace(state="released", held=False)


_ABOUT = ("failed_lot", "failed_holding", "same_lot", "descendant")


def _role(h: Holding, seeds: Sequence[Seed]) -> str:
    of = [seed for seed in seeds if seed.batch == h.batch]
    if any(not seed.site for seed in of):
        return "failed_lot"
    if any(seed.site == h.site for seed in of):
        return "failed_holding"
    return "same_lot" if of else "descendant"


def _bounded(left: Interval, came: Interval) -> tuple[Interval, Interval]:
    if left.hi == FOREVER:
        left = Interval(left.lo, max(left.lo, came.hi))
    if came.lo == NEVER:
        came = Interval(min(left.lo, came.hi), came.hi)
    return left, came


def _when(text: str | None) -> Interval:
    return UNKNOWN if text is None else interval_of(text, "UTC")


def _key(batch: Any) -> str:
    return str(batch["batch"] if isinstance(batch, dict) else batch)


def _number(known: list[str], key: str) -> int:
    if key not in known:
        known.append(key)
    return known.index(key)
