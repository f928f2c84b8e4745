"""The feed tells all that the judge wrote, in order, once: to whoever reads, from wherever, over restarts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_trace.api.answers import Desk
from fieldline_trace.api.caller import HERE, Caller
from fieldline_trace.api.feed import FeedItem, Tail, parse_feed_id
from fieldline_trace.api.visible import Grids
from fieldline_trace.errors import Conflict, Rejected
from fieldline_trace.follow.replica import Replica
from fieldline_trace.settings import Settings

from .conftest import BEGINNING, changes, harvested, last, read, result, say, story


async def test_every_version_of_every_alert_and_scope_is_told_once_and_in_order(runtime: Runtime) -> None:
    until = await say(runtime, *story(6))
    items = await read(runtime, until)
    assert [item.point for item in items] == sorted({item.point for item in items})
    told = {
        (item.kind, item.said.get(item.kind), item.said.get("version")) for item in items if item.kind != "position"
    }
    rows = await runtime.pool.fetch("select 'alert', id, version from alert_version")
    rows += await runtime.pool.fetch("select 'scope', scope, version from scope_version")
    assert told == {tuple(row) for row in rows}
    assert len(told) == len(changes(items)) > 12
    assert {item.said["change"] for item in items if item.kind == "alert"} == {"raised", "withdrawn"}


async def test_resumed_at_every_point_it_tells_what_is_left_and_nothing_else(runtime: Runtime) -> None:
    until = await say(runtime, *story(5))
    whole = await read(runtime, until)
    for number, item in enumerate(whole[:-1]):
        assert changes(await read(runtime, until, item.point)) == changes(whole[number + 1 :]), item.id


async def test_who_reads_along_gets_what_who_comes_later_gets(runtime: Runtime) -> None:
    until = len(story(6))
    reading = [asyncio.create_task(read(runtime, until, point)) for point in (None, BEGINNING, None)]
    await runtime.feed.open(HERE)  # it is listening now
    assert await say(runtime, *story(6)) == until
    along = [changes(items) for items in await asyncio.gather(*reading)]
    assert along == 3 * [changes(await read(runtime, until))]


async def test_over_restarts_nothing_is_lost_and_nothing_comes_twice(settings: Settings) -> None:
    got: list[FeedItem] = []
    point: tuple[int, int] = BEGINNING
    for chapter in range(4):
        async with opened(settings) as runtime:
            until = await say(runtime, *story(2, 2 * chapter))
            stop = until - 1  # it is cut off before the end, and resumes there in the next life
            async for item in await runtime.feed.open(HERE, point):
                got.append(item)
                point = item.point
                if item.position >= stop:
                    break
    async with opened(settings) as runtime:
        got += await read(runtime, await last(runtime), point)
        assert changes(got) == changes(await read(runtime, await last(runtime)))


async def test_a_stopping_process_ends_what_is_read(settings: Settings) -> None:
    async with opened(settings) as runtime:
        items = await runtime.feed.open(HERE)
        reading = asyncio.create_task(anext(items, None))
        await say(runtime, ("producer", harvested(1)))
        await reading
        ended = asyncio.create_task(_rest(items))
    assert [item for item in await asyncio.wait_for(ended, 30) if item.kind != "position"] == []


async def _rest(items: Any) -> list[FeedItem]:
    return [item async for item in items]


async def test_a_rebuild_tells_nothing_again(runtime: Runtime) -> None:
    until = await say(runtime, *story(3))
    before = changes(await read(runtime, until))
    await runtime.ask("rebuild", {})
    until = await say(runtime, *story(1, 3))
    after = changes(await read(runtime, until))
    assert after[: len(before)] == before
    assert len(after) > len(before)


async def test_a_reader_that_is_too_slow_is_let_go_and_resumes(runtime: Runtime) -> None:
    tail = Tail(runtime.pool, lambda conn: Desk(conn, runtime._judge.world, runtime._judge.names), Grids(), kept=5)
    running = asyncio.create_task(tail.run())
    slow = await tail.open(HERE)
    await say(runtime, *story(1))
    got = [await anext(slow)]
    until = await say(runtime, *story(6, 1))
    async for item in await tail.open(HERE, BEGINNING):  # the tail has read all of it
        if item.kind == "position" and item.position >= until:
            break
    got += [item async for item in slow]
    rest = []
    async for item in await tail.open(HERE, got[-1].point):
        rest.append(item)
        if item.kind == "position" and item.position >= until:
            break
    assert len(tail._items) <= 5
    assert changes(got + rest) == changes(await read(runtime, until))
    assert rest
    await tail.close()
    await running


async def test_an_entry_with_more_changes_than_a_page_is_told_whole(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = await say(runtime, *story(6))
    whole = changes(await read(runtime, until))
    monkeypatch.setattr("fieldline_trace.api.feed.tail.PAGE", 1)
    assert changes(await read(runtime, until)) == whole


async def test_what_has_not_come_yet_is_no_place_to_resume_from(runtime: Runtime) -> None:
    until = await say(runtime, *story(1))
    with pytest.raises(Conflict, match=f"position {until + 1} has not come yet"):
        await runtime.feed.open(HERE, (until + 1, 0))


@pytest.mark.parametrize("text", ["", "1", "1.", "a.b", "1.2.3", "-1.0", "1 .2", "9" * 30 + ".1"])
def test_an_id_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="POSITION"):
        parse_feed_id(text)


async def test_a_firm_is_told_of_its_own_and_of_nobody_else_s(runtime: Runtime) -> None:
    until = await say(runtime, *story(4))
    for number in range(4):
        name = f"farm-{number}"
        mine = changes(await read(runtime, until, BEGINNING, Caller(name, "producer", (name,))))
        assert {said.get("subject", said.get("lot")) for _, said in mine} == {f"{name}/leaf/L1"}
        assert not any(f"farm-{other}" in str(mine) for other in range(4) if other != number)
        scopes = [said for _, said in mine if "scope" in said]
        assert scopes
        assert {(said["members"], said["held"], said["cause"]) for said in scopes} == {(None, None, None)}


async def test_a_cut_feed_resumes_like_a_whole_one(runtime: Runtime) -> None:
    until = await say(runtime, *story(4))
    firm = Caller("farm-2", "producer", ("farm-2",))
    whole = await read(runtime, until, BEGINNING, firm)
    assert len(changes(whole)) >= 3
    for number, item in enumerate(whole[:-1]):
        assert changes(await read(runtime, until, item.point, firm)) == changes(whole[number + 1 :])


async def test_a_laboratory_is_told_of_its_own_results(runtime: Runtime) -> None:
    until = await say(runtime, *story(2))
    lab = await read(runtime, until, BEGINNING, Caller("lab", "laboratory", ("lab",)))
    assert {said["rule"] for _, said in changes(lab)} == {"TEST_FAILED"}
    other = await read(runtime, until, BEGINNING, Caller("other", "laboratory", ("other",)))
    assert changes(other) == []


async def test_many_readers_cost_one_reading_of_the_tables(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = 0
    from fieldline_trace.api.feed import tail
    from fieldline_trace.follow import pages

    page = pages.page

    async def counted(*arguments: Any) -> Any:
        nonlocal reads
        reads += 1
        return await page(*arguments)

    monkeypatch.setattr(tail, "page", counted)
    feeds = [await runtime.feed.open(HERE) for _ in range(100)]
    until = await say(runtime, ("producer", harvested(1)), ("laboratory", result(1)))

    async def all_of(items: Any) -> list[bytes]:
        got = []
        async for item in items:
            got.append(item.event)
            if item.kind == "position" and item.position >= until:
                return got
        return got

    told = await asyncio.gather(*map(all_of, feeds))
    assert len(told) == 100
    assert all(one == told[0] for one in told)
    assert len({id(event) for one in told for event in one}) == len(told[0])  # encoded once for all
    assert reads <= until + 1


async def test_what_a_firm_may_see_is_looked_up_when_the_follower_has_come_to_it(runtime: Runtime) -> None:
    behind = Replica(runtime.pool)
    tail = Tail(runtime.pool, lambda conn: Desk(conn, behind.world, behind.names), Grids())
    running = asyncio.create_task(tail.run())
    along = await tail.open(Caller("farm-1", "producer", ("farm-1",)), BEGINNING)
    until = await say(runtime, ("producer", harvested(1)), ("laboratory", result(1)))

    async def told() -> set[str]:
        kinds = set[str]()
        async for item in along:
            kinds.add(item.kind)
            if item.kind == "position" and item.position >= until:
                break
        return kinds

    reading = asyncio.create_task(told())
    async for item in await tail.open(HERE, BEGINNING):  # the tail has read it, and its readers have looked
        if item.kind == "position" and item.position >= until:
            break
    await behind.load()
    assert "alert" in await asyncio.wait_for(reading, 30)
    await tail.close()
    await running
