"""Who may do what: one table, operation × role → how much of it. What is not in it is not to be had.

Every route of the door bears the name of an operation; one whose operation is not here stops the start. ``gate``
turns away who has no grant; what is between all and none is cut where the answer is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

ROLES = ("producer", "laboratory", "regulator", "emergency", "administrator", "public")
"""Roles that a key may have; ``public`` is also whoever has none."""


class Grant(Enum):
    """How much of an operation a role gets."""

    ALL = "all"
    OWN = "own"
    """What the caller handed in, what its operators did and hold, the key it came with."""
    ONE_STEP = "one step"
    """Its own, and one step either side of it."""
    JURISDICTION = "jurisdiction"
    """What lies, or was done, where the administrative code begins with the caller's; and its own."""
    NONE = "none"


A, O, S, J, N = Grant.ALL, Grant.OWN, Grant.ONE_STEP, Grant.JURISDICTION, Grant.NONE

_ROWS: dict[str, tuple[Grant, Grant, Grant, Grant, Grant, Grant]] = {
    # operation           producer  laboratory  regulator  emergency  administrator  public
    # Without a key: for those who look after it, and those who write programs for it.
    "live":               (A, A, A, A, A, A),
    "ready":              (A, A, A, A, A, A),
    "metrics":            (A, A, A, A, A, A),
    "openapi":            (A, A, A, A, A, A),
    # Events in. Which kinds a role may say is capture's to hold. What comes as history raises no draft and no notice,
    # so whoever is subject to them may not say that it is.
    "events":             (O, O, O, O, O, N),
    "events_history":     (N, N, A, A, A, N),
    "receipt":            (O, O, O, O, A, N),
    "rejected_list":      (O, O, O, O, A, N),
    "rejected_show":      (O, O, O, O, A, N),
    "rejected_mend":      (O, O, O, O, A, N),
    "rejected_replay":    (O, O, O, O, A, N),
    "rejected_dismiss":   (O, O, O, O, A, N),
    # Who somebody is, behind the pseudonym that events bear.
    "person_show":        (N, N, A, A, A, N),
    "person_erase":       (N, N, N, N, A, N),
    # Lineage.
    "trace":              (S, N, J, A, A, N),
    "sources":            (N, N, J, A, A, N),
    "why":                (N, N, J, A, A, N),
    "paths":              (N, N, J, A, A, N),
    "accountable":        (N, N, J, A, A, N),
    "dead_ends":          (N, N, J, A, A, N),
    "hypothesis":         (N, N, J, A, A, N),
    "present":            (N, N, J, A, A, N),
    "span":               (N, N, J, A, A, N),
    "proof":              (N, N, J, A, A, N),
    "areas":              (N, N, J, A, A, N),
    "balance":            (N, N, J, A, A, N),
    "share":              (N, N, J, A, A, N),
    "risk":               (N, N, J, A, A, N),
    "steps":              (S, N, J, A, A, N),
    # For who eats it: no operator, site or lot but the one asked for is named.
    "story":              (A, A, A, A, A, A),
    # What all are judged by.
    "reference":          (A, A, A, A, A, N),
    "score":              (N, N, N, A, A, N),
    "contacts":           (N, N, N, A, A, N),
    # One event whole; to who sees not all, what is their own, without what it brought about elsewhere.
    "event":              (O, O, J, A, A, N),
    # How much comes in, and how far it is judged.
    "activity":           (N, N, A, A, A, N),
    "batch":              (S, O, J, A, A, N),
    "name":               (S, O, J, A, A, N),
    # What is judged.
    "alerts":             (O, O, J, A, A, N),
    "alert_show":         (O, O, J, A, A, N),
    "alert_acknowledge":  (N, N, J, A, A, N),
    "alert_handle":       (N, N, J, A, A, N),
    "notices":            (A, A, A, A, A, A),
    "scope_list":         (O, N, J, A, A, N),
    "scope_show":         (O, N, J, A, A, N),
    "scope_preview":      (N, N, J, A, A, N),
    "scope_diff":         (O, N, J, A, A, N),
    "scope_consignees":   (N, N, J, A, A, N),
    "scope_progress":     (N, N, J, A, A, N),
    "scope_versions":     (N, N, J, A, A, N),
    "scope_export":       (N, N, J, A, A, N),
    # Raw events and the whole network: for those alone whose sight has no bounds.
    "scope_events":       (N, N, N, A, A, N),
    "scope_network":      (N, N, N, A, A, N),
    "scope_file":         (N, N, J, A, A, N),
    "changed":            (S, N, J, A, A, N),
    "scope_exclude":      (N, N, N, A, N, N),
    "scope_include":      (N, N, J, A, N, N),
    "scope_told":         (N, N, J, A, N, N),
    "scope_answered":     (N, N, J, A, N, N),
    "incident_list":      (N, N, J, A, A, N),
    "incident_show":      (N, N, J, A, A, N),
    "incident_join":      (N, N, J, A, N, N),
    "incident_step":      (N, N, J, A, N, N),
    "scope_open":         (N, N, J, A, N, N),
    "scope_close":        (N, N, J, A, N, N),
    "scope_release":      (N, N, N, A, N, N),
    "feed":               (O, O, J, A, A, N),
    # The ledger.
    "verify":             (N, N, N, N, A, N),
    "checkpoint":         (N, N, A, A, A, N),
    "rebuild":            (N, N, N, N, A, N),
    # The door itself. One's own key is the very one that one came with; one's own accesses are those to one's data.
    "me":                 (O, O, O, O, O, N),
    "keys_list":          (O, O, O, O, A, N),
    "keys_create":        (N, N, N, N, A, N),
    "keys_rotate":        (O, O, O, O, A, N),
    "keys_revoke":        (O, O, O, O, A, N),
    "access_list":        (O, O, O, O, A, N),
    # Who is told by webhooks.
    "subscribers_add":    (N, N, N, N, A, N),
    "subscribers_list":   (N, N, N, N, A, N),
    "subscribers_rotate": (N, N, N, N, A, N),
    "subscribers_test":   (N, N, N, N, A, N),
    "subscribers_notices": (N, N, N, N, A, N),
    "subscribers_replay": (N, N, N, N, A, N),
    "subscribers_remove": (N, N, N, N, A, N),
}  # fmt: skip

TABLE: Mapping[str, Mapping[str, Grant]] = MappingProxyType(
    {operation: MappingProxyType(dict(zip(ROLES, grants, strict=True))) for operation, grants in _ROWS.items()}
)
"""Operation to role to grant."""


def grant(operation: str, role: str) -> Grant:
    """How much of ``operation`` a caller of ``role`` gets; ``NONE`` where the table does not say."""
    return TABLE.get(operation, {}).get(role, Grant.NONE)
