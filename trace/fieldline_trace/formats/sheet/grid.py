"""What is in a spreadsheet, whatever file it came from: sheets of rows of cells, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import sentence
from openpyxl.utils import get_column_letter

Content: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None

MOST_BYTES: Final = 32 * 2**20
"""Of a file."""
MOST_CELLS: Final = 2_000_000
"""Of a file, empty ones within its rows counted."""
MOST_COLUMNS: Final = 1_000
"""Of a sheet; a row that goes on further is no sheet that a person filled in."""
LONGEST_CELL: Final = 32_767
"""Characters, as Excel has it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``format``: its number format, as the file has it."""

    value: Content
    format: str = "General"
    covered: bool = False
    """It is part of a merged cell that begins above."""
    trouble: str = ""
    """Code of why its value cannot be had: an error of the spreadsheet's, a formula that was never worked out."""

    @property
    def blank(self) -> bool:
        """Nothing stands there."""
        return not self.trouble and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))


EMPTY: Final = Cell(None)


@dataclass(slots=True)
class Row:
    """A row and its number in the file, from 1."""

    number: int
    cells: list[Cell]
    hidden: bool = False


@dataclass(slots=True)
class Sheet:
    """One sheet; a CSV file is one, by its file's name."""

    name: str
    rows: list[Row] = field(default_factory=list)
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. ``column``: from 0; None where the whole row is meant. ``row`` 0: the whole sheet."""

    sheet: str
    row: int
    column: int | None = None
    header: str = ""

    @property
    def letter(self) -> str | None:
        """The column as a spreadsheet calls it."""
        return None if self.column is None else get_column_letter(self.column + 1)

    def __str__(self) -> str:
        code = "place_cell" if self.letter is not None else "place_row" if self.row else "place_sheet"
        text = sentence(code, {"sheet": self.sheet, "row": str(self.row), "column": self.letter or ""})
        return f"{text} ({self.header})" if self.header else text


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not taken: where it stands, and its fault."""

    place: Place
    fault: Fault
