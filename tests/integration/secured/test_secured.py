"""On a broker that asks for names and passwords, and on a database that they do not own, all services work, each as its
own user; and on the broker, too, none of them may do what is another's."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from fieldline_schemas.topics import LEDGER
from fieldline_streams.kafka.access import PRODUCER, grant
from fieldline_streams.kafka.broker import Broker, sasl
from fieldline_streams.kafka.connect import client
from fieldline_streams.kafka.topics import check, create, event_topics, topic_name
from fieldline_streams.show.rights import as_service
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool
from fieldline_trace.store.roles import SERVICES, make_roles, user_of

from tests.integration.kafka.working import SECONDS, WorkerProcess, events, produce, until_captured
from tests.kafka_broker import settings_on

ADMIN = "admin"
USERS = {ADMIN: "of-admin", PRODUCER: "of-producer"} | {user_of(service): f"of-{service}" for service in SERVICES}


@pytest.fixture(scope="module")
def secured(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that asks who one is, and lets nobody but the administrator do what no ACL allows."""
    assert broker.pid is not None  # Kafka is there at all
    with Broker(tmp_path_factory.mktemp("secured") / "kafka", properties=sasl(USERS, superuser=ADMIN)) as own:
        yield own


def as_user(settings: Settings, user: str, folder: Path, password: str | None = None) -> Settings:
    """The settings of whoever is this user on Kafka and, if it is a service, in PostgreSQL."""
    file = folder / f"{user}.password"
    file.write_text(USERS[user] if password is None else password)
    told = {"kafka_username": user, "kafka_password_file": file}
    for service in SERVICES:
        if user == user_of(service):
            assert settings.database_url is not None
            told["database_url"] = as_service(settings.database_url, service)
    return settings.model_copy(update=told)


@pytest.fixture
async def granted(secured: Broker, database: str, pool: Pool, tmp_path: Path) -> Settings:
    """Settings, users and topics of a deployment whose rights are granted; nobody's in particular."""
    more = {"kafka_security": "sasl_plaintext", "kafka_mechanism": "PLAIN", "kafka_trust": "headers"}
    settings = settings_on(secured.bootstrap, database, tmp_path).model_copy(update=more)
    owner = as_user(settings, ADMIN, tmp_path)
    await create(owner)
    await grant(owner)
    async with pool.acquire() as conn:
        await make_roles(conn, {})
    # A broker answers before it holds to what was granted; the rights of the API are the last.
    asking = as_user(settings, user_of("api"), tmp_path)
    async with asyncio.timeout(SECONDS):
        while any(one.differs for one in await check(asking)):  # noqa: ASYNC110 (the broker tells nobody)
            await asyncio.sleep(0.05)
    return settings


async def test_lane_judge_notices_and_api_work_as_users_that_own_nothing(
    granted: Settings, pool: Pool, tmp_path: Path
) -> None:
    workers = [
        WorkerProcess(as_user(granted, user_of(service), tmp_path), service, parts)
        for service, parts in (("lane", "lane,clock"), ("judge", "judge"), ("notices", "notices"))
    ]
    serving = _Serving(as_user(granted, user_of("api"), tmp_path))
    try:
        for worker in workers:
            worker.start()
        serving.start()
        await produce(as_user(granted, PRODUCER, tmp_path), events(60))
        await until_captured(pool, 60)
        key = await serving.key()
        async with httpx.AsyncClient(base_url=serving.address, headers={"authorization": f"Bearer {key}"}) as http:
            failed = {
                "id": "t1", "kind": "tested", "operator": "lab-1", "site": "lab", "at": "2026-03-30",
                "batch": "hof-1/leaf/L1", "lab": "lab-1", "report": "R1", "verdict": "failed",
                "hazard_class": "pathogen", "hazard": "Salmonella",
            }  # fmt: skip
            answer = await http.post("/v1/events", json=failed, timeout=SECONDS)
            assert answer.status_code == 202, answer.text
            await until_captured(pool, 61)
            last = await pool.fetchval("select position from ledger_head")
            alerts = await http.get("/v1/alerts", params={"at_least": last, "wait": 60}, timeout=SECONDS)
            assert alerts.status_code == 200, alerts.text
            assert alerts.json()["alerts"]
        await _told(granted, tmp_path)
        assert [await worker.stop() for worker in workers] == [0, 0, 0]
    finally:
        for worker in workers:
            worker.end()
        serving.end()


async def _told(settings: Settings, folder: Path) -> None:
    """Until the topic of alerts was told one."""
    consumer = AIOKafkaConsumer(
        topic_name(settings, "alerts"), **client(as_user(settings, ADMIN, folder)), auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        assert await asyncio.wait_for(consumer.getone(), SECONDS)
    finally:
        await consumer.stop()


@pytest.mark.parametrize(
    ("user", "topic"),
    [
        ("fieldline_lane", "farm"),
        ("fieldline_judge", "farm"),
        ("fieldline_judge", "alerts"),
        ("fieldline_notices", "farm"),
        ("fieldline_notices", "ledger"),
        ("fieldline_api", "ledger"),
        ("fieldline_api", "alerts"),
        (PRODUCER, "ledger"),
        (PRODUCER, "rejected"),
    ],
)
async def test_who_has_no_right_to_write_to_a_topic_does_not(
    granted: Settings, tmp_path: Path, user: str, topic: str
) -> None:
    producer = AIOKafkaProducer(**client(as_user(granted, user, tmp_path)), request_timeout_ms=5000)
    await producer.start()
    try:
        with pytest.raises(KafkaError):
            await asyncio.wait_for(producer.send_and_wait(topic_name(granted, topic), b"{}"), 20)
    finally:
        await producer.stop()


@pytest.mark.parametrize(
    ("user", "topic"),
    [("fieldline_judge", "farm"), ("fieldline_api", "farm"), (PRODUCER, "farm"), (PRODUCER, "ledger")],
)
async def test_who_has_no_right_to_read_a_topic_does_not(
    granted: Settings, tmp_path: Path, user: str, topic: str
) -> None:
    part = TopicPartition(topic_name(granted, topic), 0)
    producer = AIOKafkaProducer(**client(as_user(granted, ADMIN, tmp_path)))
    await producer.start()
    await producer.send_and_wait(part.topic, b"{}", partition=0)
    await producer.stop()
    assert await _read(as_user(granted, ADMIN, tmp_path), part, SECONDS) == b"{}"
    # Who may not know of a topic is told nothing of it at all: the client asks on.
    with pytest.raises((KafkaError, TimeoutError)):
        await _read(as_user(granted, user, tmp_path), part, 4)


async def _read(settings: Settings, part: TopicPartition, seconds: float) -> bytes | None:
    consumer = AIOKafkaConsumer(**client(settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([part])
        record = await asyncio.wait_for(consumer.getone(), seconds)
        value: bytes | None = record.value
        return value
    finally:
        await consumer.stop()


async def test_services_do_not_make_topics_and_a_wrong_password_lets_nobody_in(
    granted: Settings, tmp_path: Path
) -> None:
    other = as_user(granted, "fieldline_lane", tmp_path).model_copy(update={"kafka_prefix": "another-"})
    with pytest.raises(Unavailable, match="not made"):
        await create(other)
    assert [one.differs for one in await check(as_user(granted, "fieldline_api", tmp_path)) if one.differs] == []
    with pytest.raises(Unavailable):
        await check(as_user(granted, "fieldline_api", tmp_path, "wrong"))
    assert topic_name(granted, LEDGER) not in event_topics(granted)


class _Serving:
    """``fieldline serve`` as a replica."""

    def __init__(self, settings: Settings) -> None:
        told = settings.model_dump(include=settings.model_fields_set | {"kafka_username", "kafka_password_file"})
        told |= {"kafka_security": "sasl_plaintext", "kafka_mechanism": "PLAIN", "kafka_trust": "headers"}
        told["database_url"] = settings.database_url
        self._environment = {f"FIELDLINE_{key.upper()}": str(value) for key, value in told.items()}
        self.log = Path(settings.data_dir).parent / "serve.log"
        self.address = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fieldline_streams.cli", "serve"],
                env=os.environ | self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    async def key(self) -> str:
        """The first administrator's key, once it serves; ``address`` is then known."""
        assert self._process is not None
        async with asyncio.timeout(SECONDS):
            while True:
                said = self.log.read_text()
                assert self._process.poll() is None, said
                ready, key = re.search(r"ready: (http://\S+)", said), re.search(r"flk_\S+", said)
                if ready and key:
                    self.address = ready[1]
                    return key[0]
                await asyncio.sleep(0.05)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(SECONDS)
