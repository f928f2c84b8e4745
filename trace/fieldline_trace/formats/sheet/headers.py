"""Which sheet says events of which kind, and which of its columns say which fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from fieldline_schemas.faults import Fault
from fieldline_schemas.registry import KINDS

from fieldline_trace.formats.sheet.columns import NUMBER, NUMBER_TERM, Column, chinese, column_of, columns_of, english
from fieldline_trace.formats.sheet.grid import Cell, Place, Refusal, Row, Sheet

SEARCHED = 20
"""Rows within which the headers are looked for; above them may be a title."""
EXPLANATION = "fieldline"
"""What the first cell of a sheet says that explains another."""
_KIND = re.compile(r"[a-z_]+")
_NUMBERS = frozenset({english(NUMBER), "event no"})


@dataclass(frozen=True, slots=True)
class Headers:
    """What a sheet's header row says. ``columns``: by number of the column; ``number``: that of the event's number;
    ``extensions``: columns that are kept as they are."""

    kind: str
    row: int
    columns: dict[int, Column]
    names: dict[int, str]
    number: int | None
    extensions: dict[int, str]


def is_explanation(sheet: Sheet) -> bool:
    """Whether the sheet only explains, or holds the choices of others."""
    first = next((_text(cell) for row in sheet.rows[:1] for cell in row.cells[:1]), "")
    return first.startswith(f"{EXPLANATION}:")


def kind_of_sheet(sheet: Sheet) -> str | None:
    """The kind that the first header, or else the sheet's name, begins with."""
    for row in sheet.rows[:SEARCHED]:
        for cell in row.cells[:1]:
            text = _text(cell).casefold()
            found = _KIND.match(text)
            if found is not None and found[0] in KINDS.models and text[found.end() :].lstrip().startswith(":"):
                return found[0]
    found = _KIND.match(sheet.name.strip().casefold())
    return found[0] if found is not None and found[0] in KINDS.models else None


def headers_of(sheet: Sheet, kind: str) -> tuple[Headers | None, list[Refusal]]:
    """The headers of a sheet; None, with the reasons, where what it says could not all be kept."""
    at = max(range(min(SEARCHED, len(sheet.rows))), key=lambda at: (_known(sheet.rows[at], kind), -at), default=None)
    if at is None or _known(sheet.rows[at], kind) == 0:
        some = [column.header for column in columns_of(kind)[:4]]
        return None, [Refusal(Place(sheet.name, 0), Fault.by("sheet_no_headers", kind=kind, some=some))]
    row = sheet.rows[at]
    found = Headers(kind, row.number, {}, {}, None, {})
    number: int | None = None
    refused: list[Refusal] = []
    for place, cell in enumerate(row.cells):
        text = _text(cell)
        if not text:
            if _has_data(sheet.rows[at + 1 :], place):
                refused.append(_refusal(sheet, row, place, Fault.by("sheet_header_missing")))
        elif _is_number(text, kind):
            number = place
        elif text.casefold().startswith("x-"):
            found.extensions[place] = text
        elif not text.startswith("#"):
            column = column_of(kind, text)
            if column is None:
                refused.append(_refusal(sheet, row, place, _unknown(kind, text)))
            elif column in found.columns.values():
                refused.append(_refusal(sheet, row, place, Fault.by("sheet_header_twice", text)))
            else:
                found.columns[place], found.names[place] = column, text
    if refused:
        return None, refused
    return Headers(kind, row.number, found.columns, found.names, number, found.extensions), []


def _unknown(kind: str, text: str) -> Fault:
    names = {english(column.name): column.header for column in columns_of(kind)}
    near = get_close_matches(english(text), list(names), n=1, cutoff=0.6)
    if near:
        return Fault.by("sheet_header_unknown_near", text, kind=kind, near=names[near[0]])
    return Fault.by("sheet_header_unknown", text, kind=kind)


def _known(row: Row, kind: str) -> int:
    return sum(1 for cell in row.cells if _text(cell) and column_of(kind, _text(cell)) is not None)


def _is_number(text: str, kind: str) -> bool:
    """Whether this is the header of the event's number, with its kind before it or without."""
    head, _, rest = text.partition(":")
    named = rest if head.strip().casefold().split(" ")[0] == kind and rest else text
    return english(named) in _NUMBERS or (not english(named) and chinese(named) == NUMBER_TERM)


def _has_data(rows: Sequence[Row], place: int) -> bool:
    return any(place < len(row.cells) and not row.cells[place].blank for row in rows)


def _text(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value).strip()


def _refusal(sheet: Sheet, row: Row, place: int, fault: Fault) -> Refusal:
    return Refusal(Place(sheet.name, row.number, place), fault)
