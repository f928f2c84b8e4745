"""``fieldline verify`` and ``rebuild``: the ledger held to itself, and what was derived of it held to the ledger."""

from __future__ import annotations

import typer

from fieldline_streams.cli.session import FOUND_FAULT, Json, session_of


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    app.command(epilog="Example: fieldline verify && echo untouched")(verify)
    app.command(epilog="Example: fieldline rebuild")(rebuild)


def verify(context: typer.Context, as_json: Json = False) -> None:
    """Walk the chain of hashes over all that was received; the first bad position and event are named (exit code 1)."""
    session = session_of(context)
    answer = session.ask("verify", {}, as_json=as_json)
    if as_json:
        session.print_json(answer)
    elif answer["ok"]:
        session.out.print(f"the ledger is whole: {answer['entries']:,} entries, {answer['events']:,} events")
        session.out.print(f"hash of its head: {answer['hash']}", soft_wrap=True)
    else:
        broken = answer["broken"]
        event = f", event {broken['event']}" if broken["event"] is not None else ""
        session.err.print(
            f"the ledger was changed at position {broken['position']}{event}: {broken['what']}", markup=False
        )
    if not answer["ok"]:
        raise typer.Exit(FOUND_FAULT)


def rebuild(context: typer.Context, as_json: Json = False) -> None:
    """Empty what was derived (alerts, scopes), derive it again from the ledger, and name what differs: nothing
    should."""
    session = session_of(context)
    answer = session.ask("rebuild", {}, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        for line in answer["differed"]:
            session.err.print(line, markup=False, soft_wrap=True)
        session.out.print(
            f"rebuilt up to position {answer['position']}: {answer['alerts']} alerts, {answer['scopes']} scopes, "
            + (f"{len(answer['differed'])} differed" if answer["differed"] else "nothing differed")
        )
    if answer["differed"]:
        raise typer.Exit(FOUND_FAULT)
