"""Filled sheets: which rows are one event, and what a spreadsheet does to what was typed."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from fieldline_schemas.canonical import derived_id
from openpyxl.worksheet.worksheet import Worksheet

from tests.unit.formats.sheet.filling import (
    events,
    filled,
    one_filled,
    read_text,
    read_xlsx,
    refusals,
    workbook,
)

SHIPPED = {"at": "2026-03-01", "site": "plant-7", "operator": "hof-1", "to_site": "school-3"}
ONE = {**SHIPPED, "batches.batch": "plant-7/salad/S1"}


def _batch(name: str, **more: Any) -> dict[str, Any]:
    return {"batches.batch": name, **{f"batches.{key}": value for key, value in more.items()}}


# Which rows are one event.


def test_a_row_is_an_event() -> None:
    (event,) = events(one_filled("shipped", {**SHIPPED, **_batch("plant-7/salad/S1", quantity=12.5, unit="kg")}))
    assert event == {
        "kind": "shipped",
        **SHIPPED,
        "batches": [{"batch": "plant-7/salad/S1", "quantity": "12.5", "unit": "kg"}],
    }


def test_a_row_that_gives_nothing_but_a_batch_goes_on_with_the_event_above() -> None:
    first, second = events(one_filled("shipped", ONE, _batch("plant-7/salad/S2"), ONE | _batch("plant-7/salad/S3")))
    assert [ref["batch"] for ref in first["batches"]] == ["plant-7/salad/S1", "plant-7/salad/S2"]
    assert [ref["batch"] for ref in second["batches"]] == ["plant-7/salad/S3"]


def test_rows_with_one_number_are_one_event_wherever_they_stand() -> None:
    made = {"at": "2026-03-01", "site": "plant-7", "operator": "hof-1"}
    first, second = events(
        one_filled(
            "transformed",
            {"No.": 1, **made, "in_batches.batch": "hof-1/leaf/L1", "out_batches.batch": "plant-7/salad/S1"},
            {"No.": 2, **made, "in_batches.batch": "hof-2/leaf/R4", "out_batches.batch": "plant-7/salad/S2"},
            {"No.": 1, **made, "in_batches.batch": "hof-3/leaf/C9"},
        )
    )
    assert [ref["batch"] for ref in first["in_batches"]] == ["hof-1/leaf/L1", "hof-3/leaf/C9"]
    assert [ref["batch"] for ref in second["in_batches"]] == ["hof-2/leaf/R4"]


def test_rows_with_one_id_are_one_event() -> None:
    (event,) = events(one_filled("shipped", ONE | {"id": "D-1"}, _batch("plant-7/salad/S2") | {"id": "D-1"}))
    assert (event["id"], len(event["batches"])) == ("D-1", 2)


def test_rows_that_are_alike_are_events_of_their_own() -> None:
    assert len(events(one_filled("shipped", ONE, ONE | _batch("plant-7/salad/S2")))) == 2


def test_what_a_later_row_of_an_event_says_otherwise_is_refused_with_the_row_that_said_it_first() -> None:
    said = one_filled("shipped", {"No.": 1, **ONE}, {"No.": 1, **ONE, "to_site": "clinic-2"})
    assert refusals(said) == [(3, "H", "to_site")]
    assert said.refused[0].fault.rule == "row 2 says otherwise of the same event"
    assert (said.told, said.events_refused) == ([], 1)


def test_the_example_row_and_rows_of_remarks_are_skipped() -> None:
    said = one_filled(
        "shipped", {"No.": "example 示例", **ONE}, _batch("x/y/z"), {"No.": "# note", **ONE}, {"No.": 1, **ONE}
    )
    assert [told.first.row for told in said.told] == [5]


def test_empty_rows_and_a_title_above_the_headers_are_no_matter() -> None:
    headers, row = filled("shipped", ONE)
    said = read_xlsx(workbook(shipped=[["Deliveries of March"], [], headers, [], [" "], row, []]))
    assert len(events(said)) == 1
    assert said.told[0].first.row == 6


def test_several_sheets_are_of_several_kinds() -> None:
    received = {"at": "2026-03-02", "site": "school-3", "operator": "school-3", "batches.batch": "plant-7/salad/S1"}
    book = workbook(**{"shipped 发货": filled("shipped", ONE), "deliveries in": filled("received", received)})
    assert [event["kind"] for event in events(read_xlsx(book))] == ["shipped", "received"]


def test_columns_may_stand_in_any_order_bear_either_language_and_be_left_out() -> None:
    rows = [
        ["批次", "收货场所", "SITE", "operator*", "At", "x-truck", "# for us"],
        ["plant-7/salad/S1", "school-3", "plant-7", "hof-1", "2026-03-01", "B-1234", "ring twice"],
    ]
    (event,) = events(read_xlsx(workbook(shipped=rows)))
    assert event == {"kind": "shipped", **SHIPPED, "batches": [{"batch": "plant-7/salad/S1"}], "x-truck": "B-1234"}


def test_the_same_file_again_derives_the_same_ids_also_when_it_was_saved_as_another() -> None:
    rows = filled("tested", {
        "batch": "hof-1/leaf/L1", "lab": "lab-1", "report": "R1", "hazard_class": "residue", "hazard": "lead",
        "verdict": "failed", "results.analyte": "lead", "results.value": 0.42, "results.unit": "mg/kg",
    })  # fmt: skip
    (one,) = events(read_xlsx(workbook(tested=rows)))
    (two,) = events(
        read_text("\n".join(";".join("" if v is None else str(v) for v in row) for row in rows), "tested.csv")
    )
    assert derived_id(one) == derived_id(two)


# What a spreadsheet makes of what was typed.


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 8, 30), "2026-03-01T08:30:00"),
        ("2026-03-01", "2026-03-01"),
        ("2026-03", "2026-03"),
        ("2026", "2026"),
        (2026, "2026"),
        ("2026/3/1", "2026-03-01"),
        ("2026.3.1", "2026-03-01"),
        ("2026年3月1日", "2026-03-01"),
        ("2026年3月", "2026-03"),
        ("2026/3/1 8:30", "2026-03-01T08:30:00"),
        ("2026-03-01T08:30:00+08:00", "2026-03-01T08:30:00+08:00"),
        ("2026-03-01/2026-03-05", {"from": "2026-03-01", "to": "2026-03-05"}),
        ("2026/2027", {"from": "2026", "to": "2027"}),
        ("../2026-03-05", {"to": "2026-03-05"}),
    ],
)
def test_a_date_is_read_as_it_is_typed_or_as_the_spreadsheet_keeps_it(typed: Any, said: Any) -> None:
    (event,) = events(one_filled("shipped", ONE | {"at": typed}))
    assert event["at"] == said


def test_midnight_is_a_time_only_where_the_cell_shows_a_clock() -> None:
    def show(number_format: str) -> Any:
        def change(worksheet: Worksheet) -> None:
            worksheet["B2"].number_format = number_format

        return change

    row = ONE | {"at": datetime(2026, 3, 1)}
    assert events(one_filled("shipped", row, change=show('yyyy"h"-mm-dd')))[0]["at"] == "2026-03-01"
    assert events(one_filled("shipped", row, change=show("yyyy-mm-dd hh:mm")))[0]["at"] == "2026-03-01T00:00:00"


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        (46082, "this is a number where a date is meant"),
        ("46082", "this is a number where a date is meant"),
        (46082.5, "this is a number where a date is meant"),
        ("3/4/2026", "could be two different days"),
        ("01.02.26", "could be two different days"),
        (time(8, 30), "a time of day without its date"),
        ("soon", "a time is"),
        (True, "no date"),
    ],
)
def test_what_may_be_no_date_or_two_is_refused_and_not_guessed(typed: Any, rule: str) -> None:
    said = one_filled("shipped", ONE | {"at": typed})
    assert refusals(said) == [(2, "B", "at")]
    assert rule in said.refused[0].fault.rule


@pytest.mark.parametrize(
    ("column", "typed", "said"),
    [
        ("batches.lot", 4711, "4711"),
        ("batches.lot", "0012", "0012"),
        ("batches.lot", "=1+1", "=1+1"),
        ("batches.gtin", 9506000134352, "9506000134352"),
        ("batches.quantity", 12, "12"),
        ("batches.quantity", 0.1 + 0.2, "0.3"),
        ("batches.quantity", 1e-7, "0.0000001"),
        ("batches.quantity", "12.50", "12.50"),
        ("batches.quantity", " １２．５ ", "12.5"),
    ],
)
def test_numbers_and_texts_say_the_same(column: str, typed: Any, said: str) -> None:
    row = {**SHIPPED, "batches.gtin": "09506000134352", column: typed}
    (event,) = events(one_filled("shipped", row))
    assert event["batches"][0][column.split(".")[1]] == said


def test_leading_zeros_that_only_the_format_shows_are_kept() -> None:
    def change(worksheet: Worksheet) -> None:
        worksheet["Q2"].number_format = "0000"

    row = {**SHIPPED, "batches.gtin": "09506000134352", "batches.lot": 12}
    (event,) = events(one_filled("shipped", row, change=change))
    assert event["batches"][0]["lot"] == "0012"


@pytest.mark.parametrize(
    ("column", "typed", "rule"),
    [
        ("batches.lot", date(2026, 3, 1), "the spreadsheet has made a date of this"),
        ("batches.batch", 123456789012345678, "keeps 15 digits"),
        ("batches.batch", 1.5e20, "keeps 15 digits"),
        ("batches.gtin", 9.506e12, "shortened this number"),
        ("batches.lot", True, "this is true or false"),
        ("batches.quantity", date(2026, 3, 1), "the spreadsheet has made a date of this"),
        ("batches.quantity", False, "no number"),
    ],
)
def test_what_a_spreadsheet_has_changed_is_refused_with_a_word(column: str, typed: Any, rule: str) -> None:
    said = one_filled("shipped", {**SHIPPED, "batches.gtin": "09506000134352", column: typed})
    ((row, _, field),) = refusals(said)
    assert (row, field) == (2, column)
    assert rule in said.refused[0].fault.rule


def test_a_barcode_that_was_shortened_on_its_way_through_csv_is_refused() -> None:
    said = read_text("Site,Operator,Batches: gtin\nplant-7,hof-1,9.506E+12\n")
    assert refusals(said) == [(2, "C", "batches.gtin")]
    assert "shortened" in said.refused[0].fault.rule


@pytest.mark.parametrize(
    ("typed", "said"), [("yes 是", True), ("否", False), (True, True), ("√", True), (0, False), ("No", False)]
)
def test_yes_and_no_in_either_language(typed: Any, said: bool) -> None:
    row = {"site": "p", "operator": "o", "timeless": typed, "out_batches.batch": "p/q/r"}
    assert events(one_filled("transformed", row))[0]["timeless"] is said


@pytest.mark.parametrize(("typed", "said"), [("Foreign body", "foreign_body"), ("PATHOGEN", "pathogen")])
def test_a_choice_is_taken_in_any_case(typed: str, said: str) -> None:
    row = {"batch": "p/q/r", "lab": "l", "report": "R", "hazard_class": typed, "hazard": "h", "verdict": "Failed"}
    (event,) = events(one_filled("tested", row))
    assert (event["hazard_class"], event["verdict"]) == (said, "failed")


def test_cells_that_are_merged_downwards_hold_for_each_row() -> None:
    def change(worksheet: Worksheet) -> None:
        for column in "BCDH":
            worksheet.merge_cells(f"{column}2:{column}3")

    (event,) = events(one_filled("shipped", ONE, _batch("plant-7/salad/S2"), change=change))
    assert len(event["batches"]) == 2


def test_cells_that_are_merged_across_columns_are_refused() -> None:
    said = one_filled("shipped", ONE, change=lambda worksheet: worksheet.merge_cells("C2:D2"))
    assert refusals(said) == [(2, "D", "operator")]


def test_hidden_rows_and_sheets_are_read_and_told() -> None:
    def change(worksheet: Worksheet) -> None:
        worksheet.row_dimensions[3].hidden = True

    said = one_filled("shipped", ONE, ONE | _batch("plant-7/salad/S2"), change=change)
    assert len(events(said)) == 2
    assert said.remarks == ["sheet 'shipped': hidden rows were read all the same: 3"]


def test_a_formula_is_its_value_and_one_without_a_value_is_refused() -> None:
    said = one_filled("shipped", ONE | {"batches.quantity": "===1+1", "batches.unit": "kg"})
    assert refusals(said) == [(2, "F", "batches.quantity")]
    assert "never worked out" in said.refused[0].fault.rule


def test_an_error_of_the_spreadsheet_is_refused() -> None:
    def change(worksheet: Worksheet) -> None:
        worksheet["F2"].value, worksheet["F2"].data_type = "#REF!", "e"

    said = one_filled("shipped", ONE | {"batches.quantity": 1}, change=change)
    assert refusals(said) == [(2, "F", "batches.quantity")]


# Headers.


def test_a_header_that_is_not_known_keeps_its_whole_sheet_out_and_suggests_the_one_that_was_meant() -> None:
    rows: list[list[Any]] = [["Site", "Operator", "Batches: batch", "Batches: quantty"], ["p", "o", "p/q/r", 5]]
    said = read_xlsx(workbook(shipped=rows))
    assert (said.told, said.events_refused) == ([], 1)
    assert said.refused[0].place.letter == "D"
    assert "did you mean Batches: quantity" in said.refused[0].fault.rule


@pytest.mark.parametrize(
    ("rows", "column", "rule"),
    [
        ([["Site", "Operator", ""], ["p", "o", "p/q/r"]], "C", "no header"),
        ([["Site", "Operator", "Site"], ["p", "o", "p"]], "C", "earlier column"),
    ],
)
def test_a_column_without_a_header_and_one_given_twice_are_refused(rows: Any, column: str, rule: str) -> None:
    said = read_xlsx(workbook(shipped=rows))
    assert said.refused[0].place.letter == column
    assert rule in said.refused[0].fault.rule


def test_a_sheet_of_no_kind_is_refused_and_an_empty_one_is_no_matter() -> None:
    said = read_xlsx(workbook(notes=[["call the dairy"]], empty=[]))
    assert [refused.place.sheet for refused in said.refused] == ["notes"]
    assert "begins with a kind of event" in said.refused[0].fault.rule


def test_the_clock_s_kind_has_no_sheet() -> None:
    said = read_xlsx(workbook(clock_ticked=[["At"], ["2026-03-01"]]))
    assert said.refused[0].fault.rule == "clock_ticked is not for people to say"


# Where a field of an event stands.


def test_what_the_door_refuses_is_found_by_its_path() -> None:
    said = one_filled("shipped", ONE | {"batches.quantity": 1}, _batch("plant-7/salad/S2", quantity=2, unit="kg"))
    (told,) = said.told
    assert str(told.place("batches[1].quantity")) == "sheet 'shipped' row 3 column F (Batches: quantity 批次数量)"
    assert (told.place("batches[1].expires").row, told.place("batches[1].expires").letter) == (3, "E")
    assert told.place("batches[0].unit").row == 2
    assert (told.place("planned_arrival").row, told.place("planned_arrival").letter) == (2, None)
