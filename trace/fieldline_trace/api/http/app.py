"""The application: every route of the door over the ports of a runtime."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fieldline_schemas.faults import joined
from starlette.exceptions import HTTPException
from starlette.requests import Request

from fieldline_trace.api.access_log import AccessLog
from fieldline_trace.api.console import with_console
from fieldline_trace.api.http import access, acts, changed, exports, feed, health, intake, keys, receipts, subscribers
from fieldline_trace.api.http.front import Front, not_allowed
from fieldline_trace.api.http.gate import admitted
from fieldline_trace.api.http.keyring import Keyring
from fieldline_trace.api.http.problems import Problem, problem, rejected
from fieldline_trace.api.http.questions import add_questions
from fieldline_trace.api.http.roles import TABLE
from fieldline_trace.api.http.routes import ROUTES
from fieldline_trace.api.http.schema import described
from fieldline_trace.api.ports import Ports
from fieldline_trace.errors import FieldlineError

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}


def create_app(ports: Ports) -> FastAPI:
    """The door over ``ports``. ``LookupError`` where a route has no row in the table of roles."""
    app = FastAPI(
        title="fieldline",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(admitted)],
    )
    app.state.ports = ports
    app.state.keyring = Keyring(ports)
    app.state.access = AccessLog(ports.pool, ports.clock)
    app.add_exception_handler(FieldlineError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    with_console(app)
    app.add_middleware(Front, door=app, ports=ports)
    for part in (intake, health, receipts, keys, access, acts, changed, exports, feed, subscribers):
        part.add(app)
    add_questions(app, ROUTES)
    hold_to_roles(app)
    described(app)
    return app


def hold_to_roles(app: FastAPI) -> None:
    """``LookupError`` where a route has no row in the table of roles."""
    for route in app.routes:
        if not isinstance(route, APIRoute) or route.operation_id not in TABLE:
            raise LookupError(f"the route {getattr(route, 'path', route)} has no row in the table of roles")


async def _problem(_: Request, error: Exception) -> Response:
    return problem(error)


async def _invalid(_: Request, error: Exception) -> Response:
    """What FastAPI finds at fault in a path or a query."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return problem(rejected(joined(first["loc"][1:]), first.get("input"), "contract_says", why=first["msg"]))


async def _http(request: Request, error: Exception) -> Response:
    """What Starlette finds: no such path, no such method."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem(not_allowed(request.app, request.scope))
    detail = "there is no such path" if error.status_code == 404 else str(error.detail)
    return problem(Problem(_CODES.get(error.status_code, "unreadable"), detail))
