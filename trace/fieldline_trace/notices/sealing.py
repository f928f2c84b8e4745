"""Secrets of webhooks as they are kept: sealed with a key of the deployment's, so that a copy of the database signs
nothing. Without such a key they are kept as they are."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fieldline_trace.errors import Conflict
from fieldline_trace.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

SEALED: Final = "sealed:"
SHORTEST: Final = 32
"""Characters of a key, at least."""
_DOMAIN: Final = b"fieldline.webhook.secrets.1"


class Seals:
    """Seals, and opens what was sealed. ``keys``: each of at least 32 characters; the first seals, all open."""

    def __init__(self, keys: tuple[str, ...] = ()) -> None:
        self._keys = keys

    @classmethod
    def of(cls, settings: Settings) -> Seals:
        """Those of a deployment. ``Conflict`` where the file that is named holds no key."""
        return cls() if settings.webhook_key_file is None else cls(_read(settings.webhook_key_file))

    def seal(self, secret: str) -> str:
        """How ``secret`` is kept."""
        return SEALED + self._cipher().encrypt(secret.encode()).decode() if self._keys else secret

    def opened(self, kept: str) -> str:
        """The secret that is kept as ``kept``. ``Conflict`` where none of the keys opens it."""
        if not kept.startswith(SEALED):
            return kept
        if not self._keys:
            raise Conflict("secrets of webhooks are sealed: FIELDLINE_WEBHOOK_KEY_FILE names no key")
        from cryptography.fernet import InvalidToken

        try:
            return self._cipher().decrypt(kept.removeprefix(SEALED)).decode()
        except InvalidToken:
            raise Conflict("no key of FIELDLINE_WEBHOOK_KEY_FILE opens the secret of a webhook") from None

    def _cipher(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        # A key is a secret of any form, long enough not to be guessed: it needs no slow derivation.
        derived = [HKDF(SHA256(), 32, salt=None, info=_DOMAIN).derive(key.encode()) for key in self._keys]
        return MultiFernet([Fernet(base64.urlsafe_b64encode(one)) for one in derived])


def _read(path: Path) -> tuple[str, ...]:
    try:
        keys = tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise Conflict(f"FIELDLINE_WEBHOOK_KEY_FILE: {error}") from None
    if not keys or min(map(len, keys)) < SHORTEST:
        raise Conflict(f"FIELDLINE_WEBHOOK_KEY_FILE: a key has {SHORTEST} characters at least")
    return keys
