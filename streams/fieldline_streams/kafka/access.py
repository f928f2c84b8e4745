"""What each service may do on Kafka, and no more: declared once, granted on the broker as ACLs.

Users on Kafka bear the names that they have in PostgreSQL. Who produces events directly is a user of its own, which may
write to the topics of events: :data:`PRODUCER` says how.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import CreateAclsRequest
from fieldline_schemas.topics import ALERTS, EVENTS, LEDGER, REJECTED, SCOPE_CHANGES
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings
from fieldline_trace.store.roles import user_of

from fieldline_streams.kafka.connect import admin, unavailable
from fieldline_streams.kafka.topics import TOPICS, topic_name

RESOURCES: Final[Mapping[str, int]] = {"topic": 2, "group": 3, "cluster": 4, "transaction": 5}
OPERATIONS: Final[Mapping[str, int]] = {
    "read": 3, "write": 4, "describe": 8, "describe configs": 10, "write idempotently": 12,
}  # fmt: skip
CLUSTER: Final = "kafka-cluster"
PRODUCER: Final = "fieldline_producer"
"""Whoever hands in events without the door: on a cluster of one's own one such user for each sender."""
_LITERAL, _ALLOW = 3, 3


@dataclass(frozen=True, slots=True)
class Grant:
    """``user`` may do ``operation`` on the resource of this kind and name."""

    user: str
    resource: str
    name: str
    operation: str


def grants(settings: Settings) -> list[Grant]:
    """All that the services and producers need, in the order in which it is granted."""

    def topics(user: str, operation: str, names: Sequence[str]) -> list[Grant]:
        return [Grant(user, "topic", name, operation) for name in names]

    events = [topic_name(settings, topic) for topic in EVENTS]
    ledger, rejected, alerts, changes = (
        topic_name(settings, topic) for topic in (LEDGER, REJECTED, ALERTS, SCOPE_CHANGES)
    )
    lane, judge, notices, api = (user_of(service) for service in ("lane", "judge", "notices", "api"))
    agents = f"{settings.kafka_prefix}{settings.kafka_group}-agents"
    telling = f"{settings.kafka_prefix}{settings.kafka_group}-topics"
    every = [topic_name(settings, topic) for topic in TOPICS]
    return [
        # Whoever has a producer that repeats nothing has to be let begin it, even who sends nothing.
        *(Grant(user, "cluster", CLUSTER, "write idempotently") for user in (PRODUCER, lane, judge, notices, api)),
        *topics(PRODUCER, "write", events),
        *topics(lane, "read", events),
        *topics(lane, "write", [ledger, rejected]),
        Grant(lane, "group", settings.kafka_group, "read"),
        *topics(judge, "read", [ledger]),
        Grant(judge, "group", agents, "read"),
        *topics(notices, "write", [alerts, changes]),
        Grant(notices, "transaction", telling, "write"),
        *topics(api, "write", events),
        # fieldline doctor asks as this user.
        *topics(api, "describe", every),
        *topics(api, "describe configs", every),
    ]


async def grant(settings: Settings) -> list[Grant]:
    """Grant all of them; what is granted already stays. ``Unavailable`` where no broker answers, or it does not let us.

    What was granted by somebody else is left: the broker's own tools take it back.
    """
    client = await admin(settings)
    wanted = grants(settings)
    try:
        for one in wanted:
            request = CreateAclsRequest(
                RESOURCES[one.resource], one.name, _LITERAL, f"User:{one.user}", "*", OPERATIONS[one.operation], _ALLOW
            )
            # The client has no public call for it.
            answer = await client._send_to_controller(request)
            for code, said in answer.creation_responses:
                if code:
                    raise Unavailable(f"{one.user} is not granted anything: {said or for_code(code)()}")
        return wanted
    except KafkaError as error:
        raise unavailable(error) from error
    finally:
        await client.close()
