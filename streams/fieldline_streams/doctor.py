"""What is wrong with a deployment, and what to do about it: each check looks at one thing and says one line.

A check that cannot look, since something it needs is away, says so once and is not counted as a second fault.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

import asyncpg
from fieldline_schemas.topics import EVENTS
from fieldline_trace.errors import Conflict, FieldlineError, Unavailable
from fieldline_trace.settings import Settings
from fieldline_trace.store import Connection, Pool, Q, borrowed, connect, outages_as_unavailable
from fieldline_trace.store.condition import Condition, condition
from fieldline_trace.store.migrate import missing
from fieldline_trace.store.roles import SERVICES, user_of

Verdict = Literal["well", "watch", "wrong", "unknown"]

JUDGE_SECONDS: Final = (10.0, 60.0)
"""How long an entry may wait to be judged before that is to be watched, and is wrong."""
TICK_SECONDS: Final = (10.0, 120.0)
SKEW_SECONDS: Final = (1.0, 60.0)
LAG_EVENTS: Final = (10_000, 1_000_000)
REFUSED_OPEN: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: its name, how that is, what was seen, and what to do where it is not well."""

    check: str
    verdict: Verdict
    seen: str
    do: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Every check, in order: database first, then Kafka, where there is one, then how the whole stands."""
    found: list[Finding] = []
    async with _database(settings, found) as pool:
        whole: Condition | None = None
        if pool is not None:
            for look in (_migrations, _roles):
                found.append(await _looked(look.__name__.strip("_"), pool, look))
            if found[-2].verdict == "well":
                try:
                    with outages_as_unavailable():
                        async with borrowed(pool) as conn:
                            whole = await condition(conn)
                except (FieldlineError, asyncpg.PostgresError) as error:
                    found.append(Finding("condition", "wrong", _said(error), "connect as a user of fieldline's"))
        if settings.kafka:
            found += await _kafka(settings, pool)
        if whole is not None:
            found += [_judge(whole), _clock(whole), _skew(whole), _chain(whole), _notices(whole), _refused(whole)]
    return found


@asynccontextmanager
async def _database(settings: Settings, found: list[Finding]) -> AsyncIterator[Pool | None]:
    dsn = settings.database_url
    if dsn is None:
        from fieldline_trace.store import EmbeddedPostgres

        try:
            dsn = EmbeddedPostgres(settings.data_dir).dsn()
        except Unavailable as away:
            found.append(
                Finding("database", "wrong", str(away), "start fieldline serve, or set FIELDLINE_DATABASE_URL")
            )
            yield None
            return
    try:
        pool = await connect(dsn, size=2, statement_seconds=30)
    except (FieldlineError, asyncpg.PostgresError, OSError) as error:
        do = "see that PostgreSQL runs and that FIELDLINE_DATABASE_URL names it, with a user that may connect"
        found.append(Finding("database", "wrong", _said(error), do))
        yield None
        return
    try:
        found.append(Finding("database", "well", "PostgreSQL answers"))
        yield pool
    finally:
        await pool.close()


async def _looked(name: str, pool: Pool, look: Callable[[Connection], Awaitable[Finding]]) -> Finding:
    try:
        with outages_as_unavailable():
            async with borrowed(pool) as conn:
                return await look(conn)
    except (FieldlineError, asyncpg.PostgresError) as error:
        return Finding(name, "wrong", _said(error), "see what PostgreSQL's log says of it")


async def _migrations(conn: Connection) -> Finding:
    migrate = "run fieldline database migrate as the owner, then fieldline database roles"
    try:
        if not await conn.fetchval(Q["migration_table_exists"]):
            return Finding("migrations", "wrong", "the database is empty", migrate)
        left = await missing(conn)
    except Conflict as other:
        return Finding("migrations", "wrong", str(other), "run the release that the database is of")
    if left:
        return Finding("migrations", "wrong", f"{len(left)} are missing, from {left[0].number:04}", migrate)
    return Finding("migrations", "well", "the database is of this release")


async def _roles(conn: Connection) -> Finding:
    known = {row["name"] for row in await conn.fetch(Q["roles_known"])}
    me = await conn.fetchrow(Q["roles_me"])
    assert me is not None
    lacking = [user_of(service) for service in SERVICES if user_of(service) not in known]
    if lacking:
        do = "run fieldline database roles, so that services need not connect as the owner"
        return Finding("roles", "watch", f"there is no user {', '.join(lacking)}", do)
    return Finding("roles", "well", f"connected as {me['name']}" + (", who may do anything" if me["all"] else ""))


async def _kafka(settings: Settings, pool: Pool | None) -> list[Finding]:
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.errors import KafkaError

    from fieldline_streams.kafka.connect import client
    from fieldline_streams.kafka.topics import check, event_topics

    try:
        topics = await check(settings)
    except (Unavailable, KafkaError, OSError) as error:
        do = "see that the brokers run, and that FIELDLINE_KAFKA… names them and a user that may describe topics"
        return [Finding("broker", "wrong", _said(error), do)]
    found = [Finding("broker", "well", f"{settings.kafka} answers")]
    absent = [one.name for one in topics if one.differs == ("is missing",)]
    differing = [f"{one.name} {one.differs[0]}" for one in topics if one.differs and one.name not in absent]
    if absent:
        found.append(Finding("topics", "wrong", f"missing: {', '.join(absent)}", "run fieldline topics --create"))
        return found
    if differing:
        found.append(Finding("topics", "watch", "; ".join(differing), "run fieldline topics, and change them or not"))
    else:
        found.append(Finding("topics", "well", f"{len(topics)} topics are as declared"))
    if pool is None:
        return found
    parts = [TopicPartition(name, part) for name, topic in zip(event_topics(settings), EVENTS, strict=True)
             for part in range(topic.partitions)]  # fmt: skip
    consumer = AIOKafkaConsumer(**client(settings))
    try:
        await consumer.start()
        ends = await consumer.end_offsets(parts)
        begins = await consumer.beginning_offsets(parts)
        with outages_as_unavailable():
            async with borrowed(pool) as conn:
                rows = await conn.fetch(Q["offsets_all"], settings.kafka_group)
        stands = {TopicPartition(row["topic"], row["part"]): row["next"] for row in rows}
        behind = sum(max(0, ends[part] - max(stands.get(part, 0), begins[part])) for part in parts)
        do = "see that workers with the part lane run and what they log; if they do, add one"
        found.append(_within("lag", behind, LAG_EVENTS, f"{behind:,} events are not captured yet", do))
    except (FieldlineError, KafkaError, asyncpg.PostgresError) as error:
        found.append(Finding("lag", "unknown", _said(error), "ask again as a user who may read offsets and topics"))
    finally:
        await consumer.stop()
    return found


def _judge(whole: Condition) -> Finding:
    seen = f"position {whole.judged} of {whole.position} is judged"
    if whole.judge_seconds:
        seen += f"; the next has waited {whole.judge_seconds:.0f} s"
    if whole.stopped_at:
        seen += f"; it falls over entry {whole.stopped_at} ({whole.stopped_by}), and judges nothing from there on"
        do = "tell its makers what the judge logs of that entry; a release that is mended goes on by itself"
        return Finding("judge", "wrong", seen, do)
    do = "see that a worker with the part judge runs and what it logs; alerts are late by this"
    return _within("judge", whole.judge_seconds, JUDGE_SECONDS, seen, do)


def _clock(whole: Condition) -> Finding:
    seen = f"a tick has been due for {whole.tick_seconds:.0f} s" if whole.tick_seconds else "no tick is due"
    do = "see that a worker with the part clock runs; what does not happen in time is not found without it"
    return _within("clock", whole.tick_seconds, TICK_SECONDS, seen, do)


def _skew(whole: Condition) -> Finding:
    seen = f"this machine is {whole.skew_seconds:+.3f} s from the database"
    do = "synchronise the clocks of both machines (NTP); receipt is told by the database's"
    return _within("skew", abs(whole.skew_seconds), SKEW_SECONDS, seen, do)


def _chain(whole: Condition) -> Finding:
    if whole.tail_whole:
        return Finding("chain", "well", "the last entries are chained rightly; fieldline verify walks all of them")
    do = "somebody changed the ledger: run fieldline verify --against your last checkpoint, and keep the disk as it is"
    return Finding("chain", "wrong", "the last entries are not chained as they should be", do)


def _notices(whole: Condition) -> Finding:
    if whole.notices_dead:
        do = "see why with fieldline subscribers, mend the receiver, and have them sent again"
        return Finding("notices", "wrong", f"{whole.notices_dead} were given up", do)
    return Finding("notices", "well", f"{whole.notices_waiting} wait, none was given up")


def _refused(whole: Condition) -> Finding:
    seen = f"{whole.refused_open} refused events wait to be settled"
    do = "see fieldline rejected list --status open; mend and replay them, or dismiss them"
    return Finding("refused", "watch" if whole.refused_open > REFUSED_OPEN else "well", seen,
                   do if whole.refused_open > REFUSED_OPEN else "")  # fmt: skip


def _within(check: str, value: float, bounds: tuple[float, float], seen: str, do: str) -> Finding:
    verdict: Verdict = "well" if value <= bounds[0] else "watch" if value <= bounds[1] else "wrong"
    return Finding(check, verdict, seen, "" if verdict == "well" else do)


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
