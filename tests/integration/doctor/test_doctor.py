"""`fieldline doctor` says what is wrong, by check, and what to do; and that all is well where it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

import pytest
from fieldline_streams.doctor import Finding, examine
from fieldline_streams.show.chain import events
from fieldline_streams.show.rights import as_service, working
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool
from fieldline_trace.store.roles import make_roles

Found = Callable[[], Awaitable[dict[str, Finding]]]


@pytest.fixture
async def found(database: str, pool: Pool) -> Found:
    """What is found in a database with some judged events, by check."""
    async with pool.acquire() as conn:
        await make_roles(conn, {})
    await working(database, list(events(200, date(2026, 7, 1), fails=0.01)))

    async def look() -> dict[str, Finding]:
        return {one.check: one for one in await examine(Settings(database_url=database))}

    return look


async def test_where_all_is_well_it_says_so_of_each_check(found: Found) -> None:
    looked = await found()
    assert {check: one.verdict for check, one in looked.items() if check != "clock"} == dict.fromkeys(
        ("database", "migrations", "roles", "judge", "skew", "chain", "notices", "refused"), "well"
    )
    assert not any(one.do for check, one in looked.items() if check != "clock")


@pytest.mark.parametrize(
    ("check", "verdict", "statement"),
    [
        ("migrations", "wrong", "delete from migration where number = (select max(number) from migration)"),
        ("chain", "wrong", "update ledger set hash = 'x'"),
        ("chain", "wrong", "update ledger_head set hash = 'x'"),
        ("chain", "wrong", "update ledger set received_at = received_at - 1"),
        ("clock", "wrong", "update follower_position set next_deadline = 1"),
        ("judge", "wrong", "update follower_position set position = 0; update ledger set received_at = 5"),
    ],
)
async def test_what_is_wrong_is_named_with_what_to_do(
    found: Found, pool: Pool, check: str, verdict: str, statement: str
) -> None:
    await pool.execute(statement)
    one = (await found())[check]
    assert one.verdict == verdict
    assert one.do


async def test_a_notice_that_was_given_up_is_wrong_and_many_refused_are_to_be_watched(found: Found, pool: Pool) -> None:
    await pool.execute(
        "insert into subscriber (id, url, topics, content, tenant, note, secret, from_position, created_at, created_by)"
        " values ('s', 'https://x', '{}', 'ids', '', '', 'x', 0, 0, '')"
    )
    await pool.execute(
        "insert into notice (subscriber, id, subject, position, sequence, received_at, body, due_at, state)"
        " values ('s', 'n', 'x', 1, 1, 1, '', 1, 'dead')"
    )
    await pool.execute(
        "insert into rejected (sender, digest, role, tenant, channel, received_at, last_at, raw, field, value, rule)"
        " select 1, int4send(n), '', '', '', 1, 1, '', '', '', '' from generate_series(1, 150) n"
    )
    looked = await found()
    assert (looked["notices"].verdict, looked["refused"].verdict) == ("wrong", "watch")
    assert "150 refused" in looked["refused"].seen


async def test_a_database_that_is_not_there_is_the_one_fault_named() -> None:
    looked = await examine(Settings(database_url="postgresql://x@127.0.0.1:1/none"))
    assert [(one.check, one.verdict) for one in looked] == [("database", "wrong")]


async def test_on_kafka_it_looks_at_topics_and_lag_as_an_unprivileged_user(
    kafka_settings: Settings, pool: Pool
) -> None:
    from fieldline_streams.kafka.topics import topic_name

    from tests.integration.kafka.working import events as some
    from tests.integration.kafka.working import produce

    async with pool.acquire() as conn:
        await make_roles(conn, {})
    await produce(kafka_settings, some(30))
    assert kafka_settings.database_url is not None
    settings = kafka_settings.model_copy(update={"database_url": as_service(kafka_settings.database_url, "api")})
    looked = {one.check: one for one in await examine(settings)}
    assert (looked["broker"].verdict, looked["topics"].verdict, looked["lag"].verdict) == ("well", "well", "well")
    assert looked["lag"].seen == "30 events are not captured yet"
    assert looked["roles"].seen == "connected as fieldline_api"
    other = settings.model_copy(update={"kafka_prefix": "nothing-"})
    topics = {one.check: one for one in await examine(other)}["topics"]
    assert topics.verdict == "wrong"
    assert topic_name(other, "farm") in topics.seen
    assert topics.do == "run fieldline topics --create"
