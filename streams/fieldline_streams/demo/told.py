"""Writing events down for the demo: short words for the envelope, and what is invented marked as such.

``x-illustrative`` lists what was invented for the demo: field names, or ``everything``. ``x-source`` names where the
rest was published.
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]

EVERYTHING = ["everything"]


def kg(batch: str, amount: float) -> Event:
    """A batch and its mass in kilograms."""
    return {"batch": batch, "quantity": f"{amount:g}", "unit": "kg"}


def event(
    name: str, kind: str, operator: str, site: str, at: Any, *, invented: list[str], source: str = "", **fields: Any
) -> Event:
    """One event; fields that are None are left out."""
    said: Event = {
        "id": f"demo:{name}",
        "kind": kind,
        "operator": operator,
        "site": site,
        "at": at,
        **fields,
    }
    if invented:
        said["x-illustrative"] = invented
    if source:
        said["x-source"] = source
    return {field: value for field, value in said.items() if value is not None}
