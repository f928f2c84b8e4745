"""What a trace says at one time of knowledge that it did not say at another: the same question, asked twice."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from fieldline_schemas.faults import Fault

from fieldline_trace.api.answers.changes import changes
from fieldline_trace.api.http.gate import AccessDep, CallerDep, PortsDep
from fieldline_trace.api.http.moments import MomentDep, time_of
from fieldline_trace.api.http.problems import documented, json
from fieldline_trace.api.ports import Moment
from fieldline_trace.errors import NotFound, Rejected


def add(app: FastAPI) -> None:
    """Put the route into ``app``."""
    app.add_api_route(
        "/v1/changed",
        _changed,
        methods=["GET"],
        operation_id="changed",
        summary="changed",
        response_class=Response,
        responses=documented(401, 403, 404, 422, 429, 503),
    )


async def _changed(
    request: Request,
    caller: CallerDep,
    ports: PortsDep,
    access: AccessDep,
    moment: MomentDep,
    batch: Annotated[str, Query(description="The batch or unit in any spelling, or a lot number as printed.")],
    direction: Annotated[Literal["back", "forward"], Query(description="Which way.")] = "forward",
    since_position: Annotated[int | None, Query(ge=0, lt=1 << 63, description="What was known at this one.")] = None,
    since: Annotated[str | None, Query(max_length=64, description="Or what had been received by this time.")] = None,
) -> Response:
    """What a trace of a batch says that it did not say at an earlier position or time, and the other way round."""
    if (since is None) == (since_position is None):
        raise Rejected(Fault.by("position_or_time", "since", since or ""))
    asked = {"batch": batch, "direction": direction}
    after = await ports.answers.answer("trace", asked, caller, moment)
    then = Moment(position=since_position) if since is None else Moment(as_of=time_of(since))
    nothing: dict[str, Any] = {"members": []}
    try:
        found = await ports.answers.answer("trace", asked, caller, then)
        before, position, whose = found.said, found.position, found.whose
    except NotFound:  # nobody had named it yet
        before, position, whose = nothing, (await ports.answers.reached(then))[0], ()
    await access.seen(caller, "changed", batch, tuple(sorted({*after.whose, *whose})))
    said = {
        "position": after.position,
        "before": position,
        "asked": after.said["asked"],
        "direction": direction,
        "changes": changes(before, after.said),
    }
    if "cut" in after.said:
        said["cut"] = after.said["cut"]
    return json(200, said, {"fieldline-position": str(after.position)})
