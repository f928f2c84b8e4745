"""Endpoints of questions, made of the declared routes: each argument is a parameter of the path, the query or the
body, as the question's own model says it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response
from fieldline_schemas.times import instant
from pydantic.fields import FieldInfo

from fieldline_trace.api.answers import QUESTIONS
from fieldline_trace.api.http.bodies import arguments_of, documented_body
from fieldline_trace.api.http.declared import QuestionRoute
from fieldline_trace.api.http.gate import CallerDep, PortsDep
from fieldline_trace.api.http.problems import documented, rejected
from fieldline_trace.api.ports import Answered

AtLeast = Annotated[int, Query(ge=0, lt=1 << 63, description="Answer for this ledger position or a later one.")]
Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for `at_least`, at most.")]


POSTED = (401, 403, 404, 408, 409, 413, 415, 422, 503)
"""Problems of a request with a body."""


def add_questions(app: FastAPI, routes: tuple[QuestionRoute, ...]) -> None:
    """Put an endpoint for each of ``routes`` into ``app``."""
    for route in routes:
        what = inspect.getdoc(QUESTIONS[route.question][1]) or ""
        app.add_api_route(
            route.path,
            _endpoint(route),
            methods=[route.method],
            operation_id=route.operation,
            summary=route.question,
            description=what,
            responses=documented(401, 403, 404, 422, 503) if route.in_query else documented(*POSTED),
            openapi_extra=None if route.in_query else documented_body(route.in_body),
        )


def answered(found: Answered) -> Response:
    """An answer as JSON, with the position that it is true for in its headers."""
    headers = {"fieldline-position": str(found.position)}
    if found.as_of:
        headers["fieldline-as-of"] = instant(found.as_of)
    return Response(msgspec.json.encode(found.said), 200, headers, "application/json")


def _endpoint(route: QuestionRoute) -> Callable[..., Awaitable[Response]]:
    parameters = [*_parameters(route), *_always()]
    known = {parameter.name for parameter in parameters} - set(route.in_path) - {"request", "caller", "ports"}

    async def endpoint(
        request: Request, caller: CallerDep, ports: PortsDep, at_least: int, wait: float, **arguments: Any
    ) -> Response:
        for name in request.query_params:
            if name not in known:
                raise rejected(name, request.query_params[name], "there is no such parameter")
        if not route.in_query:
            body = await arguments_of(request, route.in_body, ports.settings.body_seconds)
            arguments |= body.model_dump(exclude_unset=True)
        said = {name: value for name, value in arguments.items() if value is not None}
        if "by" in route.arguments.model_fields:
            said["by"] = caller.sender
        return answered(await ports.answers.answer(route.question, said, caller, at_least=at_least, wait=wait))

    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        sorted(parameters, key=lambda parameter: parameter.default is not inspect.Parameter.empty)
    )
    endpoint.__name__ = route.operation
    return endpoint


def _always() -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter("request", kind, annotation=Request),
        inspect.Parameter("caller", kind, annotation=CallerDep),
        inspect.Parameter("ports", kind, annotation=PortsDep),
        inspect.Parameter("at_least", kind, annotation=AtLeast, default=0),
        inspect.Parameter("wait", kind, annotation=Wait, default=0.0),
    ]


def _parameters(route: QuestionRoute) -> list[inspect.Parameter]:
    """The question's arguments as FastAPI reads them."""
    kind = inspect.Parameter.KEYWORD_ONLY
    found = []
    for name, field in route.arguments.model_fields.items():
        says: Any = {"description": field.description}
        if name in route.in_path:
            found.append(inspect.Parameter(name, kind, annotation=_annotated(field, Path(**says))))
        elif route.in_query:
            default = inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
            annotation = _annotated(field, Query(**says))
            found.append(inspect.Parameter(name, kind, annotation=annotation, default=default))
    return found


def _annotated(field: FieldInfo, where: Any) -> Any:
    return Annotated.__class_getitem__((field.annotation, *field.metadata, where))  # type: ignore[attr-defined]
