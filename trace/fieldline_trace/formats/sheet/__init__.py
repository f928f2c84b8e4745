"""Spreadsheets: a template for each kind of event, and filled ones read into events.

A sheet has one column a field and one row a batch; rows of one event share its number, or give nothing but the next
batches. ``read`` takes .xlsx and CSV; everything that is refused is named by sheet, row and column.
"""

from pathlib import PurePath

from fieldline_schemas.faults import Fault

from fieldline_trace.formats.sheet.columns import SAID_BY_PEOPLE
from fieldline_trace.formats.sheet.grid import MOST_BYTES, Place, Refusal, Sheet
from fieldline_trace.formats.sheet.rows import Conversion, Told, events_of
from fieldline_trace.formats.sheet.separated import read_csv
from fieldline_trace.formats.sheet.template import csv_template, workbook_template
from fieldline_trace.formats.sheet.workbook import read_workbook

SUFFIXES = (".xlsx", ".csv")
"""What a spreadsheet's file name ends with, in any case."""
ELSEWHERE = (".xls", ".xlsm", ".xlsb", ".ods", ".numbers", ".et", ".tsv")
"""Files of spreadsheets that are not read."""


def read(raw: bytes, name: str) -> list[Sheet]:
    """The sheets of a file by its bytes and name; ``Fault`` where it cannot be read as a whole."""
    path = PurePath(name)
    if path.suffix.lower() not in SUFFIXES:
        raise Fault.by("sheet_kind_of_file", "", path.suffix)
    if len(raw) > MOST_BYTES:
        raise Fault.by("sheet_bytes", "", f"{len(raw)} bytes", most=MOST_BYTES)
    return read_workbook(raw) if path.suffix.lower() == ".xlsx" else [read_csv(raw, path.stem)]


__all__ = [
    "ELSEWHERE",
    "MOST_BYTES",
    "SAID_BY_PEOPLE",
    "SUFFIXES",
    "Conversion",
    "Place",
    "Refusal",
    "Sheet",
    "Told",
    "csv_template",
    "events_of",
    "read",
    "workbook_template",
]
