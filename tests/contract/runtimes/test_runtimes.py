"""What a runtime promises, whichever it is: nothing lost, nothing twice, one's own writes read, the same alerts and
scopes in any order, a feed that resumes, and notices."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from fieldline_trace.notices import subscribers
from fieldline_trace.settings import Settings
from fieldline_trace.store import borrowed

from tests.contract.runtimes.grounds import Ground, Said, ground
from tests.integration.feed.conftest import changes, harvested, result
from tests.integration.notices.receiver import receiving


def story(chapters: int, start: int = 0) -> list[Said]:
    """Lots of farms of their own, each tested; every third test is taken back, every fourth lot is shipped on."""
    told: list[Said] = []
    for number in range(start, start + chapters):
        made = harvested(number)
        told += [(made["operator"], "producer", made), ("lab", "laboratory", result(number))]
        if number % 3 == 2:
            told.append(("lab", "laboratory", result(number, "passed", 2)))
        if number % 4 == 0:
            moved = {
                "kind": "shipped", "id": f"{made['operator']}:2", "operator": made["operator"], "site": made["site"],
                "to_site": "market", "batches": [made["out_batch"]], "at": "2026-03-02", "zone": "Z",
            }  # fmt: skip
            told.append((made["operator"], "producer", moved))
    return told


def ids(told: Sequence[Said]) -> list[str]:
    return [event["id"] for _, _, event in told]


async def known(one: Ground, at_least: int) -> tuple[Any, ...]:
    """Standing alerts by rule and subject, and scopes with their members, without positions and numbers of versions."""
    alerts = (await one.ask("alerts", at_least))["alerts"]
    scopes = []
    for scope in (await one.ask("scope list", at_least))["scopes"]:
        shown = await one.ask("scope show", at_least, scope=scope["scope"])
        members = sorted((each["batch"], each["site"], each["role"], each["certainty"]) for each in shown["members"])
        scopes.append((shown["scope"], shown["status"], members))
    return sorted((alert["rule"], alert["subject"]) for alert in alerts), sorted(scopes)


async def test_what_many_hand_in_and_again_is_there_once_and_what_is_refused_is_kept(settings: Settings) -> None:
    told = story(8)
    async with ground(settings) as one:
        await one.hand_in(*told)
        await one.hand_in(*random.Random(3).sample(told, len(told)))
        refused = ("farm-1", "producer", {"kind": "harvested", "id": "farm-1:bad", "operator": "farm-1", "site": "s"})
        await one.hand_in(refused)
        position = await one.captured(ids(told))
        assert sorted(row["id"] for row in await one.runtime.pool.fetch("select id from event")) == sorted(ids(told))
        [kept] = (await one.ask("rejected list", position))["rejected"]
        assert (kept["sender"], kept["field"]) == ("farm-1", "out_batch")


async def test_one_reads_one_s_own_writes(settings: Settings) -> None:
    async with ground(settings) as one:
        for number in range(3):
            told = story(1, number * 3)
            await one.hand_in(*told)
            position = await one.captured(ids(told))
            said = await one.ask("alerts", position)
            assert said["position"] >= position
            assert f"farm-{number * 3}/leaf/L1" in {alert["subject"] for alert in said["alerts"]}


async def test_any_order_repetition_and_split_ends_in_the_same_alerts_and_members(
    settings: Settings, pool: Any
) -> None:
    told = story(6)
    again = told + random.Random(5).sample(told, len(told) // 2)
    random.Random(7).shuffle(again)
    async with ground(settings) as one:
        for start in range(0, len(again), 4):
            await one.hand_in(*again[start : start + 4])
        position = await one.captured(ids(told))
        alerts, scopes = await known(one, position)
    assert [alert for alert in alerts if alert[0] == "TEST_FAILED"] == [
        ("TEST_FAILED", f"farm-{number}/leaf/L1") for number in range(6) if number % 3 != 2
    ]
    members = {member[:2] for _, _, found in scopes for member in found if member[3] == "definite"}
    assert members == {
        *((f"farm-{number}/leaf/L1", f"farm-{number}-field") for number in range(6) if number % 3 != 2),
        *((f"farm-{number}/leaf/L1", "market") for number in (0, 4)),
    }


async def test_a_correction_takes_back_what_it_corrects(settings: Settings) -> None:
    told = story(1)
    mistaken = {
        "kind": "corrected", "id": "lab:takes-back", "target": {"id": "lab:0:1"}, "action": "withdraw",
        "reason": "samples were exchanged",
    }  # fmt: skip
    async with ground(settings) as one:
        await one.hand_in(*told)
        assert (await known(one, await one.captured(ids(told))))[0]
        await one.hand_in(("lab", "laboratory", mistaken))
        position = await one.captured(["lab:takes-back"])
        assert [alert for alert in (await known(one, position))[0] if alert[0] == "TEST_FAILED"] == []


async def test_a_restart_changes_nothing_that_is_known(settings: Settings) -> None:
    told = story(5)
    async with ground(settings) as one:
        await one.hand_in(*told)
        before = await known(one, await one.captured(ids(told)))
    async with ground(settings) as one:
        more = story(2, 20)
        assert await known(one, await one.captured(ids(told))) == before
        await one.hand_in(*more)
        after = await known(one, await one.captured(ids(more)))
    assert set(before[0]) < set(after[0])


async def test_a_feed_resumed_at_any_point_tells_what_is_left_also_after_a_restart(settings: Settings) -> None:
    told = story(5)
    async with ground(settings) as one:
        await one.hand_in(*told)
        position = await one.captured(ids(told))
        await one.ask("alerts", position)
        whole = await one.feed(position)
        for item in whole[:-1]:
            rest = [each for each in whole if each.point > item.point]
            assert changes(await one.feed(position, item.point)) == changes(rest)
    async with ground(settings) as one:
        assert changes(await one.feed(position)) == changes(whole)


async def test_who_subscribed_is_told_each_change_once_or_more_under_its_id(settings: Settings) -> None:
    told = story(4)
    async with receiving() as receiver, ground(settings) as one:
        async with borrowed(one.runtime.pool) as conn:
            made = await subscribers.add(
                conn, url=receiver.url, topics=("alerts", "scope-changes"), content="whole", tenant="default",
                note="", by="admin", now=1_772_323_200_000_000, loopback=True,
            )  # fmt: skip
        await one.hand_in(*told)
        position = await one.captured(ids(told))
        await one.ask("alerts", position)
        written = [item for item in await one.feed(position) if item.kind != "position"]
        wanted = {f"{item.kind}.{item.said[item.kind]}.{item.said['version']}": item.said for item in written}
        got = await receiver.until(lambda got: {each.id for each in got} >= set(wanted))
        assert {each.id: each.verified(made["secret"])["data"] for each in got} == wanted
