"""How clients reach the brokers that the settings name."""

from __future__ import annotations

import ssl
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.helpers import create_ssl_context
from fieldline_trace.errors import Unavailable
from fieldline_trace.settings import Settings


def brokers(settings: Settings) -> list[str]:
    """The brokers to start from. ``Unavailable`` where the settings name none."""
    if not settings.kafka:
        raise Unavailable("FIELDLINE_KAFKA names no broker")
    return [named.strip() for named in settings.kafka.split(",") if named.strip()]


def password(settings: Settings) -> str | None:
    """The password for ``kafka_username``, from its setting or its file."""
    if settings.kafka_password is not None:
        return settings.kafka_password.get_secret_value()
    if settings.kafka_password_file is not None:
        return settings.kafka_password_file.read_text("utf-8").strip()
    return None


def tls(settings: Settings) -> ssl.SSLContext | None:
    """What the brokers' certificates are held against, and our own; None where TLS is not spoken."""
    if "ssl" not in settings.kafka_security:
        return None
    context: ssl.SSLContext = create_ssl_context(
        cafile=settings.kafka_ca, certfile=settings.kafka_cert, keyfile=settings.kafka_key
    )
    return context


def client(settings: Settings) -> dict[str, Any]:
    """Arguments that any client of aiokafka needs to reach the brokers."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": brokers(settings),
        "security_protocol": settings.kafka_security.upper(),
        "client_id": "fieldline",
    }
    if (context := tls(settings)) is not None:
        arguments["ssl_context"] = context
    if settings.kafka_security.startswith("sasl"):
        arguments |= {
            "sasl_mechanism": settings.kafka_mechanism,
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": password(settings),
        }
    return arguments


async def admin(settings: Settings) -> AIOKafkaAdminClient:
    """An open client for topics and groups, to be closed by whoever asked. ``Unavailable`` where no broker answers."""
    opened = AIOKafkaAdminClient(**client(settings))
    try:
        await opened.start()
    except KafkaError as error:
        await opened.close()
        raise unavailable(error) from error
    return opened


def unavailable(error: KafkaError) -> Unavailable:
    """What Kafka did to us, as an error of ours."""
    if isinstance(error, KafkaConnectionError):
        return Unavailable(f"Kafka is not reached: {error}")
    return Unavailable(f"Kafka: {error!r}")
