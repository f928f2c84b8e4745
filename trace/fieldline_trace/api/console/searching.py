"""Finding a batch, a scope or an alert by what is printed or typed; and a firm's own page."""

from __future__ import annotations

from fastapi.responses import RedirectResponse, Response

from fieldline_trace.api.console.asking import Visit, address
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text
from fieldline_trace.errors import Forbidden, NotFound, Rejected

MOST = 40


async def search(visit: Visit) -> Page | Response:
    """View 12: straight to what alone is meant, else what comes near."""
    typed = visit.query("q").strip()
    if typed.startswith("alert-"):
        return RedirectResponse(address(f"/alert/{typed[:64]}", {"at": visit.at}), 303)
    if typed.startswith("scope-"):
        return RedirectResponse(address(f"/scope/{typed[:64]}", {"at": visit.at}), 303)
    batches: list[str] = []
    near: tuple[str, ...] = ()
    if typed:
        try:
            batches = (await visit.ask("name", batch=typed))["batches"]
        except NotFound as none:
            near = none.near
        except (Rejected, Forbidden):
            near = ()
    if len(batches) == 1:
        path = "/lineage" if visit.may("trace") else "/batch"
        return RedirectResponse(address(path, {"batch": batches[0], "at": visit.at}), 303)
    shown = {"typed": typed, "batches": batches[:MOST], "more": max(0, len(batches) - MOST), "near": near}
    return Page("search.html", text("search.title", visit.spoken), shown)


async def own(visit: Visit) -> Page:
    """A firm's own page: what stands about its goods, what it was refused, who read its data."""
    from fieldline_trace.api.console.acting import act

    alerts = await visit.ask_if("alerts", language=visit.spoken)
    scopes = await visit.ask_if("scope list")
    refused = await visit.ask_if("rejected list", status="open", limit=20)
    me = await act(visit, "GET", "/v1/me") if visit.may("me") and not visit.caller.local else None
    read = await act(visit, "GET", "/v1/access?limit=20") if visit.may("access_list") else None
    return Page(
        "own.html",
        text("own.title", visit.spoken),
        {
            "alerts": alerts["alerts"] if alerts else [],
            "names": {},
            "scopes": scopes["scopes"] if scopes else [],
            "refused": refused,
            "me": me,
            "accesses": read["accesses"] if read else [],
        },
    )
