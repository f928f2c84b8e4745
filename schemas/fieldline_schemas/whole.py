"""Reading a whole event by the pydantic contract: for followers that need every field, and the judge of the fast
reading."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from fieldline_schemas.canonical import derived_id
from fieldline_schemas.contract import Envelope
from fieldline_schemas.faults import Fault, joined, shown
from fieldline_schemas.fields import GridUnit, Id, OperatorKey, SiteKey, Zone, read_field
from fieldline_schemas.flows import finished
from fieldline_schemas.registry import KINDS, Registry
from fieldline_schemas.said import NotYetReadable, Said
from fieldline_schemas.times import UNKNOWN, Interval, interval_of
from fieldline_schemas.wire import decode

_RULES = {
    "list_type": "not_a_list",
    "model_type": "not_an_object",
    "model_attributes_type": "not_an_object",
    "dict_type": "not_an_object",
}


def read_whole(raw: bytes, registry: Registry = KINDS) -> Envelope:
    """The event that ``raw`` holds, as the model of its kind.

    ``NotYetReadable`` where its version is from the future, else ``Fault`` with the first field, in the contract's
    order, that is wrong.
    """
    return read_decoded(decode(raw), registry)


def read_if_known(raw: bytes) -> Envelope | None:
    """The same of an event that is stored; None where its version is from the future: it waits for the upgrade."""
    try:
        return read_whole(raw)
    except NotYetReadable:
        return None


def read_decoded(event: dict[str, Any], registry: Registry = KINDS) -> Envelope:
    """The same of a decoded event (``wire.decode``)."""
    model, version = registry.model_of(event), registry.version_of(event)
    if version > model.VERSION:
        raise NotYetReadable(_envelope(event, model, version, registry), model.VERSION)
    try:
        whole = model.model_validate(registry.upcast(event))
    except ValidationError as error:
        raise fault_of(error, model) from None
    return whole if whole.id else whole.model_copy(update={"id": derived_id(event, registry)})


def said_of(event: Envelope) -> Said:
    """What capture needs of a whole event."""
    said = Said(
        id=event.id,
        kind=event.kind,
        code=event.CODE,
        version=event.version,
        operator=event.operator,
        site=event.site,
        grid=event.grid_unit or "",
        at=event.at,
        steps=[],
        mentions=[],
        labels=[],
        quantities=[],
        detail=event.DETAIL or any(getattr(event, name) for name in event.DETAIL_WITH),
        location=event.location or "",
    )
    event.FLOW.tell(event, said)
    return finished(said)


def fault_of(error: ValidationError, model: type[Envelope]) -> Fault:
    """The first of pydantic's errors as a fault."""
    first = error.errors(include_url=False)[0]
    path = first["loc"]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, Fault):
        return cause.at(*path) if path else cause
    kind = model.model_fields["kind"].default
    match first["type"]:
        case "missing":
            return Fault.by("field_missing_of_kind", joined(path), kind=kind)
        case "extra_forbidden":
            return Fault.by("field_unknown", joined(path), shown(first["input"]))
        case "too_short":
            least = first["ctx"]["min_length"]
            return too_few(least).at(*path).about(first["input"])
        case other if other in _RULES:
            return Fault.by(_RULES[other], joined(path), shown(first["input"]))
        case _:
            return Fault.by("contract_says", joined(path), shown(first["input"]), why=first["msg"])


def too_few(least: int) -> Fault:
    """The fault of a list with fewer than ``least`` elements."""
    return Fault.by("list_too_short", least=least) if least > 1 else Fault.by("list_empty")


def _envelope(event: dict[str, Any], model: type[Envelope], version: int, registry: Registry) -> Said:
    """What can be said of an event from the future. Its id must be right; the rest of the envelope only if it can be
    read."""
    event_id = event.get("id")
    zone = _if_readable(Zone, event.get("zone")) or None
    return Said(
        id=derived_id(event, registry) if event_id is None else read_field(Id, event_id, "id"),
        kind=model.model_fields["kind"].default,
        code=model.CODE,
        version=version,
        operator=_if_readable(OperatorKey, event.get("operator")),
        site=_if_readable(SiteKey, event.get("site")),
        grid=_if_readable(GridUnit, event.get("grid_unit")),
        at=_time_if_readable(event.get("at"), zone),
        steps=[],
        mentions=[],
        labels=[],
        quantities=[],
        detail=False,
    )


def _if_readable(sort: Any, value: object) -> str:
    try:
        return "" if value is None else str(read_field(sort, value, ""))
    except Fault:
        return ""


def _time_if_readable(value: object, zone: str | None) -> Interval:
    try:
        return interval_of(value, zone)
    except Fault:
        return UNKNOWN
