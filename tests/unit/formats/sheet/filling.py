"""Sheets as people fill them in, and events as sheets: what the tests of this folder build with."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fieldline_trace.formats import sheet
from fieldline_trace.formats.sheet import Conversion
from fieldline_trace.formats.sheet.columns import columns_of
from fieldline_trace.formats.sheet.writing import csv_text, headers, put_text, rows_of
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet


def workbook(**sheets: Sequence[Sequence[Any]]) -> Workbook:
    """A workbook of rows; values are written as openpyxl takes them, texts as texts."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        worksheet = book.create_sheet(name)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                cell = worksheet.cell(at, column)
                if isinstance(value, str) and not value.startswith("==="):
                    put_text(cell, value)
                elif value is not None:
                    cell.value = value[2:] if isinstance(value, str) else value  # "===A1" is the formula "=A1"
    return book


def saved(book: Workbook) -> bytes:
    """A workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_xlsx(book: Workbook | bytes, name: str = "filled.xlsx") -> Conversion:
    """What comes of a workbook."""
    return sheet.events_of(sheet.read(book if isinstance(book, bytes) else saved(book), name))


def read_text(text: str | bytes, name: str = "shipped.csv") -> Conversion:
    """What comes of a CSV file."""
    return sheet.events_of(sheet.read(text.encode() if isinstance(text, str) else text, name))


def filled(kind: str, *rows: Mapping[str, Any]) -> list[list[Any]]:
    """Rows of a kind's sheet under its headers; a row is given by the names of its columns, ``No.`` among them."""
    names = ["No.", *(column.name for column in columns_of(kind))]
    assert all(name in names for row in rows for name in row), [name for row in rows for name in row]
    return [list(headers(kind)), *([row.get(name) for name in names] for row in rows)]


def one_filled(kind: str, *rows: Mapping[str, Any], change: Callable[[Worksheet], None] | None = None) -> Conversion:
    """What comes of one sheet of a workbook; ``change`` does something to it before it is saved."""
    book = workbook(**{kind: filled(kind, *rows)})
    if change is not None:
        change(book.worksheets[0])
    return read_xlsx(book)


def events(said: Conversion) -> list[dict[str, Any]]:
    """The events, where nothing was refused."""
    assert said.refused == [], said.refused
    return [told.event for told in said.told]


def refusals(said: Conversion) -> list[tuple[int, str | None, str]]:
    """Row, column and field of what was refused."""
    return [(refused.place.row, refused.place.letter, refused.fault.field) for refused in said.refused]


def as_sheet(said: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Events of one kind as rows under their headers."""
    kind = str(said[0]["kind"])
    return [headers(kind), *(row for at, event in enumerate(said, 1) for row in rows_of(event, str(at)))]


def as_csv(said: Sequence[Mapping[str, Any]]) -> str:
    """Events of one kind as CSV."""
    return csv_text(as_sheet(said))
