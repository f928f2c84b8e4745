"""What came in lately and how far it is judged: ``{"position", "judged", "behind_seconds", "since", "seconds",
"spans": [{"from", "events", "waiting"}]}``.

The last entries of the ledger, counted in spans of ``seconds`` each, the earliest first; a span without any is there,
too. ``waiting``: events of it that the judge has not reached. ``behind_seconds``: from the receipt of the last judged
entry to that of the last one, 0 where all is judged.
"""

from __future__ import annotations

from typing import Any, Final

from fieldline_schemas.times import instant
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.store import Q

SPANS: Final = 48
"""Spans at most."""
SIZES: Final = (1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000, 31_536_000)
"""Lengths of spans, seconds: the shortest with which all entries stand in ``SPANS``."""


class ActivityArguments(BaseModel):
    """How far back."""

    model_config = ConfigDict(extra="forbid")

    entries: int = Field(default=2_000, ge=1, le=20_000, description="The last so many entries of the ledger.")


async def activity(desk: Desk, asked: ActivityArguments) -> dict[str, Any]:
    """Counts of the last entries, up to the ledger's end."""
    rows = await desk.conn.fetch(Q["answer_activity"], asked.entries)
    if not rows:
        return {
            "position": desk.position, "judged": desk.position, "behind_seconds": 0.0, "since": None, "seconds": 1,
            "spans": [],
        }  # fmt: skip
    last, first = rows[0], rows[-1]
    whole = (last["received_at"] - first["received_at"]) // 1_000_000
    seconds = next((size for size in SIZES if whole // size + 2 <= SPANS), SIZES[-1])
    begin = first["received_at"] // 1_000_000 // seconds
    count = min(last["received_at"] // 1_000_000 // seconds - begin + 1, SPANS)
    events, waiting = [0] * count, [0] * count
    for row in rows:
        at = min(max(row["received_at"] // 1_000_000 // seconds - begin, 0), count - 1)
        events[at] += row["count"]
        waiting[at] += row["count"] if row["position"] > desk.position else 0
    judged = next((row["received_at"] for row in rows if row["position"] <= desk.position), first["received_at"])
    return {
        "position": last["position"],
        "judged": desk.position,
        "behind_seconds": (last["received_at"] - judged) / 1e6,
        "since": instant(first["received_at"]),
        "seconds": seconds,
        "spans": [
            {"from": instant((begin + at) * seconds * 1_000_000), "events": events[at], "waiting": waiting[at]}
            for at in range(count)
        ],
    }
