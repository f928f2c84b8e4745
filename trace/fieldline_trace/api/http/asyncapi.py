"""AsyncAPI of what streams: the live feed by HTTP, and the topics that events and what is made of them travel on. Made
of the declarations that the contract and OpenAPI are made of."""

from __future__ import annotations

from typing import Any

from fieldline_schemas.topics import ALERTS, EVENTS, LEDGER, REJECTED, SCOPE_CHANGES, Topic

from fieldline_trace.api.http.components import NUMBER, TEXT, TIME, Schema, events, nullable, obj, ref
from fieldline_trace.api.http.openapi import RELEASE

_SCOPE_STATUSES = ["draft", "open", "closed", "archived", "lapsed", "withdrawn"]
FEED = "feed"
_VERSION: dict[str, Schema] = {"position": NUMBER, "at": TIME}

DERIVED: dict[str, Schema] = {
    "AlertVersion": obj(
        {
            **_VERSION, "alert": TEXT, "version": NUMBER, "change": {"enum": ["raised", "amended", "withdrawn"]},
            "rule": TEXT, "subject": TEXT, "severity": {"enum": ["critical", "hold", "warning", "info"]},
            "confidence": {"enum": ["confirmed", "screening"]}, "sure": {"type": "boolean"},
            "standing": {"type": "boolean"}, "historical": {"type": "boolean"},
            "texts": obj({"en": TEXT, "zh-CN": TEXT}), "reason": TEXT, "cause": nullable(TEXT),
        },
        description="One version of an alert. `cause` is the id of the event that brought it about.",
    ),
    "ScopeVersion": obj(
        {
            **_VERSION, "scope": TEXT, "version": NUMBER, "status": {"enum": _SCOPE_STATUSES}, "hazard_class": TEXT,
            "hazard": TEXT, "lot": nullable(TEXT), "members": NUMBER, "held": NUMBER, "inferred": NUMBER,
            "co_descendants": NUMBER, "reason": TEXT, "cause": nullable(TEXT),
        },
        description="One version of a recall scope; what it changed is asked for by `scope diff`.",
    ),
    "Position": obj({"position": NUMBER}, description="All up to this position of the ledger was told."),
    "LedgerEntry": obj(
        {"position": NUMBER, "received_at": NUMBER, "block": NUMBER, "count": NUMBER, "record": TEXT},
        description="One entry: what followers need of its events, packed in columns; base64 here, bytes on the topic.",
    ),
    "MessageHeaders": {
        "type": "object",
        "description": "Who says the event: a key and its signature; or a door of the deployment's own and that one's "
        "signature; or, where a deployment trusts its brokers' access rights, sender and role.",
        "properties": {
            "fieldline-key": {**TEXT, "description": "Id of the sender's key."},
            "fieldline-signature": {
                "type": "string", "pattern": "^[0-9a-f]{64}$",
                "description": "HMAC-SHA256 of the value, under the SHA-256 of the whole key.",
            },
            "fieldline-door": {**TEXT, "description": "By which door it came in, as JSON."},
            "fieldline-sender": TEXT,
            "fieldline-role": {"enum": ["producer", "laboratory"]},
        },
    },
    "RejectedEvent": obj(
        {
            "number": NUMBER, "sender": TEXT, "role": TEXT, "tenant": TEXT, "channel": TEXT, "received": TIME,
            "id": nullable(TEXT), "code": TEXT, "field": TEXT, "value": TEXT, "rule": TEXT,
            "arguments": {"type": "object"}, "bytes": NUMBER, "raw": nullable(TEXT), "base64": nullable(TEXT),
        },
        description="What was refused, as it came, with the fault: as text, or in base64 where it is none; neither "
        "where it is long. Told at least once.",
    ),
}  # fmt: skip
"""What fieldline itself writes."""


def asyncapi() -> Schema:
    """The whole description."""
    channels: dict[str, Any] = {
        FEED: {
            "address": "/v1/feed",
            "title": "The live feed",
            "description": "Server-sent events; `id` is POSITION.SEQUENCE, and `Last-Event-ID` resumes after it.",
            "servers": [{"$ref": "#/servers/http"}],
            "messages": {
                "alert": _message("AlertVersion"),
                "scope": _message("ScopeVersion"),
                "position": _message("Position"),
            },
        }
    }
    for topic in EVENTS:
        signed = {"headers": ref("MessageHeaders")}
        channels[topic.name] = _channel(topic, {kind: _message(kind) | signed for kind in topic.kinds})
    for topic, payload in (
        (LEDGER, "LedgerEntry"),
        (REJECTED, "RejectedEvent"),
        (ALERTS, "AlertVersion"),
        (SCOPE_CHANGES, "ScopeVersion"),
    ):
        channels[topic.name] = _channel(topic, {payload: _message(payload)})
    handed_in = {topic.name for topic in EVENTS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "fieldline",
            "version": RELEASE,
            "description": "What streams: the feed by HTTP; and, where fieldline runs on Kafka, the topics that events "
            "are handed in on and that it writes. Every topic's name follows the deployment's prefix.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "http": {
                "host": "localhost",
                "protocol": "http",
                "description": "The HTTP door, as OpenAPI describes it.",
                "security": [{"type": "http", "scheme": "bearer"}],
            },
            "broker": {
                "host": "localhost",
                "protocol": "kafka",
                "description": "The brokers of FIELDLINE_KAFKA. Who writes events signs each with a key.",
            },
        },
        "channels": channels,
        "operations": {
            _operation(name): {
                "action": "receive" if name in handed_in else "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": _summary(name, handed_in=name in handed_in),
            }
            for name in channels
        },
        "components": {"schemas": {**events(), **DERIVED}},
    }


def _channel(topic: Topic, messages: dict[str, Schema]) -> Schema:
    return {
        "address": topic.name,
        "description": f"{topic.what} Key: {topic.key}.",
        "servers": [{"$ref": "#/servers/broker"}],
        "messages": messages,
        "bindings": {
            "kafka": {
                "bindingVersion": "0.5.0",
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if topic.compact else "delete"],
                    "retention.ms": -1 if topic.days is None else topic.days * 86_400_000,
                },
            }
        },
    }


def _message(name: str) -> Schema:
    return {"name": name, "payload": ref(name)}


def _summary(channel: str, *, handed_in: bool) -> str:
    if channel == FEED:
        return "fieldline writes feed."
    return f"{'Events are handed in on' if handed_in else 'fieldline writes'} {channel}."


def _operation(channel: str) -> str:
    return channel.replace("-", "_")
