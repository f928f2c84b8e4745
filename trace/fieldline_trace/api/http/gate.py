"""The gate: who comes in is authenticated, and turned away where the table of roles grants nothing.

``admitted`` is a dependency of the whole application, so no endpoint is reached past it. What the grant leaves between
all and none, the answer is cut to.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from fieldline_trace.api.caller import PUBLIC, Caller
from fieldline_trace.api.http.problems import Problem
from fieldline_trace.api.http.roles import Grant, grant
from fieldline_trace.api.ports import Ports
from fieldline_trace.errors import Forbidden

CHALLENGE = {"www-authenticate": 'Bearer realm="fieldline"'}


def ports_of(request: Request) -> Ports:
    """What the runtime gave to this application."""
    ports: Ports = request.app.state.ports
    return ports


def operation_of(request: Request) -> str:
    """The operation of the route that the request goes to."""
    return str(request.scope["route"].operation_id)


async def admitted(request: Request) -> Caller:
    """The caller of this request. ``Problem`` 401 without a good key where one is needed, ``Forbidden`` where the role
    has no grant."""
    return await admit(request, operation_of(request))


async def admit(request: Request, operation: str) -> Caller:
    """The same, for an operation by name."""
    caller: Caller = await request.app.state.keys.caller(request)
    if grant(operation, caller.role) is Grant.NONE:
        if caller is PUBLIC:
            raise Problem("unauthenticated", "this needs a key: Authorization: Bearer flk_…", headers=CHALLENGE)
        raise Forbidden(f"the role {caller.role} may not do this: {operation.replace('_', ' ')}")
    return caller


PortsDep = Annotated[Ports, Depends(ports_of)]
CallerDep = Annotated[Caller, Depends(admitted)]
"""Who asks, in an endpoint's arguments: ``caller: CallerDep``."""
