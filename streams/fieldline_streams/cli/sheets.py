"""Spreadsheets on the command line: templates out, filled ones in."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import sentence
from fieldline_trace.api.faults import fault_said
from fieldline_trace.errors import Rejected
from fieldline_trace.formats import sheet
from fieldline_trace.formats.sheet import Conversion, Place

from fieldline_streams.cli.session import Session
from fieldline_streams.gateway import Gateway
from fieldline_streams.sending import SHOWN_REFUSALS, Refusal, Summary, send_lines


def hand_in(session: Session, path: Path, *, history: bool, as_json: bool) -> Summary:
    """Read a spreadsheet and hand in its events. What is refused, here or by the door, is named by sheet, row and
    column."""
    try:
        if path.stat().st_size > sheet.MOST_BYTES:
            raise Fault.by("sheet_bytes", "", str(path), most=sheet.MOST_BYTES)
        said = sheet.events_of(sheet.read(path.read_bytes(), path.name))
    except Fault as fault:
        session.fail(Rejected(fault), as_json=as_json)
    lines = [json.dumps(told.event, ensure_ascii=False).encode() for told in said.told]

    async def work(found: Gateway) -> Summary:
        return await send_lines(found, lines, sender=session.sender, role=session.role, history=history, unit="row")

    summary = session.run(work, as_json=as_json) if lines else Summary("row")
    remarks = said.remarks if lines or said.refused else [*said.remarks, sentence("sheet_empty", {})]
    if not as_json:
        for remark in remarks:
            session.err.print(remark, markup=False, soft_wrap=True)
    return _placed(summary, said)


def _placed(summary: Summary, said: Conversion) -> Summary:
    """The summary with what was refused before it was handed in, each where it stands in the file."""
    sheets = {told.first.sheet: None for told in said.told} | {refusal.place.sheet: None for refusal in said.refused}
    order = {name: at for at, name in enumerate(sheets)}
    placed = [(refusal.place, _of(refusal.place, refusal.fault)) for refusal in said.refused]
    for refused in summary.refusals:
        place = said.told[refused.line - 1].place(refused.field)
        placed.append((place, replace(refused, line=place.row, **_where(place))))
    placed.sort(key=lambda pair: (order[pair[0].sheet], pair[0].row))
    summary.refusals = [refusal for _, refusal in placed[:SHOWN_REFUSALS]]
    summary.refused += said.events_refused
    return summary


def _of(place: Place, fault: Fault) -> Refusal:
    return Refusal(place.row, **fault_said(fault), **_where(place))


def _where(place: Place) -> dict[str, Any]:
    return {
        "where": str(place),
        "place": {"sheet": place.sheet, "row": place.row or None, "column": place.letter},
    }


def write_template(
    session: Session, kinds: Sequence[str], form: str | None, output: Path | None, *, as_json: bool
) -> None:
    """Write the template of ``kinds``: to a file, or CSV to standard output."""
    unknown = [kind for kind in kinds if kind not in sheet.SAID_BY_PEOPLE]
    if unknown or not kinds:
        known = ", ".join(sheet.SAID_BY_PEOPLE)
        what = f"there is no sheet for {unknown[0]!r}" if unknown else "name a kind"
        raise typer.BadParameter(f"{what}; there are {known}")
    form = form or (output.suffix.lower().removeprefix(".") if output is not None else "csv")
    if form not in ("csv", "xlsx"):
        raise typer.BadParameter("--format is csv or xlsx")
    if form == "csv" and len(kinds) > 1:
        raise typer.BadParameter("a CSV file is one sheet: name one kind, or say --format xlsx")
    content = sheet.csv_template(kinds[0]).encode() if form == "csv" else sheet.workbook_template(kinds)
    if output is None:
        if form == "xlsx" and sys.stdout.isatty():
            raise typer.BadParameter("name the file of a workbook with -o")
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise typer.BadParameter(f"{output}: {error.strerror}") from None
    if as_json:
        session.print_json({"file": str(output), "kinds": list(kinds), "format": form})
    else:
        session.out.print(f"{output}: fill in the rows, then fieldline emit {output}", markup=False)
