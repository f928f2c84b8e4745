"""A recall's scope: what is in it and why, what changed, and whom to call."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.charts import amounts, columns
from fieldline_trace.api.console.naming import lot_said, product_said
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text

OPEN_FIRST = ("open", "draft", "closed", "archived", "lapsed", "withdrawn")
"""What a scope may be, the most alive first."""
ROLES = (
    "failed_lot", "failed_holding", "same_lot", "descendant", "same_site_and_window", "suspect", "co_descendant",
)  # fmt: skip
QUANTITIES = ("produced", "came", "received", "held", "sold", "returned", "disposed", "recalled")
PAGE_ROWS = 80
FAST = ("failed_lot", "failed_holding", "same_lot", "descendant")
"""What is surely so is released, not left out; what a person put in is left out by taking that act back."""
COMPARED = 6
"""Versions that are compared one by one, where that is all that may be seen."""
VERSIONS = 30
"""Versions that the history shows; the address leads to earlier ones."""


async def scope(visit: Visit, scope: str) -> Page:
    """View 3."""
    found = await visit.ask("scope show", scope=scope)
    members: list[dict[str, Any]] = found["members"]
    role, state = visit.query("role"), visit.query("state")
    rows = [one for one in members if role in ("", one["role"]) and state in ("", one["state"])]
    history = await _history(visit, found)
    page, pages = paged(visit, len(rows))
    return Page(
        "scope.html",
        text("scope.title", visit.spoken),
        {
            "scope": found,
            "rows": rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS],
            "shown": len(rows),
            "page": page,
            "pages": pages,
            "role": role,
            "state": state,
            "names": {one["batch"]: f"{lot_said(one)} {product_said(one['batch'])}" for one in members},
            "counts": _counts(members),
            "unsupported": [one for one in members if one["held"] and not one["supported"]],
            "history": history,
            "bars": columns(history[::-1], "members", "added", height=64, step=34),
            "fast": FAST,
            "include_allowed": visit.may("scope_include"),
            "exclude_allowed": visit.may("scope_exclude"),
            "done": visit.query("done"),
            "open_allowed": visit.may("scope_open"),
            "close_allowed": visit.may("scope_close"),
            "release_allowed": visit.may("scope_release"),
        },
    )


async def calls(visit: Visit, scope: str) -> Page:
    """View 4."""
    found = await visit.ask("scope consignees", scope=scope)
    progress = await visit.ask_if("scope progress", scope=scope)
    return Page(
        "calls.html",
        text("calls.title", visit.spoken),
        {
            "scope": found,
            "consignees": found["consignees"],
            "progress": progress,
            "amounts": amounts((progress or {}).get("quantities") or {}, QUANTITIES),
            "acts_allowed": visit.may("scope_told"),
        },
    )


def paged(visit: Visit, total: int, rows: int = PAGE_ROWS) -> tuple[int, int]:
    """The page that the address asks for, and how many there are."""
    said, pages = visit.query("page"), max(1, -(-total // rows))
    asked = int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 1
    return min(max(asked, 1), pages), pages


def _counts(members: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """Role, how many definite, how many possible; in the order of urgency."""
    definite = Counter(one["role"] for one in members if one["certainty"] == "definite")
    every = Counter(one["role"] for one in members)
    order = {role: at for at, role in enumerate(ROLES)}
    return [
        (role, definite[role], every[role] - definite[role])
        for role in sorted(every, key=lambda role: (order.get(role, len(ROLES)), role))
    ]


async def _history(visit: Visit, found: dict[str, Any]) -> list[dict[str, Any]]:
    """The last versions, the latest first: what each added, removed or changed, and why."""
    said = await visit.ask_if("scope versions", scope=found["scope"])
    versions: list[dict[str, Any]] = (said or {}).get("versions") or []
    if not versions:
        return await _differences(visit, found)
    return [
        {
            **one,
            "added": one["changes"].get("added", 0),
            "removed": one["changes"].get("removed", 0),
            "changed": one["changes"].get("reclassified", 0),
            "members": one["members"] or 0,
        }
        for one in versions[:VERSIONS]
    ]


async def _differences(visit: Visit, found: dict[str, Any]) -> list[dict[str, Any]]:
    """The same for roles that see of versions only what changed of their own."""
    told = []
    for number in range(found["version"], max(found["version"] - COMPARED, 0), -1):
        said = await visit.ask_if("scope diff", scope=found["scope"], end=number)
        changes: list[dict[str, Any]] = said["changes"] if said else []
        kinds = Counter(change["kind"] for change in changes)
        told.append(
            {
                "version": number,
                "at": "",
                "added": kinds["added"],
                "removed": kinds["removed"],
                "changed": kinds["reclassified"],
                "members": 0,
                "text": "; ".join(list(dict.fromkeys(change["text"] for change in changes))[:3]),
                "act": next((change["act"] for change in changes if change.get("act")), None),
            }
        )
    return told
