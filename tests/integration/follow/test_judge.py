"""The judge on a real PostgreSQL: what it writes, what it survives, and that a rebuild finds nothing to change."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest
from fieldline_trace.capture import Door, Keys, Refused, take
from fieldline_trace.errors import Conflict
from fieldline_trace.follow import stored
from fieldline_trace.follow.judge import Judge
from fieldline_trace.follow.rebuild import rebuild
from fieldline_trace.follow.replay import world_at
from fieldline_trace.metrics import Metrics
from fieldline_trace.recall.docket import draft_id
from fieldline_trace.recall.versions import diff, members_at
from fieldline_trace.store import Pool, borrowed
from fieldline_trace.store.ledger_read import listening

FARM = Door("farm", "producer")
LAB = Door("lab-north", "laboratory")
EMERGENCY = Door("emergency", "emergency")
LEAF, SALAD = "farm/leaf/L1", "plant/salad/S1"
SCOPE = draft_id(LEAF, "pathogen", "Listeria")

MADE = {"kind": "harvested", "id": "e1", "operator": "farm", "site": "farm", "at": "2026-03-01", "out_batch": LEAF}
MOVED = {
    "kind": "shipped",
    "id": "e2",
    "operator": "farm",
    "site": "farm",
    "at": "2026-03-01",
    "batches": [{"batch": LEAF, "quantity": "10", "unit": "kg"}],
    "to_site": "plant",
    "arrived": "2026-03-01",
}
MIXED = {
    "kind": "transformed",
    "id": "e3",
    "operator": "plant",
    "site": "plant",
    "at": "2026-03-02",
    "in_batches": [LEAF],
    "out_batches": [SALAD],
}
FAILED = {
    "kind": "tested",
    "id": "t1",
    "site": "plant",
    "batch": LEAF,
    "lab": "lab-north",
    "report": "R1",
    "hazard_class": "pathogen",
    "hazard": "Listeria",
    "verdict": "failed",
}
OPENED = {"kind": "scope_opened", "id": "o1", "scope": SCOPE, "reason": "second sample"}
WITHDRAWN = {"kind": "corrected", "id": "c1", "target": {"id": "e3"}, "action": "withdraw", "reason": "wrong lot"}


class Captured:
    """Hands events to the ledger of one database."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._keys = pool, Keys()

    async def say(self, *events: dict[str, Any], door: Door = FARM) -> None:
        async with borrowed(self._pool) as conn:
            receipts = await take(conn, [json.dumps(event).encode() for event in events], door, keys=self._keys)
        assert not [receipt for receipt in receipts if isinstance(receipt, Refused)]


@pytest.fixture
def ledger(pool: Pool) -> Captured:
    return Captured(pool)


async def outbreak(ledger: Captured) -> None:
    """A lot fails, its scope is opened, a correction takes a descendant's evidence away."""
    await ledger.say(MADE, MOVED)
    await ledger.say(MIXED)
    await ledger.say(FAILED, door=LAB)
    await ledger.say(OPENED, door=EMERGENCY)
    await ledger.say(WITHDRAWN)


async def drained(judge: Judge) -> Judge:
    while await judge.step():
        pass
    return judge


async def test_the_judge_writes_alerts_scopes_and_its_position(pool: Pool, ledger: Captured) -> None:
    await outbreak(ledger)
    judge = Judge(pool)
    await judge.load()
    await drained(judge)
    assert judge.position == await stored.position(pool) == 5
    [alert] = judge.world.board.standing()
    [version] = await stored.alert_versions(pool, alert.id)
    assert (version.change, version.finding) == ("raised", alert.finding)
    versions = await stored.scope_versions(pool, SCOPE)
    assert [one.status for one in versions] == ["draft", "open", "open"]
    assert len(members_at(versions, 3)) == 3
    [change] = diff(versions, 2, 3)
    assert change.after is not None
    assert (change.kind, change.after.state, change.reason) == ("reclassified", "unsupported", "correction")


async def test_a_rebuild_finds_nothing_to_change_and_names_what_somebody_altered(pool: Pool, ledger: Captured) -> None:
    await outbreak(ledger)
    judge = await drained(Judge(pool))
    before = await pool.fetch("select * from alert_version union all select * from alert_version order by 1, 2")
    assert (await rebuild(pool)).differed == []
    assert before == await pool.fetch("select * from alert_version union all select * from alert_version order by 1, 2")
    await pool.execute("update scope_version set held = held + 1 where version = 2")
    await pool.execute("delete from alert_version")
    [alert] = judge.world.alerts
    assert (await rebuild(pool)).differed == [
        f"alert {alert} version 1: missing",
        f"scope {SCOPE} version 2: other than the ledger gives it",
    ]
    assert (await rebuild(pool)).differed == []


async def test_a_judge_that_starts_again_goes_on_where_the_last_one_stopped(pool: Pool, ledger: Captured) -> None:
    await ledger.say(MADE, MOVED, MIXED)
    await ledger.say(FAILED, door=LAB)
    await drained(Judge(pool))
    second = Judge(pool)
    await second.load()
    assert second.position == 2
    assert list(second.world.scopes) == [SCOPE]
    await ledger.say(OPENED, door=EMERGENCY)
    assert await second.step() == 1
    assert [one.number for one in await stored.scope_versions(pool, SCOPE)] == [1, 2]


async def test_of_two_judges_the_one_that_is_behind_writes_nothing(pool: Pool, ledger: Captured) -> None:
    first, zombie = Judge(pool), Judge(pool)
    await ledger.say(MADE, MOVED, MIXED)
    await ledger.say(FAILED, door=LAB)
    await drained(first)
    with pytest.raises(Conflict):
        await zombie.step()
    assert len(await stored.scope_versions(pool, SCOPE)) == 1


async def test_a_running_judge_is_woken_and_wakes_who_waits(pool: Pool, ledger: Captured) -> None:
    judge, stop = Judge(pool), asyncio.Event()
    running = asyncio.create_task(judge.run(stop))
    async with listening(pool, "judged") as heard:
        await ledger.say(MADE, MOVED, MIXED)
        await asyncio.wait_for(judge.reached(1), 10)
        assert await heard(10.0)
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_what_was_known_at_a_position_is_what_the_judge_knew_then(pool: Pool, ledger: Captured) -> None:
    judge = Judge(pool)
    await ledger.say(MADE, MOVED, MIXED)
    await ledger.say(FAILED, door=LAB)
    await drained(judge)
    then = judge.world.scopes[SCOPE].members()
    await ledger.say(WITHDRAWN)
    await drained(judge)
    assert judge.world.scopes[SCOPE].members() != then
    async with borrowed(pool) as conn:
        world, _ = await world_at(conn, 2)
    assert world.scopes[SCOPE].members() == then


async def test_any_split_and_order_ends_in_the_same_alerts_and_members(pool: Pool, ledger: Captured) -> None:
    said: list[tuple[Door, dict[str, Any]]] = [
        (FARM, MADE),
        (FARM, MOVED),
        (FARM, MIXED),
        (LAB, FAILED),
        (FARM, WITHDRAWN),
    ]
    random.Random(7).shuffle(said)
    for door, event in said + said[:2]:
        await ledger.say(event, door=door)
    judge = await drained(Judge(pool))
    assert [alert.rule for alert in judge.world.board.standing()] == ["TEST_FAILED"]
    members = judge.world.scopes[SCOPE].members()
    assert {(judge.names.batch_key(m.batch), judge.names.site_key(m.site)) for m in members if m.supported} == {
        (LEAF, "farm"),
        (LEAF, "plant"),
    }


async def test_amounts_of_withdrawn_events_do_not_count(pool: Pool, ledger: Captured) -> None:
    await ledger.say(MADE, MOVED)
    judge = await drained(Judge(pool))
    leaf = judge.names.batch_number(LEAF) or int(await pool.fetchval("select number from batch where key = $1", LEAF))
    assert sorted(one.role for one in await stored.amounts_of(pool, judge.world, [leaf])) == [3, 4]
    await ledger.say({**WITHDRAWN, "target": {"id": "e2"}})
    await drained(judge)
    assert await stored.amounts_of(pool, judge.world, [leaf]) == []


async def test_what_the_judge_did_and_how_long_after_receipt_is_measured(pool: Pool) -> None:
    metrics = Metrics()
    captured, judge = Captured(pool), Judge(pool, metrics)
    await judge.load()
    await captured.say(MADE)
    await captured.say(FAILED, door=LAB)
    await judge.step()
    said = {sample.name: sample.value for metric in metrics.registry.collect() for sample in metric.samples}
    assert said["fieldline_judge_delay_seconds_count"] == 2
    assert said["fieldline_judge_delay_seconds_sum"] < 60
    assert said["fieldline_alerts_total"] == 1
