"""Any event that a sheet has columns for is the same event when the sheet is read."""

from __future__ import annotations

import json
from typing import Any

from fieldline_schemas.faults import Fault
from fieldline_schemas.registry import KINDS
from fieldline_schemas.whole import read_decoded
from fieldline_schemas.wire import decode
from fieldline_trace.formats.sheet.columns import SAID_BY_PEOPLE
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.unit.formats.sheet.filling import as_csv, as_sheet, events, read_text, read_xlsx, workbook
from tests.unit.schemas.test_fast_reading import _objects

SAYABLE = st.sampled_from(SAID_BY_PEOPLE).flatmap(
    lambda kind: _objects(KINDS.models[kind]).map(
        lambda event: {"kind": kind, **{name: value for name, value in event.items() if name != "version"}}
    )
)


def _content(event: dict[str, Any]) -> dict[str, Any]:
    """What the contract reads of an event; an id that was not given is derived, and no content."""
    whole = read_decoded(decode(json.dumps(event).encode())).model_dump()
    return whole if "id" in event else {name: value for name, value in whole.items() if name != "id"}


def _sayable(event: dict[str, Any]) -> bool:
    """Whether a sheet can say it: no part without a field in it, no text that is but space or has it around."""

    def fine(value: Any) -> bool:
        if isinstance(value, dict):
            return bool(value) and all(fine(inner) for inner in value.values())
        if isinstance(value, list):
            return all(fine(inner) for inner in value)
        return value is not None

    ids = [value for name, value in event.items() if isinstance(value, str) and name != "reason"]
    return all(fine(value) for name, value in event.items() if not _is_time(value)) and all(
        text == text.strip() for text in ids
    )


def _is_time(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and set(value) <= {"from", "to"}


def _right(event: dict[str, Any]) -> bool:
    """Whether the contract takes it, and a sheet can say it."""
    try:
        read_decoded(decode(json.dumps(event).encode()))
    except Fault:
        return False
    return _sayable(event)


@given(SAYABLE)
def test_an_event_through_csv_is_the_same(event: dict[str, Any]) -> None:
    assume(_right(event))
    (read,) = events(read_text(as_csv([event]), "said.csv"))
    assert _content(read) == _content(event)


@settings(max_examples=60)
@given(SAYABLE)
def test_an_event_through_a_workbook_is_the_same(event: dict[str, Any]) -> None:
    assume(_right(event))
    (read,) = events(read_xlsx(workbook(**{event["kind"]: as_sheet([event])})))
    assert _content(read) == _content(event)


@settings(max_examples=60)
@given(st.data())
def test_events_of_one_sheet_stay_apart(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(SAID_BY_PEOPLE))
    said = [
        {"kind": kind, **event} for event in data.draw(st.lists(_objects(KINDS.models[kind]), min_size=2, max_size=3))
    ]
    said = [{name: value for name, value in event.items() if name not in ("version", "id")} for event in said]
    assume(all(_right(event) for event in said))
    read = events(read_text(as_csv(said), "said.csv"))
    assert [_content(event) for event in read] == [_content(event) for event in said]
