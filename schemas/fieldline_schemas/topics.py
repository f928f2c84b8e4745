"""The topics that events and what is made of them travel on, where a stream carries them. Each kind has one.

The key of a message keeps what belongs together in one partition. No promise rests on the order within one: the ledger
orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from fieldline_schemas.registry import KINDS
from fieldline_schemas.said import Said


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its name, what it carries, what its messages are keyed by, and the kinds of events on it.

    ``partitions``: how many it is made with. ``days``: how long messages are kept, None: for ever. ``compact``: the
    last message of each key is kept for ever, whatever ``days`` says of the others.
    """

    name: str
    what: str
    key: str
    kinds: tuple[str, ...] = ()
    partitions: int = 8
    days: int | None = 7
    compact: bool = False


EVENTS: Final = (
    Topic(
        "farm",
        "What happens in field, stable and sea.",
        "batch",
        ("planted", "input_sold", "input_applied", "harvested", "milked", "slaughtered", "landed"),
    ),
    Topic(
        "processing",
        "What is cooled, cleaned, and made of what.",
        "batch",
        ("cooled", "transformed", "packed", "split", "commingled", "relabelled", "labelled", "cleaned"),
    ),
    Topic(
        "distribution",
        "What is stored, moved and sold.",
        "batch",
        (
            "stored", "aggregated", "disaggregated", "shipped", "received", "sold", "returned", "imported", "exported",
        ),
    ),
    Topic(
        "catering",
        "What is cooked, served, kept back and thrown away.",
        "batch",
        ("prepared", "served", "sample_retained", "disposed"),
    ),
    Topic(
        "inspection",
        "What is found, and who supervises.",
        "batch",
        (
            "sampled", "tested", "retest_requested", "illness_case", "complaint", "external_notice",
            "contamination_declared", "inspected",
            "certified", "licensed", "sanctioned", "tracing_marked", "noted",
        ),
    ),
    Topic(
        "acts",
        "What people decide, what is corrected, and ticks of the clock.",
        "scope, alert or event that it is about",
        (
            "corrected", "same_batch", "scope_opened", "scope_closed", "member_released", "member_excluded",
            "member_included", "consignee_notified", "consignee_answered", "incident_joined", "incident_stepped",
            "notice_approved", "alert_acknowledged", "alert_handled", "reference_changed", "clock_ticked",
        ),
    ),
)  # fmt: skip
"""Topics that events are handed in on."""

LEDGER: Final = Topic("ledger", "The entries of the ledger, in order: one partition.", "none", partitions=1)
REJECTED: Final = Topic("rejected", "What was refused, with the reason, as it came.", "number of the refused", days=30)
ALERTS: Final = Topic("alerts", "Versions of alerts: raised, amended, withdrawn.", "alert", days=None, compact=True)
SCOPE_CHANGES: Final = Topic("scope-changes", "Versions of recall scopes.", "scope", days=None, compact=True)
DERIVED: Final = (LEDGER, REJECTED, ALERTS, SCOPE_CHANGES)
"""Topics for what fieldline itself says."""

_OF: Final = {kind: topic for topic in EVENTS for kind in topic.kinds}


def topic_of(kind: str) -> Topic:
    """The topic of a kind; ``KeyError`` where there is no such kind."""
    return _OF[kind]


if set(_OF) != set(KINDS.models) or sum(len(topic.kinds) for topic in EVENTS) != len(_OF):
    raise LookupError(f"every kind has one topic: {sorted(set(_OF) ^ set(KINDS.models))}")


class _About(msgspec.Struct):
    """As much of an act as says what it is about."""

    alert: str | None = None
    scope: str | None = None
    target: dict[str, msgspec.Raw] | None = None


_about = msgspec.json.Decoder(_About).decode
_text = msgspec.json.Decoder(str).decode


def key_of(said: Said, raw: bytes) -> str:
    """The key of the message that carries an event: of an act the alert, scope or event that it is about, of any other
    the first batch that it names; else its id. ``raw``: the event, which can be read."""
    if _OF[said.kind] is _ACTS:
        about = _about(raw)
        named = about.alert or about.scope
        if named is None and about.target is not None and "id" in about.target:
            named = _text(about.target["id"])
        if named is not None:
            return named
    return said.mentions[0] if said.mentions else said.id


_ACTS: Final = next(topic for topic in EVENTS if topic.name == "acts")
