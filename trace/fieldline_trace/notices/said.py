"""What a notice says, and its id, from what the feed says. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from fieldline_trace.follow.told import FeedItem

ALERTS: Final = "alerts"
SCOPE_CHANGES: Final = "scope-changes"
TOPICS: Final = (ALERTS, SCOPE_CHANGES)
WHOLE: Final = "whole"
IDS: Final = "ids"
CONTENTS: Final = (WHOLE, IDS)

_IDS: Final = {
    ALERTS: ("position", "at", "alert", "version", "change", "rule"),
    SCOPE_CHANGES: ("position", "at", "scope", "version", "status"),
}


def topic_of(item: FeedItem) -> str:
    """The topic that an alert's or a scope's version belongs to."""
    return ALERTS if item.kind == "alert" else SCOPE_CHANGES


def subject_of(item: FeedItem) -> str:
    """The id of the alert or scope: what is told of one subject is told in order."""
    return str(item.said[item.kind])


def notice_id(item: FeedItem) -> str:
    """What a change is known by, however often and by whatever way it is told: ``alert.ID.VERSION``."""
    return f"{item.kind}.{subject_of(item)}.{item.said['version']}"


def told_by_webhook(item: FeedItem) -> bool:
    """Whether subscribers are told: not of alerts about what was imported as history."""
    return item.kind != "position" and not item.said.get("historical", False)


def payload(item: FeedItem, content: str) -> bytes:
    """The body of a notice: ``{"type", "timestamp", "data"}`` as Standard Webhooks have it."""
    data: dict[str, Any] = item.said
    if content == IDS:
        data = {name: item.said[name] for name in _IDS[topic_of(item)]}
    kind = f"alert.{item.said['change']}" if item.kind == "alert" else "scope.changed"
    return msgspec.json.encode({"type": kind, "timestamp": item.said["at"], "data": data})


def trial(subscriber: str, at: str) -> bytes:
    """The body of a notice that only tries whether notices arrive."""
    return msgspec.json.encode({"type": "test", "timestamp": at, "data": {"subscriber": subscriber}})
