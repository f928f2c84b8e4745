"""The exchange document as far as it is read: three tables of cells, and the weights and marks of its tracing.

Written from the format's public description and its files (FoodChain-Lab, German Federal Institute for Risk
Assessment); columns that are not known stay with the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldline_schemas.faults import Fault
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Scalar = str | int | float | bool | None


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Cell(_Part):
    """One cell of a row: the column's name and what stands there."""

    id: str
    value: Scalar


class Table(_Part):
    """Rows of cells; a column without a cell in a row is empty there."""

    data: list[list[Cell]]


class Tables(_Part):
    """The three tables of a network."""

    stations: Table
    deliveries: Table
    relations: Table = Field(alias="deliveryRelations")


class Tracing(_Part):
    """What an investigator marked at one station or delivery."""

    id: str
    weight: float | None = None
    cross_contamination: bool | None = Field(default=None, alias="crossContamination")
    kill_contamination: bool | None = Field(default=None, alias="killContamination")
    observed: bool | None = None


class Tracings(_Part):
    """The marks of all stations (and groups of them) and deliveries, and whether dates exclude."""

    temporal_order: bool | None = Field(default=None, alias="enforceTemporalOrder")
    nodes: list[Tracing] = []
    deliveries: list[Tracing] = []


class Network(_Part):
    """A whole exchange document."""

    version: str
    data: Tables
    tracing: Tracings | None = None


def read(raw: bytes) -> Network:
    """The network in ``raw``; :class:`Fault` names the field that makes the document unreadable as a whole."""
    try:
        network = Network.model_validate_json(raw)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        where = _path(first["loc"]) or "document"
        value = first.get("input")
        shown = value.decode(errors="backslashreplace") if isinstance(value, bytes) else value
        raise Fault.of(shown, "fcl_format", where, why=first["msg"]) from None
    if network.version.split(".", 1)[0] != "1":
        raise Fault.of(network.version, "fcl_version", "version")
    return network


def row_of(cells: list[Cell]) -> Mapping[str, str]:
    """A row as column to text: empty cells left out, numbers as they are written for people (``5``, not ``5.0``)."""
    return {cell.id: text for cell in cells if (text := text_of(cell.value))}


def text_of(value: Scalar) -> str:
    """A cell's text, trimmed; ``""`` where it is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def _path(location: tuple[Any, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path
