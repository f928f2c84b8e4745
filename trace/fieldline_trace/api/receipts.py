"""What became of each event that was handed in, as JSON."""

from __future__ import annotations

from typing import Any

from fieldline_trace.capture import Accepted, Receipt, Refused, Repeated


def receipt_said(receipt: Receipt) -> dict[str, Any]:
    """One receipt.

    - accepted: ``{"outcome": "accepted", "id", "number", "position"}``; the event is durable at that position.
    - variant: the same with outcome ``variant``; another event has this id and other content, both stand until a
      correction.
    - repeated: ``{"outcome": "repeated", "id", "number"}``; it was there already, nothing changed.
    - refused: ``{"outcome": "refused", "rejected", "field", "value", "rule"}``; kept under that number, to mend and
      hand in again.
    """
    if isinstance(receipt, Refused):
        fault = receipt.fault
        return {
            "outcome": "refused",
            "rejected": receipt.rejected_id,
            "field": fault.field,
            "value": fault.value,
            "rule": fault.rule,
        }
    if isinstance(receipt, Repeated):
        return {"outcome": "repeated", "id": receipt.id, "number": receipt.number}
    outcome = "accepted" if isinstance(receipt, Accepted) else "variant"
    return {"outcome": outcome, "id": receipt.id, "number": receipt.number, "position": receipt.position}
