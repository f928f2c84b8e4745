"""Excel workbooks (.xlsx): values as they are kept, of formulas the value that was last worked out. Nothing is run.

A workbook is a zip of XML: how much comes out of it is looked at before it is unpacked, and a document type, which
could blow up on reading, is refused.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from fieldline_schemas.faults import Fault
from openpyxl import load_workbook
from openpyxl.cell import MergedCell
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from fieldline_trace.formats.sheet.grid import EMPTY, MOST_COLUMNS, Cell, Row, Sheet

MOST_UNPACKED: Final = 64 * 2**20
"""Bytes of all parts of a workbook."""
MOST_PARTS: Final = 2_000
MOST_WORKBOOK_CELLS: Final = 500_000
"""Cells of a workbook; each costs some hundred bytes while it is read."""
NOT_WORKED_OUT: Final = "cell_not_worked_out"
_CELL = re.compile(rb"<(?:\w+:)?c[ >/]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell [^>]*?ref=[\"']([^\"']*)")
_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0"


def read_workbook(raw: bytes) -> list[Sheet]:
    """The sheets of a workbook; ``Fault`` where it cannot be read as a whole."""
    formulas = _inspected(raw)
    book = _loaded(raw, values=True)
    sheets = [_sheet(worksheet) for worksheet in book.worksheets]
    cells = (cell.value for sheet in sheets for row in sheet.rows for cell in row.cells)
    if sum(len(value) for value in cells if isinstance(value, str)) > MOST_UNPACKED:
        raise Fault.by("workbook_texts", most=MOST_UNPACKED)  # one may be in all cells
    if formulas:
        _note_unworked(sheets, _loaded(raw, values=False))
    return sheets


def _inspected(raw: bytes) -> bool:
    """Look at the parts before they are unpacked into objects; whether there are formulas."""
    if raw.startswith(_OLE):
        raise Fault.by("workbook_old")
    formulas, cells, unpacked = False, 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            listed = parts.infolist()
            if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > MOST_UNPACKED:
                raise Fault.by("workbook_unpacked", most=MOST_UNPACKED, parts=MOST_PARTS)
            for part in listed:
                content = parts.read(part)
                unpacked += len(content)
                if unpacked > MOST_UNPACKED:
                    raise Fault.by("workbook_unpacked_bytes", most=MOST_UNPACKED)
                if not part.filename.endswith((".xml", ".rels")):
                    continue
                if _DOCTYPE.search(content.replace(b"\0", b"") if b"\0" in content[:64] else content):
                    raise Fault.by("workbook_doctype", "", part.filename)
                if "worksheets/" in part.filename:
                    cells += sum(1 for _ in _CELL.finditer(content)) + _merged_area(content)
                    formulas = formulas or _FORMULA.search(content) is not None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, Fault):
            raise
        raise Fault.by("workbook_none", why=error) from None
    if cells > MOST_WORKBOOK_CELLS:
        raise Fault.by("workbook_cells", most=MOST_WORKBOOK_CELLS)
    return formulas


def _merged_area(content: bytes) -> int:
    """How many cells are merged into others: each is an object when the sheet is read."""
    area = 0
    for match in _MERGED.finditer(content):
        try:
            left, top, right, bottom = range_boundaries(match[1].decode())
        except (ValueError, TypeError):
            continue  # no range: openpyxl says so
        if left and top and right and bottom:
            area += (right - left + 1) * (bottom - top + 1)
        else:
            area += MOST_WORKBOOK_CELLS + 1  # whole rows or columns
    return area


def _loaded(raw: bytes, *, values: bool) -> Workbook:
    """The workbook as openpyxl reads it: with values, or with the formulas that they come of."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions, headers and styles that it leaves out
            return load_workbook(io.BytesIO(raw), data_only=values, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, ParseError) as error:
        why = f"{type(error).__name__} {error}"[:170].rstrip()
        raise Fault.by("workbook_unreadable", why=why) from None


def _sheet(worksheet: Worksheet) -> Sheet:
    sheet = Sheet(worksheet.title, hidden=worksheet.sheet_state != "visible")
    if worksheet.max_column > MOST_COLUMNS:
        raise Fault.by("workbook_columns", "", worksheet.title, most=MOST_COLUMNS)
    merged = dict(_merged(worksheet))
    hidden = {number for number, row in worksheet.row_dimensions.items() if row.hidden}
    for number, cells in _rows(worksheet):
        row = Row(number, [_cell(cell) for cell in cells], number in hidden)
        if merged:
            row.cells = [
                cell if (begin := merged.get((number, at))) is None else _covered(worksheet, begin, at)
                for at, cell in enumerate(row.cells)
            ]
        sheet.rows.append(row)
    return sheet


def _rows(worksheet: Worksheet) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows with something in them; a sheet may have its last row anywhere."""
    filled = {row for row, _ in worksheet._cells}  # the rows between are not made up, as iter_rows would
    width = worksheet.max_column
    for number in sorted(filled):
        yield number, tuple(worksheet._cells.get((number, column)) for column in range(1, width + 1))


def _cell(cell: Any) -> Cell:
    if cell is None or isinstance(cell, MergedCell) or cell.value is None:
        return EMPTY
    if cell.data_type == "e":
        return Cell(str(cell.value), trouble="cell_error")
    if isinstance(cell.value, str):
        return Cell(cell.value)
    return Cell(cell.value, cell.number_format or "General")


def _merged(worksheet: Worksheet) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Of each cell that lies within a merged one but is not its first: the first one. (row from 1, column from 0)."""
    for area in worksheet.merged_cells.ranges:
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                if (row, column) != (area.min_row, area.min_col):
                    yield (row, column - 1), (area.min_row, area.min_col - 1)


def _covered(worksheet: Worksheet, begin: tuple[int, int], column: int) -> Cell:
    """A cell below the first has its value; one beside it would be another field, so that is told."""
    first = _cell(worksheet._cells.get((begin[0], begin[1] + 1)))
    if column != begin[1]:
        return Cell(None, trouble="cell_merged")
    return Cell(first.value, first.format, True, first.trouble)


def _note_unworked(sheets: list[Sheet], book: Workbook) -> None:
    """Mark the formulas that have no value."""
    for sheet, worksheet in zip(sheets, book.worksheets, strict=True):
        for row in sheet.rows:
            for at, cell in enumerate(row.cells):
                formula = worksheet._cells.get((row.number, at + 1))
                if cell.value is None and formula is not None and formula.data_type == "f":
                    row.cells[at] = Cell(str(formula.value)[:100], trouble=NOT_WORKED_OUT)
