"""The gate: who comes in is authenticated, and turned away where the table of roles grants nothing.

``admitted`` is a dependency of the whole application, so no endpoint is reached past it. What the grant leaves between
all and none, the answer is cut to.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fieldline_schemas.messages import Sentence

from fieldline_trace.api.access_log import AccessLog
from fieldline_trace.api.caller import PUBLIC, Caller
from fieldline_trace.api.http.front import UNBOUNDED, unbounded
from fieldline_trace.api.http.keyring import CHALLENGE, Keyring
from fieldline_trace.api.http.problems import Problem
from fieldline_trace.api.http.roles import Grant, grant
from fieldline_trace.api.ports import Ports
from fieldline_trace.errors import Forbidden


def ports_of(request: Request) -> Ports:
    """What the runtime gave to this application."""
    ports: Ports = request.app.state.ports
    return ports


def keyring_of(request: Request) -> Keyring:
    """Who turns keys into callers."""
    keyring: Keyring = request.app.state.keyring
    return keyring


def access_of(request: Request) -> AccessLog:
    """Where readings of others' data are written."""
    log: AccessLog = request.app.state.access
    return log


def operation_of(request: Request) -> str:
    """The operation of the route that the request goes to."""
    return str(request.scope["route"].operation_id)


async def admitted(request: Request) -> Caller:
    """The caller of this request. ``Problem`` 401 without a good key where one is needed, ``Forbidden`` where the role
    has no grant."""
    return await admit(request, operation_of(request))


async def admit(request: Request, operation: str) -> Caller:
    """The same, for an operation by name."""
    if operation in UNBOUNDED:
        unbounded(request.scope)
    caller = await keyring_of(request).caller(request)
    if grant(operation, caller.role) is Grant.NONE:
        if caller is PUBLIC:
            raise Problem("unauthenticated", Sentence("key_needed"), headers=CHALLENGE)
        raise Forbidden(Sentence("role_may_not", role=caller.role, operation=operation.replace("_", " ")))
    return caller


def own_alone(request: Request, caller: Caller) -> bool:
    """Whether the caller gets of this operation what is its own, and nothing else."""
    return grant(operation_of(request), caller.role) is not Grant.ALL


PortsDep = Annotated[Ports, Depends(ports_of)]
CallerDep = Annotated[Caller, Depends(admitted)]
"""Who asks, in an endpoint's arguments: ``caller: CallerDep``."""
AccessDep = Annotated[AccessLog, Depends(access_of)]
