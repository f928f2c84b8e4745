"""One alert: what it rests on, how it changed, and taking it on."""

from __future__ import annotations

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text


async def alert(visit: Visit, alert: str) -> Page:
    """View 7."""
    found = await visit.ask("alert show", alert=alert, language=visit.spoken)
    one = found["alert"]
    named = [value for name in ("batches", "batch", "to") for value in _listed(one["args"].get(name))]
    named = [value for value in dict.fromkeys([*named, one["subject"]]) if value.count("/") >= 2]
    return Page(
        "alert.html",
        text("alert.title", visit.spoken),
        {
            "alert": one,
            "versions": found["versions"],
            "facts": {name: value for name, value in one["args"].items() if value not in (None, [], "", {})},
            "batches": named,
            "names": await visit.names_of(named),
            "handled": one.get("handled") or found.get("handled") or [],
            "handle_allowed": visit.may("alert_handle"),
            "acknowledge_allowed": visit.may("alert_acknowledge"),
            "done": visit.query("done"),
        },
    )


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
