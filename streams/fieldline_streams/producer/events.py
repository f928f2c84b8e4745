"""Events as whoever emits has them, as the bytes that travel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
from fieldline_schemas.contract import Envelope
from fieldline_schemas.times import FOREVER, NEVER, UNKNOWN, Interval, instant
from pydantic import BaseModel

Event: TypeAlias = bytes | Mapping[str, Any] | Envelope
"""JSON, JSON-ready values, or a kind of ``fieldline_schemas.kinds``."""


def raw_of(event: Event) -> bytes:
    """One event as JSON. Of a kind that was made in Python: what was set, its times as the instants that they are."""
    if isinstance(event, bytes):
        return event
    if isinstance(event, Envelope):
        event = {"kind": event.kind, **_wire(event)}
    return msgspec.json.encode(event)


def _wire(value: Any) -> Any:
    if isinstance(value, Interval):
        return _time(value)
    if isinstance(value, BaseModel):
        fields = {
            field.alias or name: getattr(value, name)
            for name, field in type(value).model_fields.items()
            if name in value.model_fields_set
        }
        return {name: _wire(inner) for name, inner in (fields | (value.model_extra or {})).items()}
    if isinstance(value, list | tuple):
        return [_wire(inner) for inner in value]
    return value


def _time(interval: Interval) -> Any:
    lo, hi = interval
    if interval == UNKNOWN:
        return None
    if lo == hi:
        return instant(lo)
    ends = {} if lo == NEVER else {"from": instant(lo)}
    return ends if hi == FOREVER else ends | {"to": instant(hi)}
