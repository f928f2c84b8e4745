"""Rows into events: which belong together, what each cell says, and where each field of an event stands.

A row begins an event of its own. It goes on with one before it where it has that one's number (or id), or gives
nothing but elements of lists; a field that both rows give must be the same. An event with a cell at fault is not taken,
and every such cell is named; the others are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fieldline_schemas.faults import Fault, joined
from fieldline_schemas.messages import sentence

from fieldline_trace.formats.sheet.cells import read_cell
from fieldline_trace.formats.sheet.columns import SAID_BY_PEOPLE, Column
from fieldline_trace.formats.sheet.grid import Cell, Place, Refusal, Row, Sheet
from fieldline_trace.formats.sheet.headers import Headers, headers_of, is_explanation, kind_of_sheet

EXAMPLES = ("example", "示例", "例")
"""What the number of a row begins with that only shows how to fill in."""


@dataclass(slots=True)
class Told:
    """An event, and where each of its fields stands, by the path that errors name it by."""

    event: dict[str, Any]
    first: Place
    places: dict[str, Place] = field(default_factory=dict)

    def place(self, path: str) -> Place:
        """Where a field stands, or else the part that it is in, or the event's first row."""
        while path:
            if path in self.places:
                return self.places[path]
            inside = [place for name, place in self.places.items() if name.startswith((f"{path}.", f"{path}["))]
            if inside:
                return inside[0]
            path = path[: max(path.rfind("."), path.rfind("["))] if "." in path or "[" in path else ""
        return self.first


@dataclass(slots=True)
class Conversion:
    """What came of a file: events in the order of its rows, what was refused, and what a person should know."""

    told: list[Told] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    events_refused: int = 0
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    """The rows of one event, as far as they are read."""

    told: Told
    example: bool = False
    faulty: bool = False


def events_of(sheets: Iterable[Sheet]) -> Conversion:
    """All events that ``sheets`` say."""
    said = Conversion()
    for sheet in sheets:
        filled = Sheet(
            sheet.name, [row for row in sheet.rows if not all(cell.blank for cell in row.cells)], sheet.hidden
        )
        if filled.rows and not is_explanation(filled):
            _take(filled, said)
    return said


def _take(sheet: Sheet, said: Conversion) -> None:
    kind = kind_of_sheet(sheet)
    if kind not in SAID_BY_PEOPLE:
        fault = Fault.by("sheet_no_kind") if kind is None else Fault.by("sheet_not_for_people", kind=kind)
        said.refused.append(Refusal(Place(sheet.name, 0), fault))
        said.events_refused += 1
        return
    headers, refused = headers_of(sheet, kind)
    if headers is None:
        said.refused += refused
        said.events_refused += 1
        return
    rows = [row for row in sheet.rows if row.number > headers.row]
    hidden = [row.number for row in rows if row.hidden]
    if sheet.hidden:
        said.remarks.append(sentence("sheet_hidden", {"sheet": sheet.name}))
    if hidden:
        rows_hidden = [str(number) for number in hidden[:5]] + ["…"] * (len(hidden) > 5)
        said.remarks.append(sentence("sheet_rows_hidden", {"sheet": sheet.name, "rows": rows_hidden}))
    for group in list(_groups(sheet, headers, rows, said)):
        if group.faulty:
            said.events_refused += 1
        elif not group.example:
            said.told.append(group.told)


def _groups(sheet: Sheet, headers: Headers, rows: Iterable[Row], said: Conversion) -> Iterator[_Group]:
    """The events of a sheet, each begun by its first row, whole when the sheet has been gone through."""
    groups: list[_Group] = []
    by_name: dict[tuple[str, str], _Group] = {}
    last: _Group | None = None
    for row in rows:
        number = _text(row, headers.number)
        if number.startswith("#"):
            continue
        group = _group_of(row, headers, number, by_name, last)
        if group is None:
            group = _Group(
                Told({"kind": headers.kind}, Place(sheet.name, row.number)),
                example=number.casefold().startswith(EXAMPLES),
            )
            groups.append(group)
            for name in _names(row, headers, number):
                by_name[name] = group
        last = group
        if not group.example:
            _read(sheet, headers, row, group, said)
    yield from groups


def _names(row: Row, headers: Headers, number: str) -> Iterator[tuple[str, str]]:
    """What a row may be known by as one of several of an event."""
    if number:
        yield "number", number
    for at, column in headers.columns.items():
        if column.path == ("id",) and (text := _text(row, at)):
            yield "id", text


def _group_of(
    row: Row, headers: Headers, number: str, by_name: dict[tuple[str, str], _Group], last: _Group | None
) -> _Group | None:
    """The event that a row goes on with."""
    for name in _names(row, headers, number):
        return by_name.get(name)
    own = any(
        not row.cells[at].blank and not row.cells[at].covered
        for at, column in headers.columns.items()
        if not column.listed and at < len(row.cells)
    )
    return None if own else last


def _read(sheet: Sheet, headers: Headers, row: Row, group: _Group, said: Conversion) -> None:
    """What a row adds to its event."""
    event = group.told.event
    elements: dict[tuple[str, ...], int] = {}
    for at, cell in enumerate(row.cells):
        if cell.blank or at == headers.number:
            continue
        place = Place(sheet.name, row.number, at, headers.names.get(at, headers.extensions.get(at, "")))
        try:
            if at in headers.extensions:
                _set(event, (headers.extensions[at],), _as_it_is(cell), group, place)
            elif (column := headers.columns.get(at)) is not None and not (cell.covered and column.listed == 0):
                value = read_cell(cell, column)
                _put(event, column, value, elements, group, place)
        except Fault as fault:
            name = headers.columns[at].name if at in headers.columns else headers.extensions.get(at, "")
            said.refused.append(Refusal(place, fault.at(name)))
            group.faulty = True


def _put(
    event: dict[str, Any],
    column: Column,
    value: Any,
    elements: dict[tuple[str, ...], int],
    group: _Group,
    place: Place,
) -> None:
    """Set a field: of the event, or of the element that this row adds to a list."""
    if value is None:
        return
    if not column.listed:
        _set(event, column.path, value, group, place)
        return
    to_list, within = column.path[: column.listed], column.path[column.listed :]
    holder: dict[str, Any] = event
    for name in to_list[:-1]:
        holder = holder.setdefault(name, {})
    every: list[Any] = holder.setdefault(to_list[-1], [])
    if to_list not in elements:
        elements[to_list] = len(every)
        every.append({} if within else value)
    index = elements[to_list]
    group.told.places[joined([*to_list, index, *within])] = place
    if within:
        part: dict[str, Any] = every[index]
        for name in within[:-1]:
            part = part.setdefault(name, {})
        part[within[-1]] = value


def _set(event: dict[str, Any], path: tuple[str, ...], value: Any, group: _Group, place: Place) -> None:
    """Set a field of the event; ``Fault`` where an earlier row says otherwise."""
    holder = event
    for name in path[:-1]:
        holder = holder.setdefault(name, {})
    name = joined(list(path))
    if path[-1] in holder and holder[path[-1]] != value:
        earlier = group.told.places.get(name, group.told.first)
        raise Fault.of(value, "sheet_row_otherwise", row=earlier.row)
    holder[path[-1]] = value
    group.told.places.setdefault(name, place)


def _as_it_is(cell: Cell) -> str:
    if cell.trouble:
        raise Fault.by(cell.trouble, "", str(cell.value))
    return str(cell.value)


def _text(row: Row, at: int | None) -> str:
    if at is None or at >= len(row.cells) or row.cells[at].value is None:
        return ""
    value = row.cells[at].value
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
