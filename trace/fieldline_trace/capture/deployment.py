"""What one installation has of its own, beside its database: its keys, and how long an event it takes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .checkpoint import signing_key
from .key_files import SIGNING, STREAM, key_file
from .personal import Persons
from .reading import EVENT_BYTES_MAX


@dataclass(frozen=True)
class Deployment:
    """The installation whose data directory this is. Keys are made when they are first asked for."""

    data_dir: Path
    event_bytes: int = EVENT_BYTES_MAX

    @cached_property
    def persons(self) -> Persons:
        """Makes the pseudonyms of this installation."""
        return Persons.of(self.data_dir)

    @cached_property
    def signing(self) -> Ed25519PrivateKey:
        """Signs its checkpoints."""
        return signing_key(key_file(self.data_dir / SIGNING, new_signing_key))

    @cached_property
    def stream_key(self) -> bytes:
        """The secret, 32 bytes, by which workers know what doors of this installation wrote to Kafka."""
        return key_file(self.data_dir / STREAM, lambda: secrets.token_bytes(32))

    @property
    def public_key(self) -> bytes:
        """The public half of ``signing``, 32 bytes."""
        return self.signing.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def new_signing_key() -> bytes:
    """A private key of Ed25519 as PEM."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
