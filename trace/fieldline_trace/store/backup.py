"""A backup: one consistent dump of the database, taken while it serves, with what tells that it is whole.

A folder with ``manifest.json`` (format, release, the head of the ledger that the dump has, and size and SHA-256 of each
file), ``fieldline.dump`` (PostgreSQL's own, compressed) and the keys of the installation. All is streamed; the folder
gets its name when it is complete, so half a backup is never mistaken for one. It holds all that the data directory
holds: keep it as safe.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from fieldline_trace.errors import Conflict, NotFound, Unavailable

from .durable import sync_folder
from .outage import outages_as_unavailable
from .postgres import programs
from .queries import Q

FORMAT: Final = "backup 1"
DUMP: Final = "fieldline.dump"
MANIFEST: Final = "manifest.json"
_CHUNK: Final = 2**20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``hash``: of the last entry, hexadecimal; ``files``: name to bytes and SHA-256."""

    fieldline: str
    release: str
    made_at: str
    postgres: str
    migration: int
    position: int
    received_at: int
    hash: str
    events: int
    files: dict[str, dict[str, Any]]


async def backup(dsn: str, folder: Path, keys: Iterable[Path], release: str) -> Manifest:
    """Back the database at ``dsn`` up into ``folder``, which must be missing or empty, with the files ``keys`` (those
    that there are). Others go on reading and writing; what was acknowledged before the call is in it.

    ``Conflict`` where something is in ``folder``, ``Unavailable`` where the database is away or the dump failed.
    """
    must_be_empty(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}.partial")
    fresh.mkdir(mode=0o700)
    try:
        with outages_as_unavailable():
            conn = await asyncpg.connect(dsn)
            try:
                async with conn.transaction(isolation="repeatable_read", readonly=True):
                    snapshot = await conn.fetchval(Q["backup_snapshot"])
                    about = await conn.fetchrow(Q["backup_about"])
                    files = {DUMP: await _dump(dsn, snapshot, fresh / DUMP)}
            finally:
                await conn.close()
        for key in keys:
            if key.exists():
                files[key.name] = _write(fresh / key.name, key.read_bytes())
        assert about is not None
        manifest = Manifest(
            FORMAT,
            release,
            datetime.now(UTC).isoformat(timespec="seconds"),
            about["postgres"],
            about["migration"],
            about["position"],
            about["received_at"],
            bytes(about["hash"]).hex(),
            about["events"],
            files,
        )
        _write(fresh / MANIFEST, (json.dumps(asdict(manifest), indent=2) + "\n").encode())
        sync_folder(fresh)
        fresh.rename(folder)
        sync_folder(folder.parent)
        return manifest
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def checked(folder: Path, newest: int) -> Manifest:
    """The manifest of a backup whose files are all there and as they were written. ``newest``: the last migration that
    this release knows. ``NotFound`` where there is no backup, ``Conflict`` where it is not whole, or of a newer
    release."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"{folder} is no backup: it has no {MANIFEST}") from None
    except (ValueError, TypeError) as error:
        raise Conflict(f"{folder / MANIFEST} cannot be read: {error}") from None
    if manifest.fieldline != FORMAT or manifest.migration > newest:
        raise Conflict(f"{folder} was made by fieldline {manifest.release}, which is newer: upgrade first")
    for name, said in manifest.files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise Conflict(f"the backup is not whole: {name} is missing")
        if _digest(path) != (said["bytes"], said["sha256"]):
            raise Conflict(f"the backup is not whole: {name} is not as it was written")
    if DUMP not in manifest.files:
        raise Conflict(f"the backup is not whole: {DUMP} is missing")
    return manifest


async def restore_into(dsn: str, folder: Path) -> None:
    """Load the dump in ``folder`` into the empty database at ``dsn``. ``Conflict`` where it has tables already."""
    with outages_as_unavailable():
        conn = await asyncpg.connect(dsn)
        try:
            if await conn.fetchval(Q["database_has_tables"]):
                raise Conflict("the database to restore into is not empty")
        finally:
            await conn.close()
    where, environment = _without_password(dsn)
    arguments = ("--exit-on-error", "--no-owner", "--no-privileges", "--jobs=2", f"--dbname={where}")
    process = await asyncio.create_subprocess_exec(
        str(programs() / "pg_restore"),
        *arguments,
        str(folder / DUMP),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    _, complaint = await _ended(process)
    if process.returncode:
        raise Unavailable(f"pg_restore failed: {complaint.decode(errors='replace').strip()[-1000:]}")


def must_be_empty(folder: Path) -> None:
    """``Conflict`` where ``folder`` exists and is no empty folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder} is not empty: name a folder that is new")


async def _dump(dsn: str, snapshot: str, path: Path) -> dict[str, Any]:
    where, environment = _without_password(dsn)
    process = await asyncio.create_subprocess_exec(
        str(programs() / "pg_dump"),
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot}",
        f"--dbname={where}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    complaining = asyncio.create_task(process.stderr.read())
    size, digest = 0, hashlib.sha256()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while chunk := await process.stdout.read(_CHUNK):
                size += len(chunk)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(os.fsync, file.fileno())
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        complaint = await complaining
    if process.returncode:
        raise Unavailable(f"pg_dump failed: {complaint.decode(errors='replace').strip()[-1000:]}")
    return {"bytes": size, "sha256": digest.hexdigest()}


async def _ended(process: asyncio.subprocess.Process) -> tuple[bytes, bytes]:
    try:
        return await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _without_password(dsn: str) -> tuple[str, dict[str, str]]:
    """The same place without its password, which goes by the environment: arguments are seen by everybody."""
    parts = urlsplit(dsn)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if parts.password is None:
        return dsn, environment
    environment["PGPASSWORD"] = unquote(parts.password)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}")), environment


def _write(path: Path, content: bytes) -> dict[str, Any]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
        return file.tell(), found.hexdigest()
