"""Endpoints of questions, made of the declared routes: each argument is a parameter of the path, the query or the
body, as the question's own model says it; beside them, for which position, and which page."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response
from fieldline_schemas.messages import language
from fieldline_schemas.times import instant

from fieldline_trace.api.answers import QUESTIONS
from fieldline_trace.api.caller import ANY_OPERATOR, Caller
from fieldline_trace.api.http.area import bounded, hold_to_area
from fieldline_trace.api.http.bodies import arguments_of, documented_body
from fieldline_trace.api.http.declared import QuestionRoute
from fieldline_trace.api.http.gate import AccessDep, CallerDep, PortsDep, own_alone
from fieldline_trace.api.http.moments import MomentDep, PresentDep, named_by
from fieldline_trace.api.http.pages import LISTS, MOST, PAGE, Cursor, Kept, fingerprint, page_of
from fieldline_trace.api.http.problems import documented, json, rejected
from fieldline_trace.api.moments import OF_A_POSITION
from fieldline_trace.api.ports import Answered, Moment, Ports

Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows of a page, at most.")]
Next = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]

POSTED = (401, 403, 404, 408, 409, 413, 415, 422, 429, 503)
"""Problems of a request with a body."""
_SUBJECTS = ("batch", "batches", "scope", "alert", "rejected", "pseudonym")
"""Arguments that say what was read about, for the access log."""


def add_questions(app: FastAPI, routes: tuple[QuestionRoute, ...]) -> None:
    """Put an endpoint for each of ``routes`` into ``app``."""
    app.state.kept = Kept()
    for route in routes:
        what = inspect.getdoc(QUESTIONS[route.question][1]) or ""
        responses = documented(401, 403, 404, 422, 429, 503) if route.in_query else documented(*POSTED)
        if cached(route):
            responses[304] = {"description": "It is still as the ETag of `If-None-Match` says"}
        app.add_api_route(
            route.path,
            _endpoint(route),
            methods=[route.method],
            operation_id=route.operation,
            summary=route.question,
            description=what,
            responses=responses,
            openapi_extra=None if route.in_query else documented_body(route.in_body),
        )


def cached(route: QuestionRoute) -> bool:
    """Whether an answer has an ETag: it follows from the ledger up to a position."""
    return route.in_query and route.question in OF_A_POSITION


def _endpoint(route: QuestionRoute) -> Callable[..., Awaitable[Response]]:
    own = _parameters(route)
    pages = {"limit", "cursor"} if route.question in LISTS else set()
    known = {one.name for one in own if one.name not in route.in_path} | pages | named_by(route)

    async def endpoint(
        request: Request, caller: CallerDep, ports: PortsDep, access: AccessDep, moment: Moment, **arguments: Any
    ) -> Response:
        for name in request.query_params:
            if name not in known:
                raise rejected(name, request.query_params[name], "parameter_unknown")
        page = {name: arguments.pop(name) for name in ("limit", "cursor") if route.question in LISTS}
        if not route.in_query:
            body = await arguments_of(request, route.in_body, ports.settings.body_seconds)
            arguments |= body.model_dump(exclude_unset=True)
        said = {name: value for name, value in arguments.items() if value is not None}
        if "by" in route.arguments.model_fields:
            said["by"] = caller.sender
        if route.question == "rejected mend" and bounded(caller):
            await hold_to_area(ports, caller, [said["raw"].encode("utf-8", "surrogatepass")])
        of = fingerprint(route.question, said | {"spoken": language()}, caller)
        cursor = None if page.get("cursor") is None else Cursor.read(page["cursor"], of)
        if cursor is not None:
            moment = Moment(position=cursor.position)
        tag = f"{of}-{page.get('limit', 0)}-{cursor.offset if cursor else 0}"
        if cached(route) and (unchanged := await _unchanged(request, ports, moment, tag)) is not None:
            return unchanged
        found = await _found(request, route, said, caller, ports, moment, of)
        whose = found.whose
        if route.question == "rejected replay" and not caller.local and not own_alone(request, caller):
            whose = (*whose, ANY_OPERATOR)  # receipts do not say whose they are
        await access.seen(caller, route.operation, _subject(said), whose)
        if not page:
            return _answered(found, found.said, _etag(found.position, tag) if cached(route) else None)
        offset = cursor.offset if cursor else 0
        shown = page_of(route.question, found, of, offset, page["limit"])
        if shown["next"] is not None:
            request.app.state.kept.put(of, found, shown["total"])
        return _answered(found, shown, _etag(found.position, tag))

    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        sorted([*own, *_always(route)], key=lambda parameter: parameter.default is not inspect.Parameter.empty)
    )
    endpoint.__name__ = route.operation
    return endpoint


async def _found(
    request: Request,
    route: QuestionRoute,
    said: dict[str, Any],
    caller: Caller,
    ports: Ports,
    moment: Moment,
    of: str,
) -> Answered:
    """The whole answer: one that is kept for its next pages, or a new one."""
    if moment.position is not None and route.question in LISTS:
        kept: Answered | None = request.app.state.kept.get(of, moment.position)
        if kept is not None:
            return kept
    return await ports.answers.answer(route.question, said, caller, moment)


async def _unchanged(request: Request, ports: Ports, moment: Moment, tag: str) -> Response | None:
    """304 where the asker has the answer for the very position that it would get one for."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return None
    position, as_of = await ports.answers.reached(moment)
    etag = _etag(position, tag)
    if etag not in [one.strip().removeprefix("W/") for one in asked.split(",")]:
        return None
    return Response(status_code=304, headers=_headers(position, as_of, etag))


def _answered(found: Answered, said: dict[str, Any], etag: str | None) -> Response:
    """An answer as JSON, with the position that it is true for in its headers."""
    headers = _headers(found.position, found.as_of, etag)
    if found.stopped_before:
        headers["fieldline-stopped-before"] = str(found.stopped_before)
    return json(200, said, headers)


def _headers(position: int, as_of: int, etag: str | None) -> dict[str, str]:
    headers = {"fieldline-position": str(position)}
    if as_of:
        headers["fieldline-as-of"] = instant(as_of)
    if etag is not None:
        headers |= {"etag": etag, "vary": "authorization, accept-language"}
    return headers


def _etag(position: int, tag: str) -> str:
    return f'"{position}-{tag}"'


def _subject(said: dict[str, Any]) -> str:
    """What was asked about, in a line."""
    named = [said[name] for name in _SUBJECTS if name in said]
    return ", ".join(str(one) for value in named for one in (value if isinstance(value, list) else [value]))


def _always(route: QuestionRoute) -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY
    moments = MomentDep if route.question in OF_A_POSITION else PresentDep
    found = [
        inspect.Parameter("request", kind, annotation=Request),
        inspect.Parameter("caller", kind, annotation=CallerDep),
        inspect.Parameter("ports", kind, annotation=PortsDep),
        inspect.Parameter("access", kind, annotation=AccessDep),
        inspect.Parameter("moment", kind, annotation=moments),
    ]
    if route.question in LISTS:
        found += [
            inspect.Parameter("limit", kind, annotation=Limit, default=PAGE),
            inspect.Parameter("cursor", kind, annotation=Next, default=None),
        ]
    return found


def _parameters(route: QuestionRoute) -> list[inspect.Parameter]:
    """The question's arguments as FastAPI reads them."""
    kind = inspect.Parameter.KEYWORD_ONLY
    found = []
    for name, field in route.arguments.model_fields.items():
        says: dict[str, Any] = {"description": field.description}
        if name in route.in_path:
            annotation: Any = Annotated[(field.annotation, *field.metadata, Path(**says))]
            found.append(inspect.Parameter(name, kind, annotation=annotation))
        elif route.in_query:
            annotation = Annotated[(field.annotation, *field.metadata, Query(**says))]
            default = inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
            found.append(inspect.Parameter(name, kind, annotation=annotation, default=default))
    return found
