"""The columns of a kind's sheet: one a field of its contract, and of the parts and lists that the field is made of.

A list lies in rows: each row of an event gives one element of each list. So ``in_batches`` of a step are the columns
``in_batches.batch``, ``in_batches.quantity`` …, one row a batch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from fieldline_schemas.contract import Shape, shapes_of
from fieldline_schemas.fields import Value
from fieldline_schemas.quantities import UNITS, unit_code
from fieldline_schemas.registry import KINDS
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fieldline_trace.formats.sheet.terms import TERMS, joined_term

Sort = Literal["text", "time", "number", "measured", "count", "flag", "choice"]
"""How a cell of the column is read."""
NUMBER = "No."
"""Header of the first column: rows with the same number are one event."""
NUMBER_TERM = "序号"
UNIT_NAMES = tuple(unit.names[0] if unit.names else unit.code for unit in UNITS.values())
"""Units as people know them; their codes and other spellings may be typed as well."""
SAID_BY_PEOPLE = tuple(kind for kind in KINDS.models if kind != "clock_ticked")
"""Kinds that have a sheet: all but the clock's own."""
_NOT_A_COLUMN = frozenset({"kind", "version"})
_SELDOM = ("gtin", "lot", "label", "produced", "expires", "location", "zone", "grid_unit", "id")
"""Fields that stand at the far right, where they are not required."""
_WORD = re.compile(r"[a-z0-9]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``path``: the fields from the event down. ``listed``: how many of them lead to the list whose
    elements its rows give; 0 where it gives one value for the event."""

    path: tuple[str, ...]
    listed: int
    sort: Sort
    required: bool
    description: str
    term: str
    unit: str
    example: Any
    words: tuple[str, ...] = ()
    """What may be chosen."""
    only: bool = True
    """Nothing else may be."""

    @property
    def name(self) -> str:
        """Its path as errors name it: ``in_batches.quantity``."""
        return ".".join(self.path)

    @property
    def header(self) -> str:
        """What stands above it: ``In batches: quantity* 入库批次数量``; the star marks what is required."""
        english = ": ".join(part.replace("_", " ") for part in self.path)
        return f"{english[:1].upper()}{english[1:]}{'*' if self.required else ''}{' ' + self.term if self.term else ''}"


@lru_cache(maxsize=128)
def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind: when, where and who first, then the kind's own, what is seldom said last."""
    model = KINDS.models[kind]
    every = [column for shape in shapes_of(model) for column in _columns(model, shape, (), "", 0, required=True)]
    first = ("at", "site", "operator")
    return tuple(sorted(every, key=lambda column: (_rank(column, first), *_place(column, first))))


def _rank(column: Column, first: tuple[str, ...]) -> int:
    if column.path[0] in first and len(column.path) == 1:
        return 0
    return 2 if column.path[-1] in _SELDOM and not column.required else 1


def _place(column: Column, first: tuple[str, ...]) -> tuple[int]:
    """Within its rank as the contract has it (sorting is stable), but for the first ones."""
    return (first.index(column.path[0]) if column.path[0] in first and len(column.path) == 1 else 0,)


def _columns(
    model: type[BaseModel], shape: Shape, path: tuple[str, ...], term: str, listed: int, *, required: bool
) -> Iterator[Column]:
    """The columns of one field; of a list within a list there are none, since rows cannot say it."""
    if (not path and shape.name in _NOT_A_COLUMN) or (shape.listed and listed):
        return
    field = model.model_fields[shape.name]
    below = (*path, shape.name)
    at = len(below) if shape.listed else listed
    needed = required and shape.required
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    terms = joined_term(term, str(extra.get("x-term") or TERMS.get(shape.name, "")))
    if shape.part is not None:
        for inner in shapes_of(shape.part):
            yield from _columns(shape.part, inner, below, terms, at, required=needed)
    else:
        assert shape.value is not None
        yield _column(below, at, shape.value, field, terms, str(extra.get("x-unit", "")), needed)


def _column(
    path: tuple[str, ...], listed: int, value: Value, field: FieldInfo, term: str, unit: str, required: bool
) -> Column:
    example = field.examples[0] if field.examples else ""
    if listed == len(path) and isinstance(example, list):
        example = example[0] if example else ""
    return Column(
        path=path,
        listed=listed,
        sort=_sort(value),
        required=required,
        description=field.description or "",
        term=term,
        unit=unit,
        example=example,
        words=UNIT_NAMES if value.read is unit_code else tuple(value.wire.get("enum", ())),
        only=value.read is not unit_code,
    )


def _sort(value: Value) -> Sort:
    if value.evens == "time":
        return "time"
    if value.evens == "decimal":
        return "number"
    if value.wire.get("type") == "boolean":
        return "flag"
    if value.wire.get("type") == "integer":
        return "count"
    if "enum" in value.wire:
        return "choice"
    return "text" if value.text else "measured"


def english(header: str) -> str:
    """A header as it is compared: the words of its English part, whatever case, stars and punctuation."""
    return " ".join(_WORD.findall(header.lower()))


def chinese(header: str) -> str:
    """The Chinese part of a header."""
    return "".join(_HAN.findall(header))


@lru_cache(maxsize=128)
def known_headers(kind: str) -> dict[str, Column | None]:
    """By what a header may say, in English or in Chinese, the column that it means; None where it could be several."""
    known: dict[str, Column | None] = {}
    for column in columns_of(kind):
        for name in {english(column.name), chinese(column.term)} - {""}:
            known[name] = None if name in known else column
    return known


def column_of(kind: str, header: str) -> Column | None:
    """The column that a header means; None where there is none, or it could be several."""
    known = known_headers(kind)
    return known.get(english(header)) or known.get(chinese(header))


def title_of(kind: str) -> str:
    """A kind as its sheet is called: ``shipped 发货``."""
    text = (KINDS.models[kind].__doc__ or "").strip()
    term = text.split(":", 1)[0].strip() if ":" in text[:24] else ""
    return f"{kind} {chinese(term)}".strip()
