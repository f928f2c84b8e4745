"""The world of one follower: entries in, alerts and scopes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fieldline_schemas.times import interval_of
from fieldline_trace.capture import Door, MemoryLedger, Refused
from fieldline_trace.follow.at_hand import Outcome
from fieldline_trace.follow.fetch import LedgerInMemory
from fieldline_trace.follow.world import World
from fieldline_trace.recall.docket import draft_id
from fieldline_trace.risk.alerts import Alert, Finding

DAY = 86_400_000_000
NOON = 1_772_452_800_000_000
"""2026-03-02T12:00:00Z"""

PRODUCER = Door("trade", "producer")
LAB = Door("lab-north", "laboratory")
COUNTY = Door("county", "regulator")
EMERGENCY = Door("emergency", "emergency")
CLOCK = Door("fieldline", "system", channel="clock")

LEAF, SALAD, MEAL = "farm/leaf/L1", "plant/salad/S1", "canteen/meal/M1"


class Play:
    """A ledger in memory and the world that follows it, received once a second."""

    def __init__(self) -> None:
        self.now = NOON
        self.ledger = MemoryLedger(clock=self._tick)
        self.world = World()
        self._view = LedgerInMemory(self.ledger)

    def _tick(self) -> int:
        self.now += 1_000_000
        return self.now

    def say(self, *events: dict[str, Any], door: Door = PRODUCER, history: bool = False) -> Outcome | None:
        """Capture events as one micro-batch, and apply what came of it."""
        receipts = self.ledger.take([json.dumps(event).encode() for event in events], door, history=history)
        assert not [receipt for receipt in receipts if isinstance(receipt, Refused)]
        outcome = None
        for entry in self.ledger.entries[self.world.position :]:
            outcome = self.world.apply(entry, self._view.prepare(self.world, entry))
        return outcome

    def tick(self, at: str) -> None:
        """The clock says that ``at`` has come, and it has."""
        self.now = interval_of(at, None).lo
        self.say({"kind": "clock_ticked", "at": at}, door=CLOCK)

    def standing(self, rule: str | None = None) -> list[Alert]:
        return [alert for alert in self.world.board.standing() if rule in (None, alert.rule)]

    def scope(self, lot: str = LEAF, hazard: str = "Listeria") -> str:
        return draft_id(lot, "pathogen", hazard)

    def members(self, scope: str | None = None, **shown: bool) -> dict[str, str]:
        """``batch @ site`` -> role, certainty, state."""
        names = self._view.names
        return {
            f"{names.batch_key(m.batch)} @ {names.site_key(m.site)}": f"{m.role} {m.certainty} {m.state}"
            + (" held" if m.held else "")
            for m in self.world.scopes[scope or self.scope()].members(**shown)
        }


def event(kind: str, at: str | None = "2026-03-01", *, site: str = "farm", **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "operator": site, "site": site, "at": at, "zone": "Z", **fields}


def chain() -> list[dict[str, Any]]:
    """From field to table, complete."""
    return [
        event("harvested", id="e1", out_batch=LEAF),
        event("shipped", id="e2", batches=[LEAF], to_site="plant", arrived="2026-03-01"),
        event("transformed", id="e3", site="plant", in_batches=[LEAF], out_batches=[SALAD]),
        event("shipped", id="e4", site="plant", batches=[SALAD], to_site="canteen", arrived="2026-03-01"),
        event("prepared", id="e5", site="canteen", in_batches=[SALAD], out_batch=MEAL),
    ]


def failed(batch: str | None = LEAF, **fields: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": "tested",
        "id": "t1",
        "lab": "lab-north",
        "report": "R1",
        "hazard_class": "pathogen",
        "hazard": "Listeria",
        "verdict": "failed",
        "site": "plant",
        **fields,
    }
    return said if batch is None else {**said, "batch": batch}


def withdrawal(of: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "corrected", "id": f"w-{of}", "target": {"id": of}, "action": "withdraw", "reason": "x", **fields}


def play(*events: dict[str, Any]) -> Play:
    one = Play()
    one.say(*(events or chain()))
    return one


def test_a_complete_chain_raises_nothing() -> None:
    one = play()
    one.tick("2026-03-03T12:00:00Z")
    assert one.standing() == []


def test_a_failed_test_raises_an_alert_and_drafts_the_scope_of_the_lot() -> None:
    one = play()
    outcome = one.say(failed(), door=LAB)
    assert outcome is not None
    [change] = outcome.alerts
    assert (change.change, change.finding.rule, change.finding.severity) == ("raised", "TEST_FAILED", "critical")
    assert one.world.scopes[one.scope()].status == "draft"
    assert one.members() == {
        f"{LEAF} @ farm": "same_lot definite supported",
        f"{LEAF} @ plant": "failed_lot definite supported",
        f"{SALAD} @ plant": "descendant definite supported",
        f"{SALAD} @ canteen": "descendant definite supported",
        f"{MEAL} @ canteen": "descendant definite supported",
    }


def test_sources_of_what_failed_are_suspects_and_what_else_they_fed_is_possible() -> None:
    other = "plant/salad/S2"
    one = play(*chain(), event("transformed", id="e6", site="plant", in_batches=[LEAF], out_batches=[other]))
    one.say(failed(SALAD), door=LAB)
    scope = one.scope(SALAD)
    assert one.members(scope)[f"{LEAF} @ farm"] == "suspect definite supported"
    assert f"{other} @ plant" not in one.members(scope)
    assert one.world.scopes[scope].co_descendants == 1
    one.say({"kind": "scope_opened", "id": "o1", "scope": scope, "reason": "x"}, door=EMERGENCY)
    assert one.members(scope)[f"{other} @ plant"] == "co_descendant possible supported"
    assert one.world.scopes[scope].held.sum() == 3


def test_a_test_by_sample_counts_for_the_batches_sampled_whichever_comes_first() -> None:
    sampled = event("sampled", id="s1", site="plant", batches=[LEAF], sample="S-1")
    by_sample = failed(None, sample="S-1")
    del by_sample["site"]
    for order in ((sampled, by_sample), (by_sample, sampled)):
        one = play()
        for said in order:
            one.say(said, door=LAB if said["kind"] == "tested" else PRODUCER)
        assert one.members()[f"{LEAF} @ plant"] == "failed_lot definite supported"


def test_a_screening_test_holds_until_a_confirmatory_one_of_the_same_sample_passes() -> None:
    one = play()
    one.say(failed(method="screening", sample="S-1"), door=LAB)
    [alert] = one.standing("SCREENING_POSITIVE")
    assert (alert.severity, alert.confidence, alert.sure) == ("hold", "screening", False)
    one.say(failed(id="t2", report="R2", sample="S-2", verdict="passed"), door=LAB)
    assert one.standing("SCREENING_POSITIVE") == [alert]
    one.say(failed(id="t3", report="R3", sample="S-1", verdict="passed"), door=LAB)
    assert one.standing("SCREENING_POSITIVE") == []
    assert one.world.scopes[one.scope()].status == "lapsed"


def test_an_amended_report_supersedes_and_the_old_alert_stays_readable() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say(failed(id="t2", report="R2", supersedes="R1", verdict="passed"), door=LAB)
    assert one.standing("TEST_FAILED") == []
    [alert] = one.standing("RESULT_SUPERSEDED")
    assert (alert.args["was"], alert.args["is"]) == ("failed", "passed")
    assert len(one.world.alerts) == 2


def test_a_report_by_someone_else_supersedes_nothing() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say(failed(id="t2", report="R2", supersedes="R1", verdict="passed"), door=PRODUCER)
    assert len(one.standing("TEST_FAILED")) == 1
    assert len(one.standing("CORRECTION_REFUSED")) == 1


def test_a_gap_is_news_only_after_its_grace_period_has_passed_by_a_tick() -> None:
    one = play(event("transformed", id="e1", site="plant", in_batches=[LEAF], out_batches=[SALAD]))
    deadline = one.world.next_deadline
    assert deadline is not None
    assert NOON + DAY <= deadline <= NOON + DAY + 61_000_000
    one.tick("2026-03-03T11:59:00Z")
    assert one.standing() == []
    one.tick("2026-03-03T12:02:00Z")
    [alert] = one.standing("CHAIN_GAP")
    assert alert.args == {"why": "unexplained", "batch": LEAF, "site": "plant", "to": None}
    one.say(event("harvested", id="e0", site="plant", out_batch=LEAF))
    assert one.standing() == []


def test_imported_history_has_gaps_at_once_and_drafts_nothing() -> None:
    one = Play()
    said = event("transformed", id="e1", site="plant", in_batches=[LEAF], out_batches=[SALAD])
    one.say(said, failed(), history=True)
    assert {alert.rule: alert.historical for alert in one.standing()} == {"CHAIN_GAP": True, "TEST_FAILED": True}
    assert one.world.scopes == {}
    assert one.world.next_deadline is None


def test_a_shipment_without_receipt_is_a_gap_after_its_deadline_and_none_once_it_has_come() -> None:
    one = play(event("harvested", id="e1", out_batch=LEAF), event("shipped", id="e2", batches=[LEAF], to_site="plant"))
    one.tick("2026-03-09T11:59:00Z")
    assert one.standing() == []
    one.tick("2026-03-09T12:02:00Z")
    [alert] = one.standing("CHAIN_GAP")
    assert alert.args["why"] == "no_arrival"
    one.say(event("received", "2026-03-02", id="e3", site="plant", batches=[LEAF], from_site="farm"))
    assert one.standing() == []
    one.say(withdrawal("e3"))
    assert [alert.args["why"] for alert in one.standing("CHAIN_GAP")] == ["no_arrival"]


def test_an_arrival_before_the_departure_is_an_impossible_order() -> None:
    one = play(
        event("harvested", "2026-02-01", id="e1", out_batch=LEAF),
        event("shipped", "2026-03-02", id="e2", batches=[LEAF], to_site="plant", arrived="2026-03-01"),
    )
    assert [alert.args["why"] for alert in one.standing("CHAIN_GAP")] == ["order"]
    one.say(withdrawal("e2"))
    assert one.standing() == []


def shipped_on(came: str, left: str, zone: str | None = "Z") -> list[dict[str, Any]]:
    """A trader gets a lot and ships it on under another number."""
    said = [
        event("harvested", "2026-01", id="e1", out_batch=LEAF),
        event("shipped", "2026-02", id="e2", batches=[LEAF], to_site="trader", arrived=came),
        event("transformed", None, id="e3", site="trader", in_batches=[LEAF], out_batches=[SALAD], timeless=True),
        event("shipped", left, id="e4", site="trader", batches=[SALAD], to_site="shop", arrived="2026-03"),
    ]
    return [one if zone else {key: value for key, value in one.items() if key != "zone"} for one in said]


@pytest.mark.parametrize("backwards", [False, True])
def test_what_left_before_its_input_came_is_a_gap_and_the_link_stays(backwards: bool) -> None:
    said = shipped_on("2026-02-20", "2026-02-19")
    one = Play()
    for saying in said[::-1] if backwards else said:
        one.say(saying)
    [alert] = one.standing("CHAIN_GAP")
    assert alert.args == {"why": "shipped_on", "batch": LEAF, "site": "trader", "to": SALAD}
    one.say(failed(site="trader"), door=LAB)
    assert f"{SALAD} @ shop" in one.members()
    one.say(withdrawal("e3"))
    assert one.standing("CHAIN_GAP") == []


def test_what_left_on_the_day_its_input_came_is_none() -> None:
    assert play(*shipped_on("2026-02-20", "2026-02-20")).standing("CHAIN_GAP") == []


def test_dates_of_one_site_are_compared_as_dates_though_their_zone_is_not_known() -> None:
    assert len(play(*shipped_on("2026-02-20", "2026-02-19", None)).standing("CHAIN_GAP")) == 1
    assert play(*shipped_on("2026-02-20", "2026-02-20", None)).standing("CHAIN_GAP") == []


def test_a_later_record_that_explains_the_order_ends_the_gap() -> None:
    one = play(*shipped_on("2026-02-20", "2026-02-19"))
    one.say(event("shipped", "2026-02", id="e5", batches=[LEAF], to_site="trader", arrived="2026-02-10"))
    assert one.standing("CHAIN_GAP") == []


def test_variants_of_one_id_conflict_until_a_correction_leaves_one() -> None:
    other = "farm/leaf/L2"
    one = play(event("transformed", id="e1", in_batches=[LEAF], out_batches=[SALAD]))
    one.say(event("transformed", id="e1", in_batches=[other], out_batches=[SALAD]))
    [alert] = one.standing("EVENT_CONFLICT")
    assert alert.args["count"] == 2
    digest = str(alert.args["digests"][0]) if isinstance(alert.args["digests"], list) else ""
    one.say(withdrawal("e1", target={"id": "e1", "digest": digest}))
    assert one.standing("EVENT_CONFLICT") == []


def test_a_correction_that_comes_first_still_withdraws() -> None:
    one = play(withdrawal("e3"), *chain())
    one.say(failed(), door=LAB)
    assert set(one.members()) == {f"{LEAF} @ farm", f"{LEAF} @ plant"}


def test_a_correction_by_a_stranger_is_refused() -> None:
    one = play()
    one.say(withdrawal("e3", target={"id": "e3", "sender": "trade"}), door=Door("stranger", "producer"))
    assert [alert.args["why"] for alert in one.standing("CORRECTION_REFUSED")] == ["not_entitled"]
    one.say(failed(), door=LAB)
    assert f"{SALAD} @ plant" in one.members()


def test_a_correction_by_an_authority_counts() -> None:
    one = play()
    one.say(withdrawal("e3", target={"id": "e3", "sender": "trade"}), door=COUNTY)
    assert one.world.standing_of(1 << 16 | 2) == "withdrawn"


def test_corrections_of_each_other_alert_as_a_circle() -> None:
    one = play({**withdrawal("w-2"), "id": "w-1"}, {**withdrawal("w-1"), "id": "w-2"})
    assert [alert.args["why"] for alert in one.standing("CORRECTION_REFUSED")] == ["circle", "circle"]


def test_times_ahead_of_receipt_alert_by_sender() -> None:
    one = play(event("harvested", "2026-03-05", id="e1", out_batch=LEAF))
    [alert] = one.standing("CLOCK_SKEW")
    assert alert.args == {"sender": "trade", "count": 1}


def test_a_draft_follows_the_evidence() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say(withdrawal("e3"))
    assert set(one.members()) == {f"{LEAF} @ farm", f"{LEAF} @ plant"}


def test_no_firm_corrects_itself_out_of_a_draft() -> None:
    said = chain()
    one = Play()
    plant = Door("plant", "producer")
    one.say(*said[:2])
    one.say(*said[2:], door=plant)
    one.say(failed(), door=LAB)
    one.say(withdrawal("e3"), door=plant)
    assert one.members()[f"{SALAD} @ canteen"] == "descendant definite unsupported held"


def test_an_opened_scope_lets_nothing_go_but_by_release_of_the_emergency_role() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say({"kind": "scope_opened", "id": "o1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    one.say(withdrawal("e3"))
    assert one.members()[f"{MEAL} @ canteen"] == "descendant definite unsupported held"
    release = {
        "kind": "member_released",
        "id": "r1",
        "scope": one.scope(),
        "batch": MEAL,
        "site": "canteen",
        "reason": "x",
    }
    assert isinstance(one.ledger.take([json.dumps(release).encode()], COUNTY)[0], Refused)
    one.say(release, door=EMERGENCY)
    assert f"{MEAL} @ canteen" not in one.members()
    assert f"{SALAD} @ plant" in one.members()


def test_a_late_event_grows_an_opened_scope_at_once() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say({"kind": "scope_opened", "id": "o1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    outcome = one.say(event("shipped", id="e9", batches=[LEAF], to_site="shop", arrived="2026-03-01"))
    assert outcome is not None
    [version] = outcome.scopes
    assert version.changes.counts()["added"] == 1
    assert one.members()[f"{LEAF} @ shop"] == "same_lot definite supported held"


def test_an_act_on_a_draft_may_come_before_it() -> None:
    one = play()
    one.say({"kind": "scope_opened", "id": "o1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    one.say(failed(), door=LAB)
    assert one.world.scopes[one.scope()].status == "open"


def test_a_finding_after_the_close_drafts_the_next_scope() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say({"kind": "scope_opened", "id": "o1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    one.say({"kind": "scope_closed", "id": "c1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    one.say(failed(id="t2", report="R2"), door=LAB)
    assert {scope.status for scope in one.world.scopes.values()} == {"closed", "draft"}


def test_an_opening_that_is_withdrawn_leaves_a_draft_and_stands_again_with_its_reason() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say({"kind": "scope_opened", "id": "o1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    held = [member for member in one.world.scopes[one.scope()].members() if member.held]
    outcome = one.say(withdrawal("o1"), door=EMERGENCY)
    scope = one.world.scopes[one.scope()]
    assert (scope.status, any(member.held for member in scope.members())) == ("draft", False)
    assert outcome is not None
    (version,) = outcome.scopes
    assert (version.status, version.cause.code) == ("draft", "correction")
    assert not one.standing("CORRECTION_REFUSED")
    one.say(withdrawal("w-o1"), door=EMERGENCY)
    assert scope.status == "open"
    assert [member.holding for member in scope.members() if member.held] == [member.holding for member in held]


def test_a_closing_that_is_withdrawn_leaves_the_scope_open() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say({"kind": "scope_opened", "id": "o1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    one.say({"kind": "scope_closed", "id": "c1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    one.say(withdrawal("c1"), door=EMERGENCY)
    scope = one.world.scopes[one.scope()]
    assert (scope.status, any(member.held for member in scope.members())) == ("open", True)


def test_a_scope_on_seeds_of_ones_own_is_withdrawn_with_its_act_and_its_results_draft_their_own() -> None:
    one = play()
    opened = {"kind": "scope_opened", "id": "o1", "seeds": [{"batch": LEAF}], "reason": "x"}
    one.say(opened | {"hazard_class": "pathogen", "hazard": "STEC"}, door=EMERGENCY)
    one.say(failed(hazard="STEC"), door=LAB)
    (scope,) = one.world.scopes.values()
    one.say(withdrawal("o1"), door=EMERGENCY)
    assert (scope.status, len(scope.table)) == ("withdrawn", 0)
    assert [one.status for one in one.world.scopes.values()] == ["withdrawn", "draft"]


def test_a_correction_of_a_release_is_refused() -> None:
    one = play()
    one.say(failed(), door=LAB)
    one.say({"kind": "scope_opened", "id": "o1", "scope": one.scope(), "reason": "x"}, door=EMERGENCY)
    released = {"kind": "member_released", "id": "r1", "scope": one.scope(), "batch": LEAF, "site": "hof-1"}
    one.say(released | {"reason": "x"}, door=EMERGENCY)
    one.say(withdrawal("r1"), door=EMERGENCY)
    assert [alert.args["why"] for alert in one.standing("CORRECTION_REFUSED")] == ["act"]


def test_two_keys_that_are_one_batch_have_one_draft() -> None:
    other = "trader/leaf/4711"
    one = play()
    one.say(failed(), failed(other, id="t2", report="R2"), door=LAB)
    assert sorted(scope.status for scope in one.world.scopes.values()) == ["draft", "draft"]
    one.say({"kind": "same_batch", "id": "b1", "batches": [LEAF, other]})
    assert sorted(scope.status for scope in one.world.scopes.values()) == ["draft", "lapsed"]
    one.say(withdrawal("b1"))
    assert sorted(scope.status for scope in one.world.scopes.values()) == ["draft", "draft"]


def test_a_scope_may_be_opened_from_seeds() -> None:
    one = play()
    opened = {
        "kind": "scope_opened",
        "id": "o1",
        "seeds": [{"batch": SALAD}],
        "hazard_class": "label",
        "hazard": "nuts",
        "reason": "x",
    }
    outcome = one.say(opened, door=EMERGENCY)
    assert outcome is not None
    [version] = outcome.scopes
    assert version.status == "open"
    assert set(one.members(version.scope)) == {f"{SALAD} @ plant", f"{SALAD} @ canteen", f"{MEAL} @ canteen"}


def test_a_lot_that_no_record_knows_is_in_scope_all_the_same() -> None:
    one = Play()
    one.say(failed("ghost/leaf/L9", site="market"), door=LAB)
    assert one.members(one.scope("ghost/leaf/L9")) == {"ghost/leaf/L9 @ market": "failed_lot definite supported"}


def test_a_rule_that_throws_is_an_alert_itself_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[Finding]:
        raise ZeroDivisionError("no")

    one = play()
    with monkeypatch.context() as patch:
        patch.setattr("fieldline_trace.risk.rules.test_failed.test_failed", broken)
        one.say(failed(), event("harvested", "2026-03-05", id="e9", out_batch="farm/leaf/L9"), door=LAB)
    assert {alert.rule for alert in one.standing()} == {"RULE_FAILED", "CLOCK_SKEW"}
    [alert] = one.standing("RULE_FAILED")
    assert alert.args == {"rule": "TEST_FAILED", "error": "ZeroDivisionError: no"}
    one.say(failed(id="t2", report="R2", supersedes="R1"), door=LAB)
    assert {alert.rule for alert in one.standing()} == {"TEST_FAILED", "RESULT_SUPERSEDED", "CLOCK_SKEW"}
