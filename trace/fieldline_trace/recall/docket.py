"""All scopes of a world: which finding belongs to which scope, which scopes a change meets, and what people did to
them.

One draft for a lot and hazard. Its id comes from the two, so it is known before and equal in every run. A finding on
a lot whose scope was closed drafts the next one.

The module is long because it is one class: each act, and each undoing of one, guards the same invariants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fieldline_trace.lineage import LineageIndex
from fieldline_trace.recall.changes import ChangeSet, compose
from fieldline_trace.recall.decided import Decided, put_in, taken_out
from fieldline_trace.recall.members import MemberTable
from fieldline_trace.recall.reach import (
    Reach,
    ScopeSeed,
    WindowOf,
    no_window,
    place_of_unknown,
    reach,
    unknown_holding,
)
from fieldline_trace.recall.scope import NOBODY, Scope, Status
from fieldline_trace.recall.versions import ScopeVersion
from fieldline_trace.reference import Reference
from fieldline_trace.risk.alerts import Cause

CauseOf = Callable[[NDArray[np.int64]], Cause]
"""The cause of a change for a scope whose evidence rests on these batches (sorted numbers)."""


class Found(NamedTuple):
    """A failed result, or a declared window, that stands: what it is about. Windows of one declaration are about one
    thing, lots of one result each about itself."""

    seeds: tuple[ScopeSeed, ...]
    hazard_class: str
    hazard: str

    def about(self, seed: ScopeSeed) -> int:
        """Batch number of what the scope of a seed is about."""
        return next(one.batch for one in self.seeds if one.window) if seed.window else seed.batch


@dataclass(frozen=True, slots=True)
class World:
    """What scopes need to know of the world around them."""

    index: LineageIndex
    reference: Reference
    key_of: Callable[[int], str]
    """Canonical key of a batch number."""
    is_pool: Callable[[int], bool]
    operator_of: Callable[[int], int]
    """Party number of whoever acts at a site; 0 where it is not known."""
    window_of: Callable[[int], WindowOf | None] = no_window
    """Which window a batch number is the node of."""


@dataclass(slots=True)
class _Pending:
    """What happened to a scope in the entry at hand."""

    status: Status
    """Before the entry."""
    cause: Cause
    changes: list[ChangeSet] = field(default_factory=list)


@dataclass(slots=True)
class Docket:
    """The scopes, by id. Single writer."""

    world: World
    scopes: dict[str, Scope] = field(default_factory=dict)
    _found: dict[int, Found] = field(default_factory=dict)
    """Identity of a failed result -> what it is about."""
    _homes: dict[tuple[int, int], str] = field(default_factory=dict)
    """(identity, batch) -> the scope that it belongs to."""
    _groups: dict[tuple[int, str, str], list[str]] = field(default_factory=dict)
    """(canonical lot, hazard class, hazard) -> its scopes."""
    _awaited: dict[str, dict[int, Callable[[Scope], None]]] = field(default_factory=dict)
    """Acts on scopes that do not exist yet, by number."""
    _decided: dict[str, dict[int, Decided]] = field(default_factory=dict)
    """By scope, which may come later, what people decided of members, by number of the act."""
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _regrouped: bool = False
    """Keys were joined or parted at some time, so a holding may count as another."""
    _watched: NDArray[np.int32] = field(default_factory=lambda: np.zeros(1024, np.int32))
    """For each batch, how many scopes rest on it."""

    def found(self, identity: int, found: Found | None, cause: Cause, *, by: int = 0) -> None:
        """A failed result stands, about this; None: it stands no longer. ``by``: party whose correction it was, if
        one was."""
        before = self._found.get(identity)
        if before == found:
            return
        if found is None:
            del self._found[identity]
        else:
            self._found[identity] = found
        touched = self._place(identity, before, found, cause)
        for scope in touched:
            self._recompute(scope, cause, by)

    def regroup(self, cause: Cause, *, by: int = 0) -> None:
        """Keys became one batch, or were parted: findings on one lot belong to one draft. Recomputes all scopes."""
        self._regrouped = True
        self._groups.clear()
        for scope in self.scopes.values():
            self._enlist(scope)
        for identity, found in sorted(self._found.items()):
            self._place(identity, found, found, cause)
        for _, scope in sorted(self.scopes.items()):
            self._recompute(scope, cause, by)

    def touched(self, batches: NDArray[np.int64], cause_of: CauseOf, *, by: int = 0) -> None:
        """Links or derived state of holdings of ``batches`` changed: recompute the scopes that rest on any of them."""
        known = batches[batches < len(self._watched)]
        hit = known[self._watched[known] > 0]
        if not len(hit):
            return
        for scope in list(self.scopes.values()):
            closure = scope.reach.closure
            if len(closure) and np.isin(hit, closure).any():
                self._recompute(scope, cause_of(closure), by)

    def rests_on(self, batches: NDArray[np.int64]) -> bool:
        """Whether any scope does, on any of ``batches``."""
        return bool(self._watched[batches[batches < len(self._watched)]].any())

    def open_draft(self, scope_id: str, title: str, number: int, cause: Cause) -> None:
        """Open a draft, now or when it comes to be. ``number``: of the act."""

        def act(scope: Scope) -> None:
            if scope.own:
                return
            if scope.status in ("draft", "lapsed"):
                scope.title = title or scope.title
            scope.acts[number] = "open"
            self._settle(scope, cause)

        self._act(scope_id, number, act)

    def open_seeds(
        self,
        identity: int,
        seeds: Sequence[ScopeSeed],
        hazard_class: str,
        hazard: str,
        title: str,
        number: int,
        cause: Cause,
        *,
        described: bool = False,
    ) -> Scope:
        """Open a scope from what a person names; its id comes from the act's identity. ``number``: of the act.
        ``described``: other lots may fit later, so it is about no lot in particular."""
        alone = not described and len({seed.batch for seed in seeds}) == 1 and seeds[0].whole_lot
        lot = seeds[0].batch if alone else 0
        scope = self._scope(opened_id(identity), lot, hazard_class, hazard)
        self._note(scope, cause)
        if not scope.own:  # whoever opened it as a draft before it was there opened nothing
            scope.acts = {number: act for number, act in scope.acts.items() if act != "open"}
        scope.named, scope.title, scope.own = tuple(seeds), title, True
        scope.acts[number] = "open"
        if not self._settle(scope, cause):
            self._recompute(scope, cause, 0)
        return scope

    def reseed(self, identity: int, seeds: Sequence[ScopeSeed], cause: Cause, *, by: int = 0) -> None:
        """What a person named comes to other seeds now."""
        scope = self.scopes.get(opened_id(identity))
        if scope is not None and scope.named != tuple(seeds):
            self._note(scope, cause)
            scope.named = tuple(seeds)
            self._recompute(scope, cause, by)

    def close(self, scope_id: str, number: int, cause: Cause, *, archived: bool = False) -> None:
        """Close an open scope; it is watched from then on. ``archived``: nor is it watched any longer, whether it was
        open or closed. ``number``: of the act."""

        def act(scope: Scope) -> None:
            scope.acts[number] = "archive" if archived else "close"
            self._settle(scope, cause)

        self._act(scope_id, number, act)

    def undo(self, scope_id: str, number: int, cause: Cause) -> None:
        """The act that opened, closed or archived a scope was withdrawn: the scope is what the other acts make of it,
        and has caught up. Opened by none, a draft is a draft again, and holds nothing; of a scope on seeds of a
        person's own nothing is left but that it was, and results that were in it draft their own again."""
        self._awaited.get(scope_id, {}).pop(number, None)
        scope = self.scopes.get(scope_id)
        if scope is not None and scope.acts.pop(number, None) is not None:
            self._settle(scope, cause)

    def release(self, scope_id: str, batch: int, site: int, number: int, cause: Cause) -> None:
        """Let a member go. Whether the person may is for the caller to know. ``number``: of the act."""

        def act(scope: Scope) -> None:
            index = self.world.index
            lot = index.canonical(batch)
            changes = scope.release(lambda other: index.canonical(other) == lot, site, cause)
            if len(changes):
                self._note(scope, cause).changes.append(changes)

        self._act(scope_id, number, act)

    def decide(self, scope_id: str, number: int, what: Decided | None, cause: Cause, *, by: int = 0) -> None:
        """What the act ``number`` says of a member of a scope, now or when that comes to be; None: it stands no
        longer."""
        said = self._decided.setdefault(scope_id, {})
        if said.get(number) == what:
            return
        if what is None:
            del said[number]
        else:
            said[number] = what
        if scope_id in self.scopes:
            self._note(self.scopes[scope_id], cause)
            self._recompute(self.scopes[scope_id], cause, by)

    def preview(self, seeds: Sequence[ScopeSeed], hazard_class: str, *, others: bool = True) -> Reach:
        """What a scope from ``seeds`` would reach; nothing is written."""
        return self._reach(seeds, hazard_class, others=others)

    def watched(self) -> dict[str, tuple[Cause, list[int]]]:
        """Closed scopes, and such as were, that the entry at hand changed: why, and the events that brought in what
        came since."""
        return {
            name: (pending.cause, [number for number in self.scopes[name].late.tolist() if number >= 0])
            for name, pending in self._pending.items()
            if "closed" in (pending.status, self.scopes[name].status)
        }

    def finish(self, position: int, at: int) -> list[ScopeVersion]:
        """The versions that this entry made, in order of scope id."""
        versions = []
        for scope_id, pending in sorted(self._pending.items()):
            scope = self.scopes[scope_id]
            if scope.status in ("draft", "lapsed"):
                scope.status = "draft" if len(scope.table) else "lapsed"
            changes = compose(pending.changes)
            if not len(changes) and scope.status == pending.status:
                continue
            scope.version, scope.position, scope.changed_at = scope.version + 1, position, at
            versions.append(
                ScopeVersion(
                    scope_id,
                    scope.version,
                    position,
                    at,
                    scope.status,
                    pending.cause,
                    len(scope.table),
                    int(scope.held.sum()),
                    scope.inferred,
                    scope.co_descendants,
                    changes,
                )
            )
        self._pending.clear()
        return versions

    def _place(self, identity: int, before: Found | None, found: Found | None, cause: Cause) -> list[Scope]:
        """Put each seed of a finding into its scope; the scopes whose seeds changed."""
        wanted: dict[tuple[int, int], tuple[str, ScopeSeed | None]] = {}
        if found is not None:
            for one in found.seeds:
                wanted[identity, one.batch] = (self._home(identity, one, found), one)
        had = {(identity, seed.batch) for seed in before.seeds} if before is not None else set()
        nowhere: tuple[str, ScopeSeed | None] = ("", None)
        changed: dict[str, Scope] = {}
        for key in sorted(had | wanted.keys()):
            home, seed = wanted.get(key, nowhere)
            old = self._homes.get(key)
            if old is not None and old != home:
                del self.scopes[old].findings[key]
                del self._homes[key]
                changed[old] = self.scopes[old]
            if seed is not None:
                scope = self.scopes.get(home)
                if scope is None and found is not None:
                    scope = self._scope(home, found.about(seed), found.hazard_class, found.hazard)
                if scope is not None and scope.findings.get(key) != seed:
                    scope.findings[key] = seed
                    self._homes[key] = home
                    changed[home] = scope
        for scope in changed.values():
            self._note(scope, cause)
        return [scope for _, scope in sorted(changed.items())]

    def _home(self, identity: int, seed: ScopeSeed, found: Found) -> str:
        """The scope of a finding on a seed: the one it was opened or closed in, the lot's open one, or the lot's
        draft."""
        current = self._homes.get((identity, seed.batch))
        if current is not None and self.scopes[current].held_fast:
            return current
        lot = int(self.world.index.canonical(found.about(seed)))
        hazard = even(found.hazard)
        group = [self.scopes[one] for one in self._groups.get((lot, found.hazard_class, hazard), ())]
        for scope in sorted(group, key=lambda scope: scope.id):
            if scope.status == "open":
                return scope.id
        closed = sum(scope.status in ("closed", "archived") for scope in group)
        return draft_id(self.world.key_of(lot), found.hazard_class, hazard, closed)

    def _scope(self, scope_id: str, lot: int, hazard_class: str, hazard: str) -> Scope:
        scope = self.scopes.get(scope_id)
        if scope is None:
            decisions = self._decided.setdefault(scope_id, {})
            scope = Scope(scope_id, hazard_class, hazard, lot, status="lapsed", decisions=decisions)
            self.scopes[scope_id] = scope
            self._enlist(scope)
        for act in self._awaited.pop(scope_id, {}).values():
            act(scope)
        return scope

    def _enlist(self, scope: Scope) -> None:
        if scope.lot:
            group = int(self.world.index.canonical(scope.lot)), scope.hazard_class, even(scope.hazard)
            self._groups.setdefault(group, []).append(scope.id)

    def _act(self, scope_id: str, number: int, act: Callable[[Scope], None]) -> None:
        scope = self.scopes.get(scope_id)
        if scope is None:
            self._awaited.setdefault(scope_id, {})[number] = act
        else:
            act(scope)

    def _settle(self, scope: Scope, cause: Cause) -> bool:
        """Let a scope be what its acts come to; whether it was something else."""
        before, status = scope.status, scope.settled
        if status == before or (status, before) == ("draft", "lapsed"):
            return False
        self._note(scope, cause)
        if before == "archived":
            scope.reach = Reach.nothing()  # nobody watched it
        if status in ("draft", "withdrawn"):
            scope.status, scope.closed_with = status, None
            self._place_again(scope, cause)
            self._recompute(scope, cause, 0, anew=True)
            return True
        if not scope.held_fast:
            scope.open()
            self._recompute(scope, cause, 0)
        elif before == "archived" or status == "open":
            scope.status = status
            self._recompute(scope, cause, 0)
        scope.status = status
        if status == "open":
            scope.closed_with = None
        elif scope.closed_with is None:
            scope.closed_with = scope.table.holding.copy()
        if status == "archived":
            self._watch(scope.reach.closure, NOBODY)
        return True

    def _place_again(self, scope: Scope, cause: Cause) -> None:
        """Results that are in a scope on a person's own seeds, which is no more, have drafts of their own."""
        inside = {identity for (identity, _), home in self._homes.items() if scope.own and home == scope.id}
        for identity in sorted(inside):
            for other in self._place(identity, self._found[identity], self._found[identity], cause):
                if other is not scope:
                    self._recompute(other, cause, 0)

    def _note(self, scope: Scope, cause: Cause) -> _Pending:
        return self._pending.setdefault(scope.id, _Pending(scope.status, cause))

    def _reach(self, seeds: Iterable[ScopeSeed], hazard_class: str, *, others: bool) -> Reach:
        world = self.world
        return reach(
            world.index,
            seeds,
            world.reference.hazard(hazard_class),
            is_pool=world.is_pool,
            window_of=world.window_of,
            others=others,
            collapse=world.reference.collapse,
        )

    def _recompute(self, scope: Scope, cause: Cause, by: int, *, anew: bool = False) -> None:
        """Let ``scope`` follow the evidence. ``by``: the party whose correction changed it; 0 where none did.
        ``anew``: whatever it held fast to. What is archived follows nothing."""
        if scope.status == "archived":
            return
        keep = by != 0 and any(self.world.operator_of(site) == by for site in np.unique(scope.table.site).tolist())
        before = scope.reach.closure
        now = self._reach(scope.seeds, scope.hazard_class, others=scope.held_fast)
        # What lineage did not know it may know by now, and the other way round, once records are withdrawn.
        recount = self._regrouped or any(len(table) and table.holding[0] < 0 for table in (scope.table, now.table))
        excluded = scope.table.holding if anew else NOBODY
        if scope.decisions and scope.status != "withdrawn":
            index, decisions = self.world.index, scope.decisions.values()
            now = put_in(index, now, decisions)
            now = replace(now, table=now.table.take(~taken_out(index, now.table, decisions)))
            excluded = np.union1d(excluded, scope.table.holding[taken_out(index, scope.table, decisions)])
        if recount:
            excluded = np.union1d(excluded, _found_by_now(scope.table, now.table))
        counted = self._counted if recount else None
        changes = scope.update(now, cause, keep=keep, counted=counted, excluded=excluded)
        self._watch(before, now.closure)
        if len(changes):
            self._note(scope, cause).changes.append(changes)

    def _counted(self, holding: int) -> tuple[int, int]:
        """The holding that one counts as now, and its batch."""
        index = self.world.index
        batch, site = place_of_unknown(holding) if holding < 0 else index.holding(holding)
        batch = index.canonical(batch)
        found = index.holding_of(batch, site)
        return unknown_holding(batch, site) if found is None else found, batch

    def _watch(self, before: NDArray[np.int64], now: NDArray[np.int64]) -> None:
        top = int(now[-1]) + 1 if len(now) else 0
        if top > len(self._watched):
            grown = np.zeros(max(top, 2 * len(self._watched)), np.int32)
            grown[: len(self._watched)] = self._watched
            self._watched = grown
        self._watched[before] -= 1
        self._watched[now] += 1


def _found_by_now(before: MemberTable, now: MemberTable) -> NDArray[np.int64]:
    """Members of which it was not known where they are, of lots of which it is known now."""
    nowhere = (before.holding < 0) & (before.site == 0) & ~np.isin(before.holding, now.holding)
    found: NDArray[np.int64] = before.holding[nowhere & np.isin(before.batch, now.batch)]
    return found


def even(hazard: str) -> str:
    """A hazard's name without what differs from one laboratory's spelling to another's: case and spaces."""
    return " ".join(hazard.split()).casefold()


def draft_id(lot: str, hazard_class: str, hazard: str, generation: int = 0) -> str:
    """The id of the draft for a lot and hazard. ``generation``: how many of its scopes were closed before."""
    said = f"{lot}|{hazard_class}|{even(hazard)}|{generation}"
    return f"scope-{blake2b(said.encode(), digest_size=6).hexdigest()}"


def opened_id(identity: int) -> str:
    """The id of a scope that a person opened from seeds. ``identity``: hash of the act's sender and id."""
    return f"scope-{blake2b(f'act|{identity}'.encode(), digest_size=6).hexdigest()}"
