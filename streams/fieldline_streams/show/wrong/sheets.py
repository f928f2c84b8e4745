"""Spreadsheets as they come from those who fill them in, each with one thing wrong."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from fieldline_schemas import fast
from fieldline_schemas.faults import Fault
from fieldline_trace.formats import sheet
from fieldline_trace.formats.sheet import Place
from openpyxl import Workbook

HEAD = ("Site", "Operator", "At", "To site", "Batches: batch", "Batches: quantity", "Batches: unit")
ROW: tuple[Any, ...] = ("plant-7", "plant-7", "2026-03-01", "school-3", "plant-7/salad/S1", "12.5", "kg")
GTIN = (*HEAD[:4], "Batches: gtin", "Batches: lot")


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused: ``row`` says where."""

    row: str
    field: str
    value: str
    rule: str


def _csv(*rows: Iterable[Any]) -> bytes:
    return "".join(",".join(f'"{value}"' for value in row) + "\r\n" for row in rows).encode()


def _with(column: str, value: Any) -> tuple[Any, ...]:
    return tuple(value if name == column else said for name, said in zip(HEAD, ROW, strict=True))


def _xlsx(*rows: Iterable[Any], name: str = "shipped") -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    worksheet = book.create_sheet(name)
    for row in rows:
        worksheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _merged() -> bytes:
    book = Workbook()
    worksheet = book.worksheets[0]
    worksheet.title = "shipped"
    for row in (HEAD, ROW):
        worksheet.append(list(row))
    worksheet.merge_cells("A2:B2")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_CELLS: tuple[tuple[str, str, Any], ...] = (
    ("a date as a number", "At", 46082),
    ("a date that may be two", "At", "3/4/2026"),
    ("a time of day without its date", "At", time(8, 30)),
    ("a date that is true", "At", True),
    ("a date in words", "At", "soon"),
    ("a quantity that was made a date", "Batches: quantity", date(2026, 3, 1)),
    ("a quantity that is true", "Batches: quantity", True),
    ("a batch of more digits than a cell keeps", "Batches: batch", 123456789012345678),
    ("a batch that is true", "Batches: batch", True),
    ("a formula that was never worked out", "Batches: quantity", "=1+1"),
)
FILES: tuple[tuple[str, bytes], ...] = (
    *((f"workbook: {name}", _xlsx(HEAD, _with(column, value))) for name, column, value in _CELLS),
    ("workbook: a sheet of no kind", _xlsx(("call the dairy",), name="notes")),
    ("workbook: a kind that is the clock's", _xlsx(("At",), ("2026-03-01",), name="clock_ticked")),
    ("workbook: cells merged across columns", _merged()),
    ("workbook: cut off", _xlsx(HEAD, ROW)[:-200]),
    ("workbook: not one at all", b"PK\x03\x04nothing"),
    ("CSV: a header with a slip", _csv((*HEAD[:5], "Batches: quantty"), ROW[:6])),
    ("CSV: a column without a header", _csv((*HEAD, ""), (*ROW, "more"))),
    ("CSV: one header twice", _csv((*HEAD, "Site"), (*ROW, "plant-7"))),
    ("CSV: a barcode that was shortened", _csv(GTIN, (*ROW[:4], "9.506E+12", "B7"))),
    ("CSV: a barcode with a letter", _csv(GTIN, (*ROW[:4], "4012345678901x", "B7"))),
    ("CSV: no batch", _csv(HEAD, _with("Batches: batch", ""))),
    ("CSV: a batch without a lot", _csv(HEAD, _with("Batches: batch", "plant-7/salad"))),
    ("CSV: a barcode with a wrong check digit", _csv(GTIN, (*ROW[:4], "09506000134353", "B7"))),
    ("CSV: a quantity below zero", _csv(HEAD, _with("Batches: quantity", "-5"))),
    ("CSV: a quantity in words", _csv(HEAD, _with("Batches: quantity", "many"))),
    ("CSV: a quantity without its unit", _csv(HEAD, _with("Batches: unit", ""))),
    ("CSV: a unit that there is not", _csv(HEAD, _with("Batches: unit", "stone-ish"))),
    ("CSV: a day that there is not", _csv(HEAD, _with("At", "2026-02-30"))),
    ("CSV: no site", _csv(HEAD, _with("Site", ""))),
    ("CSV: rows of one event that differ", _csv(("No.", *HEAD), ("1", *ROW), ("1", *_with("At", "2026-03-02")))),
    ("CSV: no kind in its name or header", b"Site,Operator\r\nplant-7,plant-7\r\n"),
    ("CSV: no text", b"Site\0Operator\n"),
    ("CSV: a quote that is not closed", b'Site,Operator\n"plant-7,plant-7\n'),
    ("CSV: neither UTF-8 nor GB 18030", b"Site\n\x81\x20\n"),
)
"""What is wrong, and the file."""


def refused(raw: bytes) -> list[Refused]:
    """What of a file is refused, by the sheets themselves or by the contract of events. ``Fault`` of a whole file."""
    said = sheet.events_of(sheet.read(raw, "shipped.xlsx" if raw[:2] == b"PK" else _name_of(raw)))
    found = [_refused(one.place, one.fault) for one in said.refused]
    for told in said.told:
        try:
            fast.read(json.dumps(told.event).encode())
        except Fault as fault:
            found.append(_refused(told.place(fault.field), fault))
    return found


def _refused(place: Place, fault: Fault) -> Refused:
    return Refused(str(place), fault.field, fault.value, fault.rule)


def _name_of(raw: bytes) -> str:
    return "march.csv" if raw.startswith(b"Site,Operator\r\nplant") else "shipped.csv"


def good_events() -> list[dict[str, Any]]:
    """What a file that is right says."""
    return [told.event for told in sheet.events_of(sheet.read(_csv(HEAD, ROW), "shipped.csv")).told]
