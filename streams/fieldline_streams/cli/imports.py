"""``fieldline import``: other formats, read into events."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from fieldline_schemas.faults import Fault
from fieldline_trace.errors import Rejected

from fieldline_streams.cli.emit import report
from fieldline_streams.cli.session import FOUND_FAULT, Json, session_of
from fieldline_streams.gateway import Gateway
from fieldline_streams.sending import Summary, lines_of, send_lines


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="Read other formats into events.", rich_markup_mode=None)
    group.command("fcl", epilog="Example: fieldline import fcl network.json")(import_fcl)
    group.command("epcis", epilog="Example: fieldline --as plant-7 import epcis events.jsonld")(import_epcis)
    group.command("movements", epilog="Example: fieldline import movements register.csv")(import_movements)
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
    from fieldline_trace.formats import fcl

    session = session_of(context)
    try:
        said = fcl.events_of(fcl.read(file.read_bytes()))
    except Fault as fault:
        session.fail(Rejected(fault), as_json=as_json)
    lines = lines_of(said.events)
    if show:
        _printed(lines, refused=bool(said.refused))

    async def work(found: Gateway) -> Summary:
        return await send_lines(found, lines, sender=session.sender, role=session.role, history=not live, unit="event")

    summary = session.run(work, as_json=as_json)
    rows = [refusal.said() for refusal in said.refused]
    if not as_json:
        for refusal in said.refused:
            session.err.print(str(refusal), markup=False, soft_wrap=True)
    report(session, summary, as_json, {"rows_refused": rows})
    if rows:
        raise typer.Exit(FOUND_FAULT)


def import_epcis(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="An EPCIS 2.0 document in JSON-LD, or one event.")
    ],
    show: Annotated[bool, typer.Option("--print", help="Print the events, one a line, and hand nothing in.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="It is history: no notices, drafts or deadlines come of it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """EPCIS 2.0 (GS1): an EPCISDocument, an EPCISQueryDocument or a bare event, in JSON-LD.

    Each event is taken or refused by itself, with field, value and rule; what has no meaning here is kept with it.
    """
    from fieldline_trace.formats import epcis

    session = session_of(context)
    try:
        said = epcis.events_of(epcis.read(file.read_bytes()))
    except Fault as fault:
        session.fail(Rejected(fault), as_json=as_json)
    lines = lines_of(said.events)
    if not as_json:
        for remark in [*said.refused, *said.remarks]:
            session.err.print(str(remark), markup=False, emoji=False, soft_wrap=True)
        for name, times in said.conflicts.items():
            session.err.print(
                f"{name} stands on {times} different events: all kept", markup=False, emoji=False, soft_wrap=True
            )
    if show:
        _printed(lines, refused=bool(said.refused))

    async def work(found: Gateway) -> Summary:
        return await send_lines(found, lines, sender=session.sender, role=session.role, history=history, unit="event")

    summary = session.run(work, as_json=as_json)
    more = {
        "events_taken": said.taken,
        "events_refused": [asdict(refusal) for refusal in said.refused],
        "remarks": [asdict(remark) for remark in said.remarks],
        "conflicts": said.conflicts,
    }
    report(session, summary, as_json, more)
    if said.refused:
        raise typer.Exit(FOUND_FAULT)


def import_movements(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A table: from, to, day; animal, head, species.")
    ],
    register: Annotated[str, typer.Option(help="Whose numbers the animals and herds are keyed by.")] = "register",
    show: Annotated[bool, typer.Option("--print", help="Print the events, one a line, and hand nothing in.")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="It is no history: notices, drafts and deadlines may come of it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Movements of animals between holdings, a row each: a table with columns from, to and day.

    A herd is a pool at its holding, so that a trace goes by contact; `fieldline contacts` gives the contact chains.
    """
    from fieldline_trace.formats import movements

    session = session_of(context)
    try:
        every = list(movements.read(file.read_bytes()))
    except Fault as fault:
        session.fail(Rejected(fault), as_json=as_json)
    refused = [row for row in every if isinstance(row, movements.Refusal)]
    moved = [row for row in every if isinstance(row, movements.Movement)]
    lines = lines_of(movements.events_of(moved, register=register))
    if not as_json:
        for refusal in refused:
            session.err.print(str(refusal), markup=False, soft_wrap=True)
    if show:
        _printed(lines, refused=bool(refused))

    async def work(found: Gateway) -> Summary:
        return await send_lines(found, lines, sender=session.sender, role=session.role, history=not live, unit="event")

    report(session, session.run(work, as_json=as_json), as_json, {"rows_refused": [one.said() for one in refused]})
    if refused:
        raise typer.Exit(FOUND_FAULT)


def _printed(lines: Iterable[bytes], *, refused: bool) -> NoReturn:
    """Print the events in place of handing them in, and end the command."""
    for line in lines:
        sys.stdout.write(line.decode() + "\n")
    raise typer.Exit(FOUND_FAULT if refused else 0)
