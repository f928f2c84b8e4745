"""Checkpoints: the head of the ledger as it was, signed, to be kept where the ledger is not.

Whoever owns the database can change what was said and chain everything anew; it then looks whole. What was signed
before tells: the entry at that position has another hash now.

A checkpoint is signed with Ed25519 over ``fieldline.checkpoint.1``, NUL, position and time of receipt (8 bytes each,
big-endian), and the hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from fieldline_schemas.faults import Fault
from fieldline_schemas.times import instant

from fieldline_trace.errors import Conflict, Rejected
from fieldline_trace.store import Connection, Q
from fieldline_trace.store.ledger_read import head

from .chain import GENESIS

FORMAT: Final = "checkpoint 1"
_DOMAIN: Final = b"fieldline.checkpoint.1\0"
_MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed head. ``received_at``: microseconds since 1970 UTC; ``hash`` and ``public_key`` have 32 bytes."""

    position: int
    received_at: int
    hash: bytes
    public_key: bytes
    signature: bytes

    def said(self) -> dict[str, Any]:
        """As JSON; ``received`` is for people and not signed by itself."""
        return {
            "fieldline": FORMAT,
            "position": self.position,
            "received_at": self.received_at,
            "received": instant(self.received_at),
            "hash": self.hash.hex(),
            "public_key": self.public_key.hex(),
            "signature": self.signature.hex(),
        }

    @classmethod
    def read(cls, said: Mapping[str, Any], key: str | None = None) -> Checkpoint:
        """The checkpoint that JSON holds, its signature checked; ``key``: the public key (hexadecimal) that has to have
        signed it. ``Rejected`` where it is none, or was signed by somebody else."""
        if said.get("fieldline") != FORMAT:
            raise Rejected(Fault.of(said.get("fieldline"), "checkpoint_form", "against.fieldline", format=FORMAT))
        found = cls(
            _number(said, "position"),
            _number(said, "received_at"),
            _bytes(said, "hash", 32),
            _bytes(said, "public_key", 32),
            _bytes(said, "signature", 64),
        )
        if key is not None and key.strip().lower() != found.public_key.hex():
            raise Rejected(
                Fault.of(found.public_key.hex(), "checkpoint_key", "against.public_key", key=key.strip().lower())
            )
        try:
            Ed25519PublicKey.from_public_bytes(found.public_key).verify(found.signature, _signed(found))
        except InvalidSignature:
            raise Rejected(Fault.of(found.signature.hex(), "checkpoint_signature", "against.signature")) from None
        return found


def signing_key(pem: bytes) -> Ed25519PrivateKey:
    """The private key that a file holds; ``Conflict`` where it is none of Ed25519."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Conflict("the file of the signing key holds no private key of Ed25519")
    return key


async def checkpoint(conn: Connection, key: Ed25519PrivateKey) -> Checkpoint:
    """The head as it is now, signed; lanes that are committing are waited for."""
    now = await head(conn, settled=True)
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    bare = Checkpoint(now.position, now.received_at, now.hash, public, b"")
    return Checkpoint(now.position, now.received_at, now.hash, public, key.sign(_signed(bare)))


async def differs(conn: Connection, signed: Checkpoint) -> str | None:
    """What is wrong with the ledger, which is whole in itself, by a checkpoint; None where it goes through it."""
    row = await conn.fetchrow(Q["ledger_entry_at"], signed.position)
    if signed.position == 0:
        row_hash, row_time = GENESIS, 0
    elif row is None:
        return f"the ledger ends before position {signed.position}, where it was signed: later entries were removed"
    else:
        row_hash, row_time = bytes(row["hash"]), row["received_at"]
    if (row_hash, row_time) != (signed.hash, signed.received_at):
        return (
            "the chain is whole, but it is another one than was signed here: "
            "something up to this position was changed, and everything chained anew"
        )
    return None


def _signed(found: Checkpoint) -> bytes:
    numbers = b"".join(value.to_bytes(8, "big") for value in (found.position, found.received_at))
    return _DOMAIN + numbers + found.hash


def _number(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise Rejected(Fault.of(value, "this_is_whole", f"against.{name}"))
    return value


def _bytes(said: Mapping[str, Any], name: str, length: int) -> bytes:
    value = said.get(name)
    try:
        found = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        found = b""
    if len(found) != length:
        raise Rejected(Fault.of(value, "this_is_digits", f"against.{name}", digits=2 * length))
    return found
