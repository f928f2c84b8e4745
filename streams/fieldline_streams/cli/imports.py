"""``fieldline import``: other formats, read into events."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from fieldline_schemas.faults import Fault
from fieldline_trace.errors import Rejected
from fieldline_trace.formats import fcl

from fieldline_streams.cli.emit import report
from fieldline_streams.cli.session import FOUND_FAULT, Json, session_of
from fieldline_streams.gateway import Gateway
from fieldline_streams.sending import Summary, send_lines


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Read other formats into events.", rich_markup_mode=None)
    group.command("fcl", epilog="Example: fieldline import fcl network.json")(import_fcl)
    app.add_typer(group, name="import")


def import_fcl(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A network in FoodChain-Lab's exchange format.")
    ],
    show: Annotated[bool, typer.Option("--print", help="Print the events, one a line, and hand nothing in.")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="It is no history: notices, drafts and deadlines may come of it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """FoodChain-Lab's exchange format (JSON, version 1): stations, deliveries, relations.

    A delivery becomes a batch with its lot number as a label, so answers can be had by delivery, lot and station. Rows
    at fault are named, the rest is taken.
    """
    session = session_of(context)
    try:
        said = fcl.events_of(fcl.read(file.read_bytes()))
    except Fault as fault:
        session.fail(Rejected(fault), as_json=as_json)
    lines = [json.dumps(event, ensure_ascii=False).encode() for event in said.events]
    if show:
        for line in lines:
            sys.stdout.write(line.decode() + "\n")
        raise typer.Exit(FOUND_FAULT if said.refused else 0)

    async def work(found: Gateway) -> Summary:
        return await send_lines(found, lines, sender=session.sender, role=session.role, history=not live, unit="event")

    summary = session.run(work, as_json=as_json)
    rows = [
        {
            "row": refusal.row,
            "field": refusal.field,
            "value": refusal.value,
            "rule": refusal.rule,
            "kept": refusal.kept,
        }
        for refusal in said.refused
    ]
    if not as_json:
        for refusal in said.refused:
            session.err.print(str(refusal), markup=False, soft_wrap=True)
    report(session, summary, as_json, {"rows_refused": rows})
    if rows:
        raise typer.Exit(FOUND_FAULT)
