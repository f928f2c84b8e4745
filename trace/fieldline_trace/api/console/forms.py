"""What forms send: each becomes one act through the door, and leads back to the page that it stood on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from fieldline_trace.api.console.acting import act
from fieldline_trace.api.console.asking import Visit, address
from fieldline_trace.api.console.entering import inner

Fields = Mapping[str, str]
Form = Callable[..., Awaitable[str]]


def _some(said: Fields, *names: str) -> dict[str, Any]:
    """Those of the fields that say something."""
    return {name: said[name].strip() for name in names if said.get(name, "").strip()}


def _back(said: Fields, otherwise: str, done: str) -> str:
    """The page to go back to, which says what was done."""
    back = inner(said["back"]) if said.get("back") else otherwise
    path, _, query = back.partition("?")
    kept = "&".join(one for one in query.split("&") if one and not one.startswith("done="))
    return f"{path}?{kept + '&' if kept else ''}done={done}"


async def opened(visit: Visit, said: Fields, scope: str) -> str:
    """A draft is opened."""
    await act(visit, "POST", "/v1/scopes", {"scope": scope, **_some(said, "reason", "title", "id")})
    return _back(said, f"/scope/{scope}", "opened")


async def opened_on(visit: Visit, said: Fields) -> str:
    """A scope on batches of one's own."""
    batches = [one.strip() for one in said.get("batches", "").splitlines() if one.strip()]
    body = {"batches": batches, **_some(said, "reason", "title", "site", "hazard", "hazard_class", "id")}
    await act(visit, "POST", "/v1/scopes", body)
    return address("/", {"done": "opened"})


async def closed(visit: Visit, said: Fields, scope: str) -> str:
    """A scope is closed, or what was closed is watched no longer."""
    body: dict[str, Any] = _some(said, "reason", "id")
    if said.get("archived") == "1":
        body["archived"] = True
    await act(visit, "POST", f"/v1/scopes/{quote(scope, safe='')}/close", body)
    return _back(said, f"/scope/{scope}", "closed")


async def released(visit: Visit, said: Fields, scope: str) -> str:
    """A member is let go."""
    body = _some(said, "batch", "site", "reason", "id")
    await act(visit, "POST", f"/v1/scopes/{quote(scope, safe='')}/release", body)
    return _back(said, f"/scope/{scope}", "released")


async def acknowledged(visit: Visit, said: Fields, alert: str) -> str:
    """An alert is taken on."""
    await act(visit, "POST", f"/v1/alerts/{quote(alert, safe='')}/acknowledge", _some(said, "note", "id"))
    return _back(said, f"/alert/{alert}", "acknowledged")


async def handled(visit: Visit, said: Fields, alert: str) -> str:
    """An alert is assigned, dismissed, or passed on."""
    body = _some(said, "action", "to", "reason", "id")
    await act(visit, "POST", f"/v1/alerts/{quote(alert, safe='')}/handle", body)
    return _back(said, f"/alert/{alert}", "noted")


async def mended(visit: Visit, said: Fields, rejected: str) -> str:
    """A corrected text is put in the place of what was refused, and taken in where that was asked for."""
    number = quote(rejected, safe="")
    await act(visit, "POST", f"/v1/rejected/{number}/mend", {"raw": said.get("raw", "")})
    if said.get("replay") and rejected.isdecimal():
        await act(visit, "POST", "/v1/rejected/replay", {"rejected": [int(rejected)]})
        return f"/records/{number}?done=replayed"
    return f"/records/{number}?done=mended"


async def replayed(visit: Visit, said: Fields) -> str:
    """What was refused is handed in again: one, or all that wait."""
    one = said.get("rejected", "")
    body: dict[str, Any] = {"rejected": [int(one)]} if one.isdecimal() else {}
    await act(visit, "POST", "/v1/rejected/replay", body)
    return f"/records/{one}?done=replayed" if one.isdecimal() else "/records?done=replayed"


async def dismissed(visit: Visit, said: Fields, rejected: str) -> str:
    """It is laid aside, with a reason."""
    numbers = [int(rejected)] if rejected.isdecimal() else []
    await act(visit, "POST", "/v1/rejected/dismiss", {"rejected": numbers, **_some(said, "reason")})
    return f"/records/{quote(rejected, safe='')}?done=dismissed"


async def decided(visit: Visit, said: Fields, scope: str, what: str) -> str:
    """A batch is put into a scope, or left out of it."""
    body: dict[str, Any] = _some(said, "batch", "site", "reason", "id")
    body["evidence"] = said.get("evidence", "").split()
    await act(visit, "POST", f"/v1/scopes/{quote(scope, safe='')}/{what}", body)
    return _back(said, f"/scope/{scope}", "noted")


async def included(visit: Visit, said: Fields, scope: str) -> str:
    """A batch is put into a scope."""
    return await decided(visit, said, scope, "include")


async def excluded(visit: Visit, said: Fields, scope: str) -> str:
    """A member is left out, with a reason."""
    return await decided(visit, said, scope, "exclude")


async def told(visit: Visit, said: Fields, scope: str) -> str:
    """A consignee was called."""
    body = _some(said, "consignee", "via", "answer_by", "id")
    await act(visit, "POST", f"/v1/scopes/{quote(scope, safe='')}/told", body)
    return _back(said, f"/scope/{scope}/calls", "noted")


async def answered(visit: Visit, said: Fields, scope: str) -> str:
    """A consignee has answered."""
    body: dict[str, Any] = _some(said, "consignee", "note", "id")
    body["passed_on"] = said.get("passed_on") == "1"
    amounts = _some(said, "received", "held", "sold", "returned", "disposed")
    if amounts:
        body["accounts"] = [{**_some(said, "batch", "unit"), **amounts}]
    await act(visit, "POST", f"/v1/scopes/{quote(scope, safe='')}/answered", body)
    return _back(said, f"/scope/{scope}/calls", "noted")


FORMS: tuple[tuple[str, str, Form], ...] = (
    ("scope_open_on", "/scopes", opened_on),
    ("scope_open", "/scope/{scope}/open", opened),
    ("scope_close", "/scope/{scope}/close", closed),
    ("scope_release", "/scope/{scope}/release", released),
    ("scope_include", "/scope/{scope}/include", included),
    ("scope_exclude", "/scope/{scope}/exclude", excluded),
    ("scope_told", "/scope/{scope}/told", told),
    ("scope_answered", "/scope/{scope}/answered", answered),
    ("alert_acknowledge", "/alert/{alert}/acknowledge", acknowledged),
    ("alert_handle", "/alert/{alert}/handle", handled),
    ("rejected_replay", "/records/replay", replayed),
    ("rejected_mend", "/records/{rejected}/mend", mended),
    ("rejected_dismiss", "/records/{rejected}/dismiss", dismissed),
)
"""Name, address, function."""
