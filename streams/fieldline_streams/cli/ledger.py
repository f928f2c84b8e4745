"""``fieldline verify``, ``checkpoint`` and ``rebuild``: the ledger held to itself and to a head that was signed before,
and what was derived of it held to the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fieldline_streams.cli.session import FOUND_FAULT, Json, session_of


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    app.command(epilog="Example: fieldline verify --against checkpoint.json && echo untouched")(verify)
    app.command(epilog="Example: fieldline checkpoint -o checkpoint-$(date +%F).json")(checkpoint)
    app.command(epilog="Example: fieldline rebuild")(rebuild)


def verify(
    context: typer.Context,
    against: Annotated[
        Path | None, typer.Option(help="A checkpoint that was signed before: the ledger has to go through it.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="The public key that has to have signed it.")] = None,
    as_json: Json = False,
) -> None:
    """Walk the chain of hashes over all that was received; the first bad position and event are named (exit code 1)."""
    session = session_of(context)
    if key is not None and against is None:
        raise typer.BadParameter("--key says who signed --against")
    asked = {} if against is None else {"against": _checkpoint_in(against), "key": key}
    answer = session.ask("verify", asked, as_json=as_json)
    if as_json:
        session.print_json(answer)
    elif answer["ok"]:
        session.out.print(f"the ledger is whole: {answer['entries']:,} entries, {answer['events']:,} events")
        session.out.print(f"hash of its head: {answer['hash']}", soft_wrap=True)
        if answer["against"]:
            signed = answer["against"]
            whose = {True: "this installation's", False: "another installation's", None: "the"}[signed["own_key"]]
            session.out.print(
                f"it goes through the head that was signed at position {signed['position']} ({signed['received']}) "
                f"with {whose} key {signed['public_key']}",
                soft_wrap=True,
            )
    else:
        broken = answer["broken"]
        event = f", event {broken['event']}" if broken["event"] is not None else ""
        session.err.print(
            f"the ledger was changed at position {broken['position']}{event}: {broken['what']}", markup=False
        )
    if not answer["ok"]:
        raise typer.Exit(FOUND_FAULT)


def checkpoint(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write it; else it is printed.")
    ] = None,
) -> None:
    """Sign the head of the ledger as it is now. Keep it where the ledger is not: ``verify --against`` holds the ledger
    to it, whoever has owned the database meanwhile. Note the public key once, by another way."""
    session = session_of(context)
    signed = session.ask("checkpoint", {}, as_json=False)["checkpoint"]
    if output is None:
        session.print_json(signed)
    else:
        try:
            output.write_text(json.dumps(signed, indent=2) + "\n", "utf-8")
        except OSError as error:
            raise typer.BadParameter(f"{output}: {error}") from None
        session.out.print(f"position {signed['position']} is signed in {output}", markup=False, soft_wrap=True)
    session.err.print(f"public key: {signed['public_key']}", soft_wrap=True)


def _checkpoint_in(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file}: {error}") from None
    if not isinstance(said, dict):
        raise typer.BadParameter(f"{file}: a checkpoint is a JSON object")
    return said


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
