"""Restoring a backup: into a new data directory, or an empty database of one's own, verified before anybody uses it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from fieldline_trace.capture import Broken, Verified, verify
from fieldline_trace.capture.key_files import KEY_FILES, keep_key
from fieldline_trace.errors import Conflict, NotFound
from fieldline_trace.settings import Settings
from fieldline_trace.store import EmbeddedPostgres, Q, borrowed, ensure_database, open_store
from fieldline_trace.store.backup import Manifest, backup, checked, must_be_empty, restore_into
from fieldline_trace.store.migrate import migrations

from fieldline_streams.embedded.directory import DataDirectory

SUFFIX = ".tar"
"""A path that ends so is one file; any other is a folder."""


async def back_up(settings: Settings, target: Path, release: str) -> Manifest:
    """Back up what ``settings`` name, which has to be open here or served by another process, into a folder or, where
    its name ends in ``.tar``, one file."""
    if target.suffix == SUFFIX:
        _must_be_new(target)
    else:
        must_be_empty(target)
    dsn = settings.database_url or EmbeddedPostgres(settings.data_dir).dsn()
    keys = [settings.data_dir / name for name in KEY_FILES]
    if target.suffix != SUFFIX:
        return await backup(dsn, target, keys, release)
    folder = target.with_name(f"{target.name}.{secrets.token_hex(4)}.folder")
    packed = target.with_name(f"{target.name}.{secrets.token_hex(4)}.partial")
    try:
        manifest = await backup(dsn, folder, keys, release)
        await asyncio.to_thread(_pack, folder, packed)
        packed.rename(target)
        return manifest
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        packed.unlink(missing_ok=True)


async def restore(settings: Settings, source: Path) -> tuple[Manifest, Verified]:
    """Restore a backup to where ``settings`` say, and verify it there. ``NotFound`` where ``source`` is no backup;
    ``Conflict`` where it is not whole, does not verify, or something is there already: then nothing is changed."""
    if settings.database_url is None:
        must_be_empty(settings.data_dir)
    with _unpacked(source, settings.data_dir.absolute().parent) as folder:
        manifest = await asyncio.to_thread(checked, folder, migrations()[-1].number)
        if settings.database_url is not None:
            await ensure_database(settings.database_url)
            found = await _restored(settings.database_url, folder, manifest)
            settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
            _put_keys(folder, settings.data_dir)
            return manifest, found
        return manifest, await _into_directory(settings, folder, manifest)


async def _into_directory(settings: Settings, folder: Path, manifest: Manifest) -> Verified:
    """Beside the data directory first; it gets its name when it was verified."""
    target = settings.data_dir.absolute()
    fresh = target.with_name(f"{target.name}.{secrets.token_hex(4)}.restoring")
    fresh.mkdir(parents=True, mode=0o711)
    try:
        with DataDirectory(fresh).held():
            server = EmbeddedPostgres(fresh, start_seconds=settings.postgres_start_seconds)
            await asyncio.to_thread(server.start)
            try:
                dsn = server.dsn()
                await ensure_database(dsn)
                found = await _restored(dsn, folder, manifest)
                _put_keys(folder, fresh)
            finally:
                await asyncio.to_thread(server.stop)
        must_be_empty(target)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return found


async def _restored(dsn: str, folder: Path, manifest: Manifest) -> Verified:
    await restore_into(dsn, folder)
    pool = await open_store(dsn, statement_seconds=24 * 3600)
    try:
        async with borrowed(pool) as conn:
            await conn.execute(Q["database_analyze"])
            found = await verify(conn)
    finally:
        await pool.close()
    if isinstance(found, Broken):
        raise Conflict(f"what was restored is not as it was received: position {found.position}: {found.what}")
    if (found.position, found.events, found.hash.hex()) != (manifest.position, manifest.events, manifest.hash):
        raise Conflict(
            f"what was restored ends at position {found.position}, and the backup says {manifest.position}, "
            f"with {manifest.events} events and the hash {manifest.hash}"
        )
    return found


def _must_be_new(target: Path) -> None:
    if target.exists():
        raise Conflict(f"{target} exists: name a file that is new")


def _put_keys(folder: Path, target: Path) -> None:
    for name in KEY_FILES:
        if (folder / name).exists():
            keep_key(target / name, (folder / name).read_bytes())


def _pack(folder: Path, packed: Path) -> None:
    with tarfile.open(packed, "x", format=tarfile.PAX_FORMAT) as archive:
        packed.chmod(0o600)
        for path in sorted(folder.iterdir()):
            archive.add(path, path.name, recursive=False)


@contextlib.contextmanager
def _unpacked(source: Path, beside: Path) -> Iterator[Path]:
    """The folder of a backup; that of a file for as long as this lasts, where there is room for the data anyway."""
    if source.is_dir():
        yield source
        return
    beside.mkdir(parents=True, exist_ok=True)
    folder = beside / f"{source.name}.{secrets.token_hex(4)}.unpacked"
    folder.mkdir(mode=0o700)
    try:
        try:
            with tarfile.open(source, "r:") as archive:
                archive.extractall(folder, filter="data")
        except FileNotFoundError:
            raise NotFound(f"there is no {source}") from None
        except (tarfile.TarError, OSError) as error:
            raise Conflict(f"{source} is no backup: {error}") from None
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
