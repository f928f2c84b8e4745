"""The table: comma, semicolon or tab between cells, a header line, then a row a movement.

Columns by name, in any order and case: ``from`` (``source``), ``to`` (``destination``), ``day`` (``date``, ``t``);
where they are there, ``animal`` (``id``), ``head`` (``n``), ``species`` (``category``). Other columns are left alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import chain

from fieldline_schemas.faults import Fault

NAMES = {
    "from": ("from", "source", "from_site"),
    "to": ("to", "destination", "to_site"),
    "day": ("day", "date", "t", "at"),
    "animal": ("animal", "id", "animal_id"),
    "head": ("head", "n", "heads"),
    "species": ("species", "category", "product"),
}
"""Column -> the headers that mean it."""
NEEDED = ("from", "to", "day")
LONGEST = 128


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement. ``row``: from 2, the header being 1. ``head``: how many animals; ``animal``: empty where none is
    named."""

    row: int
    source: str
    destination: str
    day: date
    head: int = 1
    animal: str = ""
    species: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken, and what is at fault."""

    row: int
    fault: Fault

    def said(self) -> dict[str, object]:
        """``{"row", "field", "value", "rule", "rule_code"}``."""
        fault = self.fault
        return {
            "row": self.row,
            "field": fault.field,
            "value": fault.value,
            "rule": fault.rule,
            "rule_code": fault.code,
        }

    def __str__(self) -> str:
        return f"row {self.row}: {self.fault.field}: {self.fault.value}: {self.fault.rule}"


def read(body: bytes) -> Iterator[Movement | Refusal]:
    """Each row as a movement, or why it is none. ``Fault`` where the file is no such table.

    A movement from a site to itself is none, and is refused like what cannot be read.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault.by("movements_text", why=str(error)) from None
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    lines = csv.reader(StringIO(text), delimiter=separator)
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        places = {column: _place(header, names) for column, names in NAMES.items()}
        for column in NEEDED:
            if places[column] is None:
                raise Fault.by("movements_column", column, repr(head.strip()[:200]), names=NAMES[column])
        first = next(lines, None)
        rest = lines if first is None else chain([first], lines)
    except csv.Error as error:
        raise Fault.by("movements_text", why=str(error)) from None
    return _read(rest, {column: place for column, place in places.items() if place is not None})


def _place(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _read(lines: Iterator[list[str]], places: dict[str, int]) -> Iterator[Movement | Refusal]:
    row = 1
    while True:
        row += 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refusal(row, Fault.by("movements_text", why=str(error)))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        try:
            yield _movement(row, {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()})
        except Fault as fault:
            yield Refusal(row, fault)


def _movement(row: int, said: dict[str, str]) -> Movement:
    for name in ("from", "to"):
        if not said[name]:
            raise Fault.by("movements_site", name, repr(said[name]))
    for name in ("from", "to", "animal", "species"):
        if len(said.get(name, "")) > LONGEST or not said.get(name, "").isprintable():
            raise Fault.by("movements_name", name, repr(said[name][:100]), most=LONGEST)
    if said.get("animal", "").startswith("~"):  # the number of a pool
        raise Fault.by("movements_name", "animal", repr(said["animal"]), most=LONGEST)
    if said["from"] == said["to"]:
        raise Fault.by("movements_nowhere", "to", repr(said["to"]))
    try:
        day = date.fromisoformat(said["day"].split("T")[0].split(" ")[0])
    except ValueError:
        raise Fault.by("movements_day", "day", repr(said["day"][:100])) from None
    head = said.get("head") or "1"
    if not head.isascii() or not head.isdigit() or not 0 < int(head) < 10**9:
        raise Fault.by("movements_head", "head", repr(head[:100]))
    animal, species = said.get("animal", ""), said.get("species", "")
    return Movement(row, said["from"], said["to"], day, int(head), animal, species)
