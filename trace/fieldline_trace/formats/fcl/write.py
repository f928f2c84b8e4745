"""A network as FoodChain-Lab's applications open it: the exchange format, version 1.2.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

VERSION: Final = "1.2.1"


class Station(NamedTuple):
    """Somebody's site. ``weight``: of a finding there; 0: none."""

    id: str
    name: str
    weight: float = 0.0
    cells: Mapping[str, str] = {}
    """More columns, by name."""


class Delivery(NamedTuple):
    """A batch that went from one station to another. Dates are ISO days, empty where they are not known."""

    id: str
    origin: str
    target: str
    product: str
    lot: str
    left: str
    came: str
    amount: str
    weight: float = 0.0
    cells: Mapping[str, str] = {}


def network_of(
    stations: Sequence[Station], deliveries: Sequence[Delivery], relations: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """The document. ``relations``: pairs of ids of deliveries, the first of which went into the second."""
    return {
        "version": VERSION,
        "data": {
            "version": VERSION,
            "stations": _table([{"ID": one.id, "Name": one.name, **one.cells} for one in stations], ("ID", "Name")),
            "deliveries": _table(
                [
                    {
                        "ID": one.id,
                        "from": one.origin,
                        "to": one.target,
                        "Name": one.product,
                        "Lot Number": one.lot,
                        "Date Delivery": one.left,
                        "Date Delivery Arrival": one.came,
                        "Amount": one.amount,
                        **one.cells,
                    }
                    for one in deliveries
                ],
                ("ID", "from", "to", "Name", "Lot Number", "Date Delivery", "Date Delivery Arrival", "Amount"),
            ),
            "deliveryRelations": _table([{"from": a, "to": b} for a, b in relations], ("from", "to")),
        },
        "tracing": {
            "version": VERSION,
            "enforceTemporalOrder": True,
            "nodes": [_tracing(one.id, one.weight) for one in stations],
            "deliveries": [_tracing(one.id, one.weight) for one in deliveries],
        },
    }


def _table(rows: Sequence[Mapping[str, str]], first: Sequence[str]) -> dict[str, Any]:
    """Rows of cells, empty ones left out, with the columns that occur."""
    columns = list(dict.fromkeys([*first, *(name for row in rows for name in row)]))
    return {
        "columnProperties": [{"id": name, "type": "string"} for name in columns],
        "data": [[{"id": name, "value": value} for name, value in row.items() if value != ""] for row in rows],
    }


def _tracing(name: str, weight: float) -> dict[str, Any]:
    return {"id": name, "weight": weight, "crossContamination": False, "killContamination": False, "observed": False}
