"""What became of each event that was handed in, as JSON."""

from __future__ import annotations

from typing import Any

from fieldline_trace.api.faults import fault_said
from fieldline_trace.api.sent import Sent
from fieldline_trace.capture import Accepted, Receipt, Refused, Repeated, Variant


def receipt_said(receipt: Receipt | Sent) -> dict[str, Any]:
    """One receipt. Its ``receipt`` finds it again.

    - accepted: ``{"outcome": "accepted", "receipt", "id", "number", "position"}``; the event is durable at that
      position.
    - accepted, where a stream has it and it is not captured yet: ``{"outcome": "accepted", "receipt", "id"}``.
    - variant: the same with outcome ``variant``; another event has this id and other content, both stand until a
      correction.
    - repeated: ``{"outcome": "repeated", "receipt", "id", "number"}``; it was there already, nothing changed.
    - refused: ``{"outcome": "refused", "receipt", "rejected"}`` and what ``fault_said`` says; kept under that number,
      to mend and hand in again.
    """
    if isinstance(receipt, Sent):
        return {"outcome": "accepted", "receipt": receipt.receipt, "id": receipt.id}
    if isinstance(receipt, Refused):
        return {
            "outcome": "refused",
            "receipt": f"rejected-{receipt.rejected_id}",
            "rejected": receipt.rejected_id,
            **fault_said(receipt.fault),
        }
    name = f"event-{receipt.number}"
    if isinstance(receipt, Repeated):
        return {"outcome": "repeated", "receipt": name, "id": receipt.id, "number": receipt.number}
    return {
        "outcome": outcome_of(receipt),
        "receipt": name,
        "id": receipt.id,
        "number": receipt.number,
        "position": receipt.position,
    }


def outcome_of(receipt: Receipt) -> str:
    """``accepted``, ``repeated``, ``variant`` or ``refused``."""
    return _OUTCOMES[type(receipt)]


_OUTCOMES: dict[type[Receipt], str] = {
    Accepted: "accepted",
    Repeated: "repeated",
    Variant: "variant",
    Refused: "refused",
}
