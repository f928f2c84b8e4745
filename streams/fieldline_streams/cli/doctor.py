"""``fieldline doctor``: what is wrong with a deployment, and what to do about it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import FOUND_FAULT, NOT_REACHABLE, Json, session_of

_UNREACHED = ("database", "broker")


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: FIELDLINE_KAFKA=kafka:9092 FIELDLINE_DATABASE_URL=postgresql://… fieldline doctor")(
        doctor
    )


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Look at database, migrations, users, brokers, topics, lag, judge, clock, chain, notices and what was refused, and
    say what to do about each that is not well.

    Changes nothing. Exit code 0: all is well, or only to be watched; 1: something is wrong; 3: database or brokers are
    not reached. Without FIELDLINE_KAFKA it looks at the embedded service.
    """
    session = session_of(context)
    from fieldline_streams.doctor import examine

    found = asyncio.run(examine(session.settings))
    if as_json:
        session.print_json([asdict(one) for one in found])
    else:
        session.out.print(views.table(("check", "is", "seen"), [(one.check, one.verdict, one.seen) for one in found]))
        for one in found:
            if one.do:
                session.out.print(f"{one.check}: {one.do}", markup=False, soft_wrap=True)
    wrong = [one.check for one in found if one.verdict == "wrong"]
    if wrong:
        raise typer.Exit(NOT_REACHABLE if any(check in _UNREACHED for check in wrong) else FOUND_FAULT)
