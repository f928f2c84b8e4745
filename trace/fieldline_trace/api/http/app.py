"""The application: every route of the door over the ports of a runtime."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fieldline_schemas.faults import joined
from starlette.exceptions import HTTPException
from starlette.requests import Request

from fieldline_trace.api.http.gate import admitted
from fieldline_trace.api.http.keys import Keys
from fieldline_trace.api.http.problems import Problem, problem, rejected
from fieldline_trace.api.http.questions import add_questions
from fieldline_trace.api.http.roles import TABLE
from fieldline_trace.api.http.routes import ROUTES
from fieldline_trace.api.ports import Ports
from fieldline_trace.errors import FieldlineError


def create_app(ports: Ports) -> FastAPI:
    """The door over ``ports``. ``LookupError`` where a route has no row in the table of roles."""
    from fastapi import Depends

    app = FastAPI(title="fieldline", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(admitted)])
    app.state.ports = ports
    app.state.keys = Keys(ports)
    app.add_exception_handler(FieldlineError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    add_questions(app, ROUTES)
    granted(app)
    return app


def granted(app: FastAPI) -> None:
    """Hold every route to the table of roles."""
    for route in app.routes:
        if not isinstance(route, APIRoute) or route.operation_id not in TABLE:
            raise LookupError(f"the route {getattr(route, 'path', route)} has no row in the table of roles")


async def _problem(_: Request, error: Exception) -> Response:
    return problem(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return problem(rejected(joined(first["loc"][1:]), first["input"], first["msg"]))


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    return problem(Problem(codes.get(error.status_code, "unreadable"), str(error.detail)))
