"""``fieldline backup`` and ``restore``: all that there is, whole, and back."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from fieldline_trace.errors import FieldlineError

from fieldline_streams.cli.session import Json, session_of
from fieldline_streams.gateway import Gateway

if TYPE_CHECKING:
    from fieldline_trace.store.backup import Manifest


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    app.command(epilog="Example: fieldline backup /backups/fieldline-$(date +%F)")(backup)
    app.command(epilog="Example: FIELDLINE_DATA_DIR=/srv/new fieldline restore /backups/fieldline-2026-03-01")(restore)


def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="A new folder; or a file, if its name ends in .tar.")],
    as_json: Json = False,
) -> None:
    """Back up everything while the service goes on: the database in one consistent state, and the keys. Keep it as safe
    as the data directory itself."""
    session = session_of(context)
    if session.settings.url is not None:
        raise typer.BadParameter("a backup is made on the machine that has the data, not by FIELDLINE_URL")

    async def work(_: Gateway) -> Manifest:
        from fieldline_streams.embedded.restoring import back_up

        return await back_up(session.settings, target, version("fieldline"))

    manifest = session.run(work, as_json=as_json)
    if as_json:
        session.print_json({"target": str(target), "position": manifest.position, "events": manifest.events})
    else:
        size = sum(file["bytes"] for file in manifest.files.values())
        session.out.print(
            f"{target}: {manifest.events:,} events up to position {manifest.position}, {size:,} bytes",
            markup=False,
            soft_wrap=True,
        )


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A backup: its folder or file.")],
    as_json: Json = False,
) -> None:
    """Restore a backup into a new data directory (FIELDLINE_DATA_DIR, --data-dir) or an empty database
    (FIELDLINE_DATABASE_URL), and verify it before it is used."""
    from fieldline_streams.embedded.restoring import restore as restore_backup

    session = session_of(context)
    try:
        manifest, found = asyncio.run(restore_backup(session.settings, source))
    except FieldlineError as error:
        session.fail(error, as_json=as_json)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if as_json:
        session.print_json({"position": found.position, "events": found.events, "hash": found.hash.hex()})
    else:
        session.out.print(
            f"restored and verified: {found.events:,} events up to position {found.position}, "
            f"as backed up {manifest.made_at}",
            markup=False,
            soft_wrap=True,
        )
