"""Templates to fill in: headers in English and Chinese, an example that is skipped, and what each column means."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Final

from fieldline_schemas.registry import KINDS
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from fieldline_trace.formats.sheet.columns import Column, columns_of, title_of
from fieldline_trace.formats.sheet.examples import example_rows, shown_example
from fieldline_trace.formats.sheet.headers import EXPLANATION
from fieldline_trace.formats.sheet.writing import NO, YES, csv_text, headers, put_text

READY_ROWS: Final = 1_000
"""Rows that have drop-downs."""
_MARK: Final = "\ufeff"
"""By which spreadsheets know UTF-8."""
_HEADS = ("column 列", "field 字段", "required 必填", "what it says 说明", "unit 单位", "choices 可选", "example 示例")
_REQUIRED, _OPTIONAL = PatternFill("solid", fgColor="FFDDEBF7"), PatternFill("solid", fgColor="FFF2F2F2")
_GREY = Font(italic=True, color="FF808080")
HOW = (
    "One row a batch. Rows of one event have the same number in the first column, or leave all but the batches empty. "
    "Dates are typed 2026-03-01, 2026-03 or with a time 2026-03-01 08:30. The example row is skipped.",
    "每行一个批次。同一事件的多行填相同序号,或后续行只填批次各列。"
    "日期写作 2026-03-01、2026-03,带时间写作 2026-03-01 08:30。示例行不会上报。",
)


def csv_template(kind: str) -> str:
    """The template as CSV, with the mark of UTF-8: headers, an example, and an explanation in rows that begin with
    ``#``, which are skipped."""
    rows: list[Sequence[str]] = [headers(kind), *example_rows(kind)]
    rows += [[f"# {line}"] for line in HOW]
    rows.append([f"# {_HEADS[0]}", *_HEADS[1:]])
    rows += [[f"# {line[0]}", *line[1:]] for line in _explained(kind)]
    return _MARK + csv_text(rows)


def workbook_template(kinds: Sequence[str]) -> bytes:
    """The template as an .xlsx workbook: a sheet to fill in for each kind, and one that explains it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    lists = _Lists()
    for kind in kinds:
        _fill(book.create_sheet(title_of(kind)[:31]), kind, lists)
    for kind in kinds:
        _explain(book.create_sheet(f"说明 {kind}"[:31]), kind)
    lists.write(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, kind: str, lists: _Lists) -> None:
    """The sheet that is filled in."""
    columns = columns_of(kind)
    for at, text in enumerate(headers(kind), 1):
        cell = sheet.cell(1, at)
        put_text(cell, text)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = max(12, min(28, len(text)))
        if at == 1:
            continue
        column = columns[at - 2]
        cell.fill = _REQUIRED if column.required else _OPTIONAL
        cell.comment = Comment(_comment(column), "fieldline", width=320, height=120)
        if column.sort in ("text", "choice", "measured"):
            sheet.column_dimensions[letter].number_format = "@"  # a lot 0012 stays 0012, a barcode stays whole
        _choices(sheet, column, letter, lists)
    for offset, row in enumerate(example_rows(kind)):
        for at, text in enumerate(row, 1):
            if text:
                put_text(sheet.cell(2 + offset, at), text)
                sheet.cell(2 + offset, at).font = _GREY
    sheet.row_dimensions[1].height = 48
    sheet.freeze_panes = "B2"


def _choices(sheet: Worksheet, column: Column, letter: str, lists: _Lists) -> None:
    """A drop-down where a few words may be chosen; of units, others may be typed."""
    words = (YES, NO) if column.sort == "flag" else column.words
    if not words:
        return
    choice = DataValidation(type="list", formula1=lists.named(words), allow_blank=True, showErrorMessage=column.only)
    choice.error = "Choose one of the list / 请从列表中选择"
    choice.add(f"{letter}2:{letter}{READY_ROWS}")
    sheet.add_data_validation(choice)


def _explain(sheet: Worksheet, kind: str) -> None:
    """The sheet that says what each column means."""
    about = (KINDS.models[kind].__doc__ or "").split("\n\n")[0]
    put_text(sheet.cell(1, 1), f"{EXPLANATION}: {kind}. {' '.join(about.split())}")
    for at, text in enumerate(HOW, 2):
        put_text(sheet.cell(at, 1), text)
    lines = [_HEADS, *_explained(kind)]
    for row, line in enumerate(lines, 2 + len(HOW)):
        for at, text in enumerate(line, 1):
            put_text(sheet.cell(row, at), text)
            sheet.cell(row, at).font = Font(bold=row == 2 + len(HOW))
            sheet.cell(row, at).alignment = Alignment(wrap_text=at in (4, 6), vertical="top")
    for letter, width in zip("ABCDEFG", (36, 28, 10, 60, 16, 40, 32), strict=True):
        sheet.column_dimensions[letter].width = width


def _explained(kind: str) -> Iterator[tuple[str, ...]]:
    for column in columns_of(kind):
        required = "yes 是" if column.required else ""
        words = f"{YES}, {NO}" if column.sort == "flag" else ", ".join(column.words)
        yield column.header, column.name, required, column.description, column.unit, words, shown_example(column)


def _comment(column: Column) -> str:
    parts = [column.description, f"({column.unit})" if column.unit else "", f"e.g. {shown_example(column)}"]
    return " ".join(part for part in parts if part) + ("\nRequired 必填" if column.required else "")


class _Lists:
    """Choices of drop-downs, on a sheet of their own that is hidden: a list within a cell ends at 255 characters."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], str] = {}

    def named(self, words: Sequence[str]) -> str:
        """The range that holds ``words``."""
        letter = self._columns.setdefault(tuple(words), get_column_letter(len(self._columns) + 1))
        return f"lists!${letter}$2:${letter}${len(words) + 1}"

    def write(self, book: Workbook) -> None:
        """Make the sheet."""
        sheet = book.create_sheet("lists")
        sheet.sheet_state = "hidden"
        put_text(sheet.cell(1, 1), f"{EXPLANATION}: choices")
        for at, words in enumerate(self._columns, 1):
            for row, word in enumerate(words, 2):
                put_text(sheet.cell(row, at), word)
