"""Tables of movements, read into movements and told as events."""

from __future__ import annotations

import json

import pytest
from fieldline_schemas import fast
from fieldline_schemas.faults import Fault
from fieldline_trace.formats import movements
from hypothesis import given
from hypothesis import strategies as st

TABLE = b"""source;destination;t;id;n;category;remark
farm-1;farm-2;2025-03-01;DE1;1;cattle;sold
farm-1;farm-2;2025-03-01;DE1;1;cattle;sold twice
farm-2;abattoir;2025-03-04;;12;cattle;
"""


def test_columns_are_known_by_any_of_their_names_and_separators() -> None:
    rows = list(movements.read(TABLE))
    assert [row.source for row in rows if isinstance(row, movements.Movement)] == ["farm-1", "farm-1", "farm-2"]
    tabs = list(movements.read(b"\xef\xbb\xbfTo\tFrom\tDay\r\nb\ta\t2025-03-01\r\n"))
    assert [(row.source, row.destination) for row in tabs if isinstance(row, movements.Movement)] == [("a", "b")]


def test_a_file_says_the_same_events_each_time_and_equal_rows_are_two() -> None:
    rows = [row for row in movements.read(TABLE) if isinstance(row, movements.Movement)]
    said = movements.events_of(rows)
    assert said == movements.events_of(rows)
    assert len({event["id"] for event in said}) == len(said)
    assert [event["kind"] for event in said].count("shipped") == 3
    assert {event["site"] for event in said if event["kind"] == "planted"} == {"farm-1", "farm-2", "abattoir"}
    assert [event["out_batches"] for event in said if event["kind"] == "split"] == [["register/cattle/DE1"]]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("farm-1,,2025-03-01,1", "to", "movements_site"),
        ("farm-1,farm-1,2025-03-01,1", "to", "movements_nowhere"),
        ("farm-1,farm-2,01.03.2025,1", "day", "movements_day"),
        ("farm-1,farm-2,2025-02-30,1", "day", "movements_day"),
        ("farm-1,farm-2,2025-03-01,0", "head", "movements_head"),
        ("farm-1,farm-2,2025-03-01,-3", "head", "movements_head"),
        ("f" * 129 + ",farm-2,2025-03-01,1", "from", "movements_name"),
        ("farm-1", "to", "movements_site"),
    ],
)
def test_a_row_at_fault_is_refused_by_field_and_the_next_is_taken(row: str, field: str, code: str) -> None:
    found = list(movements.read(f"from,to,day,head\n{row}\na,b,2025-03-01,2\n".encode()))
    refused, taken = found
    assert isinstance(refused, movements.Refusal)
    assert (refused.row, refused.fault.field, refused.fault.code) == (2, field, code)
    assert isinstance(taken, movements.Movement)


@pytest.mark.parametrize("table", [b"", b"from,to\na,b\n", b"\xff\xfe\x00", b"a movement\n"])
def test_what_is_no_table_of_movements_is_refused_whole(table: bytes) -> None:
    with pytest.raises(Fault):
        list(movements.read(table))


@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_be_refused(rest: bytes) -> None:
    try:
        rows = list(movements.read(b"from,to,day,animal,head\n" + rest))
    except Fault:
        return
    said = movements.events_of([row for row in rows if isinstance(row, movements.Movement)])
    for event in said:
        assert fast.read(json.dumps(event).encode()).kind
