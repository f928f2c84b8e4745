"""The example row of a template: an event that the contract takes, made of the contract's own examples."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from fieldline_schemas.contract import BatchRef, Shape, shapes_of
from fieldline_schemas.faults import Fault
from fieldline_schemas.registry import KINDS
from fieldline_schemas.whole import read_decoded

from fieldline_trace.formats.sheet.columns import Column
from fieldline_trace.formats.sheet.writing import NO, YES, Rows, rows_of

EXAMPLE: Final = "example 示例"
"""Number of the row that shows how to fill in; rows with it are skipped."""
_MOSTLY = ("site", "operator")
"""Said in nearly every event, required or not."""
_WHEN: Final = {"at": "2026-03-01T08:30:00", "zone": "Asia/Shanghai"}
_MOST_MENDED = 8


def example_rows(kind: str) -> Rows:
    """The example as it is typed: a time without the T of machines."""
    rows = rows_of(example_of(kind), EXAMPLE)
    return [[text.replace("T", " ")[:16] if text == _WHEN["at"] else text for text in row] for row in rows]


@lru_cache(maxsize=128)
def example_of(kind: str) -> dict[str, Any]:
    """An event of a kind. What is required, the batches, and whatever else the contract then asks for."""
    model = KINDS.models[kind]
    shapes = {shape.name: shape for shape in shapes_of(model)}
    event: dict[str, Any] = {"kind": kind, **_WHEN}
    for name, shape in shapes.items():
        if shape.required or name in _MOSTLY or shape.part is not None:
            event[name] = _example(model.model_fields[name].examples, shape)
    for _ in range(_MOST_MENDED):
        try:
            read_decoded(event)
            break
        except Fault as fault:
            name = fault.field.partition(".")[0].partition("[")[0]
            if name in event and not shapes[name].required:
                del event[name]
            elif name not in event:
                event[name] = _example(model.model_fields[name].examples, shapes[name])
            else:
                break
    return event


def _example(given: list[Any] | None, shape: Shape) -> Any:
    """A field's example; batches have a quantity, since that is what people most forget."""
    example = given[0] if given else ""
    if shape.part is not BatchRef:
        return example
    every = example if isinstance(example, list) else [example]
    every = [one if isinstance(one, dict) else {"batch": one, "quantity": "12.5", "unit": "kg"} for one in every]
    return every if shape.listed else every[0]


def shown_example(column: Column) -> str:
    """A column's example as it is typed."""
    if isinstance(column.example, bool):
        return YES if column.example else NO
    if isinstance(column.example, dict):
        return str(column.example.get("batch", ""))
    return str(column.example)
