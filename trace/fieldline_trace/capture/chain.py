"""What the ledger's hashes are made of. The decision and its reasons: docs/decisions/0003-ledger-hash.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256

from .door import Through

LEAF_BYTES = 32
GENESIS = sha256(b"fieldline.ledger.1").digest()
"""What the first entry is chained to."""


def leaves_of(through: Through) -> Callable[[str, bytes], bytes]:
    """The leaf of an event that came this way, as a function of its id and the SHA-256 of its raw bytes.

    SHA-256 of ``fieldline.leaf.1``, NUL, then sender, role, tenant, channel, ``history`` or ``live``, and id, each as
    UTF-8 after its length in bytes (4 bytes, big-endian), then the SHA-256 of the raw bytes. Where somebody mended it,
    it begins with ``fieldline.leaf.2``, and the mender stands before the id.
    """
    door = through.door
    known = sha256(b"fieldline.leaf.2\0" if door.mender else b"fieldline.leaf.1\0")
    for text in (door.sender, door.role, door.tenant, door.channel, "history" if through.history else "live"):
        known.update(_framed(text))
    if door.mender:
        known.update(_framed(door.mender))

    def leaf(event_id: str, digest: bytes) -> bytes:
        hashed = known.copy()
        hashed.update(_framed(event_id) + digest)
        return hashed.digest()

    return leaf


def entry_hash(prev: bytes, position: int, received_at: int, block: int, leaves: bytes) -> bytes:
    """SHA-256 of the entry before, position, time of receipt and block (8 bytes each, big-endian), and the leaves."""
    numbers = b"".join(value.to_bytes(8, "big", signed=True) for value in (position, received_at, block))
    return sha256(prev + numbers + leaves).digest()


def joined(leaves: Iterable[bytes]) -> bytes:
    """Leaves in order, as an entry stores them."""
    return b"".join(leaves)


def _framed(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(4, "big") + encoded
