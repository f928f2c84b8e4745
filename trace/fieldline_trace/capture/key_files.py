"""Keys of a deployment: small files beside the database, readable by their owner alone, made on first use."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from fieldline_trace.errors import Conflict

PSEUDONYMS = "pseudonyms.key"
"""The secret that pseudonyms are made with."""
SIGNING = "checkpoint.key"
"""The private key that checkpoints are signed with."""
STREAM = "stream.key"
"""The secret by which workers know what doors of the same deployment wrote to Kafka."""
KEY_FILES = (PSEUDONYMS, SIGNING)
"""What history needs, and a backup has."""


def key_file(path: Path, make: Callable[[], bytes]) -> bytes:
    """What is in ``path``; where it is missing, what ``make`` makes, kept there first. Several processes that come at
    once get the same. ``Conflict`` where others may read it, or it is empty."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        keep_key(path, make())
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Conflict(f"{path} can be read by others: chmod 600, and take it for known to them")
    content = path.read_bytes()
    if not content:
        raise Conflict(f"{path} is empty: put it back from a backup")
    return content


def keep_key(path: Path, content: bytes) -> None:
    """Write a key file whole, unless there is one already."""
    written = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(written, path)  # unlike a rename it never replaces one that another process has just made
        except FileExistsError:
            return
    finally:
        written.unlink()
