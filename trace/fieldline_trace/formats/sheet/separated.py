"""CSV files, as spreadsheets and registers write them: UTF-8 with or without its mark, UTF-16, GB 18030; separated by
comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from fieldline_schemas.faults import Fault

from fieldline_trace.formats.sheet.grid import EMPTY, LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, Cell, Row, Sheet
from fieldline_trace.formats.sheet.quoting import unquoted

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATORS = ",;\t"
_LOOKED_AT = 20
"""Lines by which the separator is told."""


def read_csv(raw: bytes, name: str) -> Sheet:
    """The one sheet of a CSV file; ``Fault`` where it cannot be read as a whole."""
    text = _decoded(raw)
    lines = text.split("\n", _LOOKED_AT)[:_LOOKED_AT]
    if lines and (told := lines[0].strip()).lower().startswith("sep=") and len(told) == 5:
        separator, skipped = told[4], 1  # Excel's own way to say it
        text = text.split("\n", 1)[1] if "\n" in text else ""
    else:
        separator, skipped = _separator(lines), 0
    sheet = Sheet(name)
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for values in reader:
            cells += len(values)
            if cells > MOST_CELLS or len(values) > MOST_COLUMNS:
                raise Fault.by("sheet_cells", most=MOST_CELLS, columns=MOST_COLUMNS)
            number = reader.line_num + skipped
            sheet.rows.append(Row(number, _cells(values)))
    except csv.Error as error:
        raise Fault.by("sheet_line", line=reader.line_num + skipped, why=error) from None
    return sheet


def _cells(values: Iterable[str]) -> list[Cell]:
    found = []
    for value in values:
        if not value:
            found.append(EMPTY)
            continue
        text, shape = unquoted(value)
        trouble = "cell_too_long" if len(text) > LONGEST_CELL else ""
        found.append(Cell(text[:LONGEST_CELL] or None, shape, trouble=trouble))
    return found


def _decoded(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as error:
                raise Fault.by("sheet_begins_as", encoding=encoding.upper(), place=error.start) from None
    if b"\0" in raw[:4096]:
        raise Fault.by("sheet_no_text")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Fault.by("sheet_encoding")


def _separator(lines: Iterable[str]) -> str:
    """The one of which most lines have some, and have most of."""
    counts = {mark: [line.count(mark) for line in lines] for mark in _SEPARATORS}
    return max(_SEPARATORS, key=lambda mark: (max(counts[mark], default=0), -_SEPARATORS.index(mark)))
