"""The canonical form of an event's content, its digest, and the hash of its identity. Version 1.

It evens out what means nothing: order of keys, spellings of numbers, of quantities and of instants (all become UTC),
null against missing, ``"key"`` against ``{"batch": "key"}``. Extensions (``x-…``) are kept; in them only order of
keys and numbers are evened out. The event's id is not content: identity is (sender, id, digest), and a missing id is
derived from the digest.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Any, Final

import msgspec
from pydantic import BaseModel

from fieldline_schemas.contract import BatchRef, Shape, shapes_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.quantities import signed_text
from fieldline_schemas.registry import KINDS, Registry
from fieldline_schemas.times import instant, interval_of
from fieldline_schemas.wire import decode, is_extension

DOMAIN: Final = b"fieldline.event.1\0"
"""What the digest begins with: the version of the canonical form."""

_WRITTEN_OUT: Final = 2**53
"""Whole numbers below it are written with all their digits, larger ones with an exponent where they end in zeros."""

_encode = msgspec.json.Encoder(order="deterministic", decimal_format="number").encode


def canonical(raw: bytes, registry: Registry = KINDS) -> bytes:
    """The canonical content of an event, as JSON with sorted keys; ``Fault`` where ``raw`` is no JSON object."""
    return canonical_of(decode(raw), registry)


def canonical_of(event: dict[str, Any], registry: Registry = KINDS) -> bytes:
    """The same of a decoded event (``wire.decode``)."""
    kind = event.get("kind")
    model = registry.models.get(kind) if isinstance(kind, str) else None
    content = {name: value for name, value in event.items() if name != "id"}
    return _encode(_object(content, model))


def digest(raw: bytes, registry: Registry = KINDS) -> bytes:
    """SHA-256 of the canonical content, 32 bytes."""
    return sha256(DOMAIN + canonical(raw, registry)).digest()


def digest_of(event: dict[str, Any], registry: Registry = KINDS) -> bytes:
    """The same of a decoded event."""
    return sha256(DOMAIN + canonical_of(event, registry)).digest()


def derived_id(event: dict[str, Any], registry: Registry = KINDS) -> str:
    """The id of an event that was sent without one: equal content, equal id."""
    return f"urn:fieldline:event:{digest_of(event, registry).hex()[:32]}"


def identity_hash(sender: str, event_id: str) -> int:
    """64 bits of (sender, id), for records: BLAKE2b of sender NUL id, little-endian."""
    hashed = blake2b(sender.encode() + b"\0" + event_id.encode(), digest_size=8)
    return int.from_bytes(hashed.digest(), "little")


@lru_cache(maxsize=256)
def _shapes(model: type[BaseModel]) -> dict[str, Shape]:
    return {shape.name: shape for shape in shapes_of(model)}


def _object(value: dict[str, Any], model: type[BaseModel] | None) -> dict[str, Any]:
    shapes = _shapes(model) if model is not None else {}
    evened: dict[str, Any] = {}
    for name, inner in value.items():
        if is_extension(name):
            evened[name] = _kept(inner)
        elif inner is not None:
            known = _even(inner, shapes.get(name))
            if known is not None:
                evened[name] = known
    return evened


def _even(value: Any, shape: Shape | None) -> Any:
    if shape is None:
        return _plain(value)
    if shape.listed and isinstance(value, list):
        return [_one(inner, shape) for inner in value]
    return _one(value, shape)


def _one(value: Any, shape: Shape) -> Any:
    if shape.part is not None and isinstance(value, dict):
        part = _object(value, shape.part)
        return part["batch"] if shape.part is BatchRef and part.keys() == {"batch"} else part
    if shape.value is not None and shape.value.evens == "time":
        return _time(value)
    if shape.value is not None and shape.value.evens == "decimal":
        try:
            return signed_text(value)
        except Fault:
            return _plain(value)
    return _plain(value)


def _time(value: Any) -> Any:
    """An instant with an offset in UTC; other spellings stay. An interval without ends is as good as nothing."""
    if isinstance(value, dict):
        return {name: _time(end) for name, end in value.items() if end is not None} or None
    if not isinstance(value, str) or len(value) < 20:
        return _plain(value)
    try:
        point = interval_of(value, None)
        return instant(point.lo) if point.lo == point.hi else value
    except (Fault, OverflowError):
        return value


def _plain(value: Any) -> Any:
    """Any JSON: numbers evened out, nulls left out of objects."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return _number(value)


def _kept(value: Any) -> Any:
    """An extension: numbers evened out, nulls kept."""
    if isinstance(value, dict):
        return {name: _kept(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_kept(inner) for inner in value]
    return _number(value)


def _number(value: Any) -> Any:
    """Equal numbers alike: digits without zeros at the ends, and an exponent where there must be one."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    if isinstance(value, int) and abs(value) < _WRITTEN_OUT:
        return value
    sign, digits, exponent = Decimal(value).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    stripped = text.rstrip("0")
    if not stripped or not isinstance(exponent, int):
        return 0
    exponent += len(text) - len(stripped)
    number = Decimal((sign, tuple(map(int, stripped)), exponent))
    return int(number) if exponent >= 0 and number.copy_abs() < _WRITTEN_OUT else number
