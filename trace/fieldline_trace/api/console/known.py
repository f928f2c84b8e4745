"""What was known when: a scope as of a position, and what came between two versions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.naming import lot_said, product_said
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text


async def known(visit: Visit, scope: str) -> Page:
    """View 10."""
    found = await visit.ask("scope show", scope=scope)
    last = found["version"]
    end = _number(visit.query("to"), 1, last, last)
    begin = _number(visit.query("from"), 0, end, end - 1)
    said = await visit.ask("scope diff", scope=found["scope"], begin=begin, end=end)
    changes: list[dict[str, Any]] = said["changes"]
    return Page(
        "known.html",
        text("known.title", visit.spoken),
        {
            "scope": found,
            "names": {one["batch"]: f"{lot_said(one)} {product_said(one['batch'])}" for one in found["members"]},
            "begin": begin,
            "end": end,
            "last": last,
            "changes": changes[:300],
            "more": max(0, len(changes) - 300),
            "kinds": Counter(change["kind"] for change in changes),
            "head": (await visit.ports.answers.ready())["position"],
        },
    )


def _number(said: str, least: int, most: int, otherwise: int) -> int:
    return min(max(int(said), least), most) if said.isascii() and said.isdecimal() and len(said) < 10 else otherwise
