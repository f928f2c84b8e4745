"""Pages by address, beside the HTTP door in one application."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from fieldline_schemas.messages import Sentence, speaking
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from fieldline_trace.api.console import (
    alerting,
    batches,
    board,
    entering,
    eventing,
    forms,
    known,
    legs,
    lineage,
    live,
    public,
    records,
    scopes,
    searching,
    where,
    windows,
)
from fieldline_trace.api.console.acting import Refusal
from fieldline_trace.api.console.asking import Visit, spoken_by
from fieldline_trace.api.console.page import STATIC, Page, rendered, static_file
from fieldline_trace.api.console.session import NOBODY, Sessions, held_to_token
from fieldline_trace.api.console.texts import text
from fieldline_trace.api.console.together import Together, View
from fieldline_trace.api.http.problems import Problem, problem_said
from fieldline_trace.errors import FieldlineError

Endpoint = Callable[[Request], Awaitable[Response]]
_log = logging.getLogger(__name__)

VIEWS: tuple[tuple[str, str, View], ...] = (
    ("board", "/", board.board),
    ("lineage", "/lineage", lineage.lineage),
    ("scope", "/scope/{scope}", scopes.scope),
    ("calls", "/scope/{scope}/calls", scopes.calls),
    ("known", "/scope/{scope}/known", known.known),
    ("where", "/scope/{scope}/where", where.where),
    ("legs", "/legs", legs.legs),
    ("window", "/window", windows.window),
    ("alert", "/alert/{alert}", alerting.alert),
    ("batch", "/batch", batches.batch),
    ("event", "/event", eventing.event),
    ("records", "/records", records.records),
    ("refused", "/records/{rejected}", records.refused),
    ("search", "/search", searching.search),
    ("own", "/own", searching.own),
    ("label", "/label", public.label),
)
"""Views for who is logged in: name, address, function."""
OF_A_KEY: tuple[View, ...] = (searching.own,)
"""Views that say something of the very key by which somebody came: made for each reader alone."""
OPEN_TO_ALL: tuple[tuple[str, str, View], ...] = (
    ("login", "/login", entering.login),
    ("goods", "/goods", public.goods),
    ("link_gtin", "/01/{gtin}", public.resolved),
    ("link_lot", "/01/{gtin}/10/{lot}", public.resolved),
)
"""Views for everybody."""


def with_console(door: FastAPI) -> None:
    """Put the console beside the routes of ``door``: what is an address of its own it answers, all else the door."""
    pages = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    pages.state.sessions = Sessions(door.state.ports)
    pages.state.door = door
    pages.state.together = Together()
    for name, path, view in VIEWS:
        pages.add_api_route(path, _page(view, door, known=True), methods=["GET"], operation_id=f"page_{name}")
    for name, path, view in OPEN_TO_ALL:
        pages.add_api_route(path, _page(view, door, known=False), methods=["GET"], operation_id=f"page_{name}")
    for name, path, form in forms.FORMS:
        pages.add_api_route(path, _form(form, door), methods=["POST"], operation_id=f"form_{name}")
    pages.add_api_route("/login", _entered(door), methods=["POST"], operation_id="form_login")
    pages.add_api_route("/logout", _left(door), methods=["POST"], operation_id="form_logout")
    pages.add_api_route("/live", _live(door), methods=["GET"], operation_id="feed")
    pages.add_api_route("/static/{name}", _static, methods=["GET"], operation_id="page_static")
    pages.add_exception_handler(FieldlineError, _problem)
    pages.add_exception_handler(Refusal, _problem)
    door.add_middleware(_Beside, pages=pages)


class _Beside:
    """Gives the console what is its own, and the door what is not."""

    def __init__(self, app: ASGIApp, pages: FastAPI) -> None:
        self._app, self._pages = app, pages
        self._routes = [route for route in pages.routes if isinstance(route, APIRoute)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if (
            scope["type"] == "http"
            and not scope["path"].startswith("/v1/")
            and any(route.matches(scope)[0] is Match.FULL for route in self._routes)
        ):
            await self._pages(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _whole(endpoint: Endpoint) -> Endpoint:
    """``endpoint``, with a flaw of ours as a page that says so; what it was is in the log."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (FieldlineError, Refusal, HTTPException, ClientDisconnect):
            raise
        except Exception:
            _log.exception("the page %s failed", request.url.path)
            return await _problem(request, Problem("internal", ""))

    return guarded


def _page(view: View, door: FastAPI, *, known: bool) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        session = await request.app.state.sessions.of(request)
        if known and session is NOBODY:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(back, safe='')}", 303)
        with speaking(spoken_by(request)):
            visit = Visit.of(request, door, session)
            together: Together = request.app.state.together
            found = await (
                together.made(view, visit, request.path_params)
                if known and view not in OF_A_KEY
                else view(visit, **request.path_params)
            )
            return rendered(visit, found) if isinstance(found, Page) else found

    return _whole(endpoint)


def _form(form: forms.Form, door: FastAPI) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        session = await request.app.state.sessions.of(request)
        said = await entering.form_of(request)
        held_to_token(session, said.get("token", ""), request)
        with speaking(spoken_by(request)):
            visit = Visit.of(request, door, session)
            try:
                back = await form(visit, said, **request.path_params)
            finally:  # a form of two acts may have done the first
                request.app.state.together.acted()
        return RedirectResponse(back, 303)

    return _whole(endpoint)


def _entered(door: FastAPI) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        with speaking(spoken_by(request)):
            visit = Visit.of(request, door, NOBODY)
            found = await entering.entered(visit, request.app.state.sessions)
            return rendered(visit, found) if isinstance(found, Page) else found

    return _whole(endpoint)


def _left(door: FastAPI) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        sessions: Sessions = request.app.state.sessions
        said = await entering.form_of(request)
        held_to_token(await sessions.of(request), said.get("token", ""), request)
        answer = RedirectResponse("/login", 303)
        await sessions.end(request, answer)
        return answer

    return _whole(endpoint)


def _live(door: FastAPI) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await live.live(request, door, request.app.state.sessions)

    return _whole(endpoint)


async def _static(name: str) -> Response:
    if name not in STATIC:
        raise Problem("not_found", Sentence("path_not_known"))
    return Response(
        static_file(name), media_type=STATIC[name], headers={"cache-control": "public, max-age=31536000, immutable"}
    )


async def _problem(request: Request, error: Exception) -> Response:
    """A problem as a page, in the language of who came."""
    spoken = spoken_by(request)
    with speaking(spoken):
        if isinstance(error, Refusal):
            status, said, headers = error.status, error.said, dict[str, str]()
        else:
            status, said, headers = problem_said(error)
        session = await request.app.state.sessions.of(request)
        visit = Visit(request, door := request.app.state.door, door.state.ports, door.state.access, session, spoken)
        title = str(said.get("title", text("page.problem", spoken)))
        page = Page("problem.html", title, {"problem": _told(said)}, status)
        answer = rendered(visit, page)
    answer.headers.update({name: value for name, value in headers.items() if name == "retry-after"})
    return answer


def _told(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said.get(name) for name in ("title", "detail", "code", "field", "value", "rule", "near")}
