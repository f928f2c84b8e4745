"""Events as rows: what a template's example is made of, and how an event looks in a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell

from fieldline_trace.formats.sheet.columns import NUMBER, NUMBER_TERM, Column, columns_of
from fieldline_trace.formats.sheet.dates import shown_time
from fieldline_trace.formats.sheet.quoting import quoted

Rows = list[list[str]]
"""Texts of cells; ``""`` where a cell is empty."""
YES, NO = "yes 是", "no 否"


def headers(kind: str) -> list[str]:
    """The header row of a kind's sheet. Its first cell says which kind it is."""
    return [f"{kind}: {NUMBER} {NUMBER_TERM}", *(column.header for column in columns_of(kind))]


def rows_of(event: Mapping[str, Any], number: str) -> Rows:
    """An event as rows: one for each element of its longest list, at least one. ``number`` is the event's on its
    sheet. What a sheet has no column for is left out."""
    columns = columns_of(str(event["kind"]))
    length = max((len(_elements(event, column)) for column in columns if column.listed), default=0)
    rows = []
    for at in range(max(length, 1)):
        row = [number]
        for column in columns:
            if column.listed:
                elements = _elements(event, column)
                value = _inside(elements[at], column.path[column.listed :]) if at < len(elements) else None
            else:
                value = _inside(event, column.path) if at == 0 else None
            row.append("" if value is None else shown_value(value, column))
        rows.append(row)
    return rows


def shown_value(value: Any, column: Column) -> str:
    """A value of an event as a cell's text."""
    if column.sort == "time":
        return shown_time(value)
    if isinstance(value, bool):
        return YES if value else NO
    return str(value)


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV (comma, CRLF); no cell is one that a spreadsheet would work out."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[quoted(text) for text in row] for row in rows])
    return out.getvalue()


def put_text(cell: Cell | MergedCell, text: str) -> None:
    """Write a text into a workbook's cell as a text, whatever it begins with."""
    assert isinstance(cell, Cell)
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))


def _elements(event: Mapping[str, Any], column: Column) -> Sequence[Any]:
    value = _inside(event, column.path[: column.listed])
    return value if isinstance(value, list) else []


def _inside(value: Any, path: Sequence[str]) -> Any:
    """What stands at a path; a batch that is given as a text is its key."""
    for name in path:
        if isinstance(value, str):
            return value if name == "batch" else None
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
