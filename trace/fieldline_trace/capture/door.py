"""Who hands in events: what the door knows of them, and what their role allows."""

from __future__ import annotations

from dataclasses import dataclass

from fieldline_schemas.faults import Fault
from fieldline_schemas.record import AUTHORITY, EMERGENCY

ROLES = ("producer", "laboratory", "regulator", "emergency", "administrator", "system")
"""Roles that may hand in events. ``system`` is fieldline itself: its clock."""

_FLAGS = {"regulator": AUTHORITY, "emergency": AUTHORITY | EMERGENCY, "administrator": AUTHORITY}

ACTS = {
    "scope_opened": ("emergency", "regulator"),
    "scope_closed": ("emergency", "regulator"),
    "member_released": ("emergency",),
    "clock_ticked": ("system",),
}
"""Kinds that only some roles may say. All other kinds anybody may say, and it is kept who did."""


@dataclass(frozen=True, slots=True)
class Door:
    """Authenticated sender, role, tenant and channel (``http``, ``file``, …) of one micro-batch. ``ValueError`` where
    the role is none of ``ROLES``, or a name is empty or longer than 256 characters."""

    sender: str
    role: str
    tenant: str = "default"
    channel: str = "http"

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"role {self.role!r} is none of {', '.join(ROLES)}")
        for name in ("sender", "tenant", "channel"):
            text = getattr(self, name)
            if not 0 < len(text) <= 256 or not text.isprintable():
                raise ValueError(f"{name} {text[:100]!r} is not 1 to 256 printable characters")

    @property
    def flags(self) -> int:
        """What the role adds to the flags of each event's record."""
        return _FLAGS.get(self.role, 0)

    def forbids(self, kind: str) -> Fault | None:
        """The fault of saying ``kind`` in this role; None where it is allowed."""
        allowed = ACTS.get(kind)
        if allowed is None or self.role in allowed:
            return None
        return Fault(
            "kind", repr(kind), f"only the role {' or '.join(allowed)} may do this; the sender's is {self.role}"
        )
