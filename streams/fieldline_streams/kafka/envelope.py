"""The envelope of events on Kafka: a message of a topic turned into what capture takes, or refuses with its fault.

The value is one event, as any door takes it; the headers say who says it (``signing``). Whatever a message is like, it
becomes something that is kept: taken, or refused under the name of its sender, or of nobody where that is not known.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

import msgspec
from aiokafka import ConsumerRecord, TopicPartition
from fieldline_schemas.faults import Fault
from fieldline_trace.capture import Door, Handed
from fieldline_trace.settings import Settings

from fieldline_streams.kafka.signing import (
    CHANNEL,
    DOOR,
    KEY,
    ROLE,
    SENDER,
    SIGNATURE,
    KeysKnown,
    Known,
    SaidDoor,
    door_signature,
    signature,
)

NOBODY: Final = Door("unsigned", "producer", channel=CHANNEL, operators=frozenset())
"""Who said what nobody signed. It may speak for nobody, so nothing of it is ever taken in by being replayed."""
TRUSTED_ROLES: Final = ("producer", "laboratory")
"""Roles that a header may name where the broker's access rights are trusted; whoever decides signs."""
_DOORS: Final = 10_000
"""Doors of messages that are remembered; past it all are forgotten."""
K = TypeVar("K")
V = TypeVar("V")
_said_door = msgspec.json.Decoder(SaidDoor).decode


class Envelopes:
    """Reads envelopes. ``secret``: the deployment's, of its own doors' signatures."""

    def __init__(self, settings: Settings, secret: bytes, keys: KeysKnown) -> None:
        self._trusting = settings.kafka_trust == "headers"
        self._secret = secret
        self._keys = keys
        self._doors: dict[bytes, tuple[Door, bool]] = {}
        self._trusted: dict[tuple[bytes, bytes], Door] = {}

    async def handed(self, records: Sequence[ConsumerRecord]) -> list[Handed]:
        """One for each message, in order. ``Unavailable`` where PostgreSQL, which has the keys, is away."""
        headers = [{name: value or b"" for name, value in record.headers} for record in records]
        names = {_text(said[KEY]) for said in headers if KEY in said}
        known = await self._keys.look(names) if names else {}
        now = time.time_ns() // 1000
        return [self._one(record.value or b"", said, known, now) for record, said in zip(records, headers, strict=True)]

    def _one(self, raw: bytes, said: Mapping[str, bytes], known: Mapping[str, Known], now: int) -> Handed:
        try:
            if DOOR in said:
                return self._by_door(raw, said[DOOR], said.get(SIGNATURE, b""))
            if KEY in said:
                return _by_key(raw, known.get(_text(said[KEY])), said, now)
            if self._trusting and SENDER in said:
                return Handed(raw, self._by_trust(said[SENDER], said.get(ROLE, b"producer")))
        except Fault as fault:
            return Handed(raw, NOBODY, fault=fault)
        return Handed(raw, NOBODY, fault=Fault.by("message_unsigned", SIGNATURE))

    def _by_door(self, raw: bytes, door: bytes, signed: bytes) -> Handed:
        if not hmac.compare_digest(door_signature(self._secret, door, raw), signed):
            raise Fault.by("message_signature", SIGNATURE)
        found = self._doors.get(door)
        if found is None:
            try:
                said = _said_door(door)
                found = said.door(), said.history
            except (msgspec.DecodeError, ValueError) as error:
                raise Fault.by("message_header", DOOR, why=error) from None
            _remember(self._doors, door, found)
        return Handed(raw, *found)

    def _by_trust(self, sender: bytes, role: bytes) -> Door:
        door = self._trusted.get((sender, role))
        if door is None:
            said = _text(role)
            if said not in TRUSTED_ROLES:
                raise Fault.of(said, "message_role", ROLE)
            try:
                door = Door(_text(sender), said, channel=CHANNEL)
            except ValueError as error:
                raise Fault.by("message_header", SENDER, why=error) from None
            _remember(self._trusted, (sender, role), door)
        return door


def place_of(part: TopicPartition, offset: int) -> ConsumerRecord:
    """In the place of a message that cannot be had: where it lies."""
    return ConsumerRecord(
        topic=part.topic,
        partition=part.partition,
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=None,
        value=f"{part.topic}, partition {part.partition}, offset {offset}".encode(),
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=(),
    )


def _by_key(raw: bytes, known: Known | None, said: Mapping[str, bytes], now: int) -> Handed:
    if known is None:
        raise Fault.of(_text(said[KEY])[:64], "message_key_unknown", KEY)
    if not hmac.compare_digest(signature(known.secret, raw), said.get(SIGNATURE, b"")):
        raise Fault.by("message_signature", SIGNATURE)
    fault = known.refuses(now)
    if fault is not None and fault is known.fault:
        raise fault  # who holds it may no longer speak under that name
    assert known.door is not None, "who may not hand in has a fault"
    return Handed(raw, known.door, fault=fault)


def _remember(known: dict[K, V], key: K, value: V) -> None:
    if len(known) >= _DOORS:
        known.clear()
    known[key] = value


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace")
