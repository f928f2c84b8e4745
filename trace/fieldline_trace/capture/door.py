"""Who hands in events: what the door knows of them, what their role allows, and what is handed in through it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from fieldline_schemas.faults import Fault
from fieldline_schemas.record import AUTHORITY, EMERGENCY

ROLES = ("producer", "laboratory", "regulator", "emergency", "administrator", "system")
"""Roles that may hand in events. ``system`` is fieldline itself: its clock."""

_FLAGS = {"regulator": AUTHORITY, "emergency": AUTHORITY | EMERGENCY, "administrator": AUTHORITY}

ACTS: Final[dict[str, tuple[str, ...]]] = {
    "scope_opened": ("emergency", "regulator"),
    "scope_closed": ("emergency", "regulator"),
    "member_released": ("emergency",),
    "clock_ticked": ("system",),
    "contamination_declared": ("emergency", "regulator", "administrator"),
    "alert_acknowledged": ("emergency", "regulator", "administrator"),
    "alert_handled": ("emergency", "regulator", "administrator"),
    "reference_changed": ("administrator",),
    "consignee_notified": ("emergency", "regulator"),
    "consignee_answered": ("emergency", "regulator"),
    "notice_approved": ("emergency", "regulator"),
    "member_excluded": ("emergency",),
    "member_included": ("emergency", "regulator"),
    "incident_joined": ("emergency", "regulator"),
    "incident_stepped": ("emergency", "regulator"),
}
"""Kinds that only some roles may say. All other kinds anybody may say, and it is kept who did."""

OWN: Final = frozenset({"contamination_declared", "consignee_notified", "consignee_answered"})
"""Of these, what an operator may say, too, where it says it of itself: what it found contaminated at its site, whom it
told, what it answers."""


@dataclass(frozen=True, slots=True)
class Door:
    """Authenticated sender, role, tenant and channel (``http``, ``file``, …) of one micro-batch. ``operators``: whom
    the sender may speak for; None: for anybody; where there is none, it may say nothing at all. ``mender``: who mended
    what the sender had handed in, empty where it is as the sender said it. ``ValueError`` where the role is none of
    ``ROLES``, or a name is empty or longer than 256 characters."""

    sender: str
    role: str
    tenant: str = "default"
    channel: str = "http"
    operators: frozenset[str] | None = None
    mender: str = ""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"role {self.role!r} is none of {', '.join(ROLES)}")
        for name in ("sender", "tenant", "channel"):
            text = getattr(self, name)
            if not 0 < len(text) <= 256 or not text.isprintable():
                raise ValueError(f"{name} {text[:100]!r} is not 1 to 256 printable characters")
        if len(self.mender) > 256 or not self.mender.isprintable():
            raise ValueError(f"mender {self.mender[:100]!r} is not up to 256 printable characters")

    def narrowed(self, role: str, operators: frozenset[str] | None) -> Door:
        """The same door for who comes in ``role`` now, and may speak for ``operators`` (None: anybody): for no more
        than either allowed."""
        if self.operators is not None:
            operators = self.operators if operators is None else self.operators & operators
        return replace(self, role=role, operators=operators)

    @property
    def flags(self) -> int:
        """What the role adds to the flags of each event's record."""
        return _FLAGS.get(self.role, 0)

    def forbids(self, kind: str, operator: str = "") -> Fault | None:
        """The fault of saying ``kind`` in this role, ``operator`` being who acted; None where it is allowed."""
        if self.operators is not None and not self.operators:
            # Nor what names no operator: who may speak for nobody is nobody that is known.
            return Fault.by("operator_nobody", "operator", repr(operator) if operator else "")
        if operator and self.operators is not None and operator not in self.operators:
            known = sorted(self.operators)[:10]
            return Fault.by("operator_foreign", "operator", repr(operator), operators=known)
        allowed = ACTS.get(kind)
        if allowed is None or self.role in allowed:
            return None
        if kind in OWN and self.role != "system" and operator and operator in (self.operators or (self.sender,)):
            return None
        if kind in OWN:
            return Fault.by("act_role_or_own", "kind", repr(kind), roles=allowed, role=self.role)
        return Fault.by("act_role", "kind", repr(kind), roles=allowed, role=self.role)


class Handed(NamedTuple):
    """One event as it was handed in. ``history``: imported as history, which raises no notices or deadlines. ``fault``:
    it is to be refused for this, unread; None where it is to be read."""

    raw: bytes
    door: Door
    history: bool = False
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Through:
    """The way in that events of one micro-batch share. Told apart by itself, not by what it says, which is quick."""

    door: Door
    history: bool = False
