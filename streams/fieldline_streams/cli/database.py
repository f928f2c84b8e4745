"""``fieldline database``: what the owner of the database does for the services that do not own it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from fieldline_trace.errors import FieldlineError, Unavailable

from fieldline_streams.cli.session import WRONG_USE, Session, session_of


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Migrate the database, and give services the rights they need.")
    group.command(
        "migrate", epilog="Example: FIELDLINE_DATABASE_URL=postgresql://owner@db/fieldline fieldline database migrate"
    )(up)
    group.command("roles", epilog="Example: fieldline database roles --passwords /run/secrets/fieldline")(roles)
    app.add_typer(group, name="database")


def up(context: typer.Context) -> None:
    """Make the database of FIELDLINE_DATABASE_URL if it is missing, and bring it up to this release.

    As its owner. Services that connect as users of their own (`fieldline database roles`) cannot; run it before them.
    """
    session = session_of(context)
    done = _run(session, migrated=True, passwords=None)
    session.out.print(f"{len(done)} migrations applied" if done else "nothing to apply")


def roles(
    context: typer.Context,
    passwords: Annotated[
        Path | None,
        typer.Option(
            help="Folder with a file for each service, which holds its password.", exists=True, file_okay=False
        ),
    ] = None,
) -> None:
    """Make the users that services connect as, and grant each the rights that this release needs, no other.

    fieldline_lane (worker --with lane,clock), fieldline_judge (--with judge), fieldline_notices (--with notices),
    fieldline_api (serve). As the owner, after each `fieldline database migrate`. A password file is named after the
    service: lane, judge, notices, api.
    """
    session = session_of(context)
    from fieldline_trace.store.roles import SERVICES, user_of

    given: dict[str, str] = {}
    for service in SERVICES:
        if passwords is not None and (file := passwords / service).is_file():
            given[service] = file.read_text("utf-8").strip()
    empty = [service for service, password in given.items() if not password]
    if empty:
        session.err.print(f"{passwords}/{empty[0]} is empty", markup=False)
        raise typer.Exit(WRONG_USE)
    _run(session, migrated=False, passwords=given)
    for service in SERVICES:
        session.out.print(f"{user_of(service)}: granted{', password set' if service in given else ''}", markup=False)


def _run(session: Session, *, migrated: bool, passwords: dict[str, str] | None) -> list[int]:
    from fieldline_trace.store import borrowed, connect, ensure_database, migrate, outages_as_unavailable
    from fieldline_trace.store.roles import make_roles

    async def inside() -> list[int]:
        dsn = session.settings.database_url
        if dsn is None:
            raise Unavailable("FIELDLINE_DATABASE_URL names no PostgreSQL; the embedded one needs none of this")
        if migrated:
            await ensure_database(dsn)
        pool = await connect(dsn, size=1)
        try:
            with outages_as_unavailable():
                async with borrowed(pool) as conn:
                    done = await migrate(conn) if migrated else []
                    if passwords is not None:
                        await make_roles(conn, passwords)
                    return done
        finally:
            await pool.close()

    try:
        return asyncio.run(inside())
    except FieldlineError as error:
        session.fail(error)
