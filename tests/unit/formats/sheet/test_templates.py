"""Templates: every kind that people say has one, in two languages, with an example that is a right event."""

from __future__ import annotations

import io

import pytest
from fieldline_schemas.registry import KINDS
from fieldline_schemas.whole import read_decoded
from fieldline_trace.formats import sheet
from fieldline_trace.formats.sheet.columns import SAID_BY_PEOPLE, chinese, column_of, columns_of
from fieldline_trace.formats.sheet.examples import EXAMPLE, example_of, example_rows
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from tests.unit.formats.sheet.filling import as_csv, events, read_text, read_xlsx


def _book(*kinds: str) -> Workbook:
    return load_workbook(io.BytesIO(sheet.workbook_template(kinds)))


def test_all_kinds_but_the_clock_s_have_a_sheet() -> None:
    assert set(SAID_BY_PEOPLE) == set(KINDS.models) - {"clock_ticked"}


@pytest.mark.parametrize("kind", SAID_BY_PEOPLE)
def test_every_column_has_a_header_in_english_and_chinese_that_is_its_own(kind: str) -> None:
    columns = columns_of(kind)
    assert [column_of(kind, column.header) for column in columns] == list(columns)
    assert [column.header for column in columns if not chinese(column.header)] == []
    assert [column.name for column in columns if not column.description] == []


@pytest.mark.parametrize("kind", SAID_BY_PEOPLE)
def test_the_example_is_an_event_that_the_contract_takes(kind: str) -> None:
    read_decoded(dict(example_of(kind)))
    (event,) = events(read_text(as_csv([example_of(kind)]), "said.csv"))
    read_decoded(event)


@pytest.mark.parametrize("kind", SAID_BY_PEOPLE)
def test_a_template_that_was_not_filled_in_says_nothing(kind: str) -> None:
    assert events(read_text(sheet.csv_template(kind))) == []
    assert events(read_xlsx(sheet.workbook_template([kind]))) == []


def test_an_example_says_when_as_people_type_it() -> None:
    assert example_rows("shipped")[0][:2] == [EXAMPLE, "2026-03-01 08:30"]


def test_a_workbook_has_a_sheet_to_fill_in_and_one_that_explains_for_each_kind() -> None:
    book = _book("shipped", "packed")
    assert book.sheetnames == ["shipped 发货", "packed 包装", "说明 shipped", "说明 packed", "lists"]
    explained = {row[1].value: [cell.value for cell in row] for row in book["说明 packed"].iter_rows(min_row=4)}
    assert explained["site"][2] == "yes 是"
    assert explained["in_batches.unit"][6] == "KGM"
    assert set(explained) >= {column.name for column in columns_of("packed")}


def test_choices_units_and_yes_or_no_drop_down() -> None:
    worksheet = _book("tested")["tested 检验"]
    lists = _book("tested")["lists"]
    headers = {cell.value: get_column_letter(at) for at, cell in enumerate(worksheet[1], 1)}
    chosen = {}
    for validation in worksheet.data_validations.dataValidation:
        source = lists[str(validation.formula1).removeprefix("lists!").replace("$", "")]
        chosen[str(validation.sqref).split("2:")[0]] = [cell.value for (cell,) in source]
    assert chosen[headers["Verdict* 结论"]] == ["failed", "passed", "inconclusive"]
    assert "pathogen" in chosen[headers["Hazard class* 危害因素"]]
    units = _book("shipped")["shipped 发货"].data_validations.dataValidation
    assert [validation.showErrorMessage for validation in units] == [False]


def test_columns_of_texts_are_texts_so_that_zeros_and_barcodes_stay() -> None:
    worksheet = _book("shipped")["shipped 发货"]
    formats = {
        cell.value: worksheet.column_dimensions[get_column_letter(at)].number_format
        for at, cell in enumerate(worksheet[1], 1)
    }
    assert formats["Batches: gtin 批次商品条码"] == formats["Batches: lot 批次批号"] == "@"


def test_a_csv_template_opens_as_utf_8_and_explains_itself() -> None:
    text = sheet.csv_template("shipped")
    assert text.startswith("\ufeffshipped: No. 序号,At 时间,")
    assert "# Batches: quantity 批次数量,batches.quantity,," in text
