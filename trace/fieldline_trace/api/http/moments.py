"""For which position an answer is asked, as parameters of a request."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from fieldline_schemas.faults import Fault
from fieldline_schemas.times import interval_of

from fieldline_trace.api.http.declared import QuestionRoute
from fieldline_trace.api.moments import OF_A_POSITION
from fieldline_trace.api.ports import Moment
from fieldline_trace.errors import Rejected

AtLeast = Annotated[int, Query(ge=0, lt=1 << 63, description="Answer for this ledger position or a later one.")]
Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for `at_least`, at most.")]
Position = Annotated[
    int | None, Query(ge=0, lt=1 << 63, description="Answer for what was known at this ledger position.")
]
AsOf = Annotated[
    str | None,
    Query(max_length=64, description="Answer for what was known at this time (RFC 3339): had been received by then."),
]


def moment_of(at_least: AtLeast = 0, wait: Wait = 0.0, position: Position = None, as_of: AsOf = None) -> Moment:
    """The moment that the parameters name."""
    return Moment(position, None if as_of is None else time_of(as_of), at_least, wait)


def present_of(at_least: AtLeast = 0, wait: Wait = 0.0) -> Moment:
    """The present, for what is answered as of now alone."""
    return Moment(None, None, at_least, wait)


def time_of(text: str) -> int:
    """The time that a text names, microseconds since 1970 UTC; of a day or a month its end, in UTC where it names no
    zone."""
    try:
        return interval_of(text, "Z").hi
    except Fault as fault:
        raise Rejected(fault.at("as_of")) from None


def named_by(route: QuestionRoute) -> set[str]:
    """Parameters of the moment that a route knows."""
    return {"at_least", "wait"} | ({"position", "as_of"} if route.question in OF_A_POSITION else set())


MomentDep = Annotated[Moment, Depends(moment_of)]
PresentDep = Annotated[Moment, Depends(present_of)]
