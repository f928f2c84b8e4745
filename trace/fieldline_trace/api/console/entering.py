"""Logging in by key."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response
from fieldline_schemas.messages import Sentence

from fieldline_trace.api.console.asking import Visit
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.session import Sessions
from fieldline_trace.api.console.texts import text
from fieldline_trace.api.http.bodies import body_of
from fieldline_trace.api.http.keyring import Keyring
from fieldline_trace.api.http.problems import Problem
from fieldline_trace.api.http.roles import ROLES
from fieldline_trace.errors import Forbidden

FORM_BYTES = 1_000_000
FORM = "application/x-www-form-urlencoded"


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; of a field that comes twice the last."""
    said = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if said != FORM:
        raise Problem("unsupported_media_type", Sentence("content_type_known", said=repr(said[:100]), known=FORM))
    seconds = request.app.state.door.state.ports.settings.body_seconds
    raw = await body_of(request, FORM_BYTES, seconds)
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000))


async def login(visit: Visit) -> Page | Response:
    """The form that asks for a key."""
    return _form(visit, "", inner(visit.query("next")))


async def entered(visit: Visit, sessions: Sessions) -> Page | Response:
    """A session for who showed a good key; else the form again, with what is wrong."""
    request = visit.request
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(Sentence("form_token"))
    said = await form_of(request)
    key, back = said.get("key", "").strip(), inner(said.get("next", ""))
    keyring: Keyring = visit.door.state.keyring
    try:
        caller = await keyring.bearer(request, key)
    except Problem as wrong:
        return _form(visit, str(wrong), back, 429 if wrong.code == "too_many_failures" else 401)
    if caller.local and (role := said.get("role", "")) in ROLES and role != "public":
        name = said.get("sender", "").strip()[:256]
        caller = replace(caller, role=role, sender=name if name and name.isprintable() else caller.sender)
    answer = RedirectResponse(back, 303)
    await sessions.begin(answer, key, caller, secure=request.url.scheme == "https")
    return answer


def inner(text: str) -> str:
    """An address on this console that one may be sent to; the board where ``text`` is none."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return "/"
    parts = urlsplit(text)
    return "/" if parts.netloc or parts.scheme else text


def _form(visit: Visit, wrong: str, back: str, status: int = 200) -> Page:
    return Page(
        "login.html", text("login.title", visit.spoken), {"wrong": wrong, "next": back, "roles": ROLES[:-1]}, status,
        plain=True,
    )  # fmt: skip
