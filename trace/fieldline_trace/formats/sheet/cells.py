"""One cell, read as its column means it. What a spreadsheet has changed without being asked is refused with a word:
a guess would be wrong for somebody.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from fieldline_schemas.faults import Fault

from fieldline_trace.formats.sheet.columns import Column
from fieldline_trace.formats.sheet.dates import said_time
from fieldline_trace.formats.sheet.grid import LONGEST_CELL, Cell
from fieldline_trace.formats.sheet.quoting import PLAIN, shortened

EXACT_DIGITS = 15
"""Of a number, a spreadsheet keeps so many digits."""
LONG, ROUNDED = 10**11, 10**6
"""A number of 12 digits or more of which the last six are zeros was shortened on its way: 9.506E+12."""
_ZEROS = re.compile(r"0+\Z")
_YES = frozenset(("true", "yes", "y", "1", "是", "真", "对", "√", "✓", "x", "×"))
_NO = frozenset(("false", "no", "n", "0", "否", "假", "错"))


def read_cell(cell: Cell, column: Column) -> Any:
    """What a cell that is not blank says, as events say it; ``Fault`` where it says nothing that can be trusted."""
    if cell.trouble:
        raise Fault.by(cell.trouble, "", _shown(cell))
    if isinstance(cell.value, str) and len(cell.value) > LONGEST_CELL:
        raise Fault.of(cell.value, "cell_length", most=LONGEST_CELL)
    if column.sort == "time":
        return said_time(cell)
    if column.sort == "flag":
        return _flag(cell)
    if isinstance(cell.value, datetime | date | time | timedelta):
        raise Fault.by("cell_made_a_date", "", _shown(cell))
    if column.sort in ("number", "measured"):
        return _number(cell, any_text=column.sort == "measured")
    if column.sort == "count":
        return _count(cell)
    return _text(cell, column)


def _flag(cell: Cell) -> bool:
    if isinstance(cell.value, bool):
        return cell.value
    word = unicodedata.normalize("NFKC", _shown(cell)).strip().casefold().split(" ")[0]
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Fault.by("cell_flag", "", _shown(cell))


def _number(cell: Cell, *, any_text: bool) -> Any:
    """A decimal as text, so that a file of numbers and one of texts say the same."""
    value = cell.value
    if isinstance(value, bool):
        raise Fault.by("cell_flag_no_number", "", str(value))
    if isinstance(value, int | float):
        return _digits(value)
    text = str(value).strip()
    plain = unicodedata.normalize("NFKC", text)
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", plain):
        return plain
    return text if any_text else plain


def _digits(value: int | float) -> str:
    """A number of a spreadsheet: what it shows when it shows all that it keeps."""
    if isinstance(value, int):
        if abs(value) >= 10**EXACT_DIGITS:
            raise Fault.by("cell_lost_digits", "", str(value), digits=EXACT_DIGITS)
        return str(value)
    if not isfinite(value):
        raise Fault.by("cell_no_number", "", str(value))
    number = Decimal(f"{value:.{EXACT_DIGITS}g}")
    return format(number.normalize() if number else Decimal(0), "f")


def _count(cell: Cell) -> Any:
    text = _number(cell, any_text=True)
    if re.fullmatch(r"\d{1,10}", text):
        return int(text)
    raise Fault.by("cell_whole", "", _shown(cell))


def _text(cell: Cell, column: Column) -> str:
    value = cell.value
    if isinstance(value, bool):
        raise Fault.by("cell_flag_no_text", "", str(value))
    if isinstance(value, int | float):
        return _number_as_text(value, cell.format)
    text = str(value).strip()
    if cell.format == PLAIN and shortened(text):
        raise Fault.of(text, "cell_shortened")
    if column.sort == "choice":
        folded = text.casefold().replace(" ", "_")
        return next((known for known in column.words if known.casefold() == folded), text)
    return text


def _number_as_text(value: int | float, number_format: str) -> str:
    """The digits of a lot number, a barcode, a report number that a spreadsheet took for a number."""
    if abs(value) >= 10**EXACT_DIGITS:
        raise Fault.by("cell_lost_digits", "", f"{value:g}", digits=EXACT_DIGITS)
    if abs(value) >= LONG and int(value) % ROUNDED == 0:
        raise Fault.by("cell_shortened", "", f"{value:g}")
    digits = _digits(value)
    if _ZEROS.match(number_format) and digits.isdigit():
        return digits.zfill(len(number_format))  # leading zeros that only the format shows
    return digits


def _shown(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)[:128]
