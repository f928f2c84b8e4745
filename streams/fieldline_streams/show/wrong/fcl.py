"""Networks in FoodChain-Lab's exchange format with rows, or whole files, at fault."""

from __future__ import annotations

import json
from typing import Any

STATIONS = [{"ID": "1", "Name": "Grower"}, {"ID": "2", "Name": "Blender"}, {"ID": "3", "Name": "Shop"}]
GOOD = {"ID": "good", "from": "1", "to": "2", "name": "herbs"}


def _rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"data": [[{"id": name, "value": value} for name, value in row.items()] for row in rows]}


def network(deliveries: list[dict[str, Any]], relations: list[dict[str, Any]] | None = None, **more: Any) -> bytes:
    """A network of three stations, one good delivery and these rows."""
    tables = {"stations": STATIONS, "deliveries": [GOOD, *deliveries], "deliveryRelations": relations or []}
    said = {"version": "1.0.0", "data": {name: _rows(rows) for name, rows in tables.items()}, **more}
    return json.dumps(said).encode()


ROWS: tuple[tuple[str, bytes], ...] = (
    ("a delivery without an id", network([{**GOOD, "ID": ""}])),
    ("a delivery to a station that there is not", network([{**GOOD, "ID": "x", "to": "9"}])),
    ("a delivery from nowhere", network([{"ID": "x", "to": "2"}])),
    ("a delivery twice", network([GOOD])),
    ("an id of 129 characters", network([{**GOOD, "ID": "x" * 129}])),
    ("a relation to a delivery that there is not", network([], [{"from": "good", "to": "nowhere"}])),
    ("a relation of one delivery", network([], [{"to": "good"}])),
    ("deliveries that do not meet", network([{**GOOD, "ID": "far", "from": "3", "to": "1"}],
                                           [{"from": "good", "to": "far"}])),
    ("a relation stated twice", network([{**GOOD, "ID": "next", "from": "2", "to": "3"}],
                                       [{"from": "good", "to": "next"}] * 2)),
    ("a delivery made of itself", network([{**GOOD, "ID": "loop", "from": "2"}], [{"from": "loop", "to": "loop"}])),
    ("a day that there is not", network([{**GOOD, "ID": "x", "Date Delivery": "2018-02-30"}])),
    ("a mark at a station that there is not", network([], tracing={"nodes": [{"id": "9", "weight": 1}]})),
    ("a weight beyond all measure", network([], tracing={"nodes": [{"id": "2", "weight": 1e30}]})),
)  # fmt: skip
"""What is wrong, and a network that has it beside a delivery that is right."""

FILES: tuple[tuple[str, bytes], ...] = (
    ("no JSON", b"{"),
    ("a list", b"[]"),
    ("bytes that are no UTF-8", b"no JSON \xff"),
    ("no tables", b'{"version": "1.0.0"}'),
    ("a cell without a value", b'{"version": "1.0.0", "data": {"stations": {"data": [[{"id": "ID"}]]}}}'),
    ("a version to come", network([]).replace(b'"1.0.0"', b'"2.0.0"')),
)
"""What is wrong, and the file."""
