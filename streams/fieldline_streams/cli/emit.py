"""``fieldline emit``: events from a file or standard input, one a line, or from a spreadsheet, to the ledger."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from fieldline_trace.errors import FieldlineError
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from fieldline_streams.cli.session import FOUND_FAULT, Json, Session, session_of
from fieldline_streams.gateway import Gateway
from fieldline_streams.sending import SHOWN_REFUSALS, Summary, send_lines

SHEETS = (".xlsx", ".csv", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers", ".et", ".tsv")
"""Files of spreadsheets by their names; those that are not read are refused with a word."""


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(epilog="Example: fieldline --as hof-1 emit events.ndjson")(emit)


def emit(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(help="Events, one JSON object a line; a spreadsheet (.xlsx, .csv); or - for standard input."),
    ],
    history: Annotated[
        bool, typer.Option("--history", help="It is history: no notices, drafts or deadlines come of it.")
    ] = False,
    kafka: Annotated[
        bool,
        typer.Option("--kafka", help="Write to the topics of FIELDLINE_KAFKA, signed with the key, and not by HTTP."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand events in. Each is accepted, repeated (it was there already) or refused; what is refused is named by line
    (of a spreadsheet: by sheet, row and column), field and rule. `schema sheet` makes spreadsheets to fill in."""
    session = session_of(context)
    if kafka and history:
        raise typer.BadParameter("history comes in by HTTP: leave out --kafka")
    if file == "-":
        summary = _send(session, sys.stdin.buffer, None, history, as_json, kafka)
    else:
        path = Path(file)
        if not path.is_file():
            raise typer.BadParameter(f"{file} is no file")
        if path.suffix.lower() in SHEETS:
            if kafka:
                raise typer.BadParameter("a spreadsheet comes in by HTTP: leave out --kafka")
            from fieldline_streams.cli import sheets

            report(session, sheets.hand_in(session, path, history=history, as_json=as_json), as_json)
            return
        with path.open("rb") as lines:
            summary = _send(session, lines, path.stat().st_size, history, as_json, kafka)
    report(session, summary, as_json)


def report(session: Session, summary: Summary, as_json: bool, more: dict[str, Any] | None = None) -> None:
    """The summary of what was handed in; ends with exit code 1 where something was refused."""
    if as_json:
        session.print_json({**summary.said(), **(more or {})})
    else:
        for refusal in summary.refusals:
            where = refusal.where or f"{summary.unit} {refusal.line}"
            session.err.print(f"{where}: {refusal.text()}", markup=False, soft_wrap=True)
        if summary.refused > len(summary.refusals):
            session.err.print(f"… and {summary.refused - SHOWN_REFUSALS} more; see fieldline rejected list")
        session.out.print(
            f"{summary.accepted} accepted, {summary.repeated} repeated, {summary.variants} conflicting, "
            f"{summary.refused} refused in {summary.seconds:.1f} s ({summary.rate:,.0f} events/s), "
            f"position {summary.position if summary.position is not None else 'unchanged'}"
        )
    if summary.refused:
        raise typer.Exit(FOUND_FAULT)


def _send(session: Session, lines: BinaryIO, size: int | None, history: bool, as_json: bool, kafka: bool) -> Summary:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        console=session.err,
        transient=True,
        disable=as_json or not session.err.is_terminal,
    ) as progress:
        task = progress.add_task("handing in", total=size, rate="")

        def told(summary: Summary) -> None:
            text = f"{summary.lines:,} lines, {summary.rate:,.0f}/s, {summary.refused:,} refused"
            progress.update(task, completed=summary.bytes, rate=text)

        async def work(found: Gateway) -> Summary:
            return await send_lines(found, lines, sender=session.sender, role=session.role, history=history, told=told)

        if not kafka:
            return session.run(work, as_json=as_json)
        from fieldline_streams.producer.lines import produce_lines

        try:
            return asyncio.run(produce_lines(session.settings, lines, told=told))
        except FieldlineError as error:
            session.fail(error, as_json=as_json)
