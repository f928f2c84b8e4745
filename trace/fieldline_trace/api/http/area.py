"""An authority of an area acts on what it may see, by whichever path its act comes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldline_schemas import fast
from fieldline_schemas.contract import Envelope
from fieldline_schemas.faults import Fault
from fieldline_schemas.kinds.incident_stepped import IncidentStepped
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.messages import Sentence
from fieldline_schemas.said import NotYetReadable
from fieldline_schemas.whole import read_whole

from fieldline_trace.api.caller import Caller
from fieldline_trace.api.ports import Ports
from fieldline_trace.capture.door import ACTS
from fieldline_trace.errors import Forbidden, NotFound, Rejected


def bounded(caller: Caller) -> bool:
    """Whether it is an authority of an area; without a prefix it has no bounds."""
    return caller.role == "regulator" and bool(caller.grid)


async def hold_to_area(ports: Ports, caller: Caller, raws: Sequence[bytes]) -> None:
    """Look up with the eyes of the caller what the acts among ``raws`` speak of. ``NotFound`` where one is hidden from
    it, as where it does not exist; ``Forbidden`` for a scope on seeds of its own, which ``POST /v1/scopes`` looks up;
    ``Rejected`` for an act of a version that cannot be read yet."""
    asked: dict[tuple[str, str, str], None] = {}
    for act in _acts(raws):
        if isinstance(act, ScopeOpened) and (act.seeds or act.matching is not None):
            raise Forbidden(Sentence("seeds_by_scopes"))
        for question, field in (("scope diff", "scope"), ("alert show", "alert")):
            if (name := getattr(act, field, None)) is not None:
                asked[question, field, name] = None
        for name in getattr(act, "scopes", ()):
            asked["scope diff", "scope", name] = None
        if isinstance(act, IncidentStepped):
            asked["incident show", "incident", act.incident] = None
    for question, field, name in asked:
        await ports.answers.answer(question, {field: name}, caller)


async def hold_seed(ports: Ports, caller: Caller, batch: str, site: str) -> None:
    """``NotFound`` where an authority of an area may not see the site as one where ``batch`` is. ``site``: its key."""
    if not bounded(caller):
        return
    trace = {"batch": batch, "direction": "back", "site": site, "depth": 0}
    found = (await ports.answers.answer("trace", trace, caller)).said
    if not any(one["site"] == site for one in found["members"]):
        raise NotFound(Sentence("site_not_known", text=repr(site)))


def _acts(raws: Sequence[bytes]) -> Iterator[Envelope]:
    """The acts among ``raws``, read as those read them who follow them; what cannot be read, capture refuses."""
    for raw in raws:
        try:
            kind = fast.read(raw).kind
        except NotYetReadable as future:
            if future.said.kind in ACTS:
                raise Rejected(future) from None
            continue
        except Fault:
            continue
        if kind in ACTS:
            try:
                yield read_whole(raw)
            except Fault as fault:
                raise Rejected(fault) from None
