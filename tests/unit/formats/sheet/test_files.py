"""Files of spreadsheets: how CSV is told, what of a workbook is looked at before it is unpacked, and that nothing but a
refusal comes of any bytes."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from fieldline_schemas.faults import Fault
from fieldline_trace.formats import sheet
from fieldline_trace.formats.sheet import workbook as workbooks
from fieldline_trace.formats.sheet.quoting import quoted, unquoted
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.formats.sheet.filling import events, filled, read_text, read_xlsx, saved, workbook

ONE = {"at": "2026-03-01", "site": "工厂7", "operator": "hof-1", "to_site": "学校3", "batches.batch": "plant-7/色拉/S1"}
ROWS = [["" if value is None else str(value) for value in row] for row in filled("shipped", ONE)]


def _text(separator: str = ",") -> str:
    return "\r\n".join(separator.join(row) for row in ROWS) + "\r\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_csv_is_told_by_what_is_in_it(separator: str, encoding: str) -> None:
    (event,) = events(read_text(_text(separator).encode(encoding)))
    assert (event["site"], event["batches"]) == ("工厂7", [{"batch": "plant-7/色拉/S1"}])


def test_csv_may_name_its_separator() -> None:
    (event,) = events(read_text(f"sep=;\n{_text(';')}"))
    assert event["site"] == "工厂7"


def test_rows_of_csv_are_counted_in_lines_of_the_file() -> None:
    said = read_text('Site,Operator,Batches: batch,x-note\np,o,p/q/r,"two\nlines"\np,o,9.506E+12,\n')
    assert [refused.place.row for refused in said.refused] == [4]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"\xef\xbb\xbfSite\n\xff", "byte"),
        (b"Site\n\x81\x20\n", "neither UTF-8 nor GB 18030"),
        (b"Site\0Operator\n", "no text"),
        (b'Site,Operator\n"p,o\n', "line"),
    ],
)
def test_csv_that_cannot_be_read_is_refused_whole(raw: bytes, rule: str) -> None:
    with pytest.raises(Fault, match=rule):
        read_text(raw)


@pytest.mark.parametrize("name", ["march.xls", "march.ods", "march.xlsm", "march"])
def test_other_files_of_spreadsheets_are_refused_with_a_word(name: str) -> None:
    with pytest.raises(Fault, match="save it as one"):
        sheet.read(b"", name)


@given(st.text(max_size=20))
def test_what_is_quoted_for_a_spreadsheet_is_no_formula_and_comes_back(text: str) -> None:
    shielded = quoted(text)
    assert unquoted(shielded)[0] == text
    assert not shielded.startswith(("=", "@", "\t", "\r"))
    assert not shielded.startswith(("+", "-")) or shielded[1:].replace(".", "").isdigit()


def test_a_text_of_a_workbook_is_never_a_formula() -> None:
    book = workbook(shipped=filled("shipped", ONE | {"to_site": "=1+1", "operator": "@SUM(1)"}))
    with zipfile.ZipFile(io.BytesIO(saved(book))) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    assert events(read_xlsx(book))[0]["to_site"] == "=1+1"


def _with(raw: bytes, name: str, change: Any) -> bytes:
    """A workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        for part in parts.infolist():
            content = parts.read(part)
            changed.writestr(part.filename, change(content) if part.filename == name else content)
    return out.getvalue()


BOOK = saved(workbook(shipped=filled("shipped", ONE)))
SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_that_would_unpack_to_more_than_a_bound_is_refused_before() -> None:
    bomb = _with(BOOK, SHEET, lambda content: content + b" " * (workbooks.MOST_UNPACKED + 1))
    assert len(bomb) < 1_000_000
    with pytest.raises(Fault, match="unpacked, a workbook has at most"):
        read_xlsx(bomb)


def test_a_document_type_in_a_part_is_refused() -> None:
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'
    with pytest.raises(Fault, match="declares a document type"):
        read_xlsx(_with(BOOK, SHEET, lambda content: evil + content.split(b"?>", 1)[-1]))


def test_merged_cells_without_end_are_refused() -> None:
    merge = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    with pytest.raises(Fault, match="at most"):
        read_xlsx(_with(BOOK, SHEET, lambda content: content.replace(b"</worksheet>", merge)))


def test_too_many_cells_are_refused() -> None:
    cells = b"<row>" + b"<c/>" * (workbooks.MOST_WORKBOOK_CELLS + 1) + b"</row></sheetData>"
    with pytest.raises(Fault, match="a workbook has at most"):
        read_xlsx(_with(BOOK, SHEET, lambda content: content.replace(b"</sheetData>", cells)))


def test_a_cell_far_away_costs_nothing() -> None:
    far = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    said = read_xlsx(_with(BOOK, SHEET, lambda content: content.replace(b"</sheetData>", far)))
    assert len(said.told) == 2


def test_an_encrypted_or_old_workbook_is_told_as_what_it_is() -> None:
    with pytest.raises(Fault, match="old or an encrypted"):
        read_xlsx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


@settings(max_examples=200)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "shipped.csv", "a.xlsx"]))
def test_nothing_but_a_fault_comes_of_any_bytes(raw: bytes, name: str) -> None:
    with suppress(Fault):
        sheet.events_of(sheet.read(raw, name))


@settings(max_examples=150)
@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=8))
def test_nothing_but_a_fault_comes_of_a_damaged_workbook(at: int, damage: bytes) -> None:
    with suppress(Fault):
        read_xlsx(BOOK[:at] + damage + BOOK[at + len(damage) :])


@settings(max_examples=150)
@given(st.data())
def test_nothing_but_a_fault_comes_of_a_workbook_with_other_xml_in_it(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(BOOK)) as parts:
        names = [part.filename for part in parts.infolist() if part.filename.endswith((".xml", ".rels"))]
        name = data.draw(st.sampled_from(names))
        content = parts.read(name)
    at = data.draw(st.integers(0, len(content)))
    some = st.sampled_from(
        [b"<", b">", b'"', b"1e999", b"-1", b"A0", b"<c/>", b"<v>x</v>", b' t="s"', b"&#0;", b"\xff", b""]
    )
    end = data.draw(st.integers(at, min(len(content), at + 12)))
    with suppress(Fault):
        read_xlsx(_with(BOOK, name, lambda content: content[:at] + data.draw(some) + content[end:]))
