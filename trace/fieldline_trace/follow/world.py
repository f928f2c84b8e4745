"""The state of one follower: entries go in by position, and what changed comes out. Pure.

What an entry says in columns goes to the index in one call. Only events that have variants or corrections, and those
that are read whole, are taken one by one, in order, so that each change of an alert or a scope names its cause.

The module is long because applying an entry is one story: columns, standing, details, rules and scopes in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from fieldline_schemas.contract import Envelope
from fieldline_schemas.kinds.cleaned import Cleaned
from fieldline_schemas.kinds.clock_ticked import ClockTicked
from fieldline_schemas.kinds.consignee_answered import ConsigneeAnswered
from fieldline_schemas.kinds.consignee_notified import ConsigneeNotified
from fieldline_schemas.kinds.contamination_declared import ContaminationDeclared
from fieldline_schemas.kinds.corrected import Corrected
from fieldline_schemas.kinds.incident_joined import IncidentJoined
from fieldline_schemas.kinds.incident_stepped import IncidentStepped
from fieldline_schemas.kinds.member_excluded import MemberExcluded
from fieldline_schemas.kinds.member_included import MemberIncluded
from fieldline_schemas.kinds.member_released import MemberReleased
from fieldline_schemas.kinds.packed import Packed
from fieldline_schemas.kinds.prepared import Prepared
from fieldline_schemas.kinds.retest_requested import RetestRequested
from fieldline_schemas.kinds.same_batch import SameBatch
from fieldline_schemas.kinds.sampled import Sampled
from fieldline_schemas.kinds.scope_closed import ScopeClosed
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.kinds.tested import Tested
from fieldline_schemas.kinds.transformed import Transformed
from fieldline_schemas.record import AUTHORITY, EMERGENCY, HISTORICAL, SKEWED, UNREADABLE_YET, Columns, Record
from numpy.typing import NDArray

from fieldline_trace.follow import results
from fieldline_trace.follow.acts import Acts
from fieldline_trace.follow.at_hand import AtHand, Outcome, naming
from fieldline_trace.follow.bases import Bases, Moved
from fieldline_trace.follow.catalogue import Catalogue
from fieldline_trace.follow.content import Content
from fieldline_trace.follow.decisions import Decisions
from fieldline_trace.follow.declarations import Declarations
from fieldline_trace.follow.derived import Derived
from fieldline_trace.follow.details import (
    Detail,
    batches_named,
    correction_of,
    read_details,
    tested_of,
)
from fieldline_trace.follow.drafted import found_of, of_places
from fieldline_trace.follow.facts import Doubt, Fact
from fieldline_trace.follow.gaps import Gaps
from fieldline_trace.follow.held import HeldHoldings
from fieldline_trace.follow.items import Joined
from fieldline_trace.follow.kill_steps import KillSteps
from fieldline_trace.follow.names import Amount, Names, Needs
from fieldline_trace.follow.predicates import Predicates
from fieldline_trace.follow.presence import Presence
from fieldline_trace.follow.results import Results
from fieldline_trace.follow.risks import FACTS, Risks
from fieldline_trace.follow.rows import EventRows
from fieldline_trace.follow.rulings import Rulings
from fieldline_trace.follow.shelf_lives import ShelfLives
from fieldline_trace.follow.skew import Skew
from fieldline_trace.follow.standing import Statement
from fieldline_trace.follow.unit_seeds import UnitSeeds
from fieldline_trace.follow.units import Held
from fieldline_trace.follow.variants import steps_of
from fieldline_trace.follow.wanted import needs_of, targets_of
from fieldline_trace.follow.windows import Window
from fieldline_trace.lineage import LineageIndex, StepColumns
from fieldline_trace.recall.demotion import Demotion, demotions
from fieldline_trace.recall.docket import CauseOf, Docket, opened_id
from fieldline_trace.recall.docket import World as Surroundings
from fieldline_trace.recall.members import MemberTable
from fieldline_trace.recall.reach import Reach, ScopeSeed, asked_of
from fieldline_trace.recall.scope import Scope
from fieldline_trace.reference import Reference, load_reference
from fieldline_trace.risk.alerts import Alert, AlertBoard, Cause
from fieldline_trace.risk.rules import (
    chain_gap,
    clock_skew,
    correction_refused,
    event_conflict,
    result_superseded,
    rule_failed,
    scope_grew,
    screening_positive,
    test_failed,
)
from fieldline_trace.store.ledger_read import Entry


class World:
    """All that a follower knows at its position. Not thread-safe: one writer, readers on the same thread."""

    def __init__(self, reference: Reference | None = None) -> None:
        self.reference = reference or load_reference()
        self.position = 0
        self.received_at = 0
        self.index = LineageIndex()
        self.catalogue = Catalogue(self.index)
        self.rows = EventRows()
        self.content = Content(self.index, self.catalogue, self.rows, lambda number: self.bases.state(number))
        self.unit_seeds = UnitSeeds(self.content.units, self.catalogue.units)
        self.bases = Bases(self.index, self.rows, self.content)
        self.derived = Derived(self.index, self.bases.state)
        self.shelf_lives = ShelfLives()
        self.presence = Presence(self.index, self.rows, self.bases, self.shelf_lives, self.is_pool)
        self.declarations = Declarations(self.index, self.rows, self.bases, self.presence, self.derived, self.reference)
        self.kill_steps = KillSteps(self.bases)
        self.results = Results(self.bases.state)
        never_packed = self.content.units.missing
        self.gaps = Gaps(self.index, self.rows, self.reference.absence, self.bases.gone, never_packed)
        self.skew = Skew()
        board = AlertBoard()
        self.risks = Risks(
            self.reference,
            self.index,
            self.rows,
            self.bases,
            self.results,
            self.presence,
            board,
            self.catalogue,
            self.unit_seeds,
        )
        self.names: Names | None = None
        window_of = self.declarations.window_of
        self.docket = Docket(
            Surroundings(self.index, self.reference, self._batch_key, self.is_pool, self.operator_of, window_of)
        )
        self.held_holdings = HeldHoldings(
            self.docket, self.index, self.presence.lying, self.rows, self.bases, self.risks.facts
        )
        self.rulings = Rulings(
            self.index,
            self.rows,
            self.bases,
            self.results,
            self.gaps,
            self.skew,
            self.risks,
            self.held_holdings,
            board,
        )
        self.acts = Acts(self.bases)
        self.decisions = Decisions(self.bases, self.docket)
        self.predicates = Predicates(self.index, self.catalogue, self.presence, self.bases)
        self._stirred: list[tuple[NDArray[np.int64], CauseOf, int]] = []
        """In the entry at hand, batches of which something is said otherwise, why, and by whose correction."""
        self._watched_identities = np.empty(0, np.uint64)
        self._read: tuple[int, Record, list[Detail]] | None = None

    # What may be asked

    @property
    def alerts(self) -> dict[str, Alert]:
        """All alerts by id, standing or not."""
        return self.rulings.board.alerts

    @property
    def board(self) -> AlertBoard:
        """The alerts, and which of them stand."""
        return self.rulings.board

    @property
    def scopes(self) -> dict[str, Scope]:
        """All scopes by id."""
        return self.docket.scopes

    @property
    def next_deadline(self) -> int | None:
        """When the clock should tick next, microseconds; None where nothing is awaited."""
        return min((one for one in (self.gaps.next_deadline(), self.risks.waiting.next) if one), default=None)

    def standing_of(self, number: int) -> str:
        """``recorded``, ``conflicting``, ``disputed``, ``withdrawn``, or ``unreadable`` for one that this release
        cannot read yet."""
        if self.rows.flags(number) & UNREADABLE_YET:
            return "unreadable"
        return self.bases.state(number).name.lower()

    def corrected_by(self, number: int) -> tuple[int, ...]:
        """Numbers of the corrections that withdraw or dispute an event."""
        return self.bases.causes.get(number, ())

    def operator_of(self, site: int) -> int:
        """Party number of whoever acts most at a site, of equals the least key; 0 where nobody is known to."""
        return self.catalogue.operator_of(site, self._names().party_key)

    def is_pool(self, batch: int) -> bool:
        """Whether a batch number is a pool's."""
        return self.catalogue.is_pool(batch)

    def held(self, unit: int) -> Held:
        """What a unit holds by now (the receipt of the last entry), or held last, and where it is."""
        return self.content.units.held(unit, self.received_at, self.received_at)

    def preview(
        self, seeds: Sequence[tuple[int, int | None]], hazard_class: str, *, whole_lots: bool = True
    ) -> tuple[Reach, Mapping[int, Demotion]]:
        """What a scope from ``seeds`` (batch number, site number or None) would reach, and who of it would come lower;
        nothing is written."""
        wanted = [ScopeSeed(batch, site or 0, whole_lots or site is None, -1) for batch, site in seeds]
        return self._previewed(wanted, hazard_class)

    def demotions(self, seeds: Sequence[ScopeSeed], table: MemberTable, hazard_class: str) -> Mapping[int, Demotion]:
        """By holding, the members of a scope that come lower, and why."""
        asked = [asked_of(seed) for seed in seeds]
        kills = self.kill_steps.of(hazard_class)
        hazard = self.reference.hazard(hazard_class)
        return demotions(self.index, asked, table, hazard, kills, self.presence.lying.is_start)

    def preview_window(
        self, window: Window, hazard_class: str, amounts: Mapping[int, Sequence[Amount]]
    ) -> tuple[Reach, Mapping[int, Demotion]]:
        """The same of a scope on a window, which does not stand afterwards; nothing else is left of it either.

        Args:
            amounts: what stored events say of amounts of what lay at its site, where that is not known here anyway.
        """
        with self.declarations.previewed(window, amounts) as seed:
            return self._previewed([seed], hazard_class)

    def _previewed(self, seeds: Sequence[ScopeSeed], hazard_class: str) -> tuple[Reach, Mapping[int, Demotion]]:
        reach = self.docket.preview(seeds, hazard_class)
        return reach, self.demotions(seeds, reach.table, hazard_class)

    # What an entry needs, and applying it

    def needs(self, entry: Entry) -> Needs:
        """What ``apply`` of this entry will ask of the names."""
        record, details = self._whole(entry)
        columns = record.columns()
        return needs_of(record, columns, details, self.rows, self._watched(columns))

    def targets(self, entry: Entry, names: Names) -> set[int]:
        """Numbers of events that the entry's corrections name, for whom digests and steps are needed too."""
        record, details = self._whole(entry)
        return targets_of(entry.block, record.columns(), details, self.rows, names)

    def amounts_wanted(self, entry: Entry, names: Names) -> set[int]:
        """Numbers of the batches of which applying this entry needs all that is said of amounts: what lies at sites of
        contaminated windows. None where no window stands. Asked once the names are known."""
        _, details = self._whole(entry)
        events = [detail.event for detail in details if detail.event is not None]
        return self.declarations.amounts_wanted(self._whole(entry)[0].columns(), events, names)

    def apply(self, entry: Entry, names: Names) -> Outcome:
        """Apply the next entry.

        Args:
            names: knows what ``needs``, ``targets`` and ``amounts_wanted`` asked for.

        Raises:
            ValueError: ``entry`` is not the next one.
        """
        if entry.position != self.position + 1:
            raise ValueError(f"position {entry.position} does not follow {self.position}")
        record, details = self._whole(entry)
        columns, self.names = record.columns(), names
        self.risks.retests.know(names)
        numbers = (entry.block << 16) + columns.step_event.astype(np.int64)
        watched = set(self._watched(columns).tolist()) | {index for index, _ in record.variant_of}
        at_hand = AtHand(entry, record, columns, details, numbers, watched)
        self.position, self.received_at, self._read = entry.position, entry.received_at, None
        self.rows.add(entry.block, entry.received_at, columns)
        named = [self._batch_number(key) for one in details if one.event for key in batches_named(one.event)]
        batches = np.concatenate([columns.in_batch, columns.out_batch, np.array(named, np.int64)])
        joined = self.content.know(batches, names)
        self.catalogue.count_operators(columns)
        self.declarations.know_amounts(names.amounts())
        kept = self.shelf_lives.add(columns, entry.block)
        if self.predicates:
            self._stir(np.unique(np.concatenate([batches, kept])), lambda _: Cause("late_record", entry.block << 16))

        self._apply_steps(at_hand, joined)
        if self.declarations.windows and len(kept):
            holdings = self.presence.lying.of_batches(kept.tolist())
            self._lineage_changed(at_hand, [holdings], lambda _: Cause("late_record", entry.block << 16), by=0)
        by_index = {detail.index: detail for detail in details}
        for index in sorted(watched | by_index.keys()):
            if index in watched:
                self._restate(at_hand, index)
            if index in by_index:
                self._take_safely(at_hand, by_index[index])
        self._doubt_skew(at_hand)
        self._doubt(at_hand, self.risks.columns(columns, entry.block, names), Cause("recorded", entry.block << 16))
        for doubt in self.risks.balances.add(record, columns, entry.block):
            self._doubt(at_hand, [doubt], Cause("recorded", entry.block << 16))
        self._follow_descriptions()
        self._watch_closed(at_hand)
        scopes = self.docket.finish(entry.position, entry.received_at)
        for version in scopes:
            self._doubt(at_hand, self.held_holdings.changed([version.scope]), version.cause)
        alerts = self.rulings.judge(at_hand.dirty, names, position=entry.position, at=entry.received_at)
        return Outcome(entry.position, entry.received_at, alerts, scopes, self.next_deadline)

    # Steps and standing

    def _apply_steps(self, at_hand: AtHand, joined: Joined) -> None:
        """All steps but those of events that have variants or corrections, at once. ``joined``: what counts as
        one by now."""
        columns = at_hand.columns
        if not len(columns.step_event) and not len(joined.batches):
            return
        cause = Cause("late_record", int([*at_hand.step_numbers[:1], at_hand.entry.block << 16][0]))
        gaps = self.gaps.add(columns, at_hand.step_numbers, at_hand.entry.received_at)
        at_hand.doubt(chain_gap.NAME, gaps, cause)
        said = [StepColumns.of_record(columns, at_hand.entry.block)]
        mask = self.content.take(columns, at_hand.entry.block, at_hand.watched, at_hand.record.processes)
        steps = said[0] if mask is None else said[0].select(mask)
        touched = [self.index.apply(steps).holdings] if len(steps.event) else []
        if self._open_units(at_hand, cause):
            touched += self.derived.flush()
            said.append(self.derived.laid)
        regrouped = False
        if len(joined.batches):
            at_hand.doubt(chain_gap.NAME, self.gaps.regrouped(), cause)
            touched.append(joined.holdings)
            regrouped = self.docket.rests_on(joined.batches) or bool(self.declarations.windows)
        if touched:
            self._lineage_changed(at_hand, touched, naming(said, cause), by=0, regrouped=regrouped)
        if at_hand.units:
            self._reseed(at_hand, cause)

    def _open_units(self, at_hand: AtHand, cause: Cause) -> bool:
        """Derive what units held, where what is said of them changed; whether anything was said of any."""
        if not self.content.pending:
            return False
        changes = self.content.settle(self.derived)
        at_hand.units |= changes.units
        at_hand.doubt(chain_gap.NAME, self.gaps.taken_out(changes.missing), cause)
        return True

    def _reseed(self, at_hand: AtHand, cause: Cause, *, by: int = 0) -> None:
        """Let scopes and findings that name units follow what is said of these otherwise now."""
        units, at_hand.units = at_hand.units, set()
        for identity, seeds in self.unit_seeds.acts_on(units).items():
            self.docket.reseed(identity, self.predicates.named(identity, seeds), cause, by=by)
        self._judge_results(at_hand, self.unit_seeds.results_on(units), cause, by)

    def _restate(self, at_hand: AtHand, index: int) -> None:
        """One event whose standing depends on others: a variant, or one that a correction names."""
        number = at_hand.entry.block << 16 | index
        identity = self.rows.identity(number)
        self._track(at_hand, identity)
        moved = self.bases.settle([identity])
        self._moved(
            at_hand, moved, Cause("variant" if len(self.bases.tracked(identity)) > 1 else "late_record", number)
        )
        at_hand.doubt(event_conflict.NAME, [identity], Cause("variant", number))

    def _track(self, at_hand: AtHand, identity: int) -> None:
        """Follow how all that was said under ``identity`` stands."""
        names, known = self._names(), set(self.bases.tracked(identity))
        for number in self.rows.find(identity):
            if number in known:
                continue
            here = number >> 16 == at_hand.entry.block
            columns = at_hand.columns if here else names.record(number >> 16).columns()
            by_itself = here and number & 0xFFFF in at_hand.watched
            self.rulings.digests[number] = names.digests(number)[0]
            statement = Statement(
                number,
                identity,
                self.rows.sender(number),
                self.rows.operator(number),
                bool(self.rows.flags(number) & AUTHORITY),
                frozenset(names.digests(number)),
            )
            self.bases.track(statement, steps_of(columns, number & 0xFFFF), laid_down=not by_itself)

    def _moved(self, at_hand: AtHand, moved: Moved, cause: Cause, *, by: int = 0) -> None:
        """Pass on that events stand otherwise now."""
        if self.predicates and moved.events:
            said = self.shelf_lives.said_by(moved.events)
            self._stir(np.fromiter(said, np.int64, len(said)), lambda _: cause, by)
        self.derived.restated(moved.events)
        self.content.restated(moved.events)
        if self._open_units(at_hand, cause):
            moved.holdings += self.derived.flush()
        settled = []
        if moved.events:
            settled = self.derived.flush(self.declarations.windows)
            moved.holdings.append(self.declarations.restated(moved.events))
        if moved.holdings or moved.regrouped:
            self._lineage_changed(
                at_hand, moved.holdings, lambda _: cause, by=by, regrouped=moved.regrouped, settled=settled
            )
        if at_hand.units:
            self._reseed(at_hand, cause, by=by)
        if not (moved.events or moved.identities):
            return
        at_hand.doubt(chain_gap.NAME, self.gaps.restated(moved.events), cause)
        at_hand.doubt(event_conflict.NAME, moved.identities, cause)
        at_hand.doubt(correction_refused.NAME, moved.identities, cause)
        at_hand.doubt(clock_skew.NAME, self.skew.senders_of(moved.events), cause)
        self._doubt(at_hand, self.risks.restated(moved.events), cause)
        judged: set[int] = set()
        for identity in moved.identities:
            if self.results.knows(identity):
                judged |= self.results.bear_upon(identity)
            if self.declarations.knows(identity):
                self.docket.found(identity, self.declarations.found(identity), cause, by=by)
        for number in moved.events:
            judged |= self.results.resampled(number)
        judged |= self.risks.contested_by(moved.events)
        self.decisions.restated(moved.events, cause, by)
        self.acts.restated(moved.events, cause)
        self._judge_results(at_hand, judged, cause, by)

    def _lineage_changed(
        self,
        at_hand: AtHand,
        touched: Sequence[NDArray[np.int64]],
        cause_of: CauseOf,
        *,
        by: int,
        regrouped: bool = False,
        settled: Sequence[NDArray[np.int64]] = (),
    ) -> None:
        """Links or derived state of holdings changed: what is derived of them, gaps and scopes follow. ``settled``:
        what only windows touched, which says nothing about what was there."""
        holdings = np.unique(np.concatenate(touched)) if len(touched) > 1 else touched[0] if touched else _NONE
        if regrouped:
            self.declarations.windows.regrouped()
        elif self.declarations.windows:
            self.declarations.windows.changed(holdings)
        derived = [*settled, *self.derived.flush()]
        if derived:
            holdings = np.unique(np.concatenate([holdings, *derived]))
        at_hand.doubt(chain_gap.NAME, self.gaps.changed(holdings), cause_of(_NONE))
        self._doubt(at_hand, self.risks.lineage(holdings), cause_of(_NONE))
        self._doubt(at_hand, self.held_holdings.touched(holdings), cause_of(_NONE))
        self._doubt(at_hand, self.risks.regrouped(), cause_of(_NONE))
        if regrouped:
            at_hand.doubt(chain_gap.NAME, self.gaps.regrouped(), cause_of(_NONE))
            self.docket.regroup(cause_of(_NONE), by=by)
        if self.predicates:
            self._stir(self.catalogue.known() if regrouped else self.index.batches_of(holdings), cause_of, by)
            self._follow_descriptions()  # before lots that fit no longer are looked for where they do not lie
        self._judge_results(at_hand, self.risks.contested_on(holdings), cause_of(_NONE), by)
        if len(holdings) and self.docket.scopes:
            self.docket.touched(np.unique(self.index.batches_of(holdings)), cause_of, by=by)

    def _watch_closed(self, at_hand: AtHand) -> None:
        """What came into a scope after it was closed is an alert."""
        for name, (cause, late) in self.docket.watched().items():
            self.rulings.grown[name] = [(self.rows.identity(number), number) for number in late]
            at_hand.doubt(scope_grew.NAME, [name], cause)

    def _stir(self, batches: NDArray[np.int64], cause_of: CauseOf, by: int = 0) -> None:
        """Something is said otherwise of ``batches``: descriptions are held to them once the entry is taken."""
        if len(batches):
            self._stirred.append((batches, cause_of, by))

    def _follow_descriptions(self) -> None:
        """Let scopes on descriptions have the lots that fit now."""
        stirred, self._stirred = self._stirred, []
        for batches, cause_of, by in stirred[::-1]:  # what changed lineage says better why
            for identity, (seeds, lots) in self.predicates.changed(np.unique(batches), self._names()).items():
                self.docket.reseed(identity, seeds, cause_of(lots), by=by)

    # Events that are read whole

    def _take_safely(self, at_hand: AtHand, detail: Detail) -> None:
        """Take one event; where that fails it is an alert, and all other events are taken all the same."""
        number, error = at_hand.entry.block << 16 | detail.index, detail.error
        if detail.event is not None:
            try:
                self._take(at_hand, detail.event, number)
            except Exception as fault:  # whatever it is: one event must not stop the ledger
                error = f"{type(fault).__name__}: {fault}"
        if error:
            self.rulings.errors["take", number] = error
            at_hand.doubt(rule_failed.NAME, [("take", number)], Cause("recorded", number))

    def _take(self, at_hand: AtHand, event: Envelope, number: int) -> None:
        if isinstance(event, FACTS):
            self._doubt(at_hand, self.risks.take(self._fact(at_hand, event, number), self._names()), _told(number))
        if isinstance(event, Corrected):
            self._take_correction(at_hand, event, number)
        elif isinstance(event, SameBatch):
            pairs = [(self._batch_number(ref.batch), ref.batch.encode()) for ref in event.batches]
            moved = self.bases.same_batch(self.rows.identity(number), number, pairs)
            self._moved(at_hand, moved, Cause("same_batch", number))
        elif isinstance(event, Tested):
            self._take_result(at_hand, event, number)
        elif isinstance(event, ContaminationDeclared):
            self.declarations.declare(event, number, self._names())
            self._lay_derived(at_hand, Cause("window", number))
            identity = self.rows.identity(number)
            self.docket.found(identity, self.declarations.found(identity), Cause("window", number))
        elif isinstance(event, Transformed | Prepared | Packed):
            if event.kill_step is not None:
                self.kill_steps.add(number, event.kill_step.hazard_classes)
        elif isinstance(event, Cleaned):
            self.declarations.clean(event, number, self._names())
            self._lay_derived(at_hand, Cause("window", number))
        elif isinstance(event, Sampled):
            taken = results.Sampled(
                number,
                tuple(sorted({ref.batch for ref in event.batches})),
                event.site,
                event.at,
                tuple(sorted((ref.batch, ref.produced) for ref in event.batches if ref.produced is not None)),
                event.kind_of_sample or "",
                event.grid_unit or "",
                tuple(sorted((ref.batch, ref.expires) for ref in event.batches if ref.expires is not None)),
            )
            sampled = [self._batch_number(batch) for batch in taken.batches]
            self.unit_seeds.note(event.sample, sampled, event.at, self.received_at)
            self.declarations.sample(event, number, self._names())
            self._lay_derived(at_hand, Cause("window", number))
            self._judge_results(at_hand, self.results.add_sample(event.sample, taken), Cause("result", number), 0)
        elif isinstance(event, RetestRequested):
            contested = self.results.of_report(event.lab, event.report)
            self._judge_results(at_hand, self.results.around(contested), Cause("recorded", number), 0)
        elif isinstance(event, ClockTicked):
            if not self.rows.flags(number) & SKEWED:
                at_hand.doubt(chain_gap.NAME, self.gaps.tick(event.at.lo), Cause("tick", number))
                self._doubt(at_hand, self.risks.tick(event.at.lo), Cause("tick", number))
        elif isinstance(event, ScopeOpened | ScopeClosed | MemberReleased | MemberExcluded | MemberIncluded):
            self._take_act(at_hand, event, number)
        elif isinstance(event, IncidentJoined | IncidentStepped):
            self.decisions.incident(event, number)
        elif isinstance(event, ConsigneeNotified | ConsigneeAnswered):
            self.decisions.call(event, number, self._names())

    def _lay_derived(self, at_hand: AtHand, cause: Cause, *, by: int = 0) -> None:
        """Bring the index to what is derived now, and pass on what that touched."""
        touched = self.derived.flush()
        if touched:
            self._lineage_changed(at_hand, [], lambda _: cause, by=by, settled=touched)

    def _take_correction(self, at_hand: AtHand, event: Corrected, number: int) -> None:
        identity, sender = self.rows.identity(number), self.rows.sender(number)
        said = correction_of(event, number, self._names().party_key(sender))
        self._track(at_hand, identity)
        self._track(at_hand, said.target)
        for either in said.replacements:
            for one in either:
                self._track(at_hand, one)
        self.bases.correct(identity, said)
        by = 0 if self.rows.flags(number) & AUTHORITY else sender
        self._moved(at_hand, self.bases.settle([identity, said.target]), Cause("correction", number), by=by)
        at_hand.doubt(correction_refused.NAME, [identity], Cause("correction", number))

    def _take_result(self, at_hand: AtHand, event: Tested, number: int) -> None:
        flags = self.rows.flags(number)
        tested = tested_of(
            event,
            number,
            self.rows.identity(number),
            self._names().party_key(self.rows.sender(number)),
            authority=bool(flags & AUTHORITY),
            historical=bool(flags & HISTORICAL),
            received_at=self.rows.received_at(number),
        )
        if event.batch:
            self.unit_seeds.note(number, [self._batch_number(event.batch)], event.at, self.received_at)
        self._judge_results(at_hand, self.results.add(tested), Cause("result", number), 0)

    def _take_act(
        self,
        at_hand: AtHand,
        event: ScopeOpened | ScopeClosed | MemberReleased | MemberExcluded | MemberIncluded,
        number: int,
    ) -> None:
        cause, flags = Cause("act", number), self.rows.flags(number)
        lets_go = isinstance(event, MemberReleased | MemberExcluded)
        if not flags & (EMERGENCY if lets_go else AUTHORITY | EMERGENCY):
            self.rulings.not_allowed.add(number)
            at_hand.doubt(correction_refused.NAME, [self.rows.identity(number)], cause)
        elif isinstance(event, MemberExcluded | MemberIncluded):
            self.decisions.decide(event, number, self._names(), cause)
        elif isinstance(event, MemberReleased):
            batch, site = self._names().batch_number(event.batch), self._names().site_number(event.site)
            if batch is not None and site is not None:
                self.docket.release(event.scope, batch, site, number, cause)
        elif isinstance(event, ScopeClosed):
            scope, archived = event.scope, event.archived
            self.acts.take(
                number,
                lambda why: self.docket.close(scope, number, why, archived=archived),
                lambda why: self.docket.undo(scope, number, why),
                cause,
            )
        elif event.scope:
            draft, title = event.scope, event.title or ""
            self.acts.take(
                number,
                lambda why: self.docket.open_draft(draft, title, number, why),
                lambda why: self.docket.undo(draft, number, why),
                cause,
            )
        else:
            windows = self.declarations.open(event, number, self._names())
            self._lay_derived(at_hand, cause)
            seeds = [
                ScopeSeed(self._batch_number(s.batch), self._site_number(s.site), s.site is None, number)
                for s in event.seeds
                if s.batch and s.since is None and s.until is None
            ]
            self.unit_seeds.note(number, [seed.batch for seed in seeds], event.at, self.received_at)
            identity = self.rows.identity(number)
            if event.matching is not None:
                self.predicates.stand(identity, number, event.matching, seeds, self._names())

            def do(why: Cause) -> None:
                named = self.unit_seeds.named(identity, seeds) + windows
                self.docket.open_seeds(
                    identity,
                    self.predicates.named(identity, named),
                    event.hazard_class or "",
                    event.hazard or "",
                    event.title or "",
                    number,
                    why,
                    described=event.matching is not None,
                )

            self.acts.take(number, do, lambda why: self.docket.undo(opened_id(identity), number, why), cause)

    def _judge_results(self, at_hand: AtHand, identities: Iterable[int], cause: Cause, by: int) -> None:
        """Judge results again, and let drafts follow at once, so that each change of a scope names its own cause."""
        for identity in sorted(identities):
            for rule in (test_failed.NAME, screening_positive.NAME, result_superseded.NAME, correction_refused.NAME):
                at_hand.doubt(rule, [identity], cause)
            self._doubt(at_hand, self.risks.result(identity, self._names()), cause)
            if self.results.knows(identity):
                facts = self.results.facts(identity)
                self.declarations.result(identity, *of_places(facts))
                self._lay_derived(at_hand, cause, by=by)
                self.docket.found(
                    identity, found_of(facts, self._names(), self.unit_seeds, self.declarations), cause, by=by
                )

    # Facts of rules

    def _fact(self, at_hand: AtHand, event: Envelope, number: int) -> Fact:
        flags = self.rows.flags(number)
        digest = next(one.digest for one in at_hand.details if one.index == number & 0xFFFF)
        return Fact(
            self.rows.identity(number),
            digest,
            number,
            bool(flags & HISTORICAL),
            bool(flags & AUTHORITY),
            self._names().party_key(self.rows.sender(number)),
            self.rows.received_at(number),
            event,
        )

    def _doubt(self, at_hand: AtHand, doubts: Iterable[Doubt], cause: Cause) -> None:
        for rule, subject in doubts:
            at_hand.doubt(rule, [subject], cause)

    # Names and columns

    def _doubt_skew(self, at_hand: AtHand) -> None:
        for index in np.flatnonzero(at_hand.columns.flags & SKEWED).tolist():
            number = at_hand.entry.block << 16 | index
            historical = bool(self.rows.flags(number) & HISTORICAL)
            self.skew.add(self.rows.sender(number), self.rows.identity(number), number, historical)
            at_hand.doubt(clock_skew.NAME, [self.rows.sender(number)], Cause("recorded", number))

    def _whole(self, entry: Entry) -> tuple[Record, list[Detail]]:
        """The entry's record and details, read once for asking and applying."""
        if self._read is None or self._read[0] != entry.position:
            record = Record.unpack(entry.record)
            self._read = entry.position, record, read_details(record, entry.received_at)
        return self._read[1], self._read[2]

    def _watched(self, columns: Columns) -> NDArray[np.intp]:
        """Indexes of the events whose standing depends on others."""
        watched = self.bases.standing.watched
        if len(self._watched_identities) != len(watched):
            self._watched_identities = np.array(sorted(watched), np.uint64)
        if not len(watched):
            return np.empty(0, np.intp)
        return np.flatnonzero(np.isin(columns.identities, self._watched_identities))

    def _names(self) -> Names:
        if self.names is None:
            raise ValueError("nothing was applied yet")
        return self.names

    def _batch_key(self, number: int) -> str:
        return self._names().batch_key(number)

    def _batch_number(self, key: str) -> int:
        number = self._names().batch_number(key)
        if number is None:
            raise ValueError(f"batch {key} was never interned")
        return number

    def _site_number(self, key: str | None) -> int:
        return (self._names().site_number(key) or 0) if key else 0


def _told(number: int) -> Cause:
    return Cause("recorded", number)


_NONE: Final = np.empty(0, np.int64)
